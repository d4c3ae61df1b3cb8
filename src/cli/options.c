#include "cli/options.h"

#include "core/error.h"
#include "core/nearest.h"

/* What the callbacks share while one command line is read. */
struct parse {
	const struct command *command;
	gpointer base[2]; /* by enum option_base */
	GPtrArray *operands;
	GError *error; /* the first one */
};

static gpointer field_of(gpointer base, const struct option *option)
{
	return (char *)base + option->offset;
}

void options_preset(const struct option_group *group, gpointer settings)
{
	for (const struct option *o = group->options; o->name; o++) {
		if (o->preset)
			*(int *)field_of(settings, o) = o->preset;
	}
}

static void release_field(const struct option *option, gpointer field)
{
	switch (option->kind) {
	case OPTION_STRING:
	case OPTION_OPTIONAL:
		g_clear_pointer((char **)field, g_free);
		break;
	case OPTION_STRINGS:
		g_clear_pointer((GPtrArray **)field, g_ptr_array_unref);
		break;
	case OPTION_FLAG:
	case OPTION_NUMBER:
	case OPTION_PERCENT:
	case OPTION_CHOICE:
		break;
	}
}

void options_release(const struct command *command, enum option_base base, gpointer settings)
{
	for (const struct option_group *const *group = command->groups; group && *group; group++) {
		if ((*group)->base != base)
			continue;
		for (const struct option *o = (*group)->options; o->name; o++)
			release_field(o, field_of(settings, o));
	}
}

/* -- one value ----------------------------------------------------------------------------- */

G_GNUC_PRINTF(2, 3)
static gboolean usage(GError **error, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	g_propagate_error(error, g_error_new_valist(TLSPOL_ERROR, STATUS_USAGE, format, arguments));
	va_end(arguments);
	return FALSE;
}

static gboolean choose(const struct option *option, const char *value, int *index, GError **error)
{
	g_autofree char *all = NULL;

	for (int i = 0; option->choices[i]; i++) {
		if (g_str_equal(option->choices[i], value)) {
			*index = i;
			return TRUE;
		}
	}
	all = g_strjoinv(", ", (char **)option->choices);
	return usage(error, "--%s: '%s' is none of: %s", option->name, value, all);
}

static gboolean read_number(
	const struct option *option, const char *value, guint64 max, guint *number, GError **error)
{
	guint64 parsed;

	if (!g_ascii_string_to_unsigned(value, 10, 0, max, &parsed, NULL))
		return usage(error, "--%s: '%s' is no number from 0 to %" G_GUINT64_FORMAT,
			option->name, value, max);
	*number = (guint)parsed;
	return TRUE;
}

static gboolean read_percent(
	const struct option *option, const char *value, guint *number, GError **error)
{
	gsize len = strlen(value);
	g_autofree char *digits = g_strndup(value, len && value[len - 1] == '%' ? len - 1 : len);

	if (!read_number(option, digits, 100, number, NULL))
		return usage(error, "--%s: '%s' is no percentage from 0%% to 100%%", option->name,
			value);
	return TRUE;
}

static void replace_string(char **field, const char *value)
{
	g_free(*field);
	*field = g_strdup(value);
}

/* `value` is NULL for flags and for an optional value that was not given. */
static gboolean set_field(
	const struct option *option, gpointer field, const char *value, GError **error)
{
	int index;

	switch (option->kind) {
	case OPTION_FLAG:
		*(gboolean *)field = TRUE;
		break;
	case OPTION_STRING:
		if (option->choices && !choose(option, value, &index, error))
			return FALSE;
		replace_string(field, value);
		break;
	case OPTION_STRINGS: {
		GPtrArray **list = field;

		if (!*list)
			*list = g_ptr_array_new_with_free_func(g_free);
		g_ptr_array_add(*list, g_strdup(value));
		break;
	}
	case OPTION_NUMBER:
		return read_number(option, value, G_MAXINT32, field, error);
	case OPTION_PERCENT:
		return read_percent(option, value, field, error);
	case OPTION_CHOICE:
		return choose(option, value, field, error);
	case OPTION_OPTIONAL:
		if (value && option->choices && !choose(option, value, &index, error))
			return FALSE;
		replace_string(field, value ? value : "");
		break;
	}
	return TRUE;
}

/* -- GOption ------------------------------------------------------------------------------- */

static void take(struct parse *parse, const struct option_group *group, const struct option *option,
	const char *value)
{
	set_field(option, field_of(parse->base[group->base], option), value,
		parse->error ? NULL : &parse->error);
}

static gboolean on_option(const char *name, const char *value, gpointer data, GError **error)
{
	struct parse *parse = data;
	const struct option_group *group;
	const struct option *option =
		name[1] == '-' ? command_option(parse->command, name + 2, &group)
			       : command_option_letter(parse->command, name[1], &group);

	(void)error; /* kept in parse, so that the words behind a mistake are read too */
	take(parse, group, option, value);
	return TRUE;
}

static gboolean on_operand(const char *name, const char *value, gpointer data, GError **error)
{
	struct parse *parse = data;

	(void)name;
	(void)error;
	g_ptr_array_add(parse->operands, g_strdup(value));
	return TRUE;
}

