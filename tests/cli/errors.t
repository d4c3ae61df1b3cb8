#!/bin/bash
# What a wrong command line, a broken output or a signal gets: one line, the right status.
. tests/lib/tap.sh

printf '%s\n' 'github.com secure match=mx.google.com' 'gmx.net dane' >"$TMP/p.map"

# -- words ---------------------------------------------------------------------------------------

# wrong STATUS REGEX WORD...
wrong() {
	local status_wanted=$1 regex=$2
	shift 2
	exits "$status_wanted" "tlspol $*" "$TLSPOL" "$@"
	like "$err" "^tlspol: $regex" '  says what is wrong'
	is "$out" '' '  nothing on stdout'
}
wrong 64 "unknown command 'lst', did you mean 'list'\?"$'\n'"try 'tlspol --help'$" lst
wrong 64 "unknown command 'frobnicate'" frobnicate
wrong 64 "unknown command ''" ''
wrong 64 "unknown option '--frmat', did you mean '--format'\?"$'\n'"try 'tlspol list --help'$" list --frmat=json
wrong 64 "unknown option '-Z'" list -Z
wrong 64 "unknown option '--nonsense'" --nonsense list
wrong 64 "--format: 'xml' is none of: table, json, yaml, csv, tsv, map" list --format xml
wrong 64 'option --output needs a value: FILE' list --output
wrong 64 'option --reverse takes no value' list --reverse=yes
wrong 64 "--port: '70k' is no number" list --port 70k
wrong 64 "--port: '70000' is no number from 0 to 65535" list --port 70000
wrong 64 "--max-change: '150%' is no percentage" import x --max-change 150%
wrong 64 "--prune: 'some' is none of: all" import x --prune=some
wrong 64 'KEY is missing' add
wrong 64 'LEVEL is missing' add example.com
wrong 64 "'extra' is one word too many" version extra
wrong 64 'FILE… is missing|FILE is missing' import
wrong 64 "'tcsh' is none of the shells: bash, zsh, fish" completion tcsh
wrong 64 '--postfix-version: ' check --from "$TMP/p.map" --postfix-version 2.11

# Nothing a terminal would obey comes back.
run "$TLSPOL" $'\e[31mred\e[0m'
like "$err" 'x1B\[31mred' 'control characters in a message are shown as \xNN'
unlike "$err" $'\e' '  and none is left'
run "$TLSPOL" list --colour always --nonsense
like "$err" $'^\e\\[31mtlspol:\e\\[0m' '--colour always colours the message'
run env NO_COLOR= "$TLSPOL" list --nonsense
unlike "$err" $'\e' 'no colour where there is no terminal'

# -- configuration -------------------------------------------------------------------------------

printf 'table:\n  nmae: x\n' >"$TMP/bad.yaml"
wrong 78 "$TMP/bad.yaml:2:[0-9]+: unknown setting 'table.nmae', did you mean 'table.name'\?" \
	list --config "$TMP/bad.yaml"
wrong 78 "$TMP/bad.yaml:2" --config "$TMP/bad.yaml" list
wrong 66 "cannot read $TMP/none.yaml|$TMP/none.yaml" list --config "$TMP/none.yaml"
export TLSPOL_CONFIG=$TMP/bad.yaml
wrong 78 "$TMP/bad.yaml:2" list
wrong 78 "$TMP/bad.yaml:2" list --config "$TMP/bad.yaml" --from "$TMP/p.map"
exits 0 'version needs no configuration' "$TLSPOL" version
printf 'postfix:\n  version: 2.0\n' >"$TMP/old.yaml"
wrong 78 'postfix.version: ' check --from "$TMP/p.map" --config "$TMP/old.yaml"
export TLSPOL_CONFIG=/dev/null

# -- input and output ------------------------------------------------------------------------------

wrong 66 ".*$TMP/none.map" list --from "$TMP/none.map"
wrong 66 ".*$TMP" list --from "$TMP"
wrong 66 "password file $TMP/none: No such file" list --no-defaults --password-file "$TMP/none"
: >"$TMP/empty"
wrong 65 "password file $TMP/empty: " list --no-defaults --password-file "$TMP/empty"
wrong 69 '.*none.sock' list --no-defaults --socket "$TMP/none.sock"
if command -v setsid >/dev/null; then
	wrong_terminal() { setsid "$TLSPOL" list --no-defaults --ask-password </dev/null; }
	exits 66 'no terminal to ask for a password' wrong_terminal
	like "$err" '--password-file' '  says what to do'
fi
for format in table json yaml csv tsv; do
	"$TLSPOL" list --from "$TMP/p.map" --format "$format" >/dev/full 2>"$TMP/err" && status=0 || status=$?
	is "$status" 74 "a full disk, $format: status 74"
	like "$(cat "$TMP/err")" '^tlspol: .*No space left on device$' '  says so'
done
for words in 'help' 'version' 'completion bash' 'help list'; do
	# shellcheck disable=SC2086 # words
	"$TLSPOL" $words >/dev/full 2>"$TMP/err" && status=0 || status=$?
	is "$status" 74 "a full disk, $words: status 74"
done
# A reader that has seen enough: quiet.
for ((i = 0; i < 20000; i++)); do echo "host$i.example.com encrypt"; done >"$TMP/many.map"
for format in table json csv; do
	("$TLSPOL" list --from "$TMP/many.map" --format "$format" 2>"$TMP/err"; echo $? >"$TMP/status") | head -1 >"$TMP/out"
	is "$(cat "$TMP/err")" '' "list --format $format | head -1 is quiet"
	is "$(wc -l <"$TMP/out")" 1 '  and prints its line'
	is "$(cat "$TMP/status")" 74 '  and its status is 74'
done
("$TLSPOL" list --from "$TMP/p.map" >&-) 2>"$TMP/err" && status=0 || status=$?
is "$status" 74 'a closed stdout: status 74'
wrong 73 ".*$TMP/none/out" list --from "$TMP/p.map" --output "$TMP/none/out"

# -- signals ----------------------------------------------------------------------------------------

mkdir "$TMP/target"
mkfifo "$TMP/slow"
for signal in INT TERM; do
	echo old >"$TMP/target/out"
	# A child of a script ignores SIGINT unless it is told otherwise.
	python3 -c 'import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execv(sys.argv[1], sys.argv[1:])' "$TLSPOL" list --from "$TMP/slow" --output "$TMP/target/out" 2>"$TMP/err" &
	pid=$!
	exec 9>"$TMP/slow"
	echo 'a.example may' >&9
	sleep 0.3
	kill -"$signal" "$pid"
	wait "$pid" && status=0 || status=$?
	exec 9>&-
	is "$status" 130 "SIG$signal: status 130"
	is "$(cat "$TMP/err")" 'tlspol: interrupted: nothing was changed' '  says so'
	is "$(cat "$TMP/target/out")" old '  the old file stays'
	is "$(ls -A "$TMP/target")" out '  nothing else is left'
done

done_testing
