/* The same promises kept by a real PostgreSQL. */
#include "transport/pg.h"

#include "tap.h"
#include "transport/pg_client.h"
#include "transport/postgres.h"

#include <stdlib.h>

static struct postgres server;

/* NULL and err where it cannot be connected to. */
static struct pg_conn *open_err(const char *conninfo, struct err *err)
{
	struct pg_target *target = NULL;
	struct pg_conn *conn = NULL;
	char extra[512];

	snprintf(extra, sizeof extra, "port=%d user=postgres dbname=postgres passfile=%s",
	         server.port, in_place("passfile"));
	if (pg_target_parse(conninfo, extra, &target, err))
		conn = pg_connect_wait(loop, target, in_seconds(10), err);
	pg_target_free(target);
	return conn;
}

static struct pg_conn *open_to(const char *conninfo)
{
	struct err err = { 0 };
	struct pg_conn *conn = open_err(conninfo, &err);

	if (!conn) {
		printf("Bail out! %s: %s\n", conninfo, err.message);
		exit(1);
	}
	return conn;
}

static bool query(struct pg_conn *conn, const char *sql)
{
	struct err err = { 0 };
	bool done = pg_query_wait(loop, conn, sql, in_seconds(10), &err);

	if (!done)
		printf("# %s\n", err.message);
	return done;
}

static void test_query(void)
{
	struct pg_conn *conn = open_to("host=localhost");
	char address[64];

	ok(query(conn, "SELECT 1, NULL, 'x' UNION ALL SELECT 2, 'b', 'y'"), "a query");
	is_int(pg_rows(conn), 2, "rows");
	is_int(pg_columns(conn), 3, "columns");
	is_str(pg_value(conn, 1, 1), "b", "a value");
	is_str(pg_value(conn, 0, 1), NULL, "SQL NULL");
	is_str(pg_value(conn, 2, 0), NULL, "beyond the last row");
	is_str(pg_command_tag(conn), "SELECT 2", "command tag");
	ok(query(conn, "SHOW client_encoding"), "encoding");
	is_str(pg_value(conn, 0, 0), "UTF8", "is the server's");
	ok(query(conn, "SELECT application_name, pg_backend_pid(), client_port "
	               "FROM pg_stat_activity WHERE pid = pg_backend_pid()"),
	   "what the server knows of us");
	is_str(pg_value(conn, 0, 0), "pgmonkey", "our name");
	is_int(strtol(pg_value(conn, 0, 1), NULL, 10), pg_backend_pid(conn),
	       "backend pid");
	ok(strstr(pg_local_address(conn), pg_value(conn, 0, 2)) != NULL, "our port");
	snprintf(address, sizeof address, ":%d", server.port);
	ok(strstr(pg_remote_address(conn), address) != NULL, "the server's port");
	ok(pg_parameter(conn, "server_version") != NULL, "server_version");
	ok(!query(conn, "SELECT 1/0"), "an error");
	is_str(pg_error(conn)->sqlstate, "22012", "its SQLSTATE");
	is_int(pg_state(conn), PG_READY, "the connection goes on");
	ok(query(conn, "CREATE TEMP TABLE t(a int); INSERT INTO t VALUES (1)"),
	   "two statements");
	is_str(pg_command_tag(conn), "INSERT 0 1", "the last one's tag");
	ok(query(conn, "DO $$BEGIN RAISE WARNING 'w'; END$$"), "a warning");
	is_int((int64_t)pg_notice_count(conn), 1, "is kept");
	is_str(pg_notice(conn, 0)->sqlstate, "01000", "with its SQLSTATE");
	ok(query(conn, "SELECT"), "no column");
	is_int((int64_t)pg_notice_count(conn), 0,
	       "the next statement has its own notices");
	ok(query(conn, "") && query(conn, "LISTEN x; NOTIFY x"),
	   "nothing, and a notification");
	ok(!query(conn, "COPY t FROM STDIN"), "COPY IN is declined");
	ok(query(conn, "SELECT 1"), "and the connection goes on");
	pg_close(conn);
}

