#!/bin/bash
# The README's tour, command by command, in the demo's world: what it shows is what comes; "…" stands
# for anything, also for lines. And the examples of the manual pages: tlspol understands their words.
. tests/lib/tap.sh
. tests/lib/mariadb.sh
. tests/lib/lab/lab.sh
. tests/lib/demo_world.sh

readme=$PWD/README.md manual=$PWD/man
demo_world "$TMP/world" || exit 1

shown() { # COMMAND WANT
	local got pattern
	if [ -z "$lab_pid" ] && [[ $1 == 'tlspol verify'* ]]; then
		pass "$1 # SKIP needs root, and a kernel that gives it a network namespace"
		return
	fi
	got=$(eval "$1" 2>&1 </dev/null)
	pattern=$(sed 's/[][*?\\]/\\&/g; s/…/*/g' <<<"$2")
	# shellcheck disable=SC2053 # a pattern
	if [[ $got == $pattern ]]; then
		pass "$1"
	else
		is "$got" "$2" "$1"
	fi
}
block='' command='' want=''
while IFS= read -r line; do
	if [ -n "$block" ] && [[ $line == '$ '* || $line == '```' ]]; then
		[ -z "$command" ] || shown "$command" "${want%$'\n'}"
		command=${line#'$ '} want=''
		[ "$line" != '```' ] || block='' command=''
	elif [ -n "$block" ]; then
		want+=$line$'\n'
	elif [ "$line" = '```console' ]; then
		block=1
	fi
done <"$readme"

# Nothing of the system is touched: what the pages write to /etc goes to the private directory.
for page in "$manual"/*; do
	grep '^\.Dl \$ tlspol' "$page" | grep -v '| ssh' | sed 's/ | jq .*//' |
		sed 's/^\.Dl \$ //; s/\\(dq/"/g; s/\\e/\\/g; s/\\&//g; s,/etc/postfix/,./,g' >examples
	while IFS= read -r line; do
		(eval "$line") >examples.out 2>&1 </dev/null
		unlike "$?" '^(64|70|127)$' "${page##*/}: $line"
	done <examples
done
done_testing
