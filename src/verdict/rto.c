/* How long the endpoints were gone, against the objective. */
#include "verdict/model.h"

#include "base/str.h"

#include <stdio.h>

static int64_t objective_us(const struct verdict *v)
{
	return (int64_t)(v->rto_objective_seconds * 1e6 + 0.5);
}

/* Unrecovered weighs more than any length. */
static bool longer(struct figure a, bool a_recovered, struct figure b, bool b_recovered)
{
	return a_recovered == b_recovered ? a.us > b.us : !a_recovered;
}

/* Without an outage one may still have hidden between two attempts. */
static struct figure none(const struct model *m, const struct probe_summary *p)
{
	int64_t late =
		m->fault_us == TIME_NEVER ? 0 : model_late(m, m->fault_us, model_end(m));

	return (struct figure){ 0, 0, p->every_us + late };
}

static void sum_up(struct model *m, struct probe_summary *p)
{
	bool any = false;

	p->rto = none(m, p);
	p->rto_recovered = true;
	for (size_t i = 0; i < m->v->outage_count; i++) {
		const struct outage *o = &m->v->outages[i];

		if (o->endpoint != p->endpoint || o->foreign)
			continue;
		if (!any || longer(o->length, o->recovered, p->rto, p->rto_recovered)) {
			p->rto = o->length;
			p->rto_recovered = o->recovered;
		}
		any = true;
	}
}

static bool counts(const struct model *m, const struct probe_summary *p, bool writes)
{
	if (m->rto_endpoint)
		return str_eq(p->endpoint, m->rto_endpoint) &&
		       (probe_is_write(p) || probe_is_read(p));
	return writes ? probe_is_write(p) : probe_is_read(p);
}

static bool has_writes(const struct verdict *v)
{
	for (size_t i = 0; i < v->probe_count; i++) {
		if (probe_is_write(&v->probes[i]))
			return true;
	}
	return false;
}

/* Against the objective with its error bar. */
static enum judgement weigh(struct figure f, int64_t objective)
{
	if (f.us - f.minus_us > objective)
		return JUDGED_FAIL;
	return f.us + f.plus_us > objective ? JUDGED_INCONCLUSIVE : JUDGED_PASS;
}

/* A shorter outage with a wider error bar may be what crosses the objective. */
static bool is_worse(const struct verdict *v, const struct probe_summary *p,
                     const struct probe_summary *than)
{
	enum judgement a = weigh(p->rto, objective_us(v));
	enum judgement b = weigh(than->rto, objective_us(v));

	if (v->rto_objective_seconds >= 0 && p->rto_recovered && than->rto_recovered &&
	    a != b)
		return a > b;
	return longer(p->rto, p->rto_recovered, than->rto, than->rto_recovered);
}

bool rto_counts(const struct model *m, const struct probe_summary *p)
{
	return counts(m, p, has_writes(m->v));
}

/* The probe whose figure is the RTO: the named endpoint's, or the worst. */
static const struct probe_summary *choose(const struct model *m)
{
	const struct verdict *v = m->v;
	const struct probe_summary *worst = NULL;
	bool writes = has_writes(v);

	for (size_t i = 0; i < v->probe_count; i++) {
		const struct probe_summary *p = &v->probes[i];

		if (counts(m, p, writes) && (!worst || is_worse(v, p, worst)))
			worst = p;
	}
	return worst;
}

const struct outage *rto_outage(const struct verdict *v)
{
	const struct outage *worst = NULL;

	for (size_t i = 0; i < v->outage_count; i++) {
		const struct outage *o = &v->outages[i];

		if (!v->rto_endpoint || !str_eq(o->endpoint, v->rto_endpoint) ||
		    o->foreign)
			continue;
		if (!worst ||
		    longer(o->length, o->recovered, worst->length, worst->recovered))
			worst = o;
	}
	return worst;
}

