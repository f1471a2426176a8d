/*
 * The table of outcomes (src/ledger/outcome.c) against those who speak: a real
 * PostgreSQL, a real standby of it, a real PgBouncer; and, for every row and severity,
 * through the liar, so that the transport brings over what was said.
 */
#include "provoke.h"

#include "base/str.h"

#include <signal.h>
#include <stdlib.h>

static void test_row(struct liar_process *l, const struct outcome_rule *rule,
                     const char *severity)
{
	const char *message = rule->message ? rule->message : "as the table says";
	struct pg_conn *conn;
	const struct pg_error *e;
	char sqlstate[6];
	char text[128];
	int key = new_key();

	snprintf(sqlstate, sizeof sqlstate, "%s", rule->sqlstate);
	for (char *c = sqlstate; *c; c++)
		if (*c == '*')
			*c = c < sqlstate + 2 ? 'Z' : '7';
	liar_tell(l, "refuse %s %s %s", severity, sqlstate, message);
	conn = try_at("127.0.0.1", l->port, "");
	run_sql(conn, "INSERT INTO t VALUES (%d)", key);
	e = pg_error(conn);
	snprintf(text, sizeof text, "%s %s %s comes over as it was said", severity,
	         sqlstate, message);
	check(e && str_eq(e->sqlstate, sqlstate) && str_eq(e->severity, severity) &&
	              str_eq(e->message, message) && pg_sent(conn),
	      text);
	/* The last row is for what those before it leave. */
	if (e && (rule->severity || !str_eq(rule->sqlstate, "*****")
	                  ? !rule->severity || str_eq(rule->severity, severity)
	                  : str_eq(severity, "FATAL")))
		check(outcome_rule_of(e->sqlstate, e->severity, e->message) == rule,
		      "and its row is found");
	check((pg_state(conn) == PG_READY) == str_eq(severity, "ERROR"),
	      "the session lives on after an ERROR only");
	pg_close(conn);
}

static void test_rows_through_liar(void)
{
	static const char *const severities[] = { "ERROR", "FATAL", "PANIC" };
	struct liar_process l;

	liar_start(&l, "rows", &db, NULL);
	for (const struct outcome_rule *r = outcome_rules; r->sqlstate; r++)
		for (size_t i = 0; *r->sqlstate && i < 3; i++)
			test_row(&l, r, severities[i]);
	liar_stop(&l);
}

/* ---- A statement that fails
 * ------------------------------------------------------------
 */

