/*
 * liar ADDRESS:PORT SERVER:PORT… <commands >log
 *
 * Stands in front of a real PostgreSQL (IPv4 addresses; port 0: any) and lies on command.
 * What it really did is the log, a line each, beginning with CLOCK_MONOTONIC in ns:
 *
 *	listening PORT               the port is open
 *	manner COMMAND               taken up
 *	did SESSION WHAT KEY…        of a statement that inserts (KEY is PROBE:SEQ):
 *committed, rolled_back, failed, withheld (not passed on), unknown said SESSION WHAT KEY…
 *acked, warned, error, nothing stale SESSION                a read was answered with an
 *old row
 *
 * A command is a line; "@NS " before it is the monotonic time at which to take it up, in
 * order.  One without a time is taken up at once and, where the input is a socket,
 * answered with "NS\n".
 *
 *	honest
 *	drop                                 writes are rolled back and acknowledged
 *	hide reset|close|silence             committed, the session ends without an answer
 *	lose reset|close|silence             not passed on, the session ends without an
 *answer refuse SEVERITY SQLSTATE MESSAGE     not passed on, and answered so deny SEVERITY
 *SQLSTATE MESSAGE       committed, and answered so warn SEVERITY SQLSTATE MESSAGE
 *committed, and acknowledged with this notice stale                                reads
 *get the last honest row again slow MS                              answers are held back
 *so long silent                               reads nothing, says nothing login SEVERITY
 *SQLSTATE MESSAGE      resets all sessions, turns logins away down resets all sessions,
 *closes the port reset                                resets all sessions, and goes on as
 *before route N                              new sessions go to the N-th server (1: the
 *first)
 */
#include "liar.h"

#include "base/str.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

void liar_log(struct liar *liar, const char *fmt, ...)
{
	va_list args;

	printf("%" PRId64 " ", loop_now(liar->loop));
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	putchar('\n');
	fflush(stdout);
}

/* ---- The port -------------------------------------------------------------------------
 */

