#!/bin/bash
# PgBouncer refuses what libpq may send.  As it is, a switchover is clean through the pooler
# too; with options= in its conninfo `check` names the parameter and the setting that lets
# it through, and a run is refused.  What PgBouncer answers itself is never in doubt.
source "$(dirname "$0")/../live/lib.sh"
live_lab

before=$(leader)
run_scenario '{"switchover": {"target": "primary"}}'
is_clean_run switchover
ok "the leader is another one" test "$before" != "$(leader)"
acked_in_steady() {
	jq -se --arg e pooler_endpoint '
		(map(select(.event == "probe" and .endpoint == $e))[0].probe) as $probe
		| (map(select(.event == "phase" and .phase == "ARM"))[0].t_us) as $arm
		| map(select(.event == "attempt" and .probe == $probe and .outcome == "acked" and .t_us < $arm))
		| length > 50' "$LEDGER" >/dev/null
}
ok "the pooler acked while the state was steady" acked_in_steady
ok "the pooler was away for a while, too" \
	reports '[.outages[] | select(.endpoint == "pooler_endpoint" and .recovered)] | length >= 1'

jq '.endpoints.pooler_endpoint.conninfo += " options='"'-c statement_timeout=5000'"'"' \
	"$OUT/cluster.json" >"$OUT/options.json"
STATUS=0
monkey check "$OUT/options.json" >"$OUT/check.out" 2>&1 || STATUS=$?
is "$STATUS" 5 "options= to PgBouncer: exit code 5"
like "$(cat "$OUT/check.out")" 'pooler_endpoint.*unsupported startup parameter.*options' "it names the parameter"
like "$(cat "$OUT/check.out")" 'ignore_startup_parameters' "and the setting"

mv "$OUT/options.json" "$OUT/cluster.json"
run_scenario '{"switchover": {"target": "primary"}}' '{"steady_state": {"limit_seconds": 6}}'
is "$STATUS" 5 "a run with it: exit code 5"
like "$(cat "$OUT/2.err")" 'pooler_endpoint.*unsupported startup parameter' "it names the endpoint and why"
is "$(jq -s '[.[] | select(.event == "attempt" and .outcome == "in_doubt")] | length' "$LEDGER")" 0 \
	"nothing is in doubt"
done_testing
