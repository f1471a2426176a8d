#!/bin/bash
# clang-tidy (.clang-tidy) over src, with the Makefile's flags, as many at once as there
# are processors.  What was clean and has not changed since, headers included, is not done
# again: build/tidy keeps a mark for each content.
#
#	tidy.sh [FILE...]
set -euo pipefail
cd "$(dirname "$0")/../.."

cache=${BUILD:-build}/tidy

tidy=$(command -v clang-tidy-14 || command -v clang-tidy) ||
	{ echo "tidy: clang-tidy is missing (Debian: clang-tidy)" >&2; exit 1; }
# One flag a line, as the Makefile's recipe would have it.
# shellcheck disable=SC2016 # make's own
mapfile -t flags < <(make -s CC=clang --eval='lint-flags:;@printf "%s\n" $(ALL_CFLAGS)' lint-flags)

one() {
	local file=$1 key
	shift
	if ! key=$( (set -o pipefail && { clang -E -CC "$@" "$file" 2>/dev/null && echo "$rules"; } |
		sha256sum | cut -d' ' -f1)); then
		echo "$file:1:1: error: the preprocessor fails; build it first"
		return 1
	fi
	[[ -e $cache/$key ]] && return 0
	"$tidy" --quiet "$file" -- "$@" 2>/dev/null || return 1
	touch "$cache/$key"
}
export -f one
rules=$(cat .clang-tidy && "$tidy" --version)
export cache tidy rules

mkdir -p "$cache"
if [[ $# -gt 0 ]]; then
	files=("$@")
else
	mapfile -t files < <(find src -name '*.c' | sort)
fi
# Marks of contents that are long gone.
find "$cache" -type f -mtime +30 -delete
# shellcheck disable=SC2016 # expanded by the inner shell
# One line a finding; what a header has is said once, not for each file that includes it.
printf '%s\0' "${files[@]}" |
	xargs -0 -P "$(nproc)" -I{} bash -c 'one "$@"' one {} "${flags[@]}" |
	awk -v root="$PWD/" '{ sub(root, "") } /^[^ ]*:[0-9]+:[0-9]+: / && !seen[$0]++' || exit 1
echo "tidy: ok, ${#files[@]} files"
