/* A client and its session at the server: bytes in, messages out. */
#include "liar.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define STARTUP 196608 /* protocol 3.0; all other first packets ask for TLS or GSS */
#define CANCEL  80877102

/* ---- Out ------------------------------------------------------------------------------
 */

static void side_add(struct side *side, const char *data, size_t len, nsec_t due,
                     const char *said, const struct buf *keys)
{
	struct chunk *chunk = xcalloc(1, sizeof *chunk + len);
	struct chunk **end = &side->out;

	while (*end)
		end = &(*end)->next;
	chunk->due = due;
	chunk->len = len;
	memcpy(chunk->data, data, len);
	if (said)
		chunk->said = xasprintf("%s%s", said, keys->data);
	*end = chunk;
}

static void pop(struct side *side)
{
	struct chunk *chunk = side->out;

	side->out = chunk->next;
	free(chunk->said);
	free(chunk);
}

/* What was not said is logged as such. */
static void side_close(struct pair *p, struct side *side)
{
	while (side->out) {
		if (side->out->said)
			liar_log(p->liar, "said %u nothing%s", p->number, p->keys.data);
		pop(side);
	}
	if (side->fd >= 0)
		close(side->fd);
	side->fd = -1;
}

/* False when the other end is gone. */
static bool side_flush(struct pair *p, struct side *side)
{
	while (side->out && side->fd >= 0) {
		struct chunk *c = side->out;
		ssize_t n;

		if (c->due > loop_now(p->liar->loop))
			return true;
		n = send(side->fd, c->data + c->written, c->len - c->written,
		         MSG_NOSIGNAL);
		if (n < 0)
			return errno == EAGAIN || errno == ENOTCONN || errno == EINTR;
		c->written += (size_t)n;
		if (c->written < c->len)
			return true;
		if (c->said)
			liar_log(p->liar, "said %u %s", p->number, c->said);
		pop(side);
	}
	return true;
}

void pair_say(struct pair *p, const char *data, size_t len, const char *said)
{
	nsec_t now = loop_now(p->liar->loop);
	nsec_t delay = p->manner.lie == LIE_SLOW ? p->manner.delay : 0;

	if (!p->hushed && p->client.fd >= 0)
		side_add(&p->client, data, len, now + delay, said, &p->keys);
	else if (said)
		liar_log(p->liar, "said %u nothing%s", p->number, p->keys.data);
}

void pair_pass_on(struct pair *p, const char *data, size_t len)
{
	side_add(&p->server, data, len, 0, NULL, NULL);
}

/* ---- End ------------------------------------------------------------------------------
 */

static void leave_list(struct pair *p)
{
	struct pair **at = &p->liar->pairs;

	while (*at != p)
		at = &(*at)->next;
	*at = p->next;
}

static void pair_free(struct pair *p)
{
	side_close(p, &p->client);
	side_close(p, &p->server);
	leave_list(p);
	loop_remove(p->liar->loop, &p->source);
	buf_free(&p->client.in);
	buf_free(&p->server.in);
	buf_free(&p->keys);
	free(p);
}

