#!/bin/sh
# Rewrites the SYNOPSIS of every man/tlspol-CMD.1 from the option tables. usage: man-synopsis.sh TLSPOL
set -eu
for page in man/tlspol-*.1; do
	command=${page#man/tlspol-}
	"$1" __describe --as mdoc "${command%.1}" >"$page.synopsis"
	awk -v synopsis="$page.synopsis" '
		/^\.Sh / { inside = 0 }
		!inside
		$0 == ".Sh SYNOPSIS" { inside = 1; while ((getline line <synopsis) > 0) print line }' \
		"$page" >"$page.new"
	rm "$page.synopsis"
	cat "$page.new" >"$page"
	rm "$page.new"
done
