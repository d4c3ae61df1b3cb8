/* Where a command's policies come from: files or the table; and the rules they are judged by. */
#include "cmd/app.h"
#include "cmd/postfix.h"
#include "core/postfix_version.h"
#include "net/idn.h"
#include "net/tls_facts.h"

/* What is assumed where nothing says which Postfix it is: the newest stable release. */
#define POSTFIX_ASSUMED POSTFIX_VERSION(3, 11, 0)

/* -- files --------------------------------------------------------------------------------- */

static const char *file_of(const struct policy_set *set, const struct policy_row *row)
{
	return g_ptr_array_index(set->files, row->file);
}

/* ASCII that neither folding nor IDNA changes is told without either. */
static gboolean is_stored_form(struct text key)
{
	guchar odd = 0, before = 0;

	for (gsize i = 0; i < key.len; i++) {
		guchar c = (guchar)key.at[i];

		/* An A-label has two hyphens side by side; few other keys have. */
		odd |= c >= 0x80 || (c >= 'A' && c <= 'Z') || (c == '-' && before == '-');
		before = c;
	}
	return !odd;
}

/* Keys as they are stored: folded, U-labels as A-labels, unless the file says "verbatim". */
static void store_keys(struct policy_set *set, GPtrArray *problems)
{
	for (guint i = 0; i < policy_set_count(set); i++) {
		struct policy_row *row = policy_set_row(set, i);
		struct text key = policy_row_key(row);
		g_autoptr(GError) error = NULL;
		g_autofree char *stored = NULL;

		/* Of a big file nearly all keys are. */
		if (key_is_plain(key))
			row->flags |= ROW_PLAIN;
		if ((row->flags & (ROW_VERBATIM | ROW_PLAIN)) || is_stored_form(key))
			continue;
		stored = idn_key(key, &error);
		if (stored && strlen(stored) <= POLICY_KEY_MAX)
			policy_set_rekey(set, row, policy_set_keep(set, text_of(stored)));
		else
			file_problem_add(problems, FALSE, file_of(set, row), row->where,
				row->column, "%s", error ? error->message : "the key is too long");
	}
}

struct duplicates {
	const struct policy_set *set;
	GPtrArray *problems;
};

static void on_duplicate(
	const struct policy_row *first, const struct policy_row *again, gpointer data)
{
	struct duplicates *duplicates = data;
	const struct policy_set *set = duplicates->set;
	const char *file = file_of(set, first);
	gboolean same_file = first->file == again->file;

	file_problem_add(duplicates->problems, FALSE, file_of(set, again), again->where,
		again->column, "%.*s is there already, at %s%s%u", TEXT_ARG(policy_row_key(again)),
		same_file ? "line " : file, same_file ? "" : ":", first->where);
	file_problem_duplicate(duplicates->problems);
}

/* The catalogue of providers is not part of this program yet: a level has to be given. */
static void need_levels(const struct policy_set *set, GPtrArray *problems)
{
	for (guint i = 0; i < policy_set_count(set); i++) {
		const struct policy_row *row = policy_set_row(set, i);
		const struct policy_extra *extra;

		if (row->level != LEVEL_UNKNOWN)
			continue;
		extra = policy_set_extra(set, row);
		if (extra && extra->provider && (!extra->level_text || !*extra->level_text))
			file_problem_add(problems, FALSE, file_of(set, row), row->where,
				row->column, "%.*s: provider %s alone is no policy: add policy:",
				TEXT_ARG(policy_row_key(row)), extra->provider);
	}
}

static void show_reading(gpointer app, guint rows)
{
	app_progress(app, "policies read", rows, 0);
}

gboolean app_read_rows(struct app *app, char **paths, int count, struct policy_set *set,
	GPtrArray *problems, GError **error)
{
	gboolean fine = TRUE;

	set->watch = app_watched(app) ? show_reading : NULL;
	set->watch_data = app;
	for (int i = 0; fine && i < count; i++)
		fine = policies_read(
			paths[i], (enum policies_format)app->input_format, set, problems, error);
	set->watch = NULL;
	app_progress(app, NULL, 0, 0);
	if (!fine)
		return FALSE;
	file_problems_settle(problems, app_now(app), app->accept_expired);
	store_keys(set, problems);
	need_levels(set, problems);
	return TRUE;
}

void app_sort_rows(struct policy_set *set, GPtrArray *problems)
{
	struct duplicates duplicates = {set, problems};

	policy_set_sort(set);
	policy_set_duplicates(set, on_duplicate, &duplicates);
}

gboolean app_read_files(struct app *app, char **paths, int count, struct policy_set *set,
	GPtrArray *problems, GError **error)
{
	if (!app_read_rows(app, paths, count, set, problems, error))
		return FALSE;
	app_sort_rows(set, problems);
	return TRUE;
}

