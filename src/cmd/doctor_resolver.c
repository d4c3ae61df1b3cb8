/* doctor: whether DNSSEC works from here, for verify and for Postfix. */
#include "cmd/doctor.h"
#include "cmd/network.h"

#define AREA "resolver"

static void check_root(struct doctor *doctor, const struct resolver_report *report)
{
	const struct dns_answer *root = &report->root_key;

	if (root->state == DNS_FOUND && root->secure)
		doctor_say(doctor, AREA, "root keys", DIAGNOSIS_OK, "asked %s, validated in %u ms",
			report->servers, report->milliseconds);
	else if (root->state == DNS_FAILED || root->state == DNS_TIMEOUT)
		doctor_say(doctor, AREA, "root keys", DIAGNOSIS_ERROR,
			"%s: no answer (%s); is there a network, and is this the right server? "
			"--resolver names another one",
			report->servers, root->why ? root->why : "timeout");
	else
		doctor_say(doctor, AREA, "root keys", DIAGNOSIS_ERROR,
			"%s: the root's keys cannot be validated (%s): the server strips DNSSEC "
			"from its answers, the clock is wrong, or the trust anchor is old; "
			"--resolver names another server, --trust-anchor another file",
			report->servers, root->why ? root->why : "they are not signed");
}

/* All else that it tells would be worth nothing if this one came through. */
static void check_bogus(
	struct doctor *doctor, const struct resolver_report *report, const char *name)
{
	const struct dns_answer *probe = &report->probe;

	if (probe->state == DNS_NOT_ASKED)
		return;
	if (probe->state == DNS_BOGUS)
		doctor_say(doctor, AREA, "bogus name", DIAGNOSIS_OK,
			"%s is refused, as it should be", name);
	else if (probe->state == DNS_FAILED || probe->state == DNS_TIMEOUT)
		doctor_say(doctor, AREA, "bogus name", DIAGNOSIS_SKIPPED,
			"%s cannot be looked up (%s)", name, probe->why ? probe->why : "timeout");
	else
		doctor_say(doctor, AREA, "bogus name", DIAGNOSIS_WARNING,
			"%s has a%s answer and no wrong signature: --bogus names another one", name,
			probe->secure ? " validated" : "n unsigned");
}

/* Postfix believes this bit, and sees nothing of what is validated here. */
static void check_ad(struct doctor *doctor, const struct resolver_report *report)
{
	guint dane = doctor->levels[LEVEL_DANE], only = doctor->levels[LEVEL_DANE_ONLY];

	if (report->ad == RESOLVER_AD_SET)
		doctor_say(doctor, AREA, "AD bit", DIAGNOSIS_OK,
			"the server of /etc/resolv.conf validates, which Postfix needs for DANE");
	else if (report->ad == RESOLVER_AD_MISSING)
		doctor_say(doctor, AREA, "AD bit", dane || only ? DIAGNOSIS_WARNING : DIAGNOSIS_OK,
			"the server of /etc/resolv.conf does not say that it validates: for "
			"Postfix rows with dane (%u) act as may, rows with dane-only (%u) defer "
			"all mail; a resolver that validates on this machine, such as unbound, is "
			"the remedy",
			dane, only);
}

void doctor_resolver(struct doctor *doctor, const char *bogus)
{
	const struct app *app = doctor->app;
	const struct survey_settings settings = {.resolver = app->resolver,
		.trust_anchor = app->trust_anchor,
		.root_hints = app->root_hints};
	struct resolver_report report;
	g_autoptr(GError) error = NULL;
	const struct network *network = network_load(&error);

	if (!network || !network->resolver_test(&settings, bogus, &report, &error)) {
		doctor_say(doctor, AREA, network ? "set-up" : "module", DIAGNOSIS_ERROR, "%s",
			error->message);
		return;
	}
	check_root(doctor, &report);
	check_bogus(doctor, &report, bogus);
	check_ad(doctor, &report);
	g_free(report.root_key.why);
	g_free(report.probe.why);
	g_free(report.servers);
}
