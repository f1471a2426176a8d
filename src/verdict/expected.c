/*
 * A scenario may expect another answer than recovery: that the cluster refuses rather
 * than promotes, or a limit that is known.  What stays so is a pass with a note; a
 * change, in either direction, is a finding.
 */
#include "verdict/model.h"

#include "base/str.h"

#include <stdio.h>

const char *expectation_name(enum expectation e)
{
	static const char *const names[] = { "recovers", "blocked", "no_failover" };

	return names[e];
}

/* Until when the cluster is on its own. */
static int64_t until_us(const struct model *m)
{
	return m->heal_us < model_end(m) ? m->heal_us : model_end(m);
}

static double after_fault(const struct model *m, int64_t t_us)
{
	return (double)(t_us - m->v->fault.injected_us) / 1e6;
}

/* ---- Who is primary? --------------------------------------------------------------- */

struct takeover {
	const char *before; /* who was primary when the fault was sent; NULL: not known */
	const char *after;  /* who became it until the heal; NULL: nobody else */
	int64_t at_us;
	size_t line;
};

static void meet(struct takeover *t, const char *who, int64_t at_us, size_t line)
{
	if (str_eq(who, t->before) || (t->after && at_us >= t->at_us))
		return;
	*t = (struct takeover){ t->before, who, at_us, line };
}

/* By the members' own answers. */
static void ask_members(const struct model *m, struct takeover *t)
{
	int64_t latest = INT64_MIN;

	for (size_t i = 0; i < m->run_count; i++) {
		const struct member_run *r = &m->runs[i];

		if (!r->primary || r->first_us >= m->fault_us || r->first_us < latest)
			continue;
		latest = r->first_us;
		t->before = intern_text(&m->members, r->member);
	}
	for (size_t i = 0; t->before && i < m->run_count; i++) {
		const struct member_run *r = &m->runs[i];

		if (r->primary && r->last_us >= m->fault_us && r->first_us < until_us(m))
			meet(t, intern_text(&m->members, r->member), r->first_us,
			     r->line);
	}
}

/* By who acked; only hosts of the cluster file can be told apart. */
static const char *acked_by(const struct model *m, const struct attempt *a)
{
	if (a->outcome > OUTCOME_ACKED_WEAK || a->flags & ATTEMPT_CONNECT || !a->server)
		return NULL;
	return server_host(m, a->server);
}

static void ask_acks_before(const struct model *m, const struct model_probe *p,
                            struct takeover *t, int64_t *latest)
{
	for (size_t i = 0; i < p->count; i++) {
		const struct attempt *a = &p->attempts[i];
		const char *host = acked_by(m, a);

		if (!host || a->answered_us >= m->fault_us || a->answered_us < *latest)
			continue;
		*latest = a->answered_us;
		t->before = host;
	}
}

static void ask_acks_after(const struct model *m, const struct model_probe *p,
                           struct takeover *t)
{
	for (size_t i = 0; i < p->count; i++) {
		const struct attempt *a = &p->attempts[i];
		const char *host = acked_by(m, a);

		if (host && a->scheduled_us >= m->fault_us &&
		    a->scheduled_us < until_us(m))
			meet(t, host, a->answered_us, a->line);
	}
}

static struct takeover find_takeover(const struct model *m)
{
	struct takeover t = { 0 };
	int64_t latest = INT64_MIN;

	ask_members(m, &t);
	for (size_t i = 0; !t.before && i < m->v->probe_count; i++) {
		if (probe_is_write(&m->v->probes[i]))
			ask_acks_before(m, &m->probes[i], &t, &latest);
	}
	for (size_t i = 0; t.before && i < m->v->probe_count; i++) {
		if (probe_is_write(&m->v->probes[i]))
			ask_acks_after(m, &m->probes[i], &t);
	}
	return t;
}

/* ---- no_failover ------------------------------------------------------------------- */

static void judge_no_failover(struct model *m)
{
	struct verdict *v = m->v;
	struct takeover t = find_takeover(m);

	if (!t.before)
		reason(v, JUDGED_INCONCLUSIVE, 0,
		       "no failover is expected (%s), and nothing tells who was primary",
		       v->because);
	else if (t.after)
		reason(v, JUDGED_INCONCLUSIVE, t.line,
		       "no failover is expected (%s), but %s took over from %s %.2f s "
		       "after "
		       "the fault: the limit is gone, or this was something else",
		       v->because, t.after, t.before, after_fault(m, t.at_us));
	else
		reason(v, JUDGED_PASS, 0,
		       "no member took over from %s in the %.2f s until the heal, as "
		       "expected: "
		       "%s",
		       t.before, after_fault(m, until_us(m)), v->because);
}

/* ---- blocked ----------------------------------------------------------------------- */

/* The outage of ours that lasts until the heal. */
static const struct outage *blocked(const struct model *m, const struct probe_summary *p,
                                    const struct outage **last)
{
	*last = NULL;
	for (size_t i = 0; i < m->v->outage_count; i++) {
		const struct outage *o = &m->v->outages[i];

		if (o->endpoint != p->endpoint || o->foreign ||
		    o->start_us >= until_us(m))
			continue;
		*last = o;
		if (!o->recovered || o->start_us + o->length.us >= until_us(m))
			return o;
	}
	return NULL;
}

/* False, with the finding told. */
static bool stays_blocked(struct model *m, const struct probe_summary *p)
{
	const struct outage *last;
	struct verdict *v = m->v;

	if (blocked(m, p, &last))
		return true;
	if (last)
		reason(v, JUDGED_FAIL, last->line,
		       "writes are expected to be blocked (%s), but they came back "
		       "through "
		       "%s %.2f s after the fault",
		       v->because, p->endpoint,
		       after_fault(m, last->start_us + last->length.us));
	else
		reason(v, JUDGED_FAIL, m->injected_line,
		       "writes are expected to be blocked (%s), but they went on through "
		       "%s",
		       v->because, p->endpoint);
	return false;
}

static void judge_blocked(struct model *m)
{
	struct verdict *v = m->v;
	struct takeover t = find_takeover(m);
	bool stays = !t.after;
	size_t asked = 0;

	if (t.after)
		reason(v, JUDGED_FAIL, t.line,
		       "the cluster is expected to refuse (%s), but %s took over from %s "
		       "%.2f s after the fault",
		       v->because, t.after, t.before, after_fault(m, t.at_us));
	for (size_t i = 0; i < v->probe_count; i++) {
		if (!rto_counts(m, &v->probes[i]))
			continue;
		asked++;
		stays = stays_blocked(m, &v->probes[i]) && stays;
	}
	if (stays && asked)
		reason(v, JUDGED_PASS, 0,
		       "writes were blocked until the heal, %.2f s after the fault, as "
		       "expected: %s",
		       after_fault(m, until_us(m)), v->because);
}

void judge_expected(struct model *m)
{
	struct verdict *v = m->v;

	if (!v->fault.injected || v->expect == EXPECT_RECOVERS)
		return;
	if (!v->because)
		v->because = xstrdup("no reason was given");
	if (v->expect == EXPECT_BLOCKED)
		judge_blocked(m);
	else
		judge_no_failover(m);
}
