#include "cmd/columns.h"
#include "cmd/exception_words.h"
#include "cmd/keys.h"

static const struct option_group *const groups[] = {&app_group_rules, &app_group_format,
	&app_group_from, &app_group_db, &app_group_global, NULL};

/* What the getters of one record need. */
struct shown {
	const struct policy_set *set;
	struct rule_context context;
	char *source;			  /* "table NAME" */
	GPtrArray *attributes, *findings; /* char *, NULL-terminated, of the row at hand */
	gboolean malformed;		  /* something in its params is no attribute */
	char *place, *exception;
	gint64 now_us;
};

/* clang-format off */
static const char *const forms[] = {
	[KEY_INVALID] = "never asked for by Postfix",
	[KEY_DOMAIN] = "recipient domain or relay, found by its MX",
	[KEY_PARENT] = "all names below it, not the name itself",
	[KEY_DOMAIN_PORT] = "domain with a port, found by its MX",
	[KEY_BRACKETED] = "host, without MX lookup",
	[KEY_BRACKETED_PORT] = "host with a port, without MX lookup",
	[KEY_ADDRESS] = "address",
	[KEY_ADDRESS_PORT] = "address with a port",
	[KEY_LITERAL] = "address in brackets",
	[KEY_LITERAL_PORT] = "address in brackets with a port",
	[KEY_PATH] = "LMTP socket",
};
/* clang-format on */

static void set_string(struct value *value, const char *text)
{
	value->kind = text ? VALUE_TEXT : VALUE_NULL;
	value->text = text_of(text);
}

static void set_list(struct value *value, const GPtrArray *list)
{
	value->kind = VALUE_LIST;
	value->list = (const char *const *)list->pdata;
}

static void get_form(gconstpointer row, gpointer data, struct value *value)
{
	struct key key;

	(void)data;
	key_parse(policy_row_key(row), &key);
	set_string(value, forms[key.form]);
}

static void get_attributes(gconstpointer row, gpointer data, struct value *value)
{
	const struct shown *shown = data;

	(void)row;
	set_list(value, shown->attributes);
}

/* Attributes one by one, or as stored where they are not understood. */
static void get_parameters(gconstpointer row, gpointer data, struct value *value)
{
	const struct shown *shown = data;

	if (shown->malformed)
		column_params(row, (gpointer)shown->set, value);
	else
		set_list(value, shown->attributes);
}

static void get_findings(gconstpointer row, gpointer data, struct value *value)
{
	const struct shown *shown = data;

	(void)row;
	set_list(value, shown->findings);
}

static void get_place(gconstpointer row, gpointer data, struct value *value)
{
	const struct shown *shown = data;

	(void)row;
	set_string(value, shown->place);
}

static void get_exception(gconstpointer row, gpointer data, struct value *value)
{
	const struct shown *shown = data;

	(void)row;
	set_string(value, shown->exception);
}

/* The shared getters want the set alone. */
#define OF_SET(field)                                                                              \
	static void get_##field(gconstpointer row, gpointer data, struct value *value)             \
	{                                                                                          \
		const struct shown *shown = data;                                                  \
                                                                                                   \
		column_##field(row, (gpointer)shown->set, value);                                  \
	}
OF_SET(domain)
OF_SET(policy)
OF_SET(params)
OF_SET(note)
OF_SET(origin)
OF_SET(provider)
OF_SET(active)
OF_SET(changed_by)
OF_SET(exception_policy)
OF_SET(exception_params)
OF_SET(exception_until)
OF_SET(exception_note)
#undef OF_SET

static const struct column machine_columns[] = {
	{"domain", "Domain", get_domain, 0},
	{"form", "Form", get_form, 0},
	{"policy", "Policy", get_policy, 0},
	{"params", "Parameters", get_params, 0},
	{"attributes", "Attributes", get_attributes, 0},
	{"note", "Note", get_note, 0},
	{"origin", "Origin", get_origin, 0},
	{"provider", "Provider", get_provider, 0},
	{"active", "Active", get_active, 0},
	{"changed_by", "Changed by", get_changed_by, 0},
	{"place", "Stored in", get_place, 0},
	{"findings", "Findings", get_findings, 0},
	{"exception_policy", "Exception", get_exception_policy, 0},
	{"exception_params", "Exception parameters", get_exception_params, 0},
	{"exception_until", "Exception until", get_exception_until, 0},
	{"exception_note", "Exception note", get_exception_note, 0},
	{0},
};
/* For eyes: attributes line by line are the parameters. */
static const struct column table_columns[] = {
	{"domain", "Domain", get_domain, 0},
	{"form", "Form", get_form, 0},
	{"policy", "Policy", get_policy, 0},
	{"params", "Parameters", get_parameters, COLUMN_HIDE_EMPTY},
	{"exception", "Exception", get_exception, COLUMN_HIDE_EMPTY},
	{"note", "Note", get_note, COLUMN_HIDE_EMPTY},
	{"origin", "Origin", get_origin, COLUMN_HIDE_EMPTY},
	{"provider", "Provider", get_provider, COLUMN_HIDE_EMPTY},
	{"active", "Active", get_active, 0},
	{"changed_by", "Changed by", get_changed_by, COLUMN_HIDE_EMPTY},
	{"place", "Stored in", get_place, 0},
	{"findings", "Findings", get_findings, COLUMN_HIDE_EMPTY},
	{0},
};

