/*
 * The STARTTLS policy list of the EFF (its RULES.md and schema 0.1; facts: anchors 1.3):
 *
 *   {"timestamp": T, "expires": T, "version": "0.1", "policy-aliases": {NAME: POLICY, …},
 *    "policies": {DOMAIN: POLICY or {"policy-alias": NAME}, …}}
 *   POLICY: {"mode": "testing" or "enforce", "mxs": [NAME or .SUFFIX, …]}
 *
 * What is enforced becomes `secure` with these names. What is only tested is left out: a weaker
 * policy in its place could hide a better one of another map.
 */
#include <jansson.h>

#include "files/file_problem.h"
#include "files/json_places.h"
#include "files/policies_readers.h"
#include "files/policy_fields.h"

struct reader {
	struct json_places places;
	guint8 file;
	const char *name;
	struct policy_set *set;
	GPtrArray *problems;
	const json_t *aliases;
	guint testing, suffixes; /* how many domains; and domains with a .SUFFIX */
};

static void complain(struct reader *reader, guint line, const char *format, ...)
	G_GNUC_PRINTF(3, 4);
static void complain(struct reader *reader, guint line, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	file_problem_add_valist(reader->problems, FALSE, reader->name, line, 0, format, arguments);
	va_end(arguments);
}

/* Seconds since 1970, or ISO 8601, which is UTC where it does not say. 0 = neither. */
static gint64 read_moment(const json_t *value)
{
	g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
	g_autoptr(GDateTime) moment = NULL;

	if (json_is_number(value))
		return (gint64)CLAMP(json_number_value(value), 0, G_MAXINT32) * G_USEC_PER_SEC;
	if (json_is_string(value))
		moment = g_date_time_new_from_iso8601(json_string_value(value), utc);
	return moment ? g_date_time_to_unix(moment) * G_USEC_PER_SEC : 0;
}

static void read_expires(struct reader *reader, const json_t *value)
{
	gint64 expires = read_moment(value);
	g_autoptr(GDateTime) moment = g_date_time_new_from_unix_utc(expires / G_USEC_PER_SEC);
	g_autofree char *text = g_date_time_format(moment, "%Y-%m-%dT%H:%M:%SZ");

	if (!expires) {
		complain(reader, 0,
			"\"expires\" is to be a moment, 2026-12-31T12:00:00Z or seconds since "
			"1970");
		return;
	}
	complain(reader, 0,
		"this list has expired, %s: mail servers may have other names by now; get a newer "
		"one, or take it all the same with --accept-expired",
		text);
	file_problem_from(reader->problems, expires);
}

/* The schema's pattern: labels of letters, digits and hyphens, two of them at least. */
static gboolean is_host_name(struct text name)
{
	guint labels = 0;

	for (struct text rest = name; rest.len; labels++) {
		const char *dot = memchr(rest.at, '.', rest.len);
		gsize len = dot ? (gsize)(dot - rest.at) : rest.len;

		if (!len || len > 63 || rest.at[0] == '-' || rest.at[len - 1] == '-')
			return FALSE;
		for (gsize i = 0; i < len; i++)
			if (!g_ascii_isalnum(rest.at[i]) && rest.at[i] != '-')
				return FALSE;
		if (dot && len + 1 == rest.len)
			return FALSE;
		rest = text_skip(rest, dot ? len + 1 : len);
	}
	return labels > 1;
}

static struct text string_of(const json_t *value)
{
	return (struct text){json_string_value(value), json_string_length(value)};
}

/* "match=a:b:c servername=hostname"; FALSE with a problem where a name is none. */
static gboolean append_match(
	struct reader *reader, const char *domain, guint line, const json_t *mxs, GString *params)
{
	gboolean suffix = FALSE;
	json_t *mx;
	gsize i;

