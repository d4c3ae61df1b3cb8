#include "cmd/columns.h"
#include "cmd/keys.h"
#include "cmd/past.h"
#include "files/policies_out.h"
#include "net/idn.h"

enum { FORMAT_MAP = RECORD_TSV + 1 };
static const char *const formats[] = {"table", "json", "yaml", "csv", "tsv", "map", NULL};

enum sort_by { SORT_DOMAIN, SORT_POLICY, SORT_PARAMS, SORT_PROVIDER, SORT_ORIGIN };
static const char *const sorts[] = {"domain", "policy", "params", "provider", "origin", NULL};

struct list_settings {
	GPtrArray *levels;
	char *provider, *origin, *note, *as_of;
	int sort;
	gboolean reverse;
};

/* clang-format off */
static const struct option own_options[] = {
	{"level", 'l', OPTION_STRINGS, offsetof(struct list_settings, levels), "LEVEL[,LEVEL…]",
		"only these levels", NULL, COMPLETES_LEVEL},
	{"provider", 0, OPTION_STRING, offsetof(struct list_settings, provider), "PATTERN",
		"only rows of this provider"},
	{"origin", 0, OPTION_STRING, offsetof(struct list_settings, origin), "PATTERN",
		"only rows of this origin"},
	{"note", 'n', OPTION_STRING, offsetof(struct list_settings, note), "TEXT",
		"only rows whose note has TEXT in it, or matches it when it has * or ?"},
	{"as-of", 0, OPTION_STRING, offsetof(struct list_settings, as_of), "T",
		"the table as it was at this moment"},
	{"sort", 's', OPTION_CHOICE, offsetof(struct list_settings, sort), "COLUMN",
		"order of the rows", sorts},
	{"reverse", 'r', OPTION_FLAG, offsetof(struct list_settings, reverse), NULL,
		"the other way round"},
	{0},
};
/* Like app_group_format, with Postfix's own format besides. */
static const struct option format_options[] = {
	{"format", 'F', OPTION_CHOICE, offsetof(struct app, format), "FORMAT",
		"how rows are printed; map is what Postfix reads", formats},
	{0},
};
/* clang-format on */
static const struct option_group own_group = {NULL, BASE_COMMAND, own_options};
static const struct option_group format_group = {"Output", BASE_SHARED, format_options};
static const struct option_group *const groups[] = {&own_group, &format_group, &app_group_output,
	&app_group_from, &app_group_db, &app_group_global, NULL};

/* What is asked for, compiled once. An empty list lets everything through. */
struct filter {
	GPtrArray *keys; /* GPatternSpec *, for folded keys */
	GPatternSpec *provider, *origin, *note;
	guint levels; /* bit per enum level; 0 = all */
	GString *text;
};

static void filter_release(struct filter *filter)
{
	GPatternSpec *specs[] = {filter->provider, filter->origin, filter->note};

	g_clear_pointer(&filter->keys, g_ptr_array_unref);
	for (guint i = 0; i < G_N_ELEMENTS(specs); i++)
		if (specs[i])
			g_pattern_spec_free(specs[i]);
	if (filter->text)
		g_string_free(filter->text, TRUE);
}
typedef struct filter filter_t;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(filter_t, filter_release)

static gboolean has_wildcard(const char *pattern)
{
	return strpbrk(pattern, "*?") != NULL;
}

/*
 * A pattern as it is written for stored keys: folded, and without a wildcard also as A-label.
 * GPatternSpec knows * and ? only, which is right for keys with brackets in them.
 */
static GPatternSpec *key_pattern(const char *pattern)
{
	g_autofree char *key = has_wildcard(pattern) ? NULL : idn_key(text_of(pattern), NULL);
	g_autoptr(GString) folded = g_string_new(NULL);

	if (!key && key_fold(folded, text_of(pattern)))
		return g_pattern_spec_new(folded->str);
	return g_pattern_spec_new(key ? key : pattern);
}

static gboolean filter_level(struct filter *filter, const char *words, GError **error)
{
	g_auto(GStrv) list = g_strsplit(words, ",", -1);

	for (guint i = 0; list[i]; i++) {
		enum level level = level_parse(text_of(list[i]));

		if (level == LEVEL_UNKNOWN) {
			g_autofree char *all = g_strjoinv(" ", (char **)level_names());

			g_set_error(error, TLSPOL_ERROR, STATUS_USAGE,
				"--level: '%s' is no level; the levels are %s", list[i], all);
			return FALSE;
		}
		filter->levels |= 1U << level;
	}
	return TRUE;
}

