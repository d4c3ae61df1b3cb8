#!/bin/sh
# Turns sql/NAME.sql into C strings named sql_NAME. usage: embed-sql.sh c|h FILE...
set -eu
kind=$1
shift
echo '/* Made from sql/ by the Makefile; not edited. */'
[ "$kind" = h ] || echo '#include "sql_embedded.h"'
for file in "$@"; do
	name=sql_$(basename "$file" .sql)
	if [ "$kind" = h ]; then
		echo "extern const char ${name}[];"
	else
		echo "const char ${name}[] ="
		sed 's/\\/\\\\/g; s/"/\\"/g; s/^/\t"/; s/$/\\n"/' "$file"
		echo '	"";'
	fi
done
