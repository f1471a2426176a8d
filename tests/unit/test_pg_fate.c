/* A statement's fate: what an answer, half of one, or none at all means. */
#include "transport/pg_private.h"

#include "tap.h"
#include "transport/fake_pg.h"
#include "transport/pg_client.h"

#include <netinet/tcp.h>
#include <poll.h>

static void reset_after_query(int fd)
{
	fake_pg_startup(fd);
	fake_pg_welcome(fd);
	fake_pg_read(fd);
	fake_reset(fd);
}

static void shutdown_in_query(int fd)
{
	fake_pg_startup(fd);
	fake_pg_welcome(fd);
	fake_pg_read(fd);
	fake_pg_error(fd, 'E', "FATAL", "57P01", "terminating connection");
	fake_wait_end(fd); /* the link is slow to close */
}

static void error_then_end(int fd)
{
	fake_pg_startup(fd);
	fake_pg_welcome(fd);
	fake_pg_read(fd);
	fake_pg_error(fd, 'E', "ERROR", "25006", "cannot execute INSERT");
}

static void half_an_answer(int fd)
{
	fake_pg_startup(fd);
	fake_pg_welcome(fd);
	fake_pg_read(fd);
	fake_pg_message(fd, 'C', "INSERT 0 1", sizeof "INSERT 0 1");
	/* no ReadyForQuery */
}

static void ack_then_end(int fd)
{
	half_an_answer(fd);
	fake_pg_ready(fd);
}

static void ack_then_fatal(int fd)
{
	int cork = 1;

	fake_pg_startup(fd);
	fake_pg_welcome(fd);
	fake_pg_read(fd);
	setsockopt(fd, IPPROTO_TCP, TCP_CORK, &cork, sizeof cork);
	fake_pg_message(fd, 'C', "INSERT 0 1", sizeof "INSERT 0 1");
	fake_pg_ready(fd);
	fake_pg_error(fd, 'E', "FATAL", "57P01", "terminating connection");
	cork = 0;
	setsockopt(fd, IPPROTO_TCP, TCP_CORK, &cork, sizeof cork);
	fake_wait_end(fd);
}

/* As PostgreSQL tells of the crash of another of its processes. */
static void crash_in_query(int fd)
{
	fake_pg_startup(fd);
	fake_pg_welcome(fd);
	fake_pg_read(fd);
	fake_pg_error(fd, 'N', "WARNING", "57P02",
	              "terminating connection because of crash");
}

static void ack_then_shutdown(int fd)
{
	fake_pg_startup(fd);
	fake_pg_welcome(fd);
	fake_pg_read(fd);
	fake_pg_message(fd, 'C', "INSERT 0 1", sizeof "INSERT 0 1");
	fake_pg_ready(fd);
	fake_pg_read(fd); /* the end of a first client, or nothing */
}

static void never_answers(int fd)
{
	fake_pg_startup(fd);
	fake_pg_welcome(fd);
	fake_wait_end(fd);
}

