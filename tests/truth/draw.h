/* Draws a history: first what happens to the cluster, then what each client sees of it. */
#ifndef TESTS_TRUTH_DRAW_H
#define TESTS_TRUTH_DRAW_H

#include "world.h"

/* ---- the plan ---------------------------------------------------------------------- */

static inline void draw_objectives(struct history *h)
{
	static const double rto[] = { 60, 60, 5, 2, 1, -1 };

	h->timely = between(h, 4, 12) * 100 * MS;
	h->recovered_for = between(h, 6, 15) * 100 * MS;
	h->rto_objective = rto[between(h, 0, 5)];
	h->rpo_objective = chance(h, 80) ? 0 : chance(h, 50) ? 3 : -1;
	h->sync_standbys = (int)between(h, 0, 1);
	h->named = chance(h, 25) ? (int)between(h, 0, h->endpoint_count - 1) : -1;
}

static inline void draw_endpoints(struct history *h)
{
	static const int64_t every[] = { 20, 40, 50, 80, 100, 100, 125 };
	int writes = (int)between(h, 1, 3);

	h->endpoint_count = writes + (chance(h, 35) ? 1 : 0);
	for (int i = 0; i < h->endpoint_count; i++) {
		struct endpoint *e = &h->endpoints[i];

		*e = (struct endpoint){ .reads = i >= writes };
		e->every = every[between(h, 0, 6)] * MS;
		e->phase = 2 * MS + between(h, 0, e->every - 1);
		e->latency = between(h, 500, e->every / 2);
		e->deadline = between(h, 2, 6) * 500 * MS;
		e->virtual_address = chance(h, 8);
		e->mute = chance(h, 4);
		e->lag = chance(h, 60) ? between(h, 0, 300) * MS : between(h, 0, 4) * SEC;
		e->max_staleness = e->reads && chance(h, 60) ? between(h, 1, 4) * SEC : 0;
	}
}

static inline int64_t add_window(struct endpoint *e, int64_t from, int64_t until,
                                 enum way way)
{
	if (e->window_count < MOST_WINDOWS)
		e->windows[e->window_count++] = (struct window){ from, until, way };
	return until;
}

/* An outage in pieces, with acks between them that do not last. */
static inline int64_t add_flapping(struct history *h, struct endpoint *e, int64_t from)
{
	int64_t good = h->recovered_for - 2 * e->every - e->latency;
	int pieces = (int)between(h, 2, 4);

	for (int i = 0; i < pieces; i++) {
		from = add_window(e, from, from + between(h, 2 * e->every, 8 * e->every),
		                  chance(h, 50) ? WAY_REFUSED : WAY_NO_CONNECTION);
		if (i + 1 < pieces)
			from += between(h, 2 * e->every, good);
	}
	return from;
}

static inline int64_t add_outage(struct history *h, struct endpoint *e, int64_t from)
{
	enum way way = (enum way)between(h, 0, WAYS - 1);

	if (h->recovered_for >= 6 * e->every && chance(h, 15))
		return add_flapping(h, e, from);
	return add_window(e, from, from + length_between(h, 20 * MS, 8 * SEC), way);
}

/* So long after an outage that it is over, whatever the ticks fell on. */
static inline int64_t rest(const struct history *h, const struct endpoint *e)
{
	return h->recovered_for + h->timely + 4 * e->every + e->latency + e->deadline;
}

static inline void draw_foreign(struct history *h, struct endpoint *e, int64_t *ready)
{
	int64_t over;

	if (!chance(h, 12))
		return;
	over = add_outage(h, e, *ready + between(h, 0, SEC));
	*ready = over + rest(h, e) + SEC;
}

static inline int64_t draw_ours(struct history *h, struct endpoint *e)
{
	int64_t over = h->fault;

	if (chance(h, 80))
		over = add_outage(h, e, h->fault + between(h, 0, 800 * MS));
	if (over > h->fault && chance(h, 15))
		over = add_outage(h, e, over + rest(h, e) + between(h, 0, SEC));
	return over;
}

/* The first endpoint's probe comes to nothing for some time, perhaps beyond the fault. */
static inline void draw_slow_start(struct history *h)
{
	struct endpoint *e = &h->endpoints[0];

	e->first_ack = 500 * MS;
	if (chance(h, 50))
		return;
	e->first_ack = h->fault + SEC;
	e->window_count = 0;
}

