/* TXT records at _mta-sts, one a line; the first two lines also as an MX pattern and a host. */
#include "fuzz.h"

#include "core/sts.h"

static guint split(char *copy, size_t size, struct text *records, guint max)
{
	guint count = 0;
	char *end = copy + size;

	while (copy < end && count < max) {
		char *newline = memchr(copy, '\n', (size_t)(end - copy));
		char *stop = newline ? newline : end;

		records[count++] = (struct text){copy, (gsize)(stop - copy)};
		copy = stop + 1;
	}
	return count;
}

static void check_id(const char *id)
{
	g_autofree char *plain = g_strconcat("v=STSv1; id=", id, ";", NULL);
	g_autofree char *again = NULL;

	g_assert_true(strlen(id) >= 1 && strlen(id) <= 32);
	for (const char *at = id; *at; at++)
		g_assert_true(g_ascii_isalnum(*at));
	g_assert_true(sts_record_parse(text_of(plain), &again, NULL));
	g_assert_cmpstr(again, ==, id);
}

static void check_match(const struct text *records)
{
	g_autofree char *pattern = text_dup(records[0]), *host = text_dup(records[1]);

	/* What does not begin with an asterisk is a name, and names are compared both ways. */
	if (*pattern != '*' && *host != '*')
		g_assert_cmpint(sts_mx_matches(pattern, host), ==, sts_mx_matches(host, pattern));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree char *copy = fuzz_copy(data, size);
	g_autofree char *id = NULL;
	struct text records[16];
	guint count = split(copy, size, records, G_N_ELEMENTS(records)), candidates = 0;
	gboolean found, chosen;
	g_autoptr(GError) error = NULL;

	for (guint i = 0; i < count; i++) {
		g_autofree char *one = NULL;

		candidates += text_starts(records[i], "v=STSv1;");
		if (sts_record_parse(records[i], &one, NULL))
			check_id(one);
	}
	chosen = sts_records_choose(records, count, &found, &id, &error);
	g_assert_cmpint(found, ==, candidates > 0);
	g_assert_true(chosen == !error && (candidates <= 1 || !chosen));
	g_assert_true(!id || (chosen && candidates == 1));
	if (error)
		g_assert_true(
			g_utf8_validate(error->message, -1, NULL) && !strchr(error->message, '\n'));
	if (count > 1)
		check_match(records);
	return 0;
}