static const struct {
	const char *how, *more, *before, *sql, *sqlstate;
	enum outcome outcome;
} plain[] = {
	{ "a session told to be read-only", "", "SET default_transaction_read_only = on",
	  "INSERT INTO t VALUES (%d)", "25006", OUTCOME_REFUSED },
	{ "no right", "user=app", "SELECT 1", "INSERT INTO t VALUES (%d)", "42501",
	  OUTCOME_REFUSED },
	{ "no table", "", "SELECT 1", "INSERT INTO nowhere VALUES (%d)", "42P01",
	  OUTCOME_REFUSED },
	{ "division", "", "SELECT 1", "INSERT INTO t SELECT %d / 0", "22012",
	  OUTCOME_REFUSED },
	{ "no number", "", "SELECT 1", "INSERT INTO t SELECT %d + 'x'::text::int",
	  "22P02", OUTCOME_REFUSED },
	{ "a key twice", "", "SELECT 1",
	  "INSERT INTO t SELECT %d FROM generate_series(1, 2)", "23505",
	  OUTCOME_REFUSED },
	{ "a key twice, seen at the commit", "", "SELECT 1",
	  "INSERT INTO late SELECT %d FROM generate_series(1, 2)", "23505",
	  OUTCOME_REFUSED },
	{ "statement_timeout", "", "SET statement_timeout = 50",
	  "INSERT INTO t SELECT %d FROM pg_sleep(9)", "57014", OUTCOME_REFUSED },
	{ "a failed transaction", "", "BEGIN; SELECT 1 / 0", "INSERT INTO t VALUES (%d)",
	  "25P02", OUTCOME_REFUSED },
	{ "temp_file_limit", "", "SET temp_file_limit = '64kB'; SET work_mem = '64kB'",
	  "INSERT INTO t SELECT %d FROM (SELECT g FROM generate_series(1, 200000) g "
	  "ORDER "
	  "BY md5(g::text) OFFSET 1 LIMIT 1) s",
	  "53400", OUTCOME_REFUSED },
	{ "no sequence used", "", "SELECT 1", "INSERT INTO t SELECT %d + lastval()",
	  "55000", OUTCOME_REFUSED },
	{ "no file", "", "SELECT 1",
	  "INSERT INTO t SELECT %d + length(pg_read_file('nowhere'))", "58P01",
	  OUTCOME_REFUSED },
	{ "raised by a function", "", "SELECT 1",
	  "INSERT INTO t SELECT %d + fails('XX000')", "XX000", OUTCOME_REFUSED },
	{ "raised by a function", "", "SELECT 1",
	  "INSERT INTO t SELECT %d + fails('40003')", "40003", OUTCOME_IN_DOUBT },
	{ "raised by a function", "", "SELECT 1",
	  "INSERT INTO t SELECT %d + fails('08006')", "08006", OUTCOME_IN_DOUBT },
	{ "raised by a function", "", "SELECT 1",
	  "INSERT INTO t SELECT %d + fails('P0001')", "P0001", OUTCOME_REFUSED },
};

static void test_plain(void)
{
	for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++) {
		struct pg_conn *conn = try_db(plain[i].more);
		int key = new_key();

		run_sql(conn, "%s", plain[i].before);
		run_sql(conn, plain[i].sql, key);
		heard(plain[i].how, conn, plain[i].sqlstate, plain[i].outcome, key);
	}
}

/* ---- Logins ---------------------------------------------------------------------------
 */

static void test_logins(void)
{
	heard("a wrong password", try_db("user=locked password=wrong"), "28P01",
	      OUTCOME_REFUSED, 0);
	heard("pg_hba.conf", try_db("user=unwanted"), "28000", OUTCOME_REFUSED, 0);
	heard("no such database", try_db("dbname=nowhere"), "3D000", OUTCOME_REFUSED, 0);
	heard("CONNECTION LIMIT", try_db("user=crowd"), "53300", OUTCOME_REFUSED, 0);
	heard("a setting that is none", try_db("options='-c work_mem=much'"), "22023",
	      OUTCOME_REFUSED, 0);
}

/* ---- Locks and conflicts --------------------------------------------------------------
 */

static void test_locks(void)
{
	struct pg_conn *one = try_db("");
	struct pg_conn *two = try_db("");
	int key = new_key();

	run_sql(one, "BEGIN; LOCK TABLE t");
	run_sql(two, "SET lock_timeout = 50");
	run_sql(two, "INSERT INTO t VALUES (%d)", key);
	run_sql(one, "ROLLBACK");
	heard("lock_timeout", two, "55P03", OUTCOME_REFUSED, key);

	two = try_db("");
	run_sql(two, "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT FROM counter");
	run_sql(one, "UPDATE counter SET n = n + 1");
	key = new_key();
	run_sql(two,
	        "WITH u AS (UPDATE counter SET n = n + 1 RETURNING 1) INSERT INTO t "
	        "SELECT %d FROM u",
	        key);
	heard("a conflict of transactions", two, "40001", OUTCOME_REFUSED, key);
	pg_close(one);
}

/* ---- Sessions that are ended ----------------------------------------------------------
 */

static void end_backend(const char *how, struct pg_conn *conn)
{
	wait_true("SELECT count(*) = 1 FROM pg_stat_activity WHERE pid = %d AND state = "
	          "'active'",
	          pg_backend_pid(conn));
	admin("SELECT %s(%d)", how, pg_backend_pid(conn));
}

