#!/bin/bash
# An endpoint that does not answer at the start, and one that never acks: refused, the
# endpoint is named, and nothing is touched.
source "$(dirname "$0")/../live/lib.sh"
live_lab

restore() { lab root px1 systemctl start pgbouncer; }
trap restore EXIT
is_refused() { # WHAT PATTERN
	is "$STATUS" 5 "$1: exit code 5"
	like "$(cat "$OUT/$RUNS.err")" "$2" "$1: names the endpoint, and why"
	ok "$1: no intent was written" bash -c "! grep -qs '\"event\":\"intent\"' '$LEDGER'"
}

lab root px1 systemctl stop pgbouncer
run_scenario '{"switchover": {"target": "primary"}}' '{"steady_state": {"limit_seconds": 6}}'
is_refused "the pooler is down" 'pooler_endpoint.*(refused|10\.88\.0\.21)'
STATUS=0
monkey check "$OUT/cluster.json" >"$OUT/check.out" 2>&1 || STATUS=$?
is "$STATUS" 5 "check: exit code 5"
like "$(cat "$OUT/check.out")" 'pooler_endpoint.*refused' "check names it too"
lab root px1 systemctl start pgbouncer

# Writes through the path to the replicas: it answers, and never acks one.
jq '.endpoints.wrong_endpoint = {"conninfo": (.endpoints.replica_endpoint.conninfo), "serves": "primary"}' \
	"$OUT/cluster.json" >"$OUT/wrong.json"
mv "$OUT/wrong.json" "$OUT/cluster.json"
run_scenario '{"kill_proxy": {"target": "host:px1", "service": "haproxy", "how": "restart"}}' \
	'{"steady_state": {"limit_seconds": 6}}'
is_refused "one of several never acks" 'wrong_endpoint.*read-only'
STATUS=0
monkey check "$OUT/cluster.json" >"$OUT/check.out" 2>&1 || STATUS=$?
is "$STATUS" 5 "check: exit code 5"
like "$(cat "$OUT/check.out")" 'wrong_endpoint.*in recovery' "check names it too"

run_scenario '{"kill_proxy": {"target": "host:px1", "service": "haproxy", "how": "restart"}}' \
	'{"probe": {"write": {"via": ["primary_endpoint", "wrong_endpoint"]}}, "steady_state": {"limit_seconds": 6}}'
is_refused "asked for by name" 'wrong_endpoint.*read-only'
done_testing
