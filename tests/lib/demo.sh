#!/bin/bash
# make demo: the whole tool at work on a private MariaDB below build/demo, with the real postmap.
# usage: demo.sh [shell]     shell: the same world with an empty database, to type in
set -u
build=$(cd "${TLSPOL_BUILD:-build}" && pwd)
repository=$PWD
. tests/lib/mariadb.sh
# The servers of the little internet run as users that may not see below this directory.
TMP=$(mktemp -d "${TMPDIR:-/tmp}/tlspol-demo.XXXXXX")
chmod 755 "$TMP"
cleanup() { :; }
. tests/lib/lab/lab.sh
. tests/lib/demo_world.sh

exec 9>"$build/demo.lock"
flock --nonblock 9 || { echo "demo: another demo runs in $build/demo" >&2; exit 75; }
trap 'mariadb_stop_all; lab_stop; rm -rf "$TMP"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

if [ "${1:-}" = shell ]; then
	demo_world "$build/demo" || exit
	sql 'DROP DATABASE mail' && sql 'CREATE DATABASE mail' || exit
	echo "The demo's MariaDB runs until you leave this shell, its database is empty."
	echo "Follow the tour in README.md, or begin with: tlspol init"
	echo 'PS1="demo\$ "' >.bashrc
	if [ -n "$lab_pid" ]; then lab_run bash --rcfile .bashrc -i; else bash --rcfile .bashrc -i; fi
	exit
fi

step() { printf '\n-- %s\n' "$1"; }
# show [STATUS] COMMAND: says it, runs it, and ends the demo when it does not end as expected
show() {
	local want=0 status=0
	[ $# = 1 ] || { want=$1; shift; }
	printf '\n$ %s\n' "$1"
	eval "$1" 2>&1 || status=$?
	[ "$status" = "$want" ] || { echo "demo: exit status $status, expected $want" >&2; exit 70; }
}

rm -rf "$build/demo"
echo 'A private MariaDB (no network, its own files) starts in build/demo …'
demo_world "$build/demo" || exit
type=$(postconf -h default_database_type)

step 'The table. An existing one would be adopted as it is.'
show 'tlspol init'

step 'Policies from a file: judged as Postfix would judge them, then applied, once.'
show 'tlspol check --from policies.yaml'
show 'tlspol import policies.yaml --apply'
show 'tlspol list'
show 'tlspol import policies.yaml --plan'

step 'One by one. What Postfix could not use is refused.'
show 65 'tlspol add example.org secure mach=mx.example.org'
show 'tlspol add example.org secure match=mx.example.org --note "ticket 12"'
show 'tlspol show example.org'

step 'What will Postfix do with a mail to this address?'
show 'tlspol explain user@lists.nongnu.org'

step 'For Postfix: an indexed map, or the table itself. The real postmap asks both.'
show "tlspol export map --output tls_policy --postmap"
show "postmap -q github.com $type:tls_policy"
# shellcheck disable=SC2016 # $SOCKET is the reader's to see
show 'tlspol export mysql --reader reader --password-file reader.password --hosts unix:$SOCKET --output tls_policy.cf'
# shellcheck disable=SC2016
show 'postmap -q github.com mysql:$PWD/tls_policy.cf'
# shellcheck disable=SC2016
show 'postconf -e smtp_tls_policy_maps=mysql:$PWD/tls_policy.cf'
show 'tlspol explain github.com --postmap'

if [ -n "$lab_pid" ]; then
	step 'Do policies fit the mail servers as they are today? The demo has a small internet of its own.'
	show 1 'tlspol verify --from partners.map'
	show 'tlspol verify school.lab.test encrypt'
fi

cat >shell <<END
#!/bin/sh
cd '$repository' && TLSPOL_BUILD='$build' exec bash tests/lib/demo.sh shell
END
chmod +x shell
here=${build#"$repository"/}
cat <<END

-- Done; the private MariaDB is stopped. What to type next:

$here/demo/shell                     the same for you to type in; README.md has a tour
$here/tlspol explain gmx.de --from tests/data/policies.yaml
                                     a file instead of the table: no database needed
$here/tlspol help                    all commands; tlspol help COMMAND explains one
man -l man/tlspol.1                  the manual
make check                           all tests
END
