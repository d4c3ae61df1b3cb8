#!/bin/bash
# `tlspol check` against a real Postfix: what smtp(8) refuses, or cannot start TLS with, is an
# error; what it uses is none. Hand-picked policies (tests/data/policy_cases.txt) must all agree.
. tests/lib/tap.sh

SEED=${SEED:-20261123} COUNT=${COUNT:-500}
unshare --net --pid --fork true 2>/dev/null || skip_all 'needs root, to give Postfix a network of its own'
postfix_version=$(postconf -d -h mail_version) || skip_all 'needs Postfix'
judge=$TMP/judge cases="python3 -X utf8 tests/net/policy_cases.py"

python3 tests/lib/postfix_judge.py prepare "$judge" >"$TMP/digests" || exit 1
$cases make "$TMP/digests" "$judge" "$SEED" "$COUNT" <tests/data/policy_cases.txt >"$TMP/cases" || exit 1
$cases yaml <"$TMP/cases" >"$TMP/policies.yaml" || exit 1
ok "Postfix $postfix_version judges $(wc -l <"$TMP/cases") policies" \
	bash -c 'python3 tests/lib/postfix_judge.py judge "$1" <"$2" >"$3"' - "$judge" "$TMP/cases" "$TMP/judged"

run "$TLSPOL" check --from "$TMP/policies.yaml" --postfix-version "$postfix_version" \
	--format json --output "$TMP/findings"
# 65: some policies are not even readable, which is a finding too.
like "$status" '^(1|65)$' 'tlspol check has findings'
$cases compare "$TMP/judged" "$TMP/findings" >"$TMP/compared" 2>&1
summary=$(tail -1 "$TMP/compared")
sed -i '$d' "$TMP/compared"
like "$summary" '^hand [0-9]+ random [0-9]+$' 'every policy is compared'
random=${summary##* }

# explained WHICH: the disagreements with the policy and Postfix's own words
explained() {
	grep "^$1 " "$TMP/compared" | while read -r _ said key verdict; do
		printf '%s, Postfix: %s: %s\n' "$said" "$verdict" "$(grep -F "$key"$'\t' "$TMP/cases" | cut -c-300)"
	done
}
is "$(explained hand)" '' 'hand-picked policies: tlspol and Postfix agree on all of them'
is "$(explained 'random fine')" '' "policies made at random (SEED=$SEED): none that Postfix refuses is called fine"
wrong=$(explained random | wc -l)
ok "at least 99 % of them agree ($wrong of $random do not)" test $((wrong * 100)) -le "$random"
[ "$wrong" = 0 ] || explained random | sed 's/^/# /'
done_testing
