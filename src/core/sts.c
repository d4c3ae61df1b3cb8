#include "core/sts.h"

#include "core/error.h"
#include "core/printable.h"

#define VERSION	     "STSv1"
#define RECORD_START "v=" VERSION
#define MAX_AGE_MAX  31557600 /* section 3.2 */
#define NAME_MAX_LEN 32
#define SHOWN	     60 /* bytes of a wrong value in a message */

const char *sts_mode_name(enum sts_mode mode)
{
	static const char *const names[] = {"none", "testing", "enforce"};

	return names[mode];
}

void sts_policy_free(struct sts_policy *policy)
{
	if (!policy)
		return;
	g_strfreev(policy->mx);
	g_free(policy);
}

void sts_observation_release(struct sts_observation *sts)
{
	g_clear_pointer(&sts->id, g_free);
	g_clear_pointer(&sts->policy, sts_policy_free);
	g_clear_pointer(&sts->why, g_free);
	sts->state = STS_NOT_ASKED;
}

/* -- what both grammars share -------------------------------------------------------------------
 */

static gboolean is_wsp(char c)
{
	return c == ' ' || c == '\t';
}

static struct text skip_wsp(struct text text)
{
	while (text.len && is_wsp(*text.at))
		text = text_skip(text, 1);
	return text;
}

/* sts-ext-name and sts-policy-ext-name, which the names that are known fit, too */
static gboolean is_name(struct text name)
{
	if (!name.len || name.len > NAME_MAX_LEN || !g_ascii_isalnum(*name.at))
		return FALSE;
	for (gsize i = 1; i < name.len; i++)
		if (!g_ascii_isalnum(name.at[i]) && !strchr("_-.", name.at[i]))
			return FALSE;
	return TRUE;
}

/* Up to the separator, which is taken, too. FALSE: it is not there. */
static gboolean cut(struct text *rest, char separator, struct text *before)
{
	const char *at = rest->len ? memchr(rest->at, separator, rest->len) : NULL;

	if (!at)
		return FALSE;
	*before = (struct text){rest->at, (gsize)(at - rest->at)};
	*rest = text_skip(*rest, before->len + 1);
	return TRUE;
}

static gboolean G_GNUC_PRINTF(3, 4)
	refuse(GError **error, struct text wrong, const char *format, ...)
{
	g_autofree char *shown = printable_short(wrong, SHOWN);
	g_autofree char *what = NULL;
	va_list args;

	va_start(args, format);
	what = g_strdup_vprintf(format, args);
	va_end(args);
	g_set_error(error, TLSPOL_ERROR, STATUS_DATA, "%s: \"%s\"", what, shown);
	return FALSE;
}

/* -- the TXT record, section 3.1 ----------------------------------------------------------------
 */

/* sts-id: letters and digits only */
static gboolean is_id(struct text id)
{
	if (!id.len || id.len > NAME_MAX_LEN)
		return FALSE;
	for (gsize i = 0; i < id.len; i++)
		if (!g_ascii_isalnum(id.at[i]))
			return FALSE;
	return TRUE;
}

static gboolean is_record_value(struct text value)
{
	for (gsize i = 0; i < value.len; i++)
		if (!g_ascii_isgraph(value.at[i]) || value.at[i] == '=')
			return FALSE;
	return value.len > 0;
}

static gboolean take_record_field(struct text field, char **id, GError **error)
{
	struct text name, value = field;

	if (!cut(&value, '=', &name) || !is_name(name) || !is_record_value(value))
		return refuse(error, field, "the MTA-STS record has a field that is no name=value");
	/* Of a field that is there twice the first counts (section 3.2, which speaks of both). */
	if (!text_is(name, "id") || *id)
		return TRUE;
	if (!is_id(value))
		return refuse(error, value,
			"the id of the MTA-STS record is not of 1 to 32 letters and digits");
	*id = text_dup(value);
	return TRUE;
}

