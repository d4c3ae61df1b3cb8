/* doctor: the settings of Postfix that decide whether the stored policies can work. */
#include "cmd/doctor.h"
#include "core/postfix_version.h"

#define AREA "postfix"

static const char *const names[] = {"mail_version", "smtp_tls_policy_maps",
	"smtp_tls_security_level", "smtp_tls_CAfile", "smtp_tls_CApath", "tls_append_default_CA",
	"smtp_dns_support_level", "smtp_host_lookup", "smtp_tls_fingerprint_digest",
	"default_database_type", "compatibility_level", NULL};
enum {
	MAIL_VERSION,
	POLICY_MAPS,
	SECURITY_LEVEL,
	CA_FILE,
	CA_PATH,
	APPEND_DEFAULT_CA,
	DNS_SUPPORT_LEVEL,
	HOST_LOOKUP,
	FINGERPRINT_DIGEST,
	DATABASE_TYPE,
	COMPATIBILITY_LEVEL,
};

static void check_version(struct doctor *doctor, char **settings)
{
	const struct config *config = app_config(doctor->app, NULL);
	const char *wanted = config->postfix_version;
	int here, oldest;

	doctor_say(doctor, AREA, "version", DIAGNOSIS_OK, "Postfix %s", settings[MAIL_VERSION]);
	if (!wanted || !postfix_version_parse(settings[MAIL_VERSION], &here, NULL) ||
		!postfix_version_parse(wanted, &oldest, NULL) || oldest <= here)
		return;
	doctor_say(doctor, AREA, "version", DIAGNOSIS_WARNING,
		"policies are judged for Postfix %s (postfix.version of the configuration), but "
		"this one is older: it may refuse some",
		wanted);
}

static void check_level(struct doctor *doctor, char **settings)
{
	const char *level = settings[SECURITY_LEVEL];

	if (!*level || g_ascii_strcasecmp(level, "none") == 0)
		doctor_say(doctor, AREA, "smtp_tls_security_level", DIAGNOSIS_WARNING,
			"it is %s: mail to destinations without a policy goes out in the clear; "
			"may encrypts where the other side can",
			*level ? "none" : "empty");
	else
		doctor_say(doctor, AREA, "smtp_tls_security_level", DIAGNOSIS_OK,
			"%s, for destinations without a policy", level);
}

/* Nothing is trusted by default: verify and secure then never succeed (facts 4.1). */
static void check_trust(struct doctor *doctor, char **settings)
{
	guint rows = doctor->levels[LEVEL_VERIFY] + doctor->levels[LEVEL_SECURE];
	guint without = rows - MIN(rows, doctor->with_tafile);

	if (*settings[CA_FILE] || *settings[CA_PATH])
		doctor_say(doctor, AREA, "trusted CAs", DIAGNOSIS_OK, "%s",
			*settings[CA_FILE] ? settings[CA_FILE] : settings[CA_PATH]);
	else if (g_ascii_strcasecmp(settings[APPEND_DEFAULT_CA], "yes") == 0)
		doctor_say(doctor, AREA, "trusted CAs", DIAGNOSIS_OK,
			"those of the system (tls_append_default_CA)");
	else if (without)
		doctor_say(doctor, AREA, "trusted CAs", DIAGNOSIS_ERROR,
			"smtp_tls_CAfile and smtp_tls_CApath are empty, no CA is trusted: rows "
			"with verify or secure and no tafile (%u) defer all mail; Debian's bundle "
			"is /etc/ssl/certs/ca-certificates.crt",
			without);
	else
		doctor_say(doctor, AREA, "trusted CAs", DIAGNOSIS_OK,
			"none (smtp_tls_CAfile is empty), and no row needs one");
}

static void check_dane(struct doctor *doctor, char **settings)
{
	guint dane = doctor->levels[LEVEL_DANE], only = doctor->levels[LEVEL_DANE_ONLY];
	gboolean dnssec = g_ascii_strcasecmp(settings[DNS_SUPPORT_LEVEL], "dnssec") == 0;
	const char *why =
		dnssec ? "smtp_host_lookup has no dns" : "smtp_dns_support_level is not dnssec";

	if (dnssec && strstr(settings[HOST_LOOKUP], "dns"))
		doctor_say(doctor, AREA, "DANE", DIAGNOSIS_OK, "smtp_dns_support_level = dnssec");
	else if (only)
		doctor_say(doctor, AREA, "DANE", DIAGNOSIS_ERROR,
			"%s: rows with dane-only (%u) defer all mail, rows with dane (%u) act as "
			"may",
			why, only, dane);
	else if (dane)
		doctor_say(doctor, AREA, "DANE", DIAGNOSIS_WARNING,
			"%s: rows with dane (%u) act as may", why, dane);
	else
		doctor_say(doctor, AREA, "DANE", DIAGNOSIS_OK, "%s, and no row needs it", why);
}

