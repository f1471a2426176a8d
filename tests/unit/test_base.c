/* Small things of base/: strings, buffers, errors, times, random numbers. */
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/rng.h"
#include "base/str.h"
#include "tap.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static void test_words(void)
{
	static const char *const words[] = { "target", "mode", "hold_seconds", NULL };

	is_str(str_nearest("tarket", words), "target", "one letter");
	is_str(str_nearest("holdseconds", words), "hold_seconds", "one missing");
	is_str(str_nearest("moed", words), NULL, "two in a short word are too many");
	is_str(str_nearest("mod", words), "mode", "one is not");
	is_str(str_nearest("", words), NULL, "nothing is near to nothing");
	is_str(str_nearest("zzzzzzzzzzzz", words), NULL, "none is near");
	ok(str_eq(NULL, NULL) && !str_eq("", NULL) && str_eq("a", "a") &&
	           !str_eq("a", "b"),
	   "equal");
	ok(str_starts("abc", "ab") && str_starts("abc", "") && !str_starts("ab", "abc"),
	   "begins");
}

static void test_utf8(void)
{
	static const struct {
		const char *text;
		int bad; /* offset, -1: none */
	} rows[] = {
		{ "", -1 },
		{ "abc", -1 },
		{ "\xc3\xa4", -1 },
		{ "\xe2\x82\xac", -1 },
		{ "\xf0\x9f\x98\x80", -1 },
		{ "\xf4\x8f\xbf\xbf", -1 },
		{ "a\x80", 1 },
		{ "a\xc3", 1 },
		{ "\xc0\xaf", 0 },
		{ "\xc1\xbf", 0 },
		{ "\xe0\x9f\xbf", 0 },
		{ "\xed\xa0\x80", 0 },
		{ "\xf0\x8f\xbf\xbf", 0 },
		{ "\xf4\x90\x80\x80", 0 },
		{ "\xf5\x80\x80\x80", 0 },
		{ "ab\xe2\x82", 2 },
		{ "ab\xe2\x28\xa1", 2 },
		{ "\xff", 0 },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		size_t bad = 99;
		bool good = str_is_utf8(rows[i].text, strlen(rows[i].text), &bad);

		is_int(good ? -1 : (int)bad, rows[i].bad, "first wrong byte");
	}
}

static void test_quoting(void)
{
	static const struct {
		const char *word, *quoted;
	} rows[] = {
		{ "", "''" },
		{ "abc", "'abc'" },
		{ "a b;$(x)", "'a b;$(x)'" },
		{ "it's", "'it'\\''s'" },
		{ "a\\b", "'a'\\\\'b'" },
	};
	char *home;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char *quoted = str_shell_quote(rows[i].word);

		is_str(quoted, rows[i].quoted, rows[i].quoted);
		free(quoted);
	}
	setenv("HOME", "/home/x", 1);
	home = str_expand_home("~/a");
	is_str(home, "/home/x/a", "home");
	free(home);
	home = str_expand_home("~x/a");
	is_str(home, "~x/a", "of somebody else: left alone");
	free(home);
}

static void test_buf(void)
{
	struct buf b = BUF_INIT;
	char *s;
	int fds[2];

	is_str(b.data, "", "empty");
	buf_add(&b, "", 0);
	is_int((int64_t)b.cap, 0, "nothing takes no room");
	buf_printf(&b, "%s is at %d", "x", 7);
	for (int i = 0; i < 100; i++)
		buf_putc(&b, '.');
	is_int((int64_t)b.len, 109, "grows");
	buf_clear(&b);
	is_str(b.data, "", "cleared");
	buf_add(&b, "a\0b", 3);
	is_int((int64_t)b.len, 3, "binary");
	buf_clear(&b);
	buf_json_string(&b, "a\"\\\n\t\r\x01\x7f\xff"
	                    "e");
	is_str(b.data,
	       "\"a\\\"\\\\\\n\\t\\r\\u0001\\u007f\xef\xbf\xbd"
	       "e\"",
	       "as JSON");
	s = buf_steal(&b);
	ok(s[0] == '"' && b.len == 0 && b.cap == 0, "handed over");
	free(s);
	s = buf_steal(&b);
	is_str(s, "", "an empty one too");
	free(s);
	ok(pipe2(fds, O_CLOEXEC) == 0 && write(fds[1], "0123456789", 10) == 10, "a pipe");
	close(fds[1]);
	ok(!buf_read_fd(&b, fds[0], 9) && errno == EFBIG, "more than may be");
	close(fds[0]);
	buf_free(&b);
	ok(!buf_read_fd(&b, -1, 9), "no descriptor");
	buf_free(&b);
}

