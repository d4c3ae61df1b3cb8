# The world of `make demo` and of the README's tour: a directory with a private MariaDB, a Postfix
# configuration of its own and an example policy file; the environment points there, so that
# commands need no options. Nothing outside the directory is read or written. Source it from the
# top of the repository, after tests/lib/mariadb.sh.
# shellcheck shell=bash

# demo_world DIR: makes it, starts the server (stop it with mariadb_stop_all), goes there
demo_world() {
	local dir build
	mkdir -p "$1/postfix"
	dir=$(cd "$1" && pwd)
	build=$(cd "${TLSPOL_BUILD:-build}" && pwd)
	cp tests/data/policies.yaml "$dir"
	export MARIADB_DIR=$dir
	mariadb_start demo || return 1
	# Every setting that the system's option files could bring is said again.
	cat >"$dir/.my.cnf" <<-CNF
		[client]
		socket=$SOCKET
		host=localhost
		user=root
		password=
		[client-mariadb]
		skip-ssl
		[tlspol]
		database=mail
	CNF
	cat >"$dir/postfix/main.cf" <<-CNF
		compatibility_level = 3.6
		smtp_dns_support_level = dnssec
		smtp_tls_security_level = may
		smtp_tls_CAfile = /etc/ssl/certs/ca-certificates.crt
	CNF
	: >"$dir/postfix/master.cf"
	# The account Postfix reads the table with.
	echo 'read#only, "please"' >"$dir/reader.password"
	chmod 600 "$dir/reader.password"
	sql "CREATE OR REPLACE USER reader@localhost IDENTIFIED BY 'read#only, \"please\"';
		GRANT SELECT ON mail.* TO reader@localhost"
	export HOME=$dir MAIL_CONFIG=$dir/postfix TLSPOL_CONFIG=/dev/null PATH=$build:$PATH
	cd "$dir" || return 1
}
