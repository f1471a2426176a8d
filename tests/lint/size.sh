#!/bin/sh
# No file is longer than 600 lines.
set -eu
cd "$(dirname "$0")/../.."

find src include tests packaging -type f \( -name '*.[ch]' -o -name '*.sh' -o -path 'tests/lab/*' \) |
	sort | xargs awk '
	FNR == 1 { files++ }
	FNR == 601 { print FILENAME ":601: longer than 600 lines: split it"; bad = 1 }
	END { if (!bad) print "size: ok, " files " files"; exit bad }' || exit 1
