#!/bin/bash
# The layer rule of src/ARCHITECTURE.md, by grep. Every rule is also shown a file that breaks it.
# shellcheck disable=SC2317 # the rules are called by name
. tests/lib/tap.sh

# Each rule reads lines of code, "layer/file.c:12:text", and prints those that break it.
code() { # ROOT: comments left out, as far as they have their own lines
	(cd "$1" && grep -rn '' --include='*.[ch]' .) | sed 's|^\./||' |
		grep -vE '^[^:]*:[0-9]+:\s*(/?\*|//)'
}
# words PATTERN LAYERS HOME: lines of these layers with the pattern, but for the files at HOME
words() { grep -E "^($2)/[^:]*:[0-9]+:.*($1)" | grep -vE "^($3):"; }
all='core|store|files|net|output|cli|cmd'

# What each layer may include of ours; main.c may include all.
downward() {
	awk -F: '
		BEGIN {
			may["core"] = "core"; may["store"] = "store|core"; may["files"] = "files|core"
			may["net"] = "net|core"; may["output"] = "output|core"; may["cli"] = "cli|core"
			may["cmd"] = "cmd|cli|store|files|net|output|core"
		}
		$1 !~ /\// { next }
		{ split($1, at, "/") }
		!(at[1] in may) && !said[at[1]]++ { print at[1] "/ is no layer"; next }
		/#include "/ && $3 !~ "#include \"((" may[at[1]] ")/[a-z0-9_]+|sql_embedded)\\.h\""'
}
# Foreign headers: what is included, and the files where it is at home.
foreign() {
	awk -F: '
		function home(what, where) { if ($3 ~ "#include <(" what ")" && $1 !~ "^(" where ")$") print }
		{
			home("mysql\\.h", "store/(connection|bulk)\\.c")
			home("openssl/", "net/(tls[a-z_]*|https|smtp_probe)\\.c")
			home("yaml\\.h", "files/yaml_[a-z_]*\\.c")
			home("idn2\\.h", "net/idn\\.c")
			home("libsmartcols", "output/table\\.c")
			home("jansson\\.h", "output/json\\.c|files/(json|eff|verdicts)_in\\.c")
			home("unbound\\.h", "net/resolver[a-z_]*\\.c")
			home("dlfcn\\.h", "cmd/network\\.c")
			home("event2/|sys/socket\\.h|netdb\\.h", "net/[a-z_]*\\.c")
		}'
}
environment() { words '\b(g_)?(secure_)?getenv *\(' "$all" 'cmd/config\.c'; }
ends() { words '\b(_?exit|abort|_Exit|g_error) *\(' "$all" 'main\.c'; }
prints() { words '\b(printf|puts|putchar|perror) *\(|\b(stdout|stderr)\b' 'core|store|net' '-'; }
sql() { words '"[^"]*\b(SELECT|INSERT|UPDATE|DELETE|ALTER|DROP|GRANT|CREATE) ' "$all" 'store/[a-z_]*\.[ch]'; }
pure() {
	words '\b(f?open|f?read|f?write|time|clock_gettime|rand|g_get_[a-z]*_time|g_file_[a-z_]*|g_random[a-z_]*)\(' \
		core '-'
}
programs() { words '\b(system|popen|exec[lv]p?e?|fork|g_spawn_[a-z_]*)\(' "$all" 'cmd/postfix\.c'; }
notes() { words '\b(TO''DO|FIX''ME|XX''X)\b' "$all" '-'; }

# rule NAME MESSAGE BAD_FILE BAD_LINE: src has no such line, and the rule would find one
rule() {
	local name=$1 message=$2 file=$3 line=$4 root=$TMP/rule
	is "$(code src | "$name")" '' "$message"
	rm -rf "$root"
	mkdir -p "$root/${file%/*}"
	printf '%s\n' '/* a comment */' '#include "core/text.h"' "$line" >"$root/$file"
	like "$(code "$root" | "$name")" "^${file%/*}/" "  ${file%.c}: $line is found"
}
rule downward 'includes go downward only' core/level.c '#include "store/store.h"'
rule downward '  and never sideways' net/idn.c '#include "files/atomic_file.h"'
rule downward '  and there are no other layers' util/x.c '#include "core/text.h"'
rule foreign 'foreign headers stay at home' cmd/add.c '#include <mysql.h>'
rule foreign '  each at its own' files/json_in.c '#include <yaml.h>'
rule foreign '  the resolver has one' net/domain_probe.c '#include <unbound.h>'
rule foreign '  no sockets beyond net' core/smtp_dialog.c '#include <event2/event.h>'
rule environment 'only cmd/config.c reads the environment' store/login.c '	home = getenv("HOME");'
rule ends 'only main.c ends the program' core/key.c '	exit(1);'
rule prints 'core, store and net print nothing' store/bulk.c '	fprintf(stderr, "x");'
rule sql 'SQL only in store/' cmd/list.c '	query = "SELECT domain FROM t";'
rule pure 'core does no I/O and has no clock' core/plan.c '	now = time(NULL);'
rule programs 'only cmd/postfix.c starts programs' files/map_out.c '	system("postmap x");'
rule notes 'nothing is left to do' core/plan.c '	int y; // TO''DO'

# -- sizes ------------------------------------------------------------------------------------

long_functions() { # FILE...
	awk '
		FNR == 1 { start = 0 }
		/^[a-z]/ { head = $0 }
		/^{/ { start = FNR }
		/^}/ && start {
			if (FNR - start + 1 > 60) print FILENAME ": " FNR - start + 1 " lines: " head
			start = 0
		}' "$@"
}
long_files() { awk 'FNR == 601 { print FILENAME }' "$@"; }

is "$(long_functions src/*.c src/*/*.c)" '' 'no function is longer than 60 lines'
{ printf 'int f(void)\n{\n'; yes '	x;' | head -60; echo '}'; } >"$TMP/long.c"
like "$(long_functions "$TMP/long.c")" '62 lines: int f' '  a long one is found'
is "$(long_files src/*.c src/*/*.[ch])" '' 'no file is longer than 600 lines'
yes x | head -601 >"$TMP/long.h"
is "$(long_files "$TMP/long.h")" "$TMP/long.h" '  a long one is found'

done_testing
