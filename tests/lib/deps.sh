#!/bin/sh
# Installs what is missing for: build, demo, check. Debian packages; nothing else is touched.
# usage: deps.sh build|demo|check...
set -eu

# what is looked for : the Debian package that brings it
build='cmd:pkg-config:pkg-config pc:glib-2.0:libglib2.0-dev pc:libmariadb:libmariadb-dev
pc:openssl:libssl-dev pc:yaml-0.1:libyaml-dev pc:libidn2:libidn2-dev
pc:smartcols:libsmartcols-dev pc:jansson:libjansson-dev
pc:libevent_openssl:libevent-dev pc:libunbound:libunbound-dev'
demo='cmd:mariadbd:mariadb-server-core cmd:mariadb-install-db:mariadb-server-core
cmd:mariadb:mariadb-client-core cmd:postmap:postfix
file:/usr/lib/postfix/postfix-mysql.so:postfix-mysql
file:/usr/lib/postfix/postfix-lmdb.so:postfix-lmdb cmd:python3:python3 cmd:openssl:openssl
cmd:knotd:knot cmd:unbound:unbound cmd:ip:iproute2 cmd:nsenter:util-linux'
check="$demo pc:cmocka:libcmocka-dev cmd:prove:perl cmd:mandoc:mandoc cmd:valgrind:valgrind
cmd:python3:python3 cmd:openssl:openssl cmd:zsh:zsh cmd:fish:fish cmd:ip:iproute2
cmd:knotd:knot cmd:kdig:knot-dnsutils cmd:ldns-signzone:ldnsutils cmd:unbound:unbound
file:/usr/share/dns/root.key:dns-root-data cmd:nsenter:util-linux cmd:unshare:util-linux
cmd:ps:procps cmd:mariadb-dump:mariadb-client
file:/usr/lib/postfix/postfix-cdb.so:postfix-cdb"

PATH=$PATH:/usr/sbin:/sbin
export PATH
missing() {
	for entry in "$@"; do
		kind=${entry%%:*} rest=${entry#*:}
		what=${rest%:*} package=${rest##*:}
		case $kind in
		cmd) command -v "$what" >/dev/null 2>&1 || echo "$package" ;;
		# Not --exists: it also wants what libunbound.pc needs for static linking.
		pc) pkg-config --libs "$what" >/dev/null 2>&1 || echo "$package" ;;
		file) [ -e "$what" ] || echo "$package" ;;
		esac
	done | sort -u
}

wanted=
for set in "$@"; do
	case $set in
	build) wanted="$wanted $build" ;;
	demo) wanted="$wanted $demo" ;;
	check) wanted="$wanted $check" ;;
	*) echo "deps.sh: unknown set '$set'" >&2; exit 64 ;;
	esac
done
# shellcheck disable=SC2086 # a list of words
packages=$(missing $wanted)
[ -n "$packages" ] || exit 0

# shellcheck disable=SC2086
set -- $packages
if [ "$(id -u)" != 0 ]; then
	if command -v sudo >/dev/null 2>&1; then sudo=sudo; else
		echo "tlspol needs these Debian packages, please install them as root: apt-get install $*" >&2
		exit 77
	fi
else sudo=; fi
echo "installing: $*"
# "No configuration" and RUNLEVEL=1: no mail system and no daemon is started by this.
case " $* " in *" postfix "*)
	echo 'postfix postfix/main_mailer_type select No configuration' | $sudo debconf-set-selections ;;
esac
log=$(mktemp)
install() {
	$sudo env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -y -q --no-install-recommends "$@" >"$log" 2>&1
}
install "$@" || { $sudo apt-get update -q >>"$log" 2>&1 && install "$@"; } || {
	cat "$log" >&2; rm -f "$log"
	echo "apt-get could not install: $*" >&2
	exit 71
}
rm -f "$log"
