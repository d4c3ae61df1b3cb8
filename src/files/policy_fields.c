#include "files/policy_fields.h"

#include "core/error.h"
#include "core/exception_until.h"
#include "files/file_problem.h"

static const struct {
	const char *name;
	enum row_field field;
} field_names[] = {
	{"domain", FIELD_DOMAIN},
	{"policy", FIELD_POLICY},
	{"level", FIELD_POLICY},
	{"params", FIELD_PARAMS},
	{"note", FIELD_NOTE},
	{"origin", FIELD_ORIGIN},
	{"provider", FIELD_PROVIDER},
	{"exception_policy", FIELD_EXCEPTION_POLICY},
	{"exception_params", FIELD_EXCEPTION_PARAMS},
	{"exception_until", FIELD_EXCEPTION_UNTIL},
	{"exception_note", FIELD_EXCEPTION_NOTE},
	{"active", FIELD_ACTIVE},
	{"verbatim", FIELD_VERBATIM},
	{"id", FIELD_IGNORED},
	{"changed_by", FIELD_IGNORED},
};

enum row_field row_field_find(struct text name)
{
	for (gsize i = 0; i < G_N_ELEMENTS(field_names); i++) {
		if (text_is(name, field_names[i].name))
			return field_names[i].field;
	}
	return FIELD_UNKNOWN;
}

const char *row_field_name(enum row_field field)
{
	gsize i = 0;

	while (field_names[i].field != field)
		i++;
	return field_names[i].name;
}

struct text *row_field_text(struct policy_fields *fields, enum row_field field)
{
	switch (field) {
	case FIELD_DOMAIN:
		return &fields->domain;
	case FIELD_POLICY:
		return &fields->level;
	case FIELD_PARAMS:
		return &fields->params;
	case FIELD_NOTE:
		return &fields->note;
	case FIELD_ORIGIN:
		return &fields->origin;
	case FIELD_PROVIDER:
		return &fields->provider;
	case FIELD_EXCEPTION_POLICY:
		return &fields->exception_policy;
	case FIELD_EXCEPTION_PARAMS:
		return &fields->exception_params;
	case FIELD_EXCEPTION_UNTIL:
		return &fields->exception_until;
	case FIELD_EXCEPTION_NOTE:
		return &fields->exception_note;
	default:
		return NULL;
	}
}

gboolean row_field_is_bool(enum row_field field)
{
	return field == FIELD_ACTIVE || field == FIELD_VERBATIM;
}

void row_field_set_bool(struct policy_fields *fields, enum row_field field, gboolean value)
{
	if (field == FIELD_ACTIVE)
		fields->inactive = !value;
	else
		fields->verbatim = value;
}

gboolean row_field_bool(struct text text, gboolean *value)
{
	static const char *const words[] = {
		"no", "yes", "false", "true", "0", "1", "off", "on", "n", "y"};

	for (gsize i = 0; i < G_N_ELEMENTS(words); i++) {
		if (text_is_nocase(text, words[i])) {
			*value = i % 2;
			return TRUE;
		}
	}
	return FALSE;
}

gboolean policy_fields_split(struct policy_fields *fields, struct text value)
{
	struct policy policy = {.key = TEXT_NONE};

	if (!policy_split(value, &policy))
		return FALSE;
	fields->level = policy.level_text;
	fields->params = policy.params;
	return TRUE;
}

/* Everything that ends up in a NUL-terminated side table. */
static const char *with_nul(const struct policy_fields *fields)
{
	const struct {
		const char *name;
		struct text text;
	} texts[] = {{"policy", fields->level}, {"note", fields->note}, {"origin", fields->origin},
		{"provider", fields->provider}, {"exception_policy", fields->exception_policy},
		{"exception_note", fields->exception_note}};

	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
		if (texts[i].text.len && memchr(texts[i].text.at, '\0', texts[i].text.len))
			return texts[i].name;
	}
	return NULL;
}

