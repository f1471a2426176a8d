/* Sets of keys as runs, interned strings, and figures as people see them. */
#include "tap.h"
#include "verdict/intern.h"
#include "verdict/ranges.h"
#include "verdict/verdict.h"

#include <stdlib.h>

static void show(const struct ranges *r, char *out, size_t size)
{
	size_t used = 0;

	out[0] = '\0';
	for (size_t i = 0; i < r->count; i++)
		used += (size_t)snprintf(out + used, size - used, "%lld-%lld ",
		                         (long long)r->items[i].first,
		                         (long long)r->items[i].last);
}

static void test_ranges(void)
{
	struct ranges r = { 0 };
	char text[200];

	ok(!ranges_has(&r, 0) && ranges_count(&r) == 0, "empty");
	ranges_add(&r, 10, 20);
	ranges_add(&r, 5, 9);
	ranges_add(&r, 30, 30);
	ranges_add(&r, 12, 15);
	ranges_add(&r, 40, 39);
	ranges_add(&r, -3, -1);
	ranges_normalize(&r);
	show(&r, text, sizeof text);
	is_str(text, "-3--1 5-20 30-30 ", "sorted and merged");
	is_int((int64_t)ranges_count(&r), 20, "how many");
	for (int64_t key = -5; key < 35; key++)
		ok(ranges_has(&r, key) == ((key >= -3 && key <= -1) ||
		                           (key >= 5 && key <= 20) || key == 30),
		   "membership");
	ranges_free(&r);
	ranges_add(&r, 0, INT64_MAX);
	ok(ranges_has(&r, INT64_MAX - 1) && r.count == 1, "without an end");
	ranges_free(&r);
}

/* All subsets of a few keys against all others: the definition itself is the oracle. */
static void test_xor(void)
{
	unsigned wrong = 0;

	for (unsigned a = 0; a < 64; a++) {
		for (unsigned b = 0; b < 64; b++) {
			struct ranges x = { 0 };
			struct ranges y = { 0 };
			struct ranges out;

			for (int key = 0; key < 6; key++) {
				if (a & (1u << key))
					ranges_add(&x, key, key);
				if (b & (1u << key))
					ranges_add(&y, key, key);
			}
			ranges_normalize(&x);
			ranges_normalize(&y);
			ranges_xor(&x, &y, &out);
			for (int key = -1; key < 7; key++)
				wrong += ranges_has(&out, key) !=
				         (key >= 0 && key < 6 && (((a ^ b) >> key) & 1u));
			ranges_free(&x);
			ranges_free(&y);
			ranges_free(&out);
		}
	}
	is_int(wrong, 0, "exactly one of both, for all pairs of 64 sets");
}

static void test_intern(void)
{
	struct intern table = { 0 };
	char name[20];

	is_int((int64_t)intern(&table, NULL, 10), 0, "NULL is number 0");
	is_int((int64_t)intern(&table, "", 10), 0, "so is the empty string");
	is_int((int64_t)intern(&table, "a", 2000), 1, "the first one");
	for (int i = 0; i < 1000; i++) {
		snprintf(name, sizeof name, "name %d", i);
		intern(&table, name, 2000);
	}
	is_int((int64_t)intern(&table, "a", 2000), 1, "found again among many");
	is_int((int64_t)intern(&table, "name 998", 2000), 1000, "each has its number");
	is_str(intern_text(&table, 1000), "name 998", "and back");
	is_str(intern_text(&table, 99999), "", "no such number");
	is_int((int64_t)intern(&table, "one too many", 1001), 0, "the table is full");
	is_int((int64_t)intern(&table, "a", 1001), 1, "what is in it stays");
	intern_free(&table);
}

static void test_figures(void)
{
	char text[FIGURE_SIZE];
	char count[COUNT_SIZE];

	is_str(figure_format(text, (struct figure){ 8020000, 20000, 30000 }),
	       "8.02 s (-0.02 +0.03)", "a figure");
	is_str(figure_format(text, (struct figure){ 0, 0, 1 }), "0.00 s (-0.00 +0.01)",
	       "an error bar is rounded up");
	is_str(count_format(count, 0), "0", "nothing");
	is_str(count_format(count, 999), "999", "three digits");
	is_str(count_format(count, 1000), "1,000", "four");
	is_str(count_format(count, 1234567), "1,234,567", "seven");
	is_str(judgement_name(JUDGED_INCONCLUSIVE), "inconclusive", "a judgement");
}

int main(void)
{
	test_ranges();
	test_xor();
	test_intern();
	test_figures();
	return done_testing();
}
