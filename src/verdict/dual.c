/*
 * Two primaries (docs/judging.md, section 4): two servers acked writes in overlapping
 * intervals.
 *
 * Acks are walked through in the order in which they were answered and gathered to
 * reigns: a server's reign goes on while nobody else acks, and beyond another's ack, or a
 * long pause, unless it may have stepped down and come back meanwhile.  What tells is the
 * member's own answers (a replica in between, or a later timeline afterwards: promoted
 * anew); where there are none, a pause too short for two changes of the role.
 *
 * A commit lies somewhere between its schedule and its answer.  An overlap counts only
 * where it holds wherever the commits lay.
 */
#include "verdict/model.h"

#include <stdlib.h>
#include <string.h>

/* Two switchovers, each with a checkpoint, a promotion and clients coming after. */
#define TWO_CHANGES_US 2000000

#define SERVERS 256

struct reign {
	uint8_t server;
	int64_t first_early_us, first_late_us; /* the first commit lies between these … */
	int64_t last_early_us;                 /* … and the last one not before this */
	int64_t last_late_us;
	uint32_t line; /* of the first ack */
};

struct walk {
	struct model *m;
	const struct attempt **acks;
	size_t count;
	struct reign *reigns;
	size_t reign_count, reign_cap;
	struct reign open[SERVERS]; /* line 0: none */
	size_t member[SERVERS];     /* in model->members; 0: not known */
	bool identified[SERVERS];
	bool by_inventory;     /* … by an address of the cluster file */
	struct ranges overlap; /* µs */
};

/*
 * One server may be met by several addresses (a virtual one, loopback behind a local
 * pooler) and must not be taken for two: only addresses of the cluster file tell members
 * apart.  Where it names none, anything but loopback does.
 */
static void identify(struct walk *w, size_t server)
{
	const struct model *m = w->m;
	const char *host = server_host(m, server);

	w->identified[server] =
		host || (!w->by_inventory && !server_is_loopback(m, server));
	for (size_t k = 1; host && k < m->members.count; k++) {
		if (strcmp(m->members.items[k], host) == 0)
			w->member[server] = k;
	}
}

static int by_answer(const void *a, const void *b)
{
	const struct attempt *x = *(const struct attempt *const *)a;
	const struct attempt *y = *(const struct attempt *const *)b;

	if (x->answered_us != y->answered_us)
		return x->answered_us < y->answered_us ? -1 : 1;
	return (x->line > y->line) - (x->line < y->line);
}

static void gather(struct walk *w)
{
	const struct model *m = w->m;
	size_t total = 0;

	for (size_t i = 0; i < m->v->probe_count; i++)
		total += m->probes[i].count;
	w->acks = xcalloc(total + 1, sizeof(void *));
	for (size_t i = 0; i < m->v->probe_count; i++) {
		if (!probe_is_write(&m->v->probes[i]))
			continue;
		for (size_t k = 0; k < m->probes[i].count; k++) {
			const struct attempt *a = &m->probes[i].attempts[k];

			if (a->outcome <= OUTCOME_ACKED_WEAK &&
			    !(a->flags & ATTEMPT_CONNECT) && w->identified[a->server])
				w->acks[w->count++] = a;
		}
	}
	qsort(w->acks, w->count, sizeof(void *), by_answer);
}

/*
 * May the server have stepped down after `from` and been promoted again before `to`?
 * From the earliest moment of its last commit: an answer that was long under way tells
 * nothing of how long the server was primary.
 */
static bool came_back(const struct walk *w, uint8_t server, int64_t from, int64_t to)
{
	const struct model *m = w->m;
	int64_t before = 0;
	int64_t after = 0;

	for (size_t i = 0; w->member[server] && i < m->run_count; i++) {
		const struct member_run *r = &m->runs[i];

		if (r->member != w->member[server])
			continue;
		if (r->replica && r->first_us < to && r->last_us > from)
			return true;
		if (r->primary && r->first_us <= from)
			before = r->timeline;
		if (r->primary && r->last_us >= to && !after)
			after = r->timeline;
	}
	if (before && after)
		return after > before;
	return to - from > TWO_CHANGES_US;
}

