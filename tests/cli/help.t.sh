#!/bin/bash
# Help, version, manual and completion come from the same table.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

run
is_status 64 "nothing to do is a usage error"
has err "usage: pgmonkey"
is_empty out

run --help
is_status 0
has out "usage: pgmonkey"
mapfile -t verbs < <(sed -n 's/^  \([a-z][a-z]*\)  .*/\1/p' out | grep -vx pgmonkey)
[[ ${#verbs[@]} -ge 11 ]]
result $? "the overview names ${#verbs[@]} verbs"

for verb in "${verbs[@]}"; do
	run help "$verb"
	is_status 0 "help $verb"
	has out "usage: pgmonkey $verb" "help $verb has a usage line"
	mv out first
	run "$verb" --help
	holds "$verb --help says the same" cmp first out
	[[ $(awk 'length > 80' first | grep -cv '^    ') == 0 ]]
	result $? "help $verb fits 80 columns"
done

run help files
has out "PGMONKEY_STATE_DIR"
run help exit-codes
for code in 0 1 2 3 4 5 64 65; do
	holds "exit code $code is told" grep -qE "^ *$code  " out
done
run help frobnicate
is_status 64
run help exit-code
has err "did you mean exit-codes?"

for way in "--version" "run --version" "--version run"; do
	# shellcheck disable=SC2086 # words
	run $way
	is_status 0 "$way"
	has out "pgmonkey "
	has out "libpq " "$way names the libraries"
done

run help --man
is_status 0
has out ".TH PGMONKEY 1"
for verb in "${verbs[@]}"; do
	has out ".SS \"pgmonkey $verb " "the manual has $verb"
done
if command -v groff >/dev/null && groff -man -Tascii /dev/null >/dev/null 2>&1; then
	groff -man -Tascii -ww out >/dev/null 2>warnings
	is_empty warnings "groff has nothing to say of the manual"
else
	skip "there is no groff"
fi

run help --markdown
holds "docs/cli.md is what the program prints" cmp out "$root/docs/cli.md"

run completion bash
is_status 0
cp out completion.bash
complete_words() { # WORDS…: what bash would offer for the last one
	bash -c 'source ./completion.bash; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
		_pgmonkey; echo "${COMPREPLY[*]}"' bash "$@"
}
offers() { # WANTED WORDS…
	local wanted=$1
	shift
	complete_words "$@" >out 2>err
	has out "$wanted" "completion of '${*:2}' offers: $wanted"
}
offers "gameday" pgmonkey ga
offers "text markdown json" pgmonkey report --format ""
offers "faults probes managers targets" pgmonkey list ""
offers "--offline" pgmonkey check --o
offers "--dry-run" pgmonkey --state-dir x run --d
offers "exit-codes" pgmonkey help ex
run completion fish
is_status 64

run list faults --state-dir
is_status 64 "an option without its argument"
status=0
"$pgmonkey" help >/dev/full 2>err || status=$?
is_status 5 "what cannot be written is not a success"
has err "cannot write"
tap_end
