#!/bin/bash
# C30: with its reboot a host gets another host key. Nobody logs in there any more, so the
# reboot stays unconfirmed: exit 2 with file and line of the key that is known, at once and
# not after the limit. PostgreSQL tells that it is back, so there is nothing left to heal;
# on a host without it the heal would fail too (exit 4).
source "$(dirname "$0")/../live/lib.sh"
live_lab
spoil_lab

victim=$(patroni_get cluster | jq -r '[.members[] | select(.role == "replica")][0].name')
put_file "$victim" /etc/systemd/system/new-keys.service <<-'UNIT'
	[Unit]
	Before=ssh.service
	[Service]
	Type=oneshot
	ExecStart=/bin/sh -c "rm -f /etc/ssh/ssh_host_*; ssh-keygen -A"
	[Install]
	WantedBy=multi-user.target
UNIT
lab root "$victim" systemctl -q enable new-keys.service
before=$(boot_id "$victim")
known=$(jq -r .ssh.known_hosts_file "$OUT/cluster.json")
line=$(grep -n "$victim " "$known" | cut -d: -f1)

began=$SECONDS
run_scenario "{\"reboot_host\": {\"target\": \"host:$victim\"}}"
ok "it was another boot" test "$(boot_id "$victim")" != "$before"
is "$STATUS" 2 "exit code 2"
is "$(report .fault.confirmed)" false "unconfirmed"
like "$(report '.reasons[]')" "$victim .*host key changed.* $known:$line" "the reason names file and line"
is "$(report .fault.healed)" true "and what was healed is not given up"
like "$(jq -r 'select(.event == "healed").evidence' "$LEDGER")" "PostgreSQL on $victim answers" \
	"by PostgreSQL itself"
ok "it did not wait for ever" test $((SECONDS - began)) -lt 120
is "$(lab root "$victim" journalctl -b -u ssh -o cat | grep -c 'Accepted publickey')" 0 "nobody has logged in"

run_scenario "{\"reboot_host\": {\"target\": \"host:$victim\"}}"
is "$STATUS" 5 "the next run against this host: refused"
like "$(cat "$OUT/$RUNS.err")" "host key changed" "and says why"
done_testing
