/*
 * login: where and as whom to connect: option files first, the command line's settings over them.
 *
 * The rules that are not obvious, all as mariadb(1) has them unless said otherwise:
 * - no host, or "localhost", is the unix socket; a port or a socket on the command line decides
 *   between the two.
 * - any ssl-* setting asks for TLS; skip-ssl takes it back.
 * - on the unix socket TLS is used only when the command line or [tlspol] asks: it protects
 *   nothing there and costs a handshake (mariadb uses it whenever the server can).
 * - with a CA the server's certificate is verified, its name too (mariadb before 11.4 connects
 *   without looking at the name); skip-ssl-verify-server-cert takes that back.
 */
#ifndef TLSPOL_STORE_LOGIN_H
#define TLSPOL_STORE_LOGIN_H

#include "store/store.h"

struct login {
	char *host, *socket, *user, *password, *database, *protocol;
	char *ssl_ca, *ssl_capath, *ssl_cert, *ssl_key, *ssl_cipher, *ssl_crl, *ssl_crlpath;
	char *tls_version, *plugin_dir, *default_auth, *bind_address;
	guint port, connect_timeout; /* port 0 = the library's own default */
	gboolean compress;
	/* What the rules above come to. */
	gboolean via_socket, tls, verify;
};

/* NO_INPUT or CONFIG, naming file and line. Release it in any case. */
gboolean login_read(const struct store_settings *settings, struct login *login, GError **error);
void login_release(struct login *login);
typedef struct login login_t;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(login_t, login_release)

/* "socket /run/mysqld/mysqld.sock", "db.example:3306 as user x": for messages. A fresh string. */
char *login_target(const struct login *login);

#endif
