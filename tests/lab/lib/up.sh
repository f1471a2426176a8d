# shellcheck shell=bash
# Brings a lab up: from nothing, or from what a killed one left.

UP_NEEDED_MB=4096
UP_MEMORY_DB=${LAB_MEMORY_DB:-1G} UP_MEMORY_PX=${LAB_MEMORY_PX:-384M}
UP_MEMORY_SUPERVISORS=256M

lab_up() {
	if [[ $UP_FRESH == no ]] && up_already; then
		say "is already up and healthy ('lab up --fresh' makes it anew)"
		return
	fi
	up_preflight
	if lab_remains; then
		progress "an earlier lab of this name is in the way: removing it"
		(set +e && lab_down)
	fi
	[[ $UP_KEEP == yes ]] || trap up_failed EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
	image_build "$UP_STACK"
	up_create "$(image_path "$UP_STACK")"
	up_power_on
	stack_wait
	touch "$LAB_DIR/healthy"
	trap - EXIT
	progress "up and healthy"
}

# A lab in the middle of a failover is not dead: it gets some time to be healthy again.
up_already() {
	local host
	[[ -e $LAB_DIR/healthy ]] || return 1
	for host in $(host_names); do
		[[ $(host_state "$host") == on ]] || return 1
	done
	wait_until 30 stack_healthy
}

# Runs at every exit of an `up` that did not arrive.
up_failed() {
	trap '' INT TERM HUP
	set +e
	warn "not up after $SECONDS s: removing what there is ('lab up --keep' would leave it to look at)"
	lab_down
	rm -rf --one-file-system ${IMAGE_BUILDING:+"$IMAGE_BUILDING"}
}

# Each host takes about eight inotify instances of root's, and dies without a word
# where there are none left: two labs fit into the kernel's default of 128, a third does not.
up_inotify() {
	local limit others
	limit=$(cat /proc/sys/fs/inotify/max_user_instances)
	others=$(ip netns list | grep -v "^pgml-$LAB_NAME-" |
		grep -cE '^pgml-.*-(db|px)[0-9]' || true)
	((limit >= (others + 5) * 11)) ||
		die "$others hosts of other labs run already, and the kernel allows $limit inotify instances:" \
			"take a lab down, or 'sysctl fs.inotify.max_user_instances=512'"
}

up_preflight() {
	local command missing=() dir free
	for command in mmdebstrap:mmdebstrap systemd-nspawn:systemd-container ip:iproute2 jq:jq \
		curl:curl psql:postgresql-client ssh-keygen:openssh-client mkfs.ext4:e2fsprogs; do
		command -v "${command%:*}" >/dev/null || missing+=("${command#*:}")
	done
	((${#missing[@]} == 0)) || die "missing programs: try 'apt install ${missing[*]}'"
	up_inotify
	mkdir -p "$LAB_BASE" "$LAB_CACHE"
	for dir in "$LAB_BASE" "$LAB_CACHE"; do
		free=$(df -m --output=avail "$dir" | tail -n 1)
		((free >= UP_NEEDED_MB)) ||
			die "$dir has $((free)) MB free, a lab needs $UP_NEEDED_MB: make room, or choose" \
				"another place with PGMONKEY_LAB_DIR and PGMONKEY_LAB_CACHE"
	done
}

up_create() {
	local image=$1 host
	mkdir -p "$LAB_DIR"
	mkdir -m 0700 "$LAB_DIR/hosts"
	cp "$LAB_ROOT/stacks/$UP_STACK/hosts" "$LAB_DIR/hosts.list"
	echo "$UP_STACK" >"$LAB_DIR/stack"
	secrets_create
	stack_values
	for host in $(host_names); do
		disk_create "$host" "$image"
		secrets_host "$host"
		stack_configure "$host"
		host_boot_delay "$host" "$UP_BOOT_DELAY"
	done
	stack_inventory >"$LAB_DIR/cluster.json"
	net_up
	progress "hosts made: $(host_names | xargs)"
}

up_power_on() {
	local host memory
	cgroup_create "$SUPERVISORS" "$UP_MEMORY_SUPERVISORS"
	for host in $(host_names); do
		memory=$UP_MEMORY_DB
		[[ $(host_role "$host") == db ]] || memory=$UP_MEMORY_PX
		cgroup_create "$host" "$memory"
		host_power_on "$host"
	done
	for host in $(host_names); do
		wait_until 60 up_answers "$host" || die "$host does not answer by SSH; see '$LAB_ROOT/lab logs $host'"
	done
	progress "all hosts answer by SSH"
}

up_answers() { (host_ssh "$1" true) >/dev/null 2>&1; }
