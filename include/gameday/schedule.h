/*
 * What is played when: pure, from the game day file and a seed.  The same seed gives the
 * same plan of scenarios, pauses and draws of targets; the outcome is not promised.
 */
#ifndef GAMEDAY_SCHEDULE_H
#define GAMEDAY_SCHEDULE_H

#include "base/clock.h"
#include "base/rng.h"
#include "scenario/gameday_file.h"

struct planned {
	const struct gameday_entry *entry;
	double pause_seconds; /* before it begins (the first: 0) */
	uint64_t target_seed; /* for drawing among several fitting targets */
};

struct plan {
	uint64_t seed;
	struct planned *items;
	size_t count, cap;
};

/* Draws `count` experiments (play, or 100 where only `until` bounds the day). */
struct plan *plan_draw(const struct gameday_file *file, uint64_t seed);
void plan_free(struct plan *plan);

/* Parses a seed as people type it: decimal digits up to 2^64 - 1. */
bool seed_parse(const char *text, uint64_t *seed, struct err *err) MUSTCHECK;

/*
 * Is `wall` inside the window?  If not, *opens is when it next is (NSEC_NEVER: never).
 * Daylight saving is the time zone's: a window that does not exist on a day is skipped.
 */
bool window_is_open(const struct window *window, nsec_t wall, nsec_t *opens);

/* When the open window closes, or NSEC_NEVER where it does not. */
nsec_t window_closes(const struct window *window, nsec_t wall);

/*
 * When a day that began at `wall` ends by `until` of its file: the next time that the
 * clock of the window's time zone passes it. NSEC_NEVER where the file has none.
 */
nsec_t gameday_ends(const struct gameday_file *file, nsec_t wall);

#endif
