/*
 * A verdict for people and machines.  Pure: the same verdict gives the same bytes.
 */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include "base/buf.h"
#include "verdict/verdict.h"

struct report_format {
	const char *name; /* "text", "markdown", "json" */
	const char *summary;
	/* One or several experiments; with several a summary stands first. */
	void (*write)(const struct verdict *const *verdicts, size_t count,
	              struct buf *out);
};

extern const struct report_format *const report_formats[]; /* NULL-ended */
const struct report_format *report_format_find(const char *name);

/* "8.02 s (-0.02 +0.03)" */
void report_figure(struct figure f, struct buf *out);

#endif
