#!/bin/bash
# Checks the lab itself, since all proofs made in it rest on it: that a reboot is a
# reboot, a cut host is silent, root is out of the operator's reach, and nothing is left
# behind. Prints TAP. Needs root. LAB_TEST_TWO=1 also stands a second lab beside the first.
set -uo pipefail

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
NAME=${LAB_TEST_NAME:-labtest}
# shellcheck source=lib/tap.sh
source "$HERE/lib/tap.sh"

lab() { "$HERE/lab" -n "$NAME" "$@"; }

boot_id() { lab root "$1" cat /proc/sys/kernel/random/boot_id; }
boot_id_by_ssh() { lab ssh "$1" cat /proc/sys/kernel/random/boot_id; }
changed() { [[ -n $("$1" "$2") && $("$1" "$2") != "$3" ]]; }
state() { lab status | awk -v host="$1" '$1 == host && $3 == "zone" { print $5 }'; }
machine_network() { ip -br link && ip -br addr; }
a_replica() { lab status | awk '$2 == "replica" { print $1 }'; }

say_up_again() { lab up | grep -q 'already up'; }

distinct_boot_ids() {
	local host
	for host in db1 db2 db3 px1 px2; do boot_id "$host"; done | sort -u >"$LOG.ids"
	cat /proc/sys/kernel/random/boot_id >>"$LOG.ids"
	equal "$(sort -u "$LOG.ids" | wc -l)" 6
}

inventory_is_good() {
	local file
	equal "$(lab inventory | jq '.hosts | length')" 5 || return 1
	for file in $(lab inventory | jq -r '.ssh.identity_file, .manager.patroni.password_file') \
		"$(lab inventory | jq -r .members.conninfo | sed 's/.*passfile=//')"; do
		equal "$(stat -c %a "$file")" 600 || return 1
	done
}

signal_reaches_command() {
	local pid
	"$HERE/lab" -n "$NAME" exec sleep 60 &
	pid=$!
	within 5 grep -qs '^sleep$' "/proc/$pid/comm" || return 1
	kill -TERM "$pid"
	exits 143 wait "$pid"
}

operator_is_no_root() { equal "$(lab ssh db1 id -un)" pgmonkey-op && exits 1 lab ssh db1 sudo -n true; }

# One rule a line; each is near to an allowed one, and must be refused.
refuses() {
	local host rule answer
	while read -r host rule; do
		# shellcheck disable=SC2086 # the rule is a command line
		answer=$(lab ssh "$host" sudo -n $rule 2>&1 </dev/null)
		# Not by the exit code: a command that was allowed and then failed has one too.
		[[ $answer == *'a password is required'* ]] ||
			{ echo "$host does not refuse: $rule ($answer)" && return 1; }
	done <<-'RULES'
		db1 -u postgres /usr/bin/kill -TERM 99999
		db1 -u postgres /usr/bin/kill -KILL -1
		db1 -u postgres /usr/bin/kill -KILL 0
		db1 -u postgres /usr/bin/kill -KILL 99999 99998
		db1 -u postgres /usr/bin/kill -KILL 99999999
		db1 /usr/bin/kill -KILL 99999
		db1 -u postgres /usr/lib/postgresql/15/bin/pg_ctl -D /tmp -m fast -W stop
		db1 -u postgres /usr/lib/postgresql/15/bin/pg_ctl -D /var/lib/postgresql/15/main -m fast -W stop -l /tmp/x
		db1 -u postgres /bin/sh
		db1 /usr/bin/systemctl stop ssh.service
		db1 /usr/bin/systemctl kill --signal=TERM patroni.service
		db1 /usr/bin/systemctl reboot now
		db1 /usr/bin/systemctl start haproxy.service
		px1 /usr/bin/systemctl stop patroni.service
		px1 -u postgres /usr/bin/kill -KILL 99999
	RULES
}

# The kill rule does what it is for: a process of postgres's goes, and by pid.
kill_is_allowed() {
	local pid
	pid=$(lab ssh db1 pgrep -u postgres -f checkpointer) || return 1
	lab ssh db1 sudo -n -u postgres /usr/bin/kill -KILL "$pid" &&
		within 20 changed checkpointer db1 "$pid"
}
checkpointer() { lab ssh "$1" pgrep -u postgres -f checkpointer; }

