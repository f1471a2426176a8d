#!/bin/bash
# `make check`: lint, both compilers, unit tests with and without sanitizers, fuzzers for
# some seconds, and the live tests on two labs side by side. Live tests wait more than they
# compute, so they run beside all that, and what computes is nice to them.
set -euo pipefail

cd "$(dirname "$0")/.."
export LIVE_LABS="check1 check2"

# Of the cases from the field, one of each family; all of them: make cases.
CASES=(c02-rest-rights c07-several-poolers c15-switchover-in-doubt c16-half-read-only
	c30-host-key-changes c36-lock-of-the-dead)

live=
down() {
	trap - EXIT INT TERM
	[ -z "$live" ] || kill -TERM -- "-$live" 2>/dev/null || true
	[ -z "$live" ] || wait "$live" 2>/dev/null || true
	for lab in $LIVE_LABS; do tests/lab/lab -n "$lab" down >/dev/null 2>&1 || true; done
}
trap down EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

step() { # WHAT COMMAND…: prints what it is and how long it took
	local what=$1 began=$SECONDS
	shift
	echo "== $what"
	"$@" || { echo "== FAILED: $what" >&2; exit 1; }
	echo "   $((SECONDS - began)) s"
}

quietly() { # LOG COMMAND…: its output only if it fails
	local log=build/check/$1
	shift
	"$@" >"$log" 2>&1 || { cat "$log"; return 1; }
}

all_live() {
	local case files=(tests/live/*.t)
	for case in "${CASES[@]}"; do files+=("tests/cases/$case.t"); done
	prove --failures tests/lab/test-lab.sh &&
		prove --failures --timer -j 2 "${files[@]}"
}

mkdir -p build/check
step "build with gcc" quietly gcc.log make --no-print-directory -j2 all
step "the lab's image" quietly image.log tests/lab/lab image
# Its outages in real time need a machine that is left alone: make truth-liar.
step "verdicts against a liar" make --no-print-directory -j2 truth-liar-short
set -m # a process group of its own, so that it can be ended whole
all_live >build/check/live.log 2>&1 &
live=$!
set +m

step "build with clang" quietly clang.log nice make --no-print-directory -j2 CC=clang BUILD=build-clang all
step "lint" nice make --no-print-directory lint
step "unit tests" nice make --no-print-directory -j2 unit
step "the judge made wrong on purpose, a dozen times" nice make --no-print-directory truth-mutate DRAW=12
step "unit tests with sanitizers" nice make --no-print-directory -j2 SAN=1 unit
step "fuzzers" nice make --no-print-directory fuzz SECONDS=15
echo "== live tests (since the image was there)"
wait "$live" && status=0 || status=$?
live=
cat build/check/live.log
echo "   $SECONDS s in all"
[ "$status" = 0 ] || { echo "== FAILED: live tests" >&2; exit 1; }
# The last word counts everything that ran.
grep -hE '^(Files=|Result:)' build/check/live.log | tail -n 2
