#!/bin/bash
# C28: a host that goes down slowly and refuses logins while it comes up. Only another boot
# id proves the reboot; a refused login is "not back yet", never a wrong key. Variant: a
# masked reboot.target, where logind says no ("Access denied"): nothing was done, exit 2, nothing to heal.
source "$(dirname "$0")/../live/lib.sh"
live_lab
spoil_lab

victim=$(patroni_get cluster | jq -r '[.members[] | select(.role == "replica")][0].name')
host() { lab root "$victim" "$@"; }

host systemctl -q mask reboot.target
before=$(boot_id "$victim")
run_scenario "{\"reboot_host\": {\"target\": \"host:$victim\"}}"
is "$STATUS" 2 "reboot.target is masked: exit code 2"
is "$(report .fault.confirmed)" false "reboot.target is masked: not confirmed"
is "$(boot_id "$victim")" "$before" "reboot.target is masked: no other boot"
like "$(report '.reasons[]')" 'could not be sent: .*systemctl reboot. ended with 1' "reboot.target is masked: said so"
host systemctl -q unmask reboot.target

put_file "$victim" /etc/systemd/system/slow-stop.service <<-'UNIT'
	[Unit]
	After=ssh.service
	[Service]
	Type=oneshot
	RemainAfterExit=yes
	ExecStart=/bin/true
	ExecStop=/bin/sleep 25
	[Install]
	WantedBy=multi-user.target
UNIT
put_file "$victim" /etc/systemd/system/slow-start.service <<-'UNIT'
	[Unit]
	DefaultDependencies=no
	After=ssh.service
	Before=systemd-user-sessions.service
	[Service]
	Type=oneshot
	ExecStart=/bin/sleep 20
	[Install]
	WantedBy=multi-user.target
UNIT
host systemctl daemon-reload
host systemctl -q enable slow-start.service
host systemctl -q enable --now slow-stop.service

run_scenario "{\"reboot_host\": {\"target\": \"host:$victim\"}}"
is_clean_run "slow reboot"
like "$(report .fault.evidence)" "$before before, $(boot_id "$victim") now" "both boot ids are in the evidence"
took=$(jq -s '(map(select(.event == "confirmed"))[0].t_us - map(select(.event == "injected"))[0].t_us) / 1e6 | floor' "$LEDGER")
ok "confirmed after the slow stop and the slow start (${took} s)" test "$took" -ge 45
ok "logins were refused meanwhile" host sh -c \
	"journalctl -b -o cat | grep -Eqi 'Access denied for user pgmonkey-op|account|pam_nologin|not permitted to log in'"
ok "and nobody took that for a wrong key" bash -c "! grep -Eqi 'wrong key|unconfirmed' '$OUT/$RUNS.err'"
done_testing
