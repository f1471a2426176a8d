#!/bin/sh
# Every shell script of the project, told by its first line or its name, passes shellcheck.
set -eu
cd "$(dirname "$0")/../.."

command -v shellcheck >/dev/null ||
	{ echo "shell: shellcheck is missing (Debian: shellcheck)" >&2; exit 1; }
files=$(find . \( -name .git -o -path './build*' \) -prune -o -type f -print | sort |
	while IFS= read -r file; do
		if [ "${file%.sh}" != "$file" ] || head -c 64 "$file" | tr -d '\0' |
			head -n 1 | grep -Eq '^#!.*[/ ](ba|da)?sh( |$)'; then
			echo "$file"
		fi
	done)
# shellcheck disable=SC2086 # a list of plain names
shellcheck --format=gcc --external-sources $files
echo "shell: ok, $(echo "$files" | wc -l) scripts"
