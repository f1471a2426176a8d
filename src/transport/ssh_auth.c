#include "transport/ssh_private.h"

#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What was tried, so that a refusal can name its cause. */
struct attempts {
	unsigned rsa;
	unsigned other;
	char file_trouble[200]; /* why the key file could not be used; "" if it could */
	bool agent;             /* one could be asked */
};

static bool is_connection_error(int rc)
{
	return rc == LIBSSH2_ERROR_SOCKET_DISCONNECT || rc == LIBSSH2_ERROR_SOCKET_SEND ||
	       rc == LIBSSH2_ERROR_SOCKET_RECV || rc == LIBSSH2_ERROR_SOCKET_TIMEOUT;
}

/* ---- Key file --------------------------------------------------------------------- */

/*
 * An RSA key by its look: PEM says so, and in OpenSSH's own format the base64 of
 * "\7ssh-rsa" always stands at the same phase when the key has no passphrase.
 */
static bool looks_like_rsa(const char *text)
{
	return strstr(text, "RSA PRIVATE KEY") || strstr(text, "dzc2gtcn");
}

/* OpenSSH's format begins with its name and the cipher: "openssh-key-v1", "none". */
static bool has_passphrase(const char *text)
{
	return strstr(text, "ENCRYPTED") ||
	       (strstr(text, "BEGIN OPENSSH PRIVATE KEY") &&
	        !strstr(text, "b3BlbnNzaC1rZXktdjEAAAAABG5vbmU"));
}

/* False with tried->file_trouble: libssh2 cannot ask for a passphrase, nor say so. */
static bool read_key_file(const char *path, struct buf *text, struct attempts *tried)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool read = fd >= 0 && buf_read_fd(text, fd, 65536);
	const char *trouble = !read ? strerror(errno)
	                      : !strstr(text->data, "PRIVATE KEY-----")
	                              ? "not a private key"
	                      : has_passphrase(text->data) ? "it has a passphrase"
	                                                   : NULL;

	if (trouble)
		snprintf(tried->file_trouble, sizeof tried->file_trouble, "%.120s: %s",
		         path, trouble);
	if (fd >= 0)
		close(fd);
	return !trouble;
}

/* 0 when logged in, or libssh2's error. */
static int try_key_file(struct ssh *s, nsec_t deadline, struct attempts *tried)
{
	struct buf text = BUF_INIT;
	int rc = LIBSSH2_ERROR_FILE;

	if (read_key_file(s->identity_file, &text, tried)) {
		while ((rc = libssh2_userauth_publickey_frommemory(
				s->session, s->user, strlen(s->user), NULL, 0, text.data,
				text.len, "")) == LIBSSH2_ERROR_EAGAIN)
			if (!ssh_wait(s, deadline)) {
				rc = LIBSSH2_ERROR_TIMEOUT;
				break;
			}
		if (looks_like_rsa(text.data))
			tried->rsa++;
		else
			tried->other++;
	}
	explicit_bzero(text.data, text.len);
	buf_free(&text);
	return rc;
}

/* ---- Agent ------------------------------------------------------------------------ */

static int try_identity(struct ssh *s, LIBSSH2_AGENT *agent,
                        struct libssh2_agent_publickey *key, nsec_t deadline)
{
	int rc;

	while ((rc = libssh2_agent_userauth(agent, s->user, key)) == LIBSSH2_ERROR_EAGAIN)
		if (!ssh_wait(s, deadline))
			return LIBSSH2_ERROR_TIMEOUT;
	return rc;
}

static int try_identities(struct ssh *s, LIBSSH2_AGENT *agent, nsec_t deadline,
                          struct attempts *tried)
{
	struct libssh2_agent_publickey *key = NULL;
	int rc = LIBSSH2_ERROR_AUTHENTICATION_FAILED;
	char type[64];

	while (libssh2_agent_get_identity(agent, &key, key) == 0) {
		rc = try_identity(s, agent, key, deadline);
		if (str_eq(known_blob_type(key->blob, key->blob_len, type), "ssh-rsa"))
			tried->rsa++;
		else
			tried->other++;
		if (rc == 0 || rc == LIBSSH2_ERROR_TIMEOUT || is_connection_error(rc))
			break;
	}
	return rc;
}

/* The agent is asked over its local socket, which answers at once: that may block. */
static int try_agent(struct ssh *s, nsec_t deadline, struct attempts *tried)
{
	LIBSSH2_AGENT *agent;
	int rc = LIBSSH2_ERROR_AUTHENTICATION_FAILED;

	if (!getenv("SSH_AUTH_SOCK"))
		return rc;
	agent = libssh2_agent_init(s->session);
	if (agent && libssh2_agent_connect(agent) == 0) {
		tried->agent = true;
		if (libssh2_agent_list_identities(agent) == 0)
			rc = try_identities(s, agent, deadline, tried);
		libssh2_agent_disconnect(agent);
	}
	if (agent)
		libssh2_agent_free(agent);
	return rc;
}

/* ---- Both ------------------------------------------------------------------------- */

static bool refused(struct ssh *s, const struct attempts *tried, struct err *err)
{
	unsigned keys = tried->rsa + tried->other;

	if (!keys)
		err_set(err, "%s (%s port %d): no key to log in as \"%s\"%s%s",
		        s->remote.host, s->address, s->port, s->user,
		        tried->file_trouble[0] ? "; " : "", tried->file_trouble);
	else
		err_set(err,
		        "%s (%s port %d): login as \"%s\" refused (%u key%s tried)%s%s",
		        s->remote.host, s->address, s->port, s->user, keys,
		        keys == 1 ? "" : "s", tried->file_trouble[0] ? "; " : "",
		        tried->file_trouble);
	if (tried->rsa)
		return err_hint(
			err,
			"an RSA key is the likely cause: libssh2 %s signs with SHA-1 "
			"only, "
			"which sshd refuses since OpenSSH 8.8; use an ed25519 key "
			"(ssh-keygen -t ed25519)",
			libssh2_version(0));
	if (keys)
		return err_hint(
			err,
			"is the public key in ~%s/.ssh/authorized_keys there, and are "
			"logins open (a host that boots or shuts down refuses them)?",
			s->user);
	if (!s->identity_file && !tried->agent)
		return err_hint(
			err,
			"name an identity_file, or start an agent and add a key to it");
	return err_hint(err,
	                "give an ed25519 key without passphrase as identity_file, or add "
	                "one to the agent (ssh-add)");
}

/*
 * The key file goes first: somebody chose it for this cluster, whereas each of an agent's
 * keys counts against the server's MaxAuthTries.
 */
bool ssh_authenticate(struct ssh *s, nsec_t deadline, struct err *err)
{
	struct attempts tried = { .rsa = 0 };
	int rc = LIBSSH2_ERROR_AUTHENTICATION_FAILED;

	if (s->identity_file)
		rc = try_key_file(s, deadline, &tried);
	if (rc && rc != LIBSSH2_ERROR_TIMEOUT && !is_connection_error(rc))
		rc = try_agent(s, deadline, &tried);
	if (!rc)
		return true;
	if (rc == LIBSSH2_ERROR_TIMEOUT)
		return ssh_timeout(s, err, "login");
	if (is_connection_error(rc))
		return ssh_fail(s, err, "login");
	return refused(s, &tried, err);
}
