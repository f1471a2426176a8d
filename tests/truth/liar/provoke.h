/*
 * What the test of the SQLSTATE table shares: which rows of it a real server or a real
 * PgBouncer was brought to say, and helpers that provoke.
 */
#ifndef TESTS_TRUTH_LIAR_PROVOKE_H
#define TESTS_TRUTH_LIAR_PROVOKE_H

#include "stage.h"

#include "ledger/outcome.h"

extern struct server db, copy; /* a primary and its standby */

/* Connects and waits, whatever comes of it. */
struct pg_conn *try_at(const char *address, int port, const char *more);
struct pg_conn *try_db(const char *more);

bool is_settled(void *conn);

/* Sends, and leaves it under way; dies where it cannot be sent. */
void begin_sql(struct pg_conn *conn, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* Sends if it can, and waits for the answer or the end. */
void run_sql(struct pg_conn *conn, const char *fmt, ...) PRINTF_LIKE(2, 3);
void settle(struct pg_conn *conn);

/* On a session of its own at the primary. */
void admin(const char *fmt, ...) PRINTF_LIKE(1, 2);

/* Waits until a query at the primary says true. */
void wait_true(const char *fmt, ...) PRINTF_LIKE(1, 2);

/* A key for a row of table t that nobody has used. */
int new_key(void);

/*
 * The connection has failed or its statement has: by this SQLSTATE, and by the table this
 * outcome.  A row that was refused or not sent is not there (key 0: none was written);
 * closes it.
 */
void heard(const char *how, struct pg_conn *conn, const char *sqlstate,
           enum outcome outcome, int key);

bool key_is_there(int key);

/* TAP, counted in one place for all files of the program. */
void check(bool passed, const char *what);
int checks_end(void); /* the exit code */

void provoke_pgbouncer(void); /* provoke_pgbouncer.c */
void show_provoked(void);

#endif
