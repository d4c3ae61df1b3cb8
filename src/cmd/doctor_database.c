/* doctor: the connection, the table's shape, its rows. */
#include "cmd/doctor.h"
#include "core/exception.h"
#include "core/postfix_version.h"

#define AREA "database"

/* Attributes of one strong policy: three SHA-256 fingerprints do not fit into 255 characters. */
#define COMFORTABLE_PARAMS 1000
/* 32 bytes with colons between them, and the separator to the next one. */
#define FINGERPRINT_WIDTH 96

static gboolean is_ascii_folded(struct text key)
{
	for (gsize i = 0; i < key.len; i++) {
		guchar c = (guchar)key.at[i];

		if (c >= 0x80 || c == ' ' || g_ascii_isupper(c))
			return FALSE;
	}
	return TRUE;
}

static void check_columns(struct doctor *doctor)
{
	static const struct {
		enum store_column_id id;
		const char *what;
	} optional[] = {
		{STORE_NOTE, "note"},
		{STORE_ORIGIN, "origin"},
		{STORE_PROVIDER, "provider"},
		{STORE_CHANGED_BY, "changed_by"},
	};
	const struct store_table *table = doctor->table;
	g_autoptr(GString) missing = g_string_new(NULL);

	for (guint i = 0; i < G_N_ELEMENTS(optional); i++) {
		if (!table->column[optional[i].id].name)
			g_string_append_printf(
				missing, "%s%s", missing->len ? ", " : "", optional[i].what);
	}
	if (table->view)
		doctor_say(doctor, AREA, "table", DIAGNOSIS_OK, "%s.%s, a view", table->database,
			table->name);
	else
		doctor_say(doctor, AREA, "table", DIAGNOSIS_OK,
			"%s.%s, %s%s, about %" G_GUINT64_FORMAT " rows", table->database,
			table->name, table->engine ? table->engine : "unknown engine",
			table->versioned ? " with system versioning" : "", table->rows);
	if (missing->len)
		doctor_say(doctor, AREA, "columns", DIAGNOSIS_OK,
			"no %s: everything else works; tlspol init --upgrade adds them",
			missing->str);
	else
		doctor_say(doctor, AREA, "columns", DIAGNOSIS_OK, "all columns are there");
}

/* Collations that ignore case or blanks take two keys for one (facts 5.3). */
static void check_collation(struct doctor *doctor)
{
	const char *collation = doctor->table->column[STORE_DOMAIN].collation;
	guint at_risk = 0;

	if (!collation || (strstr(collation, "nopad_bin") && !strstr(collation, "_ci"))) {
		doctor_say(
			doctor, AREA, "collation", DIAGNOSIS_OK, "keys are compared byte by byte");
		return;
	}
	for (guint i = 0; i < policy_set_count(&doctor->set); i++)
		at_risk += !is_ascii_folded(policy_row_key(policy_set_row(&doctor->set, i)));
	if (at_risk)
		doctor_say(doctor, AREA, "collation", DIAGNOSIS_WARNING,
			"%s compares keys loosely (letters with and without accents, trailing "
			"blanks), and there are keys with capitals, blanks or letters beyond ASCII "
			"(%u): Postfix may be given another row; tlspol init --upgrade makes it "
			"exact",
			collation, at_risk);
	else
		doctor_say(doctor, AREA, "collation", DIAGNOSIS_OK,
			"%s compares keys loosely, but all keys are plain lower-case ASCII",
			collation);
}

static void check_width(struct doctor *doctor)
{
	guint64 max = doctor->table->column[STORE_PARAMS].max;
	guint64 fingerprints = (max - MIN(max, strlen("match=") - 1)) / FINGERPRINT_WIDTH;

	if (max && max < COMFORTABLE_PARAMS)
		doctor_say(doctor, AREA, "params width",
			max < 255 ? DIAGNOSIS_WARNING : DIAGNOSIS_OK,
			"params holds %" G_GUINT64_FORMAT " characters, %" G_GUINT64_FORMAT
			" SHA-256 fingerprint%s; tlspol init --upgrade widens it",
			max, fingerprints, fingerprints == 1 ? "" : "s");
}

