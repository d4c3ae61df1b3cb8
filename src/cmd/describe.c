/* __describe: every fact of the tables, for tests and tools; hidden. */
#include "cli/describe.h"
#include "cmd/app.h"
#include "cmd/commands.h"
#include "core/rules.h"

enum describe_as { AS_JSON, AS_MDOC };
static const char *const as_choices[] = {"json", "mdoc", NULL};

struct settings {
	int as;
};

static void put_pair(
	GString *to, const char *name, const char *value, const char *name2, const char *value2)
{
	g_string_append_printf(to, "%s{\"%s\": ", to->str[to->len - 1] == '[' ? "\n" : ",\n", name);
	describe_string(value, to);
	g_string_append_printf(to, ", \"%s\": ", name2);
	describe_string(value2, to);
	g_string_append_c(to, '}');
}

static void put_lists(GString *to)
{
	g_string_append(to, "\"statuses\": [");
#define STATUS_ROW(number, name, meaning) put_pair(to, "number", #number, "meaning", meaning);
	STATUS_LIST(STATUS_ROW)
#undef STATUS_ROW
	g_string_append(to, "],\n\"settings\": [");
#define CONFIG_ROW(setting, field, what) put_pair(to, "path", setting, "what", what);
	CONFIG_LIST(CONFIG_ROW)
#undef CONFIG_ROW
	g_string_append(to, "],\n\"environment\": [");
#define ENVIRONMENT_ROW(name, what) put_pair(to, "name", name, "what", what);
	ENVIRONMENT_LIST(ENVIRONMENT_ROW)
#undef ENVIRONMENT_ROW
	g_string_append(to, "],\n\"rules\": [");
	for (const struct rule *rule = rules_all(); rule->id; rule++)
		put_pair(to, "id", rule->id, "severity", severity_name(rule->severity));
	g_string_append(to, "]\n");
}

static void put_all(command_list list, GString *to)
{
	g_string_append(to, "{\"program\": ");
	describe_json(&cmd_program, to);
	g_string_append(to, ",\n\"commands\": [\n");
	for (command_list command = list; *command; command++) {
		g_string_append(to, command == list ? "" : ",\n");
		describe_json(*command, to);
	}
	g_string_append(to, "],\n");
	put_lists(to);
	g_string_append(to, "}\n");
}

static int run(gpointer shared, gpointer own, char **operands, int count, GError **error)
{
	const struct app *app = shared;
	const struct settings *settings = own;
	const struct command *command = &cmd_program;
	g_autoptr(GString) text = g_string_new(NULL);

	if (count) {
		command = command_named(app->commands, operands[0], error);
		if (!command)
			return STATUS_USAGE;
	}
	if (settings->as == AS_MDOC)
		describe_mdoc(command, text);
	else
		put_all(app->commands, text);
	fputs(text->str, stdout);
	return STATUS_OK;
}

static const struct option own_options[] = {
	{"as", 0, OPTION_CHOICE, offsetof(struct settings, as), "FORMAT", "how", as_choices},
	{NULL},
};
static const struct option_group own_group = {NULL, BASE_COMMAND, own_options};

static const struct operand operands[] = {
	{"COMMAND", .optional = TRUE, .completes = COMPLETES_COMMAND},
	{NULL},
};

const struct command cmd_describe = {
	.name = "__describe",
	.summary = "print all options of all commands, or the synopsis of one",
	.operands = operands,
	.groups = (const struct option_group *const[]){&own_group, &app_group_global, NULL},
	.settings_size = sizeof(struct settings),
	.hidden = TRUE,
	.run = run,
};
