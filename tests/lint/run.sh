#!/bin/sh
# What linters say, where they are installed; the checks that need only a compiler are in *.t.
set -u
failed=0

# have TOOL: else says that it is passed over
have() {
	command -v "$1" >/dev/null 2>&1 && echo "== $1" && return 0
	echo "== $1 is not installed: passed over"
	return 1
}
if have clang-format; then
	# Headers may lay out their lists by hand.
	clang-format --dry-run -Werror src/*.c src/*/*.c tests/*/*.c || failed=1
fi
if have shellcheck; then
	shellcheck -x -S warning -e SC2010,SC2120 .ci/run tests/*/*.sh tests/lib/*/*.sh tests/*/*.t completion/tlspol.bash || failed=1
fi
if have cppcheck; then
	cppcheck --quiet --error-exitcode=1 --std=c11 --enable=warning,performance,portability \
		--inline-suppr --suppress=missingIncludeSystem --suppress=ctunullpointer --library=gtk \
		'-DG_GNUC_PRINTF(a,b)=' '-DG_DEFINE_QUARK(a,b)=' -Isrc -D__GNUC__ src || failed=1
fi
if have mandoc && [ -d man ]; then
	mandoc -T lint -W warning man/*.[1-8] || failed=1
fi
[ "$failed" = 0 ] && echo 'nothing found'
exit "$failed"
