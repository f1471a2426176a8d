#!/bin/bash
# C11: SSH accounts as they are. The operator's login shell knows no $?, no ";" and no
# quoting but quotes (as fish rejects sh's syntax), and prints a line each time on both
# streams; sshd has a banner and listens on 2222; known_hosts is hashed and has an ecdsa and
# an rsa line, but none for the ed25519 key that sshd shows first; sudo lectures and, in the
# end, wants a terminal: then `check` says so, with the cure.
source "$(dirname "$0")/../live/lib.sh"
live_lab
spoil_lab

plant() { # HOST
	put_file "$1" /usr/local/bin/picky 755 <<-'SH'
		#!/bin/sh
		echo "Welcome. 05e1fdf7-f502-452b-81f9-f9f068b90818 things to do"
		echo "1 (systemd) news for you" >&2
		[ "$1" = -c ] || exit 1
		case $2 in
		*['$;&|<>(){}`']* | *' for '*) echo "picky: unexpected syntax: $2" >&2; exit 127 ;;
		esac
		eval "exec $2"
	SH
	lab root "$1" usermod --shell /usr/local/bin/picky pgmonkey-op
	lab root "$1" ssh-keygen -A >"$OUT/keygen.log" 2>&1
	put_file "$1" /etc/banner <<<$'Authorized use only.\nsudo: no tty present'
	put_file "$1" /etc/ssh/sshd_config.d/site.conf <<<$'Port 2222\nBanner /etc/banner'
	put_file "$1" /etc/sudoers.d/site 440 <<<'Defaults lecture=always'
	lab root "$1" systemctl restart ssh
}

for host in db1 db2 db3 px1 px2; do plant "$host"; done
mapfile -t addresses < <(jq -r '.hosts[].address' "$OUT/cluster.json")
lab exec ssh-keyscan -H -p 2222 -t rsa,ecdsa "${addresses[@]}" >"$OUT/known_hosts" 2>"$OUT/keyscan.err"
is "$(wc -l <"$OUT/known_hosts")" 10 "two keys of each host, hashed"
ok "none of them is ed25519" bash -c "! grep -q ed25519 '$OUT/known_hosts'"
# shellcheck disable=SC2016 # jq's variable
change_cluster '.ssh.port = 2222 | .ssh.known_hosts_file = $known' --arg known "$OUT/known_hosts"

run_scenario '{"kill_proxy": {"target": "host:px1", "service": "haproxy", "how": "kill"}}'
is_clean_run "a proxy killed"
run_scenario '{"crash_postgres": {"target": "primary"}}'
is_clean_run "a postmaster killed"
victim=$(patroni_get cluster | jq -r '[.members[] | select(.role != "leader")][0].name')
before=$(boot_id "$victim")
run_scenario "{\"reboot_host\": {\"target\": \"host:$victim\"}}"
is_clean_run "a host rebooted"
is "$(report .fault.evidence)" "boot id of $victim: $before before, $(boot_id "$victim") now" \
	"the boot ids are the host's own"

# A key that really changed is refused.
address=$(jq -r ".hosts.px2.address" "$OUT/cluster.json")
cp "$OUT/known_hosts" "$OUT/known_hosts.right"
lab root px2 bash -c 'rm /etc/ssh/ssh_host_{ecdsa,rsa}_key; ssh-keygen -A >/dev/null; systemctl restart ssh'
run_scenario '{"kill_proxy": {"target": "host:px2", "service": "haproxy", "how": "kill"}}'
is "$STATUS" 5 "a changed key: refused"
like "$(cat "$OUT/$RUNS.err")" "px2 \\($address port 2222\\): the host key changed: .* $OUT/known_hosts:[0-9]+" \
	"a changed key: file and line are named"

# sudo wants a terminal.
put_file px1 /etc/sudoers.d/site 440 <<<$'Defaults requiretty\nDefaults lecture=always'
lab root px1 sed -i '/!requiretty/d' /etc/sudoers.d/pgmonkey-op
STATUS=0
scenario '{"kill_proxy": {"target": "host:px1", "service": "haproxy", "how": "kill"}}' >"$OUT/scenario.json"
monkey check "$OUT/cluster.json" "$OUT/scenario.json" >"$OUT/check.out" 2>&1 || STATUS=$?
is "$STATUS" 5 "requiretty: check fails"
like "$(cat "$OUT/check.out")" 'px1: .*sudo.*tty' "requiretty: check says that sudo wants a tty"
like "$(cat "$OUT/check.out")" '!requiretty' "requiretty: and the cure"
play_scenario
is "$STATUS" 5 "requiretty: a run is refused"
ok "requiretty: no intent" bash -c "! grep -qs '\"event\":\"intent\"' '$LEDGER'"
done_testing
