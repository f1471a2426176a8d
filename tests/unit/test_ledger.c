/* Writing, reading back, torn and corrupt ends, a full disk, and what is left open. */
#include "base/json.h"
#include "base/str.h"
#include "ledger/ledger.h"
#include "ledger/reader.h"
#include "tap.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static char dir[] = "/tmp/pgmonkey-ledger-XXXXXX";

static char *in_dir(const char *name)
{
	return xasprintf("%s/%s", dir, name);
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	ok(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text), path);
	close(fd);
}

static char *read_file(const char *path)
{
	struct buf b = BUF_INIT;
	int fd = open(path, O_RDONLY);

	ok(fd >= 0 && buf_read_fd(&b, fd, 1 << 30), path);
	close(fd);
	return buf_steal(&b);
}

/* Gathers "event@t_us " of all lines. */
static bool gather(const struct ledger_line *line, void *arg, struct err *err)
{
	(void)err;
	buf_printf(arg, "%s@%lld ", line->event, (long long)line->t_us);
	return true;
}

static bool refuse_second(const struct ledger_line *line, void *arg, struct err *err)
{
	(void)arg;
	return line->number < 2 || err_set(err, "enough");
}

static struct ledger *begin(const char *path, struct virtual_clock *vc)
{
	struct err err = { 0 };
	struct ledger *l;

	virtual_clock_init(vc, 1000 * NSEC_PER_SEC);
	vc->now = 500 * NSEC_PER_SEC;
	l = ledger_create(path, &vc->clock, vc->now, &err);
	ok(l != NULL, err.message);
	ledger_begin(l, "run");
	ledger_int(l, "schema", LEDGER_SCHEMA);
	ledger_string(l, "run", "r1");
	ledger_end(l);
	return l;
}

static void test_round_trip(void)
{
	char *path = in_dir("round.jsonl");
	struct virtual_clock vc;
	struct ledger *l = begin(path, &vc);
	struct err err = { 0 };
	cJSON *tree = cJSON_CreateObject();
	struct stat st;
	char *text;

	cJSON_AddStringToObject(tree, "host", "db1");
	is_str(ledger_path(l), path, "knows its path");
	is_int(ledger_us(l, vc.now + 3 * NSEC_PER_MSEC), 3000, "t_us of a moment");
	vc.now += NSEC_PER_SEC;
	ledger_begin(l, "fact");
	ledger_string(l, "value", "a\"b\\c\nd\xff");
	ledger_string(l, "absent", NULL);
	ledger_int(l, "number", -7);
	ledger_bool(l, "yes", true);
	ledger_time(l, "at_us", vc.now - 5 * NSEC_PER_USEC);
	ledger_json(l, "list", "[1,\n2]");
	ledger_json(l, "none", NULL);
	ledger_tree(l, "tree", tree);
	ledger_end(l);
	ledger_note(l, true, "%d things", 3);
	ok(stat(path, &st) == 0 && st.st_size == 0, "nothing is written before a flush");
	ledger_flush(l);
	text = read_file(path);
	is_str(text,
	       "{\"event\":\"run\",\"t_us\":0,\"schema\":1,\"run\":\"r1\"}\n"
	       "{\"event\":\"fact\",\"t_us\":1000000,\"value\":"
	       "\"a\\\"b\\\\c\\nd\xef\xbf\xbd\","
	       "\"number\":-7,\"yes\":true,\"at_us\":999995,\"list\":[1, 2],"
	       "\"tree\":{\"host\":\"db1\"}}\n"
	       "{\"event\":\"note\",\"t_us\":1000000,\"text\":\"3 "
	       "things\",\"inconclusive\":true}\n",
	       "the lines");
	ok(ledger_sync(l, &err), "syncs");
	ok(!ledger_failed(l, &err), "has not failed");
	ledger_close(l);
	ledger_close(NULL);
	ok(stat(path, &st) == 0 && (st.st_mode & 0777) == 0600, "is for its owner only");
	ok(!ledger_create(path, &vc.clock, 0, &err), "never overwrites");
	ok(strstr(err.message, path) && strstr(err.message, strerror(EEXIST)),
	   err.message);
	cJSON_Delete(tree);
	free(text);
	free(path);
}

static void test_create_fails(void)
{
	struct err err = { 0 };
	char *path = in_dir("no/such/directory.jsonl");

	ok(!ledger_create(path, clock_system(), 0, &err), "no such directory");
	ok(strstr(err.message, strerror(ENOENT)) != NULL, err.message);
	free(path);
}

