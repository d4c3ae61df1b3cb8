#include "cmd/verify.h"

#include "cmd/commands.h"
#include "cmd/moment.h"
#include "cmd/verify_changed.h"

#define AT(field) offsetof(struct verify_settings, field)

/* clang-format off */
static const struct option verify_options[] = {
	{"all", 'a', OPTION_FLAG, AT(all), NULL, "all rows, as without operands"},
	{"sample", 0, OPTION_STRINGS, AT(samples), "HOST",
		"look at HOST for the row of its parent domain"},
	{"ahead", 0, OPTION_STRING, AT(ahead), "TIME",
		"certificates that end within TIME are a finding; default 14d"},
	{"both-keys", 0, OPTION_FLAG, AT(both_keys), NULL,
		"look at the RSA and at the ECDSA certificate of each server"},
	{"no-sts", 0, OPTION_FLAG, AT(no_sts), NULL, "do not look for MTA-STS policies"},
	{"strict", 0, OPTION_FLAG, AT(strict), NULL,
		"mail in the clear counts as a problem also where the policy allows it"},
	{NULL},
};
static const struct option client_options[] = {
	{"ca-file", 0, OPTION_STRING, AT(ca_file), "FILE",
		"trust these CAs instead of those of main.cf", .completes = COMPLETES_FILE},
	{"ca-path", 0, OPTION_STRING, AT(ca_path), "DIRECTORY", "the same, a hashed directory",
		.completes = COMPLETES_DIRECTORY},
	{"level-default", 0, OPTION_STRING, AT(level_default), "LEVEL",
		"level of destinations without a row, instead of smtp_tls_security_level",
		.completes = COMPLETES_LEVEL},
	{"fingerprint-digest", 0, OPTION_STRING, AT(fingerprint_digest), "NAME",
		"digest of fingerprints, instead of smtp_tls_fingerprint_digest"},
	{"main-cf", 0, OPTION_STRINGS, AT(main_cf), "NAME=VALUE",
		"judge as if main.cf said so"},
	{"helo", 0, OPTION_STRING, AT(helo), "NAME",
		"name to say in EHLO; default: that of this host"},
	{NULL},
};
static const struct option postfix_options[] = {
	{"postfix-version", 0, OPTION_STRING, offsetof(struct app, postfix_version), "VERSION",
		"the Postfix whose verdict is wanted; default: postfix.version of the configuration, "
		"else the Postfix installed here"},
	{NULL},
};
static const struct option limit_options[] = {
	{"timeout", 0, OPTION_NUMBER, AT(timeout), "SECONDS",
		"patience for each step of a session", .preset = 10, .max = 3600},
	{"deadline", 0, OPTION_NUMBER, AT(deadline), "SECONDS",
		"time for one destination", .preset = 60, .max = 86400},
	{"stop-after", 0, OPTION_NUMBER, AT(stop_after), "SECONDS",
		"end the run after this time; default: when all is done", .max = 864000},
	{"width", 0, OPTION_NUMBER, AT(width), "NUMBER",
		"sessions at a time", .preset = 128, .max = 4096},
	{"per-address", 0, OPTION_NUMBER, AT(per_address), "NUMBER",
		"sessions at a time with one address", .preset = 2, .max = 1000},
	{"per-provider", 0, OPTION_NUMBER, AT(per_provider), "NUMBER",
		"sessions at a time with the hosts of one provider; 0 is no limit", .preset = 20,
		.max = 1000},
	{NULL},
};
static const struct option report_options[] = {
	{"problems", 0, OPTION_FLAG, AT(problems), NULL,
		"show only destinations where something is wrong or unknown"},
	{"details", 0, OPTION_FLAG, AT(details), NULL,
		"tell each destination host by host, also where there are many"},
	{"changed-since", 0, OPTION_STRING, AT(changed_since), "FILE",
		"show only what is other than in FILE, the JSON of an earlier run",
		.completes = COMPLETES_FILE},
	{"nagios", 0, OPTION_FLAG, AT(nagios), NULL,
		"print one line, and end with 0, 1, 2 or 3, as plugins for Nagios do"},
	{"metrics", 0, OPTION_STRING, AT(metrics), "FILE",
		"also write FILE in Prometheus' text format", .completes = COMPLETES_FILE},
	{NULL},
};
/* clang-format on */

/* -- the command ----------------------------------------------------------------------------- */

/* A host name or [address]: with anything else the server would be told another command. */
static gboolean is_helo(const char *name)
{
	gsize len = strlen(name);

	return len > 0 && len <= 255 &&
	       strspn(name, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS ".-_:[]") == len;
}

static gboolean settings_fit(
	const struct app *app, const struct verify_settings *settings, GError **error)
{
	const char *wrong = NULL;

	if (settings->nagios && (app->format != RECORD_TABLE || app->output))
		wrong = "--nagios prints its one line: --format and --output do not go with it";
	else if (settings->details && app->format != RECORD_TABLE)
		wrong = "--details is for people: --format json has it all anyway";
	else if (!settings->width || !settings->per_address)
		wrong = "--width and --per-address are to be at least 1";
	else if (!settings->timeout || !settings->deadline)
		wrong = "--timeout and --deadline are to be at least 1 second";
	else if (settings->helo && !is_helo(settings->helo))
		wrong = "--helo: give a host name or an address in brackets";
	if (wrong)
		g_set_error_literal(error, TLSPOL_ERROR, STATUS_USAGE, wrong);
	return !wrong;
}