guint app_report_problems(struct app *app, const GPtrArray *problems)
{
	guint errors = 0;

	fflush(stdout);
	for (guint i = 0; i < problems->len; i++) {
		const struct file_problem *problem = problems->pdata[i];
		g_autofree char *line = file_problem_format(problem);
		g_autofree char *text = printable(text_of(line));

		if (problem->warning) {
			app_warning(app, "%s", line);
			continue;
		}
		errors++;
		fprintf(stderr, "%s\n", text);
	}
	return errors;
}

/* The table's estimate of its rows is worth asking for where somebody watches. */
static struct store *store_to_read(struct app *app, GError **error)
{
	struct store *store = app_store(app, error);

	if (store && app->progress)
		store_describe(store, NULL);
	return store;
}

gboolean app_policies(struct app *app, struct policy_set *set, GError **error)
{
	g_autoptr(GPtrArray) problems = NULL;
	struct store *store;
	guint errors;

	if (!app->from) {
		store = store_to_read(app, error);
		if (!store || !store_read(store, set, error))
			return FALSE;
		policy_set_sort(set);
		return TRUE;
	}
	problems = g_ptr_array_new_with_free_func((GDestroyNotify)file_problem_free);
	if (!app_read_files(app, &app->from, 1, set, problems, error))
		return FALSE;
	errors = app_report_problems(app, problems);
	if (!errors)
		return TRUE;
	g_set_error(error, TLSPOL_ERROR, STATUS_DATA, "%s: %u error%s", app->from, errors,
		errors == 1 ? "" : "s");
	return FALSE;
}

gboolean app_scan(struct app *app, guint parts, store_take *take, gpointer data, GError **error)
{
	g_auto(policy_set_t) set;
	struct store *store;

	policy_set_init(&set);
	if (app->from)
		return app_policies(app, &set, error) && take(data, &set, error);
	store = store_to_read(app, error);
	return store && store_scan(store, parts, take, data, error);
}

/* -- rules --------------------------------------------------------------------------------- */

/* smtp_tls_fingerprint_digest -> bytes of a fingerprint; 0 = no digest tlspol knows. */
static guint digest_len(const char *digest)
{
	static const struct {
		const char *name;
		guint len;
	} digests[] = {{"md5", 16}, {"sha1", 20}, {"sha224", 28}, {"sha256", 32}, {"sha384", 48},
		{"sha512", 64}};

	for (guint i = 0; i < G_N_ELEMENTS(digests); i++) {
		if (g_ascii_strcasecmp(digests[i].name, digest) == 0)
			return digests[i].len;
	}
	return 0;
}

/* FALSE when there is no Postfix here that could be asked. */
static gboolean ask_installed(struct rule_context *context, const struct config *config)
{
	static const char *const names[] = {"mail_version", "smtp_tls_fingerprint_digest",
		"smtp_dns_support_level", "smtp_tls_fingerprint_cert_match", NULL};
	g_auto(postfix_t) postfix = {NULL};
	g_auto(GStrv) values = NULL;
	int version;

	postfix_init(&postfix, config);
	values = postfix_settings(&postfix, names, NULL);
	if (!values || !postfix_version_parse(values[0], &version, NULL))
		return FALSE;
	context->postfix_version = version;
	context->fingerprint_digest_len = digest_len(values[1]);
	context->dnssec_known = TRUE;
	context->dnssec = g_str_equal(values[2], "dnssec");
	context->fingerprint_fallback = *values[3] != '\0';
	return TRUE;
}

static const char *named_version(const struct app *app)
{
	return app->postfix_version ? app->postfix_version : app->config->postfix_version;
}

gboolean app_rules_unasked(struct app *app, struct rule_context *context, GError **error)
{
	const char *named;
	int version = POSTFIX_ASSUMED;

	if (!app_config(app, error))
		return FALSE;
	named = named_version(app);
	if (named && !postfix_version_parse(named, &version, error)) {
		g_prefix_error(error,
			"%s: ", app->postfix_version ? "--postfix-version" : "postfix.version");
		if (!app->postfix_version && error)
			(*error)->code = STATUS_CONFIG;
		return FALSE;
	}
	rule_context_init(context, version);
	context->no_cipher_left = tls_no_cipher_left;
	if (!app->no_tafile)
		context->tafile = tls_tafile_state;
	return TRUE;
}

gboolean app_rules(struct app *app, struct rule_context *context, GError **error)
{
	if (!app_rules_unasked(app, context, error))
		return FALSE;
	if (!named_version(app) && !ask_installed(context, app->config) && app->verbose)
		app_note(app, "no Postfix found here, policies are judged as Postfix 3.11 would; "
			      "--postfix-version names another");
	return TRUE;
}
