# shellcheck shell=bash
# Which hosts there are, and where each keeps its things. The lab's own copy of the
# stack's host list (hosts.list) is what counts once a lab exists.

# shellcheck disable=SC2034 # for net.sh
CONTROLLER_ADDRESS=10.88.0.2

host_names() { awk '!/^#/ { print $1 }' "$LAB_DIR/hosts.list"; }
hosts_of_role() { awk -v role="$1" '!/^#/ && $4 == role { print $1 }' "$LAB_DIR/hosts.list"; }

host_field() { awk -v host="$1" -v field="$2" '$1 == host { print $field }' "$LAB_DIR/hosts.list"; }
host_address() { host_field "$1" 2; }
host_zone() { host_field "$1" 3; }
host_role() { host_field "$1" 4; }

# The host's directory: root (what it sees), upper (its own files), disk.img and disk
# (PGDATA), boot_delay, pid files, console.log and supervisor.log.
host_dir() { echo "$LAB_DIR/hosts/$1"; }

need_host() {
	need_lab
	[[ -n ${1:-} && -n $(host_address "$1") ]] ||
		die "no host '${1:-}': this lab has $(host_names | xargs)"
}

# The host's init as the machine sees it: nspawn's child that is pid 1 in a namespace
# of its own. False when the host is off.
host_init() {
	local nspawn pid
	nspawn=$(live_pid "$(host_dir "$1")/nspawn.pid") || return 1
	for pid in $(pgrep -P "$nspawn"); do
		if grep -qs '^NSpid:.*[[:space:]]1$' "/proc/$pid/status"; then
			echo "$pid"
			return
		fi
	done
	return 1
}

# on | booting (the supervisor waits, or init is not there yet) | off
host_state() {
	if host_init "$1" >/dev/null; then
		echo on
	elif live_pid "$(host_dir "$1")/supervisor.pid" >/dev/null; then
		echo booting
	else
		echo off
	fi
}
