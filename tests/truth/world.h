/*
 * A made-up cluster of which everything is known: what was planted, and what each client
 * saw of it.  Nothing here knows how src/verdict/ finds out; both meet only in the ledger
 * and in the definitions of docs/judging.md.  Times are microseconds.
 */
#ifndef TESTS_TRUTH_WORLD_H
#define TESTS_TRUTH_WORLD_H

#include "base/str.h"
#include "base/xalloc.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define MS  1000LL
#define SEC 1000000LL

#define MOST_MEMBERS   5
#define MOST_ENDPOINTS 4
#define MOST_WINDOWS   24
#define NEVER          (INT64_MAX / 4)
#define NOBODY         (-1)

/* What clients of an endpoint meet for a time. */
enum way {
	WAY_REFUSED,       /* an answer at once: read-only */
	WAY_NO_CONNECTION, /* no session to be had */
	WAY_LOST,          /* the session dies with what is under way; then no session */
	WAY_FROZEN,        /* commits hang, and go through when it is over */
	WAY_SILENT,        /* no answer till the deadline */
	WAYS,
};

struct window {
	int64_t from, until; /* until NEVER: it does not come back */
	enum way way;
};

struct endpoint {
	bool reads;
	int64_t every, phase, latency, deadline;
	int64_t first_ack; /* clients get nothing before */
	struct window windows[MOST_WINDOWS];
	int window_count;
	int64_t stays_with_old_until; /* its sessions stay on the old primary till then */
	bool virtual_address;         /* its server's address is nobody's */
	bool mute;                    /* the server does not say who it is */
	int64_t max_staleness;
	int64_t lag; /* of the replica behind a read endpoint */
};

enum fate { ACKED, WEAK, REFUSED, IN_DOUBT, NOT_SENT };

struct
try {
	int endpoint;
	int64_t key; /* 0: opening a session */
	int64_t scheduled, answered, told;
	enum fate fate;
	bool late; /* the agent was */
	const char *reason, *message, *sqlstate;
	int member;     /* who answered, or NOBODY */
	bool there;     /* on the surviving primary in the end */
	int64_t newest; /* reads */
};

struct late {
	int64_t from, until;
};

/* Who was primary, and on which timeline. */
struct stint {
	int member;
	int64_t from, until;
	int timeline;
};

enum audit_kind { AUDITED, AUDIT_INCOMPLETE, AUDIT_MISSING };

struct history {
	uint64_t seed, state;
	int members, endpoint_count;
	struct endpoint endpoints[MOST_ENDPOINTS];
	int64_t timely, recovered_for;
	int64_t fault, inject_phase, audit, end; /* fault: when it was really sent */
	double rto_objective;                    /* seconds, -1: none */
	int64_t rpo_objective;                   /* rows, -1: none */
	int sync_standbys;
	int named; /* endpoint whose outage counts, or -1 */

	struct stint stints[4];
	int stint_count;
	struct window *unrecovered;    /* when it is all over, this is not; NULL */
	int64_t dual_from, dual_until; /* two members acked */
	struct late lates[3];
	int late_count;
	int64_t member_every; /* 0: members are not asked */

	enum expected { RECOVERS, BLOCKED, NO_FAILOVER } expected;
	int64_t heal; /* HEAL is entered */
	bool armed, injected, inject_failed, confirmed, healed, lacking;
	bool aborted, finished, torn, note, shuffled;
	int64_t cut;    /* the agent died then; NEVER: it did not */
	int redundancy; /* 1 restored, 0 not restored, -1 nothing told */
	int64_t clock_step;
	enum audit_kind primary_audit, replica_audit;
	int replica_audited; /* member, or NOBODY */
	int64_t differs[8];  /* keys of the first write endpoint on which it differs */
	int differ_count;
	bool audited_twice; /* first wrong, then right */

	struct try *tries;
	size_t count, cap;
};

/* ---- chance ------------------------------------------------------------------------ */

static inline uint64_t draw(struct history *h)
{
	uint64_t z = h->state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

static inline int64_t between(struct history *h, int64_t low, int64_t high)
{
	return high <= low ? low : low + (int64_t)(draw(h) % (uint64_t)(high - low + 1));
}

static inline bool chance(struct history *h, int percent)
{
	return between(h, 1, 100) <= percent;
}

/* Short ones are as frequent as long ones. */
static inline int64_t length_between(struct history *h, int64_t low, int64_t high)
{
	int64_t top = low;

	while (top < high && !chance(h, 25))
		top *= 2;
	return between(h, low, top < high ? top : high);
}

/* ---- what is true at a moment ------------------------------------------------------ */

static inline const struct window *window_at(const struct endpoint *e, int64_t t)
{
	for (int i = 0; i < e->window_count; i++) {
		if (t >= e->windows[i].from && t < e->windows[i].until)
			return &e->windows[i];
	}
	return NULL;
}

static inline const struct late *late_at(const struct history *h, int64_t t)
{
	for (int i = 0; i < h->late_count; i++) {
		if (t >= h->lates[i].from && t < h->lates[i].until)
			return &h->lates[i];
	}
	return NULL;
}

/* When the agent looks at what came at t. */
static inline int64_t seen_at(const struct history *h, int64_t t)
{
	const struct late *late = late_at(h, t);

	return late ? late->until : t;
}

static inline int primary_at(const struct history *h, int64_t t)
{
	for (int i = h->stint_count - 1; i > 0; i--) {
		if (t >= h->stints[i].from)
			return h->stints[i].member;
	}
	return h->stints[0].member;
}

static inline int server_at(const struct history *h, const struct endpoint *e, int64_t t)
{
	return t < e->stays_with_old_until ? h->stints[0].member : primary_at(h, t);
}

#endif
