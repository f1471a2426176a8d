#include "provoke.h"

#include "base/str.h"
#include "tap.h"

#include <stdarg.h>
#include <stdlib.h>

struct server db, copy;

static const char *provoked[100]; /* beside outcome_rules[] */
static char hows[100][160];

void check(bool passed, const char *what)
{
	ok(passed, what);
}

int checks_end(void)
{
	return done_testing();
}

/* ---- Sessions and statements ----------------------------------------------------------
 */

bool is_settled(void *conn)
{
	enum pg_state state = pg_state(conn);

	return state == PG_READY || state == PG_FAILED;
}

static void nothing(struct pg_conn *conn, void *arg)
{
	(void)conn;
	(void)arg;
}

void settle(struct pg_conn *conn)
{
	loop_wait(loop, is_settled, conn, in_seconds(15));
}

struct pg_conn *try_at(const char *address, int port, const char *more)
{
	struct pg_target *target = target_at(address, port, more);
	struct pg_conn *conn = pg_connect(loop, target, in_seconds(15), nothing, NULL);

	settle(conn);
	pg_target_free(target);
	return conn;
}

struct pg_conn *try_db(const char *more)
{
	return try_at(db.address, db.port, more);
}

static bool send_va(struct pg_conn *conn, const char *fmt, va_list args)
{
	char sql[1024];

	vsnprintf(sql, sizeof sql, fmt, args);
	return pg_send(conn, sql);
}

void begin_sql(struct pg_conn *conn, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	if (!send_va(conn, fmt, args)) {
		printf("Bail out! cannot send %s: %s\n", fmt,
		       pg_error(conn) ? pg_error(conn)->message : "");
		exit(1);
	}
	va_end(args);
}

void run_sql(struct pg_conn *conn, const char *fmt, ...)
{
	va_list args;
	bool sent;

	va_start(args, fmt);
	sent = send_va(conn, fmt, args);
	va_end(args);
	if (sent)
		settle(conn);
}

void admin(const char *fmt, ...)
{
	struct pg_conn *conn = open_server(&db);
	char sql[1024];
	va_list args;

	va_start(args, fmt);
	vsnprintf(sql, sizeof sql, fmt, args);
	va_end(args);
	must_query(conn, sql);
	pg_close(conn);
}

void wait_true(const char *fmt, ...)
{
	struct pg_conn *conn = open_server(&db);
	nsec_t until = in_seconds(15);
	char sql[1024];
	va_list args;
	bool is;

	va_start(args, fmt);
	vsnprintf(sql, sizeof sql, fmt, args);
	va_end(args);
	do {
		must_query(conn, sql);
		is = str_eq(pg_value(conn, 0, 0), "t");
		if (!is)
			wait_seconds(0.02);
	} while (!is && loop_now(loop) < until);
	if (!is)
		printf("# never true: %s\n", sql);
	pg_close(conn);
}

/* ---- What was heard
 * --------------------------------------------------------------------
 */

int new_key(void)
{
	static int last;

	return ++last;
}

bool key_is_there(int key)
{
	struct pg_conn *conn = open_server(&db);
	char sql[80];
	bool there;

	snprintf(sql, sizeof sql, "SELECT count(*) FROM t WHERE k = %d", key);
	must_query(conn, sql);
	there = str_eq(pg_value(conn, 0, 0), "1");
	pg_close(conn);
	return there;
}

static void mark(const char *how, const struct pg_error *e)
{
	const struct outcome_rule *rule =
		outcome_rule_of(e->sqlstate, e->severity, e->message);
	size_t i = rule ? (size_t)(rule - outcome_rules) : 0;

	if (!rule || provoked[i])
		return;
	snprintf(hows[i], sizeof hows[i], "%s: %s %s \"%.80s\"", how, e->severity,
	         e->sqlstate, e->message);
	provoked[i] = hows[i];
}

void heard(const char *how, struct pg_conn *conn, const char *sqlstate,
           enum outcome outcome, int key)
{
	static const struct pg_error none = { .message = "(no error)" };
	const struct pg_error *e = pg_error(conn) ? pg_error(conn) : &none;
	enum moment moment = pg_never_established(conn) ? MOMENT_CONNECTING
	                     : pg_sent(conn)            ? MOMENT_SENT
	                                                : MOMENT_UNSENT;
	enum outcome got = outcome_of_error(moment, e->sqlstate, e->severity, e->message);
	char text[400];

	snprintf(text, sizeof text, "%s: %s %s %.100s", how, e->severity, e->sqlstate,
	         e->message);
	ok(pg_error(conn) && str_eq(e->sqlstate, sqlstate), text);
	if (!str_eq(e->sqlstate, sqlstate))
		printf("#   wanted %s\n", sqlstate);
	is_str(outcome_name(got), outcome_name(outcome), how);
	if (pg_error(conn))
		mark(how, e);
	pg_close(conn);
	if (key && (got == OUTCOME_REFUSED || got == OUTCOME_NOT_SENT))
		ok(!key_is_there(key), "and no row is there");
}

/* ---- What was not
 * ----------------------------------------------------------------------
 */

/* Rows that nobody was brought to say, and why not. */
static const struct {
	const char *sqlstate, *message, *why;
} unprovoked[] = {
	{ "08P01", "pause failed", "PgBouncer says it when it is out of memory" },
	{ "08P01", "server login failed",
	  "PgBouncer 1.18 gives the server's own words, to clients whose login waits" },
	{ "*****", NULL, "PANIC: the disk of the WAL must fail" },
};

static const char *why_not(const struct outcome_rule *rule)
{
	for (size_t i = 0; i < sizeof unprovoked / sizeof unprovoked[0]; i++)
		if (str_eq(rule->sqlstate, unprovoked[i].sqlstate) &&
		    str_eq(rule->message, unprovoked[i].message) &&
		    (rule->message || str_eq(rule->severity, "PANIC")))
			return unprovoked[i].why;
	return NULL;
}

void show_provoked(void)
{
	size_t said = 0;
	size_t all = 0;

	for (const struct outcome_rule *r = outcome_rules; r->sqlstate; r++, all++) {
		const char *how = provoked[r - outcome_rules];
		char text[200];

		printf("# %-10s %-5s %-8s %s %s\n", r->who,
		       *r->sqlstate ? r->sqlstate : "(none)",
		       r->severity ? r->severity : "", r->message ? r->message : "",
		       how ? "" : "NOT PROVOKED");
		printf("#       %s, %s\n", outcome_name(r->sent),
		       how          ? how
		       : why_not(r) ? why_not(r)
		                    : "for no reason");
		said += how != NULL;
		snprintf(text, sizeof text, "%s %s %s was provoked, or there is a reason",
		         r->sqlstate, r->severity ? r->severity : "",
		         r->message ? r->message : "");
		ok(how || why_not(r), text);
	}
	printf("# %zu of %zu rows were provoked\n", said, all);
}