static void check_digest(struct doctor *doctor, char **settings)
{
	const char *digest = settings[FINGERPRINT_DIGEST];
	gboolean weak =
		g_ascii_strcasecmp(digest, "md5") == 0 || g_ascii_strcasecmp(digest, "sha1") == 0;

	doctor_say(doctor, AREA, "smtp_tls_fingerprint_digest",
		weak && doctor->levels[LEVEL_FINGERPRINT] ? DIAGNOSIS_WARNING : DIAGNOSIS_OK,
		"%s%s; rows with fingerprints: %u", digest,
		weak ? ", which is broken: sha256 is safe (compatibility_level 3.6 has it)" : "",
		doctor->levels[LEVEL_FINGERPRINT]);
}

static void check_database_type(struct doctor *doctor, char **settings)
{
	g_autoptr(GError) error = NULL;

	if (postfix_has_map_type(&doctor->postfix, settings[DATABASE_TYPE], &error))
		doctor_say(doctor, AREA, "default_database_type", DIAGNOSIS_OK,
			"%s, which this Postfix can read", settings[DATABASE_TYPE]);
	else
		doctor_say(doctor, AREA, "default_database_type", DIAGNOSIS_WARNING, "%s",
			error->message);
}

/* Does smtp(8) run in a jail? Column 5 of its line in master.cf; "-" is no since Postfix 3.0. */
static gboolean is_chrooted(struct doctor *doctor)
{
	g_auto(GStrv) lines = postfix_lines(&doctor->postfix, "-M", NULL);

	for (guint i = 0; lines && lines[i]; i++) {
		char service[64], type[16], chroot[4];

		if (sscanf(lines[i], "%63s %15s %*s %*s %3s", service, type, chroot) == 3 &&
			strcmp(service, "smtp") == 0 && strcmp(type, "unix") == 0)
			return *chroot == 'y';
	}
	return FALSE;
}

static void check_chroot(struct doctor *doctor, gboolean chrooted)
{
	if (!chrooted)
		doctor_say(doctor, AREA, "chroot", DIAGNOSIS_OK, "smtp(8) is not chrooted");
	else
		doctor_say(doctor, AREA, "chroot",
			doctor->with_tafile ? DIAGNOSIS_WARNING : DIAGNOSIS_OK,
			"smtp(8) is chrooted to the queue directory%s",
			doctor->with_tafile ? ": the files that tafile= names must be inside, "
					      "readable for user postfix"
					    : "");
}

static void check_maps(struct doctor *doctor, const char *setting, gboolean chrooted)
{
	g_auto(GStrv) maps = postfix_split_maps(setting);

	if (!maps[0])
		doctor_say(doctor, "maps", "smtp_tls_policy_maps", DIAGNOSIS_WARNING,
			"it is empty: Postfix does not ask for any policy; tlspol export map or "
			"mysql makes what it needs");
	for (guint i = 0; maps[i]; i++)
		doctor_map(doctor, maps[i], chrooted);
}

void doctor_postfix(struct doctor *doctor)
{
	static void (*const checks[])(struct doctor *, char **) = {check_version, check_level,
		check_trust, check_dane, check_digest, check_database_type};
	g_autoptr(GError) error = NULL;
	g_auto(GStrv) settings = NULL;
	gboolean chrooted;

	if (!postfix_installed(&doctor->postfix, &error)) {
		doctor_say(doctor, AREA, "settings", DIAGNOSIS_SKIPPED, "%s", error->message);
		return;
	}
	settings = postfix_settings(&doctor->postfix, names, &error);
	if (!settings) {
		doctor_say(doctor, AREA, "settings", DIAGNOSIS_ERROR, "%s", error->message);
		return;
	}
	for (guint i = 0; i < G_N_ELEMENTS(checks); i++)
		checks[i](doctor, settings);
	chrooted = is_chrooted(doctor);
	check_chroot(doctor, chrooted);
	check_maps(doctor, settings[POLICY_MAPS], chrooted);
}
