#include "net/tls_facts.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "net/tls_ciphers.h"
#include "net/tls_tafile.h"

#define POSTFIX_USER "postfix"
#define MEMORY_MAX   1000

/*
 * Rows repeat themselves: a million of them name a handful of exclusions and files. Answers are
 * kept for the life of the process, by a text that says everything they depend on.
 */
struct memory {
	GHashTable *answers;
};

static gboolean memory_find(const struct memory *memory, const char *question, int *answer)
{
	gpointer found;

	if (!memory->answers ||
		!g_hash_table_lookup_extended(memory->answers, question, NULL, &found))
		return FALSE;
	*answer = GPOINTER_TO_INT(found);
	return TRUE;
}

static void memory_keep(struct memory *memory, char *question, int answer)
{
	if (!memory->answers)
		memory->answers = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	if (g_hash_table_size(memory->answers) >= MEMORY_MAX)
		g_hash_table_remove_all(memory->answers);
	g_hash_table_insert(memory->answers, question, GINT_TO_POINTER(answer));
}

/* -- ciphers -------------------------------------------------------------------------------- */

static SSL *new_ssl(void)
{
	static SSL_CTX *context;

	if (!context) {
		context = SSL_CTX_new(TLS_client_method());
		if (!context)
			return NULL;
		/* Postfix does the same; openssl.cnf may say otherwise. */
		SSL_CTX_set_security_level(context, 0);
	}
	return SSL_new(context);
}

/* Whether a ClientHello of these protocols could offer any cipher of the list. */
static gboolean offers_none(const char *list, enum level level, unsigned protocols)
{
	SSL *ssl = new_ssl();
	STACK_OF(SSL_CIPHER) * ciphers;
	gboolean none = TRUE;

	if (!ssl)
		return FALSE;
	if (SSL_set_cipher_list(ssl, list)) {
		tls_set_protocols(ssl, protocols);
		if (level > LEVEL_ENCRYPT)
			SSL_set_security_level(ssl, 1);
		ciphers = SSL_get1_supported_ciphers(ssl);
		none = !ciphers || sk_SSL_CIPHER_num(ciphers) == 0;
		sk_SSL_CIPHER_free(ciphers);
	}
	ERR_clear_error();
	SSL_free(ssl);
	return none;
}

gboolean tls_no_cipher_left(const struct cipher_choice *choice, gpointer data)
{
	static struct memory memory;
	g_autofree char *list = tls_cipher_list(choice->grade, choice->exclude, choice->level);
	char *question = g_strdup_printf("%d %u %s", choice->level, choice->protocols, list);
	int none;

	(void)data;
	if (memory_find(&memory, question, &none)) {
		g_free(question);
		return none;
	}
	none = offers_none(list, choice->level, choice->protocols);
	memory_keep(&memory, question, none);
	return none;
}

/* -- trust anchor files --------------------------------------------------------------------- */

struct reader {
	uid_t user;
	gid_t groups[64];
	int count;
};

/* FALSE when this machine has no user postfix: then nobody can say what it may read. */
static gboolean reader_find(struct reader *reader)
{
	const struct passwd *user = getpwnam(POSTFIX_USER);

	if (!user)
		return FALSE;
	reader->user = user->pw_uid;
	reader->count = G_N_ELEMENTS(reader->groups);
	if (getgrouplist(POSTFIX_USER, user->pw_gid, reader->groups, &reader->count) < 0)
		reader->count = G_N_ELEMENTS(reader->groups);
	return TRUE;
}

/* `want` is one of the bits of "other": S_IROTH or S_IXOTH. */
static gboolean permits(const struct stat *st, const struct reader *reader, mode_t want)
{
	if (st->st_uid == reader->user)
		return (st->st_mode & (want << 6)) != 0;
	for (int i = 0; i < reader->count; i++)
		if (st->st_gid == reader->groups[i])
			return (st->st_mode & (want << 3)) != 0;
	return (st->st_mode & want) != 0;
}

/* The file itself and every directory on the way to it; symbolic links are followed. */
static enum tafile_state path_state(const char *path, const struct reader *reader)
{
	g_autofree char *part = g_strdup(path);
	gboolean last = FALSE;

	for (char *p = part + 1; !last; p++) {
		struct stat st;
		char c = *p;

		last = c == '\0';
		if (c != '/' && !last)
			continue;
		*p = '\0';
		if (stat(part, &st) < 0)
			return errno == EACCES ? TAFILE_UNKNOWN : TAFILE_MISSING;
		if (!last && !S_ISDIR(st.st_mode))
			return TAFILE_MISSING;
		if (reader && !permits(&st, reader, last ? S_IROTH : S_IXOTH))
			return TAFILE_UNREADABLE;
		*p = c;
	}
	return TAFILE_USABLE;
}

static enum tafile_state file_state(const char *path)
{
	struct reader reader;
	gboolean known = reader_find(&reader);
	enum tafile_state state = path_state(path, known ? &reader : NULL);

	if (state == TAFILE_USABLE) {
		g_autofree char *real = realpath(path, NULL);

		/* A link may lead through directories that its own path does not show. */
		if (real)
			state = path_state(real, known ? &reader : NULL);
	}
	return state == TAFILE_USABLE ? tls_tafile_read(path, NULL) : state;
}

enum tafile_state tls_tafile_state(struct text path, gpointer data)
{
	static struct memory memory;
	char *name = tls_tafile_path(path);
	int state;

	(void)data;
	if (memory_find(&memory, name, &state)) {
		g_free(name);
		return state;
	}
	state = file_state(name);
	memory_keep(&memory, name, state);
	return state;
}
