#!/bin/bash
# C31: a host that shares its boot id with the machine below (a container) reboots: the boot
# id stays, PID 1 and all services start anew. That proves no reboot of a machine: exit 2,
# and the reason says what it looks like. Never an endless wait.
source "$(dirname "$0")/../live/lib.sh"
live_lab
spoil_lab

victim=$(patroni_get cluster | jq -r '[.members[] | select(.role == "replica")][0].name')
put_file "$victim" /etc/fixed-boot-id </proc/sys/kernel/random/uuid
# The lab's container has a boot id of its own mounted there; a plain one has none.
put_file "$victim" /etc/systemd/system/fixed-boot-id.service <<-'UNIT'
	[Unit]
	DefaultDependencies=no
	Before=sysinit.target
	[Service]
	Type=oneshot
	ExecStartPre=/bin/umount /proc/sys/kernel/random/boot_id
	ExecStart=/bin/mount --bind /etc/fixed-boot-id /proc/sys/kernel/random/boot_id
	RemainAfterExit=yes
	[Install]
	WantedBy=sysinit.target
UNIT
lab root "$victim" systemctl daemon-reload
lab root "$victim" systemctl -q enable fixed-boot-id.service
lab root "$victim" systemctl start fixed-boot-id.service
before=$(boot_id "$victim")
uptime_of() { lab root "$victim" systemctl show -p UserspaceTimestampMonotonic --value; }
booted=$(uptime_of)

began=$SECONDS
run_scenario "{\"reboot_host\": {\"target\": \"host:$victim\"}}"
is "$(boot_id "$victim")" "$before" "the boot id is the same"
ok "and yet it was another boot" test "$(uptime_of)" != "$booted"
is "$STATUS" 2 "exit code 2"
is "$(report .fault.confirmed)" false "unconfirmed"
like "$(report '.reasons[]')" "$victim: boot id unchanged, but PID 1 .*a container\?" "says what it looks like"
is "$(report .rpo.lost)" 0 "nothing acknowledged was lost"
ok "it did not wait for the whole limit" test $((SECONDS - began)) -lt 100
done_testing
