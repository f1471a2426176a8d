#!/bin/bash
# The agent is killed while HAProxy is stopped: the next run refuses and names the command
# that heals; healing twice is harmless; then runs are possible again.
source "$(dirname "$0")/lib.sh"
live_lab

is_stopped() { [ "$(lab root px1 systemctl is-active haproxy)" = inactive ]; }
observes() { grep -qs '"phase":"OBSERVE"' "$OUT/1.jsonl"; }

scenario '{"kill_proxy": {"target": "host:px1", "service": "haproxy", "how": "stop", "stop_seconds": 300}}' \
	>"$OUT/scenario.json"
LEDGER=$OUT/1.jsonl
export RUNS=1 # play_scenario counts on from here
become_monkey run "$OUT/cluster.json" "$OUT/scenario.json" --ledger "$LEDGER" \
	>"$OUT/1.out" 2>"$OUT/1.err" </dev/null &
agent=$!
wait_until 60 "the run observes" observes
ok "haproxy is stopped" is_stopped
kill -KILL "$agent"
wait "$agent" || true
ok "it stays stopped when the agent is dead" is_stopped

run_scenario '{"switchover": {"target": "primary"}}'
is "$STATUS" 5 "the next run is refused"
like "$(cat "$OUT/2.err")" "pgmonkey heal .*1.jsonl" "and names the command that heals"

STATUS=0
monkey heal "$OUT/1.jsonl" >"$OUT/heal.out" 2>"$OUT/heal.err" || STATUS=$?
is "$STATUS" 0 "pgmonkey heal: exit code 0"
like "$(cat "$OUT/heal.out")" 'healed: kill_proxy' "it says what it healed"
is "$(lab root px1 systemctl is-active haproxy)" active "haproxy runs again"
ok "healing twice is harmless" monkey heal "$OUT/1.jsonl"

LEDGER=$OUT/1.jsonl
STATUS=0
"$PGMONKEY" report "$LEDGER" --format json >"$OUT/report.json" || STATUS=$?
is "$(report .verdict)" inconclusive "a run that was cut short is inconclusive, never a pass"

# A torn last line is understood.
printf '{"event":"attempt","t_us":12' >>"$LEDGER"
ok "a torn ledger can be reported" bash -c "'$PGMONKEY' report '$LEDGER' | grep -qi torn"

run_scenario '{"kill_proxy": {"target": "host:px1", "service": "haproxy", "how": "restart"}}'
is_clean_run "after the heal"

# SIGINT: heals at once, settles and audits, exit 3.
scenario '{"kill_proxy": {"target": "host:px1", "service": "haproxy", "how": "stop", "stop_seconds": 300}}' \
	>"$OUT/scenario.json"
LEDGER=$OUT/9.jsonl
become_monkey run "$OUT/cluster.json" "$OUT/scenario.json" --ledger "$LEDGER" \
	>"$OUT/9.out" 2>"$OUT/9.err" </dev/null &
agent=$!
observes_9() { grep -qs '"phase":"OBSERVE"' "$OUT/9.jsonl"; }
wait_until 60 "the run observes" observes_9
kill -INT "$agent"
STATUS=0
wait "$agent" || STATUS=$?
is "$STATUS" 3 "stopped by SIGINT: exit code 3"
is "$(lab root px1 systemctl is-active haproxy)" active "and healed"
make_report
is "$(report .rpo.lost)" 0 "audited too"
done_testing
