/* What the formats have in common. Only src/report/ uses this. */
#ifndef REPORT_PARTS_H
#define REPORT_PARTS_H

#include "base/clock.h"
#include "report/report.h"

/* Text of a value for a terminal: control characters become spaces. NULL is "". */
void part_plain(struct buf *out, const char *s);

/* The same for a cell of a Markdown table: what has a meaning there is escaped. */
void part_markdown(struct buf *out, const char *s);

typedef void (*part_escape)(struct buf *out, const char *s);

/* The sentences below are complete but for their end; values go through escape. */
void part_fault(const struct verdict *v, part_escape escape, struct buf *out);
void part_rto(const struct verdict *v, part_escape escape, struct buf *out);
void part_rpo(const struct verdict *v, part_escape escape, struct buf *out);
void part_roles(const struct verdict *v, part_escape escape, struct buf *out);

/* "8.02 s (-0.02 +0.03)", "≥ 180.00 s", "0 s (+0.02)": the longest outage of a probe. */
void part_endpoint_rto(const struct probe_summary *p, struct buf *out);

/* "0", "unknown", "3": acknowledged rows that are gone. */
void part_lost(const struct verdict *v, struct buf *out);

/*
 * "RUN, seed 42, pgmonkey 0.1.0, postgresql 15.20 (db1 db2 db3), patroni 3.0.2": each
 * version once.
 */
void part_foot(const struct verdict *v, part_escape escape, struct buf *out);

/* RFC 3339 of a moment of the run. */
char *part_time(const struct verdict *v, int64_t us, char out[RFC3339_SIZE]);

bool part_is_endpoint(const struct probe_summary *p);

/* Over several experiments. */
enum judgement part_worst(const struct verdict *const *verdicts, size_t count);
enum exit_code part_exit_code(const struct verdict *const *verdicts, size_t count);

void report_text(const struct verdict *const *verdicts, size_t count, struct buf *out);
void report_markdown(const struct verdict *const *verdicts, size_t count,
                     struct buf *out);
void report_json(const struct verdict *const *verdicts, size_t count, struct buf *out);

#endif
