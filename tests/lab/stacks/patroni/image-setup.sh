#!/bin/bash
# Turns the freshly bootstrapped image into a server that waits for its role.
# Runs inside the image (chroot), once per image, with nothing running.
set -euo pipefail

# A host is given its services when it is configured; by itself it runs none.
# Not systemctl, which would stumble over the SysV scripts of the same names.
for unit in postgresql patroni etcd etcd2 haproxy pgbouncer; do
	rm -f "/etc/systemd/system/multi-user.target.wants/$unit.service" \
		"/etc/systemd/system/$unit.service"
	update-rc.d "$unit" remove >/dev/null 2>&1 || true
done
rm -rf /etc/systemd/system/multi-user.target.wants/postgresql*

# Patroni makes the data directory itself; Debian's ready-made one is in its way.
pg_dropcluster --stop 15 main || true

# No consoles, and nothing that wakes up by itself in the middle of a measurement.
systemctl mask --quiet console-getty.service getty@.service serial-getty@.service \
	systemd-resolved.service systemd-networkd.service systemd-timesyncd.service \
	apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer \
	e2scrub_reap.service fstrim.timer logrotate.timer man-db.timer

# Identity belongs to a host, never to the image.
rm -f /etc/ssh/ssh_host_* /var/lib/dbus/machine-id
: >/etc/machine-id

cat >/etc/ssh/sshd_config.d/lab.conf <<'SSHD'
PasswordAuthentication no
PermitRootLogin no
UseDNS no
SSHD

# The journal survives a reboot, as on a server, so `lab logs` can tell what led to it.
mkdir -p /var/log/journal /etc/systemd/journald.conf.d
printf '[Journal]\nStorage=persistent\nSystemMaxUse=64M\n' >/etc/systemd/journald.conf.d/lab.conf

# The operator: an ordinary account without a password; sudo rules come with the role.
useradd --create-home --shell /bin/bash --password '*' pgmonkey-op
install -d -m 0700 -o pgmonkey-op -g pgmonkey-op /home/pgmonkey-op/.ssh

apt-get clean
rm -rf /var/lib/apt/lists/*