static inline void draw_late(struct history *h, int64_t from, int64_t length)
{
	h->lates[h->late_count++] = (struct late){ from, from + length };
}

static inline void draw_lates(struct history *h)
{
	const struct endpoint *e = &h->endpoints[0];

	if (chance(h, 6))
		draw_late(h, h->fault + between(h, 100 * MS, 3 * SEC),
		          length_between(h, 30 * MS, 2 * SEC));
	else if (e->window_count && !h->unrecovered && chance(h, 6)) /* at an edge */
		draw_late(h,
		          (chance(h, 50) ? e->windows[e->window_count - 1].until
		                         : e->windows[0].from) -
		                  between(h, 0, 200 * MS),
		          between(h, 30 * MS, 300 * MS));
}

/* Who is primary when: no failover, one, or there and back. */
static inline void draw_primaries(struct history *h)
{
	int64_t first = h->fault + between(h, 200 * MS, 3 * SEC);

	h->stints[0] = (struct stint){ 0, 0, NEVER, 1 };
	h->stint_count = 1;
	if (h->members < 2 || !h->injected || chance(h, 20))
		return;
	h->stints[0].until = first;
	h->stints[1] = (struct stint){ 1, first, NEVER, 2 };
	h->stint_count = 2;
	if (!chance(h, 15))
		return;
	/* In less than two seconds no role changes twice: the judge may rely on that. */
	h->stints[1].until = first + between(h, 2500, 4000) * MS;
	h->stints[2] = (struct stint){ 0, h->stints[1].until, NEVER, 3 };
	h->stint_count = 3;
}

/* The second endpoint's sessions stay with the old primary, which goes on acking. */
static inline void draw_dual(struct history *h)
{
	struct endpoint *e = &h->endpoints[1];

	if (h->stint_count != 2 || h->endpoint_count < 2 || e->reads || !chance(h, 25))
		return;
	e->window_count = 0;
	e->virtual_address = e->mute = false;
	h->endpoints[0].virtual_address = h->endpoints[0].mute = false;
	e->stays_with_old_until = h->stints[1].from + length_between(h, 20 * MS, 5 * SEC);
	h->dual_from = h->stints[1].from;
	h->dual_until = e->stays_with_old_until;
	h->stints[0].until = h->dual_until;
}

/* The last outage of one endpoint does not end, or only just has. */
static inline void draw_unrecovered(struct history *h, int64_t *over)
{
	struct endpoint *e = &h->endpoints[between(h, 0, h->endpoint_count - 1)];
	struct window *w = e->window_count ? &e->windows[e->window_count - 1] : NULL;

	if (!chance(h, 6) || !h->injected || !w || w->from < h->fault ||
	    e->stays_with_old_until)
		return;
	w->until = NEVER;
	w->way = chance(h, 50) ? WAY_NO_CONNECTION : WAY_REFUSED;
	h->unrecovered = w;
	*over = *over > w->from ? *over : w->from;
}

/* It comes back just before the end, too late to be sure that it lasts. */
static inline void draw_barely(struct history *h)
{
	int64_t slowest = 125 * MS;

	if (h->unrecovered && h->recovered_for > 5 * slowest && chance(h, 40))
		h->unrecovered->until =
			h->audit -
			between(h, 2 * slowest, h->recovered_for - 2 * slowest);
}

static inline void draw_course(struct history *h)
{
	h->armed = !chance(h, 2);
	h->inject_failed = h->armed && chance(h, 2);
	h->injected = h->armed && !h->inject_failed;
	h->confirmed = h->injected && !chance(h, 6);
	h->healed = h->armed && !chance(h, 5);
	h->lacking = h->healed && h->injected && chance(h, 3);
	h->aborted = chance(h, 4);
	h->torn = chance(h, 2);
	h->finished = !h->torn && !chance(h, 2);
	h->note = chance(h, 2);
	h->shuffled = chance(h, 30);
	h->redundancy = !h->injected ? -1 : chance(h, 4) ? 0 : chance(h, 4) ? -1 : 1;
	h->clock_step = !chance(h, 4) ? 0 : between(h, -400, 400) * MS;
	h->member_every = chance(h, 50) ? between(h, 2, 6) * 100 * MS : 0;
	h->cut = NEVER;
}

