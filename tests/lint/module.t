#!/bin/bash
# The libraries of the live part are the module's: the program starts without them.
. tests/lib/tap.sh

live='libevent|libunbound'
needed() { readelf -d "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'; }
program=$(needed "$TLSPOL_BUILD/tlspol")
like "$program" 'libglib-2\.0' 'the program names its libraries'
unlike "$program" "$live" '  none of them is for the network'
exports=$(nm -D --defined-only "$TLSPOL_BUILD/tlspol-net.so" | awk '{ print $3 }')
is "$exports" tlspol_network 'the module shows one symbol'
ok 'and all it needs is there' env LD_BIND_NOW=1 ldd -r "$TLSPOL_BUILD/tlspol-net.so"
unlike "$(cat "$TMP/ok.out")" 'undefined|not found' '  symbols, too'

# -- make install, make uninstall
root=$TMP/root
ok 'make install' make --no-print-directory install B="$TLSPOL_BUILD" DESTDIR="$root" PREFIX=/opt/x
is "$(cd "$root/opt/x" && find bin lib -type f | sort)" $'bin/tlspol\nlib/tlspol/tlspol-net.so' \
	'program and module'
ok 'make uninstall' make --no-print-directory uninstall B="$TLSPOL_BUILD" DESTDIR="$root" PREFIX=/opt/x
is "$(find "$root" -type f -o -name tlspol)" '' '  takes all away'

done_testing