static gboolean read_ahead(struct app *app, const char *text, gint64 *seconds, GError **error)
{
	g_autoptr(GDateTime) now = g_date_time_new_now_local();
	gint64 moment;

	if (!moment_parse(text ? text : "14d", MOMENT_FUTURE, now, &moment, error)) {
		g_prefix_error(error, "--ahead: ");
		return FALSE;
	}
	*seconds = MAX(0, (moment - app_now(app)) / G_USEC_PER_SEC);
	return TRUE;
}

static int verify(struct verify_job *job, char **operands, int count, GError **error)
{
	const struct verify_settings *settings = job->settings;
	g_auto(verify_targets_t) targets = {.targets = NULL};
	g_auto(client_settings_t) client = {.postfix_version = 0};
	int status;

	/* Its one line is all there is to say. */
	job->app->quiet = job->app->quiet || settings->nagios;
	job->targets = &targets;
	job->client = &client;
	job->named = count > 0;
	if (!settings_fit(job->app, settings, error) ||
		!read_ahead(job->app, settings->ahead, &job->ahead, error) ||
		!verify_client_find(job->app, settings, &client, error))
		return STATUS_BUG;
	if (settings->changed_since &&
		!(job->earlier = verify_changed_read(settings->changed_since, error)))
		return STATUS_BUG;
	if (!verify_targets_find(job->app, settings, &client, operands, count, &targets, error))
		return STATUS_BUG;
	status = verify_run(job, error);
	verify_tally_release(&job->tally);
	return status;
}

static int run(gpointer shared, gpointer data, char **operands, int count, GError **error)
{
	struct verify_job job = {.app = shared, .settings = data};
	g_autoptr(GError) wrong = NULL;
	int status = verify(&job, operands, count, &wrong);

	g_clear_pointer(&job.earlier, verify_changed_free);
	if (!wrong)
		return status;
	/* Whatever kept it from looking: who watches sees one line and UNKNOWN. */
	if (job.settings->nagios && wrong->code != STATUS_USAGE)
		return verify_nagios_failed(wrong, stdout);
	g_propagate_error(error, g_steal_pointer(&wrong));
	return STATUS_BUG;
}

static const struct option_group verify_group = {NULL, BASE_COMMAND, verify_options};
static const struct option_group report_group = {"Report", BASE_COMMAND, report_options};
static const struct option_group client_group = {"Postfix", BASE_COMMAND, client_options};
static const struct option_group postfix_group = {"Postfix", BASE_SHARED, postfix_options};
static const struct option_group limit_group = {"Limit", BASE_COMMAND, limit_options};
static const struct option_group *const verify_groups[] = {&verify_group, &report_group,
	&client_group, &postfix_group, &app_group_resolver, &limit_group, &app_group_from,
	&app_group_format, &app_group_db, &app_group_global, NULL};
static const struct operand verify_operands[] = {
	{"DESTINATION", TRUE, TRUE, COMPLETES_KEY},
	{NULL},
};
static const struct example verify_examples[] = {
	{"tlspol verify", "the whole table; all is well when the exit status is 0"},
	{"tlspol verify github.com", "one destination, host by host"},
	{"tlspol verify example.com secure match=mx.example.com", "a policy that is nowhere yet"},
	{"tlspol verify --from policies.yaml --problems",
		"judge a file before it is imported; show only what would go wrong"},
	{"tlspol verify --format json --output verify.json", "for a later --changed-since"},
	{NULL},
};
static const int verify_statuses[] = {STATUS_OK, STATUS_NO, STATUS_UNDECIDED, STATUS_USAGE,
	STATUS_DATA, STATUS_NO_INPUT, STATUS_UNAVAILABLE, STATUS_OS, STATUS_CANNOT_CREATE,
	STATUS_IO, STATUS_NO_PERMISSION, STATUS_CONFIG, STATUS_INTERRUPTED, -1};

const struct command cmd_verify = {
	.name = "verify",
	.group = "Policies",
	.summary = "look at the mail servers: would mail go out as the policies say",
	.description =
		"Looks at the live destinations, DNS and mail servers, and tells what Postfix\n"
		"would do with mail for each: deliver, plaintext (it goes out in the clear),\n"
		"defer, bounce (the domain takes no mail), or unknown. No mail is sent: a\n"
		"session ends behind STARTTLS.\n"
		"\n"
		"Without operands all rows of the table, or of a file with --from, are looked\n"
		"at; DESTINATIONs are domains, mail addresses or next-hops, each with the row\n"
		"that answers for it. A level behind the first, with attributes, is a policy to\n"
		"try out: no table is needed then.\n"
		"\n"
		"What Postfix would demand depends on its main.cf, which is asked for where\n"
		"Postfix is installed.\n"
		"\n"
		"The exit status is 0 when all mail goes out as the policies say, 1 when some\n"
		"does not or there are findings, 2 when some could not be decided.",
	.operands = verify_operands,
	.groups = verify_groups,
	.examples = verify_examples,
	.statuses = verify_statuses,
	.settings_size = sizeof(struct verify_settings),
	.run = run,
};
