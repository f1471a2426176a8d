#!/bin/bash
# C07: four PgBouncers share one port (so_reuseport), each a unit of its own, and nothing
# is called pgbouncer.service. Killing the service means all four; one that lives on keeps
# the port open, so three of four are no proof. Witness: systemd's main pids on the host.
source "$(dirname "$0")/../live/lib.sh"
live_lab
spoil_lab

px1() { lab root px1 "$@"; }
main_pids() { px1 systemctl show -p MainPID --value pgbouncer@{1..4} | xargs; }
four_run() { [ "$(px1 systemctl is-active pgbouncer@{1..4} | xargs)" = "active active active active" ]; }

plant() {
	px1 systemctl disable --now pgbouncer >/dev/null 2>&1
	put_file px1 /etc/systemd/system/pgbouncer@.service <<-'UNIT'
		[Unit]
		After=network.target
		[Service]
		Type=notify
		User=postgres
		ExecStart=/usr/sbin/pgbouncer /run/pgbouncer-%i/pgbouncer.ini
		ExecStartPre=/bin/sh -c "sed -e 's|^unix_socket_dir.*|unix_socket_dir =|' -e 's|^pidfile.*|pidfile = /run/pgbouncer-%i/pid|' -e '$a so_reuseport = 1' /etc/pgbouncer/pgbouncer.ini >/run/pgbouncer-%i/pgbouncer.ini"
		RuntimeDirectory=pgbouncer-%i
		Restart=always
	UNIT
	px1 rm -f /lib/systemd/system/pgbouncer.service /etc/init.d/pgbouncer
	px1 rm -rf /etc/systemd/system/pgbouncer.service.d
	px1 systemctl daemon-reload
	px1 systemctl start pgbouncer@{1..4}
	{
		for i in 1 2 3 4; do
			for verb in start stop restart 'kill --signal\=KILL'; do
				echo "pgmonkey-op ALL=(root) NOPASSWD: /usr/bin/systemctl $verb pgbouncer@$i.service"
			done
		done
	} | put_file px1 /etc/sudoers.d/poolers 440
}

plant
wait_until 20 "four poolers run" four_run
wait_until 30 "writes go through them" cluster_is_healthy

run_scenario '{"kill_proxy": {"target": "host:px1", "service": "pgbouncer", "how": "kill"}}'
is "$STATUS" 5 "a unit that systemd does not know: refused"
like "$(cat "$OUT/$RUNS.err")" 'pgbouncer.service is not-found' "it is named"
like "$(cat "$OUT/$RUNS.err")" 'services' "with the cure"

run_scenario '{"restart_postgres": {"target": "replica"}}' 
is "$STATUS" 0 "Patroni's unit has its default name here: a restart passes"
change_cluster '.services.patroni.units = ["patroni@15-main.service"]'
run_scenario '{"crash_postgres": {"target": "primary"}}'
is "$STATUS" 5 "a unit of another name that could be, but does not run (Debian has patroni@): refused"
like "$(cat "$OUT/$RUNS.err")" 'patroni@15-main.service is inactive, not active' "it is named"
change_cluster '.services.patroni.units = ["patroni.service"] |
	.services.pgbouncer.units = [range(1; 5) | "pgbouncer@\(.).service"]'

before=$(main_pids)
run_scenario '{"kill_proxy": {"target": "host:px1", "service": "pgbouncer", "how": "kill"}}'
is_clean_run "four of four"
for pid in $before; do
	like "$(report .fault.evidence)" "\\b$pid\\b" "the evidence lists pid $pid"
	ok "pid $pid is another one now" test "$(main_pids | tr ' ' '\n' | grep -cx "$pid")" = 0
done
ok "four run again" four_run
for i in 1 2 3 4; do
	like "$(jq -r 'select(.event == "healed").evidence' "$LEDGER")" \
		"pgbouncer@$i.service on px1 is active" "the heal saw pgbouncer@$i"
done

# One that will not be restarted by hand: the other three are.
put_file px1 /etc/systemd/system/pgbouncer@4.service.d/stubborn.conf <<<$'[Unit]\nRefuseManualStop=yes'
px1 systemctl daemon-reload
before=$(main_pids)
fourth=${before##* }
run_scenario '{"kill_proxy": {"target": "host:px1", "service": "pgbouncer", "how": "restart"}}'
is "$STATUS" 2 "three of four: exit code 2"
is "$(report .fault.confirmed)" false "three of four: unconfirmed"
is "$(main_pids | xargs -n1 | tail -n1)" "$fourth" "the fourth was not restarted indeed"
like "$(report '.reasons[]')" "3 of 4 units" "three of four: said so"
like "$(report '.reasons[]')" "pgbouncer@4.service is active, main process $fourth" \
	"three of four: the one is named"
done_testing
