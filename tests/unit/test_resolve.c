/* Name look-up: numeric at once, names by a child, deadlines, and no traces left. */
#include "base/resolve.h"

#include "tap.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/wait.h>

static void on_done(void *arg)
{
	(*(int *)arg)++;
}

static bool is_called(void *arg)
{
	return *(int *)arg > 0;
}

static int open_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int n = 0;

	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

static bool has_children(void)
{
	return waitpid(-1, NULL, WNOHANG) >= 0 || errno != ECHILD;
}

static void test_numeric(struct loop *loop)
{
	static const char *const hosts[] = { "10.0.0.1", "fd00:88::21", "::1",
		                             "fe80::1%lo" };
	const char *addresses[RESOLVE_MAX_ADDRESSES];
	struct err err = { 0 };

	for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
		int calls = 0;
		struct resolve *r =
			resolve_start(loop, hosts[i], loop_now(loop), on_done, &calls);

		is_int(calls, 1, "a numeric address is answered at once");
		is_int((int64_t)resolve_answer(r, addresses, &err), 1, "by one address");
		is_str(addresses[0], hosts[i], "itself");
		ok(!has_children(), "without a child");
		resolve_free(r);
	}
	ok(!resolve_is_numeric("db1"), "a name is not numeric");
	ok(!resolve_is_numeric("10.0.0.256"), "nor is a wrong address");
	ok(!resolve_is_numeric("[::1]"), "nor one in brackets");
	ok(!resolve_is_numeric(""), "nor nothing");
	ok(!resolve_is_numeric(
		   "1.2.3.4.5.6.7.8.9.10.11.12.13.14.15.16.17.18.19.20.21.22"),
	   "nor a very long one");
}

static void test_name(struct loop *loop)
{
	const char *addresses[RESOLVE_MAX_ADDRESSES];
	struct err err = { 0 };
	int calls = 0;
	struct resolve *r = resolve_start(
		loop, "localhost", loop_now(loop) + 5 * NSEC_PER_SEC, on_done, &calls);

	is_int(calls, 0, "a name is not answered at once");
	ok(loop_wait(loop, is_called, &calls, loop_now(loop) + 6 * NSEC_PER_SEC),
	   "but later");
	ok(resolve_answer(r, addresses, &err) >= 1, "localhost has an address");
	ok(resolve_is_numeric(addresses[0]), "a numeric one");
	ok(!has_children(), "the child has been waited for");
	resolve_free(r);
}

static void test_failure(struct loop *loop)
{
	const char *addresses[RESOLVE_MAX_ADDRESSES];
	struct err err = { 0 };
	int calls = 0;
	struct resolve *r = resolve_start(
		loop, "no such host", loop_now(loop) + 5 * NSEC_PER_SEC, on_done, &calls);

	ok(loop_wait(loop, is_called, &calls, loop_now(loop) + 6 * NSEC_PER_SEC),
	   "it ends");
	is_int((int64_t)resolve_answer(r, addresses, &err), 0,
	       "a name that cannot be has none");
	ok(strstr(err.message, "looking up \"no such host\": ") == err.message,
	   "the error names the host");
	ok(err.hint[0], "and has a hint");
	resolve_free(r);
}

static void test_deadline(struct loop *loop)
{
	const char *addresses[RESOLVE_MAX_ADDRESSES];
	struct err err = { 0 };
	int calls = 0;
	struct resolve *r =
		resolve_start(loop, "localhost", loop_now(loop), on_done, &calls);

	loop_wait(loop, is_called, &calls, loop_now(loop) + NSEC_PER_SEC);
	is_int(calls, 1, "done is called once at the deadline");
	if (!resolve_answer(r, addresses, &err)) /* else the child was quicker */
		ok(strstr(err.message, "no answer within") != NULL, "the error says so");
	ok(!has_children(), "the child is gone");
	resolve_free(r);

	r = resolve_start(loop, "localhost", loop_now(loop) + NSEC_PER_SEC, on_done,
	                  &calls);
	resolve_free(r);
	ok(!has_children(), "freed under way: the child is gone too");
	is_int(calls, 1, "and nobody is called");
	resolve_free(NULL);
}

int main(void)
{
	struct loop *loop = loop_new(clock_system());
	int before = open_fds();

	test_numeric(loop);
	test_name(loop);
	test_failure(loop);
	test_deadline(loop);
	is_int(open_fds(), before, "no descriptor is left open");
	loop_free(loop);
	return done_testing();
}
