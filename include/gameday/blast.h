/*
 * Blast radius: may this target be hit now?  Pure: from the scenario's limits, the
 * inventory and what the cluster says at that moment.
 */
#ifndef GAMEDAY_BLAST_H
#define GAMEDAY_BLAST_H

#include "scenario/scenario.h"
#include "scenario/target.h"

/* False + one sentence and hint for the first limit that forbids it. */
bool blast_allows(const struct scenario *scenario, const struct inventory *inv,
                  const struct ha_view *view, const struct fault_target *target,
                  struct err *err) MUSTCHECK;

#endif
