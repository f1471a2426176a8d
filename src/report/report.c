#include "report/report.h"

#include "base/str.h"
#include "report/parts.h"

static const struct report_format text = { "text", "for people at a terminal",
	                                   report_text };
static const struct report_format markdown = { "markdown", "for tickets and wikis",
	                                       report_markdown };
static const struct report_format json = { "json", "for programs", report_json };

const struct report_format *const report_formats[] = { &text, &markdown, &json, NULL };

const struct report_format *report_format_find(const char *name)
{
	for (size_t i = 0; report_formats[i]; i++) {
		if (str_eq(report_formats[i]->name, name))
			return report_formats[i];
	}
	return NULL;
}

void report_figure(struct figure f, struct buf *out)
{
	char figure[FIGURE_SIZE];

	buf_puts(out, figure_format(figure, f));
}
