/* TLSA records: each one as long as the byte in front of it says. */
#include "fuzz.h"

#include "core/tlsa.h"

static void check(const struct tlsa *tlsa, gsize size)
{
	g_autofree char *whole = tlsa_format(tlsa, FALSE);
	g_autofree char *brief = tlsa_format(tlsa, TRUE);

	g_assert_cmpuint(tlsa->size, ==, size > 3 ? size - 3 : 0);
	g_assert_true((tlsa->data != NULL) == (tlsa->size > 0));
	g_assert_true(g_utf8_validate(whole, -1, NULL) && g_utf8_validate(brief, -1, NULL));
	g_assert_cmpuint(strlen(brief), <=, 40);
	if (tlsa->use != TLSA_USABLE)
		return;
	g_assert_true(tlsa->usage == 2 || tlsa->usage == 3);
	g_assert_true(tlsa->selector <= 1 && tlsa->matching <= 2 && tlsa->size > 0);
}

static GPtrArray *read_records(const uint8_t *data, size_t size)
{
	GPtrArray *records = tlsa_array_new();

	while (size && records->len < 16) {
		gsize len = MIN(data[0], size - 1);
		struct tlsa *tlsa = g_new0(struct tlsa, 1);
		g_autofree char *exact = fuzz_copy(data + 1, len);

		tlsa_parse((const guint8 *)exact, len, tlsa);
		check(tlsa, len);
		g_ptr_array_add(records, tlsa);
		data += 1 + len;
		size -= 1 + len;
	}
	return records;
}

/* What counts does not depend on the order, and only where nothing is usable nothing counts. */
static void check_strongest(const GPtrArray *records, const char *digests)
{
	g_autoptr(GPtrArray) turned = g_ptr_array_new();
	gboolean kept[16], kept_turned[16], any = FALSE, usable = FALSE;

	for (guint i = records->len; i > 0; i--)
		g_ptr_array_add(turned, g_ptr_array_index(records, i - 1));
	tlsa_strongest(records, digests, kept);
	tlsa_strongest(turned, digests, kept_turned);
	for (guint i = 0; i < records->len; i++) {
		const struct tlsa *tlsa = g_ptr_array_index(records, i);

		g_assert_cmpint(kept[i], ==, kept_turned[records->len - 1 - i]);
		g_assert_true(!kept[i] || tlsa->use == TLSA_USABLE);
		g_assert_true(kept[i] || tlsa->use != TLSA_USABLE || tlsa->matching != 0);
		any |= kept[i];
		usable |= tlsa->use == TLSA_USABLE;
	}
	if (strcmp(digests, "sha512 sha256") == 0)
		g_assert_cmpint(any, ==, usable);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const digests[] = {
		"sha512 sha256", "sha256 sha512", "sha256=1,sha512=2", "sha256", ""};
	g_autoptr(GPtrArray) records = read_records(data, size);

	for (gsize i = 0; i < G_N_ELEMENTS(digests); i++)
		check_strongest(records, digests[i]);
	return 0;
}
