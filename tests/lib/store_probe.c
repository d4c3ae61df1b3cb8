/*
 * store_probe: asks the store for one thing and prints what it says, for tests/store/.
 *
 * store_probe [SETTING=VALUE...] VERB [WORD...]
 *   open | describe | read | find KEY... | query | grants
 *   init | upgrade | init-print | upgrade-print; "init-print offline" and the like ask no server
 *   options: what the option files say
 *   apply: a plan from standard input, one change a line:
 *     add KEY LEVEL [PARAMS]    the table must not have it
 *     set KEY LEVEL [PARAMS]    from what the table has now
 *     remove KEY                from what the table has now
 *     stale KEY LEVEL [PARAMS]  a change whose `before` is this, as if the table had changed
 * Rows are printed as id, key, level, params (\N for NULL), flags, note, origin; errors as
 * "error STATUS: message".
 */
#include "core/error.h"
#include "core/plan.h"
#include "store/option_files.h"
#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>

#define TEXT(name)                                                                                 \
	{                                                                                          \
#name, offsetof(struct store_settings, name), 't'                                  \
	}
#define FLAG(name)                                                                                 \
	{                                                                                          \
#name, offsetof(struct store_settings, name), 'f'                                  \
	}
static const struct {
	const char *name;
	size_t offset;
	char kind;
} known[] = {TEXT(defaults_file), TEXT(defaults_extra_file), TEXT(defaults_group_suffix),
	TEXT(home), TEXT(mariadb_home), TEXT(host), TEXT(socket), TEXT(user), TEXT(password),
	TEXT(database), TEXT(protocol), TEXT(ssl_ca), TEXT(ssl_capath), TEXT(ssl_cert),
	TEXT(ssl_key), TEXT(ssl_cipher), TEXT(table), TEXT(column_id), TEXT(column_domain),
	TEXT(column_policy), TEXT(column_params), TEXT(column_active), TEXT(column_note),
	TEXT(column_origin), TEXT(column_provider), TEXT(column_changed_by), FLAG(no_defaults),
	FLAG(ssl), FLAG(skip_ssl), FLAG(skip_ssl_verify), FLAG(port), FLAG(connect_timeout)};

static const char *named_actor;
static const char *actor(void)
{
	return named_actor;
}

static void set(struct store_settings *settings, const char *word)
{
	const char *value = strchr(word, '=') + 1;

	if (g_str_has_prefix(word, "actor=")) {
		named_actor = value;
		settings->actor = actor;
		return;
	}
	for (guint i = 0; i < G_N_ELEMENTS(known); i++) {
		char *at = (char *)settings + known[i].offset;
		if (strncmp(known[i].name, word, value - word - 1) != 0 ||
			strlen(known[i].name) != (size_t)(value - word - 1))
			continue;
		if (known[i].kind == 't')
			*(const char **)at = value;
		else
			*(guint *)at = atoi(value);
		return;
	}
	fprintf(stderr, "store_probe: no setting %s\n", word);
	exit(64);
}

static void print_rows(struct policy_set *set)
{
	policy_set_sort(set);
	for (guint i = 0; i < policy_set_count(set); i++) {
		const struct policy_row *row = policy_set_row(set, i);
		const struct policy_extra *extra = policy_set_extra(set, row);
		struct policy policy = policy_set_policy(set, row);
		struct text params = policy.params.at ? policy.params : TEXT_LITERAL("\\N");

		printf("%u\t%.*s\t%s%.*s\t%.*s\t%s\t%s\t%s\n", row->where, TEXT_ARG(policy.key),
			policy.level == LEVEL_UNKNOWN ? "?" : level_name(policy.level),
			policy.level == LEVEL_UNKNOWN ? (int)policy.level_text.len : 0,
			policy.level_text.at ? policy.level_text.at : "", TEXT_ARG(params),
			row->flags & ROW_INACTIVE ? "inactive" : "active",
			extra && extra->note ? extra->note : "-",
			extra && extra->origin ? extra->origin : "-");
	}
}

