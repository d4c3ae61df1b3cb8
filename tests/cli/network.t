#!/bin/bash
# The module with the live part: found where it is built and where it is installed, or told what
# is wrong with it.
. tests/lib/tap.sh

# doctor PROGRAM: what doctor says of the resolver, where there is no server
doctor() {
	"$1" doctor --no-defaults --format json --resolver 127.0.0.1@9 --trust-anchor "$TMP/anchor" 2>&1 | python3 -c '
import json, sys
for r in json.load(sys.stdin):
    if r["area"] == "resolver": print("%s: %s %s" % (r["check"], r["status"], r["text"]))'
}
echo '. IN DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D' >"$TMP/anchor"
module=$TLSPOL_BUILD/tlspol-net.so
like "$(doctor "$TLSPOL")" '^root keys: error 127\.0\.0\.1@9: no answer' 'next to the program'
mkdir -p "$TMP/x/bin" "$TMP/x/lib/tlspol"
cp "$TLSPOL" "$TMP/x/bin/tlspol"
like "$(doctor "$TMP/x/bin/tlspol")" \
	"^module: error .*neither $TMP/x/bin/tlspol-net\.so nor $TMP/x/lib/tlspol/tlspol-net\.so exists; install tlspol again" \
	'not there'
installed=$TMP/x/lib/tlspol/tlspol-net.so
echo 'no module' >"$installed"
like "$(doctor "$TMP/x/bin/tlspol")" "^module: error cannot load $installed: .*; install tlspol again" 'no module'
for version in '"0.0.1"' 'TLSPOL'; do
	echo "const struct { const char *version; } tlspol_network = {$version};" |
		sed 's/struct.*TLSPOL.*/int x;/' | "${CC:-cc}" -shared -fPIC -o "$installed" -xc -
	like "$(doctor "$TMP/x/bin/tlspol")" \
		"^module: error $installed is of tlspol (0\.0\.1|\(unknown\)), the program is [0-9.]+; install" \
		"another version: $version"
done
cp "$module" "$installed"
like "$(doctor "$TMP/x/bin/tlspol")" '^root keys: error 127\.0\.0\.1@9: no answer' 'as it is installed'
ln -s x/bin/tlspol "$TMP/tlspol"
like "$(doctor "$TMP/tlspol")" '^root keys: error 127\.0\.0\.1@9: no answer' 'through a symbolic link'
out=$("$TLSPOL" doctor --no-defaults --format json)
unlike "$out" '"resolver"' 'nobody is asked unless told to'
exits 64 'a number of an option' "$TLSPOL" doctor --resolver
like "$("$TLSPOL" doctor --no-defaults --resolver localhost)" 'resolver localhost is no address' 'no address'

done_testing