static void test_quoting(void)
{
	struct pg_conn *conn = open_to("host=localhost");
	const char *const text = "it's \\ \"q\" $$";
	char *literal = pg_quote_literal(text);
	char *identifier = pg_quote_identifier(text);
	char sql[256];

	for (int on = 0; on < 2; on++) {
		snprintf(sql, sizeof sql, "SET standard_conforming_strings = %s",
		         on ? "on" : "off");
		ok(query(conn, sql), sql);
		snprintf(sql, sizeof sql, "SELECT %s AS %s", literal, identifier);
		ok(query(conn, sql), "quoted");
		is_str(pg_value(conn, 0, 0), text, "comes back");
	}
	free(literal);
	free(identifier);
	pg_close(conn);
}

static void test_refusals(void)
{
	static const struct {
		const char *conninfo;
		const char *message;
		const char *hint;
	} cases[] = {
		{ "host=localhost password=wrong", "FATAL 28P01", "passfile" },
		{ "host=localhost dbname=nope", "FATAL 3D000", "create the database" },
		{ "host=localhost target_session_attrs=standby",
		  "server is not in hot standby mode", "" },
		{ "host=localhost,localhost target_session_attrs=read-only",
		  "session is not read-only", "" },
		{ "host=localhost passfile=/nonexistent", "no password supplied",
		  "passfile" },
	};
	struct pg_conn *conn;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct err err = { 0 };

		ok(!open_err(cases[i].conninfo, &err), cases[i].conninfo);
		ok(strstr(err.message, cases[i].message) != NULL, err.message);
		ok(strstr(err.hint, cases[i].hint) != NULL, "hint");
		ok(!strstr(err.message, "sesame"), "no password in it");
	}
	conn = open_to("host=localhost target_session_attrs=prefer-standby");
	ok(true, "prefer-standby takes a primary in its second pass");
	pg_close(conn);
}

static void test_full(void)
{
	struct pg_conn *conns[8] = { NULL };
	struct err err = { 0 };
	size_t n = 0;

	while (n < 8 && (conns[n] = open_err("host=localhost", &err)))
		n++;
	ok(n >= 7, "as many as the server takes");
	if (n < 8)
		ok(strstr(err.message, "FATAL 53300") != NULL, err.message);
	else
		ok(!open_err("host=localhost", &err) &&
		           strstr(err.message, "FATAL 53300"),
		   err.message);
	while (n)
		pg_close(conns[--n]);
}

static void terminate(struct pg_conn *by, int pid)
{
	char sql[80];

	snprintf(sql, sizeof sql, "SELECT pg_terminate_backend(%d)", pid);
	ok(query(by, sql), "terminated by another");
}

static void test_terminated(void)
{
	struct pg_conn *by = open_to("host=localhost");
	struct pg_conn *conn = open_to("host=localhost");

	terminate(by, pg_backend_pid(conn));
	ok(loop_wait(loop, is_failed, conn, in_seconds(5)), "an idle connection notices");
	is_str(pg_error(conn)->sqlstate, "57P01", "why");
	ok(!pg_sent(conn), "nothing was sent");
	pg_close(conn);

	conn = open_to("host=localhost");
	ok(pg_send(conn, "SELECT pg_sleep(30)"), "a long statement");
	terminate(by, pg_backend_pid(conn));
	ok(loop_wait(loop, is_failed, conn, in_seconds(5)), "fails");
	is_str(pg_error(conn)->sqlstate, "57P01", "with the server's reason");
	is_str(pg_error(conn)->severity, "FATAL", "and severity");
	ok(pg_sent(conn), "it was sent: in doubt");
	pg_close(conn);
	pg_close(by);
}

