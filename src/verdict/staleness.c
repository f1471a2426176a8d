/*
 * How old the truth was that a read endpoint showed: the age of the oldest acked row that
 * an answer did not contain, by the agent's clock.  Lag in bytes, or a replica's own
 * clock, prove nothing.
 */
#include "verdict/model.h"

#include <stdlib.h>

/* Acked keys in order, each with the earliest ack among it and all later keys. */
struct acked {
	int64_t seq;
	int64_t oldest_us;
};

static int by_seq(const void *a, const void *b)
{
	const struct acked *x = a;
	const struct acked *y = b;

	return (x->seq > y->seq) - (x->seq < y->seq);
}

static struct acked *sort_acked(const struct model_probe *p, size_t *count)
{
	struct acked *list = xcalloc(p->count + 1, sizeof list[0]);
	size_t n = 0;

	for (size_t i = 0; i < p->count; i++) {
		const struct attempt *a = &p->attempts[i];

		if (a->outcome == OUTCOME_ACKED && a->seq >= 0 &&
		    !(a->flags & ATTEMPT_CONNECT))
			list[n++] = (struct acked){ a->seq, a->answered_us };
	}
	qsort(list, n, sizeof list[0], by_seq);
	for (size_t i = n; i-- > 1;) {
		if (list[i].oldest_us < list[i - 1].oldest_us)
			list[i - 1].oldest_us = list[i].oldest_us;
	}
	*count = n;
	return list;
}

/* The earliest ack of a key behind `newest`; INT64_MAX if there is none. */
static int64_t oldest_unseen(const struct acked *list, size_t n, int64_t newest)
{
	size_t low = 0;
	size_t high = n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (list[middle].seq <= newest)
			low = middle + 1;
		else
			high = middle;
	}
	return low < n ? list[low].oldest_us : INT64_MAX;
}

static struct figure age_at(const struct reading *r, int64_t oldest, int64_t every)
{
	struct figure f = { 0, 0, every };

	if (oldest < r->sent_us)
		f = (struct figure){ r->sent_us - oldest, 0,
			             every + r->answered_us - r->sent_us };
	return f;
}

static size_t measure(struct model *m, size_t probe, const struct acked *list, size_t n)
{
	const struct model_probe *mp = &m->probes[probe];
	struct probe_summary *p = &m->v->probes[probe];
	size_t line = 0;

	for (size_t i = 0; i < mp->reading_count; i++) {
		const struct reading *r = &mp->readings[i];
		struct figure age =
			age_at(r, oldest_unseen(list, n, r->newest), p->every_us);
		int64_t next = i + 1 < mp->reading_count ? mp->readings[i + 1].sent_us
		                                         : r->answered_us;

		if (r->sent_us > model_end(m))
			break;
		if (!line || age.us > p->worst_staleness.us) {
			p->worst_staleness = age;
			line = r->line;
		}
		if (p->max_staleness_us && age.us > p->max_staleness_us)
			p->stale_us += next - r->sent_us;
	}
	return line;
}

static void judge(struct model *m, const struct probe_summary *p, size_t line)
{
	struct figure f = p->worst_staleness;
	enum judgement j = JUDGED_PASS;
	char figure[FIGURE_SIZE];

	if (!p->max_staleness_us)
		return;
	if (f.us - f.minus_us > p->max_staleness_us)
		j = JUDGED_FAIL;
	else if (f.us + f.plus_us > p->max_staleness_us)
		j = JUDGED_INCONCLUSIVE;
	figure_format(figure, f);
	reason(m->v, j, line, "reads through %s were stale by up to %s, %s %.6g s",
	       p->endpoint, figure,
	       j == JUDGED_PASS           ? "within"
	       : j == JUDGED_INCONCLUSIVE ? "and the error bar crosses"
	                                  : "over the limit of",
	       (double)p->max_staleness_us / 1e6);
	if (p->stale_us)
		reason(m->v, j, line,
		       "%s served reads over its staleness limit for %.2f s", p->endpoint,
		       (double)p->stale_us / 1e6);
}

void judge_staleness(struct model *m)
{
	for (size_t i = 0; i < m->v->probe_count; i++) {
		const struct probe_summary *p = &m->v->probes[i];
		size_t of = model_probe(m, m->probes[i].of);
		struct acked *list;
		size_t n;

		if (!probe_is_read(p) || of == SIZE_MAX || !m->probes[i].reading_count)
			continue;
		list = sort_acked(&m->probes[of], &n);
		judge(m, p, measure(m, i, list, n));
		free(list);
	}
}
