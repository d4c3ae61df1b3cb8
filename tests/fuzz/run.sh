#!/bin/sh
# run.sh BUILD SECONDS: each fuzz target that is built for libFuzzer, one after the other. What is
# learned stays in BUILD/fuzz/corpus; an input that fails is named and left in BUILD/fuzz/failed.
set -u
build=$1
seconds=$2
failed=0

for source in tests/fuzz/fuzz_*.c; do
	name=$(basename "$source" .c)
	mkdir -p "$build/fuzz/corpus/$name" "$build/fuzz/failed"
	echo "== $name, $seconds seconds"
	if "$build/fuzz/$name" -max_total_time="$seconds" -max_len=4096 -timeout=10 \
		-rss_limit_mb=1024 -print_final_stats=1 -verbosity=0 \
		-artifact_prefix="$build/fuzz/failed/$name-" \
		"$build/fuzz/corpus/$name" "tests/fuzz/seeds/$name" 2>"$build/fuzz/$name.log"; then
		grep 'number_of_executed_units' "$build/fuzz/$name.log"
	else
		grep -E 'ERROR|SUMMARY|    #[0-9]+ |runtime error|Test unit|assertion' \
			"$build/fuzz/$name.log" | head -n 40
		failed=1
	fi
done
exit "$failed"
