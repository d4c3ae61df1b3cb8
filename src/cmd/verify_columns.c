/* verify: the records for programs: destination, host by host, certificate by certificate. */
#include "cmd/verify_report.h"

/* Texts and lists that a row's getters make; they live until the row is printed. */
struct verify_scratch {
	GStringChunk *texts;
	GPtrArray *lists; /* owns arrays */
};

struct verify_scratch *verify_scratch_new(void)
{
	struct verify_scratch *scratch = g_new(struct verify_scratch, 1);

	scratch->texts = g_string_chunk_new(1024);
	scratch->lists = g_ptr_array_new_with_free_func(g_free);
	return scratch;
}

void verify_scratch_clear(struct verify_scratch *scratch)
{
	g_string_chunk_clear(scratch->texts);
	g_ptr_array_set_size(scratch->lists, 0);
}

void verify_scratch_free(struct verify_scratch *scratch)
{
	g_string_chunk_free(scratch->texts);
	g_ptr_array_unref(scratch->lists);
	g_free(scratch);
}

/* Takes over what is made for one row. */
static const char *keep(gpointer data, char *text)
{
	struct verify_scratch *scratch = data;
	const char *kept = text ? g_string_chunk_insert(scratch->texts, text) : NULL;

	g_free(text);
	return kept;
}

static gpointer *new_list(gpointer data, guint count)
{
	struct verify_scratch *scratch = data;
	gpointer *list = g_new0(gpointer, count + 1);

	g_ptr_array_add(scratch->lists, list);
	return list;
}

/* -- values ---------------------------------------------------------------------------------- */

static void put_slice(struct value *value, struct text text)
{
	value->kind = text.at ? VALUE_TEXT : VALUE_NULL;
	value->text = text;
}

static void put(struct value *value, const char *text)
{
	put_slice(value, text_of(text));
}

static void put_number(struct value *value, gint64 number)
{
	value->kind = VALUE_NUMBER;
	value->number = number;
}

static void put_bool(struct value *value, gboolean yes)
{
	value->kind = VALUE_BOOL;
	value->number = yes;
}

static void put_list(struct value *value, char *const *list)
{
	value->kind = list ? VALUE_LIST : VALUE_NULL;
	value->list = (const char *const *)list;
}

/* "2026-12-24T23:59:59Z". A fresh string. */
static char *moment_words(gint64 seconds)
{
	g_autoptr(GDateTime) moment = g_date_time_new_from_unix_utc(seconds);

	/* A certificate may say anything. */
	return moment ? g_date_time_format(moment, "%Y-%m-%dT%H:%M:%SZ")
		      : g_strdup_printf("@%" G_GINT64_FORMAT, seconds);
}

static void put_moment(struct value *value, gpointer data, gint64 seconds)
{
	put(value, seconds ? keep(data, moment_words(seconds)) : NULL);
}

static void put_level(struct value *value, enum level level)
{
	put(value, level == LEVEL_UNKNOWN ? NULL : level_name(level));
}

/* One record, or none. */
static void put_record(
	struct value *value, gpointer data, gconstpointer row, const struct column *columns)
{
	gpointer *rows = new_list(data, 1);

	rows[0] = (gpointer)row;
	*value = (struct value){VALUE_RECORD, .rows = (const gconstpointer *)rows,
		.columns = columns, .data = data};
}

static void put_records(
	struct value *value, gpointer data, const GPtrArray *array, const struct column *columns)
{
	gpointer *rows = new_list(data, array ? array->len : 0);

	for (guint i = 0; array && i < array->len; i++)
		rows[i] = g_ptr_array_index(array, i);
	*value = (struct value){VALUE_RECORDS, .rows = (const gconstpointer *)rows,
		.columns = columns, .data = data};
}

#define COLUMN(what, field)                                                                        \
	static void get_##what##_##field(                                                          \
		gconstpointer row, G_GNUC_UNUSED gpointer data, struct value *value)

/* -- certificates ---------------------------------------------------------------------------- */

