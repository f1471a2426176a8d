/*
 * SSH by libssh2, non-blocking, as a remote (transport/remote.h).
 *
 * The host key is always checked against known_hosts: unknown, changed and revoked keys
 * are refused and the error says which file, which line and what to do.  A key type that
 * known_hosts has is asked for, so that a host known by its ecdsa key is not "changed"
 * because it also has an ed25519 one.  Log in by key file, then agent; libssh2 1.10
 * cannot do rsa-sha2, which today's sshd asks for: an RSA key is named as the cause.
 */
#ifndef TRANSPORT_SSH_H
#define TRANSPORT_SSH_H

#include "transport/remote.h"

struct ssh_options {
	const char *user;
	const char *address; /* name or address; IPv6 without brackets */
	int port;
	const char *identity_file;    /* NULL: agent only */
	const char *known_hosts_file; /* NULL: ~/.ssh/known_hosts */
};

struct remote *remote_ssh(struct loop *loop, const char *host,
                          const struct ssh_options *options);

/*
 * Drops the connection without a word (the host was rebooted); the next use opens anew.
 * Of a remote that is no SSH one nothing is to drop.
 *
 * A kept session that turns out dead at the next use is replaced on its own, once, as
 * long as the command has not been sent.
 */
void ssh_drop(struct remote *r);

#endif
