#!/bin/bash
# `pgmonkey check` against the cluster: all well, and then each thing that would not work.
source "$(dirname "$0")/lib.sh"
live_lab

check() { # CLUSTER [SCENARIO…]: STATUS and $OUT/check.out
	STATUS=0
	monkey check "$@" >"$OUT/check.out" 2>&1 || STATUS=$?
}
changed() { # JQ_FILTER WHAT PATTERN
	jq "$1" "$OUT/cluster.json" >"$OUT/changed.json"
	check "$OUT/changed.json"
	is "$STATUS" 5 "$2: exit code 5"
	like "$(cat "$OUT/check.out")" "$3" "$2: says why"
}

rows_before=$(sql_on "$(leader)" 'SELECT sum(n_tup_ins + n_tup_upd + n_tup_del) FROM pg_stat_user_tables')
check "$OUT/cluster.json" "$ROOT"/scenarios/{switchover,reboot-primary,kill-haproxy,crash-postmaster}.json
is "$STATUS" 0 "a healthy cluster and four scenarios: exit code 0"
[ "$STATUS" = 0 ] || sed 's/^/# /' "$OUT/check.out"
is "$(sql_on "$(leader)" 'SELECT sum(n_tup_ins + n_tup_upd + n_tup_del) FROM pg_stat_user_tables')" \
	"$rows_before" "it changed no row"

ssh-keygen -q -t rsa -N '' -f "$OUT/rsa" <<<y >/dev/null
changed ".ssh.identity_file = \"$OUT/rsa\"" "a key of the wrong type" 'ed25519'
: >"$OUT/empty"
changed ".ssh.known_hosts_file = \"$OUT/empty\"" "an unknown host key" 'known_hosts|unknown'
sed 's/^\(10.88.0.11[^ ]* ssh-ed25519 \).*/\1AAAAC3NzaC1lZDI1NTE5AAAAIJ6n2Vq6mY2r3T0v0zqK2m0kq0o7pP1Qm4b2m8h0Zr1x/' \
	"$(jq -r .ssh.known_hosts_file "$OUT/cluster.json")" >"$OUT/changed_hosts"
changed ".ssh.known_hosts_file = \"$OUT/changed_hosts\"" "a changed host key" 'changed'
changed '.manager.patroni.password_file = "/dev/null"' "no password for the API" 'password|401'
changed '.hosts.db2.address = "10.88.0.99"' "a host that is not there" 'db2'

lab root px1 mv /etc/sudoers.d/pgmonkey-op /root/
check "$OUT/cluster.json" "$ROOT/scenarios/kill-haproxy.json"
is "$STATUS" 5 "no sudo rule: exit code 5"
like "$(cat "$OUT/check.out")" 'sudo' "no sudo rule: says so"
lab root px1 mv /root/pgmonkey-op /etc/sudoers.d/
check "$OUT/cluster.json" "$ROOT/scenarios/kill-haproxy.json"
is "$STATUS" 0 "with the rule again: exit code 0"

is_async() { [ "$(sql_on "$(leader)" 'SHOW synchronous_standby_names')" = "" ]; }
is_sync() { ! is_async && cluster_is_healthy; }
patch_patroni '{"synchronous_mode": false}'
wait_until 60 "replication is asynchronous" is_async
check "$OUT/cluster.json"
is "$STATUS" 5 "asynchronous under an RPO of 0: exit code 5"
like "$(cat "$OUT/check.out")" 'asynchronous' "asynchronous: says so"
patch_patroni '{"synchronous_mode": true}'
wait_until 60 "replication is synchronous again" is_sync

# A first cluster file from the API alone.
STATUS=0
monkey init http://10.88.0.11:8008 >"$OUT/init.json" 2>"$OUT/init.err" || STATUS=$?
is "$STATUS" 0 "init: exit code 0"
is "$(jq -r '.hosts | keys | join(" ")' "$OUT/init.json")" "db1 db2 db3" "init: it names the members"
like "$(cat "$OUT/init.err")" 'ssh|endpoint' "init: it says what is missing"
ok "init: the file is valid" "$PGMONKEY" check --offline "$OUT/init.json"
done_testing
