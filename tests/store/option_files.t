#!/bin/bash
# Option files mean to tlspol what they mean to MariaDB's own programs: my_print_defaults is
# asked, and must say the same, line for line.
. tests/lib/tap.sh
probe=$TLSPOL_BUILD/tests/lib/store_probe
PATH=$PATH:/usr/sbin
mkdir "$TMP/home" "$TMP/d" "$TMP/mh"

groups=(client client-server client-mariadb tlspol)
# Names alone may differ: '_' and '-' are the same in them.
theirs() { env -u MARIADB_HOME -u MYSQL_HOME HOME="$TMP/home" "${extra[@]}" my_print_defaults "$@" "${groups[@]}" 2>/dev/null |
	sed -E ':a; s/^(--[^=]*)_/\1-/; ta'; }
same() { # NAME "their options" "our settings"
	local want got
	# shellcheck disable=SC2086 # lists of words
	want=$(theirs $2)
	# shellcheck disable=SC2086
	got=$("$probe" $3 options)
	[ -n "$want" ] || want='(nothing)'
	is "${got:-(nothing)}" "$want" "$1"
}
extra=()

cat >"$TMP/odd.cnf" <<'CNF'
# a comment
; another
[client]
password="a#b" # comment
user = x#y
host = 'quo"ted'
a=b\tc\qd\\e\
novalue
nv2 # comment
nv3=# comment
b = "half
c = "esc\"aped" # c
d = "in" and "out"
  indented = 1
e =
f = ''
g = "
h = x \
i_under_score = 3
dash-and_under=a_b-c
k = a = b
l = "trailing "
m = 'mixed"
n = \s\n\r\t\b\x
o=1;p
umlaut = bücher
[ client ]
not=read
[client ]
read=1
[client] trailing
read=2
[client-server]
read=3
[CLIENT]
read=4
[clients]
not=read
[mysqld]
not=read
[tlspol]
password = 'p"w#1'
[client-mariadb]
last=1
CNF
same 'one file of oddities' "--defaults-file=$TMP/odd.cnf" "defaults_file=$TMP/odd.cnf"
same 'nothing at all' --no-defaults "no_defaults=1 home=$TMP/home"
same "this machine's own files" '' "home=$TMP/home"

# Includes: sorted, .cnf only, nested, to themselves
cat >"$TMP/inc.cnf" <<CNF
[client]
a=1
!includedir $TMP/d
! include $TMP/one.cnf
!include $TMP/missing.cnf
a=after
!include $TMP/inc.cnf
!nonsense x
CNF
printf '[client]\nb=2\n' >"$TMP/d/20.cnf"
printf '[client]\nb=1\n[client-server]\nc=1\n' >"$TMP/d/10.cnf"
printf '[client]\nnot=read\n' >"$TMP/d/30.txt"
printf '[tlspol]\nfrom=one\n' >"$TMP/one.cnf"
same 'includes' "--defaults-file=$TMP/inc.cnf" "defaults_file=$TMP/inc.cnf"

# Suffix, extra file, home, order
printf '[client]\nx=home\n[client-east]\nx=home-east\n[tlspol-east]\ny=1\n' >"$TMP/home/.my.cnf"
printf '[client]\nx=extra\n[client-east]\nx=extra-east\n' >"$TMP/extra.cnf"
printf '[client]\nx=mariadb-home\n' >"$TMP/mh/my.cnf"
same 'home' '' "home=$TMP/home"
same 'an extra file comes before ~/.my.cnf' "--defaults-extra-file=$TMP/extra.cnf" \
	"home=$TMP/home defaults_extra_file=$TMP/extra.cnf"
same 'a group suffix' "--defaults-extra-file=$TMP/extra.cnf --defaults-group-suffix=-east" \
	"home=$TMP/home defaults_extra_file=$TMP/extra.cnf defaults_group_suffix=-east"
extra=(MARIADB_HOME="$TMP/mh")
same 'MARIADB_HOME' '' "home=$TMP/home mariadb_home=$TMP/mh"
extra=()

# A file that everybody can write is not trusted
chmod 666 "$TMP/home/.my.cnf"
same 'world-writable' '' "home=$TMP/home"
chmod 600 "$TMP/home/.my.cnf"
chmod 666 "$TMP/extra.cnf"
exits 1 'a named one is refused' "$probe" defaults_file="$TMP/extra.cnf" options
like "$out" "error 78: .*$TMP/extra.cnf.*everybody" 'and said why'
exits 1 'a named one that is missing' "$probe" defaults_file="$TMP/nope.cnf" options
like "$out" "error 66: .*nope.cnf" 'is no input'
exits 1 'a directory' "$probe" defaults_file="$TMP/d" options
like "$out" "error 66: " 'is no input'
printf '[client]\nuser=a\0b\n' >"$TMP/nul.cnf"
exits 1 'NUL bytes' "$probe" defaults_file="$TMP/nul.cnf" options
like "$out" "error 78: .*binary" 'are no option file'
done_testing
