/*
 * engine_probe: drives the live part of net/ and prints what it sees, for tests/net/ and
 * tests/bench/.
 *
 * engine_probe [SETTING=VALUE...] session ADDRESS PORT
 *   one session: "STAGE FAULT [reply=CODE] [said=…] [why=…] [tls=…] [chain]"
 *     level=may  sni=NAME  kind=ecdsa|rsa  wrappermode=1  security=1
 *     step=MS total=MS     times=N  so many of them at a time; one line for each
 *     files=N              this process may have so many files open
 * engine_probe [SETTING=VALUE...] survey
 *   destinations from standard input, "KEY [LEVEL [PARAMS]]" a line; without a level it is the
 *   default level that is looked at. For each, in the order they get ready, "KEY MX-KIND DNS", then
 *   a line for each host and each address. The last line says what it cost.
 *     resolver=ADDRESS@PORT  anchor=FILE  ca=FILE  helo=NAME  width=N  per_address=N
 *     per_provider=N  step=S  domain=S  run=S  both_keys=1  sts=1  default=LEVEL
 *     quiet=1              only the last line
 *     hold=1               takes five seconds over the first result
 *     PARAMETER=VALUE      of main.cf
 * The last line of both says how many files were open before and are open after.
 */
#include "core/error.h"
#include "core/observation.h"
#include "core/policy.h"
#include "core/postfix_version.h"
#include "core/protocols.h"
#include "net/smtp_probe.h"
#include "net/survey.h"
#include "net/tls.h"

#include <dirent.h>
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static const char *const stages[] = {
	"connect", "greeting", "ehlo", "starttls", "handshake", "ehlo-again", "quit"};
static const char *const faults[] = {"fine", "refused", "unreachable", "timeout", "closed",
	"said-no", "not-smtp", "too-long", "tls", "no-starttls"};
static const char *const mx_kinds[] = {"records", "implicit", "null", "unused", "unknown"};
static const char *const dns_states[] = {
	"not-asked", "found", "no-data", "no-name", "failed", "bogus", "timeout"};

static GHashTable *words; /* SETTING -> VALUE */
static struct client_settings client;

static const char *word(const char *name, const char *otherwise)
{
	const char *value = g_hash_table_lookup(words, name);

	return value ? value : otherwise;
}

static guint number(const char *name, guint otherwise)
{
	const char *value = g_hash_table_lookup(words, name);

	return value ? (guint)atoi(value) : otherwise;
}

static int open_files(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int count = 0;

	while (dir && readdir(dir))
		count++;
	if (dir)
		closedir(dir);
	return count;
}

static void fatal(GError *error)
{
	printf("error %d: %s\n", status_of_error(error), error->message);
	exit(1);
}

static void print_session(const struct session *session)
{
	printf("%s %s", stages[session->stage], faults[session->fault]);
	if (session->reply)
		printf(" reply=%d", session->reply);
	if (session->said)
		printf(" said=%s", session->said);
	if (session->why)
		printf(" why=%s", session->why);
	if (session->protocol)
		printf(" tls=%s", session->protocol);
	if (session->injected)
		printf(" injected");
	printf(session->chain ? " chain\n" : "\n");
}

/* -- session ------------------------------------------------------------------------------------
 */

static guint running;

static void on_session(struct session *session, gpointer data)
{
	(void)data;
	print_session(session);
}

static void on_gone(gpointer data)
{
	if (--running == 0)
		event_base_loopbreak(data);
}

static int run_session(char **argv)
{
	struct tls_settings settings = {.client = &client};
	struct event_base *base = event_base_new();
	GError *error = NULL;
	struct tls *tls = tls_new(&settings, &error);
	struct rlimit files = {number("files", 1024), number("files", 1024)};
	struct demand demand = {
		.level = level_parse(text_of(word("level", "may"))),
		.wrappermode = number("wrappermode", 0),
		.protocols = PROTOCOLS_ALL,
		.security_level = number("security", 0),
		.grade = "medium",
		.sni = (char *)word("sni", NULL),
	};
	const char *kind = word("kind", "any");
	struct probe_request request = {
		.address = argv[0],
		.port = (guint)atoi(argv[1]),
		.demand = &demand,
		.kind = strcmp(kind, "rsa") == 0     ? KEY_KIND_RSA
			: strcmp(kind, "ecdsa") == 0 ? KEY_KIND_ECDSA
						     : KEY_KIND_ANY,
		.helo = word("helo", "probe.test"),
		.step_ms = number("step", 1000),
		.total_ms = number("total", 10000),
	};

	if (!tls)
		fatal(error);
	setrlimit(RLIMIT_NOFILE, &files);
	running = number("times", 1);
	for (guint i = running; i > 0; i--)
		smtp_probe_start(base, tls, &request, on_session, on_gone, base);
	event_base_dispatch(base);
	event_base_free(base);
	tls_free(tls);
	return 0;
}

/* -- survey -------------------------------------------------------------------------------------
 */

struct row {
	char *line;
	struct policy policy;
	gboolean has_policy;
};

static gboolean next_row(struct survey_item *item, gpointer data)
{
	char line[4096];
	struct row *row;
	char *level, *params = NULL;
	GError *error = NULL;

	(void)data;
	if (!fgets(line, sizeof(line), stdin))
		return FALSE;
	row = g_new0(struct row, 1);
	row->line = g_strdup(g_strchomp(line));
	level = strchr(row->line, ' ');
	if (level) {
		*level++ = '\0';
		params = strchr(level, ' ');
		if (params)
			*params++ = '\0';
		row->policy = (struct policy){
			.key = text_of(row->line),
			.level = level_parse(text_of(level)),
			.level_text = text_of(level),
			.params = text_of(params),
		};
		item->policy = &row->policy;
	}
	if (!nexthop_parse(text_of(row->line), &item->nexthop, &error))
		fatal(error);
	item->tag = row;
	return TRUE;
}

