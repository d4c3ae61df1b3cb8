/* __complete: keys for shells when TAB is pressed: never asks, never complains; hidden. */
#include "cmd/app.h"
#include "cmd/commands.h"

/* Longer waits than this feel like a broken terminal. */
#define CONNECT_SECONDS 1
/* Nobody reads longer lists. */
#define KEYS_MAX 200

static int run(gpointer shared, gpointer settings, char **operands, int count, GError **error)
{
	struct app *app = shared;
	struct text prefix = text_of(count > 1 ? operands[1] : "");
	g_auto(policy_set_t) set;
	guint shown = 0;

	(void)settings;
	(void)error;
	policy_set_init(&set);
	app->db.ask_password = FALSE;
	app->db.connect_timeout = CONNECT_SECONDS;
	if (!g_str_equal(operands[0], "key") || !app_policies(app, &set, NULL))
		return STATUS_OK;
	for (guint i = 0; i < policy_set_count(&set) && shown < KEYS_MAX; i++) {
		struct text key = policy_row_key(policy_set_row(&set, i));
		g_autofree char *shown_key = NULL;

		if (key.len < prefix.len || memcmp(key.at, prefix.at, prefix.len) != 0)
			continue;
		shown_key = printable(key);
		puts(shown_key);
		shown++;
	}
	return STATUS_OK;
}

static const struct operand operands[] = {
	{"KIND"},
	{"PREFIX", .optional = TRUE},
	{NULL},
};

const struct command cmd_complete = {
	.name = "__complete",
	.summary = "print what may stand at the cursor: key PREFIX",
	.operands = operands,
	.groups = (const struct option_group *const[]){&app_group_from, &app_group_db,
		&app_group_global, NULL},
	.hidden = TRUE,
	.run = run,
};
