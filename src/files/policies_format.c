#include "files/policies_format.h"

#include "files/text_check.h"

const char *const policies_formats[] = {"auto", "yaml", "map", "csv", "json", "eff", NULL};

static const struct {
	const char *suffix;
	enum policies_format format;
} suffixes[] = {
	{".yaml", POLICIES_YAML},
	{".yml", POLICIES_YAML},
	{".json", POLICIES_JSON},
	{".csv", POLICIES_CSV},
	{".tsv", POLICIES_CSV},
	{".map", POLICIES_MAP},
	{".cf", POLICIES_MAP},
};

static struct text next_line(struct text *rest)
{
	const char *end = memchr(rest->at, '\n', rest->len);
	struct text line = {rest->at, end ? (gsize)(end - rest->at) : rest->len};

	*rest = text_skip(*rest, line.len + (end ? 1 : 0));
	return line;
}

static struct text trimmed(struct text text)
{
	while (text.len && g_ascii_isspace(text.at[0]))
		text = text_skip(text, 1);
	while (text.len && g_ascii_isspace(text.at[text.len - 1]))
		text.len--;
	return text;
}

/* The first line that is neither blank nor a comment. */
static struct text first_words(struct text text)
{
	if (text_starts(text, UTF8_BOM))
		text = text_skip(text, strlen(UTF8_BOM));
	while (text.len) {
		struct text line = trimmed(next_line(&text));

		if (line.len && line.at[0] != '#')
			return line;
	}
	return TEXT_LITERAL("");
}

/* A heading such as domain,policy,params: column names and nothing else. */
static gboolean is_csv_heading(struct text line)
{
	gboolean domain = FALSE;
	g_autofree char *copy = text_dup(line);
	g_auto(GStrv) names = g_strsplit_set(copy, ",\t", -1);

	for (guint i = 0; names[i]; i++) {
		char *name = names[i];

		if (*name == '"')
			name++;
		domain = domain || g_str_has_prefix(name, "domain");
		for (; *name; name++) {
			if (!g_ascii_islower(*name) && *name != '_' && *name != '"')
				return FALSE;
		}
	}
	return domain && names[0] && names[1];
}

/*
 * "[" begins a JSON array and a map's key alike: "[mx.example.com]:587 encrypt". In JSON an
 * object or the end follows it; "{" is followed by a name in quotes or the end.
 */
static gboolean is_json(struct text text, struct text line)
{
	const char *at = line.at, *end = text.at + text.len;
	char bracket = line.len ? *at++ : '\0';

	while (at < end && g_ascii_isspace(*at))
		at++;
	if (at >= end)
		return FALSE;
	return (bracket == '[' && (*at == '{' || *at == ']')) ||
	       (bracket == '{' && (*at == '"' || *at == '}'));
}

/* The EFF's list has a name on top that ours never has. */
static enum policies_format json_format(struct text text)
{
	static const char name[] = "\"policy-aliases\"";
	const char *at = memmem(text.at, text.len, name, strlen(name));

	return at ? POLICIES_EFF : POLICIES_JSON;
}

/* A document mark, a list, or one of the names that may stand at the top of a policy file. */
static gboolean is_yaml(struct text line)
{
	const char *colon = memchr(line.at, ':', line.len);

	if (text_starts(line, "---") || text_starts(line, "- ") || text_starts(line, "%YAML"))
		return TRUE;
	if (!colon || memchr(line.at, ' ', colon - line.at))
		return FALSE;
	return text_starts(line, "policies:") || text_starts(line, "x-") || text_starts(line, "_");
}

enum policies_format policies_format_guess(const char *name, struct text text)
{
	struct text line;

	for (gsize i = 0; i < G_N_ELEMENTS(suffixes); i++) {
		if (g_str_has_suffix(name, suffixes[i].suffix))
			return suffixes[i].format == POLICIES_JSON ? json_format(text)
								   : suffixes[i].format;
	}
	line = first_words(text);
	if (is_json(text, line))
		return json_format(text);
	if (is_yaml(line))
		return POLICIES_YAML;
	return is_csv_heading(line) ? POLICIES_CSV : POLICIES_MAP;
}
