/* gameday/schedule.h: the same seed draws the same day, and draws are fair. */
#include "gameday/schedule.h"

#include "base/str.h"
#include "tap.h"

#include <math.h>
#include <stdlib.h>

static struct gameday_entry entries[4] = {
	{ .file = (char *)"a", .weight = 1 },
	{ .file = (char *)"b", .weight = 2 },
	{ .file = (char *)"c", .weight = 5 },
	{ .file = (char *)"d", .weight = 0.001 },
};

static struct gameday_file file_of(const char *order, int64_t play)
{
	return (struct gameday_file){ .entries = entries,
		                      .entry_count = 3,
		                      .play = play,
		                      .until_minute = -1,
		                      .order = (char *)order,
		                      .pause = { 30, 300 } };
}

static bool same_plan(const struct plan *a, const struct plan *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (a->items[i].entry != b->items[i].entry ||
		    fabs(a->items[i].pause_seconds - b->items[i].pause_seconds) > 0 ||
		    a->items[i].target_seed != b->items[i].target_seed)
			return false;
	return true;
}

static void test_seed(void)
{
	struct gameday_file file = file_of("random", 50);
	struct plan *a = plan_draw(&file, 42);
	struct plan *b = plan_draw(&file, 42);
	struct plan *c = plan_draw(&file, 43);
	bool within = true;
	bool spread = false;

	is_int((int64_t)a->count, 50, "as many as asked for");
	ok(a->seed == 42, "keeps its seed");
	ok(same_plan(a, b), "the same seed, the same plan");
	ok(!same_plan(a, c), "another seed, another plan");
	ok(a->items[0].pause_seconds == 0, "no pause before the first");
	for (size_t i = 1; i < a->count; i++) {
		within = within && a->items[i].pause_seconds >= 30 &&
		         a->items[i].pause_seconds <= 300;
		spread = spread || a->items[i].pause_seconds > 200;
	}
	ok(within && spread, "pauses are between their bounds");
	ok(a->items[1].target_seed != a->items[2].target_seed,
	   "each draws its own target");
	plan_free(c);
	plan_free(b);
	file.play = 10;
	b = plan_draw(&file, 42);
	a->count = 10;
	ok(same_plan(a, b), "a longer day begins like a shorter one");
	plan_free(b);
	plan_free(a);
	file.play = 0;
	a = plan_draw(&file, 42);
	is_int((int64_t)a->count, 100, "without a number there is enough");
	plan_free(a);
	plan_free(NULL);
}

/* What a seed draws is part of what people write down: it must not change. */
static void test_stable(void)
{
	struct gameday_file file = file_of("random", 8);
	struct plan *p = plan_draw(&file, 42);
	char names[9] = "";

	for (size_t i = 0; i < p->count; i++)
		names[i] = p->items[i].entry->file[0];
	is_str(names, "accccccb", "what the seed 42 has always drawn");
	plan_free(p);
}

static void test_weights(void)
{
	struct gameday_file file = file_of("random", 8000);
	struct plan *p = plan_draw(&file, 7);
	int drawn[4] = { 0 };

	file.entry_count = 3;
	for (size_t i = 0; i < p->count; i++)
		drawn[p->items[i].entry - entries]++;
	ok(abs(drawn[0] - 1000) < 150, "weight 1 of 8");
	ok(abs(drawn[1] - 2000) < 200, "weight 2 of 8");
	ok(abs(drawn[2] - 5000) < 250, "weight 5 of 8");
	plan_free(p);
	file.entry_count = 4;
	p = plan_draw(&file, 7);
	drawn[3] = 0;
	for (size_t i = 0; i < p->count; i++)
		drawn[3] += p->items[i].entry == &entries[3];
	ok(drawn[3] < 20, "a small weight at the end is small");
	plan_free(p);
}

static void test_each_once(void)
{
	struct gameday_file file = file_of("each_once", 12);
	bool each = true;
	bool shuffled = false;

	file.entry_count = 4;
	for (uint64_t seed = 0; seed < 20; seed++) {
		struct plan *p = plan_draw(&file, seed);

		for (size_t round = 0; round < 3; round++) {
			unsigned seen = 0;

			for (size_t i = 0; i < 4; i++)
				seen |= 1U << (p->items[round * 4 + i].entry - entries);
			each = each && seen == 0xf;
		}
		shuffled = shuffled || p->items[0].entry != &entries[0];
		plan_free(p);
	}
	ok(each, "all of them before any repeats");
	ok(shuffled, "in an order that the seed draws");
	file.entry_count = 2;
	file.play = 1;
	shuffled = each = false;
	for (uint64_t seed = 0; seed < 20; seed++) {
		struct plan *p = plan_draw(&file, seed);

		each = each || p->items[0].entry == &entries[0];
		shuffled = shuffled || p->items[0].entry == &entries[1];
		plan_free(p);
	}
	ok(each && shuffled, "of two, either comes first");
	file.entry_count = 1;
	file.play = 2;
	each = true;
	for (uint64_t seed = 0; seed < 3; seed++) {
		struct plan *p = plan_draw(&file, seed);

		each = each && p->items[1].entry == &entries[0];
		plan_free(p);
	}
	ok(each, "one alone");
}

static void test_seed_parse(void)
{
	static const char *const bad[] = { "",    "-1",  "+1",
		                           " 1",  "1 ",  "0x10",
		                           "1.5", "abc", "18446744073709551616" };
	struct err err = { 0 };
	uint64_t seed = 1;

	ok(seed_parse("0", &seed, &err) && seed == 0, "0");
	ok(seed_parse("42", &seed, &err) && seed == 42, "42");
	ok(seed_parse("18446744073709551615", &seed, &err) && seed == UINT64_MAX,
	   "the largest");
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		ok(!seed_parse(bad[i], &seed, &err) && err.hint[0], bad[i]);
}

int main(void)
{
	test_seed();
	test_stable();
	test_weights();
	test_each_once();
	test_seed_parse();
	return done_testing();
}
