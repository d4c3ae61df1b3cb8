#!/bin/bash
# Every header can be included first, alone, and twice.
. tests/lib/tap.sh

read -ra flags <<<"$(pkg-config --cflags glib-2.0 libmariadb openssl yaml-0.1 libidn2 smartcols jansson libevent_openssl)"
compile() {
	"${CC:-cc}" -fsyntax-only -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Werror -Wno-missing-field-initializers \
		-Isrc -I"$TLSPOL_BUILD/gen" "${flags[@]}" "$@"
}
for layer in core store files net output cli cmd; do
	units=()
	for header in src/"$layer"/*.h; do
		unit=$TMP/$layer-$(basename "$header" .h).c
		printf '#include "%s"\n' "${header#src/}" "${header#src/}" >"$unit"
		units+=("$unit")
	done
	ok "headers of $layer" compile "${units[@]}"
done
echo 'static inline gboolean f(void) { return TRUE; }' >"$TMP/alone.h"
echo "#include \"$TMP/alone.h\"" >"$TMP/alone.c"
if compile "$TMP/alone.c" 2>/dev/null; then fail 'a header that needs another is found'; else pass 'a header that needs another is found'; fi

done_testing
