/* What the tests of connections do again and again: connect, wait, look. */
#ifndef TESTS_TRANSPORT_PG_CLIENT_H
#define TESTS_TRANSPORT_PG_CLIENT_H

#include "transport/pg.h"

#include <stdio.h>
#include <stdlib.h>

static struct loop *loop; /* the test's main() makes it */

static inline nsec_t in_seconds(double s)
{
	return loop_now(loop) + seconds_to_nsec(s);
}

static inline struct pg_target *target_of(const char *fmt, int a, int b)
{
	struct pg_target *target = NULL;
	struct err err = { 0 };
	char conninfo[512];

	snprintf(conninfo, sizeof conninfo, fmt, a, b);
	if (!pg_target_parse(conninfo,
	                     "user=u dbname=d sslmode=disable gssencmode=disable",
	                     &target, &err)) {
		printf("Bail out! %s\n", err.message);
		exit(1);
	}
	return target;
}

static inline void count(struct pg_conn *conn, void *arg)
{
	(void)conn;
	(*(int *)arg)++;
}

static inline bool is_settled(void *arg)
{
	enum pg_state state = pg_state(arg);

	return state == PG_READY || state == PG_FAILED;
}

static inline bool is_failed(void *arg)
{
	return pg_state(arg) == PG_FAILED;
}

static int changes;

static inline struct pg_conn *connect_to(const struct pg_target *target, double seconds)
{
	struct pg_conn *conn;

	changes = 0;
	conn = pg_connect(loop, target, in_seconds(seconds), count, &changes);
	loop_wait(loop, is_settled, conn, in_seconds(10));
	return conn;
}

static inline const char *sqlstate(const struct pg_conn *conn)
{
	return pg_error(conn) ? pg_error(conn)->sqlstate : "(no error)";
}

#endif
