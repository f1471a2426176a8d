#!/bin/bash
# check --offline: any mix of files, every error, no network.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

all_files allowed
run check --offline cluster.json reboot.json restart.json proxy.json day.json
is_status 0 "good files"
has out "cluster.json: ok (cluster)"
has out "reboot.json: ok (scenario)"
has out "day.json: ok (game day)"
is_empty err
has_lines out 5

run check -q --offline cluster.json day.json
is_status 0
is_empty out "--quiet says nothing of good files"

bad() { # NAME CONTENT PATTERN
	printf '%b' "$2" >"$1"
	run check --offline "$1"
	is_status 65 "$1 is a bad file"
	holds "$1: place and reason" grep -qE -e "^$1:$3" err
}
bad unknown-key.json '{ "cluster": "x",\n  "hots": {} }' '2:3: .*hosts'
bad duplicate.json '{ "cluster": "x",\n  "cluster": "y" }' '2:3: '
bad type.json '{ "experiment": 7 }' '1:17: .*string'
bad nothing.json '' '1:1: '
bad other.json '{ "recipe": "soup" }' '1:[0-9]+: '
bad utf8.json '{ "cluster": "\xff" }' '1:[0-9]+: .*UTF-8'
bad nul.json '{ "cluster": "a\0b" }' '1:[0-9]+: '
bad half.json '{ "cluster": ' '1:[0-9]+: '
head -c 30000 /dev/zero | tr '\0' '[' >deep.json
run check --offline deep.json
is_status 65 "30,000 brackets"
head -c 100000000 /dev/zero >big.json
run check --offline big.json
is_status 65 "100 MB"
has_lines err "$(wc -l <err)" # told, not crashed
run check --offline missing.json
is_status 65 "a file that is not there"
has err "missing.json"
run check --offline .
is_status 65 "a directory"

run check --offline unknown-key.json cluster.json type.json
is_status 65 "one bad file is enough"
has err "unknown-key.json:2:3"
has err "type.json:1:17"
has out "cluster.json: ok (cluster)" "… and the good one is checked too"

printf '{ "cluster": "x", "\\\\u001b[31mred": 1 }' >"$(printf 'esc\e[31m.json')"
run check --offline "$(printf 'esc\e[31m.json')"
is_status 65
has_not err $'\e' "control characters of names and keys are escaped"
has err '\x1b[31m.json'

# Without --offline: files are read before anything is asked.
run check missing.json
is_status 65
run check cluster.json type.json missing.json
is_status 65
has err "type.json:1:17"
has err "missing.json"
# Nothing answers on these ports of the loopback: a problem, and no crash.
run check cluster.json reboot.json
is_status 5 "an unreachable cluster is a problem"
has out "problem"
holds "… and a summary is printed" grep -qE '[0-9]+ ok, [0-9]+ warnings?, [0-9]+ problems?' out
run check -q cluster.json
has_not out "ok   "
tap_end
