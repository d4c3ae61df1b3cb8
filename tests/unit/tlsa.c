#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/tlsa.h"

/* A record: header, and `size` bytes of data. */
static struct tlsa *record(guint8 usage, guint8 selector, guint8 matching, gsize size)
{
	struct tlsa *tlsa = g_new0(struct tlsa, 1);
	g_autofree guint8 *rdata = g_malloc(3 + size);

	rdata[0] = usage;
	rdata[1] = selector;
	rdata[2] = matching;
	for (gsize i = 0; i < size; i++)
		rdata[3 + i] = (guint8)(i + 1);
	tlsa_parse(rdata, 3 + size, tlsa);
	return tlsa;
}

/*
 * Facts 10.4, the rows with a single record, by what Postfix did at dane-only: "TLSA records
 * unusable" is UNSUPPORTED, "Server certificate not verified" for a record that could not have
 * matched is UNUSABLE. Sizes: FIPS 180-4.
 */
static const struct {
	guint8 usage, selector, matching;
	gsize size;
	enum tlsa_use use;
} uses[] = {
	{3, 1, 1, 32, TLSA_USABLE},
	{3, 0, 1, 32, TLSA_USABLE},
	{3, 1, 2, 64, TLSA_USABLE},
	{3, 0, 2, 64, TLSA_USABLE},
	{3, 1, 0, 91, TLSA_USABLE},
	{3, 0, 0, 700, TLSA_USABLE},
	{2, 0, 1, 32, TLSA_USABLE},
	{2, 1, 1, 32, TLSA_USABLE},
	{2, 0, 0, 700, TLSA_USABLE},
	{2, 1, 0, 294, TLSA_USABLE},
	{0, 0, 1, 32, TLSA_UNSUPPORTED},
	{1, 1, 1, 32, TLSA_UNSUPPORTED},
	{4, 1, 1, 32, TLSA_UNSUPPORTED},
	{255, 1, 1, 32, TLSA_UNSUPPORTED},
	{3, 1, 255, 32, TLSA_UNSUPPORTED},
	{1, 9, 9, 0, TLSA_UNSUPPORTED},
	{3, 1, 1, 31, TLSA_UNUSABLE},
	{3, 1, 1, 24, TLSA_UNUSABLE},
	{3, 1, 1, 33, TLSA_UNUSABLE},
	{3, 1, 1, 64, TLSA_UNUSABLE},
	{3, 1, 2, 32, TLSA_UNUSABLE},
	{3, 1, 3, 48, TLSA_UNUSABLE},
	{3, 2, 1, 32, TLSA_UNUSABLE},
	{3, 255, 1, 32, TLSA_UNUSABLE},
	{3, 1, 1, 0, TLSA_UNUSABLE},
	{3, 1, 0, 0, TLSA_UNUSABLE},
};

static void classified(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(uses); i++) {
		g_autoptr(GPtrArray) one = tlsa_array_new();
		struct tlsa *tlsa =
			record(uses[i].usage, uses[i].selector, uses[i].matching, uses[i].size);

		g_ptr_array_add(one, tlsa);
		if (tlsa->use != uses[i].use)
			fail_msg("%u %u %u with %zu bytes: %d", uses[i].usage, uses[i].selector,
				uses[i].matching, uses[i].size, tlsa->use);
		assert_int_equal(tlsa->size, uses[i].size);
		assert_true(!tlsa->size || tlsa->data[0] == 1);
	}
}

/* Postfix: "truncated TLSA RR length == 2". */
static void cut_off(void **state)
{
	static const guint8 rdata[] = {3, 1, 1};

	(void)state;
	for (gsize size = 0; size < sizeof(rdata); size++) {
		struct tlsa tlsa;
		g_autofree guint8 *exact = g_memdup2(rdata, size);

		tlsa_parse(exact, size, &tlsa);
		assert_int_equal(tlsa.use, TLSA_UNSUPPORTED);
		assert_int_equal(tlsa.size, 0);
		assert_null(tlsa.data);
		tlsa_release(&tlsa);
	}
}

/*
 * RFC 7671 9 and the agility rows of facts 10.4: `records` in letters, each one a usage, selector
 * and matching type as below; `kept` says which of them count.
 */
