/*
 * The right answers about a history, from what was planted: which figures, and which
 * verdicts an honest judge may give.  Slow and simple on purpose.
 */
#ifndef TESTS_TRUTH_ANSWERS_H
#define TESTS_TRUTH_ANSWERS_H

#include "world.h"

/* Verdicts that may be given, as a set; that of several checks is the worst of each. */
enum { MAY_PASS = 1, MAY_BE_INCONCLUSIVE = 2, MAY_FAIL = 4 };

static inline int worst_of(int a, int b)
{
	int both = 0;

	for (int x = MAY_PASS; x <= MAY_FAIL; x *= 2) {
		for (int y = MAY_PASS; y <= MAY_FAIL; y *= 2)
			both |= (a & x) && (b & y) ? (x > y ? x : y) : 0;
	}
	return both;
}

struct true_outage {
	int endpoint;
	int64_t from, until;   /* what was planted */
	int64_t start, length; /* what a client of this interval sees of it */
	bool seen;             /* at least one attempt met it */
	bool recovered, acking, foreign;
	unsigned flaps;
};

struct answers {
	size_t acked, lost, weak, weak_there, refused, resurrected, in_doubt,
		in_doubt_there;
	size_t not_sent_there, diverged;
	int64_t first_lost, last_lost; /* when they were acked */
	struct true_outage outages[MOST_ENDPOINTS * MOST_WINDOWS];
	size_t outage_count;
	bool known, dual, dual_unsure, dual_at_most;
	int64_t dual_us;
	size_t dual_acks; /* of who gave fewer */
	int64_t staleness[MOST_ENDPOINTS], staleness_more[MOST_ENDPOINTS];
	bool was_read[MOST_ENDPOINTS];
	int may;
};

static inline bool is_answer(const struct try *t)
{
	return t->fate == ACKED || t->fate == WEAK;
}

static inline bool in_time(const struct history *h, const struct try *t)
{
	return is_answer(t) && t->answered - t->scheduled <= h->timely;
}

/* ---- rows -------------------------------------------------------------------------- */

static inline void answer_row(const struct history *h, const struct try *t,
                              struct answers *a)
{
	bool there = a->known && t->there;

	switch (t->fate) {
	case ACKED:
		if (a->known && !there && t->answered >= h->audit) {
			a->in_doubt++;
			break;
		}
		a->acked++;
		if (!a->known || there)
			break;
		if (!a->lost++)
			a->first_lost = a->last_lost = t->answered;
		a->first_lost = t->answered < a->first_lost ? t->answered : a->first_lost;
		a->last_lost = t->answered > a->last_lost ? t->answered : a->last_lost;
		break;
	case WEAK:
		a->weak++;
		a->weak_there += there;
		break;
	case REFUSED:
		a->refused++;
		a->resurrected += there;
		break;
	case IN_DOUBT:
		a->in_doubt++;
		a->in_doubt_there += there;
		break;
	case NOT_SENT:
		a->not_sent_there += there;
	}
}

static inline void answer_rows(const struct history *h, struct answers *a)
{
	a->known = h->primary_audit == AUDITED;
	for (size_t i = 0; i < h->count; i++) {
		const struct try *t = &h->tries[i];

		if (t->key && !h->endpoints[t->endpoint].reads)
			answer_row(h, t, a);
		for (int k = 0; t->endpoint == 0 && t->key && k < h->differ_count; k++) {
			if (h->differs[k] == t->key && a->known &&
			    h->replica_audit == AUDITED)
				a->diverged++;
		}
	}
}

/* ---- outages ----------------------------------------------------------------------- */

/* Windows that belong together: what lies between does not last. */
static inline int last_of_group(const struct history *h, const struct endpoint *e,
                                int first)
{
	int last = first;

	while (last + 1 < e->window_count &&
	       e->windows[last + 1].from - e->windows[last].until < h->recovered_for)
		last++;
	return last;
}

