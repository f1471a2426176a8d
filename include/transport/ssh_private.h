/*
 * What the files of src/transport/ssh*.c share: nobody else includes this.
 *
 *	ssh.c           a remote: runs commands over a kept session
 *	ssh_session.c   TCP and handshake; waiting for libssh2
 *	ssh_host_key.c  is it the host that we know?
 *	known_hosts.c   which keys a host is known by
 *	ssh_auth.c      login by key file and agent
 */
#ifndef TRANSPORT_SSH_PRIVATE_H
#define TRANSPORT_SSH_PRIVATE_H

#include "transport/remote_private.h"
#include "transport/ssh.h"

#include <libssh2.h>

struct ssh {
	struct remote remote;
	char *user;
	char *address;
	int port;
	char *identity_file; /* NULL: agent only */
	char *known_hosts_file;

	int fd;                   /* -1: not connected */
	LIBSSH2_SESSION *session; /* NULL until the handshake begins */
	bool ready;               /* logged in */

	struct source source; /* in the loop while something is waited for */
	short events;
	bool woken;
};

/* Waits until the descriptor is ready; false after the deadline or on loop_quit(). */
bool ssh_wait_fd(struct ssh *s, short events, nsec_t deadline);

/* Waits for what libssh2 wants after LIBSSH2_ERROR_EAGAIN. */
bool ssh_wait(struct ssh *s, nsec_t deadline);

/* "db1 (10.0.0.11 port 22): WHAT: libssh2's words". Returns false. */
bool ssh_fail(struct ssh *s, struct err *err, const char *what);

/* "…: WHAT: no answer in time". Returns false. */
bool ssh_timeout(struct ssh *s, struct err *err, const char *what);

/* Connects and logs in; everything is dropped again on failure. */
bool ssh_session_open(struct ssh *s, nsec_t deadline, struct err *err) MUSTCHECK;
void ssh_session_drop(struct ssh *s);

bool ssh_authenticate(struct ssh *s, nsec_t deadline, struct err *err) MUSTCHECK;

/* ---- known_hosts ------------------------------------------------------------------ */

/* One line that names the host. */
struct known_key {
	unsigned line;
	char *type; /* "ssh-ed25519" */
	char *key;  /* base64 */
	bool revoked;
	bool authority;  /* its key signs host certificates, which libssh2 cannot check */
	bool other_port; /* names the host without its port: may match, never differs */
};

struct known_keys {
	struct known_key *keys;
	size_t count;
	size_t cap;
};

enum known_verdict {
	KNOWN_MATCH,
	KNOWN_CHANGED,    /* another key of this type stands in *line */
	KNOWN_OTHER_TYPE, /* only keys of other types are known, the first in *line */
	KNOWN_REVOKED,    /* "@revoked" in *line */
	KNOWN_UNKNOWN,
};

/*
 * Reads the lines of `path` that name host and port as OpenSSH does: lists, wildcards,
 * "!" exceptions, hashed names, "[host]:port".  A missing file has no lines.
 */
bool known_keys_load(struct known_keys *known, const char *path, const char *host,
                     int port, struct err *err) MUSTCHECK;
enum known_verdict known_keys_check(const struct known_keys *known,
                                    const unsigned char *blob, size_t len,
                                    unsigned *line);
bool known_keys_have_type(const struct known_keys *known, const char *type);
void known_keys_free(struct known_keys *known);

/* Before the handshake: known types are asked for first. */
void ssh_prefer_known_types(struct ssh *s, const struct known_keys *known);

/* After it: false + err unless the host showed a key that it is known by. */
bool ssh_check_host_key(struct ssh *s, const struct known_keys *known,
                        struct err *err) MUSTCHECK;

/* The type that a key blob begins with, "?" if it is none. */
const char *known_blob_type(const unsigned char *blob, size_t len, char out[64]);

/* Standard base64 with padding. Caller frees. */
char *known_base64(const unsigned char *data, size_t len);

#endif
