#!/bin/bash
# A switchover that is answered with 503 "status unknown" and happens anyway: a stopped
# backend holds up the old primary's fast shutdown, and clients get 57P03 meanwhile.
# Patroni gives that answer after 20 s; the outage lasts as long as the backend is stopped.
# In doubt is not refused: it is watched, confirmed by leader and timeline, and asked once.
source "$(dirname "$0")/../live/lib.sh"
live_lab

primary=$(leader)
restore() {
	lab root "$primary" kill -CONT "$pid" 2>/dev/null || true
	wait_until 90 "the lab is healthy again" cluster_is_healthy
}
sql_on "$primary" "SELECT pg_sleep(600)" >/dev/null 2>&1 &
sleeper() { sql_on "$primary" "SELECT pid FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(600)'"; }
sleeps() { [ -n "$(sleeper)" ]; }
wait_until 10 "a session is open" sleeps
pid=$(sleeper)
trap restore EXIT
lab root "$primary" kill -STOP "$pid"

began=$(date +%s)
requests() { # that the members' own journals tell of
	for h in db1 db2 db3; do
		lab logs "$h" -u patroni --since "@$began" | grep 'received switchover request' || true
	done | wc -l
}
timeline() { patroni_get cluster | jq '[.members[].timeline] | max'; }
before=$(timeline)
is_requested() { grep -qs '"phase":"INJECT"' "$OUT/1.jsonl"; }
(wait_until 60 "the switchover is asked for" is_requested && hold 45 && lab root "$primary" kill -CONT "$pid") &
run_scenario '{"switchover": {"target": "primary"}}'
wait
is_in_doubt() {
	jq -se 'map(select(.event == "injected"))[0] | .in_doubt and (.answer | startswith("503"))' \
		"$LEDGER" >/dev/null
}
ok "the request was answered with 503" is_in_doubt
is_clean_run "in doubt, and it happened"
ok "another one leads" test "$primary" != "$(leader)"
is "$(requests)" 1 "it was asked for once"
is "$(timeline)" $((before + 1)) "one switchover, one timeline more"
is "$(patroni_get history | jq -r '.[-1][4]')" "$(leader)" "the manager's history names the new leader"
ok "the outage is as long as the hold-up" reports '.rto.seconds > 25 and .rto.seconds < 60'
done_testing
