# shellcheck shell=bash
# What can be done to one host: its power, its firmware, and commands inside it.

host_power_on() {
	local host=$1 dir
	dir=$(host_dir "$host")
	[[ $(host_state "$host") == off ]] || die "$host is $(host_state "$host") already"
	# What a killed supervisor may have left running would hold the host's disks.
	cgroup_kill "$host"
	# No file of the caller's may be held by something that lives on in the background.
	(
		cgroup_enter "$SUPERVISORS"
		exec setsid --fork "$LAB_ROOT/lib/supervisor" "$LAB_NAME" "$host" \
			</dev/null >>"$dir/supervisor.log" 2>&1
	)
	wait_until 5 live_pid "$dir/supervisor.pid" >/dev/null ||
		die "$host: the supervisor did not start; see $dir/supervisor.log"
}

# A power cut: silence on the wire first, so that no dying process can say goodbye, and
# then everything dies at once with its init.
host_cut() {
	local host=$1 init supervisor
	ip -n "$(net_ns sw)" link set "v-$host" down 2>/dev/null || true
	if init=$(host_init "$host"); then
		kill -KILL "$init"
	elif supervisor=$(live_pid "$(host_dir "$host")/supervisor.pid"); then
		kill -KILL "$supervisor" # it was waiting for the firmware
	fi
	wait_until 10 host_is_off "$host" || die "$host does not go off"
}

host_is_off() { [[ $(host_state "$1") == off ]] && cgroup_empty "$1"; }

host_boot_delay() {
	[[ $2 =~ ^[0-9]+$ ]] || die "a boot delay is a whole number of seconds, not '$2'"
	echo "$2" >"$(host_dir "$1")/boot_delay"
}

# As root inside the host, past its network and its sshd: the independent witness.
# It becomes the command, so the exit code is the command's.
host_root() {
	local host=$1 init
	shift
	init=$(host_init "$host") || die "$host is off"
	exec nsenter --target "$init" --mount --uts --ipc --net --pid --cgroup --root --wd -- \
		/usr/bin/env -i HOME=/root USER=root LOGNAME=root LANG=C.UTF-8 TERM="${TERM:-dumb}" \
		PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"
}

# As the operator account, by the way that pgmonkey goes.
host_ssh() {
	local address
	address=$(host_address "$1")
	shift
	net_exec ssh -F none -i "$LAB_DIR/id_ed25519" -o IdentitiesOnly=yes -o BatchMode=yes \
		-o UserKnownHostsFile="$LAB_DIR/known_hosts" -o GlobalKnownHostsFile=none \
		-o StrictHostKeyChecking=yes -o ConnectTimeout=5 -o LogLevel=ERROR \
		"pgmonkey-op@$address" "$@"
}

# Works for a dead host too: its journal is on its disk.
host_logs() {
	local dir
	dir=$(host_dir "$1")
	shift
	exec journalctl --directory="$dir/root/var/log/journal" --no-pager "$@"
}
