#include "core/rule_list.h"

#include <stdarg.h>

static const struct rule rules[] = {
#define RULE_ROW(id, name, severity, summary) {name, SEVERITY_##severity, summary},
	RULE_LIST(RULE_ROW)
#undef RULE_ROW
		{NULL, SEVERITY_NOTICE, NULL},
};

const char *severity_name(enum severity severity)
{
	static const char *const names[] = {"notice", "warning", "error"};

	return names[severity];
}

const struct rule *rules_all(void)
{
	return rules;
}

void rule_context_init(struct rule_context *context, int postfix_version)
{
	*context = (struct rule_context){
		.postfix_version = postfix_version,
		.fingerprint_digest_len = 32,
	};
}

/* -- findings ------------------------------------------------------------------------------- */

void finding_free(struct finding *finding)
{
	if (!finding)
		return;
	g_free(finding->text);
	g_free(finding);
}

/* Policies hold any bytes; a message is one line of UTF-8. */
static char *presentable(char *raw)
{
	const char *end = raw + strlen(raw);
	GString *text = g_string_sized_new(end - raw);

	for (const char *p = raw; p < end;) {
		gunichar c = g_utf8_get_char_validated(p, end - p);

		if (c & 0x80000000 || g_unichar_iscntrl(c)) {
			g_string_append_printf(text, "\\x%02x", (guchar)*p++);
		} else {
			g_string_append_unichar(text, c);
			p = g_utf8_next_char(p);
		}
	}
	g_free(raw);
	return g_string_free(text, FALSE);
}

static void append(struct rule_check *check, enum rule_id id, enum severity severity, char *text)
{
	struct finding *finding = g_new(struct finding, 1);

	*finding = (struct finding){&rules[id], severity, presentable(text)};
	g_ptr_array_add(check->findings, finding);
}

void finding(struct rule_check *check, enum rule_id id, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	append(check, id, rules[id].severity, g_strdup_vprintf(format, args));
	va_end(args);
}

void finding_as(
	struct rule_check *check, enum rule_id id, enum severity severity, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	append(check, id, severity, g_strdup_vprintf(format, args));
	va_end(args);
}

/* Worst first, otherwise in the order of the text: insertion sort, there are two or three. */
int findings_sort(GPtrArray *findings, guint first)
{
	for (guint i = first + 1; i < findings->len; i++) {
		struct finding *moving = g_ptr_array_index(findings, i);
		guint j = i;

		for (; j > first; j--) {
			struct finding *before = g_ptr_array_index(findings, j - 1);

			if (before->severity >= moving->severity)
				break;
			g_ptr_array_index(findings, j) = before;
		}
		g_ptr_array_index(findings, j) = moving;
	}
	if (findings->len == first)
		return -1;
	return ((struct finding *)g_ptr_array_index(findings, first))->severity;
}

/* -- entry points --------------------------------------------------------------------------- */

static int run(const struct rule_context *context, const struct policy *policy, gboolean key,
	GPtrArray *findings)
{
	struct rule_check check = {
		.context = context,
		.policy = policy,
		.findings = findings,
		.offered = PROTOCOLS_ALL,
	};
	guint first = findings->len;

	if (key)
		check_key(&check, policy->key);
	check_value(&check);
	return findings_sort(findings, first);
}

int rules_check_value(
	const struct rule_context *context, const struct policy *policy, GPtrArray *findings)
{
	return run(context, policy, FALSE, findings);
}

int rules_check(
	const struct rule_context *context, const struct policy *policy, GPtrArray *findings)
{
	return run(context, policy, TRUE, findings);
}