static inline void see(const struct history *h, struct true_outage *o)
{
	const struct endpoint *e = &h->endpoints[o->endpoint];
	int64_t last = 0;
	bool acking = false;
	const struct try *back = NULL;
	bool acked = false;

	for (size_t i = 0; i < h->count; i++) {
		const struct try *t = &h->tries[i];

		if (t->endpoint != o->endpoint || t->scheduled > h->audit || t->late)
			continue;
		if (!t->key) { /* they stand behind the ticks */
			if (t->scheduled >= o->from && t->scheduled < o->until)
				last = t->answered > last ? t->answered : last;
			continue;
		}
		acked = acked || in_time(h, t);
		if (!acked || t->scheduled < o->from - e->latency)
			continue;
		if (in_time(h, t)) {
			if (o->seen && !back)
				back = t;
			acking = o->seen;
		} else if (t->scheduled < o->until) {
			if (!o->seen)
				o->start = t->scheduled;
			o->flaps += acking;
			acking = false;
			o->seen = true;
			back = NULL;
			last = t->answered > last ? t->answered : last;
		}
	}
	o->acking =
		o->until != NEVER && h->unrecovered && h->unrecovered->until == o->until;
	o->recovered = o->until != NEVER && !o->acking;
	o->length = (back              ? back->answered
	             : last < h->audit ? last
	                               : h->audit) -
	            o->start;
}

static inline void answer_outages(const struct history *h, struct answers *a)
{
	for (int i = 0; i < h->endpoint_count; i++) {
		const struct endpoint *e = &h->endpoints[i];

		for (int k = 0; k < e->window_count; k++) {
			struct true_outage *o = &a->outages[a->outage_count];

			*o = (struct true_outage){ .endpoint = i,
				                   .from = e->windows[k].from };
			k = last_of_group(h, e, k);
			o->until = e->windows[k].until;
			o->foreign = !h->injected || o->from < h->fault;
			see(h, o);
			if (o->seen || h->late_count)
				a->outage_count++;
		}
	}
}

/* ---- two primaries ----------------------------------------------------------------- */

static inline bool names_server(const struct history *h, const struct try *t)
{
	const struct endpoint *e = &h->endpoints[t->endpoint];

	return is_answer(t) && t->key && !e->reads && !e->mute && !e->virtual_address;
}

static inline size_t acks_between(const struct history *h, int member, int64_t from,
                                  int64_t to)
{
	size_t n = 0;

	for (size_t i = 0; i < h->count; i++) {
		const struct try *t = &h->tries[i];

		n += names_server(h, t) && t->member == member && t->answered >= from &&
		     t->scheduled <= to;
	}
	return n;
}

/* A pause in which a role may change twice: what lies behind it is a reign of its own. */
static inline bool pauses_long(const struct history *h)
{
	for (int i = 0; i < h->endpoint_count; i++) {
		const struct endpoint *e = &h->endpoints[i];

		for (int k = 0; k < e->window_count; k++) {
			if (e->windows[k].from < h->dual_until &&
			    e->windows[k].until > h->dual_from + 1500 * MS)
				return true;
		}
	}
	return false;
}

static inline void answer_dual(const struct history *h, struct answers *a)
{
	int64_t began = NEVER, last = 0, new_last = 0;

	if (!h->dual_until)
		return;
	for (size_t i = 0; i < h->count; i++) {
		const struct try *t = &h->tries[i];

		if (!names_server(h, t))
			continue;
		if (t->member == h->stints[0].member && t->scheduled > last)
			last = t->scheduled;
		if (t->member == h->stints[1].member && t->answered < began)
			began = t->answered;
		if (t->member == h->stints[1].member && t->scheduled > new_last)
			new_last = t->scheduled;
	}
	a->dual = began < last;
	last = new_last < last ? new_last : last;
	a->dual_us = a->dual && began < last ? last - began : 0;
	if (a->dual) {
		int64_t to = began > last ? began : last;
		size_t old = acks_between(h, h->stints[0].member, began, to);
		size_t new = acks_between(h, h->stints[1].member, began, to);

		a->dual_acks = old < new ? old : new;
	}
	a->dual_at_most = pauses_long(h);
	/* Seen as a replica while its last answer was under way: it may have come back. */
	a->dual_unsure = h->late_count > 0 || (h->member_every && a->dual_us < 300 * MS);
}

/* ---- stale reads ------------------------------------------------------------------- */

static inline int64_t oldest_hidden(const struct history *h, const struct try *r)
{
	int64_t oldest = r->scheduled;

	for (size_t i = 0; i < h->count && h->tries[i].endpoint == 0; i++) {
		const struct try *t = &h->tries[i];

		if (t->fate == ACKED && t->key > r->newest && t->answered < oldest)
			oldest = t->answered;
	}
	return oldest;
}