static inline void draw_audits(struct history *h)
{
	h->primary_audit = !chance(h, 7)   ? AUDITED
	                   : chance(h, 50) ? AUDIT_INCOMPLETE
	                                   : AUDIT_MISSING;
	h->replica_audited = h->members > 1 && chance(h, 60)
	                             ? (primary_at(h, NEVER) + 1) % h->members
	                             : NOBODY;
	h->replica_audit = chance(h, 8) ? AUDIT_INCOMPLETE : AUDITED;
	h->audited_twice = chance(h, 10);
}

/* ---- what clients see -------------------------------------------------------------- */

static inline struct try *add_try(struct history *h, const struct try *t)
{
	if (h->count == h->cap) {
		h->cap = h->cap ? h->cap * 2 : 512;
		h->tries = xrealloc(h->tries, h->cap * sizeof *h->tries);
	}
	h->tries[h->count] = *t;
	return &h->tries[h->count++];
}

static inline void no_answer(struct try *t, int64_t at, const char *sqlstate,
                             const char *message)
{
	t->fate = IN_DOUBT;
	t->answered = at;
	t->sqlstate = sqlstate;
	t->message = message;
	t->member = NOBODY;
}

static inline void not_sent(struct try *t, const char *reason)
{
	t->fate = NOT_SENT;
	t->answered = t->scheduled;
	t->reason = reason;
	t->member = NOBODY;
}

static inline void meet(const struct history *h, const struct endpoint *e, struct try *t,
                        const struct window *w)
{
	bool in_flight = t->scheduled < w->from;
	int64_t thawed = w->until + e->latency;

	switch (w->way) {
	case WAY_REFUSED:
		if (in_flight)
			return;
		t->fate = REFUSED;
		t->sqlstate = "25006";
		t->message = "cannot execute INSERT in a read-only transaction";
		break;
	case WAY_LOST:
		if (in_flight)
			no_answer(t, seen_at(h, w->from), "57P01",
			          "terminating connection");
		else
			not_sent(t, "no_connection");
		break;
	case WAY_NO_CONNECTION:
		if (!in_flight)
			not_sent(t, "no_connection");
		break;
	case WAY_FROZEN:
		if (thawed - t->scheduled > e->deadline)
			no_answer(t, seen_at(h, t->scheduled + e->deadline), NULL,
			          "no answer in time");
		else
			t->answered = seen_at(h, thawed);
		break;
	default:
		no_answer(t, seen_at(h, t->scheduled + e->deadline), NULL,
		          "no answer in time");
	}
}

/* One tick of an endpoint. */
static inline void tick(struct history *h, int endpoint, int64_t at, int64_t key)
{
	const struct endpoint *e = &h->endpoints[endpoint];
	const struct window *w = window_at(e, at);
	struct try t = { .endpoint = endpoint, .key = key, .scheduled = at };

	if (!w) /* under way when it begins? */
		w = window_at(e, at + e->latency - 1);
	t.answered = seen_at(h, at + e->latency);
	t.member = server_at(h, e, at + e->latency / 2);
	if (late_at(h, at)) {
		not_sent(&t, "late");
		t.late = true;
	} else if (at < e->first_ack) {
		not_sent(&t, "no_connection");
	} else if (w) {
		meet(h, e, &t, w);
	}
	t.told = seen_at(h, t.answered);
	add_try(h, &t);
}

/* Sessions that are not to be had are asked for all the same. */
static inline void connects(struct history *h, int endpoint)
{
	const struct endpoint *e = &h->endpoints[endpoint];

	for (int i = 0; i < e->window_count; i++) {
		const struct window *w = &e->windows[i];
		int64_t until = w->until < h->audit ? w->until : h->audit;

		if (w->way != WAY_NO_CONNECTION && w->way != WAY_LOST)
			continue;
		/* Right behind the tick that found no session. */
		for (int64_t t = w->from + e->every; t + 200 < until; t += 100 * MS) {
			struct try c = { .endpoint = endpoint,
				         .scheduled = t,
				         .answered = seen_at(h, t + 200),
				         .fate = REFUSED,
				         .member = NOBODY,
				         .sqlstate = "57P03",
				         .message =
				                 "the database system is starting up" };

			c.told = c.answered;
			if (!late_at(h, t))
				add_try(h, &c);
		}
	}
}

static inline void play(struct history *h)
{
	for (int i = 0; i < h->endpoint_count; i++) {
		const struct endpoint *e = &h->endpoints[i];
		int64_t key = 0;

		for (int64_t t = e->phase; t < h->audit + 3 * e->every; t += e->every)
			tick(h, i, t, ++key);
		connects(h, i);
	}
}