void liar_open_port(struct liar *l)
{
	socklen_t len = sizeof l->address;
	int one = 1;

	if (l->listen_fd >= 0)
		return;
	l->listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	setsockopt(l->listen_fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (bind(l->listen_fd, (struct sockaddr *)&l->address, len) < 0 ||
	    listen(l->listen_fd, 64) < 0 ||
	    getsockname(l->listen_fd, (struct sockaddr *)&l->address, &len) < 0) {
		perror("liar: listen");
		exit(1);
	}
	liar_log(l, "listening %d", ntohs(l->address.sin_port));
}

static void close_port(struct liar *l)
{
	if (l->listen_fd >= 0)
		close(l->listen_fd);
	l->listen_fd = -1;
}

static nsec_t prepare_port(struct source *source, struct loop *loop)
{
	struct liar *l =
		(struct liar *)((char *)source - offsetof(struct liar, listener));

	if (l->listen_fd >= 0 && l->manner.lie != LIE_SILENT)
		loop_want(loop, source, l->listen_fd, POLLIN);
	return NSEC_NEVER;
}

static void accept_clients(struct source *source, struct loop *loop)
{
	struct liar *l =
		(struct liar *)((char *)source - offsetof(struct liar, listener));
	int fd;

	(void)loop;
	while ((fd = accept4(l->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >=
	       0)
		pair_open(l, fd);
}

/* ---- Manners --------------------------------------------------------------------------
 */

static void reset_all(struct liar *l)
{
	for (struct pair *p = l->pairs; p; p = p->next)
		pair_reset(p);
}

void liar_turn_to(struct liar *l, const struct manner *manner)
{
	l->manner = *manner;
	if (manner->lie == LIE_DOWN)
		close_port(l);
	else
		liar_open_port(l);
	if (manner->lie == LIE_DOWN || manner->lie == LIE_LOGIN)
		reset_all(l);
}

static const struct {
	const char *word;
	enum lie lie;
	enum { NOTHING, ENDING, ERROR, MS } takes;
} words[] = {
	{ "honest", LIE_HONEST, NOTHING }, { "drop", LIE_DROP, NOTHING },
	{ "hide", LIE_HIDE, ENDING },      { "lose", LIE_LOSE, ENDING },
	{ "refuse", LIE_REFUSE, ERROR },   { "deny", LIE_DENY, ERROR },
	{ "warn", LIE_WARN, ERROR },       { "stale", LIE_STALE, NOTHING },
	{ "slow", LIE_SLOW, MS },          { "silent", LIE_SILENT, NOTHING },
	{ "login", LIE_LOGIN, ERROR },     { "down", LIE_DOWN, NOTHING },
};

static bool parse_ending(struct manner *m, const char *text)
{
	static const char *const names[] = { "reset", "close", "silence" };

	for (size_t i = 0; i < 3; i++) {
		m->ending = (enum ending)i;
		if (str_eq(text, names[i]))
			return true;
	}
	return false;
}

static bool parse_manner(struct manner *m, const char *text)
{
	size_t len = strcspn(text, " ");
	const char *rest = text + len + (text[len] == ' ');

	*m = (struct manner){ 0 };
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		if (strlen(words[i].word) != len || !str_starts(text, words[i].word))
			continue;
		m->lie = words[i].lie;
		m->delay = strtoll(rest, NULL, 10) * NSEC_PER_MSEC;
		if (words[i].takes == ENDING)
			return parse_ending(m, rest);
		if (words[i].takes == ERROR)
			return sscanf(rest, "%15s %5s %199[^\n]", m->severity,
			              m->sqlstate, m->message) == 3;
		return true;
	}
	return false;
}

static void obey(struct liar *l, const char *command)
{
	struct manner m;

	if (str_eq(command, "reset")) {
		reset_all(l);
	} else if (str_starts(command, "route ")) {
		size_t n = (size_t)strtol(command + 6, NULL, 10);

		if (n < 1 || n > l->server_count)
			goto unknown;
		l->server = n - 1;
	} else if (parse_manner(&m, command)) {
		liar_turn_to(l, &m);
	} else {
		goto unknown;
	}
	liar_log(l, "manner %s", command);
	return;
unknown:
	fprintf(stderr, "liar: what is \"%s\"?\n", command);
	exit(64);
}

/* ---- Commands -------------------------------------------------------------------------
 */

struct command {
	struct command *next;
	nsec_t at;
	char text[];
};

struct control {
	struct source source;
	struct liar *liar;
	struct buf in;
	bool ended;
	struct command *queue;
};

static void take_command(struct control *c, const char *line)
{
	struct command **end = &c->queue;
	struct command *command;
	char *text;
	nsec_t at;

	if (*line != '@') {
		obey(c->liar, line);
		dprintf(0, "%" PRId64 "\n", loop_now(c->liar->loop));
		return;
	}
	at = strtoll(line + 1, &text, 10);
	while (*end)
		end = &(*end)->next;
	command = xcalloc(1, sizeof *command + strlen(text));
	command->at = at;
	memcpy(command->text, text + 1, strlen(text));
	*end = command;
}

static void take_lines(struct control *c)
{
	char *end;

	while ((end = memchr(c->in.data, '\n', c->in.len))) {
		size_t len = (size_t)(end - c->in.data) + 1;

		*end = '\0';
		take_command(c, c->in.data);
		memmove(c->in.data, c->in.data + len, c->in.len - len);
		c->in.len -= len;
	}
}

static nsec_t prepare_control(struct source *source, struct loop *loop)
{
	struct control *c = (struct control *)source;

	if (!c->ended)
		loop_want(loop, source, 0, POLLIN);
	return c->queue ? c->queue->at : NSEC_NEVER;
}

static void wake_control(struct source *source, struct loop *loop)
{
	struct control *c = (struct control *)source;
	char data[4096];

	while (c->queue && c->queue->at <= loop_now(loop)) {
		struct command *command = c->queue;

		c->queue = command->next;
		obey(c->liar, command->text);
		free(command);
	}
	if (!c->ended && loop_ready(loop, 0)) {
		ssize_t n = read(0, data, sizeof data);

		c->ended = n <= 0;
		if (n > 0)
			buf_add(&c->in, data, (size_t)n);
		take_lines(c);
	}
}

/* ---- Start ----------------------------------------------------------------------------
 */

static struct sockaddr_in address(const char *text)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	const char *colon = strrchr(text, ':');
	char *host = colon ? xstrndup(text, (size_t)(colon - text)) : xstrdup("");

	if (inet_pton(AF_INET, host, &in.sin_addr) != 1) {
		fprintf(stderr, "liar: \"%s\" is not ADDRESS:PORT\n", text);
		exit(64);
	}
	in.sin_port = htons((uint16_t)strtol(colon + 1, NULL, 10));
	free(host);
	return in;
}

int main(int argc, char **argv)
{
	struct liar l = { .loop = loop_new(clock_system()), .listen_fd = -1 };
	struct control control = { .liar = &l, .in = BUF_INIT };

	if (argc < 3 || argc > 2 + MAX_SERVERS) {
		fprintf(stderr, "usage: liar ADDRESS:PORT SERVER:PORT...\n");
		return 64;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	l.row = (struct buf)BUF_INIT;
	l.address = address(argv[1]);
	for (int i = 2; i < argc; i++)
		l.servers[l.server_count++] = address(argv[i]);
	l.listener = (struct source){ .name = "port",
		                      .prepare = prepare_port,
		                      .wake = accept_clients };
	control.source = (struct source){ .name = "control",
		                          .prepare = prepare_control,
		                          .wake = wake_control };
	liar_open_port(&l);
	loop_add(l.loop, &l.listener);
	loop_add(l.loop, &control.source);
	for (;;)
		loop_turn(l.loop, NSEC_NEVER);
}