static void print_table(const struct store_table *table)
{
	printf("server=%s database=%s name=%s engine=%s versioned=%d unique=%d view=%d "
	       "read_only=%d\n",
		table->server, table->database, table->name, table->engine, table->versioned,
		table->domain_unique, table->view, table->read_only);
	for (guint i = 0; i < STORE_COLUMN_COUNT; i++)
		if (table->column[i].name)
			printf("%u %s %s %s %u %s\n", i, table->column[i].name,
				table->column[i].type,
				table->column[i].collation ? table->column[i].collation : "-",
				(guint)table->column[i].max,
				table->column[i].nullable ? "null" : "not-null");
	for (guint i = 0; i < table->other_columns->len; i++)
		printf("other %s\n", (char *)table->other_columns->pdata[i]);
}

static gboolean do_read(struct store *store, char **words, int count, GError **error)
{
	g_auto(policy_set_t) set;
	g_autoptr(GPtrArray) keys = g_ptr_array_new();
	gboolean fine;

	policy_set_init(&set);
	for (int i = 1; i < count; i++)
		g_ptr_array_add(keys, words[i]);
	fine = strcmp(words[0], "find") == 0 ? store_find(store, keys, &set, error)
					     : store_read(store, &set, error);
	if (fine)
		print_rows(&set);
	return fine;
}

/* Adds a row "KEY LEVEL [PARAMS]" to a set. */
static struct policy_row *add_row(
	struct policy_set *set, const char *key, const char *value, GError **error)
{
	struct policy policy = {0};

	policy_split(policy_set_keep(set, text_of(value)), &policy);
	policy.key = policy_set_keep(set, text_of(key));
	return policy_set_append(set, &policy, error);
}

/* Lines "VERB KEY [LEVEL [PARAMS]] [# NOTE]" as one plan. */
static gboolean do_apply(struct store *store, GError **error)
{
	g_auto(policy_set_t) present, wanted;
	g_auto(plan_t) plan;
	g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func((GDestroyNotify)g_strfreev);
	g_autoptr(GPtrArray) keys = g_ptr_array_new();
	char *line = NULL;
	size_t size = 0;

	policy_set_init(&present);
	policy_set_init(&wanted);
	plan_init(&plan);
	plan.present = &present;
	plan.wanted = &wanted;
	while (getline(&line, &size, stdin) > 0)
		if (*g_strchomp(line))
			g_ptr_array_add(words, g_strsplit(line, " ", 3));
	free(line);
	for (guint i = 0; i < words->len; i++) {
		char **word = words->pdata[i];
		if (strcmp(word[0], "set") == 0 || strcmp(word[0], "remove") == 0)
			g_ptr_array_add(keys, word[1]);
	}
	if (keys->len && !store_find(store, keys, &present, error))
		return FALSE;
	/* Rows move while their set grows, so all of them are there before the plan points at them.
	 */
	for (guint i = 0; i < words->len; i++) {
		char **word = words->pdata[i];
		g_auto(GStrv) parts = g_strsplit(word[2] ? word[2] : "", " #", 2);
		struct policy_row *row;

		if (strcmp(word[0], "stale") == 0 && !add_row(&present, word[1], parts[0], error))
			return FALSE;
		if (strcmp(word[0], "remove") == 0)
			continue;
		row = add_row(&wanted, word[1], parts[0] ? parts[0] : "", error);
		if (!row)
			return FALSE;
		if (parts[0] && parts[1])
			policy_set_extra_for(&wanted, row)->note =
				policy_set_keep(&wanted, text_of(g_strchug(parts[1]))).at;
	}
	policy_set_sort(&present);
	policy_set_sort(&wanted);
	for (guint i = 0; i < words->len; i++) {
		char **word = words->pdata[i];
		enum change_kind kind = strcmp(word[0], "add") == 0	 ? CHANGE_ADD
					: strcmp(word[0], "remove") == 0 ? CHANGE_REMOVE
									 : CHANGE_UPDATE;
		const struct policy_row *before = policy_set_find(&present, text_of(word[1]));
		if (kind != CHANGE_ADD && !before) {
			g_set_error(error, TLSPOL_ERROR, STATUS_NO, "no row %s", word[1]);
			return FALSE;
		}
		plan_add_change(&plan, kind, kind == CHANGE_ADD ? NULL : before,
			policy_set_find(&wanted, text_of(word[1])));
	}
	return store_apply(store, &plan, error);
}

