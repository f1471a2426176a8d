#!/bin/sh
# Every C file is as clang-format (.clang-format) writes it.
set -eu
cd "$(dirname "$0")/../.."

format=$(command -v clang-format-14 || command -v clang-format) ||
	{ echo "format: clang-format is missing (Debian: clang-format)" >&2; exit 1; }
files=$(find src include tests -name '*.[ch]' | sort)
# shellcheck disable=SC2086 # a list of plain names
if ! "$format" --style=file --dry-run -Werror $files 2>&1 | awk -F: '
	/: error:/ { print $1 ":" $2 ": not as clang-format writes it"; bad = 1 }
	END { exit bad }'; then
	echo "format: mend with: $format -i FILE..." >&2
	exit 1
fi
echo "format: ok, $(echo "$files" | wc -l) files"
