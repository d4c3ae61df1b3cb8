/* verify: which destinations are to be looked at, and the row that answers for each. */
#include <string.h>

#include "cmd/answers.h"
#include "cmd/edit.h"
#include "cmd/verify.h"
#include "core/nearest.h"
#include "core/exception.h"
#include "core/lookup.h"
#include "net/idn.h"

static void target_clear(gpointer data)
{
	struct verify_target *target = data;

	g_free(target->destination);
}

static void targets_init(struct verify_targets *targets)
{
	policy_set_init(&targets->set);
	targets->targets = g_array_new(FALSE, TRUE, sizeof(struct verify_target));
	g_array_set_clear_func(targets->targets, target_clear);
	targets->sockets = 0;
}

void verify_targets_release(struct verify_targets *targets)
{
	policy_set_release(&targets->set);
	g_clear_pointer(&targets->targets, g_array_unref);
}

struct text verify_target_key(const struct verify_target *target)
{
	return target->row ? policy_row_key(target->row) : TEXT_NONE;
}

struct text verify_target_name(const struct verify_target *target)
{
	return target->destination ? text_of(target->destination) : verify_target_key(target);
}

static int compare_targets(gconstpointer a, gconstpointer b)
{
	return text_compare(verify_target_name(a), verify_target_name(b));
}

/* -- one row, one destination ---------------------------------------------------------------- */

static void add_target(struct verify_targets *targets, const struct policy_row *row,
	const char *destination, enum target_kind kind)
{
	struct verify_target target = {row, g_strdup(destination), kind};

	g_array_append_val(targets->targets, target);
}

static void add_row(struct verify_targets *targets, const struct policy_row *row)
{
	struct key key;

	key_parse(policy_row_key(row), &key);
	if (key.form == KEY_PATH)
		targets->sockets++;
	else
		add_target(targets, row, NULL,
			key.form == KEY_PARENT	  ? TARGET_PARENT
			: key.form == KEY_INVALID ? TARGET_NEVER
						  : TARGET_LIVE);
}

/* A next-hop as mail goes to it, and the row that answers for it. */
static void add_destination(struct verify_targets *targets, const char *destination, gint64 now_us)
{
	g_autoptr(GPtrArray) keys = g_ptr_array_new_with_free_func(g_free);
	guint hit;

	lookup_keys(text_of(destination), keys);
	add_target(targets, lookup_answer(&targets->set, keys, now_us, &hit), destination,
		TARGET_LIVE);
}

/* -- what the operands name ------------------------------------------------------------------ */

/* A mail address stands for its domain, a U-label for what DNS knows. */
static gboolean read_operand(const char *word, GPtrArray *names, GError **error)
{
	const char *at = strrchr(word, '@');
	char *name = idn_key(text_of(at ? at + 1 : word), error);

	if (!name)
		return FALSE;
	g_ptr_array_add(names, name);
	return TRUE;
}

/* DATA when no mail can go there. */
static gboolean check_name(const char *name, GError **error)
{
	struct key key;
	g_autofree char *meant = NULL;

	key_parse(text_of(name), &key);
	if (key.form == KEY_PATH) {
		g_set_error(error, TLSPOL_ERROR, STATUS_DATA,
			"%s is the path of a socket: there is no TLS to look at", name);
		return FALSE;
	}
	if (key.form != KEY_INVALID)
		return TRUE;
	meant = key_meant(&key);
	g_set_error(error, TLSPOL_ERROR, STATUS_DATA, "Postfix never sends mail to '%s'%s%s%s",
		name, meant ? ": is '" : "", meant ? meant : "", meant ? "' meant?" : "");
	return FALSE;
}

static gboolean read_names(char *const *words, guint count, GPtrArray *names, GError **error)
{
	for (guint i = 0; i < count; i++) {
		if (!read_operand(words[i], names, error))
			return FALSE;
	}
	for (guint i = 0; i < names->len; i++) {
		if (!check_name(g_ptr_array_index(names, i), error))
			return FALSE;
	}
	return TRUE;
}

static const char *name_at(const GPtrArray *names, guint i)
{
	return g_ptr_array_index(names, i);
}

/* -- samples of .parent rows ----------------------------------------------------------------- */

/*
 * A host named by --sample takes the place of the .parent rows that answer for it. One that has
 * another row, or none, is a destination of its own and says nothing of any .parent row.
 */
static void add_samples(struct app *app, struct verify_targets *targets, const GPtrArray *samples)
{
	g_autoptr(GHashTable) sampled = g_hash_table_new(NULL, NULL);
	guint count = targets->targets->len, kept = 0;

	for (guint i = 0; i < samples->len; i++) {
		const struct verify_target *target;
		struct text key;

		add_destination(targets, name_at(samples, i), app_now(app));
		target = verify_target(targets, targets->targets->len - 1);
		key = verify_target_key(target);
		if (key.at && *key.at == '.') {
			g_hash_table_add(sampled, (gpointer)target->row);
			continue;
		}
		app_warning(app, "--sample %s: no row for a parent domain answers for it",
			name_at(samples, i));
		g_array_remove_index(targets->targets, targets->targets->len - 1);
	}
	for (guint i = 0; i < targets->targets->len; i++) {
		struct verify_target *target =
			&g_array_index(targets->targets, struct verify_target, i);

		if (i < count && target->kind == TARGET_PARENT &&
			g_hash_table_contains(sampled, target->row))
			continue;
		g_array_index(targets->targets, struct verify_target, kept++) = *target;
	}
	/* The ones that were squeezed out have no text of their own to free. */
	g_array_set_clear_func(targets->targets, NULL);
	g_array_set_size(targets->targets, kept);
	g_array_set_clear_func(targets->targets, target_clear);
}

/* -- where the rows come from ---------------------------------------------------------------- */