static void print_answer(const char *name, const struct dns_answer *answer)
{
	printf(" %s=%s%s", name, dns_states[answer->state], answer->secure ? ",secure" : "");
}

static void print_judgement(const char *name, const struct judgement *judgement)
{
	if (judgement->done)
		printf(" %s=%s%s%s", name, judgement->trusted ? "trusted," : "",
			judgement->named ? "named," : "", judgement->matched ? "matched" : "no");
}

static void print_address(const struct observed_address *address)
{
	printf("    %s%s", address->text, address->over_limit ? " over-limit" : "");
	print_judgement("demand", &address->judgement);
	print_judgement("webpki", &address->webpki);
	print_judgement("dane", &address->dane);
	for (int kind = KEY_KIND_ECDSA; kind < KEY_KINDS; kind++)
		if (address->kinds[kind].session)
			printf(" %s=%s", kind == KEY_KIND_RSA ? "rsa" : "ecdsa",
				address->kinds[kind].certificate
					? address->kinds[kind].certificate->kind
					: faults[address->kinds[kind].session->fault]);
	printf(" ");
	if (address->session)
		print_session(address->session);
	else
		printf("no session\n");
}

static void print_host(const struct observed_host *host)
{
	printf("  %s", host->name);
	print_answer("addresses", &host->addresses_answer);
	if (host->canonical)
		printf(" canonical=%s%s", host->canonical,
			host->alias_secure ? ",alias-secure" : "");
	if (host->tlsa_base)
		printf(" base=%s", host->tlsa_base);
	print_answer("tlsa", &host->tlsa_answer);
	printf(" records=%u level=%s%s%s\n", host->tlsa ? host->tlsa->len : 0,
		level_name(host->demand.level), host->demand.kind == DEMAND_SKIP ? " skip=" : "",
		host->demand.kind == DEMAND_SKIP ? host->demand.why : "");
	for (guint i = 0; i < host->addresses->len; i++)
		print_address(host->addresses->pdata[i]);
}

static void on_seen(gpointer tag, struct observation *observation, gpointer data)
{
	g_autofree struct row *row = tag;

	(void)data;
	if (!number("quiet", 0)) {
		printf("%s %s", row->line, mx_kinds[observation->mx_kind]);
		print_answer("mx", &observation->mx_answer);
		printf(" hosts=%u left-out=%u sts=%d%s\n", observation->hosts->len,
			observation->hosts_left_out, observation->sts.state,
			observation->interrupted ? " interrupted" : "");
		for (guint i = 0; i < observation->hosts->len; i++)
			print_host(observation->hosts->pdata[i]);
		fflush(stdout);
	}
	if (observation->interrupted && number("hold", 0))
		sleep(5);
	observation_free(observation);
	g_free(row->line);
}

static int run_survey(void)
{
	static const char *const ends[] = {"complete", "deadline", "signal"};
	struct survey_settings settings = {
		.client = &client,
		.resolver = word("resolver", NULL),
		.trust_anchor = word("anchor", NULL),
		.helo = word("helo", "probe.test"),
		.width = number("width", 128),
		.per_address = number("per_address", 8),
		.per_provider = number("per_provider", 0),
		.step_seconds = number("step", 2),
		.domain_seconds = number("domain", 10),
		.run_seconds = number("run", 0),
		.both_keys = number("both_keys", 0),
		.sts = number("sts", 0),
	};
	GError *error = NULL;
	struct survey *survey;
	const struct survey_counts *counts;
	struct rusage usage;
	gint64 started = g_get_monotonic_time();
	enum survey_end end;

	client_settings_set(&client, "smtp_tls_CAfile", word("ca", ""), NULL);
	survey = survey_new(&settings, &error);
	if (!survey)
		fatal(error);
	end = survey_run(survey, next_row, on_seen, NULL);
	counts = survey_counts(survey);
	getrusage(RUSAGE_SELF, &usage);
	printf("%s destinations=%u questions=%u sessions=%u shared=%u fetches=%u ms=%d cpu_ms=%ld "
	       "rss_kb=%ld\n",
		ends[end], counts->destinations, counts->questions, counts->sessions,
		counts->sessions_shared, counts->fetches,
		(int)((g_get_monotonic_time() - started) / 1000),
		(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000 +
			(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1000,
		usage.ru_maxrss);
	survey_free(survey);
	return 0;
}

int main(int argc, char **argv)
{
	int before = open_files(), status = 64, i;
	GError *error = NULL;

	signal(SIGPIPE, SIG_IGN);
	words = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	client_settings_init(&client, POSTFIX_VERSION(3, 7, 11));
	for (i = 1; i < argc && strchr(argv[i], '='); i++) {
		char *name = g_strndup(argv[i], strcspn(argv[i], "="));
		const char *value = argv[i] + strlen(name) + 1;

		g_hash_table_replace(words, name, (gpointer)value);
		if (g_strv_contains(client_settings_names(), name))
			if (!client_settings_set(&client, name, value, &error))
				fatal(error);
	}
	if (i < argc && strcmp(argv[i], "session") == 0 && argc == i + 3)
		status = run_session(argv + i + 1);
	else if (i < argc && strcmp(argv[i], "survey") == 0)
		status = run_survey();
	client_settings_release(&client);
	g_hash_table_unref(words);
	printf("files before=%d after=%d\n", before, open_files());
	return status;
}
