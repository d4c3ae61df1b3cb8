# Private MariaDB servers for tests and the demo: own datadir, own unix socket, nothing of the
# system read or written. Needs mariadb-server-core and mariadb-client-core only, and works as
# root or as a plain user. Source it after tests/lib/tap.sh (it stops the servers at the end);
# without tap.sh, call mariadb_stop_all yourself.
#
#   mariadb_start [NAME] [--tcp] [--tls] [mariadbd options...]   NAME defaults to "db"
#       sets $SOCKET, $PORT (0 without --tcp), $MARIADB_PID, and makes the database "mail";
#       files are in ${MARIADB_DIR:-$TMP}/mariadb-NAME. --tls uses mariadb_pki's files.
#   mariadb_use NAME       the server that $SOCKET, $PORT and sql mean from now on
#   mariadb_stop [NAME]    ends it by its pid and waits; the datadir stays (start it again)
#   mariadb_kill [NAME]    the same with SIGKILL
#   sql [-D DATABASE] [mariadb options...] "SQL"   as root; rows tab-separated, no headings
#   mariadb_pki            makes $TMP/pki once: ca.pem, other-ca.pem, server.pem and server.key
#                          (names: db.example, localhost)
# shellcheck shell=bash

declare -A mariadb_pids=() mariadb_ports=() mariadb_sockets=()
MARIADB_PID='' SOCKET='' PORT=0
PATH=$PATH:/usr/sbin:/sbin

# One installed datadir, made once per server version, copied for every server; a test that comes
# while another one makes it waits.
mariadb_template() {
	local build=${TLSPOL_BUILD:-build} version fresh lock as=()
	version=$(mariadbd --no-defaults --version | tr -cs 'A-Za-z0-9.+-' '-')
	mariadb_template_dir=$build/mariadb-template
	mkdir -p "$build"
	exec {lock}>"$build/mariadb-template.lock"
	flock "$lock"
	if [ "$(cat "$mariadb_template_dir/made-for" 2>/dev/null)" != "$version" ]; then
		rm -rf "$mariadb_template_dir"
		fresh=$(cd "$(mktemp -d "$build/mariadb-new.XXXXXX")" && pwd)
		mkdir "$fresh/data" "$fresh/tmp"
		[ "$(id -u)" != 0 ] || as=(--user=root)
		if mariadb-install-db --no-defaults "${as[@]}" --datadir="$fresh/data" \
			--tmpdir="$fresh/tmp" --auth-root-authentication-method=normal --skip-test-db \
			--force --skip-name-resolve --innodb-log-file-size=8M \
			--innodb-flush-method=fsync >"$fresh/log" 2>&1; then
			echo "$version" >"$fresh/data/made-for"
			mv -T "$fresh/data" "$mariadb_template_dir"
		else
			cat "$fresh/log" >&2
		fi
		rm -rf "$fresh"
	fi
	exec {lock}>&-
	[ -d "$mariadb_template_dir" ]
}

