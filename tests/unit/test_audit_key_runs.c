/* Keys as runs, while they stream by. */
#include "probe/key_runs.h"
#include "tap.h"

static void check(const int64_t *keys, size_t count, const char *want, const char *what)
{
	struct key_runs r;

	key_runs_init(&r);
	for (size_t i = 0; i < count; i++)
		key_runs_add(&r, keys[i]);
	is_str(key_runs_end(&r), want, what);
	ok(!r.unsorted, "in order");
	key_runs_free(&r);
}

static void test_runs(void)
{
	check(NULL, 0, "[]", "no key");
	check((int64_t[]){ 7 }, 1, "[[7,7]]", "one key");
	check((int64_t[]){ 1, 2, 3, 5, 6, 9 }, 6, "[[1,3],[5,6],[9,9]]", "three runs");
	check((int64_t[]){ -1, 0, 1 }, 3, "[[-1,1]]", "across zero");
	check((int64_t[]){ INT64_MAX - 1, INT64_MAX }, 2,
	      "[[9223372036854775806,9223372036854775807]]", "the largest");
}

static void test_disorder(void)
{
	struct key_runs r;

	key_runs_init(&r);
	key_runs_add(&r, 5);
	key_runs_add(&r, 5);
	ok(r.unsorted, "a key twice is no order");
	key_runs_free(&r);
	key_runs_init(&r);
	key_runs_add(&r, 5);
	key_runs_add(&r, 3);
	ok(r.unsorted, "nor is a lower one");
	key_runs_free(&r);
}

/* Ten million keys keep no more than their runs. */
static void test_size(void)
{
	struct key_runs r;

	key_runs_init(&r);
	for (int64_t i = 1; i <= 10000000; i++)
		if (i != 5000000)
			key_runs_add(&r, i);
	is_str(key_runs_end(&r), "[[1,4999999],[5000001,10000000]]",
	       "one of ten million is absent");
	ok(r.json.cap < 256, "in a few bytes");
	key_runs_free(&r);
}

static void test_lines(void)
{
	int64_t key = 0;

	ok(key_runs_parse_key("42", 2, &key) && key == 42, "a number");
	ok(key_runs_parse_key("-1", 2, &key) && key == -1, "below zero");
	ok(key_runs_parse_key("9223372036854775807", 19, &key) && key == INT64_MAX,
	   "the largest");
	ok(!key_runs_parse_key("9223372036854775808", 19, &key), "too large");
	ok(!key_runs_parse_key("", 0, &key), "nothing");
	ok(!key_runs_parse_key("\\N", 2, &key), "NULL");
	ok(!key_runs_parse_key("4 2", 3, &key), "two");
	ok(!key_runs_parse_key(" 42", 3, &key), "a blank before it");
	ok(!key_runs_parse_key("1234567890123456789012345", 25, &key), "far too long");
}

int main(void)
{
	test_runs();
	test_disorder();
	test_size();
	test_lines();
	return done_testing();
}