static void test_err(void)
{
	struct err err = { 0 };
	char longer[2000];

	ok(!err_set(&err, "a %d", 1) && !err_hint(&err, "do %s", "b"),
	   "both return false");
	ok(!err_prefix(&err, "db%d", 1), "so does the prefix");
	is_str(err.message, "db1: a 1", "in front");
	is_str(err.hint, "do b", "the hint stays");
	err_set(&err, "c");
	is_str(err.hint, "", "a new message has none");
	memset(longer, 'x', sizeof longer - 1);
	longer[sizeof longer - 1] = '\0';
	err_set(&err, "%s", longer);
	is_int((int64_t)strlen(err.message), (int64_t)sizeof err.message - 1, "cut");
	err_prefix(&err, "%s", longer);
	is_int((int64_t)strlen(err.message), (int64_t)sizeof err.message - 1,
	       "cut again");
}

static void test_time(void)
{
	static const struct {
		const char *text, *utc; /* NULL: no time */
	} rows[] = {
		{ "2026-11-25T02:15:51.042Z", "2026-11-25T02:15:51.042Z" },
		{ "2026-11-25T02:15:51Z", "2026-11-25T02:15:51.000Z" },
		{ "2026-10-25T02:59:50+02:00", "2026-10-25T00:59:50.000Z" },
		{ "2026-10-25T02:00:20+01:00", "2026-10-25T01:00:20.000Z" },
		{ "2026-10-25T02:00:20-11:30", "2026-10-25T13:30:20.000Z" },
		{ "1969-12-31T23:59:59.500Z", "1969-12-31T23:59:59.500Z" },
		{ "2026-11-25", NULL },
		{ "2026-11-25T02:15:51", NULL },
		{ "2026-11-25T02:15:51+1", NULL },
		{ "2026-11-25T02:15:51+25:00", NULL },
		{ "2026-11-25T02:15:51Zx", NULL },
		{ "2026-13-25T02:15:51Z", NULL },
		{ "", NULL },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char out[RFC3339_SIZE];
		nsec_t wall = 0;
		bool parsed = rfc3339_parse(rows[i].text, &wall);

		is_str(parsed ? rfc3339(out, wall) : NULL, rows[i].utc, rows[i].text);
	}
	is_int(seconds_to_nsec(1.5), 1500 * NSEC_PER_MSEC, "seconds");
	ok(nsec_to_seconds(2500 * NSEC_PER_MSEC) == 2.5, "and back");
}

static void test_rng(void)
{
	/* splitmix64(0) into xoshiro256**: reference values of both generators' authors'
	 * code. */
	static const uint64_t first[] = { 0x99ec5f36cb75f2b4U, 0xbf6e1f784956452aU,
		                          0x1a5f849d4933e6e0U };
	struct rng rng;
	int seen[6] = { 0 };
	bool within = true;

	rng_seed(&rng, 0);
	for (size_t i = 0; i < 3; i++)
		ok(rng_next(&rng) == first[i], "as everywhere");
	for (int i = 0; i < 6000; i++) {
		double x = rng_between(&rng, 2, 3);

		seen[rng_below(&rng, 6)]++;
		within = within && x >= 2 && x < 3;
	}
	for (int i = 0; i < 6; i++)
		ok(seen[i] > 850 && seen[i] < 1150, "a fair die");
	ok(within, "between");
	is_int((int64_t)rng_below(&rng, 1), 0, "one choice");
	is_int((int64_t)rng_below(&rng, 0), 0, "none");
	ok(rng_fresh_seed() < 1000000000U, "a seed that can be typed");
}

int main(void)
{
	test_words();
	test_utf8();
	test_quoting();
	test_buf();
	test_err();
	test_time();
	test_rng();
	return done_testing();
}
