/* pgmonkey plan: what a seed would do, when.  No network. */
#include "cli/day.h"
#include "cli/output.h"
#include "cli/verbs.h"

#include <string.h>

static int column(int width, const char *text, int limit)
{
	int len = (int)strlen(text);

	if (len > limit)
		len = limit;
	return len > width ? len : width;
}

struct widths {
	int experiment, fault, target;
};

static struct widths measure(const struct plan *plan)
{
	struct widths w = { 10, 5, 6 };

	for (size_t i = 0; i < plan->count; i++) {
		const struct scenario *s = plan->items[i].entry->scenario;

		w.experiment = column(w.experiment, s->experiment, 40);
		w.fault = column(w.fault, s->fault->type->name, 24);
		w.target = column(w.target, fault_target_expression(s->fault), 24);
	}
	return w;
}

static void say_table(const struct plan *plan)
{
	struct widths w = measure(plan);
	double waited = 0;
	char at[32];
	char pause[32];

	say(stdout, "  #  not before  pause       %-*s  %-*s  %-*s  file\n", w.experiment,
	    "experiment", w.fault, "fault", w.target, "target");
	for (size_t i = 0; i < plan->count; i++) {
		const struct planned *p = &plan->items[i];
		const struct scenario *s = p->entry->scenario;
		long seconds;

		waited += p->pause_seconds;
		seconds = (long)waited;
		snprintf(at, sizeof at, "+%ld:%02ld:%02ld", seconds / 3600,
		         seconds / 60 % 60, seconds % 60);
		snprintf(pause, sizeof pause, "%.1f s", p->pause_seconds);
		say(stdout, "%3zu  %-10s  %-10s  %-*s  %-*s  %-*s  %s\n", i + 1, at,
		    pause, w.experiment, s->experiment, w.fault, s->fault->type->name,
		    w.target, fault_target_expression(s->fault), p->entry->file);
	}
}

static void say_when(const struct gameday_file *file)
{
	struct clock *clock = clock_system();
	nsec_t wall = clock->wall(clock);
	nsec_t opens = NSEC_NEVER;
	nsec_t until;
	char when[RFC3339_SIZE];

	if (!window_is_open(&file->window, wall, &opens))
		say(stdout, "window: closed, opens %s\n",
		    opens == NSEC_NEVER ? "never" : local_time(when, opens));
	else if (window_closes(&file->window, wall) != NSEC_NEVER)
		say(stdout, "window: open until %s\n",
		    local_time(when, window_closes(&file->window, wall)));
	until = gameday_ends(file, wall);
	if (until != NSEC_NEVER)
		say(stdout, "until: %s\n", local_time(when, until));
}

static int run(const struct invocation *inv)
{
	struct day day = { 0 };
	int code = day_load(&day, inv);

	if (code == EXIT_PASS) {
		say(stdout, "game day %s on %s, seed %s, %zu experiments\n",
		    day.file->name, day.cluster->inventory.cluster, day.seed,
		    day.plan->count);
		say_when(day.file);
		say_table(day.plan);
		if (!stdout_is_written())
			code = EXIT_REFUSED;
	}
	day_free(&day);
	return code;
}

static const struct cli_option options[] = {
	{ "seed", 0, "N", "the plan of this seed instead of a fresh one", NULL },
	{ NULL, 0, NULL, NULL, NULL },
};

const struct command plan_command = {
	.name = "plan",
	.summary = "show what a seed would do on a game day, and when",
	.arguments = "CLUSTER GAMEDAY",
	.options = options,
	.min_arguments = 2,
	.max_arguments = 2,
	.help = "Prints the experiments that `pgmonkey gameday` would play with this "
		"seed, in order. \"Not before\" counts the pauses alone, as if an "
		"experiment took no time. Which of several fitting hosts a target "
		"expression means is drawn by the seed too, but only when the fault is "
		"armed, from what the cluster says then. No network is used.\n"
		"\n"
		"    pgmonkey plan cluster.json scenarios/game-day.json --seed 42\n",
	.run = run,
};