static void test_ended(void)
{
	struct pg_conn *conn = try_db("");
	int key = new_key();

	begin_sql(conn, "INSERT INTO t SELECT %d FROM pg_sleep(9)", key);
	end_backend("pg_terminate_backend", conn);
	settle(conn);
	heard("pg_terminate_backend under a statement", conn, "57P01", OUTCOME_IN_DOUBT,
	      key);

	conn = try_db("");
	key = new_key();
	admin("SELECT pg_terminate_backend(%d)", pg_backend_pid(conn));
	wait_seconds(0.1);
	run_sql(conn, "INSERT INTO t VALUES (%d)", key);
	heard("pg_terminate_backend between statements", conn, "57P01", OUTCOME_NOT_SENT,
	      key);

	conn = try_db("");
	key = new_key();
	run_sql(conn, "SET idle_session_timeout = 50");
	wait_seconds(0.2);
	run_sql(conn, "INSERT INTO t VALUES (%d)", key);
	heard("idle_session_timeout", conn, "57P05", OUTCOME_NOT_SENT, key);

	conn = try_db("");
	key = new_key();
	run_sql(conn, "SET idle_in_transaction_session_timeout = 50");
	run_sql(conn, "BEGIN; INSERT INTO t VALUES (%d)", key);
	wait_seconds(0.2);
	run_sql(conn, "COMMIT");
	heard("idle_in_transaction_session_timeout", conn, "25P03", OUTCOME_NOT_SENT,
	      key);
}

