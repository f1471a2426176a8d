#!/bin/bash
# Planted hazard: asynchronous replication, and Patroni itself stopped (SIGSTOP) on the leader:
# its PostgreSQL goes on as primary beside the promoted one.
source "$(dirname "$0")/lib.sh"
live_lab

primary=$(leader)
signal_patroni() { lab root "$primary" systemctl kill --kill-who=main --signal="$1" patroni.service; }
restore() {
	signal_patroni CONT || true
	patch_patroni '{"synchronous_mode": true}' || true
	wait_until 120 "the lab is healthy again" cluster_is_healthy
}
trap restore EXIT

is_async() { [ "$(sql_on "$(leader)" 'SHOW synchronous_standby_names')" = "" ]; }
patch_patroni '{"synchronous_mode": false}'
wait_until 60 "replication is asynchronous" is_async
jq --arg first "$(jq -r ".hosts.$primary.address" "$OUT/cluster.json")" '
	.objectives.sync_standbys = 0 |
	.endpoints.direct_endpoint.conninfo |= sub("host=\\S+"; "host=" + $first + "," +
		(["10.88.0.11", "10.88.0.12", "10.88.0.13"] - [$first] | join(",")))' \
	"$OUT/cluster.json" >"$OUT/c.json"
mv "$OUT/c.json" "$OUT/cluster.json"

is_observed() { grep -qs '"phase":"OBSERVE"' "$OUT/1.jsonl"; }
stop_and_go() {
	wait_until 90 "the run observes" is_observed
	signal_patroni STOP
	hold 60
	signal_patroni CONT
}
stop_and_go &
run_scenario '{"by_hand": {"seconds": 75}}' \
	'{"steady_state": {"hold_seconds": 3, "sync_standbys": 0}, "settle": {"limit_seconds": 150}}'
wait

is "$STATUS" 1 "exit code 1: an objective was missed"
is "$(report .verdict)" fail "the verdict is fail"
ok "two primaries acknowledged writes for many seconds" \
	jq -e '.dual_primary_seconds > 10' "$OUT/report.json"
ok "rows were lost" test "$(report .rpo.lost)" -gt 0
is "$(report .rpo.lost)" "$(lost_on "$(leader)")" "as many as the test itself counts on the new primary"
done_testing