static void test_many_lines(void)
{
	char *path = in_dir("many.jsonl");
	struct virtual_clock vc;
	struct ledger *l = begin(path, &vc);
	struct ledger_end end;
	struct err err = { 0 };
	struct buf seen = BUF_INIT;
	struct stat st;

	for (int i = 0; i < 20000; i++) {
		vc.now += NSEC_PER_MSEC;
		ledger_begin(l, "attempt");
		ledger_int(l, "seq", i);
		ledger_end(l);
	}
	ok(stat(path, &st) == 0 && st.st_size > 500000, "does not gather without end");
	ledger_close(l);
	ok(ledger_read(path, gather, &seen, &end, &err), err.message);
	is_int((int64_t)end.lines, 20001, "all lines are read");
	is_int(end.t_us, 20000000, "the last one's time");
	ok(!end.torn && !end.finished, "whole, and without an end");
	buf_free(&seen);
	free(path);
}

static void check_error(const char *text, const char *want)
{
	char *path = in_dir("wrong.jsonl");
	struct ledger_end end;
	struct err err = { 0 };
	struct buf seen = BUF_INIT;

	write_file(path, text);
	ok(!ledger_read(path, gather, &seen, &end, &err), want);
	ok(str_starts(err.message, path) && strstr(err.message, want), err.message);
	buf_free(&seen);
	free(path);
}

#define RUN "{\"event\":\"run\",\"t_us\":0,\"schema\":1,\"run\":\"r1\"}\n"

static void test_errors(void)
{
	struct ledger_end end;
	struct err err = { 0 };
	char *path = in_dir("absent.jsonl");

	ok(!ledger_read(path, gather, NULL, &end, &err), "no such file");
	ok(strstr(err.message, strerror(ENOENT)) != NULL, err.message);
	free(path);
	check_error("", "the ledger is empty");
	check_error("{\"event\"", "it has no whole line");
	check_error("hello\n", ":1: the line is corrupt");
	check_error("[1]\n", ":1: the line is corrupt");
	check_error("\n", ":1: the line is corrupt");
	check_error(RUN "{\"event\":\"x\",\"t_us\":1} {}\n", ":2: the line is corrupt");
	check_error(RUN "{\"event\":\"x\"}\n", ":2: a line without");
	check_error(RUN "{\"event\":7,\"t_us\":1}\n", ":2: a line without");
	check_error(RUN "{\"event\":\"x\",\"t_us\":1e300}\n", ":2: a line without");
	check_error("{\"event\":\"run\",\"t_us\":0,\"schema\":2}\n",
	            ":1: written by a newer");
	check_error("{\"event\":\"run\",\"t_us\":0}\n", ":1: not a ledger");
	check_error("{\"event\":\"note\",\"t_us\":0}\n", ":1: not a ledger");
}

static void test_callback_ends(void)
{
	char *path = in_dir("ends.jsonl");
	struct ledger_end end;
	struct err err = { 0 };

	write_file(path, RUN "{\"event\":\"end\",\"t_us\":1}\n");
	ok(!ledger_read(path, refuse_second, NULL, &end, &err), "the caller ends it");
	ok(strstr(err.message, "ends.jsonl:2: enough") != NULL, err.message);
	free(path);
}

static void test_long_lines(void)
{
	char *path = in_dir("long.jsonl");
	struct ledger_end end;
	struct err err = { 0 };
	struct buf text = BUF_INIT;
	struct buf seen = BUF_INIT;

	buf_puts(&text, RUN "{\"event\":\"note\",\"t_us\":1,\"text\":\"");
	for (int i = 0; i < 3000000; i++)
		buf_putc(&text, 'x');
	buf_puts(&text, "\"}\n{\"event\":\"end\",\"t_us\":2}\n");
	write_file(path, text.data);
	ok(ledger_read(path, gather, &seen, &end, &err), err.message);
	is_str(seen.data, "run@0 note@1 end@2 ", "a line of 3 MB");
	buf_clear(&text);
	buf_puts(&text, RUN);
	for (int i = 0; i < 17 * 1024 * 1024; i++)
		buf_putc(&text, 'x');
	write_file(path, text.data);
	ok(!ledger_read(path, gather, &seen, &end, &err), "a line of 17 MB");
	ok(strstr(err.message, ":2: the line is longer than 16 MB") != NULL, err.message);
	buf_free(&text);
	buf_free(&seen);
	free(path);
}

static void test_reopen(void)
{
	char *path = in_dir("torn.jsonl");
	struct virtual_clock vc;
	struct ledger_end end;
	struct err err = { 0 };
	struct buf seen = BUF_INIT;
	struct ledger *l;

	write_file(
		path, RUN
		"{\"event\":\"intent\",\"t_us\":77,\"fault\":\"f\"}\n{\"event\":\"atte");
	ok(ledger_read(path, gather, &seen, &end, &err), err.message);
	ok(end.torn && end.lines == 2, "torn, and the whole lines are read");
	virtual_clock_init(&vc, 0);
	vc.now = 900 * NSEC_PER_SEC;
	l = ledger_reopen(path, &vc.clock, &err);
	ok(l != NULL, err.message);
	vc.now += 3 * NSEC_PER_USEC;
	ledger_begin(l, "healed");
	ledger_string(l, "fault", "f");
	ledger_end(l);
	ledger_close(l);
	buf_clear(&seen);
	ok(ledger_read(path, gather, &seen, &end, &err), err.message);
	is_str(seen.data, "run@0 intent@77 note@77 healed@80 ",
	       "nothing is glued to the torn line, and time goes on");
	ok(!end.torn, "no longer torn");
	write_file(path, RUN "junk\n");
	ok(!ledger_reopen(path, &vc.clock, &err), "a corrupt one is not appended to");
	buf_free(&seen);
	free(path);
}