static GPatternSpec *text_pattern(const char *pattern, gboolean inside)
{
	g_autofree char *wide = NULL;

	if (!pattern)
		return NULL;
	if (inside && !has_wildcard(pattern))
		wide = g_strconcat("*", pattern, "*", NULL);
	return g_pattern_spec_new(wide ? wide : pattern);
}

static gboolean filter_init(struct filter *filter, const struct list_settings *settings,
	char **patterns, int count, GError **error)
{
	*filter = (struct filter){
		.keys = g_ptr_array_new_with_free_func((GDestroyNotify)g_pattern_spec_free),
		.provider = text_pattern(settings->provider, FALSE),
		.origin = text_pattern(settings->origin, FALSE),
		.note = text_pattern(settings->note, TRUE),
		.text = g_string_new(NULL),
	};
	for (int i = 0; i < count; i++)
		g_ptr_array_add(filter->keys, key_pattern(patterns[i]));
	for (guint i = 0; settings->levels && i < settings->levels->len; i++)
		if (!filter_level(filter, settings->levels->pdata[i], error))
			return FALSE;
	return TRUE;
}

static gboolean filter_asks(const struct filter *filter)
{
	return filter->keys->len || filter->levels || filter->provider || filter->origin ||
	       filter->note;
}

static gboolean matches_key(const struct filter *filter, struct text key)
{
	if (!filter->keys->len)
		return TRUE;
	g_string_truncate(filter->text, 0);
	if (!key_fold(filter->text, key)) {
		g_autofree char *valid = g_utf8_make_valid(key.at, key.len);

		g_string_assign(filter->text, valid);
	}
	for (guint i = 0; i < filter->keys->len; i++)
		if (g_pattern_spec_match(
			    filter->keys->pdata[i], filter->text->len, filter->text->str, NULL))
			return TRUE;
	return FALSE;
}

static gboolean matches_text(GPatternSpec *pattern, const char *text)
{
	if (!pattern)
		return TRUE;
	if (!text)
		return FALSE;
	g_autofree char *valid = g_utf8_make_valid(text, -1);
	return g_pattern_spec_match_string(pattern, valid);
}

static gboolean matches(
	const struct filter *filter, const struct policy_set *set, const struct policy_row *row)
{
	const struct policy_extra *extra = policy_set_extra(set, row);

	return (!filter->levels || (filter->levels & (1U << row->level))) &&
	       matches_text(filter->provider, extra ? extra->provider : NULL) &&
	       matches_text(filter->origin, extra ? extra->origin : NULL) &&
	       matches_text(filter->note, extra ? extra->note : NULL) &&
	       matches_key(filter, policy_row_key(row));
}

/* Rows are slices: those that do not match are simply squeezed out. */
static void filter_apply(const struct filter *filter, struct policy_set *set)
{
	guint kept = 0;

	for (guint i = 0; i < policy_set_count(set); i++)
		if (matches(filter, set, policy_set_row(set, i)))
			*policy_set_row(set, kept++) = *policy_set_row(set, i);
	g_array_set_size(set->rows, kept);
}

static int compare_values(const struct value *a, const struct value *b)
{
	if (a->kind == VALUE_NULL || b->kind == VALUE_NULL)
		return (a->kind == VALUE_NULL) - (b->kind == VALUE_NULL);
	return text_compare(a->text, b->text);
}

/* By the column asked for, empty ones last, then by key. Levels from none to secure. */
struct order {
	const struct policy_set *set;
	int sort;
	int sign;
};
static int compare_rows(gconstpointer a, gconstpointer b, gpointer data)
{
	static void (*const getters[])(gconstpointer, gpointer, struct value *) = {
		[SORT_PARAMS] = column_params,
		[SORT_PROVIDER] = column_provider,
		[SORT_ORIGIN] = column_origin,
	};
	const struct policy_row *first = a, *second = b;
	const struct order *order = data;
	int result = 0;

	if (order->sort == SORT_POLICY) {
		result = first->level - second->level;
	} else if (order->sort != SORT_DOMAIN) {
		struct value one = {0}, other = {0};

		getters[order->sort](first, (gpointer)order->set, &one);
		getters[order->sort](second, (gpointer)order->set, &other);
		result = compare_values(&one, &other);
	}
	if (!result)
		result = text_compare(policy_row_key(first), policy_row_key(second));
	return result * order->sign;
}