static void end_reign(struct walk *w, uint8_t server)
{
	if (w->open[server].line)
		ARRAY_PUSH(w->reigns, w->reign_count, w->reign_cap) = w->open[server];
	w->open[server].line = 0;
}

/* Long enough for another's reign, of which an answer may come only later. */
static bool paused(const struct reign *open, const struct attempt *a)
{
	return a->answered_us - open->last_early_us > TWO_CHANGES_US;
}

static void walk_acks(struct walk *w)
{
	uint8_t previous = 0;

	for (size_t i = 0; i < w->count; i++) {
		const struct attempt *a = w->acks[i];
		struct reign *open = &w->open[a->server];

		if (open->line && (previous != a->server || paused(open, a)) &&
		    came_back(w, a->server, open->last_early_us, a->answered_us))
			end_reign(w, a->server);
		if (!open->line)
			*open = (struct reign){ a->server,      a->scheduled_us,
				                a->answered_us, a->scheduled_us,
				                a->answered_us, a->line };
		if (a->scheduled_us > open->last_early_us)
			open->last_early_us = a->scheduled_us;
		open->last_late_us = a->answered_us;
		previous = a->server;
	}
	for (size_t i = 1; i < SERVERS; i++)
		end_reign(w, (uint8_t)i);
}

/* True if a began, then b acked, then a acked again, wherever the commits lay. */
static bool interrupts(const struct reign *a, const struct reign *b)
{
	return a->first_late_us < b->first_early_us &&
	       b->first_late_us < a->last_early_us;
}

/*
 * Without an inventory to tell: both acked before anything was broken, when there is one
 * primary, so they are two addresses of it.
 */
static bool same_by_habit(const struct walk *w, const struct reign *a,
                          const struct reign *b)
{
	return !w->by_inventory && a->first_late_us < w->m->fault_us &&
	       b->first_late_us < w->m->fault_us;
}

static size_t count_acks(const struct walk *w, uint8_t server, int64_t from, int64_t to)
{
	size_t n = 0;

	for (size_t i = 0; i < w->count; i++)
		n += w->acks[i]->server == server && w->acks[i]->answered_us >= from &&
		     w->acks[i]->scheduled_us <= to;
	return n;
}

static void judge_pair(struct walk *w, const struct reign *a, const struct reign *b)
{
	struct verdict *v = w->m->v;
	int64_t from =
		a->first_late_us > b->first_late_us ? a->first_late_us : b->first_late_us;
	int64_t to =
		a->last_early_us < b->last_early_us ? a->last_early_us : b->last_early_us;
	size_t by_a = count_acks(w, a->server, from, to > from ? to : from);
	size_t by_b = count_acks(w, b->server, from, to > from ? to : from);

	ranges_add(&w->overlap, from, to - 1);
	v->dual_primary_acks += by_a < by_b ? by_a : by_b;
	reason(v, JUDGED_FAIL, b->line,
	       "two primaries: %s and %s both acked writes for at least %.2f s (%zu and "
	       "%zu acks)",
	       server_name(w->m, a->server), server_name(w->m, b->server),
	       to > from ? (double)(to - from) / 1e6 : 0, by_a, by_b);
}

void judge_dual(struct model *m)
{
	struct walk *w = XNEW(struct walk);

	w->m = m;
	w->by_inventory = inventory_is_numeric(m);
	for (size_t i = 1; i < m->servers.count; i++)
		identify(w, i);
	gather(w);
	walk_acks(w);
	for (size_t i = 0; i < w->reign_count; i++) {
		for (size_t k = i + 1; k < w->reign_count; k++) {
			const struct reign *a = &w->reigns[i];
			const struct reign *b = &w->reigns[k];

			if (a->server == b->server || same_by_habit(w, a, b))
				continue;
			if (interrupts(a, b))
				judge_pair(w, a, b);
			else if (interrupts(b, a))
				judge_pair(w, b, a);
		}
	}
	ranges_normalize(&w->overlap);
	m->v->dual_primary_us = (int64_t)ranges_count(&w->overlap);
	ranges_free(&w->overlap);
	free(w->reigns);
	free(w->acks);
	free(w);
}
