#!/bin/bash
# The old primary never comes back: it was cut off by hand, somebody wrote on it meanwhile,
# and it may neither be rewound nor made anew.  RTO and RPO are judged as usual; redundancy
# is not restored, the member and its timeline are named, and the next run is refused.
#
# Patroni goes on to call that member "running", so it is the steady state that the next run
# does not find, not the manager's view.
source "$(dirname "$0")/../live/lib.sh"
live_lab

config=/etc/patroni/config.yml
primary=$(leader)
restore() {
	lab root "$primary" sh -c "iptables -F INPUT; iptables -F OUTPUT; mv $config.kept $config" || true
	patch_patroni '{"ttl": 30, "loop_wait": 10, "retry_timeout": 10, "postgresql": {"use_pg_rewind": true}}' || true
	lab root "$primary" systemctl restart patroni
	wait_until 120 "the lab is healthy again" cluster_is_healthy
	sql_on "$(leader)" 'DROP TABLE IF EXISTS case18'
}
trap restore EXIT
lab root "$primary" cp -p $config $config.kept
lab root "$primary" sed -i '/remove_data_directory_on/d' $config
lab root "$primary" systemctl reload patroni
patch_patroni '{"ttl": 20, "loop_wait": 5, "retry_timeout": 5, "postgresql": {"use_pg_rewind": false}}'
sql_on "$primary" 'CREATE TABLE IF NOT EXISTS case18 (n int)'

cut_off() { # both ways, from all other hosts
	lab root "$primary" sh -c 'iptables -I INPUT -s 10.88.0.0/24 ! -d 127.0.0.1 -j DROP
		iptables -I OUTPUT -d 10.88.0.0/24 -j DROP
		iptables -I INPUT -i lo -j ACCEPT; iptables -I OUTPUT -o lo -j ACCEPT'
	sql_on "$primary" "SET synchronous_commit = local; INSERT INTO case18 SELECT generate_series(1, 1000)"
}
let_back() { lab root "$primary" sh -c 'iptables -F INPUT; iptables -F OUTPUT'; }
is_injected() { grep -qs '"event":"injected"' "$OUT/1.jsonl"; }
(wait_until 60 "the run observes" is_injected && cut_off && hold 35 && let_back) &
run_scenario '{"by_hand": {"seconds": 40}}' '{"settle": {"limit_seconds": 30}}'
wait
# Its shutdown may have waited for the standbys that it could not reach.
is_up() { [ "$(sql_on "$primary" 'SELECT 1' 2>/dev/null)" = 1 ]; }
wait_until 90 "the old primary is up" is_up
rows=$(sql_on "$primary" 'SELECT count(*) FROM case18')
is "$rows" 1000 "the old primary has rows of its own"
is "$(sql_on "$primary" 'SELECT pg_is_in_recovery()')" t "it is up, as a replica"
ok "another one leads" test "$primary" != "$(leader)"
is "$STATUS" 1 "exit code 1"
is "$(report .rto.recovered)" true "writes came back"
is "$(report .rpo.lost)" 0 "nothing acknowledged was lost"
like "$(report '.reasons | join("\n")')" "audit of $primary .*not replayed what was acknowledged" \
	"what it holds is not known, and why"
is "$(report .redundancy_restored_seconds)" null "redundancy was not restored"
like "$(report '.reasons | join("\n")')" "not restored within the limit: $primary \\(timeline [0-9]+\\).*WAL receiver" \
	"member, timeline and the missing stream are named"

run_scenario '{"kill_proxy": {"target": "proxy", "service": "haproxy", "how": "restart"}}' \
	'{"steady_state": {"limit_seconds": 5}}'
is "$STATUS" 5 "the next run is refused"
like "$(cat "$OUT/2.err")" "$primary" "and names the member"
done_testing
