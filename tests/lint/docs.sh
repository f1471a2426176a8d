#!/bin/bash
# What the program knows stands in the documentation: every fault (README, an example in
# scenarios/), probe, manager, target, fault parameter, option and exit code; docs/cli.md is
# what the program prints; links within the project lead somewhere.
set -euo pipefail
cd "$(dirname "$0")/../.."

pgmonkey=${PGMONKEY:-${BUILD:-build}/pgmonkey}
bad=0

complain() {
	echo "$1"
	bad=1
}

# shellcheck disable=SC2016 # backticks of Markdown
names() { # CATALOGUE
	"$pgmonkey" list "$1" --format markdown | sed '/^$/,$d' |
		sed -n 's/^| `\([^`]*\)` | .*/\1/p' | sort -u
}

# WORD as `WORD` (or "WORD…") somewhere in the files that follow.
stands_in() {
	local word=$1
	shift
	grep -qF -e "\`$word\`" -e "\`$word " -e "\`$word:" -e "\"$word\"" -- "$@" 2>/dev/null
}

"$pgmonkey" --version >/dev/null || { echo "docs: build $pgmonkey first" >&2; exit 1; }
docs=(README.md docs/*.md)

while read -r fault; do
	stands_in "$fault" README.md || complain "README.md:1: the fault $fault is not in it"
	grep -qs "\"$fault\"" scenarios/*.json ||
		complain "scenarios:1: no scenario shows the fault $fault"
done < <(names faults)
for catalogue in probes managers targets; do
	while read -r name; do
		stands_in "$name" "${docs[@]}" ||
			complain "docs:1: \"$name\" of \`pgmonkey list $catalogue\` is in no document"
	done < <(names "$catalogue")
done
# Parameter names from each fault's own table, below its heading.
# shellcheck disable=SC2016
while read -r parameter; do
	stands_in "$parameter" "${docs[@]}" ||
		complain "docs:1: the fault parameter \"$parameter\" is in no document"
done < <("$pgmonkey" list faults --format markdown | sed '1,/^###/d' |
	sed -n 's/^| `\([a-z_]*\)` |.*/\1/p' | sort -u)
while read -r code; do
	grep -qE "^\| *\`?$code\`? *\|" README.md 2>/dev/null ||
		complain "README.md:1: the exit code $code has no row in it"
done < <("$pgmonkey" help exit-codes | awk '$1 ~ /^[0-9]+$/ { print $1 }')

written=$(mktemp -d)
trap 'rm -rf "$written"' EXIT
tests/lint/write-docs.sh "${BUILD:-build}" "$written"
for file in README.md docs/cli.md docs/faults.md docs/files.md; do
	diff -q "$file" "$written/$file" >/dev/null 2>&1 ||
		complain "$file:1: differs from the program's tables; write it anew: make docs"
done

# [text](path#anchor), but for URLs
while IFS=: read -r file line link; do
	path=${link#*](}
	path=${path%)}
	path=${path%%#*}
	[[ -z $path || $path == *://* || $path == mailto:* ]] && continue
	[[ -e $(dirname "$file")/$path ]] || complain "$file:$line: the link to $path leads nowhere"
done < <(grep -noE '\]\([^) ]+\)' "${docs[@]}" /dev/null 2>/dev/null)

[[ $bad == 0 ]] || exit 1
echo "docs: ok"
