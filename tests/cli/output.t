#!/bin/bash
# Rows in every format, read back by the readers of others; widths and colours of terminals.
. tests/lib/tap.sh

printf '%s\n' 'github.com secure match=mx.google.com:a"b\c' 'gmx.net dane' \
	'[relay.example.net]:587 fingerprint match=AB:CD' 'true.example may' >"$TMP/p.map"
list() { "$TLSPOL" list --from "$TMP/p.map" "$@"; }

# The same rows, whatever the format: what Python reads of each is compared with the map.
cat >"$TMP/compare.py" <<'END'
import csv, json, sys
want = {}
for line in open(sys.argv[1]):
    key, level, *params = line.rstrip("\n").split(" ", 2)
    want[key] = (level, params[0] if params else None)
def rows_of(form, path):
    text = open(path, newline="").read()
    if form == "json":
        return json.loads(text)
    if form == "csv":
        # The csv module cannot tell "" from nothing.
        return [{k: v or None for k, v in row.items()} for row in csv.DictReader(text.splitlines())]
    if form == "tsv":
        lines = [line.split("\t") for line in text.splitlines()]
        plain = lambda f: None if f == "\\N" else f.replace("\\\\", "\\")
        return [dict(zip(lines[0], map(plain, line))) for line in lines[1:]]
    rows = []
    for line in text.splitlines():  # the block style that is written, not YAML at large
        name, value = line[2:].split(": ", 1)
        if line.startswith("- "):
            rows.append({})
        value = None if value == "null" else json.loads(value) if value.startswith('"') else value
        rows[-1][name] = value
    return rows
rows = rows_of(sys.argv[2], sys.argv[3])
got = {row["domain"]: (row["policy"], row["params"]) for row in rows}
print("same" if got == want and [r["domain"] for r in rows] == sorted(want) else got)
END
for format in json csv tsv yaml; do
	list --format "$format" >"$TMP/out.$format"
	is "$(python3 "$TMP/compare.py" "$TMP/p.map" "$format" "$TMP/out.$format" 2>&1)" same "$format is read as what it was"
done
is "$(sed -n 2p "$TMP/out.json" | cut -c 1-12)" '{"domain": "' 'JSON has one object a line'
if python3 -c 'import yaml' 2>/dev/null; then
	is "$(python3 -c 'import sys, yaml; print(len(yaml.safe_load(sys.stdin)))' <"$TMP/out.yaml")" 4 'YAML is read by PyYAML'
fi
printf '' >"$TMP/none.map"
for pair in 'json []' 'yaml []'; do
	is "$("$TLSPOL" list --from "$TMP/none.map" --format "${pair% *}")" "${pair#* }" "no rows as ${pair% *}"
done

# -- tables ------------------------------------------------------------------------------------------

is "$(list 'g*' --colour always | head -1)" 'Domain      Policy  Parameters' 'headings, and only columns that have something'
is "$(list | grep -c ' $')" 0 'no blanks at the end of lines'
long=$(printf 'mx%d.example.com:' {1..40})
echo "wide.example secure match=${long%:}" >"$TMP/wide.map"
like "$("$TLSPOL" list --from "$TMP/wide.map")" 'mx40.example.com' 'nothing is cut where there is no terminal'
# on_terminal COLUMNS COMMAND...: stdout is a terminal of that width
on_terminal() {
	python3 -c '
import fcntl, os, pty, struct, sys, termios
pid, fd = pty.fork()
if pid == 0:
    fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 24, int(sys.argv[1]), 0, 0))
    os.execvp(sys.argv[2], sys.argv[2:])
out = b""
while True:
    try:
        part = os.read(fd, 65536)
    except OSError:
        break
    if not part:
        break
    out += part
os.waitpid(pid, 0)
sys.stdout.write(out.decode().replace("\r\n", "\n"))' "$@"
}
for width in 60 80 200; do
	is "$(on_terminal "$width" "$TLSPOL" list --from "$TMP/p.map" | awk -v w="$width" 'length > w')" '' \
		"a table fits a terminal of $width columns"
done
for width in 80 200; do
	most=$((width < 100 ? width : 100))
	is "$(on_terminal "$width" "$TLSPOL" help export | grep -v '^  tlspol ' | sed 's/\x1b\[[0-9]*m//g' | awk -v w="$most" 'length > w')" '' \
		"help fits a terminal of $width columns"
done
like "$(on_terminal 80 "$TLSPOL" help list)" $'\e\\[1mOptions' 'headings are bold on a terminal'
unlike "$(on_terminal 80 env NO_COLOR=1 "$TLSPOL" help list)" $'\e' '  not with NO_COLOR'
unlike "$(on_terminal 80 env TERM=dumb "$TLSPOL" help list)" $'\e' '  not on a dumb terminal'
unlike "$(on_terminal 80 "$TLSPOL" help list --colour never)" $'\e' '  not with --colour never'
like "$("$TLSPOL" --color=always help list)" $'\e' '  always with --color=always'
unlike "$(COLUMNS=50 "$TLSPOL" help list)" $'\e' '  not in a pipe'
echo $'evil.example may\tx=\e[31m' >"$TMP/evil.map"
unlike "$("$TLSPOL" list --from "$TMP/evil.map")" $'\e' 'no control characters in a table'

# -- --output -------------------------------------------------------------------------------------------

run list --output "$TMP/rows.json" --format json
is "$out" '' '--output prints nothing'
ok '  and the file has the rows' cmp "$TMP/rows.json" "$TMP/out.json"
is "$(list --output - --format json | cmp - "$TMP/out.json" && echo same)" same '--output - is standard output'

done_testing
