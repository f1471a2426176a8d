#!/bin/bash
# All of tests/lint, each to its end, then the sum: one finding does not hide another.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit

bad=0
for script in layers size banned format shell cppcheck tidy docs; do
	"tests/lint/$script.sh" || bad=$((bad + 1))
done
[ "$bad" = 0 ] || echo "lint: $bad of the checks found something" >&2
[ "$bad" = 0 ]
