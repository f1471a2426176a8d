/* For tickets and wikis (GitHub's tables); values can't break out of their cells. */
#include "report/parts.h"

static void figure_cell(struct figure f, bool recovered, struct buf *out)
{
	buf_puts(out, recovered ? "" : "≥ ");
	report_figure(f, out);
}

static void row(struct buf *out, const char *name,
                void (*part)(const struct verdict *, part_escape, struct buf *),
                const struct verdict *v)
{
	buf_printf(out, "| %s | ", name);
	part(v, part_markdown, out);
	buf_puts(out, " |\n");
}

static void figures(const struct verdict *v, struct buf *out)
{
	buf_puts(out, "\n| figure | value |\n| --- | --- |\n");
	row(out, "fault", part_fault, v);
	row(out, "RTO", part_rto, v);
	row(out, "RPO", part_rpo, v);
	row(out, "roles", part_roles, v);
}

static void reasons(const struct verdict *v, struct buf *out)
{
	buf_puts(out, "\n**Because**\n\n");
	for (size_t i = 0; i < v->reason_count; i++) {
		buf_printf(out, "* %s: ", judgement_name(v->reasons[i].judgement));
		part_markdown(out, v->reasons[i].text);
		if (v->reasons[i].line)
			buf_printf(out, " (line %zu)", v->reasons[i].line);
		buf_puts(out, "\n");
	}
	for (size_t i = 0; i < v->notes.count; i++) {
		buf_puts(out, "* note: ");
		part_markdown(out, v->notes.items[i]);
		buf_puts(out, "\n");
	}
}

static void endpoints(const struct verdict *v, struct buf *out)
{
	buf_puts(out, "\n| endpoint | kind | acked | in doubt | refused | not sent | "
	              "longest outage "
	              "|\n| --- | --- | ---: | ---: | ---: | ---: | --- |\n");
	for (size_t i = 0; i < v->probe_count; i++) {
		const struct probe_summary *p = &v->probes[i];

		if (!part_is_endpoint(p))
			continue;
		buf_puts(out, "| ");
		part_markdown(out, p->endpoint);
		buf_printf(out, " | %s | %zu | %zu | %zu | %zu | ", p->kind,
		           p->acked + p->weak, p->in_doubt, p->refused, p->not_sent);
		part_endpoint_rto(p, out);
		buf_puts(out, " |\n");
	}
}

static void outages(const struct verdict *v, struct buf *out)
{
	char time[RFC3339_SIZE];

	if (v->outage_count)
		buf_puts(out, "\n| outage of | length | from | flaps | first error |\n"
		              "| --- | --- | --- | ---: | --- |\n");
	for (size_t i = 0; i < v->outage_count; i++) {
		const struct outage *o = &v->outages[i];

		buf_puts(out, "| ");
		part_markdown(out, o->endpoint);
		buf_puts(out, o->foreign ? " (foreign) | " : " | ");
		figure_cell(o->length, o->recovered, out);
		buf_printf(out, " | %s | %u | ", part_time(v, o->start_us, time),
		           o->flaps);
		part_markdown(out, o->first_error);
		buf_puts(out, " |\n");
	}
}

static void boundaries(const struct verdict *v, struct buf *out)
{
	if (v->boundary_count)
		buf_puts(out, "\n| where the time went | after the fault | observed |\n"
		              "| --- | ---: | --- |\n");
	for (size_t i = 0; i < v->boundary_count; i++) {
		const struct boundary *b = &v->boundaries[i];

		buf_printf(out, "| %s | ", b->name);
		if (b->at_us >= 0)
			buf_printf(out, "%.2f s",
			           (double)(b->at_us - v->fault.injected_us) / 1e6);
		buf_puts(out, " | ");
		part_markdown(out, b->observed);
		buf_puts(out, " |\n");
	}
}

static void timeline(const struct verdict *v, struct buf *out)
{
	char time[RFC3339_SIZE];

	if (v->phase_count)
		buf_puts(out, "\n| phase | from | took |\n| --- | --- | ---: |\n");
	for (size_t i = 0; i < v->phase_count; i++) {
		const struct phase_time *p = &v->phases[i];

		buf_puts(out, "| ");
		part_markdown(out, p->phase);
		buf_printf(out, " | %s | %.2f s |\n", part_time(v, p->start_us, time),
		           (double)(p->end_us - p->start_us) / 1e6);
	}
}

static void foot(const struct verdict *v, struct buf *out)
{
	buf_puts(out, "\nRun ");
	part_foot(v, part_markdown, out);
}

static void one(const struct verdict *v, struct buf *out)
{
	buf_printf(out, "## %s: ", judgement_name(v->judgement));
	part_markdown(out, v->experiment ? v->experiment : v->run);
	buf_puts(out, "\n");
	figures(v, out);
	reasons(v, out);
	endpoints(v, out);
	outages(v, out);
	boundaries(v, out);
	timeline(v, out);
	foot(v, out);
}

static void summary_row(const struct verdict *v, struct buf *out)
{
	bool first = true;

	buf_puts(out, "| ");
	part_markdown(out, v->experiment ? v->experiment : v->run);
	buf_puts(out, " | ");
	part_fault(v, part_markdown, out);
	buf_puts(out, " | ");
	for (size_t i = 0; i < v->probe_count; i++) {
		if (!part_is_endpoint(&v->probes[i]))
			continue;
		buf_puts(out, first ? "" : "<br>");
		part_markdown(out, v->probes[i].endpoint);
		buf_puts(out, ": ");
		part_endpoint_rto(&v->probes[i], out);
		first = false;
	}
	buf_puts(out, " | ");
	part_lost(v, out);
	buf_printf(out, " | %s |\n", judgement_name(v->judgement));
}

void report_markdown(const struct verdict *const *verdicts, size_t count, struct buf *out)
{
	if (count > 1) {
		buf_printf(out,
		           "# %s: %zu experiments\n\n"
		           "| experiment | fault | RTO | lost | verdict |\n"
		           "| --- | --- | --- | --- | --- |\n",
		           judgement_name(part_worst(verdicts, count)), count);
		for (size_t i = 0; i < count; i++)
			summary_row(verdicts[i], out);
	}
	for (size_t i = 0; i < count; i++) {
		buf_puts(out, count > 1 ? "\n" : "");
		one(verdicts[i], out);
	}
}
