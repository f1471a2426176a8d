# shellcheck shell=bash
# Takes a lab away, whatever state it is in. Every step asks the machine what is there,
# not a record of what was made, and goes on if a step fails: so it can run at any time.

lab_down() {
	# The supervisors first, or they would start hosts again.
	cgroup_kill "$SUPERVISORS"
	down_processes
	down_nspawn
	disk_unmount "$LAB_DIR"
	disk_detach "$LAB_DIR"
	net_down
	cgroup_remove
	down_files
}

# By membership in the control groups, which only this lab's processes can have.
down_processes() {
	local host
	for host in $(cgroup_hosts); do
		cgroup_kill "$host"
	done
}

# What nspawn keeps about its containers, and leaves when it is killed.
down_nspawn() {
	local root
	for root in "$LAB_DIR"/hosts/*/root; do
		rm -f "/run/systemd/nspawn/locks/inode-$(stat -c %d:%i "$root" 2>/dev/null)"
	done
	rm -rf "/run/systemd/nspawn/propagate/pgml-$LAB_NAME-"* \
		"/run/systemd/nspawn/unix-export/pgml-$LAB_NAME-"*
}

down_files() {
	[[ -z $(disk_mounts "$LAB_DIR") ]] || die "something is still mounted below $LAB_DIR"
	rm -rf --one-file-system "$LAB_DIR"
	rmdir "$LAB_BASE" 2>/dev/null
	return 0
}

# Is there anything of this lab on the machine?
lab_remains() {
	[[ -e $LAB_DIR || -n $(net_list) || -n $(cgroup_hosts) ]]
}
