/*
 * What `run` and `gameday` share: a cluster whose state is open and locked, experiments
 * played one after the other, and what is said of them.
 */
#ifndef CLI_STAGE_H
#define CLI_STAGE_H

#include "cli/command.h"
#include "cli/live.h"
#include "gameday/experiment.h"

struct stage {
	const struct cluster *cluster;
	struct state state;
	struct live live;
	bool unattended;        /* nobody looks: quiet unless something is wrong */
	bool one_line;          /* unattended or --quiet: a refusal is one line */
	struct strings ledgers; /* of what was played, in order */
};

/*
 * Opens the state and takes the cluster's lock.  EXIT_PASS, or the exit code after saying
 * why: in one line where another run holds the lock and nobody looks, or
 * --quiet asks for it.
 */
int stage_open(struct stage *s, const struct invocation *inv,
               const struct cluster *cluster, const char *what);
void stage_close(struct stage *s);

/*
 * Plays one experiment and says why where it was refused.  Returns its exit code.
 * options->ledger NULL: a new one in the state directory.
 */
int stage_play(struct stage *s, const struct scenario *scenario,
               struct run_options options);

#endif
