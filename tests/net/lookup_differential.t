#!/bin/bash
# `tlspol explain` against a real Postfix: the keys smtp(8) asks the policy table for, in order,
# for every form of next-hop in tests/data/nexthops.txt. A socketmap gets them unfolded; what a
# table gets is their case folding (Python's is the same Unicode one).
. tests/lib/tap.sh

unshare --net --pid --fork true 2>/dev/null || skip_all 'needs root, to give Postfix a network of its own'
command -v postconf >/dev/null || skip_all 'needs Postfix'
printf 'policies:\n  never.asked.invalid: may\n' >"$TMP/policies.yaml"
grep -v '^#' tests/data/nexthops.txt >"$TMP/nexthops"

python3 tests/lib/postfix_judge.py prepare "$TMP/judge" >/dev/null || exit 1
ok "Postfix delivers to $(wc -l <"$TMP/nexthops") next-hops" \
	bash -c 'python3 tests/lib/postfix_judge.py judge "$1/judge" <"$1/nexthops" >"$1/judged"' - "$TMP"

cut -f3 "$TMP/judged" | python3 -X utf8 -c 'import sys; sys.stdout.write(sys.stdin.read().casefold())' >"$TMP/folded"
while IFS=$'\t' read -r nexthop keys; do
	run "$TLSPOL" explain --from "$TMP/policies.yaml" --format tsv -- "$nexthop"
	is "$(tail -n +2 <<<"$out" | cut -f2 | paste -sd ' ')" "$keys" "$nexthop"
done < <(paste "$TMP/nexthops" "$TMP/folded")
done_testing
