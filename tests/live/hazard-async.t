#!/bin/bash
# Planted hazard: asynchronous replication, both replicas cut from the primary, and then the
# primary's host is lost. Acknowledged rows are gone, and the verdict must say how many.
source "$(dirname "$0")/lib.sh"
live_lab

restore() {
	for h in db1 db2 db3; do
		lab root "$h" iptables -F INPUT || true
		lab boot-delay "$h" 5 || true
	done
	patch_patroni '{"synchronous_mode": true, "maximum_lag_on_failover": 1048576,
		"ttl": 30, "loop_wait": 10, "retry_timeout": 10}' || true
	wait_until 120 "the lab is healthy again" cluster_is_healthy
}
trap restore EXIT

is_async() { [ "$(sql_on "$(leader)" 'SHOW synchronous_standby_names')" = "" ]; }
# A replica that is far behind may be promoted, and soon: with the default limit of 1 MB
# Patroni waits for the old leader instead, and nothing is lost.
patch_patroni '{"synchronous_mode": false, "maximum_lag_on_failover": 104857600,
	"ttl": 20, "loop_wait": 5, "retry_timeout": 5}'
wait_until 60 "replication is asynchronous" is_async

primary=$(leader)
lab boot-delay "$primary" 70
# Whoever promises fresh reads would be refused: the steady state sees the cut replicas.
jq '.objectives.sync_standbys = 0 | del(.endpoints.replica_endpoint)' "$OUT/cluster.json" >"$OUT/c.json"
mv "$OUT/c.json" "$OUT/cluster.json"

# The replicas get nothing any more while the steady state holds.
cut_replicas() {
	local h
	for h in db1 db2 db3; do
		[ "$h" = "$primary" ] || lab root "$primary" iptables -I INPUT -p tcp --dport 5432 \
			-s "$(lab inventory | jq -r ".hosts.$h.address")" -j DROP
	done
}
in_steady() { grep -qs '"phase":"STEADY"' "$OUT/1.jsonl"; }
(wait_until 60 "the run holds its steady state" in_steady && cut_replicas) &
run_scenario '{"reboot_host": {"target": "primary", "how": "forced"}}' \
	'{"steady_state": {"hold_seconds": 30, "sync_standbys": 0},
	  "observe": {"limit_seconds": 120}, "settle": {"limit_seconds": 150}}'
wait

is "$STATUS" 1 "exit code 1: an objective was missed"
is "$(report .verdict)" fail "the verdict is fail"
is "$(report .fault.confirmed)" true "the fault is confirmed"
ok "rows were lost" test "$(report .rpo.lost)" -gt 0
is "$(report .rpo.lost)" "$(lost_on "$(leader)")" "as many as the test itself counts on the new primary"
like "$(report '.reasons | join("\n")')" "lost" "a reason says so"
done_testing
