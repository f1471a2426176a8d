/* Connecting: who leads to the next host, and what is known of a failure. */
#include "transport/pg.h"

#include "tap.h"
#include "transport/fake_pg.h"
#include "transport/pg_client.h"

static void silent(int fd)
{
	fake_wait_end(fd);
}

static void starting_up(int fd)
{
	fake_pg_startup(fd);
	fake_pg_error(fd, 'E', "FATAL", "57P03", "the database system is starting up");
}

static void wrong_password(int fd)
{
	fake_pg_startup(fd);
	fake_pg_error(fd, 'E', "FATAL", "28P01", "password authentication failed");
}

static void hang_up(int fd)
{
	fake_pg_startup(fd);
}

static void well(int fd)
{
	if (!fake_pg_startup(fd))
		return;
	fake_pg_welcome(fd);
	while (fake_pg_read(fd) == 'Q') {
		fake_pg_message(fd, 'C', "INSERT 0 1", sizeof "INSERT 0 1");
		fake_pg_ready(fd);
	}
}

static void test_silent(void)
{
	struct fake_pg server = fake_pg_start(silent);
	struct pg_target *target = target_of("host=127.0.0.1 port=%d", server.port, 0);
	nsec_t started = loop_now(loop);
	struct pg_conn *conn = connect_to(target, 0.3);

	is_int(pg_state(conn), PG_FAILED, "a silent server: failed at the deadline");
	ok(loop_now(loop) - started < 5 * NSEC_PER_SEC, "not later");
	is_str(sqlstate(conn), "", "no server said anything");
	ok(strstr(pg_error(conn)->message, "did not answer") != NULL,
	   "the message says so");
	ok(pg_never_established(conn), "never established");
	is_int(changes, 1, "one change of state was told");
	pg_close(conn);
	pg_target_free(target);
	fake_pg_stop(&server);
}

/* What libpq's users know: who leads to the next host, and who does not. */
static void test_next_host(void)
{
	static const struct {
		void (*first)(int fd);
		const char *sqlstate; /* "(no error)": connected to the second */
		const char *what;
	} cases[] = {
		{ starting_up, "(no error)", "57P03 leads to the next host" },
		{ silent, "(no error)", "silence leads to the next host" },
		{ wrong_password, "28P01", "a refusal ends it" },
		{ hang_up, "", "an end of file after the start packet ends it" },
	};
	struct fake_pg second = fake_pg_start(well);

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct fake_pg first = fake_pg_start(cases[i].first);
		struct pg_target *target = target_of(
			"host=127.0.0.1,127.0.0.1 port=%d,%d", first.port, second.port);
		bool connects = cases[i].sqlstate[0] == '(';
		struct pg_conn *conn;

		target->connect_timeout = 400 * NSEC_PER_MSEC;
		conn = connect_to(target, 5);
		is_str(sqlstate(conn), cases[i].sqlstate, cases[i].what);
		is_int(pg_state(conn), connects ? PG_READY : PG_FAILED, "state");
		is_int((int64_t)pg_host_index(conn), connects, "host");
		is_int(pg_never_established(conn), !connects, "established or not");
		pg_close(conn);
		pg_target_free(target);
		fake_pg_stop(&first);
	}
	fake_pg_stop(&second);
}

static void test_refusals(void)
{
	struct fake_pg server = fake_pg_start(starting_up);
	struct pg_target *target =
		target_of("host=127.0.0.1,127.0.0.1 port=%d,1", server.port, 0);
	struct pg_conn *conn = connect_to(target, 5);
	struct err err = { 0 };

	is_str(sqlstate(conn), "57P03",
	       "a server's word outlives a mere refusal after it");
	is_str(pg_error(conn)->severity, "FATAL", "its severity");
	is_str(pg_error(conn)->message, "the database system is starting up",
	       "its message");
	pg_close(conn);
	ok(!pg_connect_wait(loop, target, in_seconds(5), &err),
	   "straight-line: no connection");
	ok(strstr(err.message, "57P03: the database system is starting up") != NULL,
	   err.message);
	ok(err.hint[0], "with a hint");
	pg_target_free(target);
	fake_pg_stop(&server);

	target = target_of("host=127.0.0.1 port=%d", 1, 0);
	conn = connect_to(target, 5);
	ok(strstr(pg_error(conn)->message, "Connection refused") != NULL,
	   "a closed port");
	is_str(pg_remote_address(conn), "127.0.0.1:1", "remote address");
	pg_close(conn);
	pg_target_free(target);
}

static void close_it(struct pg_conn *conn, void *arg)
{
	*(bool *)arg = true;
	pg_close(conn);
}

static bool is_true(void *arg)
{
	return *(bool *)arg;
}

static void test_close(void)
{
	struct fake_pg server = fake_pg_start(well);
	struct pg_target *target = target_of("host=127.0.0.1 port=%d", server.port, 0);
	bool closed = false;

	pg_connect(loop, target, in_seconds(5), close_it, &closed);
	ok(loop_wait(loop, is_true, &closed, in_seconds(5)),
	   "closed from its own callback");
	pg_close(pg_connect(loop, target, in_seconds(5), close_it, &closed));
	pg_close(NULL);
	ok(true, "closed before the first turn");
	pg_target_free(target);
	fake_pg_stop(&server);
}

int main(void)
{
	loop = loop_new(clock_system());
	test_silent();
	test_next_host();
	test_refusals();
	test_close();
	loop_free(loop);
	return done_testing();
}
