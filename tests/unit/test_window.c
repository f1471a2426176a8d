/* When experiments may begin, across midnight and daylight saving (gameday/schedule.h). */
#include "gameday/schedule.h"

#include "tap.h"

#include <stdlib.h>
#include <time.h>

static nsec_t at(const char *text)
{
	nsec_t wall = 0;

	if (!rfc3339_parse(text, &wall))
		printf("Bail out! no time: %s\n", text);
	return wall;
}

/* Days by the letters of "SMTWTFS", in order, "-" for closed. */
static struct window window(const char *days, int from, int to, const char *zone)
{
	struct window w = { .given = true,
		            .from_minute = from / 100 * 60 + from % 100,
		            .to_minute = to / 100 * 60 + to % 100,
		            .time_zone = (char *)zone };

	for (int i = 0; i < 7; i++)
		w.days[i] = days[i] != '-';
	return w;
}

/* "open", or when it opens, in UTC. */
static const char *look(const struct window *w, const char *when)
{
	static char text[RFC3339_SIZE];
	nsec_t opens = 0;

	if (window_is_open(w, at(when), &opens)) {
		is_int(opens, at(when), "an open window opens now");
		return "open";
	}
	return opens == NSEC_NEVER ? "never" : rfc3339(text, opens);
}

static const char *closes(const struct window *w, const char *when)
{
	static char text[RFC3339_SIZE];
	nsec_t end = window_closes(w, at(when));

	return end == NSEC_NEVER ? "never" : rfc3339(text, end);
}

/* 2026-11-25 is a Wednesday; Zurich is one hour before UTC in winter. */
static void test_days(void)
{
	struct window w = window("-MTWT--", 900, 1630, "Europe/Zurich");

	is_str(look(&w, "2026-11-25T09:00:00+01:00"), "open", "from its first minute");
	is_str(look(&w, "2026-11-25T16:29:59.999+01:00"), "open", "to its last");
	is_str(look(&w, "2026-11-25T16:30:00+01:00"), "2026-11-26T08:00:00.000Z",
	       "closed");
	is_str(look(&w, "2026-11-25T08:59:59+01:00"), "2026-11-25T08:00:00.000Z",
	       "not yet");
	is_str(look(&w, "2026-11-26T17:00:00+01:00"), "2026-11-30T08:00:00.000Z",
	       "next week");
	is_str(look(&w, "2026-11-28T12:00:00+01:00"), "2026-11-30T08:00:00.000Z",
	       "Saturday");
	is_str(closes(&w, "2026-11-25T12:00:00+01:00"), "2026-11-25T15:30:00.000Z",
	       "closes");
	is_str(closes(&w, "2026-11-25T17:00:00+01:00"), "2026-11-25T16:00:00.000Z",
	       "a closed one has closed");
}

static void test_midnight(void)
{
	struct window w = window("-----F-", 2200, 400, "Europe/Zurich");

	is_str(look(&w, "2026-11-27T22:00:00+01:00"), "open", "Friday night");
	is_str(look(&w, "2026-11-28T03:59:00+01:00"), "open", "and Saturday morning");
	is_str(look(&w, "2026-11-28T04:00:00+01:00"), "2026-12-04T21:00:00.000Z",
	       "then no more");
	is_str(look(&w, "2026-11-27T03:00:00+01:00"), "2026-11-27T21:00:00.000Z",
	       "Friday morning is Thursday's");
	is_str(look(&w, "2026-11-28T22:00:00+01:00"), "2026-12-04T21:00:00.000Z",
	       "Saturday night");
	is_str(closes(&w, "2026-11-27T23:00:00+01:00"), "2026-11-28T03:00:00.000Z",
	       "closes");
	w = window("---W---", 0, 2400, "Europe/Zurich");
	is_str(look(&w, "2026-11-25T23:59:59+01:00"), "open", "a whole day");
	is_str(closes(&w, "2026-11-25T23:59:59+01:00"), "2026-11-25T23:00:00.000Z",
	       "its end");
	w = window("SMTWTFS", 0, 2400, "Europe/Zurich");
	is_str(closes(&w, "2026-11-25T23:59:59+01:00"), "never", "all days of the week");
	w = window("-------", 0, 2400, "Europe/Zurich");
	is_str(look(&w, "2026-11-25T23:59:59+01:00"), "never", "no day");
	w.given = false;
	is_str(look(&w, "2026-11-25T23:59:59+01:00"), "open", "no window is always open");
	is_str(closes(&w, "2026-11-25T23:59:59+01:00"), "never", "and does not close");
}