gboolean sts_record_parse(struct text record, char **id, GError **error)
{
	struct text rest = record;
	g_autofree char *found = NULL;

	*id = NULL;
	if (!text_starts(rest, RECORD_START))
		return refuse(
			error, record, "the MTA-STS record does not begin with " RECORD_START);
	for (rest = text_skip(rest, strlen(RECORD_START)); rest.len;) {
		struct text at = skip_wsp(rest);
		struct text field;

		if (!at.len || *at.at != ';')
			return refuse(error, rest, "the MTA-STS record has no \";\" before");
		rest = skip_wsp(text_skip(at, 1));
		if (!rest.len)
			break;
		field = (struct text){rest.at, 0};
		while (field.len < rest.len && rest.at[field.len] != ';' &&
			!is_wsp(rest.at[field.len]))
			field.len++;
		if (!take_record_field(field, &found, error))
			return FALSE;
		rest = text_skip(rest, field.len);
	}
	if (!found)
		return refuse(error, record, "the MTA-STS record has no id");
	*id = g_steal_pointer(&found);
	return TRUE;
}

gboolean sts_records_choose(
	const struct text *records, guint count, gboolean *found, char **id, GError **error)
{
	const struct text *chosen = NULL;
	guint candidates = 0;

	*id = NULL;
	for (guint i = 0; i < count; i++) {
		if (!text_starts(records[i], RECORD_START ";"))
			continue;
		chosen = &records[i];
		candidates++;
	}
	*found = candidates > 0;
	if (candidates > 1) {
		g_set_error(error, TLSPOL_ERROR, STATUS_DATA,
			"there are %u MTA-STS records where one is allowed", candidates);
		return FALSE;
	}
	return !chosen || sts_record_parse(*chosen, id, error);
}

/* -- the policy, section 3.2 --------------------------------------------------------------------
 */

/* The policy as far as it is read. */
struct reading {
	struct sts_policy *policy;
	GPtrArray *mx;
	guint line;
	gboolean version, mode, max_age;
};

/* Domain of RFC 5321; an address is no domain (RFC 1123 2.1: a top label is not numeric). */
static gboolean is_domain(struct text domain)
{
	gsize label = 0;
	gboolean digits = TRUE;

	if (domain.len > 253)
		return FALSE;
	for (gsize i = 0; i <= domain.len; i++) {
		char c = i < domain.len ? domain.at[i] : '.';

		if (c != '.' && !g_ascii_isalnum(c) && c != '-')
			return FALSE;
		if (c != '.') {
			digits = (!label || digits) && g_ascii_isdigit(c);
			if (!label++ && c == '-')
				return FALSE;
			continue;
		}
		if (!label || label > 63 || domain.at[i - 1] == '-')
			return FALSE;
		label = 0;
	}
	return !digits;
}

static gboolean take_version(struct reading *reading, struct text value, GError **error)
{
	if (!text_is(value, VERSION))
		return refuse(error, value, "line %u: version is not " VERSION, reading->line);
	reading->version = TRUE;
	return TRUE;
}

static gboolean take_mode(struct reading *reading, struct text value, GError **error)
{
	for (enum sts_mode mode = STS_NONE; mode <= STS_ENFORCE; mode++) {
		if (text_is(value, sts_mode_name(mode))) {
			reading->policy->mode = mode;
			reading->mode = TRUE;
			return TRUE;
		}
	}
	return refuse(error, value, "line %u: mode is not none, testing or enforce", reading->line);
}

static gboolean take_max_age(struct reading *reading, struct text value, GError **error)
{
	guint64 seconds = 0;

	for (gsize i = 0; i < value.len && i < 11; i++) {
		if (!g_ascii_isdigit(value.at[i]))
			return refuse(error, value, "line %u: max_age is no number", reading->line);
		seconds = seconds * 10 + (guint64)(value.at[i] - '0');
	}
	if (value.len > 10 || seconds > MAX_AGE_MAX)
		return refuse(error, value, "line %u: max_age is above %d seconds", reading->line,
			MAX_AGE_MAX);
	reading->policy->max_age = (guint)seconds;
	reading->max_age = TRUE;
	return TRUE;
}

static gboolean take_mx(struct reading *reading, struct text value, GError **error)
{
	struct text domain = text_starts(value, "*.") ? text_skip(value, 2) : value;

	if (!is_domain(domain))
		return refuse(
			error, value, "line %u: mx is no domain and no *.domain", reading->line);
	if (reading->mx->len == STS_MX_MAX)
		return refuse(error, value, "line %u: mx is there more than %d times",
			reading->line, STS_MX_MAX);
	g_ptr_array_add(reading->mx, g_ascii_strdown(value.at, (gssize)value.len));
	return TRUE;
}

