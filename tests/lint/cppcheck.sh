#!/bin/sh
# cppcheck over src; what it learns is kept in build/cppcheck.
set -eu
cd "$(dirname "$0")/../.."

command -v cppcheck >/dev/null ||
	{ echo "cppcheck: it is missing (Debian: cppcheck)" >&2; exit 1; }
cache=${BUILD:-build}/cppcheck
mkdir -p "$cache"
# cJSON's header for its cJSON_ArrayForEach; the compiler finds missing headers better.
# ctuuninitvar takes every struct that a function fills for one that it reads.
cppcheck --std=c11 --language=c --enable=warning,performance,portability --inline-suppr \
	--include="$(pkg-config --variable=includedir libcjson)/cjson/cJSON.h" \
	--suppress=missingIncludeSystem --suppress=ctuuninitvar --suppress=checkersReport --error-exitcode=1 --quiet \
	--template='{file}:{line}: {severity}: {message} [{id}]' -j "$(nproc)" \
	--cppcheck-build-dir="$cache" -D_GNU_SOURCE '-DPGMONKEY_VERSION="0"' -Iinclude src
echo "cppcheck: ok"
