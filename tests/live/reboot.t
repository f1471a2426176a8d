#!/bin/bash
# Hosts rebooted; the witness is the host's own boot id and uptime.
source "$(dirname "$0")/lib.sh"
live_lab

reboots() { # TARGET HOW
	local host before
	host=$3
	before=$(boot_id "$host")
	run_scenario "{\"reboot_host\": {\"target\": \"$1\", \"how\": \"$2\"}}"
	is_clean_run "$1 $2"
	is "$(report .fault.host)" "$host" "$1: the target was $host"
	ok "$1: the boot id of $host is another one" test "$before" != "$(boot_id "$host")"
	like "$(report .fault.evidence)" "$(boot_id "$host")" "$1: the evidence quotes it"
}

sync_standby() {
	patroni_get cluster | jq -er '.members[] | select(.role == "sync_standby") | .name'
}
names_sync_standby() { sync_standby >/dev/null; }

reboots primary graceful "$(leader)"
# PostgreSQL has one before Patroni's next loop tells of it.
wait_until 30 "the manager names a synchronous standby" names_sync_standby
reboots sync_standby forced "$(sync_standby)"
reboots host:px1 graceful px1
done_testing
