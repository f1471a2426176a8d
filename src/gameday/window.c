/*
 * When experiments may begin.  The clock of the time zone is asked minute by minute
 * rather than computed with: whatever daylight saving does to a day is then right, also
 * where a window's beginning does not exist or comes twice.
 */
#include "gameday/schedule.h"

#include "base/str.h"

#include <stdlib.h>
#include <time.h>

#define MINUTE (60 * NSEC_PER_SEC)

/* Every week has the same days, and one that a change of time swallows comes a week
 * later. */
#define LOOK_AHEAD (15 * 24 * 60)

/* The process's zone while another one's clock is read. */
struct zone {
	char *before;
	bool changed;
};

static struct zone enter_zone(const char *name)
{
	const char *now = getenv("TZ");
	struct zone z = { now ? xstrdup(now) : NULL, name != NULL };

	if (name) {
		setenv("TZ", name, 1);
		tzset();
	}
	return z;
}

static void leave_zone(struct zone *z)
{
	if (z->changed) {
		if (z->before)
			setenv("TZ", z->before, 1);
		else
			unsetenv("TZ");
		tzset();
	}
	free(z->before);
}

static struct tm local(nsec_t wall)
{
	nsec_t second = wall / NSEC_PER_SEC - (wall % NSEC_PER_SEC < 0);
	time_t t = (time_t)second;
	struct tm tm;

	localtime_r(&t, &tm);
	return tm;
}

static int minute_of(const struct tm *tm)
{
	return tm->tm_hour * 60 + tm->tm_min;
}

static bool is_inside(const struct window *w, nsec_t wall)
{
	struct tm tm = local(wall);
	int minute = minute_of(&tm);
	bool today = w->days[tm.tm_wday];
	bool yesterday = w->days[(tm.tm_wday + 6) % 7];

	if (w->from_minute < w->to_minute)
		return today && minute >= w->from_minute && minute < w->to_minute;
	return (today && minute >= w->from_minute) ||
	       (yesterday && minute < w->to_minute);
}

static nsec_t next_minute(nsec_t wall)
{
	return wall - wall % MINUTE + MINUTE;
}

/* The next minute in which is_inside() is `inside`, NSEC_NEVER if none comes. */
static nsec_t find_change(const struct window *w, nsec_t wall, bool inside)
{
	for (int i = 0; i < LOOK_AHEAD; i++) {
		wall = next_minute(wall);
		if (is_inside(w, wall) == inside)
			return wall;
	}
	return NSEC_NEVER;
}

bool window_is_open(const struct window *window, nsec_t wall, nsec_t *opens)
{
	struct zone zone;
	bool open;

	*opens = wall;
	if (!window->given)
		return true;
	zone = enter_zone(window->time_zone);
	open = is_inside(window, wall);
	if (!open)
		*opens = find_change(window, wall, true);
	leave_zone(&zone);
	return open;
}

nsec_t window_closes(const struct window *window, nsec_t wall)
{
	struct zone zone;
	nsec_t closes;

	if (!window->given)
		return NSEC_NEVER;
	zone = enter_zone(window->time_zone);
	closes = is_inside(window, wall) ? find_change(window, wall, false) : wall;
	leave_zone(&zone);
	return closes;
}

/* Does the clock pass `minute` of the day between these two? Not when it is put back. */
static bool passes(const struct tm *before, const struct tm *after, int minute)
{
	int from = minute_of(before);
	int to = minute_of(after);

	if (before->tm_yday == after->tm_yday)
		return from < minute && minute <= to;
	return minute > from || minute <= to;
}

nsec_t gameday_ends(const struct gameday_file *file, nsec_t wall)
{
	nsec_t ends = NSEC_NEVER;
	struct zone zone;
	struct tm before;

	if (file->until_minute < 0)
		return NSEC_NEVER;
	zone = enter_zone(file->window.time_zone);
	before = local(wall);
	for (int i = 0; i < LOOK_AHEAD && ends == NSEC_NEVER; i++) {
		struct tm after;

		wall = next_minute(wall);
		after = local(wall);
		if (passes(&before, &after, file->until_minute))
			ends = wall;
		before = after;
	}
	leave_zone(&zone);
	return ends;
}
