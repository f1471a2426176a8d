#!/bin/sh
# Includes go one way: a layer may include itself and what stands to its left.
set -eu
cd "$(dirname "$0")/../.."

# shellcheck disable=SC2016 # awk's own
find src include -name '*.[ch]' | sort | xargs awk '
BEGIN {
	split("base transport ha ledger verdict report fault probe scenario gameday cli", order, " ")
	for (i in order)
		rank[order[i]] = i
}
FNR == 1 {
	files++
	split(FILENAME, path, "/")
	layer = path[2]
	if (!(layer in rank))
		complain("there is no layer \"" layer "\"")
}
/^[ \t]*#[ \t]*include[ \t]+"/ {
	split($0, part, "\"")
	split(part[2], path, "/")
	if (!(path[1] in rank))
		complain("\"" part[2] "\" is not of the form \"layer/module.h\"")
	else if (rank[path[1]] + 0 > rank[layer] + 0)
		complain(layer " may not include \"" part[2] "\", which stands to its right")
}
function complain(text) {
	print FILENAME ":" FNR ": " text
	bad = 1
}
END {
	if (!bad)
		print "layers: ok, " files " files"
	exit bad
}' || exit 1
