#include "core/rule_list.h"

/* Facts 2.6. What is said of a file is followed by its path. */
static const struct {
	enum rule_id rule;
	enum severity severity;
	const char *what;
} states[] = {
	[TAFILE_MISSING] = {RULE_TAFILE_MISSING, SEVERITY_ERROR,
		"does not exist, so mail is deferred"},
	[TAFILE_UNREADABLE] = {RULE_TAFILE_UNREADABLE, SEVERITY_ERROR,
		"cannot be read by user postfix, so mail is deferred: let everybody read it and "
		"reach it, it holds no secret"},
	[TAFILE_NO_PEM] = {RULE_TAFILE_CONTENT, SEVERITY_ERROR,
		"is no PEM file or breaks off, so mail is deferred without a word why"},
	[TAFILE_NO_CERTIFICATE] = {RULE_TAFILE_CONTENT, SEVERITY_WARNING,
		"holds neither CERTIFICATE nor PUBLIC KEY, so Postfix goes by smtp_tls_CAfile "
		"in its place"},
	[TAFILE_USABLE] = {RULE_TAFILE_CHROOT, SEVERITY_NOTICE,
		"must exist below Postfix's queue directory too where smtp(8) runs in a chroot, as "
		"Debian has it"},
};

void check_tafile(struct rule_check *check, const struct attribute *attribute)
{
	const struct rule_context *context = check->context;
	struct text path = attribute->value;
	gboolean relative = path.at[0] != '/';
	enum tafile_state state;

	if (!context->tafile)
		return;
	state = context->tafile(path, context->data);
	if (state == TAFILE_BROKEN)
		check->broken_tafile = path;
	if (state == TAFILE_USABLE)
		check->usable_tafiles++;
	if (state == TAFILE_UNKNOWN || state == TAFILE_BROKEN ||
		(state == TAFILE_USABLE && relative))
		return;
	finding_as(check, states[state].rule, states[state].severity, "tafile=%.*s %s%s",
		TOKEN(path), states[state].what,
		relative ? " (a relative path starts in Postfix's queue directory)" : "");
}

void check_anchors_left(struct rule_check *check)
{
	if (check->broken_tafile.at)
		finding_as(check, RULE_TAFILE_CONTENT,
			check->usable_tafiles ? SEVERITY_WARNING : SEVERITY_ERROR,
			"no certificate or key in tafile=%.*s can be decoded%s",
			TOKEN(check->broken_tafile),
			check->usable_tafiles ? "" : ", so no server is accepted");
}
