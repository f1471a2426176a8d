/* pgmonkey gameday: the experiments of a game day file, drawn by a seed. */
#include "cli/day.h"
#include "cli/output.h"
#include "cli/reporting.h"
#include "cli/signals.h"
#include "cli/stage.h"
#include "cli/verbs.h"

#include "base/log.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Further from a window than this, the wall clock was set: ask anew when it opens. */
#define CLOCK_SET_BACK ((nsec_t)400 * 86400 * NSEC_PER_SEC)
#define WALL_CHUNK \
	(30 * NSEC_PER_SEC) /* the wall clock may be set while we wait for it */

struct play {
	const struct invocation *inv;
	struct day day;
	struct stage stage;
	nsec_t until; /* wall */
	int worst;
	int refused_in_a_row;
};

static nsec_t wall_now(void)
{
	struct clock *clock = clock_system();

	return clock->wall(clock);
}

static nsec_t mono_now(void)
{
	struct clock *clock = clock_system();

	return clock->monotonic(clock);
}

/* By weight: not healed, missed, aborted, inconclusive, refused, pass. */
static int badness(int code)
{
	static const int order[] = { EXIT_PASS,    EXIT_REFUSED, EXIT_INCONCLUSIVE,
		                     EXIT_ABORTED, EXIT_MISSED,  EXIT_NOT_HEALED };

	for (int i = 0; i < (int)(sizeof order / sizeof order[0]); i++)
		if (order[i] == code)
			return i;
	return (int)(sizeof order /
	             sizeof order[0]); /* a file is wrong: nothing goes on */
}

static void note_code(struct play *play, int code)
{
	if (badness(code) > badness(play->worst))
		play->worst = code;
}

static void tell(const struct play *play, const char *text)
{
	if (!play->stage.unattended)
		say(stdout, "%s\n", text);
	fflush(stdout);
}

/* Waits for the window, or says when it opens. */
static bool window_lets_us(struct play *play)
{
	const struct window *window = &play->day.file->window;
	bool wait = invocation_option(play->inv, "wait") != NULL;
	char when[RFC3339_SIZE] = "never";
	nsec_t opens = NSEC_NEVER;

	while (!window_is_open(window, wall_now(), &opens)) {
		nsec_t now = wall_now();

		if (opens != NSEC_NEVER)
			local_time(when, opens);
		if (!wait || opens == NSEC_NEVER) {
			say(stderr, "pgmonkey: %s: the window is closed; it opens %s%s\n",
			    play->day.file->name, opens == NSEC_NEVER ? "" : "at ", when);
			return false;
		}
		log_info("the window is closed; waiting until %s", when);
		while (now < opens && now >= opens - CLOCK_SET_BACK) {
			nsec_t left = opens - now < WALL_CHUNK ? opens - now : WALL_CHUNK;

			if (!signals_sleep_until(mono_now() + left))
				return false;
			now = wall_now();
		}
	}
	return true;
}

/* NULL while the next experiment may begin, else why the day is over. */
static const char *day_is_over(const struct play *play)
{
	nsec_t opens;

	if (signals_stopped())
		return signals_stopped();
	if (wall_now() >= play->until)
		return "the time that the file's \"until\" sets has come";
	if (!window_is_open(&play->day.file->window, wall_now(), &opens))
		return "the window has closed";
	return NULL;
}

/* Sleeps before an experiment, but not past the end of the day. */
static void pause_before(const struct play *play, const struct planned *next)
{
	nsec_t until = mono_now() + seconds_to_nsec(next->pause_seconds);
	nsec_t wall = wall_now();
	nsec_t ends = window_closes(&play->day.file->window, wall);
	char text[64];
	char wait[32];

	if (play->until < ends)
		ends = play->until;
	if (ends != NSEC_NEVER && wall + seconds_to_nsec(next->pause_seconds) > ends)
		until = mono_now() + (ends > wall ? ends - wall : 0);
	if (next->pause_seconds >= 1) {
		snprintf(text, sizeof text, "pause of %s",
		         duration(wait, next->pause_seconds));
		tell(play, text);
	}
	(void)signals_sleep_until(until); /* day_is_over() tells why it was left early */
}

static void say_result(const struct play *play, int code, size_t ledgers_before)
{
	const struct strings *ledgers = &play->stage.ledgers;
	char *line;

	if (code == EXIT_REFUSED || ledgers->count == ledgers_before)
		return; /* said already */
	line = verdict_line(ledgers->items[ledgers->count - 1]);
	if (!play->stage.unattended && !play->inv->quiet)
		say(stdout, "%s\n", line);
	else if (code != EXIT_PASS)
		say(stderr, "pgmonkey: %s\n", line);
	fflush(stdout);
	free(line);
}

/*
 * May the day go on after an experiment that ended so?  What refuses two in a row is not
 * going to go away by waiting.
 */
static bool goes_on(struct play *play, int code)
{
	bool tolerant = strcmp(play->day.file->stop_on, "never") == 0;

	play->refused_in_a_row = code == EXIT_REFUSED ? play->refused_in_a_row + 1 : 0;
	if (code == EXIT_PASS || code == EXIT_INCONCLUSIVE)
		return true;
	if (code == EXIT_REFUSED)
		return tolerant || play->refused_in_a_row < 2;
	return tolerant && (code == EXIT_MISSED || code == EXIT_ABORTED);
}

