#!/bin/bash
# A disk that fills while the map, its index or both are written: the old pair or the new one stays.
# One disk after another, each a little bigger, so that every write is the first to fail.
. tests/lib/tap.sh
. tests/lib/postfix.sh

# A mount that only this test sees, for root as for anybody else; in a chroot, whose root is no
# mount, without asking for that.
if [ -z "${FULL_DISK_INSIDE:-}" ]; then
	mkdir "$TMP/try"
	for how in '' -r '--propagation unchanged'; do
		# shellcheck disable=SC2086 # options or none
		if unshare $how -m mount -t tmpfs -o size=64k tmpfs "$TMP/try" 2>/dev/null; then
			tap_end
			FULL_DISK_INSIDE=1 exec unshare $how -m "$0"
		fi
	done
	skip_all 'no small disk can be mounted here'
fi
postfix_config
disk=$TMP/disk
mkdir "$disk"

# old and new: twice as many rows
for name in old new; do
	awk -v rows="$([ $name = old ] && echo 1000 || echo 2000)" 'BEGIN {
		for (i = 1; i <= rows; i++) printf "h%04d.example\tsecure match=mx%04d.example\n", i, i }' >"$TMP/$name.map"
done
# what DIR TYPE holds: old or new when source and index agree, and what else is there
holds() {
	local name
	for name in old new other; do ! cmp -s "$disk/map" "$TMP/$name.map" || break; done
	if [ -n "$1" ]; then
		# Every key of both, because a cdb cannot list what it has.
		cut -f1 "$TMP/new.map" | postmap -c "$POSTFIX" -q - "$1:$disk/map" 2>&1 | cmp -s - "$TMP/$name.map" ||
			echo 'index of another'
	fi
	echo "$name"
	ls -A "$disk" | grep -vxE 'map(\.(lmdb|db|cdb))?'
}
# on_disk KILOBYTES: a new disk of that size with the old pair
on_disk() {
	mount -t tmpfs -o "size=$1k" tmpfs "$disk" && cp -a "$TMP/before/." "$disk"
}
kilobytes() { du -ks --apparent-size "$1" | cut -f1; }

# fills TYPE STEP: exports onto disks of all sizes from too small to big enough
fills() {
	local type=$1 step=$2 size want wrong='' failed=0 done=0 words=()
	[ -z "$type" ] || words=("--postmap=$type")
	rm -rf "$TMP/before"; mkdir "$TMP/before"
	"$TLSPOL" export map --from "$TMP/old.map" --input-format map --output "$TMP/before/map" "${words[@]}"
	for ((size = $(kilobytes "$TMP/before") + 4; size < 8000 && done < 3; size += step)); do
		on_disk $size 2>/dev/null || { umount "$disk" 2>/dev/null; continue; }
		run "$TLSPOL" export map --from "$TMP/new.map" --input-format map --output "$disk/map" "${words[@]}"
		case $status:$err in
		0:) want=new done=$((done + 1)) ;;
		7[34]:*"$disk/map"*'No space left on device'*) want=old failed=$((failed + 1)) ;;
		74:*"$type:$disk/".map.*) want=old failed=$((failed + 1)) ;;
		*) want='what these words say' ;;
		esac
		[ "$(holds "$type")" = "$want" ] ||
			wrong+="$size kB: the files are $(holds "$type"), not $want: status $status, $err"$'\n'
		umount "$disk"
	done
	is "$wrong" '' "${type:-no index}: $failed disks that are too small, $done that are not"
	ok '  some of each' test "$failed" -gt 2 -a "$done" = 3
}
fills '' 8
for type in lmdb hash cdb; do
	fills "$type" "$([ -n "${TLSPOL_THOROUGH:-}" ] && echo 4 || echo 24)"
done

# Making room is all it takes
on_disk 200
mv "$disk/map" "$disk/map.cdb" "$TMP/" 2>/dev/null
cp "$TMP/old.map" "$disk/map"
head -c 300000 /dev/zero >"$disk/filler" 2>/dev/null
exits 74 'a full disk' "$TLSPOL" export map --from "$TMP/new.map" --input-format map --output "$disk/map"
rm "$disk/filler"
exits 0 '  has room again' "$TLSPOL" export map --from "$TMP/new.map" --input-format map --output "$disk/map"
is "$(holds '')" new '  and the map is there'
umount "$disk"
done_testing
