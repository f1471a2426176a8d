/*
 * The marker: one row of the run, written after the last attempt was decided.  A replica
 * that shows it has replayed everything that was acknowledged before, since WAL is
 * replayed in order; LSNs do not tell that, because a primary's own position may lie
 * within a record that is not sent before the next flush.
 */
#ifndef PROBE_MARKER_H
#define PROBE_MARKER_H

#include "transport/pg.h"

struct marker {
	struct loop *loop;
	const char *run;
	const char *schema;
};

/* Commits it locally: it must not wait for a standby that is not there. */
bool marker_write(const struct marker *marker, const struct pg_target *primary,
                  nsec_t deadline, struct err *err) MUSTCHECK;

/* Waits until the replica shows it. False + err by the deadline. */
bool marker_wait(const struct marker *marker, const struct pg_target *replica,
                 nsec_t deadline, struct err *err) MUSTCHECK;

#endif