static bool play_one(struct play *play, size_t i)
{
	const struct planned *planned = &play->day.plan->items[i];
	struct run_options options = {
		.target_seed = planned->target_seed,
		.seed = play->day.seed,
		.gameday = play->day.file->name,
		.gameday_index = (int)i + 1,
		.gameday_of = (int)play->day.plan->count,
	};
	size_t before = play->stage.ledgers.count;
	int code;

	if (!play->stage.unattended)
		say(stdout, "%zu of %zu: %s\n", i + 1, play->day.plan->count,
		    planned->entry->scenario->experiment);
	fflush(stdout);
	code = stage_play(&play->stage, planned->entry->scenario, options);
	note_code(play, code);
	say_result(play, code, before);
	return goes_on(play, code);
}

static void play_all(struct play *play)
{
	const struct plan *plan = play->day.plan;
	const char *over = NULL;
	size_t played = 0;
	bool on = true;

	while (on && played < plan->count) {
		if (played > 0)
			pause_before(play, &plan->items[played]);
		over = day_is_over(play);
		if (over)
			break;
		on = play_one(play, played++);
	}
	if (played == 0)
		note_code(play, EXIT_REFUSED);
	else if (signals_stopped())
		note_code(play, EXIT_ABORTED);
	if (signals_stopped() || (over && played == 0))
		say(stderr,
		    "pgmonkey: %s: stopped after %zu of %zu experiments: %s (seed %s)\n",
		    play->day.file->name, played, plan->count,
		    over ? over : signals_stopped(), play->day.seed);
	else if (over)
		log_info("%zu of %zu experiments played: %s", played, plan->count, over);
	else if (!on && played < plan->count)
		say(stderr,
		    "pgmonkey: %s: stopped after %zu of %zu experiments (seed %s)\n",
		    play->day.file->name, played, plan->count, play->day.seed);
}

/* One report over all of them: to --output, and to whoever looks. */
static void report_day(struct play *play)
{
	const char *name = invocation_option(play->inv, "format");
	const char *path = invocation_option(play->inv, "output");
	const struct report_format *format = report_format_find(name ? name : "text");
	bool show = !path && !play->stage.unattended && !play->inv->quiet;
	struct buf report = BUF_INIT;
	struct err err = { 0 };

	if (!play->stage.ledgers.count || (!path && !show))
		return;
	if (!report_ledgers(&play->stage.ledgers, format, &report))
		note_code(play, EXIT_INCONCLUSIVE);
	else if (show)
		say(stdout, "\n%s", report.data);
	else if (!file_write(path, &report, true, &err))
		say_err(&err);
	for (size_t i = 0; show && i < play->stage.ledgers.count; i++)
		say(stdout, "ledger: %s\n", play->stage.ledgers.items[i]);
	buf_free(&report);
}

static int play_day(struct play *play)
{
	char *what =
		xasprintf("game day %s, seed %s", play->day.file->name, play->day.seed);
	int code;

	if (play->stage.unattended)
		log_set_level(LOG_ERROR);
	tell(play, what);
	code = stage_open(&play->stage, play->inv, play->day.cluster, what);
	if (code == EXIT_PASS && !window_lets_us(play))
		code = EXIT_REFUSED;
	if (code == EXIT_PASS) {
		play->until = gameday_ends(play->day.file, wall_now());
		play_all(play);
		report_day(play);
		code = play->worst;
	}
	stage_close(&play->stage);
	free(what);
	return code;
}

static int run(const struct invocation *inv)
{
	struct play play = {
		.inv = inv,
		.stage = { .state.lock_fd = -1,
		           .unattended = !isatty(STDOUT_FILENO) && !inv->verbose },
		.worst = EXIT_PASS,
	};
	int code = day_load(&play.day, inv);

	if (code == EXIT_PASS)
		code = play_day(&play);
	day_free(&play.day);
	return stdout_is_written() || code != EXIT_PASS ? code : EXIT_INCONCLUSIVE;
}

static const struct cli_option options[] = {
	{ "seed", 0, "N", "play the plan of this seed instead of a fresh one", NULL },
	{ "wait", 0, NULL, "wait for the window instead of refusing outside of it",
	  NULL },
	{ "output", 'o', "FILE", "write one report over all experiments to FILE", NULL },
	{ "format", 0, "FORMAT", "of the report (text)", report_format_names },
	{ NULL, 0, NULL, NULL, NULL },
};

const struct command gameday_command = {
	.name = "gameday",
	.summary = "play a game day: several scenarios, drawn by a seed",
	.arguments = "CLUSTER GAMEDAY",
	.options = options,
	.min_arguments = 2,
	.max_arguments = 2,
	.help = "Plays the plan that `pgmonkey plan` shows, one experiment after the "
		"other with the pauses of the plan, and ends with one report over all "
		"of them. The seed is --seed, else the file's, else a fresh one; it is "
		"printed and stands in every ledger, and the same seed gives the same "
		"plan.\n"
		"\n"
		"Outside of the file's window nothing is played: the exit code is 5 and "
		"a line says when it opens, or --wait waits for it. The window is "
		"looked at before each experiment; one that has begun is finished.\n"
		"\n"
		"A missed objective or an abort ends the day unless the file says "
		"\"stop_on\": \"never\"; so do two refusals in a row. Something that is "
		"not healed always ends it, and so does Ctrl-C. The exit code is the "
		"worst of all, in the order 4, 1, 3, 2, 5, 0.\n"
		"\n"
		"Where standard output is no terminal (cron, a timer) it is quiet: one "
		"line for each experiment that did not pass, none where all did; -v "
		"says more. There is one run at a time for each cluster: a second one "
		"leaves with one line and exit code 5.\n"
		"\n"
		"    pgmonkey gameday cluster.json scenarios/game-day.json --seed 42\n",
	.run = run,
};
