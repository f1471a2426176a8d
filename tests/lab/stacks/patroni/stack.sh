# shellcheck shell=bash
# The Patroni stack: etcd, Patroni and PostgreSQL on the database hosts, HAProxy and
# PgBouncer on the proxies. How hosts are configured; what healthy means is in health.sh.

STACK=$LAB_ROOT/stacks/patroni
# shellcheck source=/dev/null
source "$STACK/health.sh"

# What the templates may ask for and all hosts share.
stack_values() {
	local user
	VALUES=([CLUSTER]=$LAB_NAME [LAB_DIR]=$LAB_DIR [HAPROXY]=$UP_HAPROXY
		[PATRONI_PASSWORD]=$(<"$LAB_DIR/patroni.password"))
	for user in postgres replicator rewind probe; do
		VALUES[${user^^}_PASSWORD]=$(<"$LAB_DIR/passwords/$user")
	done
}

stack_inventory() { render "$STACK/cluster.json.in"; }

stack_configure() {
	local host=$1
	VALUES+=([HOST]=$host [ADDRESS]=$(host_address "$host"))
	put "$host" /etc/hostname 0644 <(echo "$host")
	put "$host" /etc/hosts 0644 \
		<(echo 127.0.0.1 localhost && awk '!/^#/ { print $2, $1 }' "$LAB_DIR/hosts.list")
	put "$host" /etc/sudoers.d/pgmonkey-op 0440 "$STACK/sudoers-$(host_role "$host")"
	"configure_$(host_role "$host")" "$host"
}

configure_db() {
	local host=$1
	put "$host" /etc/default/etcd 0644 "$STACK/etcd.in"
	put "$host" /etc/patroni/config.yml 0600 "$STACK/patroni.yml.in" postgres
	put "$host" /etc/patroni/post-bootstrap.sh 0755 "$STACK/post-bootstrap.sh"
	put "$host" /etc/patroni/probe.password 0600 "$LAB_DIR/passwords/probe" postgres
	enable "$host" etcd
	enable "$host" patroni
}

configure_px() {
	local host=$1
	put "$host" /etc/haproxy/haproxy.cfg 0644 "$STACK/haproxy.cfg.in"
	put "$host" /etc/pgbouncer/pgbouncer.ini 0640 "$STACK/pgbouncer.ini.in" postgres
	put "$host" /etc/pgbouncer/userlist.txt 0600 \
		<(printf '"pgmonkey" "%s"\n' "${VALUES[PROBE_PASSWORD]}") postgres
	enable "$host" haproxy
	enable "$host" pgbouncer
}

# put HOST PATH MODE TEMPLATE [OWNER]: a file on the host's disk, filled in.
put() {
	local host=$1 root target owner=0:0
	root=$(host_dir "$host")/root
	target=$root$2
	mkdir -p "${target%/*}"
	rm -f "$target"
	render "$4" | write_secret "$target"
	[[ -z ${5:-} ]] || owner=$(id_in "$root" "$5")
	chown "$owner" "$target"
	chmod "$3" "$target"
}

# By hand, not by `systemctl enable`, which would also run Debian's SysV helpers.
enable() {
	local host=$1 unit=$2.service etc
	etc=$(host_dir "$host")/root/etc/systemd/system
	mkdir -p "$etc/multi-user.target.wants"
	ln -sf "/lib/systemd/system/$unit" "$etc/multi-user.target.wants/$unit"
	put "$host" "/etc/systemd/system/$unit.d/restart-always.conf" 0644 "$STACK/restart-always.conf"
}