static inline void answer_staleness(const struct history *h, struct answers *a)
{
	for (size_t i = 0; i < h->count; i++) {
		const struct try *r = &h->tries[i];
		const struct endpoint *e = &h->endpoints[r->endpoint];
		int64_t age;

		if (!e->reads || r->fate != ACKED || r->scheduled > h->audit)
			continue;
		age = r->scheduled - oldest_hidden(h, r);
		if (a->was_read[r->endpoint] && age <= a->staleness[r->endpoint])
			continue;
		a->was_read[r->endpoint] = true;
		a->staleness[r->endpoint] = age;
		a->staleness_more[r->endpoint] =
			e->every + (age ? r->answered - r->scheduled : 0);
	}
}

/* ---- the verdict ------------------------------------------------------------------- */

static inline int may_course(const struct history *h)
{
	int may = h->confirmed ? MAY_PASS : MAY_BE_INCONCLUSIVE;
	bool odd = (h->armed && !h->inject_failed && !h->healed) || h->aborted ||
	           !h->finished || h->note || llabs(h->clock_step) > 100 * MS;

	may = worst_of(may, odd ? MAY_BE_INCONCLUSIVE : MAY_PASS);
	if (h->lacking || (h->injected && h->redundancy == 0))
		return MAY_FAIL;
	if (h->injected && h->redundancy < 0 && h->sync_standbys)
		may = MAY_BE_INCONCLUSIVE;
	for (int i = 0; i < h->late_count; i++) {
		const struct late *l = &h->lates[i];

		if ((!h->injected || l->until >= h->inject_phase) &&
		    l->until - l->from > h->timely)
			may = MAY_BE_INCONCLUSIVE;
	}
	return may;
}

/* Of an outage of this true length against the objective. */
static inline int may_length(const struct history *h, const struct true_outage *o)
{
	const struct endpoint *e = &h->endpoints[o->endpoint];
	int64_t objective = (int64_t)(h->rto_objective * 1e6);
	int64_t slack = 2 * e->every + 4 * e->latency + 100 * MS; /* connects are paced */
	bool cut_short = h->aborted || !h->finished;
	int64_t until = o->recovered ? o->until : h->audit;
	int64_t length = until - o->from;

	for (int i = 0; i < e->window_count; i++) /* nothing is told till then */
		slack += e->windows[i].way == WAY_FROZEN ? e->deadline : 0;
	for (int i = 0; i < h->late_count; i++)
		slack += 2 * (h->lates[i].until - h->lates[i].from) + h->recovered_for;
	if (o->acking)
		length = o->until - o->from;
	if (!o->recovered && !o->foreign && !o->acking && !cut_short)
		return MAY_FAIL;
	if (length - slack > objective)
		return MAY_FAIL;
	if (!o->recovered)
		return length + slack <= objective ? MAY_BE_INCONCLUSIVE
		                                   : MAY_BE_INCONCLUSIVE | MAY_FAIL;
	if (length + slack <= objective)
		return MAY_PASS;
	/* The bar holds the truth: it is never judged to the wrong side. */
	return length > objective ? MAY_BE_INCONCLUSIVE | MAY_FAIL
	                          : MAY_BE_INCONCLUSIVE | MAY_PASS;
}

/* ---- another answer than recovery -------------------------------------------------- */

static inline bool is_primary(const struct history *h, int member, int64_t t)
{
	for (int i = 0; i < h->stint_count; i++) {
		if (h->stints[i].member == member && t >= h->stints[i].from &&
		    t < h->stints[i].until)
			return true;
	}
	return false;
}

/* Was some other member than the first seen as primary between fault and heal? */
static inline bool was_taken_over(const struct history *h, bool *known)
{
	bool seen = false;

	*known = h->member_every > 0;
	for (size_t i = 0; i < h->count; i++) {
		const struct try *t = &h->tries[i];

		if (!names_server(h, t))
			continue;
		if (t->answered < h->inject_phase)
			*known = true;
		seen = seen ||
		       (t->member != h->stints[0].member &&
		        t->scheduled >= h->inject_phase && t->scheduled < h->heal);
	}
	for (int i = 1; h->member_every && i < h->members; i++) {
		for (int64_t t = 1500 + i; t < h->heal; t += h->member_every)
			seen = seen || (!late_at(h, t) && is_primary(h, i, t));
	}
	return seen && *known;
}

static inline bool counts_for_rto(const struct history *h, int endpoint)
{
	return h->named >= 0 ? endpoint == h->named : !h->endpoints[endpoint].reads;
}

static inline bool is_blocked(const struct history *h, const struct answers *a,
                              int endpoint)
{
	for (size_t i = 0; i < a->outage_count; i++) {
		const struct true_outage *o = &a->outages[i];

		if (o->endpoint == endpoint && o->seen && !o->foreign &&
		    o->start < h->heal &&
		    (!o->recovered || o->start + o->length >= h->heal))
			return true;
	}
	return false;
}

