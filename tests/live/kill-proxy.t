#!/bin/bash
# HAProxy and PgBouncer killed, stopped and restarted; the witness is systemd's main pid.
source "$(dirname "$0")/lib.sh"
live_lab

pid_of() { lab root "$1" systemctl show -p MainPID --value "$2"; }

before=$(pid_of px1 haproxy)
run_scenario '{"kill_proxy": {"target": "host:px1", "service": "haproxy", "how": "kill"}}'
is_clean_run "haproxy, SIGKILL"
ok "haproxy has another main pid" test "$before" != "$(pid_of px1 haproxy)"

run_scenario '{"kill_proxy": {"target": "host:px1", "service": "haproxy", "how": "stop", "stop_seconds": 5}}'
is_clean_run "haproxy, stopped for 5 s"
ok "an outage of the time that it was gone was measured" \
	jq -e '[.outages[] | select(.endpoint == "primary_endpoint" and .seconds > 4.5)] | length == 1' \
	"$OUT/report.json"
is "$(lab root px1 systemctl is-active haproxy)" active "haproxy runs again"
is "$(report '[.outages[] | select(.endpoint == "direct_endpoint")] | length')" 0 \
	"the path without a proxy saw nothing"

before=$(pid_of px1 pgbouncer)
run_scenario '{"kill_proxy": {"target": "host:px1", "service": "pgbouncer", "how": "kill"}}'
is_clean_run "pgbouncer, SIGKILL"
ok "pgbouncer has another main pid" test "$before" != "$(pid_of px1 pgbouncer)"

run_scenario '{"kill_proxy": {"target": "host:px1", "service": "pgbouncer", "how": "restart"}}'
is_clean_run "pgbouncer, restarted"
done_testing
