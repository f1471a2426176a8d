/*
 * The append-only record of a run, one JSON object a line (docs/ledger.md is the schema).
 *
 *	ledger_begin(l, "phase");
 *	ledger_string(l, "phase", "STEADY");
 *	ledger_end(l);
 *
 * Lines are gathered and handed to the kernel by ledger_flush(), once a turn of the loop:
 * the death of the agent loses nothing that was flushed.  ledger_sync() also survives the
 * death of its machine; intent, injected and heal are synced.
 *
 * A write that fails (disk full) is remembered and told by ledger_failed(): the run is
 * then aborted and healed, since what is not recorded cannot be proved.
 */
#ifndef LEDGER_LEDGER_H
#define LEDGER_LEDGER_H

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"

#include <cjson/cJSON.h>

#define LEDGER_SCHEMA 1

struct ledger;

/* Creates the file (it must not exist, mode 0600) and its t_us = 0 at `base`. */
struct ledger *ledger_create(const char *path, struct clock *clock, nsec_t base,
                             struct err *err);

/*
 * Opens an existing ledger to append to it, as `pgmonkey heal` does: t_us goes on from
 * the last line's.  A torn last line is cut off first, so that nothing is glued to it,
 * and a note says so.
 */
struct ledger *ledger_reopen(const char *path, struct clock *clock, struct err *err);

/* Flushes, syncs, closes; NULL is fine. */
void ledger_close(struct ledger *l);

const char *ledger_path(const struct ledger *l);
int64_t ledger_us(const struct ledger *l, nsec_t t); /* monotonic time as t_us */

/* A line: begin, any of the setters, end.  t_us is now, or `at` by ledger_begin_at(). */
void ledger_begin(struct ledger *l, const char *event);
void ledger_begin_at(struct ledger *l, const char *event, nsec_t at);
void ledger_string(struct ledger *l, const char *key,
                   const char *value); /* NULL: left out */
void ledger_int(struct ledger *l, const char *key, int64_t value);
void ledger_bool(struct ledger *l, const char *key, bool value);
void ledger_time(struct ledger *l, const char *key,
                 nsec_t t); /* monotonic, written as t_us */
void ledger_json(struct ledger *l, const char *key,
                 const char *json); /* NULL: left out */
void ledger_tree(struct ledger *l, const char *key, const cJSON *tree);
void ledger_end(struct ledger *l);

void ledger_flush(struct ledger *l);
bool ledger_sync(struct ledger *l, struct err *err) MUSTCHECK;
bool ledger_failed(const struct ledger *l, struct err *err);

/* A note for the reader of the report. */
void ledger_note(struct ledger *l, bool inconclusive, const char *fmt, ...)
	PRINTF_LIKE(3, 4);

#endif
