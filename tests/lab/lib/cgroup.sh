# shellcheck shell=bash
# Control groups, one per host and one for all supervisors: the memory limit, and the one
# sure way to find every process of the lab. Version 1, version 2 and the mixture occur.

# shellcheck disable=SC2034 # for host.sh, up.sh and down.sh
SUPERVISORS=supervisors

# The hierarchies that a host must have a place in: under version 1 memory for the limit,
# and the two that the host's systemd makes its own groups in.
cgroup_mounts() {
	local path
	if [[ -e /sys/fs/cgroup/cgroup.controllers ]]; then
		echo /sys/fs/cgroup
		return
	fi
	for path in /sys/fs/cgroup/{memory,systemd,unified}; do
		[[ -d $path ]] && echo "$path"
	done
}

cgroup_create() {
	local host=$1 limit=$2 mount group
	for mount in $(cgroup_mounts); do
		group=$mount/pgmonkey-lab/$LAB_NAME/$host
		mkdir -p "$group"
		if [[ $mount == /sys/fs/cgroup ]]; then
			cgroup_delegate_memory "$mount"
			echo "$limit" >"$group/memory.max"
		elif [[ $mount == */memory ]]; then
			echo "$limit" >"$group/memory.limit_in_bytes"
		fi
	done
}

# Version 2 hands a controller down one level at a time.
cgroup_delegate_memory() {
	local level
	for level in "$1" "$1/pgmonkey-lab" "$1/pgmonkey-lab/$LAB_NAME"; do
		echo +memory >"$level/cgroup.subtree_control"
	done
}

# Moves the calling shell, and so what it becomes, into the host's groups.
cgroup_enter() {
	local mount
	for mount in $(cgroup_mounts); do
		echo "$BASHPID" >"$mount/pgmonkey-lab/$LAB_NAME/$1/cgroup.procs"
	done
}

cgroup_pids() {
	local mount
	for mount in $(cgroup_mounts); do
		find "$mount/pgmonkey-lab/$LAB_NAME/$1" -name cgroup.procs -exec cat {} + 2>/dev/null
	done | sort -un
}

cgroup_empty() { [[ -z $(cgroup_pids "$1") ]]; }

# Kills all that runs in the host, again until nothing does: what forks meanwhile too.
cgroup_kill() {
	local host=$1 pids round
	for ((round = 0; round < 100; round++)); do
		mapfile -t pids < <(cgroup_pids "$host")
		((${#pids[@]})) || return 0
		kill -KILL "${pids[@]}" 2>/dev/null
		sleep 0.05
	done
	warn "$host: processes ${pids[*]} do not die"
	return 1
}

cgroup_hosts() {
	local mount path
	for mount in $(cgroup_mounts); do
		for path in "$mount/pgmonkey-lab/$LAB_NAME"/*/; do
			[[ -d $path ]] && basename "$path"
		done
	done | sort -u
}

cgroup_remove() {
	local mount
	for mount in $(cgroup_mounts); do
		find "$mount/pgmonkey-lab/$LAB_NAME" -depth -type d -exec rmdir {} + 2>/dev/null
		# Only when this was the last lab.
		rmdir "$mount/pgmonkey-lab" 2>/dev/null
	done
	return 0
}