/* A commit that waits for a standby that is not there, and is told to stop. */
static void test_waits(void)
{
	struct pg_conn *conn = try_db("");
	int key = new_key();

	admin("ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
	admin("SELECT pg_reload_conf()");
	wait_true("SELECT current_setting('synchronous_standby_names') = 'nobody'");
	wait_seconds(0.1);
	begin_sql(conn, "INSERT INTO t VALUES (%d)", key);
	wait_true("SELECT count(*) = 1 FROM pg_stat_activity WHERE pid = %d AND "
	          "wait_event = 'SyncRep'",
	          pg_backend_pid(conn));
	admin("SELECT pg_cancel_backend(%d)", pg_backend_pid(conn));
	settle(conn);
	check(pg_state(conn) == PG_READY && !pg_error(conn) &&
	              str_eq(pg_command_tag(conn), "INSERT 0 1"),
	      "a wait that is canceled is acknowledged");
	check(pg_notice_count(conn) == 1 &&
	              outcome_is_weak_warning(pg_notice(conn, 0)->sqlstate,
	                                      pg_notice(conn, 0)->message),
	      "with a warning that makes the ack a weak one");
	check(key_is_there(key), "and the row is there");

	key = new_key();
	begin_sql(conn, "INSERT INTO t VALUES (%d)", key);
	wait_true("SELECT count(*) = 1 FROM pg_stat_activity WHERE pid = %d AND "
	          "wait_event = 'SyncRep'",
	          pg_backend_pid(conn));
	admin("SELECT pg_terminate_backend(%d)", pg_backend_pid(conn));
	settle(conn);
	check(key_is_there(key), "a session that is ended while it waits has committed");
	heard("pg_terminate_backend under a commit that waits", conn, "57P01",
	      OUTCOME_IN_DOUBT, key);
	admin("ALTER SYSTEM RESET synchronous_standby_names");
	admin("SELECT pg_reload_conf()");
	wait_seconds(0.1);
}

/* ---- The standby ----------------------------------------------------------------------
 */

static void wait_replayed(void)
{
	wait_true("SELECT bool_and(replay_lsn >= pg_current_wal_flush_lsn()) FROM "
	          "pg_stat_replication");
}

static void test_standby(void)
{
	struct pg_conn *conn;
	int key = new_key();

	wait_replayed();
	conn = try_at(copy.address, copy.port, "");
	run_sql(conn, "INSERT INTO t VALUES (%d)", key);
	heard("a standby", conn, "25006", OUTCOME_REFUSED, key);

	admin("CREATE TABLE gone AS SELECT generate_series(1, 1000) AS n");
	wait_replayed();
	conn = try_at(copy.address, copy.port, "");
	run_sql(conn, "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM gone");
	admin("DELETE FROM gone");
	admin("VACUUM gone");
	wait_seconds(1);
	run_sql(conn, "SELECT count(*) FROM gone");
	heard("a standby's recovery, in a transaction", conn, "40001", OUTCOME_NOT_SENT,
	      0);

	admin("CREATE DATABASE ends");
	wait_replayed();
	conn = try_at(copy.address, copy.port, "dbname=ends");
	begin_sql(conn, "SELECT pg_sleep(9)");
	admin("DROP DATABASE ends");
	settle(conn);
	heard("the database is dropped under a standby's session", conn, "57P04",
	      OUTCOME_IN_DOUBT, 0);
}

/* ---- The crash ------------------------------------------------------------------------
 */

static void kill_backend(struct pg_conn *conn)
{
	wait_true("SELECT count(*) = 1 FROM pg_stat_activity WHERE pid = %d AND state = "
	          "'active'",
	          pg_backend_pid(conn));
	if (kill(pg_backend_pid(conn), SIGKILL) < 0)
		perror("# kill");
}

static void test_crash(void)
{
	struct pg_conn *victim = try_db("");
	struct pg_conn *beside = try_db("");
	struct pg_conn *after;
	int key = new_key();
	bool up = false;

	begin_sql(beside, "INSERT INTO t SELECT %d FROM pg_sleep(9)", key);
	begin_sql(victim, "INSERT INTO t SELECT %d FROM pg_sleep(9)", new_key());
	kill_backend(victim);
	settle(victim);
	settle(beside);
	for (nsec_t until = in_seconds(10); !up && loop_now(loop) < until;) {
		after = try_db("");
		up = pg_state(after) == PG_READY;
		pg_close(after);
	}
	heard("its process is killed", victim, "", OUTCOME_IN_DOUBT, 0);
	heard("another process is killed", beside, "57P02", OUTCOME_IN_DOUBT, key);
}

/* A standby that lets nobody in. */
static void test_not_accepting(void)
{
	server_restart(&copy, "-c hot_standby=off");
	heard("a standby with hot_standby off", try_at(copy.address, copy.port, ""),
	      "57P03", OUTCOME_REFUSED, 0);
}

static void prepare(void)
{
	admin("CREATE TABLE t (k int PRIMARY KEY)");
	admin("CREATE TABLE late (k int PRIMARY KEY DEFERRABLE INITIALLY DEFERRED)");
	admin("CREATE TABLE counter AS SELECT 0 AS n");
	admin("CREATE FUNCTION fails(state text) RETURNS int LANGUAGE plpgsql AS "
	      "$$BEGIN RAISE 'as asked for' USING ERRCODE = state; END$$");
	admin("CREATE ROLE app LOGIN");
	admin("CREATE ROLE locked LOGIN PASSWORD 'right'");
	admin("CREATE ROLE unwanted LOGIN");
	admin("CREATE ROLE crowd LOGIN CONNECTION LIMIT 0");
}

int main(void)
{
	stage_open();
	if (!server_start(&db, "db1", "127.0.0.11")) {
		printf("1..0 # SKIP no PostgreSQL server is installed\n");
		return 0;
	}
	prepare();
	server_start_standby(&copy, "db2", "127.0.0.12", &db);
	test_rows_through_liar();
	test_plain();
	test_logins();
	test_locks();
	test_ended();
	test_waits();
	test_standby();
	provoke_pgbouncer();
	test_not_accepting();
	server_stop(&copy);
	test_crash();
	show_provoked();
	server_stop(&db);
	stage_close();
	return checks_end();
}