#define OF_CERTIFICATE ((const struct certificate *)row)
/* clang-format off */
COLUMN(certificate, subject) { put(value, OF_CERTIFICATE->subject); }
COLUMN(certificate, issuer) { put(value, OF_CERTIFICATE->issuer); }
COLUMN(certificate, names) { put_list(value, OF_CERTIFICATE->names); }
COLUMN(certificate, key) { put(value, OF_CERTIFICATE->kind); }
COLUMN(certificate, bits) { put_number(value, OF_CERTIFICATE->bits); }
COLUMN(certificate, not_before) { put_moment(value, data, OF_CERTIFICATE->not_before); }
COLUMN(certificate, not_after) { put_moment(value, data, OF_CERTIFICATE->not_after); }
COLUMN(certificate, digest) { put(value, OF_CERTIFICATE->certificate_digest); }
COLUMN(certificate, key_digest) { put(value, OF_CERTIFICATE->key_digest); }
/* clang-format on */

static const struct column certificate_columns[] = {
	{"subject", "Subject", get_certificate_subject},
	{"issuer", "Issuer", get_certificate_issuer},
	{"names", "Names", get_certificate_names},
	{"key", "Key", get_certificate_key},
	{"bits", "Bits", get_certificate_bits},
	{"not_before", "Not before", get_certificate_not_before},
	{"not_after", "Not after", get_certificate_not_after},
	{"certificate_digest", "Certificate digest", get_certificate_digest},
	{"key_digest", "Key digest", get_certificate_key_digest},
	{NULL},
};

/* -- one kind of key ------------------------------------------------------------------------- */

/* Of --both-keys: an address, and which of its kinds. */
struct kind_row {
	const struct observed_address *address;
	enum key_kind kind;
};
#define OF_KIND ((const struct kind_row *)row)
#define KIND	(&OF_KIND->address->kinds[OF_KIND->kind])
/* clang-format off */
COLUMN(kind, name) { put(value, OF_KIND->kind == KEY_KIND_RSA ? "RSA" : "ECDSA"); }
COLUMN(kind, offered) { put_bool(value, KIND->certificate != NULL); }
COLUMN(kind, certificate) { put_record(value, data, KIND->certificate, certificate_columns); }
COLUMN(kind, why) { put(value, KIND->judgement.why); }
/* clang-format on */

COLUMN(kind, matched)
{
	put_bool(value, KIND->judgement.matched);
	if (!KIND->judgement.done)
		value->kind = VALUE_NULL;
}

static const struct column kind_columns[] = {
	{"key", "Key", get_kind_name},
	{"offered", "Offered", get_kind_offered},
	{"matched", "Matched", get_kind_matched},
	{"why", "Why not", get_kind_why},
	{"certificate", "Certificate", get_kind_certificate},
	{NULL},
};

/* -- hosts ----------------------------------------------------------------------------------- */

#define OF_HOST ((const struct host_verdict *)row)
#define ADDRESS (OF_HOST->address)
#define SESSION (ADDRESS ? ADDRESS->session : NULL)
/* clang-format off */
COLUMN(host, name) { put(value, OF_HOST->host->name); }
COLUMN(host, preference) { put_number(value, OF_HOST->host->preference); }
COLUMN(host, address) { put(value, ADDRESS ? ADDRESS->text : NULL); }
COLUMN(host, tried) { put_bool(value, OF_HOST->tried); }
COLUMN(host, outcome) { put(value, outcome_name(OF_HOST->outcome)); }
COLUMN(host, cause) { put(value, cause_name(OF_HOST->cause)); }
COLUMN(host, reason) { put(value, OF_HOST->reason); }
COLUMN(host, trust) { put(value, OF_HOST->trust); }
COLUMN(host, protocol) { put(value, SESSION ? SESSION->protocol : NULL); }
COLUMN(host, cipher) { put(value, SESSION ? SESSION->cipher : NULL); }
COLUMN(host, dnssec) { put_bool(value, OF_HOST->host->addresses_answer.secure); }
COLUMN(host, tlsa_name) { put(value, OF_HOST->host->tlsa_base); }
/* clang-format on */

/* Where it was skipped there is no level that it came to. */
COLUMN(host, level)
{
	const struct demand *demand = &OF_HOST->host->demand;

	put_level(value, demand->kind == DEMAND_SESSION ? demand->level : LEVEL_UNKNOWN);
}

