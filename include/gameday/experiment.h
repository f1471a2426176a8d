/*
 * One scenario against one cluster, once: the phases of docs/architecture.md as a table
 * (src/gameday/phases.c), each with a function and the sentence that people and the
 * ledger see.  HEAL, SETTLE and AUDIT run on every way out once the fault may have been
 * sent.
 */
#ifndef GAMEDAY_EXPERIMENT_H
#define GAMEDAY_EXPERIMENT_H

#include "gameday/state.h"
#include "scenario/cluster.h"
#include "scenario/scenario.h"

/* What people may want to see while it runs; called some four times a second. */
struct progress {
	const char *experiment, *phase, *text;
	double elapsed_seconds; /* since the experiment began */
	size_t acked, not_acked;
	bool failing;           /* some write endpoint does not ack at the moment */
	double failing_seconds; /* … since so long */
	const char *primary;    /* member that says it is primary; NULL: none */
};
struct observer {
	void (*phase)(const struct progress *, void *arg); /* a phase begins */
	void (*tick)(const struct progress *, void *arg);
	void *arg;
};

struct run_options {
	const char *ledger;   /* path, NULL: the state directory's */
	uint64_t target_seed; /* draws among several fitting targets */
	const char *seed;     /* as shown to people; NULL: none */
	bool dry_run;         /* up to ARM, then print what would be sent; nothing is */
	bool step;            /* ask at the terminal before each phase */
	const char *gameday;  /* name, NULL: a single run */
	int gameday_index, gameday_of;
	/*
	 * With step: asks, and reads the answer as soon as standard input has one; the
	 * probes go on meanwhile.
	 */
	void (*ask_step)(const char *phase, const char *text);
	void (*read_step)(void);
	const struct observer *observer; /* NULL: nobody looks */
};

struct run_result {
	enum exit_code exit;
	char *ledger;  /* path; NULL where it was refused before there was one */
	char *dry_run; /* text to print for --dry-run */
};

/*
 * Plays it.  The state must be open and locked.  False + err only where it was refused
 * before there was a ledger (exit 5), or a file turned out wrong (65): see result->exit.
 */
bool experiment_run(const struct cluster *cluster, const struct scenario *scenario,
                    struct state *state, const struct run_options *options,
                    struct run_result *result, struct err *err) MUSTCHECK;
void run_result_free(struct run_result *result);

/*
 * Stops the run that is under way: heals at once, then settles and audits.  Safe in a
 * signal handler.  A second call makes the program leave as soon as it can.
 */
void experiment_request_stop(const char *why);

/* ---- check: what would not work, and why; changes nothing ------------------------- */

enum finding_level { FINDING_OK, FINDING_WARNING, FINDING_PROBLEM };
struct finding {
	enum finding_level level;
	char *about; /* "db1 ssh", "primary_endpoint" */
	char *text;
	char *hint; /* may be NULL */
};
struct findings {
	struct finding *items;
	size_t count, cap;
};

/* Reaches every member, host, proxy, endpoint and the manager; scenarios may be none. */
void check_cluster(const struct cluster *cluster, struct scenario *const *scenarios,
                   size_t scenario_count, struct findings *findings);
void findings_free(struct findings *findings);

/* ---- heal -------------------------------------------------------------------------- */

/*
 * Undoes what a ledger says is open, looks whether it is undone, and appends that to it.
 * True if nothing is open any more.  `said` gets a line a fault for people.
 */
bool heal_ledger(const char *path, struct buf *said, struct err *err) MUSTCHECK;

#endif
