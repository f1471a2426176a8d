/*
 * A liar stands between a client and a real PostgreSQL and, on command and at an exact
 * time, says what isn't so.  Private to liar.c, pair.c and lie.c; liar.c says how it is
 * used.
 */
#ifndef TESTS_TRUTH_LIAR_LIAR_H
#define TESTS_TRUTH_LIAR_LIAR_H

#include "base/buf.h"
#include "base/loop.h"

#include <netinet/in.h>
#include <stdio.h>

enum lie {
	LIE_HONEST,
	LIE_DROP,   /* rolled back, and acknowledged */
	LIE_HIDE,   /* committed, and the answer kept back */
	LIE_LOSE,   /* not passed on, and no answer */
	LIE_REFUSE, /* not passed on, and answered with an error */
	LIE_DENY,   /* committed, and answered with an error */
	LIE_WARN,   /* committed, and acknowledged with a notice */
	LIE_STALE,  /* reads get the last honest row once more */
	LIE_SLOW,   /* answers come later */
	LIE_SILENT, /* reads nothing, says nothing */
	LIE_LOGIN,  /* sessions are reset, logins answered with an error */
	LIE_DOWN,   /* sessions are reset, the port is closed */
};

enum ending { END_RESET, END_CLOSE, END_SILENCE };

struct manner {
	enum lie lie;
	enum ending ending;
	char severity[16];
	char sqlstate[6];
	char message[200];
	nsec_t delay;
};

#define MAX_SERVERS 4

struct pair;

struct liar {
	struct loop *loop;
	struct sockaddr_in address; /* that it listens on */
	struct sockaddr_in servers[MAX_SERVERS];
	size_t server_count;
	size_t server; /* that new sessions go to */
	struct source listener;
	int listen_fd; /* -1: closed */
	struct manner manner;
	struct pair *pairs;
	unsigned pair_count; /* numbers given */
	struct buf row;      /* the last one that a read was answered with */
};

/* A line of the log: "MONOTONIC_NS WHAT". */
void liar_log(struct liar *liar, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Takes up a manner: opens or closes the port, resets sessions where it says so. */
void liar_turn_to(struct liar *liar, const struct manner *manner);
void liar_open_port(struct liar *liar);

/* ---- pair.c: a client and its session at the server ------------------------------- */

/* Bytes on their way out, at the earliest when they are due. */
struct chunk {
	struct chunk *next;
	nsec_t due;
	size_t len, written;
	char *said; /* logged when the last byte is out; NULL: nothing */
	char data[];
};

struct side {
	int fd; /* -1: closed */
	struct buf in;
	struct chunk *out;
};

struct pair {
	struct source source;
	struct pair *next;
	struct liar *liar;
	unsigned number;
	struct side client, server;
	bool started; /* the startup packet was passed on */
	bool hushed;  /* says nothing any more */
	bool closing; /* as soon as all was said */

	/* The statement under way. */
	bool asked, write, failed;
	struct manner manner; /* at the moment when it came */
	struct buf keys;      /* " PROBE:SEQ" for each row */
};

void pair_open(struct liar *liar, int client);
void pair_say(struct pair *pair, const char *data, size_t len, const char *said);
void pair_pass_on(struct pair *pair, const char *data, size_t len);

/* The client gets a reset; the server may still finish what it was given. */
void pair_reset(struct pair *pair);
void pair_end(struct pair *pair, enum ending ending);

/* ---- lie.c: what is made of statements and answers --------------------------------- */

bool lie_to_login(struct pair *pair);
void lie_to_statement(struct pair *pair, const char *message, size_t len);
void lie_about_answer(struct pair *pair, const char *message, size_t len);

#endif