COLUMN(host, certificate)
{
	put_record(value, data, ADDRESS ? ADDRESS->certificate : NULL, certificate_columns);
}

COLUMN(host, tlsa)
{
	const GPtrArray *tlsa = OF_HOST->host->tlsa;
	gpointer *list = new_list(data, tlsa ? tlsa->len : 0);

	for (guint i = 0; tlsa && i < tlsa->len; i++)
		list[i] = (gpointer)keep(data, tlsa_format(g_ptr_array_index(tlsa, i), FALSE));
	put_list(value, (char *const *)list);
}

COLUMN(host, keys)
{
	gpointer *rows = new_list(data, KEY_KINDS);
	guint count = 0;

	for (enum key_kind kind = KEY_KIND_ECDSA; ADDRESS && kind < KEY_KINDS; kind++) {
		struct kind_row *of;

		if (!ADDRESS->kinds[kind].session)
			continue;
		of = (struct kind_row *)new_list(data, sizeof *of / sizeof(gpointer) + 1);
		*of = (struct kind_row){ADDRESS, kind};
		rows[count++] = of;
	}
	*value = (struct value){VALUE_RECORDS, .rows = (const gconstpointer *)rows,
		.columns = kind_columns, .data = data};
}

static const struct column host_columns[] = {
	{"name", "Name", get_host_name},
	{"preference", "Preference", get_host_preference},
	{"address", "Address", get_host_address},
	{"tried", "Tried", get_host_tried},
	{"outcome", "Outcome", get_host_outcome},
	{"cause", "Cause", get_host_cause},
	{"reason", "Reason", get_host_reason},
	{"level", "Level", get_host_level},
	{"trust", "Trust", get_host_trust},
	{"protocol", "Protocol", get_host_protocol},
	{"cipher", "Cipher", get_host_cipher},
	{"dnssec", "DNSSEC", get_host_dnssec},
	{"tlsa_name", "TLSA at", get_host_tlsa_name},
	{"tlsa", "TLSA", get_host_tlsa},
	{"certificate", "Certificate", get_host_certificate},
	{"keys", "Keys", get_host_keys},
	{NULL},
};

/* -- notes, MX, MTA-STS ---------------------------------------------------------------------- */

#define OF_NOTE ((const struct note *)row)
/* clang-format off */
COLUMN(note, id) { put(value, note_name(OF_NOTE->id)); }
COLUMN(note, finding) { put_bool(value, OF_NOTE->finding); }
COLUMN(note, text) { put(value, OF_NOTE->text); }
/* clang-format on */

static const struct column note_columns[] = {
	{"id", "Note", get_note_id},
	{"finding", "Finding", get_note_finding},
	{"text", "Text", get_note_text},
	{NULL},
};

#define OF_STS	   ((const struct sts_observation *)row)
#define STS_POLICY (OF_STS->policy)
/* clang-format off */
COLUMN(sts, id) { put(value, OF_STS->id); }
COLUMN(sts, mode) { put(value, STS_POLICY ? sts_mode_name(STS_POLICY->mode) : NULL); }
COLUMN(sts, mx) { put_list(value, STS_POLICY ? STS_POLICY->mx : NULL); }
COLUMN(sts, why) { put(value, OF_STS->why); }
/* clang-format on */

COLUMN(sts, state)
{
	static const char *const states[] = {
		[STS_ABSENT] = "absent",
		[STS_BROKEN] = "broken",
		[STS_UNKNOWN] = "unknown",
		[STS_FOUND] = "found",
	};

	put(value, states[OF_STS->state]);
}

COLUMN(sts, max_age)
{
	put_number(value, STS_POLICY ? STS_POLICY->max_age : 0);
	if (!STS_POLICY)
		value->kind = VALUE_NULL;
}

static const struct column sts_columns[] = {
	{"state", "State", get_sts_state},
	{"id", "Id", get_sts_id},
	{"mode", "Mode", get_sts_mode},
	{"max_age", "Max age", get_sts_max_age},
	{"mx", "MX", get_sts_mx},
	{"why", "Why", get_sts_why},
	{NULL},
};

