/* For people at a terminal: the verdict first, then figures, then why. */
#include "report/parts.h"

#include <string.h>

static const char *shout(enum judgement j)
{
	static const char *const words[] = { "PASS", "INCONCLUSIVE", "FAIL" };

	return words[j];
}

/* Width on a terminal: continuation bytes of UTF-8 take none. */
static int width(const char *s)
{
	int n = 0;

	for (; *s; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}

static void pad(struct buf *out, const char *s, int columns)
{
	part_plain(out, s);
	for (int n = width(s); n < columns; n++)
		buf_putc(out, ' ');
}

static void head(const struct verdict *v, struct buf *out)
{
	buf_printf(out, "%s  ", shout(v->judgement));
	part_plain(out, v->experiment ? v->experiment : v->run);
	if (v->cluster) {
		buf_puts(out, "  (");
		part_plain(out, v->cluster);
		if (v->environment) {
			buf_puts(out, ", ");
			part_plain(out, v->environment);
		}
		buf_puts(out, ")");
	}
	buf_puts(out, "\n\n  fault   ");
	part_fault(v, part_plain, out);
	buf_puts(out, "\n  RTO     ");
	part_rto(v, part_plain, out);
	buf_puts(out, "\n  RPO     ");
	part_rpo(v, part_plain, out);
	buf_puts(out, "\n  roles   ");
	part_roles(v, part_plain, out);
	buf_puts(out, "\n");
}

static void reasons(const struct verdict *v, struct buf *out)
{
	buf_puts(out, "\nbecause\n");
	for (size_t i = 0; i < v->reason_count; i++) {
		const struct reason *r = &v->reasons[i];

		buf_puts(out, "  ");
		pad(out, judgement_name(r->judgement), 13);
		part_plain(out, r->text);
		if (r->line)
			buf_printf(out, " [line %zu]", r->line);
		buf_puts(out, "\n");
	}
	for (size_t i = 0; i < v->notes.count; i++) {
		buf_puts(out, "  note         ");
		part_plain(out, v->notes.items[i]);
		buf_puts(out, "\n");
	}
}

static void endpoints(const struct verdict *v, struct buf *out)
{
	struct buf cell = BUF_INIT;

	buf_puts(out,
	         "\nendpoints             kind    acked    in doubt  refused  not sent  "
	         "longest outage\n");
	for (size_t i = 0; i < v->probe_count; i++) {
		const struct probe_summary *p = &v->probes[i];

		if (!part_is_endpoint(p))
			continue;
		buf_puts(out, "  ");
		pad(out, p->endpoint, 20);
		buf_printf(out, "%-6s  %-7zu  %-8zu  %-7zu  %-8zu  ", p->kind,
		           p->acked + p->weak, p->in_doubt, p->refused, p->not_sent);
		buf_clear(&cell);
		part_endpoint_rto(p, &cell);
		buf_puts(out, cell.data);
		if (p->max_staleness_us || p->worst_staleness.us) {
			buf_puts(out, ", stale by up to ");
			report_figure(p->worst_staleness, out);
		}
		buf_puts(out, "\n");
	}
	buf_free(&cell);
}

static void outages(const struct verdict *v, struct buf *out)
{
	char time[RFC3339_SIZE];

	if (v->outage_count)
		buf_puts(out, "\noutages\n");
	for (size_t i = 0; i < v->outage_count; i++) {
		const struct outage *o = &v->outages[i];

		buf_puts(out, "  ");
		pad(out, o->endpoint, 20);
		buf_puts(out, o->recovered ? "" : "≥ ");
		report_figure(o->length, out);
		buf_printf(out, " from %s%s", part_time(v, o->start_us, time),
		           o->foreign ? ", foreign" : "");
		if (o->flaps)
			buf_printf(out, ", %u flaps", o->flaps);
		if (*o->first_error) {
			buf_puts(out, ": ");
			part_plain(out, o->first_error);
		}
		buf_puts(out, "\n");
	}
}

static void boundaries(const struct verdict *v, struct buf *out)
{
	if (v->boundary_count)
		buf_puts(out, "\nwhere the time went (seconds after the fault)\n");
	for (size_t i = 0; i < v->boundary_count; i++) {
		const struct boundary *b = &v->boundaries[i];

		buf_printf(out, "  %-14s", b->name);
		if (b->at_us >= 0)
			buf_printf(out, "%8.2f  ",
			           (double)(b->at_us - v->fault.injected_us) / 1e6);
		else
			buf_puts(out, "       -  ");
		part_plain(out, b->observed);
		buf_puts(out, "\n");
	}
}

static void timeline(const struct verdict *v, struct buf *out)
{
	char time[RFC3339_SIZE];

	if (v->phase_count)
		buf_puts(out, "\ntimeline\n");
	for (size_t i = 0; i < v->phase_count; i++) {
		const struct phase_time *p = &v->phases[i];

		buf_printf(out, "  %s  ", part_time(v, p->start_us, time));
		pad(out, p->phase, 10);
		buf_printf(out, "%8.2f s\n", (double)(p->end_us - p->start_us) / 1e6);
	}
}

static void foot(const struct verdict *v, struct buf *out)
{
	buf_puts(out, "\nrun ");
	part_foot(v, part_plain, out);
}

static void one(const struct verdict *v, struct buf *out)
{
	head(v, out);
	reasons(v, out);
	endpoints(v, out);
	outages(v, out);
	boundaries(v, out);
	timeline(v, out);
	foot(v, out);
}

static void summary_line(const struct verdict *v, struct buf *out)
{
	buf_puts(out, "  ");
	pad(out, shout(v->judgement), 13);
	part_plain(out, v->experiment ? v->experiment : v->run);
	buf_puts(out, "\n               ");
	part_fault(v, part_plain, out);
	buf_puts(out, "; lost ");
	part_lost(v, out);
	buf_puts(out, "\n");
	for (size_t i = 0; i < v->probe_count; i++) {
		const struct probe_summary *p = &v->probes[i];

		if (!part_is_endpoint(p))
			continue;
		buf_puts(out, "               ");
		pad(out, p->endpoint, 20);
		part_endpoint_rto(p, out);
		buf_puts(out, "\n");
	}
}

void report_text(const struct verdict *const *verdicts, size_t count, struct buf *out)
{
	if (count > 1) {
		buf_printf(out, "%s  %zu experiments\n\n",
		           shout(part_worst(verdicts, count)), count);
		for (size_t i = 0; i < count; i++)
			summary_line(verdicts[i], out);
	}
	for (size_t i = 0; i < count; i++) {
		if (count > 1)
			buf_printf(out, "\n──── %zu of %zu ────\n\n", i + 1, count);
		one(verdicts[i], out);
	}
}
