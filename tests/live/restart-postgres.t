#!/bin/bash
# PostgreSQL restarted in three ways; the witness is pg_postmaster_start_time().
source "$(dirname "$0")/lib.sh"
live_lab

started() { sql_on "$1" 'SELECT pg_postmaster_start_time()'; }

primary=$(leader)
before=$(started "$primary")
run_scenario '{"restart_postgres": {"target": "primary", "how": "manager"}}'
is_clean_run "by the manager"
ok "the postmaster is a new one" test "$before" != "$(started "$primary")"

primary=$(leader)
before=$(started "$primary")
run_scenario '{"restart_postgres": {"target": "primary", "how": "systemd"}}'
is_clean_run "by systemd"
ok "the postmaster is a new one" test "$before" != "$(started "$primary")"

primary=$(leader)
before=$(started "$primary")
run_scenario '{"restart_postgres": {"target": "primary", "how": "pg_ctl", "mode": "immediate"}}'
is_clean_run "by pg_ctl, immediate"
ok "the postmaster is a new one" test "$before" != "$(started "$primary")"
done_testing
