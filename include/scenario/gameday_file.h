/*
 * A game day file: which scenarios, how many, when.
 *
 *	{
 *	  "game_day": "weekday monkey",
 *	  "scenarios": [
 *	    { "file": "reboot-primary.json", "weight": 3 },
 *	    { "file": "switchover.json" }
 *	  ],
 *	  "play": 5,                         or "until": "17:00", or both: whichever comes
 *first "order": "random" | "each_once",   each_once: all of them, shuffled by the seed,
 *before any repeats "pause": { "min_seconds": 30, "max_seconds": 300 },   between two
 *experiments, drawn "window": { "days": ["mon","tue","wed","thu"], "from": "09:00", "to":
 *"16:30", "time_zone": "Europe/Zurich" }, "stop_on": "fail" | "never",       stop at the
 *first missed objective (default) or not; NOT healed always stops "seed": "42" optional;
 *--seed wins
 *	}
 *
 * Files are relative to the game day file's directory.
 */
#ifndef SCENARIO_GAMEDAY_FILE_H
#define SCENARIO_GAMEDAY_FILE_H

#include "base/json.h"
#include "scenario/scenario.h"

struct gameday_entry {
	char *file; /* as written */
	char *path; /* resolved */
	double weight;
	struct scenario *scenario;
};

struct window {
	bool given;                 /* false: always open */
	bool days[7];               /* on which; Sunday first, as tm_wday */
	int from_minute, to_minute; /* of the local day; from > to: across midnight */
	char *time_zone;            /* IANA name; NULL: the agent's own */
	struct strings day_words;   /* as in the file; empty: every day */
	char *from, *to;
};

struct gameday_file {
	struct json_doc doc;
	char *name;
	struct gameday_entry *entries;
	size_t entry_count, entry_cap;
	int64_t play;     /* 0: no bound by number */
	char *until;      /* as in the file, NULL: none */
	int until_minute; /* of the local day, -1: none */
	char *order;
	struct {
		double min_seconds, max_seconds;
	} pause;
	struct window window;
	char *stop_on;
	char *seed; /* NULL: none given */
};

/* Both read and validate the scenarios too. NULL + err ("FILE:L:C: …"). */
struct gameday_file *gameday_read(const char *path, struct err *err);
struct gameday_file *gameday_from_doc(struct json_doc *doc,
                                      struct err *err); /* takes the doc */
void gameday_free(struct gameday_file *file);

/* A seed as people type it: decimal digits up to 2^64 - 1. */
bool seed_is_well_formed(const char *text, uint64_t *seed) MUSTCHECK;

/* What a file is, by its first key: "cluster", "experiment", "game_day". */
enum file_kind { FILE_CLUSTER, FILE_SCENARIO, FILE_GAMEDAY, FILE_UNKNOWN };
enum file_kind file_kind_of(const struct json_doc *doc);

/* Reads and validates any of them; *kind is what it is, also where something is wrong. */
bool file_check(const char *path, enum file_kind *kind, struct err *err) MUSTCHECK;

extern const struct param gameday_params[], gameday_entry_params[];

#endif
