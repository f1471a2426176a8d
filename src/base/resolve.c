#include "base/resolve.h"

#include "base/buf.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

struct resolve {
	struct source source;
	struct loop *loop;
	char *host;
	nsec_t started;
	nsec_t deadline;
	pid_t child; /* 0 when there is none */
	int fd;      /* the child's answer; -1 when it is complete */
	struct buf answer;
	char *addresses[RESOLVE_MAX_ADDRESSES];
	size_t count;
	struct err err;
	void (*done)(void *arg);
	void *arg;
};

bool resolve_is_numeric(const char *host)
{
	unsigned char binary[sizeof(struct in6_addr)];
	char bare[INET6_ADDRSTRLEN + 1];
	size_t len = strcspn(host, "%"); /* fe80::1%eth0 */

	if (inet_pton(AF_INET, host, binary) == 1)
		return true;
	if (len >= sizeof bare)
		return false;
	memcpy(bare, host, len);
	bare[len] = '\0';
	return inet_pton(AF_INET6, bare, binary) == 1;
}

/* ---- The child: asks, and writes a line per address or "!" and the reason --------- */

static void write_all(int fd, const struct buf *b)
{
	size_t at = 0;

	while (at < b->len) {
		ssize_t n = write(fd, b->data + at, b->len - at);

		if (n < 0 && errno != EINTR)
			return;
		at += n > 0 ? (size_t)n : 0;
	}
}

static void ask(const char *host, struct buf *b)
{
	struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM };
	struct addrinfo *list = NULL;
	char text[NI_MAXHOST];
	int rc = getaddrinfo(host, NULL, &hints, &list);

	if (rc) {
		buf_printf(b, "!%s\n",
		           rc == EAI_SYSTEM ? strerror(errno) : gai_strerror(rc));
		return;
	}
	for (struct addrinfo *a = list; a; a = a->ai_next)
		if (getnameinfo(a->ai_addr, a->ai_addrlen, text, sizeof text, NULL, 0,
		                NI_NUMERICHOST) == 0)
			buf_printf(b, "%s\n", text);
	freeaddrinfo(list);
}

/*
 * The parent's descriptors are closed here: a child that waits ten seconds for a silent
 * DNS server must not keep connections open that the parent has closed meanwhile.
 */
static _Noreturn void child_main(const char *host, int out)
{
	struct buf b = BUF_INIT;

	if (out != 3 && dup2(out, 3) < 0)
		_exit(1);
	close_range(4, ~0U, 0);
	ask(host, &b);
	write_all(3, &b);
	_exit(0);
}

/* ---- The parent ------------------------------------------------------------------- */

static void end_child(struct resolve *r)
{
	if (r->fd >= 0)
		close(r->fd);
	r->fd = -1;
	if (r->child > 0) {
		kill(r->child, SIGKILL);
		while (waitpid(r->child, NULL, 0) < 0 && errno == EINTR)
			;
	}
	r->child = 0;
}

static void parse_answer(struct resolve *r)
{
	char *save = NULL;

	for (char *line = strtok_r(r->answer.data, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		if (*line == '!') {
			err_set(&r->err, "looking up \"%s\": %s", r->host, line + 1);
			err_hint(&r->err,
			         "check the name, /etc/hosts and /etc/resolv.conf "
			         "of the machine that pgmonkey runs on");
			return;
		}
		if (r->count < RESOLVE_MAX_ADDRESSES)
			r->addresses[r->count++] = xstrdup(line);
	}
	if (!r->count)
		err_set(&r->err, "looking up \"%s\": no answer", r->host);
}

static void finish(struct resolve *r)
{
	end_child(r);
	loop_remove(r->loop, &r->source);
	r->done(r->arg); /* may free r */
}

static nsec_t prepare(struct source *source, struct loop *loop)
{
	struct resolve *r = (struct resolve *)source;

	loop_want(loop, source, r->fd, POLLIN);
	return r->deadline;
}

static void wake(struct source *source, struct loop *loop)
{
	struct resolve *r = (struct resolve *)source;
	char chunk[1024];
	ssize_t n = 0;

	if (loop_ready(loop, r->fd)) {
		n = read(r->fd, chunk, sizeof chunk);
		if (n > 0)
			buf_add(&r->answer, chunk, (size_t)n);
		if (n > 0 || (n < 0 && (errno == EINTR || errno == EAGAIN)))
			return;
		parse_answer(r);
		finish(r);
	} else if (loop_now(loop) >= r->deadline) {
		err_set(&r->err, "looking up \"%s\": no answer within %.1f s", r->host,
		        nsec_to_seconds(r->deadline - r->started));
		err_hint(&r->err, "is the DNS server up? an address instead of a name "
		                  "needs none");
		finish(r);
	}
}

static bool start_child(struct resolve *r)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0)
		return err_set(&r->err, "looking up \"%s\": pipe: %s", r->host,
		               strerror(errno));
	r->child = fork();
	if (r->child == 0)
		child_main(r->host, fds[1]);
	close(fds[1]);
	if (r->child < 0) {
		close(fds[0]);
		return err_set(&r->err, "looking up \"%s\": fork: %s", r->host,
		               strerror(errno));
	}
	r->fd = fds[0];
	return true;
}

struct resolve *resolve_start(struct loop *loop, const char *host, nsec_t deadline,
                              void (*done)(void *arg), void *arg)
{
	struct resolve *r = XNEW(struct resolve);

	*r = (struct resolve){
		.source = { .name = "resolve", .prepare = prepare, .wake = wake },
		.loop = loop,
		.host = xstrdup(host),
		.started = loop_now(loop),
		.deadline = deadline,
		.fd = -1,
		.answer = BUF_INIT,
		.done = done,
		.arg = arg,
	};
	if (resolve_is_numeric(host)) {
		r->addresses[r->count++] = xstrdup(host);
		done(arg);
	} else if (start_child(r)) {
		loop_add(loop, &r->source);
	} else {
		done(arg);
	}
	return r;
}

size_t resolve_answer(const struct resolve *r,
                      const char *addresses[RESOLVE_MAX_ADDRESSES], struct err *err)
{
	for (size_t i = 0; i < r->count; i++)
		addresses[i] = r->addresses[i];
	if (!r->count)
		*err = r->err;
	return r->count;
}

void resolve_free(struct resolve *r)
{
	if (!r)
		return;
	loop_remove(r->loop, &r->source);
	end_child(r);
	for (size_t i = 0; i < r->count; i++)
		free(r->addresses[i]);
	buf_free(&r->answer);
	free(r->host);
	free(r);
}