/* Zurich: 2026-03-29 02:00 becomes 03:00, 2026-10-25 03:00 becomes 02:00; both Sundays. */
static void test_daylight_saving(void)
{
	struct window w = window("SMTWTFS", 210, 250, "Europe/Zurich");

	is_str(look(&w, "2026-03-28T02:30:00+01:00"), "open", "the day before");
	is_str(look(&w, "2026-03-29T01:59:59+01:00"), "2026-03-30T00:10:00.000Z",
	       "a window that does not exist is skipped");
	is_str(look(&w, "2026-03-29T03:00:00+02:00"), "2026-03-30T00:10:00.000Z",
	       "after it");
	is_str(look(&w, "2026-10-25T02:30:00+02:00"), "open", "first time");
	is_str(closes(&w, "2026-10-25T02:30:00+02:00"), "2026-10-25T00:50:00.000Z",
	       "its end");
	is_str(look(&w, "2026-10-25T02:55:00+02:00"), "2026-10-25T01:10:00.000Z",
	       "between");
	is_str(look(&w, "2026-10-25T02:30:00+01:00"), "open", "second time");

	w = window("SMTWTFS", 230, 500, "Europe/Zurich");
	is_str(look(&w, "2026-03-29T01:00:00+01:00"), "2026-03-29T01:00:00.000Z",
	       "a beginning that does not exist: as soon as the clock is past it");
	is_str(closes(&w, "2026-03-29T04:00:00+02:00"), "2026-03-29T03:00:00.000Z",
	       "and its end is that of the clock");
	w = window("SMTWTFS", 100, 230, "Europe/Zurich");
	is_str(closes(&w, "2026-03-29T01:30:00+01:00"), "2026-03-29T01:00:00.000Z",
	       "an end that does not exist");

	w = window("S------", 210, 250, "Europe/Zurich");
	is_str(look(&w, "2026-03-28T12:00:00+01:00"), "2026-04-05T00:10:00.000Z",
	       "once a week, and skipped: the week after");
	w = window("SMTWTFS", 900, 1630, "Europe/Zurich");
	is_str(look(&w, "2026-06-01T08:00:00+02:00"), "2026-06-01T07:00:00.000Z",
	       "in summer");
}

static void test_zones(void)
{
	struct window w = window("-M-----", 900, 1000, "Pacific/Auckland");

	is_str(look(&w, "2026-11-22T20:30:00Z"), "open", "Monday there, Sunday here");
	is_str(look(&w, "2026-11-23T09:30:00Z"), "2026-11-29T20:00:00.000Z",
	       "and the reverse");
	w = window("SMTWTFS", 900, 1000, "Asia/Kathmandu");
	is_str(look(&w, "2026-11-25T03:00:00Z"), "2026-11-25T03:15:00.000Z",
	       "five and 3/4 hours");
	/* Put back by half an hour on 2026-04-05 at 02:00 (+11 to +10:30). */
	w = window("SMTWTFS", 140, 150, "Australia/Lord_Howe");
	is_str(look(&w, "2026-04-05T01:55:00+11:00"), "2026-04-04T15:10:00.000Z",
	       "half an hour twice");
}

static void test_restores(void)
{
	struct window w = window("SMTWTFS", 900, 1000, "Pacific/Auckland");
	time_t t = 0;
	struct tm tm;

	setenv("TZ", "Asia/Kathmandu", 1);
	tzset();
	(void)look(&w, "2026-11-25T03:00:00Z");
	(void)closes(&w, "2026-11-25T03:00:00Z");
	is_str(getenv("TZ"), "Asia/Kathmandu", "the process's own zone is as before");
	localtime_r(&t, &tm);
	is_int(tm.tm_hour * 60 + tm.tm_min, 330, "and in use");
	w.time_zone = NULL;
	is_str(look(&w, "2026-11-25T03:00:00Z"), "2026-11-25T03:15:00.000Z",
	       "by default it counts");
	unsetenv("TZ");
	tzset();
	w.time_zone = (char *)"Pacific/Auckland";
	(void)look(&w, "2026-11-25T03:00:00Z");
	ok(!getenv("TZ"), "none is none again");
}

static const char *ends(int until, const char *zone, const char *when)
{
	static char text[RFC3339_SIZE];
	struct gameday_file file = {
		.until_minute = until < 0 ? -1 : until / 100 * 60 + until % 100,
		.window = { .time_zone = (char *)zone }
	};
	nsec_t end = gameday_ends(&file, at(when));

	return end == NSEC_NEVER ? "never" : rfc3339(text, end);
}

static void test_until(void)
{
	const char *zurich = "Europe/Zurich";

	is_str(ends(1700, zurich, "2026-11-25T09:00:00+01:00"),
	       "2026-11-25T16:00:00.000Z", "today");
	is_str(ends(1700, zurich, "2026-11-25T17:00:00+01:00"),
	       "2026-11-26T16:00:00.000Z", "just past: tomorrow");
	is_str(ends(0, zurich, "2026-11-25T09:00:00+01:00"), "2026-11-25T23:00:00.000Z",
	       "midnight");
	is_str(ends(-1, zurich, "2026-11-25T09:00:00+01:00"), "never", "none");
	is_str(ends(230, zurich, "2026-03-29T00:30:00+01:00"), "2026-03-29T01:00:00.000Z",
	       "a time that does not exist: when the clock jumps over it");
	is_str(ends(230, zurich, "2026-10-25T01:00:00+02:00"), "2026-10-25T00:30:00.000Z",
	       "a time that comes twice: the first one");
	is_str(ends(130, zurich, "2026-10-25T02:30:00+02:00"), "2026-10-26T00:30:00.000Z",
	       "putting the clock back passes nothing");
	is_str(ends(2330, "Pacific/Auckland", "2026-12-31T09:00:00Z"),
	       "2026-12-31T10:30:00.000Z", "at the turn of the year");
	is_str(ends(15, "Pacific/Auckland", "2026-12-31T10:30:00Z"),
	       "2026-12-31T11:15:00.000Z", "past it");
}

int main(void)
{
	test_days();
	test_midnight();
	test_daylight_saving();
	test_zones();
	test_restores();
	test_until();
	return done_testing();
}
