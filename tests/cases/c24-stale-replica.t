#!/bin/bash
# C24: a replica that is far behind gets reads, because its health check asks for no lag.
# Its host is rebooted; from then on WAL reaches it only by 400 kbit/s, while rows keep
# coming. Staleness is the age of the oldest acked row that a reader did not see, by the
# agent's clock: over the limit for as long as that is true, after the heal as well; SETTLE
# waits until the replica is as fresh as the endpoint promises. Exit 1.
source "$(dirname "$0")/../live/lib.sh"
live_lab

replica=$(patroni_get cluster | jq -r '[.members[] | select(.role == "replica")][0].name')
primary=$(leader)
address=$(jq -r ".hosts.$replica.address" "$OUT/cluster.json")
config=/etc/haproxy/haproxy.cfg

unthrottle() { lab root "$primary" tc qdisc del dev eth0 root 2>/dev/null || true; }
# The primary's link, but only what its PostgreSQL sends to that replica.
throttle() {
	lab root "$primary" bash -c 'tc qdisc add dev eth0 root handle 1: htb default 10 &&
		tc class add dev eth0 parent 1: classid 1:10 htb rate 1gbit quantum 60000 &&
		tc class add dev eth0 parent 1: classid 1:4 htb rate 400kbit'
	lab root "$primary" tc filter add dev eth0 parent 1: protocol ip prio 1 u32 \
		match ip dst "$address" match ip sport 5432 0xffff flowid 1:4
}
restore() {
	unthrottle
	[ -z "${WRITER:-}" ] || kill "$WRITER" 2>/dev/null || true
	lab root px2 bash -c "[ ! -e $config.right ] || { mv $config.right $config; systemctl reload haproxy; }"
	sql_on "$primary" 'DROP TABLE IF EXISTS c24' >/dev/null || true
}
trap restore EXIT

lab root px2 bash -c "cp $config $config.right; sed -i 's|/replica?lag=16MB|/replica|' $config; systemctl reload haproxy"
sql_on "$primary" 'CREATE TABLE IF NOT EXISTS c24 (t text)' >/dev/null
write() { while sql_on "$primary" "INSERT INTO c24 SELECT repeat(md5(i::text), 30) FROM generate_series(1, 300) i"; do nap 0.3; done; }

start_scenario "{\"reboot_host\": {\"target\": \"host:$replica\"}}" \
	'{"observe": {"after_seconds": 25}, "settle": {"limit_seconds": 90}}'
injected() { grep -qs '"event":"injected"' "$LEDGER"; }
wait_until 60 "the reboot is sent" injected
throttle
write >/dev/null 2>&1 &
WRITER=$!
settles() { in_phase SETTLE; }
wait_until 120 "the run settles" settles
hold 10
kill "$WRITER" 2>/dev/null || true
unthrottle
wait_scenario
is "$STATUS" 1 "exit code 1"
is "$(report .fault.confirmed)" true "the reboot is confirmed"
like "$(report '.reasons[]')" 'reads through replica_endpoint were stale by up to .* over the limit of 10 s' \
	"the reason has the age and the limit"
like "$(report '.reasons[]')" 'replica_endpoint served reads over its staleness limit for' "and for how long"
# Counted without the verdict: for each read of SETTLE, the age of the ack behind the newest
# row that it saw.
oldest=$(jq -s '
	(map(select(.event == "phase" and .phase == "SETTLE"))[0].t_us) as $from
	| (map(select(.event == "attempt" and .newest != null))[0].of) as $writer
	| (map(select(.event == "attempt" and .probe == $writer and .outcome == "acked")
		| { "\(.seq)": .answered_us }) | add) as $acked
	| map(select(.event == "attempt" and .newest != null and .sent_us > $from)
		| .sent_us - ($acked["\(.newest + 1)"] // .sent_us))
	| max / 1e6 | floor' "$LEDGER")
ok "the ledger itself shows stale reads after the heal ($oldest s)" test "$oldest" -gt 10
is "$(report .rpo.lost)" 0 "nothing acknowledged was lost"
done_testing