static void test_fates(void)
{
	static const struct {
		void (*serve)(int fd);
		enum pg_state state;
		const char *sqlstate;
		const char *what;
	} cases[] = {
		{ reset_after_query, PG_FAILED, "", "reset after the query: in doubt" },
		{ shutdown_in_query, PG_FAILED, "57P01", "shut down while it ran" },
		{ crash_in_query, PG_FAILED, "57P02", "a crash, told in a warning" },
		{ error_then_end, PG_FAILED, "25006", "an error, then the end" },
		{ half_an_answer, PG_FAILED, "", "CommandComplete alone is no answer" },
		{ ack_then_end, PG_READY, "(no error)",
		  "an ack counts, whatever follows" },
		{ ack_then_fatal, PG_READY, "(no error)", "even in the same breath" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct fake_pg server = fake_pg_start(cases[i].serve);
		struct pg_target *target =
			target_of("host=127.0.0.1 port=%d", server.port, 0);
		struct pg_conn *conn = connect_to(target, 5);

		ok(pg_send(conn, "INSERT"), "sent");
		is_int(pg_state(conn), PG_BUSY, "busy");
		ok(pg_sent(conn), "it may have left");
		loop_wait(loop, is_settled, conn, in_seconds(5));
		is_int(pg_state(conn), cases[i].state, cases[i].what);
		is_str(sqlstate(conn), cases[i].sqlstate, "SQLSTATE");
		ok(!pg_never_established(conn), "it had been established");
		if (cases[i].state == PG_READY) {
			is_str(pg_command_tag(conn), "INSERT 0 1", "its tag");
			loop_wait(loop, is_failed, conn, in_seconds(5));
			is_int(pg_state(conn), PG_FAILED, "then the end is noticed");
		}
		pg_close(conn);
		pg_target_free(target);
		fake_pg_stop(&server);
	}
}

/* A session that answered before, and was lost while nothing was asked. */
static void test_sent_before(void)
{
	struct fake_pg server = fake_pg_start(ack_then_shutdown);
	struct pg_target *target = target_of("host=127.0.0.1 port=%d", server.port, 0);
	struct pg_conn *conn = connect_to(target, 5);
	struct err err = { 0 };

	ok(pg_query_wait(loop, conn, "INSERT", in_seconds(5), &err), "acked");
	fake_pg_stop(&server);
	loop_wait(loop, is_failed, conn, in_seconds(5));
	ok(pg_sent(conn), "the last statement was sent");
	ok(!pg_send(conn, "INSERT"), "the next one is not taken");
	ok(!pg_sent(conn), "and was not sent, though the one before was");
	pg_close(conn);
	pg_target_free(target);
}

static void test_reset_is_named(void)
{
	struct fake_pg server = fake_pg_start(reset_after_query);
	struct pg_target *target = target_of("host=127.0.0.1 port=%d", server.port, 0);
	struct pg_conn *conn = connect_to(target, 5);

	ok(pg_send(conn, "INSERT"), "sent");
	loop_wait(loop, is_settled, conn, in_seconds(5));
	ok(!strstr(pg_error(conn)->message, "invalid socket"), pg_error(conn)->message);
	pg_close(conn);
	pg_target_free(target);
	fake_pg_stop(&server);
}

static void test_deadline(void)
{
	struct fake_pg server = fake_pg_start(never_answers);
	struct pg_target *target = target_of("host=127.0.0.1 port=%d", server.port, 0);
	struct pg_conn *conn = connect_to(target, 5);
	struct err err = { 0 };

	ok(!pg_query_wait(loop, conn, "SELECT 1", in_seconds(0.03), &err), "no answer");
	ok(strstr(err.message, "no answer within") != NULL, err.message);
	is_int(pg_state(conn), PG_FAILED, "the connection is not used again");
	ok(!pg_send(conn, "SELECT 1"), "and takes nothing");
	pg_close(conn);
	pg_target_free(target);
	fake_pg_stop(&server);
}

/* ---- Unasked ---------------------------------------------------------------------- */

static void fatal_when_idle(int fd)
{
	fake_pg_startup(fd);
	fake_pg_welcome(fd);
	fake_pg_error(fd, 'E', "FATAL", "57P01",
	              "terminating connection due to administrator command");
}

static void hang_up_when_idle(int fd)
{
	fake_pg_startup(fd);
	fake_pg_welcome(fd);
}

static void test_idle(void)
{
	void (*const serves[])(int) = { fatal_when_idle, hang_up_when_idle };
	static const char *const states[] = { "57P01", "" };

	for (size_t i = 0; i < 2; i++) {
		struct fake_pg server = fake_pg_start(serves[i]);
		struct pg_target *target =
			target_of("host=127.0.0.1 port=%d", server.port, 0);
		struct pg_conn *conn = connect_to(target, 5);

		ok(loop_wait(loop, is_failed, conn, in_seconds(5)),
		   "noticed without a statement");
		is_str(sqlstate(conn), states[i], "with the server's reason");
		ok(!pg_sent(conn), "nothing was sent");
		is_int(changes, 2, "READY and FAILED were told");
		pg_close(conn);

		/* The same, found by pg_send() before the loop could. */
		conn = connect_to(target, 5);
		poll(&(struct pollfd){ .fd = PQsocket(conn->pg), .events = POLLIN }, 1,
		     5000);
		ok(pg_state(conn) == PG_FAILED || !pg_send(conn, "INSERT"), "not taken");
		is_int(pg_state(conn), PG_FAILED, "found when about to send");
		ok(!pg_sent(conn), "and so not sent");
		is_str(sqlstate(conn), states[i], "with the same reason");
		pg_close(conn);
		pg_target_free(target);
		fake_pg_stop(&server);
	}
}

static void weak_ack(int fd)
{
	fake_pg_startup(fd);
	fake_pg_welcome(fd);
	fake_pg_read(fd);
	for (int i = 0; i < 9; i++)
		fake_pg_error(fd, 'N', "NOTICE", "00000", "noise");
	fake_pg_error(fd, 'N', "WARNING", "01000",
	              "canceling wait for synchronous replication due to user request");
	fake_pg_message(fd, 'C', "INSERT 0 1", sizeof "INSERT 0 1");
	fake_pg_ready(fd);
	fake_wait_end(fd);
}

static void test_notices(void)
{
	struct fake_pg server = fake_pg_start(weak_ack);
	struct pg_target *target = target_of("host=127.0.0.1 port=%d", server.port, 0);
	struct pg_conn *conn = connect_to(target, 5);
	struct err err = { 0 };

	ok(pg_query_wait(loop, conn, "INSERT", in_seconds(5), &err), "acked");
	is_str(pg_command_tag(conn), "INSERT 0 1", "command tag");
	is_int((int64_t)pg_notice_count(conn), 8, "the newest notices are kept");
	is_str(pg_notice(conn, 7)->sqlstate, "01000", "the warning is the last");
	is_str(pg_notice(conn, 7)->severity, "WARNING", "its severity");
	ok(!pg_notice(conn, 8), "there are no more");
	pg_close(conn);
	pg_target_free(target);
	fake_pg_stop(&server);
}

int main(void)
{
	loop = loop_new(clock_system());
	test_fates();
	test_sent_before();
	test_reset_is_named();
	test_deadline();
	test_idle();
	test_notices();
	loop_free(loop);
	return done_testing();
}