void pair_reset(struct pair *p)
{
	struct linger now = { .l_onoff = 1 };

	if (p->client.fd >= 0)
		setsockopt(p->client.fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
	side_close(p, &p->client);
}

void pair_end(struct pair *p, enum ending ending)
{
	if (p->write)
		liar_log(p->liar, "said %u nothing%s", p->number, p->keys.data);
	if (ending == END_SILENCE)
		p->hushed = true;
	else if (ending == END_CLOSE)
		side_close(p, &p->client);
	else
		pair_reset(p);
}

/* ---- In -------------------------------------------------------------------------------
 */

static uint32_t number_at(const char *data)
{
	uint32_t n;

	memcpy(&n, data, sizeof n);
	return ntohl(n);
}

static void cut(struct buf *in, size_t len)
{
	memmove(in->data, in->data + len, in->len - len);
	in->len -= len;
	in->data[in->len] = '\0';
}

/* False when the other end has closed. */
static bool side_read(struct side *side)
{
	char data[16384];
	ssize_t n = recv(side->fd, data, sizeof data, 0);

	if (n > 0)
		buf_add(&side->in, data, (size_t)n);
	return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}

static bool connect_server(struct pair *p)
{
	const struct liar *l = p->liar;
	const struct sockaddr_in *to = &l->servers[l->server];
	int one = 1;

	p->server.fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	setsockopt(p->server.fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	return connect(p->server.fd, (const struct sockaddr *)to, sizeof *to) == 0 ||
	       errno == EINPROGRESS;
}

/* The packets before the session; true when there may be more in the buffer. */
static bool take_start(struct pair *p)
{
	struct buf *in = &p->client.in;
	size_t len = in->len >= 8 ? number_at(in->data) : 0;
	uint32_t code;

	if (len < 8 || in->len < len)
		return false;
	code = number_at(in->data + 4);
	if (code != STARTUP && code != CANCEL) {
		pair_say(p, "N", 1, NULL);
	} else if (code == CANCEL || !lie_to_login(p)) {
		p->started = true;
		if (!connect_server(p))
			pair_reset(p);
		pair_pass_on(p, in->data, len);
	}
	cut(in, len);
	return !p->closing;
}

static bool take_message(struct pair *p, struct buf *in, bool client)
{
	size_t len = in->len >= 5 ? 1 + (size_t)number_at(in->data + 1) : 0;
	struct buf message = BUF_INIT;

	if (len < 5 || in->len < len)
		return false;
	buf_add(&message, in->data, len);
	cut(in, len);
	if (!client)
		lie_about_answer(p, message.data, len);
	else if (message.data[0] == 'Q' && !p->hushed)
		lie_to_statement(p, message.data, len);
	else if (!p->hushed)
		pair_pass_on(p, message.data, len);
	buf_free(&message);
	return true;
}

static void take_all(struct pair *p)
{
	while (p->client.fd >= 0 &&
	       (p->started ? take_message(p, &p->client.in, true) : take_start(p)))
		;
	/* AuthenticationOk and all that follows have the form of messages, too. */
	while (take_message(p, &p->server.in, false))
		;
}

/* ---- For the loop ---------------------------------------------------------------------
 */

static nsec_t want(struct pair *p, struct side *side, nsec_t until)
{
	nsec_t due = side->out ? side->out->due : NSEC_NEVER;
	nsec_t now = loop_now(p->liar->loop);

	if (side->fd < 0)
		return until;
	loop_want(p->liar->loop, &p->source, side->fd,
	          due <= now ? POLLIN | POLLOUT : POLLIN);
	return due > now && due < until ? due : until;
}

static nsec_t prepare(struct source *source, struct loop *loop)
{
	struct pair *p = (struct pair *)source;

	(void)loop;
	if (p->client.fd < 0 && !p->asked)
		return 0;
	if (p->liar->manner.lie == LIE_SILENT)
		return NSEC_NEVER;
	return want(p, &p->server, want(p, &p->client, NSEC_NEVER));
}

static bool is_over(const struct pair *p)
{
	if (p->client.fd < 0)
		return !p->asked; /* what the server was given it may finish */
	if (p->closing)
		return !p->client.out;
	return p->started && p->server.fd < 0 && !p->hushed && !p->client.out;
}

static void wake(struct source *source, struct loop *loop)
{
	struct pair *p = (struct pair *)source;
	bool client = true;
	bool server = true;

	if (p->client.fd >= 0 && loop_ready(loop, p->client.fd))
		client = side_read(&p->client);
	if (p->server.fd >= 0 && loop_ready(loop, p->server.fd))
		server = side_read(&p->server);
	take_all(p);
	if (!side_flush(p, &p->client) || !client)
		side_close(p, &p->client);
	if (!side_flush(p, &p->server) || !server) {
		side_close(p, &p->server);
		if (p->asked && p->write)
			liar_log(p->liar, "did %u unknown%s", p->number, p->keys.data);
		p->asked = false;
	}
	if (is_over(p))
		pair_free(p);
}

void pair_open(struct liar *liar, int client)
{
	struct pair *p = XNEW(struct pair);
	int one = 1;

	p->source = (struct source){ .name = "pair", .prepare = prepare, .wake = wake };
	p->liar = liar;
	p->number = ++liar->pair_count;
	p->client = (struct side){ .fd = client, .in = BUF_INIT };
	p->server = (struct side){ .fd = -1, .in = BUF_INIT };
	p->keys = (struct buf)BUF_INIT;
	p->next = liar->pairs;
	liar->pairs = p;
	setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	loop_add(liar->loop, &p->source);
}