/* Without an end nothing ends, and a policy that has none belongs into the field policy. */
static char *unfit_exception(const struct policy_fields *fields)
{
	struct text until = fields->exception_until;
	gint64 us;

	if (!until.at && (fields->exception_policy.at || fields->exception_params.at ||
				 fields->exception_note.at))
		return g_strdup_printf(
			"an exception of %.*s without exception_until: it must end some time",
			TEXT_ARG(fields->domain));
	if (until.len && !exception_until_parse(until, &us))
		return g_strdup_printf("exception_until of %.*s is no time: \"%.*s\"; write "
				       "2026-12-01T08:00:00Z",
			TEXT_ARG(fields->domain), TEXT_ARG(until));
	if (fields->exception_params.len > POLICY_PARAMS_MAX)
		return g_strdup_printf("exception_params are %" G_GSIZE_FORMAT
				       " bytes long, %d is the most",
			fields->exception_params.len, POLICY_PARAMS_MAX);
	return NULL;
}

static char *unfit(const struct policy_fields *fields)
{
	const char *name = with_nul(fields);

	if (!fields->domain.len)
		return g_strdup("a policy without a domain: name the next-hop it is for");
	if (fields->domain.len > POLICY_KEY_MAX)
		return g_strdup_printf("the key is %" G_GSIZE_FORMAT " bytes long, %d is the most",
			fields->domain.len, POLICY_KEY_MAX);
	if (fields->params.len > POLICY_PARAMS_MAX)
		return g_strdup_printf("the attributes are %" G_GSIZE_FORMAT
				       " bytes long, %d is the most",
			fields->params.len, POLICY_PARAMS_MAX);
	if (!fields->level.at && !fields->provider.at)
		return g_strdup_printf("no policy for %.*s: none, may, encrypt, dane, dane-only, "
				       "fingerprint, verify or secure is needed",
			TEXT_ARG(fields->domain));
	if (name)
		return g_strdup_printf("a NUL in %s of %.*s", name, TEXT_ARG(fields->domain));
	return unfit_exception(fields);
}

static const char *keep(struct policy_set *set, struct text text)
{
	return text.at ? policy_set_keep(set, text).at : NULL;
}

static void append_exception(
	const struct policy_fields *fields, struct policy_set *set, struct policy_row *row)
{
	g_autofree char *word = text_dup(fields->exception_policy);
	g_autofree char *note =
		fields->exception_note.len ? text_dup(fields->exception_note) : NULL;
	struct policy_exception exception = {
		.over = fields->exception_policy.len > 0 && fields->exception_until.len > 0,
		.level = level_parse(fields->exception_policy),
		.level_text = word,
		.params = fields->exception_params,
		.note = note,
	};

	if (fields->exception_until.len)
		exception_until_parse(fields->exception_until, &exception.until_us);
	policy_set_except(set, row, &exception);
}

gboolean policy_fields_append(const struct policy_fields *fields, guint8 file,
	struct policy_set *set, GPtrArray *problems)
{
	struct policy policy = {
		.key = fields->domain,
		.level = level_parse(fields->level),
		.level_text = fields->level.at ? fields->level : TEXT_LITERAL(""),
		.params = fields->params,
	};
	const char *name = g_ptr_array_index(set->files, file);
	g_autofree char *why = unfit(fields);
	g_autoptr(GError) error = NULL;
	struct policy_row *row;

	row = why ? NULL : policy_set_append(set, &policy, &error);
	if (!row) {
		file_problem_add(problems, FALSE, name, fields->line, fields->column, "%s",
			why ? why : error->message);
		return FALSE;
	}
	row->file = file;
	row->where = fields->line;
	row->column = MIN(fields->column, G_MAXUINT16);
	if (fields->inactive)
		row->flags |= ROW_INACTIVE;
	if (fields->verbatim)
		row->flags |= ROW_VERBATIM;
	if (fields->note.at || fields->origin.at || fields->provider.at) {
		struct policy_extra *extra = policy_set_extra_for(set, row);

		extra->note = keep(set, fields->note);
		extra->origin = keep(set, fields->origin);
		extra->provider = keep(set, fields->provider);
	}
	if (fields->exception_until.at)
		append_exception(fields, set, row);
	return TRUE;
}
