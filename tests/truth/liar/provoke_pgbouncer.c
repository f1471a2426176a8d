/* A real PgBouncer, before a real server and before a liar. */
#include "provoke.h"

#include "base/str.h"
#include "transport/fake_pg.h"

#include <stdlib.h>

static struct liar_process liar;
static int port;

static struct pg_conn *through(const char *more)
{
	return try_at("127.0.0.1", port, more);
}

/* It becomes a daemon before it listens. */
static void await(void)
{
	nsec_t until = in_seconds(10);
	bool there = false;

	while (!there && loop_now(loop) < until) {
		struct pg_conn *conn = through("dbname=nowhere");

		there = str_eq(pg_error(conn)->sqlstate, "08P01");
		pg_close(conn);
		if (!there)
			wait_seconds(0.02);
	}
}

/* Each with settings of its own, on a port of its own. */
static void bouncer_start(const char *name, const char *settings)
{
	const char *path = stage_path("bouncer.ini");
	FILE *file = fopen(path, "we");

	close(fake_listen(&port));
	if (!file) {
		perror(path);
		exit(1);
	}
	fprintf(file,
	        "[databases]\n"
	        "good = host=%s port=%d dbname=postgres user=postgres\n"
	        "lied = host=127.0.0.1 port=%d dbname=postgres user=postgres\n"
	        "dead = host=127.0.0.1 port=1 dbname=postgres user=postgres\n"
	        "shut = host=%s port=%d dbname=postgres user=locked password=wrong\n"
	        "[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = %d\n"
	        "unix_socket_dir =\nauth_type = trust\nauth_file = users\npool_mode = "
	        "transaction\n"
	        "default_pool_size = 1\npidfile = %s.pid\nlogfile = %s.log\n%s\n",
	        db.address, db.port, liar.port, db.address, db.port, port, name, name,
	        settings);
	fclose(file);
	run_as_server("echo '\"postgres\" \"\"' >users");
	if (!run_as_server("PATH=$PATH:/usr/sbin pgbouncer -d bouncer.ini")) {
		printf("Bail out! pgbouncer does not start\n");
		exit(1);
	}
	await();
}

static void bouncer_stop(const char *name)
{
	run_as_server("kill $(cat %s.pid)", name);
}

/* A session that holds the only server connection. */
static struct pg_conn *occupy(void)
{
	struct pg_conn *conn = through("dbname=good");

	run_sql(conn, "BEGIN");
	return conn;
}

static void provoke_logins(void)
{
	struct pg_conn *conn;

	bouncer_start("logins", "client_login_timeout = 1");
	heard("PgBouncer", through("dbname=nowhere"), "08P01", OUTCOME_REFUSED, 0);
	heard("a server that refuses its password", through("dbname=shut"), "08P01",
	      OUTCOME_REFUSED, 0);
	heard("PgBouncer", through("dbname=good options='-c work_mem=1MB'"), "08P01",
	      OUTCOME_REFUSED, 0);
	conn = through("dbname=dead");
	pg_close(conn);
	heard("no server listens", through("dbname=dead"), "08P01", OUTCOME_REFUSED, 0);
	liar_tell(&liar, "silent");
	heard("a server that is silent", through("dbname=lied"), "08P01", OUTCOME_REFUSED,
	      0);
	liar_tell(&liar, "honest");
	bouncer_stop("logins");

	bouncer_start("few", "max_client_conn = 1");
	wait_seconds(
		0.1); /* until the last client that looked whether it is up is gone */
	conn = through("dbname=good");
	heard("max_client_conn", through("dbname=good"), "08P01", OUTCOME_REFUSED, 0);
	pg_close(conn);
	bouncer_stop("few");
}

static void provoke_waits(void)
{
	struct pg_conn *holder;
	struct pg_conn *conn;
	int key = new_key();

	bouncer_start("waits", "query_wait_timeout = 1\nclient_idle_timeout = 3");
	conn = through("dbname=good");
	holder = occupy();
	run_sql(conn, "INSERT INTO t VALUES (%d)", key);
	heard("query_wait_timeout", conn, "08P01", OUTCOME_REFUSED, key);
	pg_close(holder);
	conn = through("dbname=good");
	key = new_key();
	wait_seconds(4.5);
	run_sql(conn, "INSERT INTO t VALUES (%d)", key);
	heard("client_idle_timeout", conn, "08P01", OUTCOME_NOT_SENT, key);
	bouncer_stop("waits");

	bouncer_start("timeouts", "query_timeout = 1");
	conn = through("dbname=good");
	key = new_key();
	run_sql(conn, "INSERT INTO t SELECT %d FROM pg_sleep(5)", key);
	heard("query_timeout of a statement that runs", conn, "08P01", OUTCOME_IN_DOUBT,
	      key);
	conn = through("dbname=good");
	holder = occupy();
	key = new_key();
	run_sql(conn, "INSERT INTO t VALUES (%d)", key);
	heard("query_timeout of a statement that waits", conn, "08P01", OUTCOME_REFUSED,
	      key);
	pg_close(holder);
	bouncer_stop("timeouts");
}

/*
 * Sessions are there, and the server is not to be had any more: the first statement waits
 * for it, and once PgBouncer knows the next one is told.
 */
static void provoke_gone(void)
{
	struct pg_conn *first = through("dbname=lied");
	struct pg_conn *conn = through("dbname=lied");
	int key = new_key();

	run_sql(first, "SELECT 1");
	liar_tell(&liar, "down");
	wait_seconds(0.2);
	begin_sql(first, "SELECT 1");
	wait_seconds(0.5);
	run_sql(conn, "INSERT INTO t VALUES (%d)", key);
	heard("its server is gone", conn, "08P01", OUTCOME_REFUSED, key);
	pg_close(first);
	liar_tell(&liar, "honest");
}

/* The server is lost with a statement that it has committed, or has never seen. */
static void provoke_crashes(void)
{
	struct pg_conn *conn;
	int key = new_key();

	bouncer_start("crashes", "server_login_retry = 1");
	conn = through("dbname=lied");
	run_sql(conn, "SELECT 1");
	liar_tell(&liar, "hide reset");
	run_sql(conn, "INSERT INTO t VALUES (%d)", key);
	check(key_is_there(key), "PgBouncer's server was lost behind the commit");
	heard("its server is lost behind the commit", conn, "08P01", OUTCOME_IN_DOUBT,
	      key);
	liar_tell(&liar, "lose reset");
	key = new_key();
	conn = through("dbname=lied");
	run_sql(conn, "INSERT INTO t VALUES (%d)", key);
	check(!key_is_there(key), "PgBouncer's server was lost before the commit");
	heard("its server is lost before the commit", conn, "08P01", OUTCOME_IN_DOUBT,
	      key);
	liar_tell(&liar, "honest");
	provoke_gone();
	bouncer_stop("crashes");
}

void provoke_pgbouncer(void)
{
	if (!run_as_server("PATH=$PATH:/usr/sbin pgbouncer --version")) {
		printf("Bail out! PgBouncer is not installed (Debian: pgbouncer)\n");
		exit(1);
	}
	liar_start(&liar, "bounced", &db, NULL);
	provoke_logins();
	provoke_waits();
	provoke_crashes();
	liar_stop(&liar);
}
