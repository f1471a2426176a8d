#!/bin/bash
# Failover to a candidate by Patroni's REST API.
source "$(dirname "$0")/lib.sh"
live_lab

before=$(leader)
run_scenario '{"failover": {"target": "primary"}}'
is_clean_run failover
ok "the leader is another one" test "$before" != "$(leader)"
done_testing
