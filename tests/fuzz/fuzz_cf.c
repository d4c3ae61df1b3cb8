/* Postfix .cf files: any text is read; any value is written so that it reads back, or refused. */
#include "fuzz.h"

#include "files/mysql_cf.h"

#define QUERY "SELECT policy FROM t WHERE domain = '%s'"

static void read_entries(const char *text, gsize len, GPtrArray *entries)
{
	g_autoptr(GPtrArray) problems = fuzz_problems();

	cf_read_memory(text, len, "input", entries, problems);
	fuzz_has_error(problems);
}

static void write_password(const char *password)
{
	const struct mysql_cf cf = {
		.password = (char *)password, .dbname = (char *)"mail", .query = (char *)QUERY};
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) entries =
		g_ptr_array_new_with_free_func((GDestroyNotify)cf_entry_free);
	char *text = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&text, &len);
	gboolean done = mysql_cf_write(&cf, NULL, to, &error);

	fclose(to);
	if (done) {
		read_entries(text, len, entries);
		g_assert_cmpstr(cf_value(entries, "password"), ==, password);
		g_assert_cmpstr(cf_value(entries, "query"), ==, QUERY);
		g_assert_cmpuint(entries->len, ==, 3);
	} else {
		g_assert_nonnull(error);
	}
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree char *copy = fuzz_copy(data, size);
	g_autofree char *password = g_strndup((const char *)data, size);
	g_autoptr(GPtrArray) entries =
		g_ptr_array_new_with_free_func((GDestroyNotify)cf_entry_free);

	read_entries(copy, size, entries);
	write_password(password);
	return 0;
}
