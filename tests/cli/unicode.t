#!/bin/bash
# International names in files: stored as A-labels; what --both stores survives export and import.
. tests/lib/tap.sh

cat >"$TMP/both.yaml" <<'END'
policies:
  "bücher.example": secure
  xn--bcher-kva.example: secure
END
run "$TLSPOL" export yaml --from "$TMP/both.yaml"
is "$status" 0 "both forms of a name in one file are two rows"
is "$out" "$(cat "$TMP/both.yaml")" "and are exported as they came"

printf '%s\n' policies: '  "[MX.BÜCHER.example]:587": secure' >"$TMP/one.yaml"
run "$TLSPOL" export map --from "$TMP/one.yaml"
like "$out" $'(^|\n)\[mx\.xn--bcher-kva\.example\]:587\tsecure' "a U-label alone is stored as its A-label"

printf '%s\n' policies: '  bücher.example: may' '  BÜCHER.example: secure' >"$TMP/twice.yaml"
run "$TLSPOL" export yaml --from "$TMP/twice.yaml"
is "$status" 65 "two spellings of one U-label are one key"
like "$err" 'twice.yaml:3.*line 2' "and both lines are named"

printf '%s\n' policies: '  xn--strae-oqa.example: may' '  straße.example: may' >"$TMP/sharp.yaml"
run "$TLSPOL" export yaml --from "$TMP/sharp.yaml"
is "$status" 65 "a folded form that is another domain's name is refused"
like "$err" 'sharp.yaml:3.*strasse\.example' "by name"

printf '%s\n' policies: '  zü☃.example: may' '  xn--123456.example: may' '  Bü-.example: may' \
	>"$TMP/bad.yaml"
run "$TLSPOL" export yaml --from "$TMP/bad.yaml"
is "$status" 65 "no IDNA 2008 name"
like "$err" 'bad.yaml:2:3: .*"zü☃"' "a symbol"
like "$err" 'bad.yaml:3:3: .*"xn--123456"' "an A-label that is no punycode"
like "$err" 'bad.yaml:4:3: .*"Bü-"' "a hyphen at the end"
done_testing
