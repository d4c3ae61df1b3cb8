#include "net/tls_private.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include <openssl/err.h>
#include <openssl/x509_vfy.h>

#include "core/error.h"
#include "net/tls_tafile.h"

static gboolean is_set(const char *path)
{
	return path && *path;
}

/* Are there any CAs for verify and secure? Postfix's default is none. */
static gboolean has_anchors(const struct client_settings *client)
{
	return is_set(client->ca_file) || is_set(client->ca_path) || client->append_default_ca;
}

/* OpenSSL looks into a directory only when it needs a CA, and says nothing when there is none. */
static gboolean directory_exists(const char *path, GError **error)
{
	struct stat st;
	int problem = stat(path, &st) < 0 ? errno : S_ISDIR(st.st_mode) ? 0 : ENOTDIR;

	if (problem)
		g_set_error(error, TLSPOL_ERROR, STATUS_NO_INPUT,
			"%s: %s; it has to be a directory of CA certificates", path,
			g_strerror(problem));
	return !problem;
}

static gboolean load_file(X509_STORE *store, const char *path, GError **error)
{
	struct stat st;

	if (stat(path, &st) < 0) {
		g_set_error(
			error, TLSPOL_ERROR, STATUS_NO_INPUT, "%s: %s", path, g_strerror(errno));
		return FALSE;
	}
	if (X509_STORE_load_file(store, path))
		return TRUE;
	g_set_error(error, TLSPOL_ERROR, STATUS_DATA,
		"%s: no CA certificate can be read from it (%s)", path,
		ERR_reason_error_string(ERR_peek_last_error()));
	return FALSE;
}

static gboolean load(const struct client_settings *client, X509_STORE *store, GError **error)
{
	gboolean done = TRUE;

	ERR_clear_error();
	if (is_set(client->ca_file))
		done = load_file(store, client->ca_file, error);
	if (done && is_set(client->ca_path))
		done = directory_exists(client->ca_path, error) &&
		       X509_STORE_load_path(store, client->ca_path);
	if (done && client->append_default_ca)
		X509_STORE_set_default_paths(store);
	ERR_clear_error();
	return done;
}

/* Remembers the problem: later judgements tell it. */
static void load_anchors(struct tls *tls, GError **error)
{
	g_autoptr(GError) problem = NULL;

	tls->anchors = X509_STORE_new();
	if (load(tls->client, tls->anchors, &problem))
		return;
	tls->anchors_problem = g_strdup(problem->message);
	g_propagate_error(error, g_steal_pointer(&problem));
}

gboolean tls_load_anchors(struct tls *tls, GError **error)
{
	if (!tls->anchors)
		load_anchors(tls, error);
	else if (tls->anchors_problem)
		g_set_error_literal(error, TLSPOL_ERROR, STATUS_DATA, tls->anchors_problem);
	return !tls->anchors_problem;
}

X509_STORE *tls_anchors(struct tls *tls)
{
	if (!tls->anchors)
		load_anchors(tls, NULL);
	return tls->anchors;
}

/* Links by the hash of a CA's name, "4a6481c9.0", as openssl rehash makes them. */
static gboolean is_hashed(const char *directory)
{
	g_autoptr(GDir) dir = g_dir_open(directory, 0, NULL);
	const char *name;

	while (dir && (name = g_dir_read_name(dir)))
		if (strspn(name, "0123456789abcdef") == 8 && strcmp(name + 8, ".0") == 0)
			return TRUE;
	return FALSE;
}

/* CAs are looked for one by one where that is possible: all of them take 50 ms to read. */
static void load_system(X509_STORE *store)
{
	const char *directory = X509_get_default_cert_dir();

	if (!is_hashed(directory) || !X509_STORE_load_path(store, directory))
		X509_STORE_set_default_paths(store);
	ERR_clear_error();
}

static gboolean is_system_file(const char *path)
{
	struct stat one, other;

	return is_set(path) && stat(path, &one) == 0 &&
	       stat(X509_get_default_cert_file(), &other) == 0 && one.st_dev == other.st_dev &&
	       one.st_ino == other.st_ino;
}

X509_STORE *tls_webpki_anchors(struct tls *tls)
{
	const struct client_settings *client = tls->client;

	if (!tls->webpki) {
		tls->webpki = X509_STORE_new();
		load_system(tls->webpki);
		if (!is_system_file(client->ca_file) || is_set(client->ca_path))
			load(client, tls->webpki, NULL);
	}
	return tls->webpki;
}

X509_STORE *tls_no_anchors(struct tls *tls)
{
	if (!tls->empty)
		tls->empty = X509_STORE_new();
	return tls->empty;
}

char *tls_anchors_words(const struct tls *tls)
{
	const struct client_settings *client = tls->client;
	g_autoptr(GPtrArray) parts = g_ptr_array_new();
	g_autofree char *joined = NULL;

	if (is_set(client->ca_file))
		g_ptr_array_add(parts, client->ca_file);
	if (is_set(client->ca_path))
		g_ptr_array_add(parts, client->ca_path);
	if (client->append_default_ca)
		g_ptr_array_add(parts, (char *)"the system");
	g_ptr_array_add(parts, NULL);
	joined = g_strjoinv(" and ", (char **)parts->pdata);
	return g_strconcat("the CAs of ", joined, NULL);
}

static void anchors_unref(GPtrArray *anchors)
{
	if (anchors)
		g_ptr_array_unref(anchors);
}

const GPtrArray *tls_tafile_anchors(struct tls *tls, struct text path)
{
	g_autofree char *name = tls_tafile_path(path);
	GPtrArray *anchors;
	enum tafile_state state;

	if (!tls->tafiles)
		tls->tafiles = g_hash_table_new_full(
			g_str_hash, g_str_equal, g_free, (GDestroyNotify)anchors_unref);
	if (g_hash_table_lookup_extended(tls->tafiles, name, NULL, (gpointer *)&anchors))
		return anchors;
	anchors = tls_tafile_anchors_new();
	state = tls_tafile_read(name, anchors);
	if (state == TAFILE_UNKNOWN || state == TAFILE_NO_PEM)
		g_clear_pointer(&anchors, g_ptr_array_unref);
	g_hash_table_insert(tls->tafiles, g_steal_pointer(&name), anchors);
	return anchors;
}

const char *tls_anchors_problem(const struct tls *tls)
{
	if (!has_anchors(tls->client))
		return "main.cf names no CAs (smtp_tls_CAfile is empty), so Postfix trusts none";
	return tls->anchors_problem;
}

void tls_anchors_release(struct tls *tls)
{
	X509_STORE_free(tls->anchors);
	X509_STORE_free(tls->webpki);
	X509_STORE_free(tls->empty);
	g_clear_pointer(&tls->tafiles, g_hash_table_destroy);
	g_free(tls->anchors_problem);
}
