#!/bin/bash
# Switchover by Patroni's REST API; the witness is the manager's own history.
source "$(dirname "$0")/lib.sh"
live_lab

before=$(leader)
run_scenario '{"switchover": {"target": "primary"}}'
is_clean_run switchover
after=$(leader)
ok "the leader is another one ($before, $after)" test "$before" != "$after"
like "$(report .fault.evidence)" "$after" "the evidence names the new leader"
is "$(patroni_get history | jq -r '.[-1][4]')" "$after" "the manager's history names it too"
ok "an outage was measured by the proxy's endpoint" \
	test "$(report '[.outages[] | select(.endpoint == "primary_endpoint")] | length')" -ge 1
done_testing
