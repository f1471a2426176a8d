/* What may stand in a game day file. */
#include "scenario/gameday_file.h"

static const char *const orders[] = { "random", "each_once", NULL };
static const char *const stops[] = { "fail", "never", NULL };

#define PAUSE(m, def, d)                                                               \
	{                                                                              \
		.key = #m, .type = PARAM_TYPE_NUMBER, .fallback = (def), .max = 86400, \
		.offset = offsetof(struct gameday_file, pause.m) -                     \
		          offsetof(struct gameday_file, pause),                        \
		.doc = (d)                                                             \
	}

static const struct param pause_params[] = {
	PAUSE(min_seconds, "30", "the shortest"),
	PAUSE(max_seconds, "300", "the longest"),
	PARAM_END,
};

static const struct param window_params[] = {
	{ .key = "days",
	  .type = PARAM_TYPE_STRINGS,
	  .offset = offsetof(struct window, day_words),
	  .doc = "sun, mon, tue, wed, thu, fri, sat; every day by default" },
	PARAM_STRING(struct window, from, OPTIONAL, "\"00:00\"",
	             "HH:MM of the local day"),
	PARAM_STRING(struct window, to, OPTIONAL, "\"24:00\"",
	             "HH:MM; earlier than from: across midnight into the next day"),
	PARAM_STRING(struct window, time_zone, OPTIONAL, NULL,
	             "like Europe/Zurich; that of the agent by default"),
	PARAM_END,
};

const struct param gameday_entry_params[] = {
	PARAM_STRING(struct gameday_entry, file, REQUIRED, NULL,
	             "scenario file, relative to this file"),
	PARAM_NUMBER(struct gameday_entry, weight, OPTIONAL, "1", 0.001, 1000,
	             "order random: how often it is drawn in comparison with the others"),
	PARAM_END,
};

const struct param gameday_params[] = {
	{ .key = "game_day",
	  .type = PARAM_TYPE_STRING,
	  .required = true,
	  .offset = offsetof(struct gameday_file, name),
	  .doc = "its name" },
	PARAM_LIST("scenarios", REQUIRED, gameday_entry_params, "what may be played"),
	PARAM_INTEGER(struct gameday_file, play, OPTIONAL, "0", 1, 10000,
	              "how many experiments; this or until must be given"),
	PARAM_STRING(struct gameday_file, until, OPTIONAL, NULL,
	             "HH:MM in the window's time zone: no experiment begins after it"),
	PARAM_CHOICE(struct gameday_file, order, OPTIONAL, "\"random\"", orders,
	             "random: each is drawn by weight; each_once: all of them, shuffled, "
	             "before "
	             "any repeats"),
	PARAM_OBJECT(struct gameday_file, pause, OPTIONAL, pause_params,
	             "between two experiments, drawn at random"),
	PARAM_OBJECT(struct gameday_file, window, OPTIONAL, window_params,
	             "when experiments may begin; at any time by default"),
	PARAM_CHOICE(struct gameday_file, stop_on, OPTIONAL, "\"fail\"", stops,
	             "fail: end at the first missed objective; what is not healed always "
	             "ends it"),
	PARAM_STRING(struct gameday_file, seed, OPTIONAL, NULL,
	             "decimal digits; a fresh one is drawn, and printed, by default"),
	PARAM_END,
};