static const struct {
	char letter;
	guint8 usage, selector, matching;
	gsize size;
} letters[] = {
	{'a', 3, 1, 1, 32}, {'A', 3, 1, 2, 64}, {'f', 3, 1, 0, 91}, {'b', 3, 0, 1, 32},
	{'B', 3, 0, 2, 64}, {'t', 2, 1, 1, 32}, {'T', 2, 1, 2, 64}, {'s', 3, 1, 1, 31}, /* short */
	{'S', 3, 1, 2, 63}, {'x', 1, 1, 2, 64}, /* unsupported */
	{'u', 3, 1, 3, 48},			/* unknown matching type */
};
static const struct {
	const char *digests, *records, *kept;
} agility[] = {
	{"sha512 sha256", "", ""},
	{"sha512 sha256", "a", "y"},
	{"sha512 sha256", "aa", "yy"},
	{"sha512 sha256", "aA", "ny"},
	{"sha512 sha256", "Aa", "yn"},
	{"sha512 sha256", "aAA", "nyy"},
	{"sha512 sha256", "aB", "yy"}, /* another selector */
	{"sha512 sha256", "ab", "yy"},
	{"sha512 sha256", "aT", "yy"}, /* another usage */
	{"sha512 sha256", "taTA", "nnyy"},
	{"sha512 sha256", "faA", "yny"}, /* a full key is never weaker */
	{"sha512 sha256", "fa", "yy"},
	{"sha512 sha256", "sa", "ny"},
	{"sha512 sha256", "aS", "yn"}, /* an unusable record displaces none */
	{"sha512 sha256", "ax", "yn"},
	{"sha512 sha256", "au", "yn"},
	{"sha512 sha256", "sSxu", "nnnn"},
	/* tls_dane_digests(5): order is strength, what is not listed is ignored. */
	{"sha256 sha512", "aA", "yn"},
	{"sha256", "aA", "yn"},
	{"sha256", "Af", "ny"},
	{"sha512", "a", "n"},
	{"", "aAf", "nny"},
	{"SHA512, sha256", "aA", "ny"},
	{"sha512=2,sha256=1", "aA", "ny"},
	{" sha256=1\tsha512=2 ", "aA", "yn"},
	{"sha25 sha2560", "aA", "nn"},
};

static void strongest(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(agility); i++) {
		g_autoptr(GPtrArray) records = tlsa_array_new();
		gboolean kept[8];
		char shown[9] = "";

		for (const char *at = agility[i].records; *at; at++)
			for (size_t l = 0; l < G_N_ELEMENTS(letters); l++)
				if (letters[l].letter == *at)
					g_ptr_array_add(records,
						record(letters[l].usage, letters[l].selector,
							letters[l].matching, letters[l].size));
		assert_int_equal(records->len, strlen(agility[i].records));
		tlsa_strongest(records, agility[i].digests, kept);
		for (guint r = 0; r < records->len; r++)
			shown[r] = kept[r] ? 'y' : 'n';
		if (strcmp(shown, agility[i].kept) != 0)
			fail_msg("\"%s\" of \"%s\": %s, not %s", agility[i].records,
				agility[i].digests, shown, agility[i].kept);
	}
}

static void formatted(void **state)
{
	static const struct {
		gsize size;
		const char *whole, *brief;
	} shown[] = {
		{0, "3 1 1 ", "3 1 1 "},
		{2, "3 1 1 0102", "3 1 1 0102"},
		{8, "3 1 1 0102030405060708", "3 1 1 0102030405060708"},
		{12, "3 1 1 0102030405060708090a0b0c", "3 1 1 01020304…090a0b0c"},
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(shown); i++) {
		g_autoptr(GPtrArray) one = tlsa_array_new();
		struct tlsa *tlsa = record(3, 1, 1, shown[i].size);
		g_autofree char *whole = tlsa_format(tlsa, FALSE);
		g_autofree char *brief = tlsa_format(tlsa, TRUE);

		g_ptr_array_add(one, tlsa);
		assert_string_equal(whole, shown[i].whole);
		assert_string_equal(brief, shown[i].brief);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(classified),
		cmocka_unit_test(cut_off),
		cmocka_unit_test(strongest),
		cmocka_unit_test(formatted),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
