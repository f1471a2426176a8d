# shellcheck shell=bash
# Keys and passwords, made anew for each lab, readable by root alone.

secrets_create() {
	local user
	ssh-keygen -q -t ed25519 -N '' -C "pgmonkey lab $LAB_NAME" -f "$LAB_DIR/id_ed25519"
	mkdir -m 0700 "$LAB_DIR/passwords"
	for user in postgres replicator rewind probe; do
		random_password | write_secret "$LAB_DIR/passwords/$user"
	done
	random_password | write_secret "$LAB_DIR/patroni.password"
	printf '*:*:*:pgmonkey:%s\n' "$(<"$LAB_DIR/passwords/probe")" | write_secret "$LAB_DIR/pgpass"
}

# The host's identity is made here, not at its first boot, so that its key is known
# before anybody speaks to it: nothing in the lab ever trusts a key on first use.
secrets_host() {
	local host=$1 root address
	root=$(host_dir "$host")/root
	address=$(host_address "$host")
	ssh-keygen -q -t ed25519 -N '' -C "$host" -f "$root/etc/ssh/ssh_host_ed25519_key"
	printf '%s,%s %s\n' "$address" "$host" "$(cut -d' ' -f1,2 "$root/etc/ssh/ssh_host_ed25519_key.pub")" \
		>>"$LAB_DIR/known_hosts"
	install -m 0600 "$LAB_DIR/id_ed25519.pub" "$root/home/pgmonkey-op/.ssh/authorized_keys"
	chown "$(id_in "$root" pgmonkey-op)" "$root/home/pgmonkey-op/.ssh/authorized_keys"
	tr -d - </proc/sys/kernel/random/uuid >"$root/etc/machine-id"
}
