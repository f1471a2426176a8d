/*
 * Where runs leave their ledgers, and who may run: one directory a cluster.
 *
 *	STATE/CLUSTER/lock        held (flock) while a run is under way; goes with its holder
 *	STATE/CLUSTER/current     the ledger of the run that may have a fault open
 *	STATE/CLUSTER/NAME.jsonl  the ledgers
 *
 * STATE is --state-dir, else $PGMONKEY_STATE_DIR, else /var/lib/pgmonkey for root and
 * $XDG_STATE_HOME/pgmonkey (~/.local/state/pgmonkey) for others.
 */
#ifndef GAMEDAY_STATE_H
#define GAMEDAY_STATE_H

#include "base/err.h"

struct state {
	char *directory; /* of this cluster */
	int lock_fd;
};

/* Makes the directory (0700) where it is missing. */
bool state_open(struct state *state, const char *state_dir, const char *cluster,
                struct err *err) MUSTCHECK;

/*
 * Takes the cluster's lock; false + who holds it (pid, since when, which experiment).
 * *busy tells that apart from other failures: cron's second run leaves quietly.
 */
bool state_lock(struct state *state, const char *what, bool *busy,
                struct err *err) MUSTCHECK;

/*
 * False where the last run of this cluster left something unhealed; the hint is the one
 * command that heals it.
 */
bool state_is_healed(const struct state *state, struct err *err) MUSTCHECK;

/* Remembers on disk that `ledger` may have a fault open; NULL: it has none any more. */
bool state_set_current(struct state *state, const char *ledger,
                       struct err *err) MUSTCHECK;

/* STATE/CLUSTER/20261125T021551Z-NAME.jsonl, not there yet. Caller frees. */
char *state_new_ledger(const struct state *state, const char *experiment);

void state_close(struct state *state); /* also releases the lock */

#endif
