#!/bin/bash
# C09: IPv6 everywhere: endpoints, members, Patroni's URLs and addresses, SSH and its
# known_hosts. Then a URL without brackets: refused with line and column.
source "$(dirname "$0")/../live/lib.sh"
live_lab
spoil_lab

six() { sed -E 's/10\.88\.0\.([0-9]+)/fd00:88::\1/g'; } # the same addresses in IPv6
six_in_brackets() { sed -E 's/10\.88\.0\.([0-9]+)/[fd00:88::\1]/g'; }

plant_address() { # HOST: at each boot too, since the card is new then
	put_file "$1" /etc/systemd/system/ipv6.service <<-UNIT
		[Unit]
		Before=ssh.service haproxy.service pgbouncer.service patroni.service
		[Service]
		Type=oneshot
		RemainAfterExit=yes
		ExecStart=/sbin/ip -6 addr add $(jq -r ".hosts.$1.address" "$OUT/ipv4.json" | six)/64 dev eth0 nodad
		[Install]
		WantedBy=multi-user.target
	UNIT
	lab root "$1" systemctl -q enable --now ipv6.service
}

plant_member() { # HOST
	local address
	address=$(jq -r ".hosts.$1.address" "$OUT/ipv4.json" | six)
	lab root "$1" sed -i -E \
		-e "s|^( *)connect_address: .*:([0-9]+)\$|\\1connect_address: '[$address]:\\2'|" \
		-e "s|^( *)listen: .*:8008\$|\\1listen: '*:8008'|" \
		-e "s|^( *)listen: .*:5432\$|\\1listen: '*:5432'|" \
		-e 's|^( *- host )(.*) 10\.88\.0\.0/24 (.*)$|&\n\1\2 fd00:88::/64 \3|' /etc/patroni/config.yml
	lab root "$1" systemctl restart patroni
}

plant_proxy() { # HOST
	lab root "$1" sed -i -E -e 's|bind :([0-9]+)|bind :::\1 v4v6|' \
		-e 's|10\.88\.0\.([0-9]+):5432|[fd00:88::\1]:5432|' /etc/haproxy/haproxy.cfg
	lab root "$1" sed -i 's|^listen_addr.*|listen_addr = *|' /etc/pgbouncer/pgbouncer.ini
	lab root "$1" systemctl restart haproxy pgbouncer
}

cp "$OUT/cluster.json" "$OUT/ipv4.json"
lab exec ip -6 addr add fd00:88::2/64 dev eth0 nodad
for host in db1 db2 db3 px1 px2; do plant_address "$host"; done
for host in db1 db2 db3; do plant_member "$host"; done
for host in px1 px2; do plant_proxy "$host"; done

known=$(jq -r .ssh.known_hosts_file "$OUT/ipv4.json")
six <"$known" >"$OUT/known_hosts"
jq '.manager.patroni.urls = [] | .ssh.known_hosts_file = $known' --arg known "$OUT/known_hosts" "$OUT/ipv4.json" |
	six >"$OUT/cluster.json"
# shellcheck disable=SC2016 # jq's variable
change_cluster '.manager.patroni.urls = ($urls | split(" "))' \
	--arg urls "$(jq -r '.manager.patroni.urls | join(" ")' "$OUT/ipv4.json" | six_in_brackets)"
ok "no IPv4 address is left in the file" bash -c "! grep -q '10\\.88' '$OUT/cluster.json'"
on_six() {
	cluster_is_healthy && [ "$(patroni_get cluster | jq -r '[.members[].host | startswith("fd00:88::")] | all')" = true ]
}
wait_until 90 "the cluster is healthy, and its members are known by IPv6" on_six

run_scenario '{"kill_proxy": {"target": "host:px1", "service": "haproxy", "how": "kill"}}'
is_clean_run "a proxy killed"
is "$(jq -r 'select(.event == "attempt" and .server) | .server' "$LEDGER" | grep -c '10\.88')" 0 \
	"no answer came by IPv4"
like "$(jq -r 'select(.event == "attempt" and .server) | .server' "$LEDGER" | sort -u)" \
	'^\[?fd00:88::1[123]\]?:5432$' "servers are told by their IPv6 addresses"
run_scenario '{"switchover": {"target": "primary"}}'
is_clean_run "switchover"
wait_until 60 "the lab is healthy again" on_six
victim=$(patroni_get cluster | jq -r '[.members[] | select(.role == "replica")][0].name')
before=$(boot_id "$victim")
run_scenario "{\"reboot_host\": {\"target\": \"host:$victim\"}}"
is_clean_run "a replica's host rebooted"
ok "the boot id is another one" test "$before" != "$(boot_id "$victim")"

change_cluster '.manager.patroni.urls[1] = "http://fd00:88::12:8008"'
line=$(grep -n 'http://fd00' "$OUT/cluster.json" | cut -d: -f1)
column=$(sed -n "${line}s/\".*//p" "$OUT/cluster.json" | wc -c)
play_scenario
is "$STATUS" 65 "a URL without brackets: exit code 65"
like "$(cat "$OUT/$RUNS.err")" "cluster.json:$line:$column: .*IPv6" "with line and column"
like "$(cat "$OUT/$RUNS.err")" 'put the address in \[ \]' "and the cure"
done_testing