static void check_shape(struct doctor *doctor)
{

	if (doctor->table->domain_unique)
		doctor_say(doctor, AREA, "index", DIAGNOSIS_OK, "the key column is unique");
	else if (!doctor->table->view)
		doctor_say(doctor, AREA, "index", DIAGNOSIS_WARNING,
			"the key column has no unique index: two rows of one key give Postfix a "
			"policy it cannot read, and every lookup reads the whole table");
	check_width(doctor);
	if (doctor->table->read_only)
		doctor_say(doctor, AREA, "server", DIAGNOSIS_OK,
			"MariaDB %s, read-only: policies are changed on its primary",
			doctor->table->server);
	else
		doctor_say(doctor, AREA, "server", DIAGNOSIS_OK, "MariaDB %s, writable",
			doctor->table->server);
}

/* All rows by all rules; what is found is told by check, here only how much. */
static void check_rows(struct doctor *doctor)
{
	g_autoptr(GPtrArray) findings =
		g_ptr_array_new_with_free_func((GDestroyNotify)finding_free);
	g_autoptr(GError) error = NULL;
	struct rule_context context;
	guint count[SEVERITY_ERROR + 1] = {0}, rows = policy_set_count(&doctor->set);

	if (!app_rules(doctor->app, &context, &error)) {
		doctor_say(doctor, AREA, "policies", DIAGNOSIS_ERROR, "%s", error->message);
		return;
	}
	context.from_table = TRUE;
	context.params_max = doctor->table->column[STORE_PARAMS].max;
	count[SEVERITY_ERROR] = policy_set_duplicates(&doctor->set, NULL, NULL);
	for (guint i = 0; i < rows; i++) {
		int worst = rules_check_row(&context, &doctor->set, policy_set_row(&doctor->set, i),
			app_now(doctor->app), findings);

		if (worst >= 0)
			count[worst]++;
		g_ptr_array_set_size(findings, 0);
	}
	if (count[SEVERITY_ERROR] || count[SEVERITY_WARNING])
		doctor_say(doctor, AREA, "policies",
			count[SEVERITY_ERROR] ? DIAGNOSIS_ERROR : DIAGNOSIS_WARNING,
			"of %u rows, %u with errors and %u with warnings: tlspol check names them",
			rows, count[SEVERITY_ERROR], count[SEVERITY_WARNING]);
	else
		doctor_say(doctor, AREA, "policies", DIAGNOSIS_OK,
			"all %u rows are as Postfix wants them", rows);
}

static void count_rows(struct doctor *doctor)
{
	guint inactive = 0;

	for (guint i = 0; i < policy_set_count(&doctor->set); i++) {
		const struct policy_row *row = policy_set_row(&doctor->set, i);
		struct attribute_cursor cursor;
		struct attribute attribute;
		struct policy policy;

		inactive += (row->flags & ROW_INACTIVE) != 0;
		if (!row_policy_now(&doctor->set, row, app_now(doctor->app), &policy))
			continue;
		doctor->levels[policy.level]++;
		attributes_start(&cursor, policy.params, POSTFIX_NEWEST);
		while (attributes_next(&cursor, &attribute)) {
			if (attribute.id == ATTRIBUTE_TAFILE) {
				doctor->with_tafile++;
				break;
			}
		}
	}
	if (inactive)
		doctor_say(doctor, AREA, "inactive rows", DIAGNOSIS_OK,
			"%u, which Postfix never sees", inactive);
}

void doctor_database(struct doctor *doctor)
{
	g_autoptr(GError) error = NULL;
	struct store *store = app_store(doctor->app, &error);

	if (!store) {
		doctor_say(doctor, AREA, "connection", DIAGNOSIS_ERROR, "%s", error->message);
		doctor_say(doctor, AREA, "table", DIAGNOSIS_SKIPPED, "there is no connection");
		return;
	}
	doctor_say(doctor, AREA, "connection", DIAGNOSIS_OK, "the server answers");
	doctor->table = store_describe(store, &error);
	if (!doctor->table) {
		doctor_say(doctor, AREA, "table", DIAGNOSIS_ERROR, "%s", error->message);
		return;
	}
	check_columns(doctor);
	check_shape(doctor);
	if (!store_read(store, &doctor->set, &error)) {
		doctor_say(doctor, AREA, "policies", DIAGNOSIS_ERROR, "%s", error->message);
		return;
	}
	policy_set_sort(&doctor->set);
	count_rows(doctor);
	check_collation(doctor);
	check_rows(doctor);
}
