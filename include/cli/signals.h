/*
 * SIGINT, SIGTERM and SIGHUP while something is broken on purpose: the first one stops
 * the run, which heals; the second one leaves at once and prints the command that heals;
 * the third one kills.
 */
#ifndef CLI_SIGNALS_H
#define CLI_SIGNALS_H

#include "base/clock.h"

#include <stdbool.h>

void signals_install(void);

/* "SIGINT" once a signal came, NULL before. */
const char *signals_stopped(void);

/* The ledger named by the second signal's message; NULL: none is open. */
void signals_set_ledger(const char *ledger);

/* Sleeps until a monotonic time; false as soon as a signal asked to stop. */
bool signals_sleep_until(nsec_t until);

#endif
