/* pgmonkey run: one scenario against one cluster, once. */
#include "cli/output.h"
#include "cli/reporting.h"
#include "cli/signals.h"
#include "cli/stage.h"
#include "cli/verbs.h"

#include "gameday/schedule.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void ask_to_go_on(const char *phase, const char *text)
{
	say(stderr, "\n%s: %s\nEnter goes on, Ctrl-C stops: ", phase, text);
}

static void read_to_go_on(void)
{
	char answer[8];
	ssize_t n = 1;

	do {
		n = read(STDIN_FILENO, answer, sizeof answer);
	} while (n > 0 && answer[n - 1] != '\n');
	/* The terminal went away: nobody has said that it may go on. */
	if (n <= 0 && !signals_stopped())
		experiment_request_stop("end of input at a step");
}

static void say_report(const struct strings *ledgers, const struct invocation *inv,
                       int code)
{
	struct buf report = BUF_INIT;
	char *line;

	if (!ledgers->count)
		return;
	if (code == EXIT_REFUSED) { /* why is said already */
		if (!inv->quiet)
			say(stderr, "ledger: %s\n", ledgers->items[0]);
		return;
	}
	if (inv->quiet) {
		line = verdict_line(ledgers->items[0]);
		if (code != EXIT_PASS)
			say(stderr, "pgmonkey: %s\n", line);
		free(line);
		return;
	}
	if (report_ledgers(ledgers, report_format_find("text"), &report)) {
		say(stdout, "%s", report.data);
		say(stdout, "ledger: %s\n", ledgers->items[0]);
	}
	buf_free(&report);
}

static int play(const struct invocation *inv, const struct cluster *cluster,
                const struct scenario *scenario, uint64_t seed)
{
	struct stage stage = { .state.lock_fd = -1 };
	char seed_text[24];
	struct run_options options = {
		.ledger = invocation_option(inv, "ledger"),
		.target_seed = seed,
		.seed = seed_text,
		.dry_run = invocation_option(inv, "dry-run") != NULL,
		.step = invocation_option(inv, "step") != NULL,
		.ask_step = ask_to_go_on,
		.read_step = read_to_go_on,
	};
	int code;

	snprintf(seed_text, sizeof seed_text, "%llu", (unsigned long long)seed);
	code = stage_open(&stage, inv, cluster, scenario->experiment);
	if (code == EXIT_PASS) {
		code = stage_play(&stage, scenario, options);
		if (!options.dry_run)
			say_report(&stage.ledgers, inv, code);
	}
	stage_close(&stage);
	return code;
}

static int run(const struct invocation *inv)
{
	const char *given = invocation_option(inv, "seed");
	struct err err = { 0 };
	struct cluster *cluster;
	struct scenario *scenario;
	uint64_t seed = 0;
	int code = EXIT_BAD_FILE;

	if (!given)
		seed = rng_fresh_seed();
	else if (!seed_parse(given, &seed, &err))
		return usage_error(inv->command, "--seed: %s", err.message);
	if (invocation_option(inv, "step") && !isatty(STDIN_FILENO))
		return usage_error(inv->command,
		                   "--step asks at a terminal, and there is none");
	cluster = cluster_read(inv->arguments[0], &err);
	if (!cluster)
		say_file_err(&err);
	scenario = scenario_read(inv->arguments[1], &err);
	if (!scenario)
		say_file_err(&err);
	if (cluster && scenario)
		code = play(inv, cluster, scenario, seed);
	scenario_free(scenario);
	cluster_free(cluster);
	/* The verdict is the exit code, whether or not somebody reads the report. */
	return stdout_is_written() || code != EXIT_PASS ? code : EXIT_INCONCLUSIVE;
}

static const struct cli_option options[] = {
	{ "ledger", 0, "FILE", "where the ledger goes; it must not be there yet", NULL },
	{ "dry-run", 0, NULL, "do all up to ARM, then print what would be sent", NULL },
	{ "step", 0, NULL, "ask at the terminal before each phase", NULL },
	{ "seed", 0, "N", "draw the target among several that fit by this seed", NULL },
	{ NULL, 0, NULL, NULL, NULL },
};

const struct command run_command = {
	.name = "run",
	.summary = "play one scenario against a cluster, and judge it",
	.arguments = "CLUSTER SCENARIO",
	.options = options,
	.min_arguments = 2,
	.max_arguments = 2,
	.help = "Plays the scenario once, prints the report and the path of the ledger, "
		"and exits with the verdict. The cluster file must say \"chaos\": "
		"\"allowed\".\n"
		"\n"
		"Ctrl-C (SIGINT, SIGTERM or SIGHUP) stops the run: what is broken is "
		"healed, and what was seen is judged. A second one leaves at once and "
		"prints the command that heals. If the program or its machine dies, the "
		"next run is refused and names that command too.\n"
		"\n"
		"With --quiet a pass prints nothing and anything else one line.\n"
		"\n"
		"    pgmonkey run cluster.json scenarios/reboot-primary.json\n"
		"    pgmonkey run --dry-run cluster.json scenarios/reboot-primary.json\n",
	.run = run,
};
