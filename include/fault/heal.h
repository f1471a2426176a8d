/*
 * What undoes a fault, as data in fault->heal: written by arm(), kept in the ledger, and
 * enough for another process, days later.
 *
 *	{ "verb": "start_units", "host": "px1", "units": ["haproxy.service"],
 *	  "before": { … } }
 */
#ifndef FAULT_HEAL_H
#define FAULT_HEAL_H

#include "fault/fault.h"

/* Replaces fault->heal; "before" is empty and returned, to be filled in by arm(). */
cJSON *heal_begin(struct fault *fault, const char *verb);
const cJSON *heal_before(const struct fault *fault); /* NULL: never armed */

/*
 * Adds the units of a service to fault->heal: all must be known to systemd and active.
 * Their pids go to before.UNIT {"main_pid", "pids"}.
 */
bool heal_add_units(struct fault *fault, const char *service, struct err *err) MUSTCHECK;

/* Walks the units: NULL when i is behind the last. */
const char *heal_unit(const struct fault *fault, size_t i);
int64_t heal_main_pid(const struct fault *fault, const char *unit);
const char *heal_pids(const struct fault *fault, const char *unit);

/* May each command of the type's table that has this name be run, for each unit? */
bool heal_may(const struct fault *fault, const char *command, struct err *err) MUSTCHECK;

/*
 * Starts each unit that is down (by the type's "start"), and looks: true when all are
 * active.  evidence gets a part of a sentence for each.
 */
bool heal_start_units(struct fault *fault, struct buf *evidence,
                      struct err *err) MUSTCHECK;

/*
 * Only looks.  True when none is on its way any more: evidence gets those that are
 * active, fault->lacking those that stay down, each with whether it is enabled at boot
 * and a cure. With may_come (the host is still booting), one that is down may yet come.
 */
bool heal_see_units(struct fault *fault, bool may_come, struct buf *evidence,
                    struct err *err) MUSTCHECK;

/* heal_start_units() and then: does PostgreSQL on the target answer? */
bool heal_postgres(struct fault *fault, struct err *err) MUSTCHECK;

/* For inject(): runs a command of the type's table once, whatever units there are. */
bool fault_run_once(struct fault *fault, const char *command,
                    const struct sudo_values *values, double seconds,
                    struct err *err) MUSTCHECK;

/*
 * For inject(): runs a command of the type's table for each unit (once if there is none)
 * and keeps what was run and answered in the fault.  False only if nothing was done.
 */
bool fault_run(struct fault *fault, const char *command, struct sudo_values values,
               double seconds, struct err *err) MUSTCHECK;

/* data_directory, bin_directory and os_user of the inventory's "postgres". */
struct sudo_values postgres_values(const struct fault *fault);

/* The units that keep PostgreSQL up on the target: those of "patroni" or of "postgres". */
const char *postgres_keeper(const struct fault *fault);

/* For arm(): can the manager do the type's verb, and may we ask it to?  Changes nothing. */
bool manager_may(const struct fault *fault, struct err *err) MUSTCHECK;

void fault_set(char **field, char *text); /* frees the old; takes the new */

#endif
