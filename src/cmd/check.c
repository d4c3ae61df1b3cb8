#include <stdio.h>
#include <string.h>

#include "cmd/commands.h"
#include "cmd/keys.h"

struct check {
	int severity;
};

/* In this order the choice's index and enum severity count in opposite directions. */
static const char *const severity_choices[] = {"error", "warning", "notice", NULL};

static const struct option check_options[] = {
	{"severity", 0, OPTION_CHOICE, offsetof(struct check, severity), "LEVEL",
		"report only findings that are this bad or worse", severity_choices,
		.preset = SEVERITY_ERROR - SEVERITY_NOTICE},
	{NULL},
};

/* One row of the output. */
struct check_row {
	struct text domain;
	const char *rule, *severity, *text, *file;
	guint line; /* 0 = not known */
};

static void put(struct value *value, const char *text)
{
	value->kind = text ? VALUE_TEXT : VALUE_NULL;
	value->text = text_of(text);
}

static void get_domain(gconstpointer row, G_GNUC_UNUSED gpointer data, struct value *value)
{
	value->text = ((const struct check_row *)row)->domain;
	value->kind = value->text.at ? VALUE_TEXT : VALUE_NULL;
}

static void get_rule(gconstpointer row, G_GNUC_UNUSED gpointer data, struct value *value)
{
	put(value, ((const struct check_row *)row)->rule);
}

static void get_severity(gconstpointer row, G_GNUC_UNUSED gpointer data, struct value *value)
{
	put(value, ((const struct check_row *)row)->severity);
}

static void get_text(gconstpointer row, G_GNUC_UNUSED gpointer data, struct value *value)
{
	put(value, ((const struct check_row *)row)->text);
}

static void get_file(gconstpointer row, G_GNUC_UNUSED gpointer data, struct value *value)
{
	put(value, ((const struct check_row *)row)->file);
}

static void get_line(gconstpointer row, G_GNUC_UNUSED gpointer data, struct value *value)
{
	value->number = ((const struct check_row *)row)->line;
	value->kind = value->number ? VALUE_NUMBER : VALUE_NULL;
}

static const struct column check_columns[] = {
	{"domain", "Domain", get_domain},
	{"rule", "Rule", get_rule},
	{"severity", "Severity", get_severity, COLUMN_SEVERITY},
	{"text", "Text", get_text, COLUMN_WRAP},
	{"file", "File", get_file, COLUMN_HIDE_EMPTY},
	{"line", "Line", get_line, COLUMN_RIGHT | COLUMN_HIDE_EMPTY},
	{NULL},
};

/* What is being checked and how far it is. */
struct checker {
	struct app *app;
	struct rule_memo memo;
	const struct policy_set *set;
	struct records *records;
	GPtrArray *findings;
	enum severity least;
	gboolean broken_file;
	guint policies, count[SEVERITY_ERROR + 1];
};

static void report(struct checker *checker, enum severity severity, struct check_row *row)
{
	if (severity < checker->least)
		return;
	checker->count[severity]++;
	row->severity = severity_name(severity);
	records_row(checker->records, row);
}

/* Problems of a file are rows like any other, so that a script has one list to read. */
static void check_problems(struct checker *checker, const GPtrArray *problems)
{
	for (guint i = 0; i < problems->len; i++) {
		const struct file_problem *problem = g_ptr_array_index(problems, i);
		struct check_row row = {
			.rule = problem->duplicate ? "duplicate" : "syntax",
			.text = problem->text,
			.file = problem->file,
			.line = problem->line,
		};

		if (!problem->warning)
			checker->broken_file = TRUE;
		report(checker, problem->warning ? SEVERITY_WARNING : SEVERITY_ERROR, &row);
	}
}

/*
 * Only a table without a unique index has such rows; of a file they are among its problems.
 * Postfix joins them into one answer (facts 5.3).
 */
static void check_twin(struct checker *checker, const struct policy_row *row)
{
	const struct policy_row *twin = policy_set_twin(checker->set, row);
	g_autofree char *text = NULL;
	struct check_row line = {.domain = policy_row_key(row), .rule = "duplicate"};

	if (!twin || checker->app->from || (row->flags | twin->flags) & ROW_INACTIVE)
		return;
	text = g_strdup_printf("the key is stored more than once (id %u and %u): Postfix gets all "
			       "the policies in one, and defers mail; remove and add it anew",
		row->where, twin->where);
	line.text = text;
	report(checker, SEVERITY_ERROR, &line);
}

static void check_policy(struct checker *checker, const struct policy_row *row)
{
	struct policy policy = policy_set_policy(checker->set, row);
	const char *file = g_ptr_array_index(checker->set->files, row->file);

	checker->policies++;
	check_twin(checker, row);
	if (rule_memo_check(&checker->memo, row, checker->findings) < 0)
		return;
	for (guint i = 0; i < checker->findings->len; i++) {
		const struct finding *finding = g_ptr_array_index(checker->findings, i);
		struct check_row line = {
			.domain = policy.key,
			.rule = finding->rule->id,
			.text = finding->text,
			.file = *file ? file : NULL,
			.line = *file ? row->where : 0,
		};

		report(checker, finding->severity, &line);
	}
	g_ptr_array_set_size(checker->findings, 0);
}

/* The rows asked for; with --from the file's problems too. */
static gboolean read_policies(struct app *app, const GPtrArray *keys, struct policy_set *set,
	GPtrArray *problems, GError **error)
{
	if (app->from)
		return app_read_files(app, &app->from, 1, set, problems, error);
	return keys->len ? typed_keys_read(app, keys, set, error) : app_policies(app, set, error);
}

