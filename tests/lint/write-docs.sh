#!/bin/bash
# Writes the documents that come from the program's own tables: docs/cli.md, docs/faults.md,
# the generated part of docs/files.md and the fault table of the README. Or, with a second
# argument, into that folder instead of the tree, to be compared.
set -euo pipefail
cd "$(dirname "$0")/../.."

build=$1
into=${2:-.}
pgmonkey=$build/pgmonkey
mkdir -p "$into/docs"

"$pgmonkey" help --markdown >"$into/docs/cli.md.new"
mv "$into/docs/cli.md.new" "$into/docs/cli.md"

{
	cat <<-'HEAD'
		# Faults and their parameters

		Written by `make docs` from the program's own tables. How to add a fault: [adding-a-fault.md](adding-a-fault.md).

	HEAD
	for catalogue in faults targets probes managers; do
		"$pgmonkey" list "$catalogue" --format markdown
		echo
	done
} | sed '$d' >"$into/docs/faults.md.new"
mv "$into/docs/faults.md.new" "$into/docs/faults.md"

{
	sed '/^<!-- generated -->/q' docs/files.md
	"$build/tests/unit/test_scenario_docs" print
} >"$into/docs/files.md.new"
mv "$into/docs/files.md.new" "$into/docs/files.md"

# The README's table: between its heading and the sentence behind it.
{
	sed '/^## Faults$/q' README.md
	echo
	"$pgmonkey" list faults --format markdown | sed '/^$/,$d'
	echo
	sed -n '/^Targets are roles/,$p' README.md
} >"$into/README.md.new"
mv "$into/README.md.new" "$into/README.md"
