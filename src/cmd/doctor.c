#include "cmd/doctor.h"

#include "cmd/commands.h"

struct doctor_settings {
	gboolean dns;
	char *bogus;
};

/* clang-format off */
static const struct option doctor_options[] = {
	{"dns", 0, OPTION_FLAG, offsetof(struct doctor_settings, dns), NULL,
		"look at the resolver, too: whether DNSSEC works from here"},
	{"bogus", 0, OPTION_STRING, offsetof(struct doctor_settings, bogus), "NAME",
		"with --dns: a name that must fail validation; default dnssec-failed.org"},
	{NULL},
};
/* clang-format on */

static gboolean look(struct doctor *doctor, const struct doctor_settings *settings, GError **error)
{
	const struct app *app = doctor->app;
	const struct config *config = app_config(doctor->app, error);

	if (!config)
		return FALSE;
	if (config->path)
		doctor_say(doctor, "tlspol", "configuration", DIAGNOSIS_OK, "%s is read",
			config->path);
	else
		doctor_say(doctor, "tlspol", "configuration", DIAGNOSIS_OK,
			"there is no tlspol.yaml: all settings have their defaults");
	postfix_init(&doctor->postfix, config);
	doctor_database(doctor);
	doctor_postfix(doctor);
	if (settings->dns || settings->bogus || app->resolver || app->trust_anchor ||
		app->root_hints)
		doctor_resolver(doctor, settings->bogus ? settings->bogus : "dnssec-failed.org");
	return doctor_report(doctor, error);
}

static int run(gpointer shared, gpointer settings, G_GNUC_UNUSED char **operands,
	G_GNUC_UNUSED int count, GError **error)
{
	struct doctor doctor = {.app = shared};
	int status = STATUS_BUG;

	doctor.rows = doctor_rows();
	policy_set_init(&doctor.set);
	if (look(&doctor, settings, error))
		status = doctor_is_healthy(&doctor) ? STATUS_OK : STATUS_NO;
	g_ptr_array_unref(doctor.rows);
	policy_set_release(&doctor.set);
	postfix_release(&doctor.postfix);
	return status;
}

static const struct option_group doctor_group = {NULL, BASE_COMMAND, doctor_options};
static const struct option_group *const doctor_groups[] = {&doctor_group, &app_group_rules,
	&app_group_resolver, &app_group_format, &app_group_db, &app_group_global, NULL};
static const struct example doctor_examples[] = {
	{"tlspol doctor", "before the first import, and when mail waits in the queue"},
	{"tlspol doctor --dns", "the same, and whether DNSSEC works, before rows get level dane"},
	{"tlspol doctor --format json", "for a monitoring system: exit status 1 on findings"},
	{NULL},
};
static const int doctor_statuses[] = {
	STATUS_OK, STATUS_NO, STATUS_USAGE, STATUS_CANNOT_CREATE, STATUS_IO, STATUS_CONFIG, -1};

const struct command cmd_doctor = {
	.name = "doctor",
	.group = "Set-up",
	.summary = "look for what is wrong on this machine: database, table, Postfix",
	.description =
		"Looks at the configuration, the connection, the table's columns and rows,\n"
		"the maps that smtp_tls_policy_maps names, and the settings of Postfix that\n"
		"decide whether the stored policies can work; with --dns, or an option that\n"
		"says whom to ask, also the resolver. Nothing is changed.\n"
		"\n"
		"A part that is not there (no Postfix, no database) is one line, and what\n"
		"depends on it is skipped. The exit status is 0 when all is well, 1 when\n"
		"there is a warning or an error; an unreachable database is an error of the\n"
		"report, not of doctor.",
	.groups = doctor_groups,
	.examples = doctor_examples,
	.statuses = doctor_statuses,
	.settings_size = sizeof(struct doctor_settings),
	.run = run,
};
