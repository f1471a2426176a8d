# shellcheck shell=bash
# When a Patroni cluster counts as healthy, asked from the controller's place, by the
# means that pgmonkey itself has: the REST API and the probe role.

# Functions run in the controller's network, each command with a limit of its own.
at_controller() { (net_exec timeout 5 "$@") 2>/dev/null; }

# probe HOST PORT SQL: the answer, as the probe role.
probe() {
	PGPASSFILE=$LAB_DIR/pgpass PGCONNECT_TIMEOUT=3 at_controller \
		psql -XAtq -v ON_ERROR_STOP=1 "host=$1 port=$2 dbname=app user=pgmonkey" -c "$3"
}

# The cluster as any member sees it.
cluster_view() {
	local host
	for host in $(hosts_of_role db); do
		at_controller curl -sf -m 2 "http://$(host_address "$host"):8008/cluster" && return
	done
	return 1
}

# Changes the dynamic configuration. The password goes by a file descriptor: `ps` shows
# arguments.
cluster_configure() {
	local leader
	leader=$(cluster_leader) || return 1
	at_controller curl -sf -K <(printf 'user = "pgmonkey:%s"\n' "$(<"$LAB_DIR/patroni.password")") \
		-X PATCH -d "$1" "http://$leader:8008/config" >/dev/null
}

cluster_leader() {
	cluster_view | jq -re '.members[] | select(.role == "leader" and .state == "running") | .host'
}

# All members but the leader follow it, on its timeline; one of them synchronously.
replicas_follow() {
	cluster_view | jq -e '
		(.members | length) == 3
		and ([.members[] | select(.state == "running" or .state == "streaming")] | length) == 3
		and ([.members[].timeline] | unique | length) == 1
		and ([.members[] | select(.role == "sync_standby")] | length) == 1' >/dev/null &&
		[[ $(probe "$(cluster_leader)" 5432 \
			"SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'") == 2 ]]
}

# A write without a table: a WAL message in a transaction, whose commit waits for the
# synchronous standby as any other does.
takes_write() { probe "$1" "$2" "SELECT pg_logical_emit_message(true, 'lab', 'up')" >/dev/null; }

proxies_answer() {
	local host address
	for host in $(hosts_of_role px); do
		address=$(host_address "$host")
		takes_write "$address" 5000 || return 1
		takes_write "$address" 6432 || return 1
		[[ $(probe "$address" 5001 'SELECT pg_is_in_recovery()') == t ]] || return 1
	done
}

# Each for itself: for a while after its end, the others still count a member in.
members_answer() {
	local host
	for host in $(hosts_of_role db); do
		at_controller curl -sf -m 2 -o /dev/null "http://$(host_address "$host"):8008/health" || return 1
	done
}

stack_healthy() { members_answer && replicas_follow && proxies_answer; }

stack_wait() {
	wait_for 90 "a primary" cluster_leader
	wait_for 90 "two replicas that stream, one of them synchronous" replicas_follow
	wait_until 20 cluster_configure '{"loop_wait": 10}' || die "Patroni takes no configuration"
	wait_for 60 "writes and reads through HAProxy and PgBouncer" proxies_answer
}

# wait_for SECONDS WHAT CMD…
wait_for() {
	local limit=$1 what=$2
	shift 2
	wait_until "$limit" "$@" >/dev/null ||
		die "no $what within $limit s; 'lab status' and 'lab logs HOST' of a lab made with --keep tell more"
	progress "$what"
}

stack_status() {
	cluster_view | jq -r '.members[] | "\(.name)  \(.role)  \(.state)  timeline \(.timeline // "?")  lag \(.lag // 0)"' ||
		echo 'no answer from Patroni'
}
