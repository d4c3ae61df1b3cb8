# Two states of one table, big enough to be interrupted on the way from one to the other.
# Source it after tap.sh, mariadb.sh and tables.sh, with a server running.
#
#   two_tables ROWS        makes $TMP/A.yaml and $TMP/B.yaml (a third of the rows differ, a sixth
#                          are in one only) and A.map, B.map: what exporting them must give; the
#                          table is A then
#   state                  A, B or "neither", by the contents of the table
#   other                  of these two, what the table is not
#   to FILE [OPTION...]    imports $TMP/FILE.yaml wholly: what it does not have is removed
#   quiet_server           waits until no connection to this database is left (what it did is undone)
# The files and what the table has to be are made by awk and the server, not by tlspol.
# shellcheck shell=bash disable=SC2154 # run() sets $status and $err

two_tables() {
	local rows=$1 which
	t init --quiet
	for which in A B; do
		awk -v rows="$rows" -v which="$which" 'BEGIN {
			for (i = 1; i <= rows; i++) {
				if (i % 6 == (which == "A" ? 4 : 5))
					continue
				changed = which == "B" && i % 3 == 0
				printf "h%06d.example\t%s\n", (i * 7919) % 1000003,
					changed ? "secure match=.mx" i ".example" : "encrypt"
			} }' | LC_ALL=C sort >"$TMP/$which.map"
		# In the file in another order than in the map.
		{
			echo 'policies:'
			LC_ALL=C sort -t. -k1.5,1.7 -k1 "$TMP/$which.map" | sed 's/^/  /; s/\t/: /'
		} >"$TMP/$which.yaml"
		sql -D mail "DROP TABLE IF EXISTS want_$which; CREATE TABLE want_$which LIKE tlspolicies"
		awk -F'[\t ]' -v table="want_$which" '
			NR % 1000 == 1 { printf "%sINSERT INTO %s (domain, policy, params) VALUES ", (NR > 1 ? ";\n" : ""), table }
			{ printf "%s(\"%s\",\"%s\",%s)", (NR % 1000 == 1 ? "" : ","), $1, $2, ($3 == "" ? "NULL" : "\"" $3 "\"") }
			END { print ";" }' "$TMP/$which.map" |
			mariadb --no-defaults --socket="$SOCKET" --user=root --skip-ssl mail
	done
	state_a=$(fingerprint want_A) state_b=$(fingerprint want_B)
	sql -D mail 'DELETE FROM tlspolicies; INSERT INTO tlspolicies SELECT * FROM want_A'
}
# Number and sum of all rows: two tables with the same one hold the same rows.
fingerprint() {
	sql -D mail "SELECT COUNT(*), BIT_XOR(CONV(LEFT(MD5(CONCAT_WS('|', domain, policy, params)), 15), 16, 10) + 0) FROM $1"
}
state() {
	case $(fingerprint tlspolicies) in
	"$state_a") echo A ;;
	"$state_b") echo B ;;
	*) echo neither ;;
	esac
}
other() { if [ "$1" = A ]; then echo B; else echo A; fi; }
to() {
	local file=$1
	shift
	t import "$TMP/$file.yaml" --prune=all --max-change 100% --allow-weaker --apply --output /dev/null "$@"
}
quiet_server() {
	local i
	for ((i = 0; i < 400; i++)); do
		[ "$(sql "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE DB = 'mail'")" != 0 ] || return 0
		sleep 0.02
	done
	return 1
}

# judge FROM TO: what is wrong with the end of a run that was to bring the table from one to the
# other: it is the one or the other, and status and words say which. $at is what it is now.
judge() {
	local from=$1 to=$2 want
	quiet_server || echo 'a connection stays'
	at=$(state)
	case $status:$err in
	0:*) want=$to ;;
	137:* | 69:*'lost while committing'*) want="$from|$to" ;;
	130:*'interrupted: nothing was changed' | 69:*'nothing was changed' | 75:*'nothing was changed') want=$from ;;
	*) want='what these words say' ;;
	esac
	[[ $at =~ ^($want)$ ]] || echo "the table is $at, not $want: status $status, $err"
	[ "$at" != neither ] || at=$from
}
# again TO: running it again, with nothing in the way, finishes the work
again() {
	run to "$1"
	at=$1
	[ "$status:$(state)" = "0:$1" ] || echo "again: status $status, $err, the table is $(state)"
}
