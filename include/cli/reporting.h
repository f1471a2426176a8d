/* Ledgers into reports, for `run`, `gameday` and `report`. */
#ifndef CLI_REPORTING_H
#define CLI_REPORTING_H

#include "base/params.h"
#include "report/report.h"

const char *const *report_format_names(void); /* NULL-ended */

/*
 * Judges the ledgers and appends the report.  Each ledger that can't be read is said on
 * stderr; then false.
 */
bool report_ledgers(const struct strings *ledgers, const struct report_format *format,
                    struct buf *out) MUSTCHECK;

/* "PATH" as given, or all *.jsonl of a directory, sorted. False + err if there is none. */
bool ledgers_add(struct strings *ledgers, const char *path, struct err *err) MUSTCHECK;

/*
 * One line for a mail from cron: experiment, judgement, first reason, ledger.  Caller
 * frees.
 */
char *verdict_line(const char *ledger);

#endif
