# The world of `make demo` and of the README's tour: a directory with a private MariaDB, a Postfix
# configuration of its own and an example policy file; the environment points there, so that
# commands need no options. Where this user may make network namespaces (root may), there is a small
# internet besides: mail servers and DNS of their own, for `tlspol verify`. Nothing outside the
# directory is read or written but a temporary one for that. Source it from the top of the
# repository, after tests/lib/mariadb.sh and tests/lib/lab/lab.sh.
# shellcheck shell=bash

# The mail servers of tests/lib/demo_hosts.txt, and `tlspol` run among them.
demo_internet() { # DIR
	unshare --net --pid --fork true 2>/dev/null || return 0
	# The demo goes on without.
	lab_world=tests/lib/demo_hosts.txt lab_start || return 0
	cp "$(lab_ca)" "$1/ca.pem"
	cp "$(lab_trust_anchor)" "$1/root.ds"
	printf 'resolver:\n  trust_anchor: %s\n' "$1/root.ds" >"$1/tlspol.yaml"
	export TLSPOL_CONFIG=$1/tlspol.yaml
	tlspol() { lab_run tlspol "$@"; }
}

# demo_world DIR: makes it, starts the server (stop it with mariadb_stop_all), goes there
demo_world() {
	local dir build
	mkdir -p "$1/postfix"
	dir=$(cd "$1" && pwd)
	build=$(cd "${TLSPOL_BUILD:-build}" && pwd)
	cp tests/data/policies.yaml tests/data/partners.map "$dir"
	cp /etc/ssl/certs/ca-certificates.crt "$dir/ca.pem" 2>/dev/null || : >"$dir/ca.pem"
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
		smtp_tls_CAfile = $dir/ca.pem
	CNF
	: >"$dir/postfix/master.cf"
	# The account Postfix reads the table with.
	echo 'read#only, "please"' >"$dir/reader.password"
	chmod 600 "$dir/reader.password"
	sql "CREATE OR REPLACE USER reader@localhost IDENTIFIED BY 'read#only, \"please\"';
		GRANT SELECT ON mail.* TO reader@localhost"
	export HOME=$dir MAIL_CONFIG=$dir/postfix TLSPOL_CONFIG=/dev/null PATH=$build:$PATH
	demo_internet "$dir" || return 1
	cd "$dir" || return 1
}
