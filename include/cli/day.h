/* A game day's files, its seed and its plan: shared by `plan` and `gameday`. */
#ifndef CLI_DAY_H
#define CLI_DAY_H

#include "cli/command.h"
#include "gameday/schedule.h"
#include "scenario/cluster.h"

struct day {
	struct cluster *cluster;
	struct gameday_file *file;
	struct plan *plan;
	char seed[24];
};

/*
 * Reads CLUSTER and GAMEDAY, looks whether every scenario fits the cluster, draws the
 * plan by --seed, the file's seed or a fresh one.  EXIT_PASS, or the exit code after
 * saying what is wrong; day_free() in either case.
 */
int day_load(struct day *day, const struct invocation *inv);
void day_free(struct day *day);

#endif