static gboolean print_map(struct app *app, const struct policy_set *set, FILE *to, GError **error)
{
	g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);

	if (!map_out(set, app_now(app), to, problems, error))
		return FALSE;
	for (guint i = 0; i < problems->len; i++)
		app_warning(app, "%s", (char *)problems->pdata[i]);
	return TRUE;
}

static gboolean print_records(
	struct app *app, const struct policy_set *set, const char *empty, FILE *to, GError **error)
{
	struct policy_view view = {.set = set, .now_us = app_now(app)};
	struct record_style style;
	struct records *records;
	gboolean good;

	app_record_style(app, to, &style);
	style.empty = empty;
	records = style.format == RECORD_TABLE
			  ? records_open(&style, policy_table_columns, &view, to)
			  : records_open(&style, policy_columns, (gpointer)set, to);
	for (guint i = 0; i < policy_set_count(set); i++)
		records_row(records, policy_set_row(set, i));
	good = records_close(records, error);
	g_free(view.exception);
	return good;
}

static gboolean print(
	struct app *app, const struct policy_set *set, const char *empty, GError **error)
{
	struct app_output output;

	if (!app_output_open(app, &output, error))
		return FALSE;
	if (app->format == FORMAT_MAP ? print_map(app, set, output.stream, error)
				      : print_records(app, set, empty, output.stream, error))
		return app_output_close(&output, error);
	app_output_abort(&output);
	return FALSE;
}

static int run(gpointer shared, gpointer data, char **operands, int count, GError **error)
{
	struct app *app = shared;
	const struct list_settings *settings = data;
	struct order order = {NULL, settings->sort, settings->reverse ? -1 : 1};
	g_auto(policy_set_t) set;
	g_auto(filter_t) filter = {0};

	policy_set_init(&set);
	if (!filter_init(&filter, settings, operands, count, error) ||
		(settings->as_of && !past_as_of(app, settings->as_of, error)) ||
		!app_policies(app, &set, error))
		return STATUS_BUG;
	if (filter_asks(&filter))
		filter_apply(&filter, &set);
	if (app->format != FORMAT_MAP && (settings->sort != SORT_DOMAIN || settings->reverse)) {
		order.set = &set;
		g_array_sort_with_data(set.rows, compare_rows, &order);
		set.sorted = FALSE;
	}
	if (!print(app, &set, filter_asks(&filter) ? "no policy matches" : "no policies", error))
		return STATUS_BUG;
	return filter_asks(&filter) && !policy_set_count(&set) ? STATUS_NO : STATUS_OK;
}

static const struct operand operands[] = {{"PATTERN", TRUE, TRUE, COMPLETES_KEY}, {0}};
static const struct example examples[] = {
	{"tlspol list", "all policies, by key"},
	{"tlspol ls '*.example.com' --level secure,verify", "what must be authenticated below it"},
	{"tlspol list --format csv --output policies.csv", "for a spreadsheet"},
	{"tlspol list --from policies.yaml --format map", "a file as Postfix would read it"},
	{0},
};
static const int statuses[] = {STATUS_OK, STATUS_NO, STATUS_USAGE, STATUS_DATA, STATUS_NO_INPUT,
	STATUS_UNAVAILABLE, STATUS_CANNOT_CREATE, STATUS_IO, STATUS_NO_PERMISSION, STATUS_CONFIG,
	-1};

const struct command cmd_list = {
	.name = "list",
	.alias = "ls",
	.group = "Policies",
	.summary = "list policies",
	.description =
		"Lists the policies of the table, or of a file with --from, that match any of\n"
		"the patterns and all of the options. In a PATTERN * stands for any text and\n"
		"? for one character; all else, brackets too, stands for itself. Without\n"
		"patterns all rows are listed.\n"
		"\n"
		"When patterns or filters were given and nothing matches, the exit status is\n"
		"1.\n",
	.operands = operands,
	.groups = groups,
	.examples = examples,
	.statuses = statuses,
	.settings_size = sizeof(struct list_settings),
	.run = run,
};
