#!/bin/bash
# plan: the same seed gives the same plan, without a network.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

all_files allowed
run plan cluster.json day.json --seed 42
is_status 0
has out "game day test day on billing, seed 42, 12 experiments"
[[ $(grep -cE '^ *[0-9]+  \+[0-9]+:[0-9]{2}:[0-9]{2} ' out) == 12 ]]
result $? "twelve rows"
has out "reboot_host"
has out "primary"
cp out first
run plan cluster.json day.json --seed 42
holds "the same seed, the same plan" cmp first out
run plan --seed 43 cluster.json day.json
holds "another seed, another plan" bash -c '! cmp first out'

run plan cluster.json day.json
is_status 0
seed=$(sed -n 's/.*, seed \([0-9]*\), .*/\1/p' out)
cp out first
run plan cluster.json day.json --seed "$seed"
holds "the seed that was printed plays the same again" cmp first out

gameday_file seeded.json '"seed": "7"'
run plan cluster.json seeded.json
has out "seed 7," "the file's seed"
run plan cluster.json seeded.json --seed 8
has out "seed 8," "--seed wins"

# 1 January only exists once a year: closed now, or this test runs in that minute.
day=$(date -d '+2 days' +%a | tr '[:upper:]' '[:lower:]')
gameday_file window.json '"window": { "days": ["'"$day"'"], "from": "03:00", "to": "03:01" }'
LC_ALL=C run plan cluster.json window.json
is_status 0 "a plan outside of the window"
has out "window: closed, opens $(date -d '+2 days' +%F)T03:00:00"

gameday_file bad.json '"seed": "no number"'
run plan cluster.json bad.json
is_status 65
holds "a bad seed in the file has its place" grep -qE '^bad.json:[0-9]+:[0-9]+: ' err
run plan cluster.json reboot.json
is_status 65 "a scenario is no game day"
run plan missing.json absent.json
is_status 65
has err "missing.json"
has err "absent.json"
tap_end
