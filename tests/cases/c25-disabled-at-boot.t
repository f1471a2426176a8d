#!/bin/bash
# The host comes back, and its service does not: the unit is disabled at boot.  The reboot is
# confirmed, and undone as far as a reboot can be (the host is back), the endpoint behind it
# stays away: an objective is missed, exit 1, and the unit is named.  PGMonkey does not
# enable or start it, and the next run is refused.
source "$(dirname "$0")/../live/lib.sh"
live_lab

wants=/etc/systemd/system/multi-user.target.wants/haproxy.service
restore() {
	lab root px1 ln -sf /lib/systemd/system/haproxy.service $wants
	lab root px1 sh -c 'systemctl daemon-reload; systemctl start haproxy'
	wait_until 60 "the lab is healthy again" cluster_is_healthy
}
trap restore EXIT
lab root px1 sh -c "rm $wants; systemctl daemon-reload"
is "$(lab root px1 systemctl is-enabled haproxy || true)" disabled "haproxy is disabled at boot"

booted=$(boot_id px1)
run_scenario '{"reboot_host": {"target": "host:px1"}}' \
	'{"hypothesis": {"rto_seconds": 20}, "observe": {"limit_seconds": 25}, "settle": {"limit_seconds": 10}}'
is "$STATUS" 1 "exit code 1"
ok "px1 has booted" test "$booted" != "$(boot_id px1)"
is "$(report .fault.confirmed)" true "the reboot is confirmed"
is "$(report .rto.recovered)" false "the endpoint did not come back"
like "$(report '.reasons | join("\n")')" 'px1.*haproxy\.service is inactive and disabled at boot' "the unit is named"
is "$(lab root px1 systemctl is-enabled haproxy || true)" disabled "PGMonkey did not enable it"
is "$(lab root px1 systemctl is-active haproxy || true)" inactive "nor start it"
is "$(report .rpo.lost)" 0 "nothing acknowledged was lost"

run_scenario '{"reboot_host": {"target": "host:px2"}}' '{"steady_state": {"limit_seconds": 5}}'
is "$STATUS" 5 "the next run is refused"
like "$(cat "$OUT/2.err")" '(primary|pooler)_endpoint does not answer' "and names the endpoint"
done_testing
