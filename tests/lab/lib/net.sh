# shellcheck shell=bash
# The network, wholly in namespaces of its own: "sw" holds the bridge, "ctl" is the
# controller's place, each host has one. Veth pairs are born inside them, so nothing
# ever shows up among the machine's own interfaces.

net_ns() { echo "pgml-$LAB_NAME-$1"; }
net_exists() { [[ -e /run/netns/$(net_ns "$1") ]]; }

net_namespace() {
	ip netns add "$(net_ns "$1")"
	ip -n "$(net_ns "$1")" link set lo up
}

# The switch and the controller: they live as long as the lab.
net_up() {
	local switch
	switch=$(net_ns sw)
	net_namespace sw
	# Ports forward at once; a real switch's spanning tree delay would only cost time.
	ip -n "$switch" link add br0 type bridge forward_delay 0
	ip -n "$switch" link set br0 up
	net_namespace ctl
	net_cable ctl "$CONTROLLER_ADDRESS"
}

# net_cable NAME ADDRESS: joins a namespace to the switch. The MAC address follows from
# the IP address, so a host that was away comes back with the card that neighbours know.
net_cable() {
	local name=$1 address=$2 mac
	# shellcheck disable=SC2046,SC2183 # the four numbers of the address as words
	mac=$(printf '02:50:%02x:%02x:%02x:%02x' $(tr . ' ' <<<"$address"))
	ip -n "$(net_ns sw)" link add "v-$name" type veth \
		peer name eth0 address "$mac" netns "$(net_ns "$name")"
	ip -n "$(net_ns sw)" link set "v-$name" master br0 up
	ip -n "$(net_ns "$name")" addr add "$address/24" dev eth0
	ip -n "$(net_ns "$name")" link set eth0 up
}

# A host gets a new namespace for each boot: firewall rules, queues and connections do
# not survive a reboot on real hardware either.
net_plug() {
	net_unplug "$1"
	ip netns del "$(net_ns "$1")" 2>/dev/null || true
	net_namespace "$1"
	net_cable "$1" "$(host_address "$1")"
}

net_unplug() { ip -n "$(net_ns sw)" link del "v-$1" 2>/dev/null || true; }

# Ends who still runs inside (a probe left behind, say), then removes the namespaces.
net_down() {
	local ns pid
	for ns in $(net_list); do
		for pid in $(ip netns pids "$ns" 2>/dev/null); do
			[[ $pid != "$$" ]] && kill -KILL "$pid" 2>/dev/null
		done
		ip netns del "$ns" 2>/dev/null || rm -f "/run/netns/$ns"
	done
}

net_list() {
	local path
	for path in "/run/netns/pgml-$LAB_NAME-"*; do
		[[ -e $path ]] && echo "${path##*/}"
	done
}

# Runs in the controller's namespace, in place of the calling process.
net_exec() { exec nsenter --net="/run/netns/$(net_ns ctl)" -- "$@"; }