/* -- destinations ---------------------------------------------------------------------------- */

#define OF_RESULT ((const struct verify_result *)row)
#define VERDICT	  (&OF_RESULT->verdict)
#define SEEN	  (OF_RESULT->observation)
/* clang-format off */
COLUMN(result, domain) { put_slice(value, verify_target_key(OF_RESULT->target)); }
COLUMN(result, destination) { put_slice(value, verify_target_name(OF_RESULT->target)); }
COLUMN(result, effective) { put_level(value, VERDICT->effective); }
COLUMN(result, outcome) { put(value, outcome_name(VERDICT->outcome)); }
COLUMN(result, cause) { put(value, cause_name(VERDICT->cause)); }
COLUMN(result, delayed) { put_bool(value, VERDICT->delayed); }
COLUMN(result, reason) { put(value, VERDICT->reason); }
COLUMN(result, notes) { put_records(value, data, VERDICT->notes, note_columns); }
COLUMN(result, hosts) { put_records(value, data, VERDICT->hosts, host_columns); }
COLUMN(result, rests_until) { put_moment(value, data, VERDICT->rests_until); }
COLUMN(result, changes) { put_list(value, OF_RESULT->changes); }
/* clang-format on */

COLUMN(result, policy)
{
	const struct policy *policy = &OF_RESULT->policy;

	if (!OF_RESULT->target->row)
		return;
	put_slice(value, policy->level == LEVEL_UNKNOWN ? policy->level_text
							: text_of(level_name(policy->level)));
}

COLUMN(result, params)
{
	if (OF_RESULT->target->row)
		put_slice(value, OF_RESULT->policy.params);
}

COLUMN(result, reasons)
{
	gpointer *list = new_list(data, VERDICT->hosts->len);
	guint count = 0;

	for (guint i = 0; i < VERDICT->hosts->len; i++) {
		const struct host_verdict *host = g_ptr_array_index(VERDICT->hosts, i);

		if (host->reason)
			list[count++] = host->reason;
	}
	put_list(value, (char *const *)list);
}

COLUMN(result, mx)
{
	static const char *const kinds[] = {
		[MX_RECORDS] = "records",
		[MX_IMPLICIT] = "implicit",
		[MX_NULL] = "null",
		[MX_UNUSED] = "unused",
		[MX_UNKNOWN] = "unknown",
	};

	put(value, SEEN ? kinds[SEEN->mx_kind] : NULL);
}

COLUMN(result, mx_dnssec)
{
	put_bool(value, SEEN && SEEN->mx_answer.secure);
	if (!SEEN || SEEN->mx_kind == MX_UNUSED)
		value->kind = VALUE_NULL;
}

COLUMN(result, sts)
{
	gboolean asked = SEEN && SEEN->sts.state != STS_NOT_ASKED;

	put_record(value, data, asked ? &SEEN->sts : NULL, sts_columns);
}

/* clang-format off */
#define RESULT_COLUMNS                                                       \
	{"domain", "Key", get_result_domain},                                \
	{"destination", "Destination", get_result_destination},              \
	{"policy", "Policy", get_result_policy},                             \
	{"params", "Parameters", get_result_params},                         \
	{"effective", "In force", get_result_effective},                     \
	{"outcome", "Outcome", get_result_outcome},                          \
	{"cause", "Cause", get_result_cause},                                \
	{"delayed", "Delayed", get_result_delayed},                          \
	{"reason", "Why", get_result_reason},                                \
	{"reasons", "Host by host", get_result_reasons},                     \
	{"notes", "Notes", get_result_notes},                                \
	{"rests_until", "Rests until", get_result_rests_until},              \
	{"mx", "MX", get_result_mx},                                         \
	{"mx_dnssec", "MX by DNSSEC", get_result_mx_dnssec},                 \
	{"sts", "MTA-STS", get_result_sts},                                  \
	{"hosts", "Hosts", get_result_hosts}
/* clang-format on */
const struct column verify_columns[] = {RESULT_COLUMNS, {NULL}};
const struct column verify_changed_columns[] = {
	RESULT_COLUMNS,
	{"changes", "Changes", get_result_changes},
	{NULL},
};
