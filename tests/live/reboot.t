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

reboots primary graceful "$(leader)"
reboots sync_standby forced "$(sync_standby)"
reboots host:px1 graceful px1
done_testing
