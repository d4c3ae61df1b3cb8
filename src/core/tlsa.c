#include "core/tlsa.h"

#include <string.h>

#include "core/policy.h"

#define HEADER	   3
#define FULL	   0 /* matching types: nothing hashed, … */
#define PRIVATE	   255
#define BRIEF_SIDE 4 /* bytes shown at each end */

/* Matching types that have a digest (RFC 6698 7.4), and its length. */
static const struct {
	guint8 matching;
	const char *name;
	gsize size;
} digests[] = {{1, "sha256", 32}, {2, "sha512", 64}};

static gsize digest_size(guint8 matching)
{
	for (gsize i = 0; i < G_N_ELEMENTS(digests); i++)
		if (digests[i].matching == matching)
			return digests[i].size;
	return 0;
}

static enum tlsa_use classify(const struct tlsa *tlsa)
{
	if ((tlsa->usage != 2 && tlsa->usage != 3) || tlsa->matching == PRIVATE)
		return TLSA_UNSUPPORTED;
	if (tlsa->selector > 1 || !tlsa->size)
		return TLSA_UNUSABLE;
	if (tlsa->matching == FULL || tlsa->size == digest_size(tlsa->matching))
		return TLSA_USABLE;
	return TLSA_UNUSABLE;
}

void tlsa_parse(const guint8 *rdata, gsize size, struct tlsa *tlsa)
{
	*tlsa = (struct tlsa){.use = TLSA_UNSUPPORTED};
	if (size < HEADER || size - HEADER > TLSA_DATA_MAX)
		return;
	tlsa->usage = rdata[0];
	tlsa->selector = rdata[1];
	tlsa->matching = rdata[2];
	tlsa->size = size - HEADER;
	tlsa->data = tlsa->size ? g_memdup2(rdata + HEADER, tlsa->size) : NULL;
	tlsa->use = classify(tlsa);
}

void tlsa_release(struct tlsa *tlsa)
{
	g_clear_pointer(&tlsa->data, g_free);
	tlsa->size = 0;
}

static void tlsa_free(gpointer tlsa)
{
	tlsa_release(tlsa);
	g_free(tlsa);
}

GPtrArray *tlsa_array_new(void)
{
	return g_ptr_array_new_with_free_func(tlsa_free);
}

/* Is `word` of tls_dane_digests the matching type: "sha512", "SHA512=2"? */
static gboolean names_matching(const char *word, guint8 matching)
{
	for (gsize i = 0; i < G_N_ELEMENTS(digests); i++) {
		gsize len = strlen(digests[i].name);

		if (digests[i].matching == matching &&
			g_ascii_strncasecmp(word, digests[i].name, len) == 0)
			return word[len] == '\0' || word[len] == '=';
	}
	return FALSE;
}

/* 1 is the strongest; 0: not listed. */
static guint strength(char **listed, guint8 matching)
{
	guint place = 0;

	for (char **word = listed; *word; word++) {
		if (!**word)
			continue;
		place++;
		if (names_matching(*word, matching))
			return place;
	}
	return 0;
}

void tlsa_strongest(const GPtrArray *records, const char *listed_digests, gboolean *kept)
{
	g_auto(GStrv) listed = g_strsplit_set(listed_digests, LIST_MAIN_CF, -1);
	/* The best place of each usage and selector that can be usable. */
	guint best[4][2] = {{0}};

	for (guint i = 0; i < records->len; i++) {
		const struct tlsa *tlsa = g_ptr_array_index(records, i);
		guint place = strength(listed, tlsa->matching);

		kept[i] = tlsa->use == TLSA_USABLE && (tlsa->matching == FULL || place);
		if (kept[i] && place) {
			guint *least = &best[tlsa->usage][tlsa->selector];

			*least = *least ? MIN(*least, place) : place;
		}
	}
	for (guint i = 0; i < records->len; i++) {
		const struct tlsa *tlsa = g_ptr_array_index(records, i);

		if (kept[i] && tlsa->matching != FULL)
			kept[i] = strength(listed, tlsa->matching) ==
				  best[tlsa->usage][tlsa->selector];
	}
}

static void append_hex(GString *to, const guint8 *data, gsize size)
{
	for (gsize i = 0; i < size; i++)
		g_string_append_printf(to, "%02x", data[i]);
}

char *tlsa_format(const struct tlsa *tlsa, gboolean brief)
{
	GString *to = g_string_new(NULL);

	g_string_printf(to, "%u %u %u ", tlsa->usage, tlsa->selector, tlsa->matching);
	if (brief && tlsa->size > 2 * BRIEF_SIDE) {
		append_hex(to, tlsa->data, BRIEF_SIDE);
		g_string_append(to, "…");
		append_hex(to, tlsa->data + tlsa->size - BRIEF_SIDE, BRIEF_SIDE);
	} else {
		append_hex(to, tlsa->data, tlsa->size);
	}
	return g_string_free(to, FALSE);
}
