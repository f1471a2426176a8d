/* pgmonkey heal: undo what a ledger says is open. */
#include "cli/output.h"
#include "cli/verbs.h"

#include "base/log.h"
#include "gameday/experiment.h"
#include "ledger/reader.h"

#include <string.h>

/*
 * A run that is still under way heals by itself, and two that heal get in each other's
 * way.  A state directory that can't be had is no reason to leave something broken.
 */
static bool run_is_under_way(const struct invocation *inv, const cJSON *run,
                             struct state *state, struct err *err)
{
	const char *cluster = json_string(run, "cluster");
	bool busy = false;

	if (!cluster || !state_open(state, inv->state_dir, cluster, err)) {
		state->lock_fd = -1;
		return false;
	}
	if (!state_lock(state, "pgmonkey heal", &busy, err) && !busy)
		log_debug("%s", err->message);
	return busy;
}

static int heal(const struct invocation *inv)
{
	struct buf said = BUF_INIT;
	struct err err = { 0 };
	bool healed = heal_ledger(inv->arguments[0], &said, &err);

	if (!healed || !inv->quiet)
		say(healed ? stdout : stderr, "%s", said.data);
	if (!healed)
		say_err(&err);
	buf_free(&said);
	return healed ? EXIT_PASS : EXIT_NOT_HEALED;
}

static int run(const struct invocation *inv)
{
	struct open_faults open = { 0 };
	struct state state = { .lock_fd = -1 };
	struct err err = { 0 };
	int code = EXIT_REFUSED;

	if (!ledger_find_unhealed(inv->arguments[0], &open, &err)) {
		say_file_err(&err);
		return EXIT_BAD_FILE;
	}
	if (run_is_under_way(inv, open.run, &state, &err))
		say_err(&err);
	else
		code = heal(inv);
	if (state.directory)
		state_close(&state);
	open_faults_free(&open);
	return stdout_is_written() || code != EXIT_PASS ? code : EXIT_REFUSED;
}

const struct command heal_command = {
	.name = "heal",
	.summary = "undo what the ledger of an interrupted run left broken",
	.arguments = "LEDGER",
	.min_arguments = 1,
	.max_arguments = 1,
	.help = "Undoes every fault that the ledger says is open, looks whether it is "
		"undone, and appends that to the ledger. It may be called any number of "
		"times, also on a ledger without an open fault. What it needs stands in "
		"the ledger, but for passwords and keys, which are read from the files "
		"that the ledger names.\n"
		"\n"
		"The exit code is 0 where nothing is open any more and 4 where "
		"something is. While a run of the same cluster is under way it is "
		"refused with 5: stop that one with SIGINT, it heals before it "
		"leaves.\n",
	.run = run,
};
