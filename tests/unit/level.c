#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/level.h"

/* Levels of postconf(5) smtp_tls_policy_maps; wrong ones from facts 10.2, all refused by Postfix.
 */
static const struct {
	const char *word;
	enum level level;
} words[] = {
	{"none", LEVEL_NONE},
	{"may", LEVEL_MAY},
	{"encrypt", LEVEL_ENCRYPT},
	{"dane", LEVEL_DANE},
	{"dane-only", LEVEL_DANE_ONLY},
	{"fingerprint", LEVEL_FINGERPRINT},
	{"verify", LEVEL_VERIFY},
	{"secure", LEVEL_SECURE},
	{"MAY", LEVEL_MAY},
	{"Encrypt", LEVEL_ENCRYPT},
	{"Dane-Only", LEVEL_DANE_ONLY},
	{"half-dane", LEVEL_UNKNOWN},
	{"dane_only", LEVEL_UNKNOWN},
	{"daneonly", LEVEL_UNKNOWN},
	{"must", LEVEL_UNKNOWN},
	{"tls", LEVEL_UNKNOWN},
	{"encrypt;", LEVEL_UNKNOWN},
	{"{encrypt}", LEVEL_UNKNOWN},
	{"\"encrypt\"", LEVEL_UNKNOWN},
	{"secur", LEVEL_UNKNOWN},
	{"", LEVEL_UNKNOWN},
};

static void parses(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
		assert_int_equal(level_parse(text_of(words[i].word)), words[i].level);
	assert_int_equal(level_parse(TEXT_NONE), LEVEL_UNKNOWN);
}

static void names(void **state)
{
	(void)state;
	for (int level = 0; level < LEVEL_COUNT; level++) {
		assert_string_equal(level_names()[level], level_name(level));
		assert_int_equal(level_parse(text_of(level_name(level))), level);
	}
	assert_null(level_names()[LEVEL_COUNT]);
	assert_string_equal(level_name(LEVEL_UNKNOWN), "");
}

/* Facts 4.1: rows before, columns after, in enum order; 'w' where protection is lost. */
static const char *const weaker[LEVEL_COUNT] = {
	/* nmeddfvs */
	"........", /* none */
	"w.......", /* may */
	"ww.w....", /* encrypt: dane may send in the clear */
	"www.....", /* dane: encrypt does not authenticate */
	"wwww..w.", /* dane-only: verify believes MX records */
	"wwww..w.", /* fingerprint */
	"wwww....", /* verify */
	"wwww..w.", /* secure */
};

static void weakens(void **state)
{
	(void)state;
	for (int before = 0; before < LEVEL_COUNT; before++)
		for (int after = 0; after < LEVEL_COUNT; after++)
			if ((level_weaker(before, after) != NULL) != (weaker[before][after] == 'w'))
				fail_msg("%s -> %s", level_name(before), level_name(after));
	assert_null(level_weaker(LEVEL_UNKNOWN, LEVEL_NONE));
	assert_null(level_weaker(LEVEL_SECURE, LEVEL_UNKNOWN));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parses),
		cmocka_unit_test(names),
		cmocka_unit_test(weakens),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