/* sts-policy-ext-value, which the values that are known fit, too */
static gboolean is_policy_value(struct text value)
{
	for (gsize i = 0; i < value.len; i++)
		if (g_ascii_iscntrl(value.at[i]))
			return FALSE;
	return value.len > 0 && g_utf8_validate_len(value.at, value.len, NULL);
}

static gboolean take_line(struct reading *reading, struct text line, GError **error)
{
	struct text name, value = line;

	if (!cut(&value, ':', &name) || !is_name(name))
		return refuse(error, line, "line %u is no name: value", reading->line);
	value = skip_wsp(value);
	while (value.len && is_wsp(value.at[value.len - 1]))
		value.len--;
	if (!is_policy_value(value))
		return refuse(
			error, line, "line %u has no value, or one that is no text", reading->line);
	if (text_is(name, "mx"))
		return take_mx(reading, value, error);
	/* Of a field that is there twice the first counts, and unknown ones do not. */
	if (text_is(name, "version"))
		return reading->version || take_version(reading, value, error);
	if (text_is(name, "mode"))
		return reading->mode || take_mode(reading, value, error);
	if (text_is(name, "max_age"))
		return reading->max_age || take_max_age(reading, value, error);
	return TRUE;
}

static gboolean is_complete(const struct reading *reading, GError **error)
{
	const char *missing = !reading->version	  ? "version"
			      : !reading->mode	  ? "mode"
			      : !reading->max_age ? "max_age"
						  : NULL;

	if (!missing && !reading->mx->len && reading->policy->mode != STS_NONE)
		missing = "mx";
	if (missing)
		g_set_error(
			error, TLSPOL_ERROR, STATUS_DATA, "the MTA-STS policy has no %s", missing);
	return !missing;
}

static gboolean take_lines(struct reading *reading, struct text body, GError **error)
{
	struct text line;

	/* What ends the last line may be left out, but nothing may follow it. */
	while (body.len) {
		reading->line++;
		if (!cut(&body, '\n', &line)) {
			line = body;
			body.len = 0;
		} else if (line.len && line.at[line.len - 1] == '\r') {
			line.len--;
		}
		if (!take_line(reading, line, error))
			return FALSE;
	}
	return is_complete(reading, error);
}

struct sts_policy *sts_policy_parse(struct text body, GError **error)
{
	struct reading reading = {
		.policy = g_new0(struct sts_policy, 1),
		.mx = g_ptr_array_new_with_free_func(g_free),
	};

	if (body.len > STS_POLICY_MAX)
		g_set_error(error, TLSPOL_ERROR, STATUS_DATA,
			"the MTA-STS policy is longer than %d bytes", STS_POLICY_MAX);
	else if (take_lines(&reading, body, error)) {
		g_ptr_array_add(reading.mx, NULL);
		reading.policy->mx = (char **)g_ptr_array_free(reading.mx, FALSE);
		return reading.policy;
	}
	g_ptr_array_free(reading.mx, TRUE);
	sts_policy_free(reading.policy);
	return NULL;
}

gboolean sts_content_type_fine(const char *content_type)
{
	static const char wanted[] = "text/plain";
	struct text rest = text_of(content_type);

	if (rest.len < strlen(wanted) || g_ascii_strncasecmp(rest.at, wanted, strlen(wanted)) != 0)
		return FALSE;
	rest = skip_wsp(text_skip(rest, strlen(wanted)));
	return !rest.len || *rest.at == ';';
}

/* -- matching, section 4.1 ----------------------------------------------------------------------
 */

static struct text without_final_dot(const char *name)
{
	struct text text = text_of(name);

	if (text.len && text.at[text.len - 1] == '.')
		text.len--;
	return text;
}

static gboolean same_name(struct text a, struct text b)
{
	return a.len == b.len && a.len && g_ascii_strncasecmp(a.at, b.at, a.len) == 0;
}

gboolean sts_mx_matches(const char *pattern, const char *host)
{
	struct text wanted = without_final_dot(pattern);
	struct text rest = without_final_dot(host);
	struct text label;

	if (!text_starts(wanted, "*."))
		return same_name(wanted, rest);
	return cut(&rest, '.', &label) && label.len && same_name(text_skip(wanted, 2), rest);
}

gboolean sts_allows(const struct sts_policy *policy, const char *host)
{
	for (char **pattern = policy->mx; pattern && *pattern; pattern++)
		if (sts_mx_matches(*pattern, host))
			return TRUE;
	return FALSE;
}