struct rows {
	int64_t count;
	int64_t sum;
	size_t longest;
};

static void on_row(const char *line, size_t len, void *arg)
{
	struct rows *rows = arg;

	rows->count++;
	rows->sum += strtoll(line, NULL, 10);
	if (strlen(line) != len)
		rows->sum = -1;
	if (len > rows->longest)
		rows->longest = len;
}

static void test_copy(const char *conninfo)
{
	struct pg_conn *conn = open_to(conninfo);
	struct rows rows = { .count = 0 };

	ok(pg_copy_out(conn,
	               "COPY (SELECT i, repeat('x', i % 100) FROM generate_series(1, "
	               "200000) i) "
	               "TO STDOUT",
	               on_row, &rows),
	   conninfo);
	ok(loop_wait(loop, is_settled, conn, in_seconds(20)), "ends");
	is_int(pg_state(conn), PG_READY, "ready again");
	is_int(rows.count, 200000, "every row");
	is_int(rows.sum, (int64_t)200000 * 200001 / 2, "as it was");
	is_str(pg_command_tag(conn), "COPY 200000", "command tag");
	rows = (struct rows){ .count = 0 };
	ok(pg_copy_out(conn, "COPY (SELECT 1, repeat('x', 3000000)) TO STDOUT", on_row,
	               &rows) &&
	           loop_wait(loop, is_settled, conn, in_seconds(20)),
	   "a long row");
	is_int((int64_t)rows.longest, 3000002, "whole");
	ok(pg_copy_out(
		   conn,
		   "COPY (SELECT 10 / (3 - i) FROM generate_series(1, 5) i) TO STDOUT",
		   on_row, &rows) &&
	           loop_wait(loop, is_settled, conn, in_seconds(20)),
	   "an error among rows");
	ok(pg_error(conn) && strcmp(pg_error(conn)->sqlstate, "22012") == 0, "is told");
	rows = (struct rows){ .count = 0 };
	ok(query(conn, "COPY (SELECT 1) TO STDOUT"), "COPY without a reader");
	is_int(rows.count, 0, "goes nowhere");
	pg_close(conn);
}

static void test_tls(void)
{
	char conninfo[600];
	struct pg_conn *conn;
	struct err err = { 0 };

	if (!server.tls) {
		printf("# TLS not tested: openssl(1) makes no certificate here\n");
		return;
	}
	snprintf(conninfo, sizeof conninfo,
	         "host=localhost sslmode=verify-full sslrootcert=%s",
	         in_place("cert.pem"));
	conn = open_to(conninfo);
	ok(query(conn, "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"),
	   "asked");
	is_str(pg_value(conn, 0, 0), "t",
	       "TLS, the name verified though we gave the address");
	pg_close(conn);
	test_copy(conninfo);
	snprintf(conninfo, sizeof conninfo,
	         "host=127.0.0.1 sslmode=verify-full sslrootcert=%s",
	         in_place("cert.pem"));
	ok(!open_err(conninfo, &err), "a name that the certificate has not");
	ok(strstr(err.message, "does not match host name") != NULL, err.message);
}

int main(void)
{
	char conninfo[300];

	if (!postgres_find(&server))
		return skip_all("no PostgreSQL server here: install postgresql");
	place_make();
	if (!postgres_start(&server)) {
		place_show("log");
		place_show("data/server.log");
		printf("Bail out! PostgreSQL does not start\n");
		return 1;
	}
	loop = loop_new(clock_system());
	place_write("passfile", 0600, "localhost:*:*:*:sesame\n");
	test_query();
	test_quoting();
	test_refusals();
	test_terminated();
	snprintf(conninfo, sizeof conninfo, "host=%s password=sesame", place);
	test_copy(conninfo);
	test_tls();
	test_full();
	loop_free(loop);
	postgres_stop(&server);
	if (tap_failed)
		place_show("server.log");
	place_remove();
	return done_testing();
}