/* A disk that is full, by way of the limit on a file's size. */
static void test_full_disk(void)
{
	char *path = in_dir("full.jsonl");
	struct rlimit was;
	struct rlimit small;
	struct virtual_clock vc;
	struct ledger *l = begin(path, &vc);
	struct ledger_end end;
	struct err err = { 0 };
	struct buf seen = BUF_INIT;

	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &was);
	small = (struct rlimit){ 100, was.rlim_max };
	setrlimit(RLIMIT_FSIZE, &small);
	ledger_note(l, false,
	            "a line that does not fit any more, by a hundred bytes and a few %s",
	            "more than that, to be sure of it");
	ledger_flush(l);
	ok(ledger_failed(l, &err), "the failure is remembered");
	ok(strstr(err.message, path) != NULL, err.message);
	err = (struct err){ 0 };
	ok(!ledger_sync(l, &err) && err.message[0], "a sync tells it");
	setrlimit(RLIMIT_FSIZE, &was);
	ledger_begin(l, "healed");
	ledger_end(l);
	ok(ledger_sync(l, &err), "room again: what was kept is written");
	ok(ledger_failed(l, &err), "still remembered");
	ledger_close(l);
	ok(ledger_read(path, gather, &seen, &end, &err), err.message);
	is_str(seen.data, "run@0 note@0 healed@0 ", "no line is half");
	buf_free(&seen);
	free(path);
}

static void test_unhealed(void)
{
	char *path = in_dir("open.jsonl");
	struct open_faults open;
	struct err err = { 0 };

	write_file(
		path, RUN
		"{\"event\":\"intent\",\"t_us\":1,\"fault\":\"a\",\"heal\":{\"x\":1}}\n"
		"{\"event\":\"injected\",\"t_us\":2,\"fault\":\"a\"}\n"
		"{\"event\":\"intent\",\"t_us\":3,\"fault\":\"b\"}\n"
		"{\"event\":\"inject_failed\",\"t_us\":4,\"fault\":\"b\"}\n"
		"{\"event\":\"intent\",\"t_us\":5,\"fault\":\"c\"}\n"
		"{\"event\":\"not_healed\",\"t_us\":6,\"fault\":\"a\"}\n"
		"{\"event\":\"attempt\",\"t_us");
	ok(ledger_find_unhealed(path, &open, &err), err.message);
	is_int((int64_t)open.count, 2, "two are open");
	is_str(open.items[0].fault, "a", "the one that was not healed");
	ok(open.items[0].injected, "… was sent");
	is_int((int64_t)json_number(json_get(open.items[0].intent, "heal"), "x", 0), 1,
	       "its intent is there, with what undoes it");
	is_str(open.items[1].fault, "c", "and the one after which the agent died");
	ok(!open.items[1].injected, "… may not have been sent");
	is_str(json_string(open.run, "run"), "r1", "the run's line is there");
	ok(!open.finished, "without an end");
	open_faults_free(&open);
	write_file(path, RUN "{\"event\":\"intent\",\"t_us\":1,\"fault\":\"a\"}\n"
	                     "{\"event\":\"healed\",\"t_us\":2,\"fault\":\"a\"}\n"
	                     "{\"event\":\"end\",\"t_us\":3}\n");
	ok(ledger_find_unhealed(path, &open, &err), err.message);
	ok(open.count == 0 && open.finished, "nothing is open");
	open_faults_free(&open);
	write_file(path, "junk\n");
	ok(!ledger_find_unhealed(path, &open, &err), "a corrupt one can't tell");
	ok(open.run == NULL && open.count == 0, "and leaves nothing behind");
	free(path);
}

static void clean(void)
{
	static const char *const names[] = { "round", "many", "wrong", "ends",
		                             "long",  "torn", "full",  "open" };

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		char *path = xasprintf("%s/%s.jsonl", dir, names[i]);

		unlink(path);
		free(path);
	}
	ok(rmdir(dir) == 0, "nothing else was left");
}

int main(void)
{
	ok(mkdtemp(dir) != NULL, "a directory");
	test_round_trip();
	test_create_fails();
	test_many_lines();
	test_errors();
	test_callback_ends();
	test_long_lines();
	test_reopen();
	test_full_disk();
	test_unhealed();
	clean();
	return done_testing();
}
