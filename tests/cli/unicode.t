#!/bin/bash
# International names in files: stored as A-labels; what --both stores survives export and import.
. tests/lib/tap.sh

cat >"$TMP/both.yaml" <<'END'
policies:
  "B.example":
    policy: may
    verbatim: yes
  b.example: encrypt
  "bücher.example":
    policy: secure
    verbatim: yes
  xn--bcher-kva.example: secure
END
run "$TLSPOL" export yaml --from "$TMP/both.yaml"
is "$status" 0 "verbatim keys are what they are, beside their folded forms"
is "$out" "$(cat "$TMP/both.yaml")" "and are exported as they came"
printf 'domain,policy,verbatim\nB.example,may,yes\nb.example,may,no\nx.example,may,perhaps\n' >"$TMP/both.csv"
run "$TLSPOL" list --format tsv --from "$TMP/both.csv"
is "$status" 65 "verbatim is yes or no"
like "$err" 'both.csv:4: ' "says so with the line"

printf '%s\n' policies: '  "[MX.BÜCHER.example]:587": secure' >"$TMP/one.yaml"
run "$TLSPOL" export map --from "$TMP/one.yaml"
like "$out" $'(^|\n)\[mx\.xn--bcher-kva\.example\]:587\tsecure' "a U-label alone is stored as its A-label"

printf '%s\n' policies: '  bücher.example: may' '  BÜCHER.example: secure' >"$TMP/twice.yaml"
run "$TLSPOL" export yaml --from "$TMP/twice.yaml"
is "$status" 65 "two spellings of one U-label are one key"
like "$err" 'twice.yaml:3.*line 2' "and both lines are named"

printf '%s\n' policies: '  xn--strae-oqa.example: may' '  straße.example: may' >"$TMP/sharp.yaml"
run "$TLSPOL" export yaml --from "$TMP/sharp.yaml"
is "$status" 65 "a U-label and its own A-label are one key"
like "$err" 'sharp.yaml:3.*line 2' "both lines are named"

printf '%s\n' policies: '  zü☃.example: may' '  xn--123456.example: may' '  Bü-.example: may' \
	>"$TMP/bad.yaml"
run "$TLSPOL" export yaml --from "$TMP/bad.yaml"
is "$status" 65 "no IDNA 2008 name"
like "$err" 'bad.yaml:2:3: .*"zü☃"' "a symbol"
like "$err" 'bad.yaml:3:3: .*"xn--123456"' "an A-label that is no punycode"
like "$err" 'bad.yaml:4:3: .*"Bü-"' "a hyphen at the end"

# In a locale that is not UTF-8, a table with such a text in a column that is not the last.
printf '%s\n' 'a.example mäy' >"$TMP/level.map"
for locale in C POSIX no_SUCH.locale; do
	run env LC_ALL=$locale timeout 10 "$TLSPOL" check --from "$TMP/level.map"
	is "$status" 1 "LC_ALL=$locale: a table comes to its end"
	like "$out" '"mäy" is none' "  with the text in it"
done
done_testing
