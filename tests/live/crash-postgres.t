#!/bin/bash
# SIGKILL to the postmaster, then to one backend.
source "$(dirname "$0")/lib.sh"
live_lab

started() { sql_on "$1" 'SELECT pg_postmaster_start_time()'; }

primary=$(leader)
before=$(started "$primary")
run_scenario '{"crash_postgres": {"target": "primary", "process": "postmaster"}}'
is_clean_run postmaster
ok "the postmaster is a new one" test "$before" != "$(started "$primary")"

primary=$(leader)
before=$(started "$primary")
run_scenario '{"crash_postgres": {"target": "primary", "process": "backend"}}'
is_clean_run backend
is "$(started "$primary")" "$before" "the postmaster is the same: crash recovery, no restart"
done_testing