/* What is there in the end: here the rows are lost, kept in doubt, or rise again. */
static inline void draw_rows(struct history *h)
{
	bool loses = chance(h, 12), weakens = chance(h, 12);
	bool rises = chance(h, 3), invents = chance(h, 2);
	int64_t upto = h->stint_count > 1 ? h->stints[0].until : h->fault;
	int64_t since = upto - between(h, 0, 1500) * MS;

	for (size_t i = 0; i < h->count; i++) {
		struct try *t = &h->tries[i];
		bool near = t->scheduled >= since && t->scheduled < upto;

		if (h->endpoints[t->endpoint].reads || !t->key)
			continue;
		if (t->fate == ACKED && weakens && near && chance(h, 50))
			t->fate = WEAK;
		if (t->fate == ACKED)
			t->there = !(loses && near && chance(h, 30)) &&
			           (t->answered < h->audit || chance(h, 50));
		else if (t->fate == WEAK || t->fate == IN_DOUBT)
			t->there = chance(h, 50);
		else
			t->there = (t->fate == REFUSED && rises && chance(h, 10)) ||
			           (t->fate == NOT_SENT && invents && chance(h, 5));
	}
}

/* A replica shows the newest row that was acked `lag` before. */
static inline void draw_reads(struct history *h)
{
	for (size_t i = 0; i < h->count; i++) {
		struct try *r = &h->tries[i];
		int64_t seen = r->scheduled - h->endpoints[r->endpoint].lag;

		if (!h->endpoints[r->endpoint].reads)
			continue;
		for (size_t k = 0; k < h->count && h->tries[k].endpoint == 0; k++) {
			const struct try *t = &h->tries[k];

			if (t->fate == ACKED && t->answered < seen && t->key > r->newest)
				r->newest = t->key;
		}
	}
}

static inline void draw_differences(struct history *h)
{
	int64_t most = (h->audit - h->endpoints[0].phase) / h->endpoints[0].every;

	if (h->replica_audited == NOBODY || !chance(h, 12))
		return;
	h->differ_count = (int)between(h, 1, 8);
	for (int i = 0; i < h->differ_count; i++)
		h->differs[i] = 1 + i * 3 + between(h, 0, 2) + (most > 40 ? 10 : 0);
}

static inline void draw_history(struct history *h, uint64_t seed)
{
	int64_t ready = 0, over, longest = 0;

	*h = (struct history){ .seed = seed, .state = seed * 0x2545f4914f6cdd1dULL + 1 };
	h->members = (int)between(h, 1, MOST_MEMBERS);
	draw_endpoints(h);
	draw_objectives(h);
	draw_course(h);
	for (int i = 0; i < h->endpoint_count; i++) {
		int64_t at = SEC + h->timely;

		draw_foreign(h, &h->endpoints[i], &at);
		ready = at > ready ? at : ready;
	}
	h->fault = ready + between(h, 1, 2000) * MS;
	h->inject_phase = h->fault - between(h, 0, 10) * MS;
	over = h->fault;
	for (int i = 0; i < h->endpoint_count; i++) {
		int64_t end = draw_ours(h, &h->endpoints[i]);

		over = end > over ? end : over;
	}
	if (chance(h, 3))
		draw_slow_start(h);
	draw_primaries(h);
	draw_dual(h);
	draw_unrecovered(h, &over);
	draw_lates(h);
	for (int i = 0; i < h->stint_count; i++)
		over = h->stints[i].from > over ? h->stints[i].from : over;
	over = h->dual_until > over ? h->dual_until : over;
	for (int i = 0; i < h->endpoint_count; i++)
		longest = rest(h, &h->endpoints[i]) > longest ? rest(h, &h->endpoints[i])
		                                              : longest;
	h->audit = over + longest + between(h, 500, 1500) * MS;
	h->end = h->audit + 2 * SEC;
	h->heal = chance(h, 30) ? h->audit - 400
	                        : between(h, h->fault + 100, h->audit - 400);
	h->expected = chance(h, 85) ? RECOVERS : chance(h, 50) ? BLOCKED : NO_FAILOVER;
	draw_barely(h);
	if (chance(h, 3))
		h->cut = between(h, h->fault - SEC, h->audit);
	draw_audits(h);
	play(h);
	draw_rows(h);
	draw_reads(h);
	draw_differences(h);
}

#endif
