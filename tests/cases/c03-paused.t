#!/bin/bash
# Maintenance mode.  Before the run: refused.  Somebody pauses the cluster 3 s after the
# primary's host was reset: nothing promotes a replica, and Patroni starts no PostgreSQL
# while paused, so writes are gone until the limit.  The measured RTO decides, a reason says
# that somebody paused it and when, and PGMonkey does not resume what it did not pause.
source "$(dirname "$0")/../live/lib.sh"
live_lab

is_paused() { patroni_get cluster | jq -e '.pause == true' >/dev/null; }
is_not_paused() { ! is_paused; }
restore() {
	patch_patroni '{"pause": null}' || true
	wait_until 120 "the lab is healthy again" cluster_is_healthy
}
trap restore EXIT

patch_patroni '{"pause": true}'
wait_until 30 "the cluster is paused" is_paused
run_scenario '{"reboot_host": {"target": "primary"}}'
is "$STATUS" 5 "paused before: exit code 5"
like "$(cat "$OUT/1.err")" 'paused' "paused before: says so"
patch_patroni '{"pause": null}'
wait_until 30 "the cluster is resumed" is_not_paused

primary=$(leader)
booted=$(boot_id "$primary")
is_injected() { grep -qs '"event":"injected"' "$OUT/2.jsonl"; }
(wait_until 60 "the fault is injected" is_injected && hold 3 && patch_patroni '{"pause": true}') &
run_scenario '{"reboot_host": {"target": "primary", "how": "forced"}}' \
	'{"hypothesis": {"rto_seconds": 25}, "observe": {"limit_seconds": 40}, "settle": {"limit_seconds": 5}}'
wait
ok "the host has booted" test "$booted" != "$(boot_id "$primary")"
is "$(report .fault.confirmed)" true "the fault is confirmed"
is "$STATUS" 1 "paused meanwhile: exit code 1"
is "$(report .rto.recovered)" false "writes did not come back"
is "$(report .rpo.lost)" null "without a primary nobody knows what is lost"
like "$(report '.reasons | join("\n")')" 'paused by somebody .*s after the fault' "a reason says who and when"
ok "the pause is still there" is_paused
done_testing
