#!/bin/bash
# HAProxy spreads sessions over all three members without asking who is primary, so most of
# them are read-only.  From the start: the state is never steady, and nothing is injected.
# From the fault on: one outage with its flaps, not many of 20 ms, and it is not over.
source "$(dirname "$0")/../live/lib.sh"
live_lab

config=/etc/haproxy/haproxy.cfg
restore() {
	lab root px1 sh -c "test ! -e $config.kept || { mv $config.kept $config; systemctl restart haproxy; }"
	wait_until 30 "the lab is healthy again" cluster_is_healthy
}
trap restore EXIT
lab root px1 cp -p $config $config.kept
blind() {
	lab root px1 sed -i -e '/^listen primary/,/^listen replica/{/httpchk/d;/http-check/d;s/ check port 8008//}' \
		-e '/^listen primary/a\	balance roundrobin' $config
}

blind
lab root px1 systemctl reload haproxy
run_scenario '{"kill_proxy": {"target": "host:px1", "service": "haproxy", "how": "restart"}}' \
	'{"steady_state": {"limit_seconds": 15}}'
is "$STATUS" 5 "from the start: exit code 5"
like "$(cat "$OUT/1.err")" 'not steady .*(primary|pooler)_endpoint' "it names the endpoint"
ok "nothing was injected" bash -c "! grep -qs '\"event\":\"intent\"' '$LEDGER'"

lab root px1 cp -p $config.kept $config
lab root px1 systemctl reload haproxy
wait_until 30 "the lab is healthy" cluster_is_healthy
blind # on the disk only: the restart reads it
run_scenario '{"kill_proxy": {"target": "host:px1", "service": "haproxy", "how": "restart"}}' \
	'{"hypothesis": {"rto_seconds": 10}, "observe": {"limit_seconds": 20}, "settle": {"limit_seconds": 10}}'
is "$STATUS" 1 "from the fault on: exit code 1"
is "$(report .fault.confirmed)" true "the fault is confirmed"
is "$(report '[.outages[] | select(.endpoint == "primary_endpoint")] | length')" 1 "it is one outage"
ok "with flaps, and not over" \
	reports '.outages[] | select(.endpoint == "primary_endpoint") | .flaps > 2 and (.recovered | not)'
is "$(report '[.outages[] | select(.endpoint == "direct_endpoint")] | length')" 0 \
	"the path without a proxy saw nothing"
is "$(report .rpo.lost)" 0 "nothing acknowledged was lost"
done_testing
