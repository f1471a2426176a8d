/*
 * A PostgreSQL server that does what a test tells it: a child process that accepts
 * connections on loopback and hands each to a function.
 *
 *	static void refuse(int fd)
 *	{
 *		fake_pg_startup(fd);
 *		fake_pg_error(fd, 'E', "FATAL", "57P03", "the database system is starting
 *up");
 *	}
 *	struct fake_pg server = fake_pg_start(refuse);
 *	…127.0.0.1:server.port…
 *	fake_pg_stop(&server);
 */
#ifndef TESTS_TRANSPORT_FAKE_PG_H
#define TESTS_TRANSPORT_FAKE_PG_H

#include <arpa/inet.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

struct fake_pg {
	int port;
	pid_t pid;
};

/* A listening socket on a free port of loopback. */
static inline int fake_listen(int *port)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	socklen_t len = sizeof in;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || bind(fd, (struct sockaddr *)&in, sizeof in) < 0 ||
	    listen(fd, 8) < 0 || getsockname(fd, (struct sockaddr *)&in, &len) < 0) {
		perror("fake server");
		exit(1);
	}
	*port = ntohs(in.sin_port);
	return fd;
}

static inline struct fake_pg fake_pg_start(void (*serve)(int fd))
{
	struct fake_pg server;
	int listener = fake_listen(&server.port);

	server.pid = fork();
	if (server.pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;) {
			int fd = accept(listener, NULL, NULL);

			if (fd < 0)
				_exit(1);
			serve(fd);
			close(fd);
		}
	}
	close(listener);
	return server;
}

static inline void fake_pg_stop(struct fake_pg *server)
{
	kill(server->pid, SIGKILL);
	waitpid(server->pid, NULL, 0);
}

static inline bool fake_read(int fd, void *to, size_t len)
{
	char *at = to;

	while (len) {
		ssize_t n = read(fd, at, len);

		if (n <= 0)
			return false;
		at += n;
		len -= (size_t)n;
	}
	return true;
}

static inline void fake_write(int fd, const void *data, size_t len)
{
	if (send(fd, data, len, MSG_NOSIGNAL) < 0)
		return;
}

static inline uint32_t fake_read_u32(int fd)
{
	uint32_t n = 0;

	return fake_read(fd, &n, sizeof n) ? ntohl(n) : 0;
}

/* Reads start packets, declining TLS and GSS, up to the real one. */
static inline bool fake_pg_startup(int fd)
{
	char rest[4096];

	for (;;) {
		uint32_t len = fake_read_u32(fd);
		uint32_t code = fake_read_u32(fd);

		if (len < 8 || len - 8 > sizeof rest || !fake_read(fd, rest, len - 8))
			return false;
		if (code == 196608)
			return true;
		fake_write(fd, "N", 1);
	}
}

static inline void fake_pg_message(int fd, char type, const void *body, size_t len)
{
	char out[4096];
	uint32_t total = htonl((uint32_t)len + 4);

	out[0] = type;
	memcpy(out + 1, &total, 4);
	memcpy(out + 5, body, len);
	fake_write(fd, out, len + 5);
}

/* type 'E' or 'N' */
static inline void fake_pg_error(int fd, char type, const char *severity,
                                 const char *sqlstate, const char *message)
{
	char body[1024];
	int n = snprintf(body, sizeof body, "S%s%cV%s%cC%s%cM%s%c", severity, 0, severity,
	                 0, sqlstate, 0, message, 0);

	fake_pg_message(fd, type, body, (size_t)n + 1);
}

static inline void fake_pg_ready(int fd)
{
	fake_pg_message(fd, 'Z', "I", 1);
}

/* AuthenticationOk, two parameters, a key, ReadyForQuery. */
static inline void fake_pg_welcome(int fd)
{
	fake_pg_message(fd, 'R', "\0\0\0\0", 4);
	fake_pg_message(fd, 'S', "server_version\00015.0",
	                sizeof "server_version\00015.0");
	fake_pg_message(fd, 'K', "\0\0\0\7\0\0\0\1", 8);
	fake_pg_ready(fd);
}

/* Waits for a message ('Q' for a statement); 0 when the client went away. */
static inline char fake_pg_read(int fd)
{
	char rest[4096];
	char type;
	uint32_t len;

	if (!fake_read(fd, &type, 1))
		return 0;
	len = fake_read_u32(fd);
	if (len < 4 || len - 4 > sizeof rest || !fake_read(fd, rest, len - 4))
		return 0;
	return type;
}

/* Closes so that the client gets a reset instead of an end of file. */
static inline void fake_reset(int fd)
{
	struct linger now = { .l_onoff = 1 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
	close(fd);
}

/* Waits until the client goes away. */
static inline void fake_wait_end(int fd)
{
	char c;

	while (read(fd, &c, 1) > 0)
		;
}

#endif