/* It never came back: was the observation long enough to say so? */
static void judge_open(struct model *m, const struct outage *o)
{
	struct verdict *v = m->v;
	bool cut_short = v->aborted || v->torn || !v->finished;
	bool told = o->length.us >= m->recovered_for_us && !o->acking && !cut_short;
	const char *how = o->acking   ? "acks had begun, but did not last yet when the "
	                                "observation ended"
	                  : cut_short ? "the observation was cut short"
	                              : "no recovery before the observation ended";

	if (told || o->length.us - o->length.minus_us > objective_us(v))
		reason(v, JUDGED_FAIL, o->line,
		       "RTO \u2265 %.2f s through %s: %s, objective %.6g s",
		       (double)o->length.us / 1e6, o->endpoint, how,
		       v->rto_objective_seconds);
	else
		reason(v, JUDGED_INCONCLUSIVE, o->line,
		       "RTO \u2265 %.2f s through %s: %s, objective %.6g s",
		       (double)o->length.us / 1e6, o->endpoint, how,
		       v->rto_objective_seconds);
}

static void judge_rto(struct model *m)
{
	struct verdict *v = m->v;
	const struct outage *o = rto_outage(v);
	enum judgement j = weigh(v->rto, objective_us(v));
	char figure[FIGURE_SIZE];

	if (!v->fault.injected || v->rto_objective_seconds < 0 ||
	    v->expect != EXPECT_RECOVERS) /* expected.c */
		return;
	if (o && !o->recovered) {
		judge_open(m, o);
		return;
	}
	figure_format(figure, v->rto);
	reason(v, j, o ? o->line : 0, "RTO %s through %s: %s %.6g s", figure,
	       v->rto_endpoint,
	       j == JUDGED_PASS           ? "within"
	       : j == JUDGED_INCONCLUSIVE ? "its error bar crosses the objective of"
	                                  : "over the objective of",
	       v->rto_objective_seconds);
}

/* An outage with no fault of ours behind it. */
static void judge_foreign(struct model *m, const struct outage *o)
{
	struct verdict *v = m->v;
	enum judgement j = JUDGED_PASS;
	bool into_fault = v->fault.injected && o->start_us + o->length.us > m->fault_us;
	char figure[FIGURE_SIZE];

	if (v->rto_objective_seconds >= 0 &&
	    (!o->reads || str_eq(o->endpoint, v->rto_endpoint)))
		j = weigh(o->length, objective_us(v));
	if ((into_fault || !o->recovered) && j == JUDGED_PASS)
		j = JUDGED_INCONCLUSIVE;
	figure_format(figure, o->length);
	reason(v, j, o->line, "foreign outage of %s%s through %s: it began %s%s%s%s",
	       o->recovered ? "" : "at least ", figure, o->endpoint,
	       v->fault.injected ? "before the fault was sent"
	                         : "though no fault was sent",
	       into_fault ? " and went on behind it, which hides what the fault did" : "",
	       *o->first_error ? ": " : "", o->first_error);
}

static void judge_silent(struct model *m, const struct probe_summary *p)
{
	if (!m->v->fault.injected || p->acked_before_fault)
		return;
	reason(m->v, JUDGED_INCONCLUSIVE, m->injected_line,
	       "%s never acked a %s before the fault: its probe proves nothing",
	       p->endpoint, p->kind);
}

void judge_outages(struct model *m)
{
	struct verdict *v = m->v;
	const struct probe_summary *p;

	for (size_t i = 0; i < v->probe_count; i++) {
		sum_up(m, &v->probes[i]);
		if (probe_is_write(&v->probes[i]) || probe_is_read(&v->probes[i]))
			judge_silent(m, &v->probes[i]);
	}
	p = choose(m);
	if (p) {
		v->rto_known = v->fault.injected;
		v->rto = p->rto;
		v->rto_recovered = p->rto_recovered;
		v->rto_endpoint = p->endpoint;
		judge_rto(m);
	} else if (v->fault.injected && v->rto_objective_seconds >= 0) {
		reason(v, JUDGED_INCONCLUSIVE, 0, "no probe measured %s: RTO unknown",
		       m->rto_endpoint ? m->rto_endpoint : "an endpoint");
	}
	for (size_t i = 0; i < v->outage_count; i++) {
		if (v->outages[i].foreign)
			judge_foreign(m, &v->outages[i]);
	}
}
