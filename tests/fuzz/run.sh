#!/bin/bash
# Runs each fuzzer for so many seconds over its kept corpus: run.sh BUILD SECONDS.
# What it finds is left in BUILD/fuzz/NAME.found/ and ends the run.
set -euo pipefail
cd "$(dirname "$0")/../.."

build=$1
seconds=$2
for fuzzer in "$build"/fuzz/fuzz_*; do
	if [ ! -f "$fuzzer" ] || [ ! -x "$fuzzer" ]; then continue; fi
	name=$(basename "$fuzzer")
	found=$build/fuzz/$name.found
	work=$build/fuzz/$name.corpus
	mkdir -p "$found" "$work"
	seeds=()
	for dir in "tests/fuzz/corpus/$name" scenarios; do
		[ ! -d "$dir" ] || seeds+=("$dir")
	done
	if "$fuzzer" -max_total_time="$seconds" -timeout=5 -rss_limit_mb=1024 -print_final_stats=1 \
		-artifact_prefix="$found/" "$work" "${seeds[@]}" >"$build/fuzz/$name.log" 2>&1; then
		echo "fuzz: $name: $(sed -n 's/^stat::number_of_executed_units: *//p' "$build/fuzz/$name.log") inputs in $seconds s, nothing found"
	else
		tail -n 40 "$build/fuzz/$name.log"
		echo "fuzz: $name: found something, see $found" >&2
		exit 1
	fi
done
