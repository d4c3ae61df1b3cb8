#include "cli/describe.h"

static const char *const kinds[] = {
	[OPTION_FLAG] = "flag",
	[OPTION_STRING] = "string",
	[OPTION_STRINGS] = "strings",
	[OPTION_NUMBER] = "number",
	[OPTION_PERCENT] = "percent",
	[OPTION_CHOICE] = "choice",
	[OPTION_OPTIONAL] = "optional",
};
static const char *const completes[] = {
	[COMPLETES_NOTHING] = NULL,
	[COMPLETES_FILE] = "file",
	[COMPLETES_DIRECTORY] = "directory",
	[COMPLETES_KEY] = "key",
	[COMPLETES_LEVEL] = "level",
	[COMPLETES_ATTRIBUTE] = "attribute",
	[COMPLETES_COMMAND] = "command",
	[COMPLETES_SHELL] = "shell",
};

/* -- JSON ---------------------------------------------------------------------------------- */

void describe_string(const char *text, GString *to)
{
	if (!text) {
		g_string_append(to, "null");
		return;
	}
	g_string_append_c(to, '"');
	for (; *text; text++) {
		if ((guchar)*text < 0x20)
			g_string_append_printf(to, "\\u%04x", (guint)*text);
		else if (*text == '"' || *text == '\\')
			g_string_append_printf(to, "\\%c", *text);
		else
			g_string_append_c(to, *text);
	}
	g_string_append_c(to, '"');
}

static void member(const char *name, const char *text, GString *to)
{
	g_string_append_printf(to, "\"%s\": ", name);
	describe_string(text, to);
	g_string_append(to, ", ");
}

static const char *truth(gboolean value)
{
	return value ? "true" : "false";
}

static void put_option(const struct option *option, GString *to)
{
	char letter[] = {option->letter, '\0'};

	g_string_append_c(to, '{');
	member("name", option->name, to);
	member("letter", option->letter ? letter : NULL, to);
	member("kind", kinds[option->kind], to);
	member("metavar", option->metavar, to);
	member("help", option->help, to);
	member("completes", completes[option->completes], to);
	g_string_append(to, "\"choices\": [");
	for (guint i = 0; option->choices && option->choices[i]; i++) {
		g_string_append(to, i ? ", " : "");
		describe_string(option->choices[i], to);
	}
	g_string_append_printf(to, "], \"preset\": %d}", option->preset);
}

static void put_groups(const struct command *command, GString *to)
{
	g_string_append(to, "\"groups\": [");
	for (const struct option_group *const *group = command->groups; group && *group; group++) {
		g_string_append(to, group == command->groups ? "\n  {" : ",\n  {");
		member("title", (*group)->title, to);
		g_string_append_printf(
			to, "\"common\": %s, \"options\": [", truth((*group)->common));
		for (const struct option *o = (*group)->options; o->name; o++) {
			g_string_append(to, o == (*group)->options ? "\n    " : ",\n    ");
			put_option(o, to);
		}
		g_string_append(to, "]}");
	}
	g_string_append(to, "], ");
}

static void put_operands(const struct command *command, GString *to)
{
	g_string_append(to, "\"operands\": [");
	for (const struct operand *o = command->operands; o && o->metavar; o++) {
		g_string_append(to, o == command->operands ? "{" : ", {");
		member("metavar", o->metavar, to);
		member("completes", completes[o->completes], to);
		g_string_append_printf(
			to, "\"optional\": %s, \"many\": %s}", truth(o->optional), truth(o->many));
	}
	g_string_append(to, "], ");
}

void describe_json(const struct command *command, GString *to)
{
	g_string_append_c(to, '{');
	member("name", command->name, to);
	member("alias", command->alias, to);
	member("group", command->group, to);
	member("summary", command->summary, to);
	member("description", command->description, to);
	g_string_append_printf(to, "\"hidden\": %s, ", truth(command->hidden));
	put_operands(command, to);
	put_groups(command, to);
	g_string_append(to, "\"examples\": [");
	for (const struct example *e = command->examples; e && e->line; e++) {
		g_string_append(to, e == command->examples ? "{" : ", {");
		member("line", e->line, to);
		g_string_append(to, "\"why\": ");
		describe_string(e->why, to);
		g_string_append_c(to, '}');
	}
	g_string_append(to, "], \"statuses\": [");
	for (const int *status = command->statuses; status && *status >= 0; status++)
		g_string_append_printf(
			to, "%s%d", status == command->statuses ? "" : ", ", *status);
	g_string_append(to, "]}");
}

/* -- mdoc ---------------------------------------------------------------------------------- */

static void synopsis_option(const struct option *option, GString *to)
{
	g_string_append_printf(to, ".Op Fl -%s", option->name);
	if (option->kind == OPTION_OPTIONAL)
		g_string_append_printf(to, " Ns Op = Ns Ar %s", option->metavar);
	else if (option->metavar)
		g_string_append_printf(to, " Ar %s", option->metavar);
	g_string_append_c(to, '\n');
}

void describe_mdoc(const struct command *command, GString *to)
{
	g_string_append_printf(to, ".Nm tlspol Cm %s\n", command->name);
	for (const struct option_group *const *group = command->groups; group && *group; group++) {
		for (const struct option *o = (*group)->options; o->name; o++) {
			if (o->help && !(*group)->common)
				synopsis_option(o, to);
		}
	}
	g_string_append(to, ".Op Ar common-option ...\n");
	for (const struct operand *o = command->operands; o && o->metavar; o++)
		g_string_append_printf(to, ".%sAr %s%s\n", o->optional ? "Op " : "", o->metavar,
			o->many ? " ..." : "");
}
