#include "files/logical_lines.h"

void logical_lines_init(struct logical_lines *lines, char *buffer, gsize len)
{
	lines->at = buffer;
	lines->end = buffer + len;
	lines->line = 0;
}

struct text postfix_trimmed(struct text text)
{
	while (text.len && is_postfix_blank(text.at[0]))
		text = text_skip(text, 1);
	while (text.len && is_postfix_blank(text.at[text.len - 1]))
		text.len--;
	return text;
}

static struct text next_physical(struct logical_lines *lines)
{
	char *newline = memchr(lines->at, '\n', lines->end - lines->at);
	struct text line = {lines->at, (newline ? newline : lines->end) - lines->at};

	lines->at = newline ? newline + 1 : lines->end;
	lines->line++;
	return line;
}

static gboolean says_nothing(struct text line)
{
	struct text text = postfix_trimmed(line);

	return !text.len || text.at[0] == '#';
}

gboolean logical_lines_next(struct logical_lines *lines, struct text *line, guint *number)
{
	*line = TEXT_NONE;
	while (lines->at < lines->end) {
		struct text physical;

		if (line->at && *lines->at != '#' && !is_postfix_blank(*lines->at))
			break;
		physical = next_physical(lines);
		if (says_nothing(physical))
			continue;
		if (line->at) {
			memmove((char *)line->at + line->len, physical.at, physical.len);
			line->len += physical.len;
		} else {
			*line = physical;
			*number = lines->line;
		}
	}
	return line->at != NULL;
}

gboolean postfix_key_len(struct text line, gsize *key_len)
{
	gboolean quoted = FALSE;
	gsize i;

	for (i = 0; i < line.len && (quoted || !is_postfix_blank(line.at[i])); i++) {
		if (line.at[i] == '\\' && i + 1 < line.len)
			i++;
		else if (line.at[i] == '"')
			quoted = !quoted;
	}
	*key_len = MIN(i, line.len);
	return !quoted;
}
