#!/bin/bash
# `make check`: lint, both compilers, unit tests with and without sanitizers, fuzzers for
# some seconds, then the live tests on two labs side by side. Prints how long each took.
set -euo pipefail

cd "$(dirname "$0")/.."
LIVE_LABS="check1 check2"
export LIVE_LABS

down() {
	trap - EXIT INT TERM
	for lab in $LIVE_LABS; do tests/lab/lab -n "$lab" down >/dev/null 2>&1 || true; done
}
trap down EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

step() { # WHAT COMMAND…
	local what=$1 began=$SECONDS
	shift
	echo "== $what"
	"$@"
	echo "   $((SECONDS - began)) s"
}

make_quiet() { make --no-print-directory -j2 "$@" >build/check-make.log 2>&1 || { cat build/check-make.log; return 1; }; }

mkdir -p build
step "build with gcc" make_quiet all
step "build with clang" make_quiet CC=clang BUILD=build-clang all
# The image takes a minute of waiting: it is made while the checks compute.
tests/lab/lab image >build/check-image.log 2>&1 &
image=$!
step "lint" make --no-print-directory lint
step "unit tests" make --no-print-directory -j2 unit
step "unit tests with sanitizers" make --no-print-directory -j2 SAN=1 unit
step "fuzzers" make --no-print-directory fuzz SECONDS=15
step "the lab's image" wait "$image" || { cat build/check-image.log; exit 1; }
step "the lab itself" prove --failures tests/lab/test-lab.sh
step "live tests" prove --failures --timer -j 2 tests/live/*.t