	json_array_foreach((json_t *)mxs, i, mx)
	{
		struct text name = string_of(mx);
		gboolean dot = name.len && name.at[0] == '.';
		g_autofree char *folded = NULL;

		if (!json_is_string(mx) || !is_host_name(dot ? text_skip(name, 1) : name)) {
			complain(reader, line, "%s: \"%.*s\" in mxs is no host name", domain,
				TEXT_ARG(name));
			return FALSE;
		}
		folded = g_ascii_strdown(name.at, (gssize)name.len);
		g_string_append_printf(params, "%s%s", i ? ":" : "match=", folded);
		suffix = suffix || dot;
	}
	if (!json_array_size(mxs)) {
		complain(reader, line, "%s: \"mxs\" is to be a list of host names", domain);
		return FALSE;
	}
	reader->suffixes += suffix;
	/* Who is checked by name has to be told which name is meant (as for MTA-STS, RFC 8461). */
	g_string_append(params, " servername=hostname");
	return TRUE;
}

static void read_policy(struct reader *reader, const char *domain, const json_t *entry, guint line)
{
	const json_t *alias = json_object_get(entry, "policy-alias");
	const json_t *policy =
		alias ? json_object_get(reader->aliases, json_string_value(alias)) : entry;
	const json_t *mode = json_object_get(policy, "mode");
	const char *word = mode ? json_string_value(mode) : "testing";
	g_autoptr(GString) params = g_string_new(NULL);
	struct policy_fields row = {.level = TEXT_LITERAL("secure"), .line = line};

	if (!json_is_object(policy)) {
		complain(reader, line, "%s: %s", domain,
			alias ? "its \"policy-alias\" is none of the list's"
			      : "a policy is an object");
		return;
	}
	if (g_strcmp0(word, "testing") == 0) {
		reader->testing++;
		return;
	}
	if (g_strcmp0(word, "enforce") != 0) {
		complain(reader, line, "%s: \"mode\" is to be testing or enforce", domain);
		return;
	}
	if (!append_match(reader, domain, line, json_object_get(policy, "mxs"), params))
		return;
	row.domain = policy_set_keep(reader->set, text_of(domain));
	row.params = policy_set_keep(reader->set, (struct text){params->str, params->len});
	policy_fields_append(&row, reader->file, reader->set, reader->problems);
}

static void read_list(struct reader *reader, const json_t *top)
{
	const json_t *policies = json_object_get(top, "policies");
	const char *version = json_string_value(json_object_get(top, "version"));
	const char *domain;
	json_t *entry;

	reader->aliases = json_object_get(top, "policy-aliases");
	if (!json_is_object(policies) || !json_is_object(reader->aliases)) {
		complain(reader, 0,
			"this is no STARTTLS policy list: \"policies\" and \"policy-aliases\" are "
			"to be objects");
		return;
	}
	if (g_strcmp0(version, "0.1") != 0)
		complain(reader, 0, "\"version\" is to be \"0.1\": no other is known");
	read_expires(reader, json_object_get(top, "expires"));
	json_object_foreach((json_t *)policies, domain, entry)
	{
		read_policy(reader, domain, entry, json_line_of(&reader->places, text_of(domain)));
	}
	if (reader->testing)
		file_problem_add(reader->problems, TRUE, reader->name, 0, 0,
			"%u domain%s only tested (mode testing) and left out", reader->testing,
			reader->testing == 1 ? " is" : "s are");
	if (reader->suffixes)
		file_problem_add(reader->problems, TRUE, reader->name, 0, 0,
			"names that begin with a dot (%u domain%s): one label in front in this "
			"list, any number of them to Postfix",
			reader->suffixes, reader->suffixes == 1 ? "" : "s");
}

void eff_in(char *buffer, gsize len, guint8 file, struct policy_set *set, GPtrArray *problems)
{
	struct reader reader = {
		.places = json_places_of(buffer, len),
		.file = file,
		.name = g_ptr_array_index(set->files, file),
		.set = set,
		.problems = problems,
	};
	json_error_t error;
	json_t *top = json_loadb(buffer, len, JSON_REJECT_DUPLICATES, &error);

	if (top)
		read_list(&reader, top);
	else
		file_problem_add(problems, FALSE, reader.name, MAX(error.line, 0),
			MAX(error.column, 0), "not valid JSON: %s", error.text);
	json_decref(top);
}
