/* The command line's own parts: escaping, the live line, a first cluster file. */
#include "tap.h"

#include "cli/first_cluster.h"
#include "cli/live.h"
#include "cli/output.h"
#include "ha/patroni.h"

#include <stdlib.h>
#include <unistd.h>

static void is_printable(const char *in, const char *want, const char *what)
{
	struct buf b = BUF_INIT;

	buf_printable(&b, in);
	is_str(b.data, want, what);
	buf_free(&b);
}

static void test_printable(void)
{
	is_printable("plain, \xc3\xa4, \xe2\x82\xac\n\tnext",
	             "plain, \xc3\xa4, \xe2\x82\xac\n\tnext", "text passes as it is");
	is_printable("\033[2Jgone", "\\x1b[2Jgone", "an escape sequence does not");
	is_printable("a\rb\177", "a\\x0db\\x7f", "neither do carriage return and delete");
	is_printable("\xc2\x9b"
	             "31m",
	             "\\xc2\\x9b31m", "C1 as UTF-8");
	is_printable("\x9b"
	             "31m",
	             "\\x9b31m", "C1 as a byte");
	is_printable("ok \xff\xfe ok", "ok \\xff\\xfe ok", "what is no UTF-8");
	is_printable("a\xe2\x80\xae"
	             "b",
	             "a\\xe2\\x80\\xaeb", "a mark that turns the direction");
	is_printable("\xe2\x82", "\\xe2\\x82", "a sequence that is cut off");
}

static void test_live_line(void)
{
	struct progress p = { .phase = "OBSERVE",
		              .elapsed_seconds = 83.4,
		              .acked = 4120,
		              .not_acked = 17,
		              .primary = "db2" };
	struct buf b = BUF_INIT;

	live_line(&p, 200, false, &b);
	is_str(b.data, "1:23 OBSERVE   acked 4120, not 17, answering, primary db2",
	       "all is well");
	buf_clear(&b);
	p.failing = true;
	p.failing_seconds = 4.25;
	p.primary = NULL;
	live_line(&p, 200, false, &b);
	is_str(b.data,
	       "1:23 OBSERVE   acked 4120, not 17, FAILING for 4.2 s, primary none",
	       "nobody answers");
	buf_clear(&b);
	live_line(&p, 20, false, &b);
	is_str(b.data, "1:23 OBSERVE   acked", "cut to the terminal's width");
	buf_clear(&b);
	p.primary = "db\033[2J";
	live_line(&p, 200, false, &b);
	ok(strchr(b.data, '\033') == NULL, "a member's name cannot drive the terminal");
	buf_clear(&b);
	live_line(&p, 200, true, &b);
	ok(strstr(b.data, "\033[31mFAILING") != NULL, "red where colour may be used");
	buf_free(&b);
}

static void test_config(void)
{
	is_int(patroni_config_sync_standbys("{\"synchronous_mode\": true}"), 1,
	       "one by default");
	is_int(patroni_config_sync_standbys("{\"synchronous_mode\": \"quorum\", "
	                                    "\"synchronous_node_count\": 2}"),
	       2, "quorum of two");
	is_int(patroni_config_sync_standbys("{\"synchronous_mode\": false}"), 0, "off");
	is_int(patroni_config_sync_standbys("{\"synchronous_mode\": \"off\"}"), 0,
	       "\"off\"");
	is_int(patroni_config_sync_standbys("{}"), 0, "not said is off");
	is_int(patroni_config_sync_standbys(
		       "{\"synchronous_mode\": true, \"synchronous_node_count\": 1e300}"),
	       1, "a count that can't be");
	is_int(patroni_config_sync_standbys("<html>"), -1, "no configuration at all");
	is_int(patroni_config_sync_standbys("[]"), -1, "nor this");
}

static void test_scope(void)
{
	char *scope = patroni_scope("{\"patroni\": {\"scope\": \"billing\"}}");

	is_str(scope, "billing", "GET /patroni tells the scope");
	free(scope);
	scope = patroni_scope("{\"members\": [], \"scope\": \"shop\"}");
	is_str(scope, "shop", "GET /cluster, too");
	free(scope);
	is_str(patroni_scope("{\"scope\": 7}"), NULL, "a number is none");
	is_str(patroni_scope("no JSON"), NULL, "no answer is none");
}

static void test_first_cluster(void)
{
	static const char cluster[] =
		"{\"members\": [{\"name\": \"a\\\"b\", \"role\": \"leader\", \"state\": "
		"\"running\", \"api_url\": \"http://h1:8008/patroni\", \"host\": \"h1\", "
		"\"port\": 5433, \"timeline\": 1}]}";
	struct err err = { 0 };
	struct ha_view *view = patroni_parse_cluster(cluster, strlen(cluster), &err);
	struct patroni_facts facts = { .url = "http://h1:8008",
		                       .view = view,
		                       .sync_standbys = -1 };
	struct buf b = BUF_INIT;

	ok(view != NULL, "a view to start from");
	if (!view)
		return;
	first_cluster_json(&facts, &b);
	ok(strstr(b.data, "\"a\\\"b\": { \"address\": \"h1\"") != NULL,
	   "names are quoted");
	ok(strstr(b.data, "host=h1 port=5433 ") != NULL, "host and port of each member");
	ok(strstr(b.data, "\"chaos\": \"forbidden\"") != NULL, "nothing is allowed yet");
	buf_clear(&b);
	first_cluster_missing(&facts, &b);
	ok(strstr(b.data, "does not tell its name") != NULL, "no scope is told");
	ok(strstr(b.data, "sync_standbys") != NULL, "nor the synchronous mode");
	buf_free(&b);
	ha_view_free(view);
}

static void test_file_write(void)
{
	char directory[] = "/tmp/pgmonkey-test-XXXXXX";
	struct buf text = BUF_INIT;
	struct err err = { 0 };
	char *path;

	if (!mkdtemp(directory)) {
		ok(false, "a directory for the test");
		return;
	}
	path = xasprintf("%s/file", directory);
	buf_puts(&text, "first");
	ok(file_write(path, &text, false, &err), "a new file");
	ok(!file_write(path, &text, false, &err), "a file that is there stays");
	ok(strstr(err.message, path) != NULL, "… and is named");
	ok(file_write(path, &text, true, &err), "unless it may be replaced");
	unlink(path);
	ok(rmdir(directory) == 0, "and nothing else is left behind");
	free(path);
	buf_free(&text);
}

static void is_duration(double seconds, const char *want)
{
	char out[32];

	is_str(duration(out, seconds), want, want);
}

int main(void)
{
	char when[RFC3339_SIZE];

	test_printable();
	test_live_line();
	test_config();
	test_scope();
	test_first_cluster();
	test_file_write();
	is_duration(85, "85 s");
	is_duration(720, "12 min");
	is_duration(11100, "3 h 05 min");
	setenv("TZ", "UTC-5:30", 1);
	is_str(local_time(when, 1764031551 * NSEC_PER_SEC), "2025-11-25T06:15:51+05:30",
	       "local time with its offset");
	return done_testing();
}