static gboolean all_rows(struct app *app, struct verify_targets *targets, GError **error)
{
	struct policy policy;

	if (!answers_read(app, NULL, &targets->set, error))
		return FALSE;
	for (guint i = 0; i < policy_set_count(&targets->set); i++) {
		const struct policy_row *row = policy_set_row(&targets->set, i);

		if (row_policy_now(&targets->set, row, app_now(app), &policy))
			add_row(targets, row);
	}
	return TRUE;
}

static void ask_keys(const GPtrArray *names, GPtrArray *keys)
{
	for (guint i = 0; i < names->len; i++)
		lookup_keys(text_of(name_at(names, i)), keys);
}

/* A .parent that is named has to have a row: nothing else could be said of it. */
static gboolean add_named(
	struct app *app, struct verify_targets *targets, const char *name, GError **error)
{
	g_autoptr(GPtrArray) keys = g_ptr_array_new();
	const struct policy_row *row;
	guint hit;

	if (*name != '.') {
		add_destination(targets, name, app_now(app));
		return TRUE;
	}
	g_ptr_array_add(keys, (gpointer)name);
	row = lookup_answer(&targets->set, keys, app_now(app), &hit);
	if (row)
		add_row(targets, row);
	else
		g_set_error(error, TLSPOL_ERROR, STATUS_NO, "no policy for %s", name);
	return row != NULL;
}

static gboolean named_rows(struct app *app, const GPtrArray *names, const GPtrArray *samples,
	struct verify_targets *targets, GError **error)
{
	g_autoptr(GPtrArray) keys = g_ptr_array_new_with_free_func(g_free);

	ask_keys(names, keys);
	ask_keys(samples, keys);
	if (!answers_read(app, keys, &targets->set, error))
		return FALSE;
	for (guint i = 0; i < names->len; i++) {
		if (!add_named(app, targets, name_at(names, i), error))
			return FALSE;
	}
	return TRUE;
}

/* -- a policy that is nowhere yet ------------------------------------------------------------ */

static gboolean is_policy(char *const *operands, int count)
{
	return count > 1 && level_parse(text_of(operands[1])) != LEVEL_UNKNOWN;
}

/* What `add` would refuse is said, and judged all the same: Postfix's answer is the point. */
static void say_findings(
	struct app *app, const struct client_settings *client, const struct policy *policy)
{
	g_autoptr(GPtrArray) findings =
		g_ptr_array_new_with_free_func((GDestroyNotify)finding_free);
	struct rule_context context;

	if (!app_rules(app, &context, NULL))
		return;
	context.dnssec_known = TRUE;
	context.dnssec = client_does_dane(client);
	rules_check(&context, policy, findings);
	for (guint i = 0; i < findings->len; i++) {
		const struct finding *finding = g_ptr_array_index(findings, i);

		if (finding->severity != SEVERITY_NOTICE)
			app_warning(app, "%s [%s]", finding->text, finding->rule->id);
	}
}

static gboolean spelt_out(struct app *app, const struct client_settings *client, char **operands,
	int count, struct verify_targets *targets, GError **error)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
	struct rule_context context;
	struct policy policy;
	const struct policy_row *row;

	if (app->from) {
		g_set_error_literal(error, TLSPOL_ERROR, STATUS_USAGE,
			"--from reads the policies from a file: a policy in words does not go "
			"with it");
		return FALSE;
	}
	if (!read_names(operands, 1, names, error) || !app_rules_unasked(app, &context, error))
		return FALSE;
	edit_words(&targets->set, operands + 1, count - 1, context.postfix_version, &policy);
	policy.key = policy_set_keep(&targets->set, text_of(name_at(names, 0)));
	row = policy_set_append(&targets->set, &policy, error);
	if (!row)
		return FALSE;
	policy_set_sort(&targets->set);
	say_findings(app, client, &policy);
	add_row(targets, policy_set_row(&targets->set, 0));
	return TRUE;
}

/* -- all together ---------------------------------------------------------------------------- */

/* "example.com secur match=x" is a misspelt policy, not three destinations. */
static const char *level_meant(char *const *operands, int count)
{
	if (count < 2 || is_policy(operands, count) || strchr(operands[1], '.'))
		return NULL;
	return nearest_word(text_of(operands[1]), level_names());
}

static gboolean operands_fit(
	const struct verify_settings *settings, char **operands, int count, GError **error)
{
	const char *level = level_meant(operands, count);

	if (settings->all && count)
		g_set_error_literal(error, TLSPOL_ERROR, STATUS_USAGE,
			"--all looks at all rows: name no destinations besides");
	else if (level)
		g_set_error(error, TLSPOL_ERROR, STATUS_USAGE,
			"'%s' is no level, did you mean '%s'?", operands[1], level);
	else
		return TRUE;
	return FALSE;
}

gboolean verify_targets_find(struct app *app, const struct verify_settings *settings,
	const struct client_settings *client, char **operands, int count,
	struct verify_targets *targets, GError **error)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GPtrArray) samples = g_ptr_array_new_with_free_func(g_free);
	gboolean policy = is_policy(operands, count);
	gboolean found;

	targets_init(targets);
	if (!operands_fit(settings, operands, count, error) ||
		(settings->samples && !read_names((char **)settings->samples->pdata,
					      settings->samples->len, samples, error)) ||
		(!policy && !read_names(operands, (guint)count, names, error)))
		return FALSE;
	if (policy)
		found = spelt_out(app, client, operands, count, targets, error);
	else if (count)
		found = named_rows(app, names, samples, targets, error);
	else
		found = all_rows(app, targets, error);
	if (!found)
		return FALSE;
	add_samples(app, targets, samples);
	g_array_sort(targets->targets, compare_targets);
	return TRUE;
}
