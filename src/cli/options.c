#include "cli/options.h"

#include "core/error.h"
#include "core/nearest.h"

static gpointer field_of(gpointer base, const struct option *option)
{
	return (char *)base + option->offset;
}

static void set_presets(const struct option_group *group, gpointer settings)
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
		return read_number(
			option, value, option->max ? option->max : G_MAXINT32, field, error);
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

/* -- words --------------------------------------------------------------------------------- */

/* What is known while one command line is read. */
struct parse {
	const struct command *command;
	gpointer base[2]; /* by enum option_base */
	char **next;	  /* the word behind the one that is read */
	GPtrArray *operands;
	GError *error; /* the first one; the words behind it are read all the same */
};

static GError **error_of(struct parse *parse)
{
	return parse->error ? NULL : &parse->error;
}

static gboolean needs_value(const struct option *option)
{
	return option->kind != OPTION_FLAG && option->kind != OPTION_OPTIONAL;
}

/* `shown` is the option as it was typed; `value` is NULL when it had none in its own word. */
static void take(struct parse *parse, const struct option_group *group, const struct option *option,
	const char *shown, const char *value)
{
	if (option->kind == OPTION_FLAG && value) {
		usage(error_of(parse), "option %s takes no value", shown);
		return;
	}
	if (needs_value(option) && !value) {
		if (!*parse->next) {
			usage(error_of(parse), "option %s needs a value: %s", shown,
				option->metavar);
			return;
		}
		value = *parse->next++;
	}
	set_field(option, field_of(parse->base[group->base], option), value, error_of(parse));
}

static void unknown_option(struct parse *parse, const char *shown)
{
	struct nearest nearest;

	nearest_init(&nearest, text_of(shown + strspn(shown, "-")));
	for (const struct option_group *const *g = parse->command->groups; g && *g; g++) {
		for (const struct option *o = (*g)->options; o->name; o++)
			nearest_offer(&nearest, o->name);
	}
	if (nearest.best)
		usage(error_of(parse), "unknown option '%s', did you mean '--%s'?", shown,
			nearest.best);
	else
		usage(error_of(parse), "unknown option '%s'", shown);
}

/* --name, --name=value */
static void take_long(struct parse *parse, const char *word)
{
	const char *equals = strchr(word, '=');
	g_autofree char *shown = equals ? g_strndup(word, (gsize)(equals - word)) : g_strdup(word);
	const struct option_group *group;
	const struct option *option = command_option(parse->command, shown + 2, &group);

	if (option)
		take(parse, group, option, shown, equals ? equals + 1 : NULL);
	else
		unknown_option(parse, shown);
}

/* -a, -abc, -nVALUE */
static void take_letters(struct parse *parse, const char *word)
{
	for (const char *letter = word + 1; *letter; letter++) {
		char shown[] = {'-', *letter, '\0'};
		const struct option_group *group;
		const struct option *option =
			command_option_letter(parse->command, *letter, &group);

		if (!option) {
			unknown_option(parse, shown);
			return;
		}
		if (needs_value(option)) {
			take(parse, group, option, shown, letter[1] ? letter + 1 : NULL);
			return;
		}
		take(parse, group, option, shown, NULL);
	}
}

static void take_words(struct parse *parse)
{
	gboolean ended = FALSE;

	while (*parse->next) {
		char *word = *parse->next++;

		if (ended || word[0] != '-' || !word[1]) {
			g_ptr_array_add(parse->operands, g_strdup(word));
			ended = ended || parse->command->program;
		} else if (g_str_equal(word, "--")) {
			ended = TRUE;
		} else if (word[1] == '-') {
			take_long(parse, word);
		} else {
			take_letters(parse, word);
		}
	}
}

gboolean options_parse(const struct command *command, int argc, char **argv, gpointer shared,
	gpointer settings, char ***operands, int *count, GError **error)
{
	g_autofree char **words = g_new0(char *, argc + 1);
	struct parse parse = {.command = command, .next = words};

	/* argv[0] is the command's name; not every caller's argv ends with NULL. */
	for (int i = 1; i < argc; i++)
		words[i - 1] = argv[i];
	parse.base[BASE_COMMAND] = settings;
	parse.base[BASE_SHARED] = shared;
	parse.operands = g_ptr_array_new();
	for (const struct option_group *const *group = command->groups; group && *group; group++)
		set_presets(*group, parse.base[(*group)->base]);
	take_words(&parse);
	*count = (int)parse.operands->len;
	g_ptr_array_add(parse.operands, NULL);
	*operands = (char **)g_ptr_array_free(parse.operands, FALSE);
	if (!parse.error)
		return TRUE;
	g_propagate_error(error, parse.error);
	return FALSE;
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