static inline int may_expected(const struct history *h, const struct answers *a)
{
	bool known;
	bool taken = was_taken_over(h, &known);

	if (!h->injected || h->expected == RECOVERS)
		return MAY_PASS;
	if (h->late_count) /* it depends on what was seen */
		return MAY_PASS | MAY_BE_INCONCLUSIVE | MAY_FAIL;
	if (h->expected == NO_FAILOVER)
		return known && !taken ? MAY_PASS : MAY_BE_INCONCLUSIVE;
	if (taken)
		return MAY_FAIL;
	for (int i = 0; i < h->endpoint_count; i++) {
		if (counts_for_rto(h, i) && !is_blocked(h, a, i))
			return MAY_FAIL;
	}
	return MAY_PASS;
}

static inline int may_outages(const struct history *h, const struct answers *a)
{
	int may = MAY_PASS;

	/* Without an outage the bar is as wide as the agent was late. */
	for (int i = 0; h->injected && h->expected == RECOVERS && i < h->late_count;
	     i++) {
		double wide = (double)(h->lates[i].until - h->lates[i].from + 125 * MS);

		if (h->rto_objective >= 0 && wide > h->rto_objective * 1e6)
			may |= MAY_BE_INCONCLUSIVE;
	}
	for (size_t i = 0; i < a->outage_count; i++) {
		const struct true_outage *o = &a->outages[i];
		bool judged = counts_for_rto(h, o->endpoint) ||
		              (o->foreign && !h->endpoints[o->endpoint].reads);

		if (!o->seen)
			continue;
		if (!o->foreign && h->expected != RECOVERS)
			continue;
		if (judged && h->rto_objective >= 0)
			may = worst_of(may, may_length(h, o));
		if (o->foreign && !o->recovered)
			may = worst_of(may, MAY_BE_INCONCLUSIVE);
	}
	return may;
}

static inline bool acked_before_fault(const struct history *h, int endpoint)
{
	for (size_t i = 0; i < h->count; i++) {
		const struct try *t = &h->tries[i];

		if (t->endpoint == endpoint && t->key && is_answer(t) &&
		    t->answered < h->inject_phase)
			return true;
	}
	return false;
}

static inline int may_rows(const struct history *h, const struct answers *a)
{
	bool wanted = h->injected && h->rpo_objective >= 0;
	int may = MAY_PASS;

	if (wanted && (!a->known || !a->acked))
		may = MAY_BE_INCONCLUSIVE;
	if (a->not_sent_there)
		may = MAY_BE_INCONCLUSIVE;
	if (a->known && h->replica_audited != NOBODY && h->replica_audit != AUDITED)
		may = MAY_BE_INCONCLUSIVE;
	if (a->resurrected || a->diverged ||
	    (h->rpo_objective >= 0 && (int64_t)a->lost > h->rpo_objective))
		may = MAY_FAIL;
	return may;
}

static inline int may_reads(const struct history *h, const struct answers *a)
{
	int may = MAY_PASS;

	for (int i = 0; i < h->endpoint_count; i++) {
		int64_t most = h->endpoints[i].max_staleness;

		if (!most || !a->was_read[i])
			continue;
		if (a->staleness[i] > most)
			may = worst_of(may, MAY_FAIL);
		else if (a->staleness[i] + a->staleness_more[i] > most)
			may = worst_of(may, MAY_BE_INCONCLUSIVE);
	}
	return may;
}

static inline void answer(const struct history *h, struct answers *a)
{
	*a = (struct answers){ 0 };
	answer_rows(h, a);
	answer_outages(h, a);
	answer_dual(h, a);
	answer_staleness(h, a);
	a->may = worst_of(may_course(h), may_outages(h, a));
	a->may = worst_of(a->may, may_rows(h, a));
	a->may = worst_of(a->may, may_reads(h, a));
	a->may = worst_of(a->may, may_expected(h, a));
	for (int i = 0; h->injected && i < h->endpoint_count; i++) {
		if (!acked_before_fault(h, i))
			a->may = worst_of(a->may, MAY_BE_INCONCLUSIVE);
	}
	if (a->dual_unsure)
		a->may |= MAY_FAIL;
	else if (a->dual)
		a->may = MAY_FAIL;
	if (h->cut != NEVER)
		a->may = MAY_BE_INCONCLUSIVE | MAY_FAIL;
}

#endif
