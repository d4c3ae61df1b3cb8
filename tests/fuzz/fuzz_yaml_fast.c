/*
 * The fast reader against libyaml: what it takes, libyaml reads without a word and as the very
 * same rows. Half of the bytes choose tokens that mean something to YAML, or to the fast reader,
 * so that mutations stay near the edge between the two.
 */
#include "files/policies_readers.h"
#include "files/text_check.h"
#include "files/yaml_fast.h"
#include "fuzz.h"

/* What the file may be made of; a byte below 0x80 stands for itself, 0x80 + i for token i. */
static const char *const tokens[] = {"policies:\n", "  ", "a.example", "b.example", "\"", ": ",
	"may\n", "secure match=", "dane-only\n", "\n", " #", ":", "- ", "? ", "|\n", ">\n", "&a ",
	"*a", "!t ", "{", "}", "[", "]", ",", "'", "---\n", "...\n", "%YAML 1.1\n", "\t", "\r",
	"\xef\xbb\xbf", "\xc2\x85", "\xe2\x80\xa8", "\\", "<<", "~", "null",
	"  \"[192.0.2.1]:25\": may\n", "  .example: encrypt\n",
	"  x-y_z.example: secure match=a:b ciphers=high\n", "  c.example: none\n", "=",
	"protocols=>=TLSv1.2", "NONE", "fingerprint match=AA|BB", "  d.example: verify\n", "\x7f",
	"\xc3\xbc", "@", "`", "verbatim: yes\n", "    policy: may\n", "1e3", "  ...: may\n",
	"  1: may\n"};

static GByteArray *expand(const uint8_t *data, size_t size)
{
	GByteArray *text = g_byte_array_new();

	for (size_t i = 0; i < size; i++) {
		const char *token = tokens[data[i] % G_N_ELEMENTS(tokens)];

		if (data[i] >= 0x80)
			g_byte_array_append(text, (const guint8 *)token, strlen(token));
		else
			g_byte_array_append(text, &data[i], 1);
	}
	return text;
}

static void compare_rows(const struct policy_row *fast, const struct policy_row *slow)
{
	g_assert_true(text_equal(policy_row_key(fast), policy_row_key(slow)));
	g_assert_true(text_equal(policy_row_params(fast), policy_row_params(slow)));
	g_assert_cmpuint(fast->level, ==, slow->level);
	g_assert_cmpuint(fast->where, ==, slow->where);
	g_assert_cmpuint(fast->column, ==, slow->column);
	g_assert_cmpuint(fast->file, ==, slow->file);
	g_assert_cmpuint(fast->flags, ==, slow->flags);
	g_assert_cmpuint(fast->extra, ==, slow->extra);
}

/* As policies_read_memory() would without the fast reader; the buffer is the set's. */
static void read_slowly(
	char *buffer, gsize len, guint8 file, struct policy_set *set, GPtrArray *problems)
{
	struct text text = {buffer, len};

	if (text_check_encoding(&text, "input", problems))
		yaml_in((char *)text.at, text.len, file, set, problems);
}

static void compare(const guint8 *data, gsize len)
{
	g_auto(policy_set_t) fast;
	g_auto(policy_set_t) slow;
	g_autoptr(GPtrArray) problems = fuzz_problems();
	char *one = fuzz_copy(data, len), *two = fuzz_copy(data, len);

	policy_set_init(&fast);
	policy_set_init(&slow);
	policy_set_adopt(&fast, one);
	policy_set_adopt(&slow, two);
	if (yaml_fast(one, len, policy_set_add_file(&fast, "input"), &fast)) {
		read_slowly(two, len, policy_set_add_file(&slow, "input"), &slow, problems);
		g_assert_cmpuint(problems->len, ==, 0);
		g_assert_cmpuint(policy_set_count(&fast), ==, policy_set_count(&slow));
		for (guint i = 0; i < policy_set_count(&fast); i++)
			compare_rows(policy_set_row(&fast, i), policy_set_row(&slow, i));
	} else {
		g_assert_cmpuint(policy_set_count(&fast), ==, 0);
	}
	g_assert_true(fast.sorted == slow.sorted || !policy_set_count(&fast));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autoptr(GByteArray) text = expand(data, size);

	compare(data, size);
	compare(text->data, text->len);
	return 0;
}
