#!/bin/bash
# C10: the endpoint is a name, and a failover moves the name (TTL 1). It must be looked up
# for each connection, and off the loop: a DNS server that is silent for 20 s costs that
# endpoint its new sessions, and no other probe a tick.
# What is true of a silent DNS: a session that is held goes on, and each new one is waited
# for in vain: clients without one are out, so that is one outage of the whole time.
source "$(dirname "$0")/../live/lib.sh"
live_lab

lab exec which dnsmasq >/dev/null || { echo '1..0 # SKIP needs dnsmasq-base'; exit 0; }
mkdir -p "$OUT/dns"
echo 'nameserver 10.88.0.2' >"$OUT/resolv.conf"

# Points the name at whoever answers 200 to /primary; dnsmasq reads the directory's files
# anew on SIGHUP.
follow_primary() {
	local n now was=
	while :; do
		now=
		for n in 11 12 13; do
			[ "$(curl -s -o /dev/null -m 1 -w '%{http_code}' "http://10.88.0.$n:8008/primary")" != 200 ] ||
				now=10.88.0.$n
		done
		if [ -n "$now" ] && [ "$now" != "$was" ]; then
			echo "$now rw.lab" >"$1/rw.lab"
			kill -HUP "$2"
			was=$now
		fi
		read -rt 0.3 <> <(:) || true
	done
}
export -f follow_primary

lab_process() { exec "$ROOT/tests/lab/lab" -n "$LAB" exec "$@"; }
lab_process dnsmasq --keep-in-foreground --conf-file=/dev/null --no-resolv --no-hosts --user=root \
	--pid-file= --listen-address=10.88.0.2 --bind-interfaces --local-ttl=1 --hostsdir="$OUT/dns" \
	>"$OUT/dnsmasq.log" 2>&1 &
dns=$!
lab_process bash -c 'follow_primary "$@"' _ "$OUT/dns" "$dns" >"$OUT/follow.log" 2>&1 &
follower=$!
trap 'kill -KILL "$dns" "$follower" 2>/dev/null' EXIT

# The agent sees this resolv.conf, in a mount namespace of its own.
MONKEY=$PGMONKEY
PGMONKEY=$OUT/with-dns
cat >"$PGMONKEY" <<-SH
	#!/bin/sh
	exec unshare --mount sh -c 'mount --bind "$OUT/resolv.conf" /etc/resolv.conf && exec "\$0" "\$@"' "$MONKEY" "\$@"
SH
chmod +x "$PGMONKEY"
resolves() { [ -s "$OUT/dns/rw.lab" ]; }
wait_until 20 "the name points at the primary" resolves

change_cluster '.endpoints.named_endpoint =
	{ "conninfo": (.endpoints.direct_endpoint.conninfo | sub("host=\\S+"; "host=rw.lab")
		| sub(" target_session_attrs=\\S+"; "")) }'

outage_of() { report "[.outages[] | select(.endpoint == \"$1\") | .seconds] | max // 0"; }

before=$(cat "$OUT/dns/rw.lab")
run_scenario '{"switchover": {"target": "primary"}}'
is_clean_run "switchover"
ok "the name has moved" test "$before" != "$(cat "$OUT/dns/rw.lab")"
ok "the named endpoint recovered ($(outage_of named_endpoint) s)" \
	report_has '[.outages[] | select(.endpoint == "named_endpoint")] | all(.recovered and .seconds < 30)'
wait_until 60 "the lab is healthy again" cluster_is_healthy

# DNS is silent for 20 s while a proxy is restarted.
start_scenario '{"kill_proxy": {"target": "host:px2", "service": "pgbouncer", "how": "restart"}}' \
	'{"observe": {"after_seconds": 24}}'
wait_until 60 "the run observes" in_phase OBSERVE
kill -STOP "$dns"
hold 20
kill -CONT "$dns"
wait_scenario
is "$STATUS" 0 "silent DNS: exit code 0"
ok "the named endpoint was out once, for that time ($(outage_of named_endpoint) s)" report_has \
	'[.outages[] | select(.endpoint == "named_endpoint")] | length == 1 and .[0].recovered and .[0].seconds > 15 and .[0].seconds < 25'
for endpoint in primary_endpoint pooler_endpoint direct_endpoint replica_endpoint; do
	ok "$endpoint saw nothing ($(outage_of $endpoint) s)" \
		report_has "[.outages[] | select(.endpoint == \"$endpoint\" and .seconds > 0.5)] | length == 0"
done
late=$(jq -s 'map(select(.event == "loop") | .late_us) | max // 0 | . / 1000 | floor' "$LEDGER")
ok "the loop was never late by half a second ($late ms)" test "$late" -lt 500
ok "new connections failed by their look-up" grep -q 'looking up \\"rw.lab\\"' "$LEDGER"
is "$(report .rpo.lost)" 0 "nothing acknowledged was lost"
done_testing