static void split_attributes(struct shown *shown, const struct policy *policy)
{
	struct attribute_cursor cursor;
	struct attribute attribute;

	g_ptr_array_set_size(shown->attributes, 0);
	shown->malformed = FALSE;
	attributes_start(&cursor, policy->params, shown->context.postfix_version);
	while (attributes_next(&cursor, &attribute)) {
		g_ptr_array_add(shown->attributes, text_dup(attribute.token));
		shown->malformed |= attribute.id == ATTRIBUTE_MALFORMED;
	}
	g_ptr_array_add(shown->attributes, NULL);
}

static void judge(struct shown *shown, const struct policy_row *row)
{
	g_autoptr(GPtrArray) findings =
		g_ptr_array_new_with_free_func((GDestroyNotify)finding_free);

	g_ptr_array_set_size(shown->findings, 0);
	rules_check_row(&shown->context, shown->set, row, shown->now_us, findings);
	for (guint i = 0; i < findings->len; i++) {
		const struct finding *finding = findings->pdata[i];

		g_ptr_array_add(shown->findings,
			g_strdup_printf("%s: %s [%s]", severity_name(finding->severity),
				finding->text, finding->rule->id));
	}
	g_ptr_array_add(shown->findings, NULL);
}

static void show_row(struct shown *shown, struct records *records, const struct policy_row *row)
{
	struct policy policy = policy_set_policy(shown->set, row);
	const char *file = shown->set->files->pdata[row->file];

	split_attributes(shown, &policy);
	judge(shown, row);
	g_free(shown->exception);
	shown->exception = exception_full(shown->set, row, shown->now_us);
	g_free(shown->place);
	if (*file)
		shown->place = g_strdup_printf("%s, line %u", file, row->where);
	else if (row->where)
		shown->place = g_strdup_printf("%s, id %u", shown->source, row->where);
	else
		shown->place = g_strdup(shown->source);
	records_row(records, row);
}

static gboolean print(struct app *app, struct shown *shown, const GPtrArray *keys, GError **error)
{
	struct app_output output;
	struct record_style style;
	struct records *records;

	if (!app_output_open(app, &output, error))
		return FALSE;
	app_record_style(app, output.stream, &style);
	records = records_open_single(&style,
		style.format == RECORD_TABLE ? table_columns : machine_columns, shown,
		output.stream);
	for (guint i = 0; i < keys->len; i++) {
		const struct policy_row *row = typed_key_row(keys->pdata[i], shown->set);

		for (; row; row = policy_set_twin(shown->set, row))
			show_row(shown, records, row);
	}
	if (records_close(records, error))
		return app_output_close(&output, error);
	app_output_abort(&output);
	return FALSE;
}

/* NO with one sentence per key that is not there. */
static gboolean all_found(
	struct app *app, const GPtrArray *keys, const struct policy_set *set, GError **error)
{
	g_autoptr(GString) missing = g_string_new(NULL);

	for (guint i = 0; i < keys->len; i++) {
		if (typed_key_row(keys->pdata[i], set))
			continue;
		if (missing->len)
			g_string_append(missing, "; ");
		if (!typed_key_missing(app, keys->pdata[i], set, missing, error))
			return FALSE;
	}
	if (!missing->len)
		return TRUE;
	g_set_error_literal(error, TLSPOL_ERROR, STATUS_NO, missing->str);
	return FALSE;
}

static char *source(const struct app *app)
{
	const char *name = app->db.table ? app->db.table : app->config->table;

	return name ? g_strconcat("table ", name, NULL) : g_strdup("the policy table");
}

static int run(gpointer shared, gpointer data, char **operands, int count, GError **error)
{
	struct app *app = shared;
	g_autoptr(GPtrArray) keys = typed_keys(operands, count);
	g_autoptr(GPtrArray) attributes = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GPtrArray) findings = g_ptr_array_new_with_free_func(g_free);
	struct shown shown = {.attributes = attributes, .findings = findings};
	gboolean done;
	g_auto(policy_set_t) set;

	(void)data;
	policy_set_init(&set);
	shown.set = &set;
	shown.now_us = app_now(app);
	if (!app_rules_unasked(app, &shown.context, error) ||
		!typed_keys_read(app, keys, &set, error))
		return STATUS_BUG;
	shown.context.from_table = !app->from;
	shown.source = source(app);
	done = print(app, &shown, keys, error) && all_found(app, keys, &set, error);
	g_free(shown.place);
	g_free(shown.exception);
	g_free(shown.source);
	return done ? STATUS_OK : STATUS_BUG;
}

static const struct operand operands[] = {{"KEY", FALSE, TRUE, COMPLETES_KEY}, {0}};
static const struct example examples[] = {
	{"tlspol show github.com", "its policy, note, origin, and what is to be said about it"},
	{"tlspol show github.com --format json", "the same for a script"},
	{0},
};
static const int statuses[] = {STATUS_OK, STATUS_NO, STATUS_USAGE, STATUS_DATA, STATUS_NO_INPUT,
	STATUS_UNAVAILABLE, STATUS_CANNOT_CREATE, STATUS_IO, STATUS_NO_PERMISSION, STATUS_CONFIG,
	-1};

const struct command cmd_show = {
	.name = "show",
	.group = "Policies",
	.summary = "show everything known about a policy",
	.description =
		"Shows the rows stored for the keys, one record for each, and what the rules\n"
		"say about them. Only the row with that very key is shown: 'tlspol explain'\n"
		"tells which row answers for a destination.\n"
		"\n"
		"A key that is not stored is exit status 1; the others are shown all the\n"
		"same.\n",
	.operands = operands,
	.groups = groups,
	.examples = examples,
	.statuses = statuses,
	.run = run,
};