static void print_strings(const char *prefix, const GPtrArray *strings, const char *suffix)
{
	for (guint i = 0; i < strings->len; i++)
		printf("%s%s%s\n", prefix, (char *)strings->pdata[i], suffix);
}

static gboolean do_init(struct store *store, const struct store_settings *settings,
	const char *verb, GError **error)
{
	static const char *const actions[] = {"nothing", "create", "upgrade"};
	struct store_init init = {0};
	gboolean fine =
		store_init_plan(store, settings, strncmp(verb, "upgrade", 7) == 0, &init, error);

	if (fine) {
		printf("action %s\n", actions[init.action]);
		print_strings("note ", init.notes, "");
		print_strings("", init.statements, ";");
		if (!g_str_has_suffix(verb, "-print"))
			fine = store_init_apply(store, &init, error);
	}
	store_init_release(&init);
	return fine;
}

static gboolean do_query(struct store *store, const struct store_settings *settings, GError **error)
{
	g_autofree char *query = NULL, *database = NULL;

	if (!store_postfix_query(store, settings, &query, &database, error))
		return FALSE;
	printf("query = %s\ndbname = %s\n", query, database);
	return TRUE;
}

static gboolean do_grants(
	struct store *store, const struct store_settings *settings, GError **error)
{
	g_autoptr(GPtrArray) statements = g_ptr_array_new_with_free_func(g_free);
	gboolean fine = store_grants(store, settings, statements, error);

	print_strings("", statements, ";");
	return fine;
}

/* As my_print_defaults(1) prints them. */
static gboolean do_options(const struct store_settings *settings, GError **error)
{
	const struct option_files files = {settings->defaults_file, settings->defaults_extra_file,
		settings->defaults_group_suffix, settings->no_defaults, settings->home,
		settings->mariadb_home};
	g_autoptr(GPtrArray) lines =
		g_ptr_array_new_with_free_func((GDestroyNotify)option_line_free);

	if (!option_files_read(&files, lines, error))
		return FALSE;
	for (guint i = 0; i < lines->len; i++) {
		const struct option_line *line = lines->pdata[i];
		printf("--%s%s%s\n", line->name, line->value ? "=" : "",
			line->value ? line->value : "");
	}
	return TRUE;
}

static gboolean run(struct store *store, const struct store_settings *settings, char **words,
	int count, GError **error)
{
	const char *verb = words[0];

	if (strcmp(verb, "describe") == 0) {
		const struct store_table *table = store_describe(store, error);
		if (table)
			print_table(table);
		return table != NULL;
	}
	if (strcmp(verb, "read") == 0 || strcmp(verb, "find") == 0)
		return do_read(store, words, count, error);
	if (strcmp(verb, "apply") == 0)
		return do_apply(store, error);
	if (g_str_has_prefix(verb, "init") || g_str_has_prefix(verb, "upgrade"))
		return do_init(store, settings, verb, error);
	if (strcmp(verb, "query") == 0)
		return do_query(store, settings, error);
	if (strcmp(verb, "grants") == 0)
		return do_grants(store, settings, error);
	return strcmp(verb, "open") == 0;
}

int main(int argc, char **argv)
{
	struct store_settings settings = {0};
	g_autoptr(GError) error = NULL;
	g_autoptr(store_t) store = NULL;
	int at = 1;

	for (; at < argc && strchr(argv[at], '='); at++)
		set(&settings, argv[at]);
	/* The questions that need no server. */
	if (at + 1 < argc && strcmp(argv[at + 1], "offline") == 0 &&
		run(NULL, &settings, argv + at, argc - at, &error))
		return 0;
	if (at < argc && strcmp(argv[at], "options") == 0 && do_options(&settings, &error))
		return 0;
	if (at < argc && !error && (store = store_open(&settings, &error)) &&
		run(store, &settings, argv + at, argc - at, &error))
		return 0;
	printf("error %d: %s\n", error ? error->code : -1, error ? error->message : "no error");
	return 1;
}