# A port nobody listens on; the server itself is the judge (mariadb_start tries again).
mariadb_free_port() {
	local port
	while :; do
		port=$((20000 + RANDOM % 12000))
		(exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
	done
	PORT=$port
}

mariadb_wait() { # PID SOCKET
	local i
	for ((i = 0; i < 600; i++)); do
		kill -0 "$1" 2>/dev/null || return 1
		! mariadb --no-defaults --socket="$2" --user=root --skip-ssl -e 'DO 1' \
			>/dev/null 2>&1 || return 0
		sleep 0.05
	done
	return 1
}

mariadb_start() {
	local name=db tcp='' tls='' dir data log pid try socket args=() options=()
	case ${1:-} in '' | -*) ;; *) name=$1; shift ;; esac
	while [ $# -gt 0 ]; do
		case $1 in
		--tcp) tcp=1 ;;
		--tls) tls=1 ;;
		*) options+=("$1") ;;
		esac
		shift
	done
	dir=${MARIADB_DIR:-$TMP}/mariadb-$name
	mkdir -p "$dir"
	dir=$(cd "$dir" && pwd)
	data=$dir/data log=$dir/error.log socket=$dir/mysqld.sock
	# sun_path holds 107 bytes; a deep checkout needs a shorter way in.
	[ ${#socket} -le 100 ] || socket=$(mktemp -d)/mysqld.sock
	# A starting server deletes temporary tables in its tmpdir, also those of others.
	mkdir -p "$dir/tmp"
	if [ ! -d "$data" ]; then
		mariadb_template || return 1
		cp -a "$mariadb_template_dir" "$data"
	fi
	args=(--no-defaults --datadir="$data" --tmpdir="$dir/tmp" --socket="$socket" --pid-file="$dir/pid"
		--log-error="$log" --innodb-log-file-size=8M --innodb-flush-method=fsync
		--innodb-buffer-pool-size=64M --skip-name-resolve --skip-slave-start)
	[ "$(id -u)" != 0 ] || args+=(--user=root)
	if [ -n "$tls" ]; then
		mariadb_pki
		args+=(--ssl-ca="$TMP/pki/ca.pem" --ssl-cert="$TMP/pki/server.pem"
			--ssl-key="$TMP/pki/server.key")
	fi
	for try in 1 2 3 4 5; do
		PORT=0
		[ -z "$tcp" ] || mariadb_free_port
		if [ -n "$tcp" ]; then
			mariadbd "${args[@]}" --bind-address=127.0.0.1 --port="$PORT" "${options[@]}" \
				>>"$log" 2>&1 </dev/null &
		else
			mariadbd "${args[@]}" --skip-networking "${options[@]}" >>"$log" 2>&1 </dev/null &
		fi
		pid=$!
		if mariadb_wait "$pid" "$socket"; then
			mariadb_pids[$name]=$pid mariadb_ports[$name]=$PORT
			mariadb_sockets[$name]=$socket
			mariadb_use "$name"
			! declare -F cleanup >/dev/null || cleanup mariadb_stop "$name"
			sql 'CREATE DATABASE IF NOT EXISTS mail'
			return
		fi
		kill "$pid" 2>/dev/null
		wait "$pid" 2>/dev/null
		[ -n "$tcp" ] && [ "$try" != 5 ] && grep -q 'Address already in use' "$log" || break
	done
	echo "mariadbd did not start; the end of its log:" >&2
	tail -20 "$log" >&2
	return 1
}

mariadb_use() {
	# shellcheck disable=SC2034 # for the test
	SOCKET=${mariadb_sockets[$1]} PORT=${mariadb_ports[$1]} MARIADB_PID=${mariadb_pids[$1]}
	export SOCKET PORT
}

mariadb_stop() { mariadb_signal TERM "${1:-db}"; }
mariadb_kill() { mariadb_signal KILL "${1:-db}"; }
mariadb_signal() {
	local pid=${mariadb_pids[$2]:-}
	[ -n "$pid" ] || return 0
	unset "mariadb_pids[$2]"
	kill "-$1" "$pid" 2>/dev/null
	wait "$pid" 2>/dev/null
	return 0
}
mariadb_stop_all() {
	local name
	for name in "${!mariadb_pids[@]}"; do mariadb_stop "$name"; done
}

sql() {
	mariadb --no-defaults --socket="$SOCKET" --user=root --skip-ssl --batch --skip-column-names \
		--default-character-set=utf8mb4 "${@:1:$#-1}" -e "${*: -1}"
}

mariadb_pki() {
	local pki=$TMP/pki ca
	[ ! -d "$pki" ] || return 0
	mkdir "$pki"
	for ca in ca other-ca; do
		openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 \
			-subj "/CN=tlspol test $ca" -keyout "$pki/$ca.key" -out "$pki/$ca.pem" 2>/dev/null
	done
	openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=db.example \
		-keyout "$pki/server.key" -out "$pki/server.csr" 2>/dev/null
	printf 'subjectAltName=DNS:db.example,DNS:localhost\n' >"$pki/server.ext"
	openssl x509 -req -in "$pki/server.csr" -CA "$pki/ca.pem" -CAkey "$pki/ca.key" -days 30 \
		-set_serial 1 -extfile "$pki/server.ext" -out "$pki/server.pem" 2>/dev/null
}
