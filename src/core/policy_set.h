/*
 * policy_set: many policies as slices into few buffers (facts: bulk).
 *
 * A row is 32 bytes and points into buffers that the set owns: the text of a file as read, or
 * blocks filled by policy_set_keep(). What only few rows have (a note, an origin, a level that
 * is no level) is in a side table whose index the row carries, so that it survives sorting.
 * Rows keep the order they were appended in until policy_set_sort().
 */
#ifndef TLSPOL_CORE_POLICY_SET_H
#define TLSPOL_CORE_POLICY_SET_H

#include "core/policy.h"

struct policy_row {
	const char *key;    /* not NUL-terminated */
	const char *params; /* NULL = SQL NULL */
	guint32 where;	    /* line in the file, from 1; or the row's id in the table, 0 = none */
	guint16 column;	    /* column in that line, from 1; 0 = not known */
	guint16 key_len;
	guint16 params_len;
	guint8 level;	    /* enum level */
	guint8 file;	    /* index into policy_set.files */
	guint32 flags : 8;  /* enum policy_row_flags */
	guint32 extra : 24; /* private: place in the side table, from 1; 0 = nothing there */
};
G_STATIC_ASSERT(sizeof(struct policy_row) == 32);

enum policy_row_flags {
	ROW_INACTIVE = 1 << 0, /* active=0: shown, never exported */
	ROW_VERBATIM =
		1 << 1,	    /* read from a file with "verbatim: yes": the key is stored as it is */
	ROW_PLAIN = 1 << 2, /* somebody has seen that the key is plain (core/key.h) */
};

/*
 * A policy that is in force instead of the row's own until a moment; core/exception.h says which
 * of the two counts. Texts are NUL-terminated and owned by the set.
 */
struct policy_exception {
	gboolean over; /* lays level and params over the row; FALSE: the row itself ends */
	enum level level;
	const char *level_text; /* the stored word when level is LEVEL_UNKNOWN */
	struct text params;
	gint64 until_us;   /* microseconds since 1970, UTC; 0 = this is none */
	const char *note;  /* why; NULL = not said */
	const char *until; /* until_us in ISO 8601, filled in by the set; NULL = no end */
};

/* Texts are NUL-terminated and owned by the set; NULL where there is none. */
struct policy_extra {
	const char *level_text; /* the stored word when level is LEVEL_UNKNOWN */
	const char *note;
	const char *origin;
	const char *provider;
	const char *changed_by;
	/*
	 * NULL = none, or in a set that is wanted: not spoken of; one without an end takes a stored
	 * one away.
	 */
	const struct policy_exception *exception;
};

struct policy_set {
	GArray *rows;	  /* of struct policy_row */
	GPtrArray *files; /* names for messages; [0] is "" for a table */
	gboolean sorted;  /* by key bytes, ascending; kept by the functions below */
	/* Told now and then how many rows have been appended; NULL = nobody wants to know. */
	void (*watch)(gpointer data, guint rows);
	gpointer watch_data;
	/* private */
	GPtrArray *buffers;
	GStringChunk *strings;
	GPtrArray *extras; /* blocks of struct policy_extra, which never move */
	guint extra_count;
};

void policy_set_init(struct policy_set *set);
void policy_set_clear(struct policy_set *set); /* ready to be used again */
void policy_set_release(struct policy_set *set);
typedef struct policy_set policy_set_t;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(policy_set_t, policy_set_release)

static inline guint policy_set_count(const struct policy_set *set)
{
	return set->rows->len;
}

static inline struct policy_row *policy_set_row(const struct policy_set *set, guint i)
{
	return &g_array_index(set->rows, struct policy_row, i);
}

/* The view the rest of the core works on. */
struct policy policy_set_policy(const struct policy_set *set, const struct policy_row *row);

static inline struct text policy_row_key(const struct policy_row *row)
{
	return (struct text){row->key, row->key_len};
}

static inline struct text policy_row_params(const struct policy_row *row)
{
	return (struct text){row->params, row->params_len};
}

/*
 * Rows are in one order and their keys, as a rule, in another: a pass over a big set waits for
 * memory at every row unless it asks for the keys some rows ahead.
 */
static inline void policy_set_ask_ahead(const struct policy_set *set, guint i)
{
	if (i + 16 < set->rows->len)
		__builtin_prefetch(policy_set_row(set, i + 16)->key);
}

/* Hands a g_malloc'ed buffer to the set, which frees it; rows may then point into it. */
void policy_set_adopt(struct policy_set *set, char *buffer);
/* Copies text into the set; the copy is NUL-terminated and lives as long as the set. */
struct text policy_set_keep(struct policy_set *set, struct text text);

/*
 * Longest key and params a row can hold, in bytes. Readers check them and say so in their own
 * words; policy_set_append() refuses them with STATUS_DATA too, never cuts.
 */
#define POLICY_KEY_MAX	  1020 /* varchar(255) in utf8mb4 */
#define POLICY_PARAMS_MAX 65535
#define POLICY_ROWS_MAX	  ((1u << 24) - 1)

/*
 * Appends a row. Key and params must already be kept by the set (adopted buffer or
 * policy_set_keep()); level_text is copied where level is LEVEL_UNKNOWN. Returns the row, valid
 * until the next append; NULL on error. Appending in key order keeps the set sorted for free.
 */
struct policy_row *policy_set_append(
	struct policy_set *set, const struct policy *policy, GError **error);

/*
 * Appends a copy of a row of another set with all its texts; file and column are not copied.
 * NULL with an error when the set is full.
 */
struct policy_row *policy_set_copy(struct policy_set *set, const struct policy_set *from,
	const struct policy_row *row, GError **error);

/*
 * Gives a row another key (kept by the set, at most POLICY_KEY_MAX bytes): folding, IDNA. The
 * set counts as unsorted until policy_set_sort(). Never assign row->key yourself.
 */
void policy_set_rekey(struct policy_set *set, struct policy_row *row, struct text key);

/*
 * The side table's entry of a row: NULL when it has none / a writable one, made when missing.
 * It stays where it is as long as the set lives.
 */
const struct policy_extra *policy_set_extra(
	const struct policy_set *set, const struct policy_row *row);
struct policy_extra *policy_set_extra_for(struct policy_set *set, struct policy_row *row);
/* Lets a row that has no entry use that of another: neither is to be written to any more. */
void policy_set_share_extra(struct policy_row *row, const struct policy_row *with);

/* Copies an exception and its texts into the set, as the row's. */
void policy_set_except(
	struct policy_set *set, struct policy_row *row, const struct policy_exception *exception);

/* Name for messages; its index goes into policy_row.file. At most 255 files. */
guint8 policy_set_add_file(struct policy_set *set, const char *name);

/* Sorts rows by key bytes (stable for equal keys: file order). */
void policy_set_sort(struct policy_set *set);

/*
 * Calls `found` for each pair of neighbours with the same key in a sorted set. Returns how many.
 */
typedef void policy_set_duplicate(
	const struct policy_row *first, const struct policy_row *again, gpointer data);
guint policy_set_duplicates(
	const struct policy_set *set, policy_set_duplicate *found, gpointer data);

/* The row with this key in a sorted set (binary search), or NULL. */
struct policy_row *policy_set_find(const struct policy_set *set, struct text key);

/*
 * The next row of a sorted set when it has the key of `row`, which policy_set_find() found, else
 * NULL: a table without a unique index may hold a key more than once.
 */
const struct policy_row *policy_set_twin(
	const struct policy_set *set, const struct policy_row *row);

#endif
