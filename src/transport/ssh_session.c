#include "transport/ssh_private.h"

#include "base/resolve.h"
#include "base/str.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define TCP_LIMIT (5 * NSEC_PER_SEC) /* per address */

/* ---- Waiting ---------------------------------------------------------------------- */

static nsec_t prepare(struct source *source, struct loop *loop)
{
	struct ssh *s = (struct ssh *)((char *)source - offsetof(struct ssh, source));

	loop_want(loop, source, s->fd, s->events);
	return NSEC_NEVER;
}

static void wake(struct source *source, struct loop *loop)
{
	struct ssh *s = (struct ssh *)((char *)source - offsetof(struct ssh, source));

	(void)loop;
	s->woken = true;
}

static bool is_woken(void *arg)
{
	return ((struct ssh *)arg)->woken;
}

bool ssh_wait_fd(struct ssh *s, short events, nsec_t deadline)
{
	bool woken;

	s->source = (struct source){ .name = "ssh", .prepare = prepare, .wake = wake };
	s->events = events;
	s->woken = false;
	loop_add(s->remote.loop, &s->source);
	woken = loop_wait(s->remote.loop, is_woken, s, deadline);
	loop_remove(s->remote.loop, &s->source);
	return woken;
}

bool ssh_wait(struct ssh *s, nsec_t deadline)
{
	int directions = libssh2_session_block_directions(s->session);
	short events = 0;

	if (directions & LIBSSH2_SESSION_BLOCK_OUTBOUND)
		events |= POLLOUT;
	if (!events || (directions & LIBSSH2_SESSION_BLOCK_INBOUND))
		events |= POLLIN;
	return ssh_wait_fd(s, events, deadline);
}

/* ---- Messages --------------------------------------------------------------------- */

static bool fail_with(struct ssh *s, struct err *err, const char *what, const char *why)
{
	return err_set(err, "%s (%s port %d): %s: %s", s->remote.host, s->address,
	               s->port, what, why);
}

bool ssh_fail(struct ssh *s, struct err *err, const char *what)
{
	char *why = NULL;

	libssh2_session_last_error(s->session, &why, NULL, 0);
	return fail_with(s, err, what, why && *why ? why : "connection lost");
}

bool ssh_timeout(struct ssh *s, struct err *err, const char *what)
{
	return fail_with(s, err, what,
	                 loop_has_quit(s->remote.loop) ? "interrupted"
	                                               : "no answer in time");
}

/* ---- TCP -------------------------------------------------------------------------- */

static void set_option(int fd, int level, int option, int value)
{
	/* Where it cannot be set the deadlines still hold. */
	(void)!setsockopt(fd, level, option, &value, sizeof value);
}

static int open_socket(int family)
{
	int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
	set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, 10);
	set_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, 5);
	set_option(fd, IPPROTO_TCP, TCP_KEEPCNT, 3);
	set_option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, 15000);
	return fd;
}

static bool connect_socket(struct ssh *s, const struct addrinfo *to, nsec_t deadline,
                           struct err *err)
{
	int failure = 0;
	socklen_t size = sizeof failure;

	s->fd = open_socket(to->ai_family);
	if (s->fd < 0)
		return fail_with(s, err, "socket", strerror(errno));
	if (connect(s->fd, to->ai_addr, to->ai_addrlen) == 0)
		return true;
	if (errno != EINPROGRESS)
		return fail_with(s, err, "connecting", strerror(errno));
	if (!ssh_wait_fd(s, POLLOUT, deadline))
		return ssh_timeout(s, err, "connecting");
	getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &failure, &size);
	return failure ? fail_with(s, err, "connecting", strerror(failure)) : true;
}

static bool connect_address(struct ssh *s, const char *address, nsec_t deadline,
                            struct err *err)
{
	struct addrinfo hints = { .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
		                  .ai_socktype = SOCK_STREAM };
	nsec_t limit = loop_now(s->remote.loop) + TCP_LIMIT;
	struct addrinfo *to = NULL;
	char port[16];
	int rc;
	bool ok;

	snprintf(port, sizeof port, "%d", s->port);
	rc = getaddrinfo(address, port, &hints, &to);
	if (rc)
		return fail_with(s, err, address, gai_strerror(rc));
	ok = connect_socket(s, to, limit < deadline ? limit : deadline, err);
	freeaddrinfo(to);
	if (!ok && s->fd >= 0) {
		close(s->fd);
		s->fd = -1;
	}
	return ok;
}

static void on_resolved(void *arg)
{
	*(bool *)arg = true;
}

static bool is_true(void *arg)
{
	return *(bool *)arg;
}

static bool connect_host(struct ssh *s, nsec_t deadline, struct err *err)
{
	const char *addresses[RESOLVE_MAX_ADDRESSES];
	bool resolved = false;
	struct resolve *r = resolve_start(s->remote.loop, s->address, deadline,
	                                  on_resolved, &resolved);
	bool ok = false;
	size_t count;

	/* The look-up minds the deadline itself. */
	if (!loop_wait(s->remote.loop, is_true, &resolved, NSEC_NEVER)) {
		resolve_free(r);
		return ssh_timeout(s, err, "looking up");
	}
	count = resolve_answer(r, addresses, err);
	if (!count)
		err_prefix(err, "%s", s->remote.host);
	for (size_t i = 0; !ok && i < count; i++)
		ok = connect_address(s, addresses[i], deadline, err);
	resolve_free(r);
	return ok;
}

/* ---- The session ------------------------------------------------------------------ */

static bool handshake(struct ssh *s, const struct known_keys *known, nsec_t deadline,
                      struct err *err)
{
	int rc;

	s->session = libssh2_session_init();
	if (!s->session)
		return fail_with(s, err, "session", "out of memory");
	libssh2_session_set_blocking(s->session, 0);
	ssh_prefer_known_types(s, known);
	while ((rc = libssh2_session_handshake(s->session, s->fd)) ==
	       LIBSSH2_ERROR_EAGAIN)
		if (!ssh_wait(s, deadline))
			return ssh_timeout(s, err, "handshake");
	return rc ? ssh_fail(s, err, "handshake") : ssh_check_host_key(s, known, err);
}

bool ssh_session_open(struct ssh *s, nsec_t deadline, struct err *err)
{
	struct known_keys known;
	bool ok;

	if (!known_keys_load(&known, s->known_hosts_file, s->address, s->port, err))
		return err_prefix(err, "%s", s->remote.host);
	ok = connect_host(s, deadline, err) && handshake(s, &known, deadline, err) &&
	     ssh_authenticate(s, deadline, err);
	known_keys_free(&known);
	if (ok)
		s->ready = true;
	else
		ssh_session_drop(s);
	return ok;
}

/* With the socket shut libssh2 has nothing to wait for. */
void ssh_session_drop(struct ssh *s)
{
	if (s->fd >= 0)
		shutdown(s->fd, SHUT_RDWR);
	if (s->session)
		while (libssh2_session_free(s->session) == LIBSSH2_ERROR_EAGAIN)
			;
	if (s->fd >= 0)
		close(s->fd);
	s->session = NULL;
	s->fd = -1;
	s->ready = false;
}
