/* Commands on the agent's own machine, and the fake. */
#include "transport/remote.h"

#include "tap.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>

static struct loop *loop;

static nsec_t in_seconds(double s)
{
	return loop_now(loop) + seconds_to_nsec(s);
}

#define WORDS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static int open_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int n = 0;

	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

static void test_exits(struct remote *r)
{
	struct remote_result result;
	struct err err = { 0 };

	remote_run(r, WORDS("sh", "-c", "echo out; echo err >&2; exit 3"), in_seconds(5),
	           &result, &err);
	is_int(result.end, REMOTE_EXITED, "exited");
	is_int(result.status, 3, "exit status");
	is_str(result.out.data, "out\n", "standard output");
	is_str(result.errors.data, "err\n", "standard error");
	remote_result_free(&result);

	remote_run(r, WORDS("sh", "-c", "kill -9 $$"), in_seconds(5), &result, &err);
	is_int(result.status, 128 + 9, "a signal");
	remote_result_free(&result);

	remote_run(r, WORDS("printf", "%s|", "a b", "$HOME", "it's", "`id`"),
	           in_seconds(5), &result, &err);
	is_str(result.out.data, "a b|$HOME|it's|`id`|", "words reach it as they are");
	remote_result_free(&result);

	remote_run(r, WORDS("cat"), in_seconds(5), &result, &err);
	is_int(result.status, 0, "standard input is empty");
	remote_result_free(&result);

	remote_run(r, WORDS("/nonexistent/program"), in_seconds(5), &result, &err);
	is_int(result.end, REMOTE_FAILED, "no such program: not run");
	ok(strstr(err.message, "here: cannot run \"/nonexistent/program\": No such") !=
	           NULL,
	   err.message);
	remote_result_free(&result);
}

static void test_limits(struct remote *r)
{
	struct remote_result result = { .out = BUF_INIT, .errors = BUF_INIT };
	struct err err = { 0 };
	nsec_t started;

	/* A busy machine may need longer to get to the echo. */
	for (double limit = 0.2; limit < 10 && !result.out.len; limit *= 2) {
		remote_result_free(&result);
		remote_run(r, WORDS("sh", "-c", "echo begun; sleep 60 & wait"),
		           in_seconds(limit), &result, &err);
	}
	is_int(result.end, REMOTE_TIMEOUT, "a deadline");
	is_str(result.out.data, "begun\n", "what was said until then");
	ok(strstr(err.message, "did not end before its deadline") != NULL, err.message);
	ok(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD, "nothing is left running");
	remote_result_free(&result);

	started = loop_now(loop);
	remote_run(r, WORDS("sh", "-c", "(trap '' HUP; sleep 8) & echo left"),
	           in_seconds(10), &result, &err);
	is_int(result.end, REMOTE_EXITED, "what it leaves behind is not waited for");
	is_str(result.out.data, "left\n", "its own output is complete");
	ok(loop_now(loop) - started < 6 * NSEC_PER_SEC, "at once");
	remote_result_free(&result);

	remote_run(r, WORDS("head", "-c", "1000000", "/dev/zero"), in_seconds(10),
	           &result, &err);
	is_int((int64_t)result.out.len, (int64_t)REMOTE_MAX_OUTPUT, "output is bounded");
	is_int(result.status, 0, "without an end to the command");
	remote_result_free(&result);
}

static void test_ask(struct remote *r)
{
	struct buf out = BUF_INIT;
	struct err err = { 0 };

	ok(remote_open(r, in_seconds(1), &err), "opens");
	ok(remote_ask(r, WORDS("echo", "yes"), in_seconds(5), &out, &err), "asked");
	is_str(out.data, "yes\n", "answered");
	ok(!remote_ask(r, WORDS("sh", "-c", "echo noise >&2; echo why >&2; exit 2"),
	               in_seconds(5), &out, &err),
	   "a failure");
	ok(strstr(err.message, "exited with 2: why") != NULL, err.message);
	is_str(out.data, "yes\n", "adds no output");
	ok(!remote_ask(r, WORDS("false"), in_seconds(5), &out, &err), "a silent failure");
	is_str(err.message, "here: \"false\" exited with 1", "says which command");
	buf_free(&out);
}

static void test_fake(void)
{
	struct remote *r = remote_fake(loop, "db1");
	struct remote_result result;
	struct buf out = BUF_INIT;
	struct err err = { 0 };

	remote_fake_answer(r, "cat", REMOTE_EXITED, 0, "a cat\n");
	remote_fake_answer(r, "cat /proc", REMOTE_EXITED, 0, "uuid\n");
	remote_fake_answer(r, "reboot", REMOTE_LOST, 0, "");
	ok(remote_ask(r, WORDS("cat", "/proc/x"), in_seconds(1), &out, &err),
	   "the later rule");
	is_str(out.data, "uuid\n", "answers");
	ok(remote_ask(r, WORDS("cat", "/etc"), in_seconds(1), &out, &err),
	   "the earlier one");
	remote_run(r, WORDS("reboot"), in_seconds(1), &result, &err);
	is_int(result.end, REMOTE_LOST, "another end");
	ok(strstr(err.message, "db1: connection lost") != NULL, err.message);
	remote_result_free(&result);
	remote_run(r, WORDS("what"), in_seconds(1), &result, &err);
	is_int(result.status, 127, "what nobody told it");
	remote_result_free(&result);
	is_str(remote_fake_log(r), "cat /proc/x\ncat /etc\nreboot\nwhat\n",
	       "what was asked");

	remote_fake_answer(r, "cat /proc", REMOTE_EXITED, 0, "changed\n");
	buf_clear(&out);
	ok(remote_ask(r, WORDS("cat", "/proc/x"), in_seconds(1), &out, &err),
	   "a new answer");
	is_str(out.data, "changed\n", "from now on");
	buf_free(&out);
	remote_free(r);
	remote_free(NULL);
}

int main(void)
{
	struct remote *r;
	int before;

	loop = loop_new(clock_system());
	r = remote_local(loop, "here");
	before = open_fds();
	test_exits(r);
	test_limits(r);
	test_ask(r);
	is_int(open_fds(), before, "no descriptor is left open");
	remote_free(r);
	test_fake();
	loop_free(loop);
	return done_testing();
}