static gboolean takes_word(const struct option *option)
{
	return option->kind != OPTION_FLAG && option->kind != OPTION_OPTIONAL;
}

/* FILENAME keeps GLib from converting values from the locale's charset. */
static GArray *make_entries(const struct command *command)
{
	GArray *entries = g_array_new(TRUE, TRUE, sizeof(GOptionEntry));
	GOptionEntry operands = {
		G_OPTION_REMAINING, 0, G_OPTION_FLAG_FILENAME, G_OPTION_ARG_CALLBACK, on_operand};

	for (const struct option_group *const *group = command->groups; group && *group; group++) {
		for (const struct option *o = (*group)->options; o->name; o++) {
			GOptionEntry entry = {o->name, o->letter,
				takes_word(o) ? G_OPTION_FLAG_FILENAME : G_OPTION_FLAG_NO_ARG,
				G_OPTION_ARG_CALLBACK, on_option};

			g_array_append_val(entries, entry);
		}
	}
	g_array_append_val(entries, operands);
	return entries;
}

/* A word GOption does not know: --option=value where the value is optional, or a mistake. */
static void take_unknown(struct parse *parse, const char *word)
{
	const char *equals = strchr(word, '=');
	g_autofree char *name = equals ? g_strndup(word, (gsize)(equals - word)) : g_strdup(word);
	const struct option_group *group;
	const struct option *option = NULL;
	struct nearest nearest;
	GError **error = parse->error ? NULL : &parse->error;

	if (g_str_has_prefix(name, "--"))
		option = command_option(parse->command, name + 2, &group);
	if (option && equals && option->kind == OPTION_OPTIONAL) {
		take(parse, group, option, equals + 1);
		return;
	}
	if (option) {
		usage(error, "option %s takes no value", name);
		return;
	}
	nearest_init(&nearest, text_of(name[1] == '-' ? name + 2 : name + 1));
	for (const struct option_group *const *g = parse->command->groups; g && *g; g++) {
		for (const struct option *o = (*g)->options; o->name; o++)
			nearest_offer(&nearest, o->name);
	}
	if (nearest.best)
		usage(error, "unknown option '%s', did you mean '--%s'?", name, nearest.best);
	else
		usage(error, "unknown option '%s'", name);
}

/* The only thing GOption itself finds wrong is a last option without its value. */
static void take_missing_value(struct parse *parse, const char *word)
{
	const struct option *option =
		word[1] == '-'
			? command_option(parse->command, word + 2, NULL)
			: command_option_letter(parse->command, word[strlen(word) - 1], NULL);

	usage(parse->error ? NULL : &parse->error, "option %s needs a value: %s", word,
		option ? option->metavar : "VALUE");
}

gboolean options_parse(const struct command *command, int argc, char **argv, gpointer shared,
	gpointer settings, char ***operands, int *count, GError **error)
{
	struct parse parse = {.command = command};
	g_autoptr(GArray) entries = make_entries(command);
	g_autoptr(GOptionContext) context = g_option_context_new(NULL);
	GOptionGroup *main_group = g_option_group_new("", "", "", &parse, NULL);
	g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(g_free);
	g_auto(GStrv) left = NULL;

	parse.base[BASE_COMMAND] = settings;
	parse.base[BASE_SHARED] = shared;
	parse.operands = g_ptr_array_new();
	for (const struct option_group *const *group = command->groups; group && *group; group++)
		options_preset(*group, parse.base[(*group)->base]);
	g_option_group_add_entries(main_group, (GOptionEntry *)entries->data);
	g_option_context_set_main_group(context, main_group);
	g_option_context_set_help_enabled(context, FALSE);
	g_option_context_set_ignore_unknown_options(context, TRUE);
	g_option_context_set_strict_posix(context, command->program);

	left = g_new0(char *, argc + 1);
	for (int i = 0; i < argc; i++)
		left[i] = g_strdup(argv[i]);
	if (g_option_context_parse_strv(context, &left, NULL)) {
		for (int i = 1; left[i]; i++) {
			if (!g_str_equal(left[i], "--"))
				take_unknown(&parse, left[i]);
		}
	} else {
		take_missing_value(&parse, argv[argc - 1]);
	}
	*count = (int)parse.operands->len;
	g_ptr_array_add(parse.operands, NULL);
	*operands = (char **)g_ptr_array_free(parse.operands, FALSE);
	if (parse.error) {
		g_propagate_error(error, parse.error);
		return FALSE;
	}
	return TRUE;
}

/* -- operands ------------------------------------------------------------------------------ */

gboolean options_check_operands(
	const struct command *command, char **operands, int count, GError **error)
{
	const struct operand *operand = command->operands;
	int given = 0;

	for (; operand && operand->metavar; operand++) {
		if (given < count)
			given = operand->many ? count : given + 1;
		else if (!operand->optional)
			return usage(error, "%s is missing", operand->metavar);
	}
	if (given < count)
		return usage(error, "'%s' is one word too many", operands[given]);
	return TRUE;
}
