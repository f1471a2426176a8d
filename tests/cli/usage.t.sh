#!/bin/bash
# A wrong command line: 64, one line that says what, one that says where to read.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

refuses() { # MESSAGE ARGUMENTS…
	local message=$1
	shift
	run "$@"
	is_status 64 "'$*' is a usage error"
	has err "$message"
	has err "try 'pgmonkey help"
	has_lines err 2 "'$*' is told in two lines"
	is_empty out
}

refuses 'there is no verb "gamedya" (did you mean gameday?)' gamedya
refuses 'there is no verb "frobnicate"' frobnicate
refuses 'unknown option --leger=x (did you mean --ledger?)' run --leger=x a b
refuses 'unknown option --offline' run --offline a b
refuses 'unknown option -x' check -x
refuses '--ver is short for several options' run --ver a b
refuses '--offline takes no argument' check --offline=yes a
refuses '--ledger needs an argument' run a b --ledger
refuses '--ledger is empty' run a b --ledger ""
refuses 'it takes CLUSTER SCENARIO' run
refuses 'arguments are missing: it takes CLUSTER SCENARIO' run a
refuses '"c" is one argument too many' run a b c
refuses '--format: "xml" is none of text' report --format xml a
refuses '--format: "html5" is none of text, markdown, json' list faults --format html5
refuses '"fruit" is none of faults' list fruit
refuses '"ledger" is none of cluster, scenario, gameday' schema ledger
refuses '--seed: ' run a b --seed ten
refuses '--seed: ' plan a b --seed -1
refuses '--seed: ' gameday a b --seed 18446744073709551616
refuses '--step asks at a terminal' run a b --step
refuses 'it takes a URL' init
refuses 'is no URL' init 'not a url'

# A name with an escape sequence in it does not reach the terminal as one.
run $'\e[2J'
has err '\x1b[2J' "control characters of the command line are escaped"

# Options may stand anywhere; "--" ends them.
run list --format json faults
is_status 0 "an option between"
mv out between
run list faults --format json
holds "… is the same behind" cmp between out
run -q list faults --format=json
holds "… and global ones go before the verb" cmp between out
run check --offline -- --version
is_status 65 "behind -- everything is a file"
tap_end
