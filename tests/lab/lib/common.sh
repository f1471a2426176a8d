# shellcheck shell=bash
# What every part of the lab needs: paths, messages, waiting, processes and templates.

# LAB_ROOT (the directory of `lab`) and LAB_NAME are set by the dispatcher.
# shellcheck disable=SC2153
LAB_BASE=${PGMONKEY_LAB_DIR:-/var/lib/pgmonkey-lab}
# shellcheck disable=SC2034 # for image.sh
LAB_CACHE=${PGMONKEY_LAB_CACHE:-/var/cache/pgmonkey-lab}

# Sets the paths that depend on the lab's name.
lab_paths() {
	[[ $LAB_NAME =~ ^[a-z][a-z0-9]{0,15}$ ]] ||
		die "a lab's name is a small letter and up to 15 small letters and digits, not '$LAB_NAME'"
	LAB_DIR=$LAB_BASE/$LAB_NAME
	export LAB_DIR
}

say() { printf 'lab %s: %s\n' "$LAB_NAME" "$*"; }
warn() { printf 'lab %s: %s\n' "$LAB_NAME" "$*" >&2; }
die() {
	warn "$*"
	exit 1
}

# Like say, with the seconds since `up` began.
progress() { printf 'lab %s: %3d s  %s\n' "$LAB_NAME" "$SECONDS" "$*"; }

need_root() {
	[[ $EUID -eq 0 ]] ||
		die "needs root, because it makes network namespaces, mounts and containers: try 'sudo $LAB_ROOT/lab …'"
}

need_lab() { [[ -e $LAB_DIR/hosts.list ]] || die "there is no such lab: start it with 'lab -n $LAB_NAME up'"; }

# wait_until SECONDS CMD… polls five times a second; false when time is over.
wait_until() {
	local deadline=$((SECONDS + $1))
	shift
	until "$@"; do
		((SECONDS < deadline)) || return 1
		sleep 0.2
	done
}

# A pid alone may be recycled, so a pid file holds "PID STARTTIME" (field 22 of stat).
# The command name in field 2 may hold blanks: cut all up to the last parenthesis.
start_time() {
	local stat
	{ stat=$(<"/proc/$1/stat"); } 2>/dev/null || return 1
	stat=${stat##*) }
	# shellcheck disable=SC2086 # the fields are wanted as words
	set -- $stat
	[[ $1 != Z ]] && echo "${20}"
}

# Prints the pid in FILE if that very process still lives.
live_pid() {
	local pid start
	{ read -r pid start <"$1"; } 2>/dev/null || return 1
	[[ -n $start && $(start_time "$pid") == "$start" ]] && echo "$pid"
}

# write_secret FILE: stdin becomes FILE, never readable by others, not even for a moment.
write_secret() { (umask 077 && cat >"$1"); }

random_password() { od -An -N16 -tx1 /dev/urandom | tr -d ' \n'; }

# Numeric ids: the image's accounts are not the machine's.
id_in() { awk -F: -v user="$2" '$1 == user { print $3 ":" $4 }' "$1/etc/passwd"; }

# render TEMPLATE: prints it with each @KEY@ replaced from the associative array VALUES.
declare -gA VALUES=()
render() {
	local text key
	text=$(<"$1")
	for key in "${!VALUES[@]}"; do
		text=${text//"@$key@"/"${VALUES[$key]}"}
	done
	[[ $text =~ @[A-Z_]+@ ]] && die "$1: nothing to put in place of ${BASH_REMATCH[0]}"
	printf '%s\n' "$text"
}
