#!/bin/bash
# Somebody else has scheduled a switchover, or a restart: refused with the time and the pair,
# and the schedule is still there afterwards (our test of rights must not delete it).
# There is no switch that allows a run over it, so its outage never mixes with ours.
source "$(dirname "$0")/../live/lib.sh"
live_lab

restore() {
	patroni_ask DELETE switchover >/dev/null 2>&1 || true
	[ -z "${number:-}" ] || patroni_ask DELETE restart '' "$number" >/dev/null 2>&1 || true
}
trap restore EXIT

is_refused() { # WHAT PATTERN
	is "$STATUS" 5 "$1: exit code 5"
	like "$(cat "$OUT/$RUNS.err")" "$2" "$1: says what, and when"
	ok "$1: no intent was written" bash -c "! grep -qs '\"event\":\"intent\"' '$LEDGER'"
}
at=$(date -u -d '+20 minutes' +%Y-%m-%dT%H:%M)
from=$(leader)
to=$(sync_standby)

schedule() {
	patroni_ask POST switchover \
		"{\"leader\": \"$from\", \"candidate\": \"$to\", \"scheduled_at\": \"$at:00+00:00\"}" >/dev/null
}
schedule
scheduled() { patroni_get cluster | jq -c .scheduled_switchover; }
before=$(scheduled)
for fault in '{"kill_proxy": {"target": "proxy", "service": "haproxy", "how": "restart"}}' \
	'{"switchover": {"target": "primary"}}'; do
	run_scenario "$fault"
	is_refused "a scheduled switchover ($(jq -r 'keys[0]' <<<"$fault"))" "switchover $from . $to at $at"
done
monkey check "$OUT/cluster.json" >"$OUT/check.out" 2>&1 || true
like "$(cat "$OUT/check.out")" "switchover $from . $to at $at" "check says it too"
is "$(scheduled)" "$before" "it is still scheduled"
patroni_ask DELETE switchover >/dev/null

# While the steady state holds: seen again when the fault is armed.
in_steady() { grep -qs '"phase":"STEADY"' "$OUT/$((RUNS + 1)).jsonl"; }
(wait_until 60 "the run holds its steady state" in_steady && schedule) &
run_scenario '{"kill_proxy": {"target": "proxy", "service": "haproxy", "how": "restart"}}'
wait
is_refused "scheduled behind PREFLIGHT" "switchover $from . $to at $at"
patroni_ask DELETE switchover >/dev/null

number=$(patroni_get cluster | jq -r --arg m "$to" '.members[] | select(.name == $m) | .host | sub(".*\\."; "")')
patroni_ask POST restart "{\"schedule\": \"$at:00+00:00\"}" "$number" >/dev/null
is_scheduled() { patroni_get cluster | jq -e '[.members[] | .scheduled_restart | values] | length == 1' >/dev/null; }
wait_until 30 "the restart is scheduled" is_scheduled
run_scenario '{"kill_proxy": {"target": "proxy", "service": "haproxy", "how": "restart"}}'
is_refused "a scheduled restart" "restart of $to at $at"
ok "it is still scheduled" is_scheduled
done_testing
