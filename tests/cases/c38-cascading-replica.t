#!/bin/bash
# A replica that is fed by another replica: the primary does not list it.  Its own WAL
# receiver counts, so the state is steady; a reboot of the one in the middle takes two
# streams, which is said before, and it is settled only when both stream again.
#
# It is the synchronous standby, too.  No write stalls: while its host shuts down in order,
# Patroni takes it out of synchronous_standby_names before its stream ends.
source "$(dirname "$0")/../live/lib.sh"
live_lab

config=/etc/patroni/config.yml
middle=$(sync_standby)
last=$(patroni_get cluster | jq -r '.members[] | select(.role == "replica") | .name')
upstream() { sql_on "$last" "SELECT sender_host FROM pg_stat_wal_receiver WHERE status = 'streaming'"; }
restore() {
	lab root "$last" sh -c "sed -i '/^tags:/,\$d' $config; systemctl reload patroni"
	wait_until 90 "the lab is healthy again" cluster_is_healthy
}
trap restore EXIT
address=$(jq -r ".hosts.$middle.address" "$OUT/cluster.json")
printf 'tags:\n  replicatefrom: %s\n' "$middle" |
	lab root "$last" sh -c "cat >>$config; systemctl reload patroni"
is_cascading() { [ "$(upstream)" = "$address" ]; }
wait_until 60 "$last is fed by $middle" is_cascading
is "$(sql_on "$(leader)" 'SELECT count(*) FROM pg_stat_replication')" 1 "the primary lists one standby"

run_scenario '{"kill_proxy": {"target": "host:px1", "service": "haproxy", "how": "restart"}}'
is_clean_run "a proxy restarted"
ok "$last is still fed by $middle" is_cascading

booted=$(boot_id "$middle")
run_scenario "{\"reboot_host\": {\"target\": \"host:$middle\"}}"
is "$STATUS" 0 "the middle one rebooted: exit code 0"
ok "$middle has booted" test "$booted" != "$(boot_id "$middle")"
is "$(report .rpo.lost)" 0 "nothing acknowledged was lost"
like "$(report '.notes | join("\n")')" "$last is fed by $middle" "it was said that the last one hangs on it"
ok "both stream again" test "$(sql_on "$middle" "SELECT status FROM pg_stat_wal_receiver") $(sql_on \
	"$last" "SELECT status FROM pg_stat_wal_receiver")" = "streaming streaming"
ok "redundancy took as long as the boot" reports '.redundancy_restored_seconds > 3'
done_testing