/* Only the rows of these keys; FALSE with NO naming the first that is not there. */
static gboolean check_keys(struct checker *checker, const GPtrArray *keys, GError **error)
{
	g_autoptr(GString) missing = g_string_new(NULL);

	for (guint i = 0; i < keys->len; i++) {
		const struct typed_key *key = g_ptr_array_index(keys, i);
		const struct policy_row *row = typed_key_row(key, checker->set);

		for (const struct policy_row *twin = row; twin;
			twin = policy_set_twin(checker->set, twin))
			check_policy(checker, twin);
		if (row)
			continue;
		if (missing->len)
			g_string_append(missing, "; ");
		if (!typed_key_missing(checker->app, key, checker->set, missing, error))
			return FALSE;
	}
	if (!missing->len)
		return TRUE;
	g_set_error_literal(error, TLSPOL_ERROR, STATUS_NO, missing->str);
	return FALSE;
}

static int outcome(const struct checker *checker)
{
	const guint *count = checker->count;

	app_note(checker->app, "%u %s checked, %u error%s, %u warning%s, %u notice%s",
		checker->policies, checker->policies == 1 ? "policy" : "policies",
		count[SEVERITY_ERROR], count[SEVERITY_ERROR] == 1 ? "" : "s",
		count[SEVERITY_WARNING], count[SEVERITY_WARNING] == 1 ? "" : "s",
		count[SEVERITY_NOTICE], count[SEVERITY_NOTICE] == 1 ? "" : "s");
	if (checker->broken_file)
		return STATUS_DATA;
	return checker->count[SEVERITY_ERROR] || checker->count[SEVERITY_WARNING] ? STATUS_NO
										  : STATUS_OK;
}

/* Everything is read: judge it row by row, each finding printed as it is found. */
static int check_all(
	struct checker *checker, const GPtrArray *keys, const GPtrArray *problems, GError **error)
{
	struct app_output output;
	struct record_style style;
	GError *missing = NULL;

	if (!app_output_open(checker->app, &output, error))
		return STATUS_IO;
	app_record_style(checker->app, output.stream, &style);
	checker->records = records_open(&style, check_columns, NULL, output.stream);
	check_problems(checker, problems);
	if (keys->len)
		check_keys(checker, keys, &missing);
	for (guint i = 0; !keys->len && i < policy_set_count(checker->set); i++)
		check_policy(checker, policy_set_row(checker->set, i));
	if (!records_close(checker->records, error)) {
		app_output_abort(&output);
		g_clear_error(&missing);
		return STATUS_IO;
	}
	if (!app_output_close(&output, error)) {
		g_clear_error(&missing);
		return STATUS_IO;
	}
	if (missing) {
		g_propagate_error(error, missing);
		return STATUS_NO;
	}
	return outcome(checker);
}

static int run(gpointer shared, gpointer settings, char **operands, int count, GError **error)
{
	struct app *app = shared;
	const struct check *check = settings;
	g_auto(policy_set_t) set;
	g_autoptr(GPtrArray) keys = typed_keys(operands, count);
	g_autoptr(GPtrArray) problems =
		g_ptr_array_new_with_free_func((GDestroyNotify)file_problem_free);
	g_autoptr(GPtrArray) findings =
		g_ptr_array_new_with_free_func((GDestroyNotify)finding_free);
	struct rule_context context;
	struct checker checker = {
		.app = app,
		.set = &set,
		.findings = findings,
		.least = SEVERITY_ERROR - (enum severity)check->severity,
	};

	policy_set_init(&set);
	if (!app_rules(app, &context, error) || !read_policies(app, keys, &set, problems, error))
		return STATUS_BUG;
	if (!app->from) {
		const struct store_table *table = store_describe(app->store, error);

		if (!table)
			return STATUS_CONFIG;
		context.from_table = TRUE;
		context.params_max = table->column[STORE_PARAMS].max;
	}
	rule_memo_init(&checker.memo, &context, &set, app_now(app));
	return check_all(&checker, keys, problems, error);
}

static const struct option_group check_group = {NULL, BASE_COMMAND, check_options};
static const struct option_group *const check_groups[] = {&check_group, &app_group_rules,
	&app_group_from, &app_group_format, &app_group_db, &app_group_global, NULL};
static const struct operand check_operands[] = {
	{"KEY", TRUE, TRUE, COMPLETES_KEY},
	{NULL},
};
static const struct example check_examples[] = {
	{"tlspol check", "all stored rows, for the Postfix that is installed"},
	{"tlspol check --from policies.yaml --postfix-version 3.5",
		"a file, for an older Postfix; no database is needed"},
	{"tlspol check --severity error --quiet", "for cron: silent unless mail would be deferred"},
	{NULL},
};
static const int check_statuses[] = {STATUS_OK, STATUS_NO, STATUS_USAGE, STATUS_DATA,
	STATUS_NO_INPUT, STATUS_UNAVAILABLE, STATUS_CANNOT_CREATE, STATUS_IO, STATUS_NO_PERMISSION,
	STATUS_CONFIG, STATUS_INTERRUPTED, -1};

const struct command cmd_check = {
	.name = "check",
	.group = "Policies",
	.summary = "find what is wrong with policies, as Postfix would see it",
	.description =
		"Judges the rows of the table (all, or the KEYs), or of a file, without\n"
		"asking a network. An error is what Postfix would defer mail for or ignore; a\n"
		"warning works, but not as it reads; a notice is worth knowing. The rules are\n"
		"in tlspol-policies(5).\n"
		"\n"
		"The exit status is 1 when there are errors or warnings, 65 when the file\n"
		"itself is broken, 0 otherwise.",
	.operands = check_operands,
	.groups = check_groups,
	.examples = check_examples,
	.statuses = check_statuses,
	.settings_size = sizeof(struct check),
	.run = run,
};
