#!/bin/bash
# What must be refused before anything is touched: exit 5, a cause, a cure, no intent.
source "$(dirname "$0")/lib.sh"
live_lab

is_refused() { # WHAT PATTERN
	is "$STATUS" 5 "$1: exit code 5"
	like "$(cat "$OUT/$RUNS.err")" "$2" "$1: says why"
	ok "$1: no intent was written" bash -c "! grep -qs '\"event\":\"intent\"' '$LEDGER'"
}

is_paused() { patroni_get cluster | jq -e ".pause == true" >/dev/null; }
is_not_paused() { ! is_paused; }

patch_patroni '{"pause": true}'
wait_until 30 "the cluster is paused" is_paused
run_scenario '{"switchover": {"target": "primary"}}'
is_refused "maintenance mode" 'paused'
ok "the pause is still there" is_paused
patch_patroni '{"pause": null}'
wait_until 30 "the cluster is resumed" is_not_paused

jq '.chaos = "forbidden"' "$OUT/cluster.json" >"$OUT/forbidden.json"
mv "$OUT/cluster.json" "$OUT/allowed.json"
mv "$OUT/forbidden.json" "$OUT/cluster.json"
run_scenario '{"switchover": {"target": "primary"}}'
is_refused "chaos forbidden" 'does not allow chaos'
mv "$OUT/allowed.json" "$OUT/cluster.json"

run_scenario '{"reboot_host": {"target": "primary"}}' \
	'{"blast_radius": {"never": ["db1", "db2", "db3"]}}'
is_refused "never list" 'never'

replica=$(patroni_get cluster | jq -r '[.members[] | select(.role != "leader")][0].name')
lab root "$replica" systemctl stop patroni
wait_until 60 "the manager sees a member down" \
	bash -c "! '$ROOT/tests/lab/lab' -n '$LAB' status >/dev/null 2>&1"
run_scenario '{"kill_proxy": {"target": "proxy", "service": "haproxy", "how": "restart"}}'
is_refused "a member down" 'down|not steady|stopped'
lab root "$replica" systemctl start patroni
wait_until 120 "the lab is healthy again" cluster_is_healthy

# Somebody else at work with the same state directory.
exec {HELD}>"$PGMONKEY_STATE_DIR/$LAB/lock"
flock "$HELD"
run_scenario '{"switchover": {"target": "primary"}}'
is_refused "locked" 'lock'
exec {HELD}>&-

echo '{"experiment": "x", "fault": {"switchover": {"tarket": "primary"}}}' >"$OUT/scenario.json"
play_scenario
is "$STATUS" 65 "a wrong file: exit code 65"
like "$(cat "$OUT/$RUNS.err")" 'scenario.json:1:[0-9]+: .*tarket' "with place and key"
done_testing