reboot_is_a_reboot() {
	local host=$1 before
	before=$(boot_id_by_ssh "$host")
	lab ssh "$host" sudo -n systemctl reboot
	# The same key, or the strict check of host keys would fail here.
	within 60 changed boot_id_by_ssh "$host" "$before" 2>/dev/null
}

forced_reboot() {
	local before
	before=$(boot_id "$1")
	timeout 20 "$HERE/lab" -n "$NAME" ssh "$1" sudo -n systemctl reboot --force --force
	within 60 changed boot_id "$1" "$before" 2>/dev/null
}

cut_is_silent() {
	lab cut "$1" && equal "$(state "$1")" off && ! lab ssh "$1" true && ! lab root "$1" true
}

firewall_dies_with_boot() {
	lab root "$1" iptables -A INPUT -p tcp --dport 9 -j DROP &&
		reboot_is_a_reboot "$1" && ! lab root "$1" iptables -S | grep -q 'dport 9'
}

healthy_within() { within "$1" lab status >/dev/null; }

down_leaves_nothing() {
	! ip netns list | grep "pgml-$NAME-" && ! losetup -l | grep "/$NAME/" &&
		! findmnt -rn | grep "pgml-$NAME-\|pgmonkey-lab/$NAME/" &&
		! pgrep -af "machine=pgml-$NAME-|supervisor $NAME" &&
		[[ -z $(find /sys/fs/cgroup -path "*pgmonkey-lab/$NAME*") ]] &&
		[[ ! -e ${PGMONKEY_LAB_DIR:-/var/lib/pgmonkey-lab}/$NAME ]]
}

kill_supervisors() {
	local file
	for file in "${PGMONKEY_LAB_DIR:-/var/lib/pgmonkey-lab}/$NAME"/hosts/db*/supervisor.pid; do
		kill -KILL "$(cut -d' ' -f1 "$file")" || return 1
	done
}

second_lab() {
	"$HERE/lab" -n "${NAME}b" up && lab status &&
		equal "$("$HERE/lab" -n "${NAME}b" inventory | jq -r .cluster)" "${NAME}b"
	local code=$?
	"$HERE/lab" -n "${NAME}b" down
	return $code
}

main() {
	local before replica
	before=$(machine_network)
	trap 'lab down >/dev/null 2>&1; rm -f "$LOG" "$LOG.ids"' EXIT
	check 'up' lab up --boot-delay 1
	((FAILED == 0)) || { echo 'Bail out! no lab, no tests' && exit 1; }
	check 'up over a healthy lab says so' say_up_again
	check 'the machine has no new network interface or address' equal "$before" "$(machine_network)"
	check 'every host has a boot id of its own' distinct_boot_ids
	check 'the inventory is JSON, and its secrets are private' inventory_is_good
	check 'exec gives the exit code of the command' exits 7 lab exec sh -c 'exit 7'
	check 'exec becomes the command, so signals reach it' signal_reaches_command
	check 'root gives the exit code of the command' exits 9 lab root db1 sh -c 'exit 9'
	check 'the operator account is not root' operator_is_no_root
	check 'sudo refuses what is not in the rules' refuses
	check 'sudo lets a process of PostgreSQL be killed' kill_is_allowed
	check 'healthy again' healthy_within 60
	replica=$(a_replica)
	check 'a reboot of a database host changes its boot id' reboot_is_a_reboot "$replica"
	check 'a forced reboot of a proxy does too' forced_reboot px1
	check 'firewall rules do not outlive a reboot' firewall_dies_with_boot px2
	check 'healthy again' healthy_within 90
	replica=$(a_replica)
	check 'a cut host is off and silent' cut_is_silent "$replica"
	check 'power-on brings it back' lab power-on "$replica"
	check 'healthy again' healthy_within 90
	[[ -z ${LAB_TEST_TWO:-} ]] || check 'a second lab stands beside it' second_lab
	check 'down, after the supervisors were killed' eval 'kill_supervisors && lab down'
	check 'down leaves nothing' down_leaves_nothing
	check 'the machine network is as before' equal "$before" "$(machine_network)"
	check 'down of what is not there is no error' lab down
	tap_end
}

main "$@"
