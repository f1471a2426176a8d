/*
 * Outages of an endpoint (docs/judging.md, section 2): from the scheduled time of the
 * first attempt not acked to the answered time of the ack that begins a run of timely
 * acks of `recovered_for`.
 */
#include "verdict/model.h"

#include <stdlib.h>

enum sign {
	SIGN_ACKED,   /* a timely ack */
	SIGN_MISSING, /* not acked, or so late that a client had to wait */
	SIGN_NONE,    /* says nothing about the cluster */
};

struct scan {
	struct model *m;
	struct probe_summary *probe;
	const struct model_probe *lines;
	int64_t connect_us; /* what a connect takes when all is well */
	bool seen_ack; /* attempts before the first ack belong to the start of the probe
	                */
	int64_t last_good_us; /* schedule of the last timely ack before the outage */
	int64_t usual_us;     /* how long acks took lately, at worst */
	bool down;
	struct outage outage;     /* under way, if down */
	int64_t first_decided_us; /* when its first attempt was given up */
	int64_t noticed_us;       /* when some attempt was given up at the earliest */
	bool by_connect;          /* its first attempt was to open a session */
	int64_t last_proof_us;    /* the latest moment at which it was surely gone */
	int64_t waited_until_us;  /* latest moment at which somebody still waited in vain
	                           */
	int64_t turned_away_us;   /* until then a new session was waited for in vain */
	bool lucky;               /* meanwhile a session from before has acked */
	bool acking;              /* a run of acks that may be the recovery */
	const struct attempt *run_first;
	int64_t run_last_us;
};

static bool is_ack(const struct attempt *a)
{
	return a->outcome == OUTCOME_ACKED || a->outcome == OUTCOME_ACKED_WEAK;
}

static enum sign sign_of(const struct model *m, const struct attempt *a)
{
	int64_t delay = a->answered_us - a->scheduled_us;

	if (a->flags & ATTEMPT_LATE)
		return SIGN_NONE;
	if (a->flags & ATTEMPT_CONNECT) /* only its failure says something */
		return is_ack(a) ? SIGN_NONE : SIGN_MISSING;
	if (!is_ack(a))
		return SIGN_MISSING;
	if (delay <= m->timely_us)
		return SIGN_ACKED;
	/* Was it the agent that did not look at the answer? */
	if (delay - model_late(m, a->scheduled_us, a->answered_us) <= m->timely_us)
		return SIGN_NONE;
	return SIGN_MISSING;
}

static int64_t larger(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/*
 * Ours if it began once the fault may have been sent.  An attempt that was already
 * waiting then, though not for long, may have met the fault too.
 */
static bool is_foreign(const struct scan *s)
{
	const struct model *m = s->m;
	int64_t start = s->outage.start_us;
	int64_t slack = s->probe->every_us + model_late(m, start, start);

	if (m->fault_us == TIME_NEVER)
		return true;
	return !(start >= m->fault_us - slack || (start >= m->fault_us - m->timely_us &&
	                                          s->first_decided_us >= m->fault_us));
}

/*
 * What proves that the endpoint was still gone: somebody asked and did not get what he
 * asked for, so it was at the moment of asking; an answer that came too late, when it
 * came.  Ticks that were not sent for want of a session prove nothing: the path may be
 * back, and only the next connect will find out.
 */
static int64_t proof_of(const struct scan *s, const struct attempt *a)
{
	if (a->outcome == OUTCOME_NOT_SENT)
		return s->outage.start_us;
	return is_ack(a) ? a->answered_us : a->scheduled_us;
}

/* The first attempt may have met the beginning of the outage only shortly before its
 * answer was due. */
static int64_t in_flight(const struct scan *s)
{
	int64_t noticed = larger(s->noticed_us - s->outage.start_us, 0);
	int64_t connect = larger(2 * s->connect_us, s->probe->every_us);
	int64_t usual = s->by_connect ? connect : s->usual_us;

	return noticed < usual ? noticed : usual;
}

static bool is_slow(const struct scan *s, const struct connection *c)
{
	int64_t usual = 2 * s->connect_us + s->probe->every_us;

	return c->t_us - c->began_us > usual + model_late(s->m, c->began_us, c->t_us);
}

/* A session that was long in coming proves that it could not be had when it was asked
 * for. */
static int64_t proof_of_slow(const struct scan *s, int64_t end_us)
{
	int64_t proof = s->last_proof_us;

	for (size_t i = 0; i < s->lines->connection_count; i++) {
		const struct connection *c = &s->lines->connections[i];

		if (c->began_us >= s->outage.start_us && c->t_us <= end_us &&
		    is_slow(s, c))
			proof = larger(proof, c->began_us);
	}
	return proof < end_us ? proof : end_us;
}

/* An outage that lasted until `end_us`, and surely until `certain_us`. */
static void measure(struct scan *s, int64_t end_us, int64_t certain_us)
{
	struct outage *o = &s->outage;
	int64_t every = s->probe->every_us;
	int64_t late = model_late(s->m, o->start_us, end_us);

	o->length.us = larger(end_us - o->start_us, 0);
	o->length.minus_us = larger(every, end_us - certain_us + in_flight(s));
	if (o->length.minus_us > o->length.us)
		o->length.minus_us = o->length.us;
	o->length.plus_us = larger(every + late, o->start_us - s->last_good_us);
	o->foreign = is_foreign(s);
}

static void store(struct scan *s)
{
	struct verdict *v = s->m->v;

	if (!s->outage.first_error)
		s->outage.first_error = xstrdup("");
	ARRAY_PUSH(v->outages, v->outage_count, v->outage_cap) = s->outage;
	s->down = false;
	s->acking = false;
	s->lucky = false;
}

/*
 * Until when the client of a session that was not opened has waited: another one that was
 * opened later shows that clients got in again.
 */
static int64_t turned_away_until(const struct scan *s, const struct attempt *a)
{
	const struct model_probe *p = &s->m->probes[s->probe - s->m->v->probes];

	for (size_t i = 0; i < p->connection_count; i++)
		if (p->connections[i].t_us > a->scheduled_us)
			return p->connections[i].t_us < a->answered_us
			               ? p->connections[i].t_us
			               : a->answered_us;
	return a->answered_us;
}

static char *describe(const struct model *m, const struct attempt *a)
{
	if (is_ack(a))
		return xasprintf("answered only after %.2f s",
		                 (double)(a->answered_us - a->scheduled_us) / 1e6);
	if (!a->error)
		return NULL;
	return xstrdup(intern_text(&m->errors, a->error));
}

static void missing(struct scan *s, const struct attempt *a)
{
	if (!s->down) {
		s->down = true;
		s->outage = (struct outage){
			.endpoint = s->probe->endpoint,
			.reads = probe_is_read(s->probe),
			.start_us = a->scheduled_us,
			.line = a->line,
		};
		s->first_decided_us = s->noticed_us = a->answered_us;
		s->by_connect = a->flags & ATTEMPT_CONNECT;
		s->last_proof_us = a->scheduled_us;
		s->waited_until_us = a->answered_us;
	}
	if (s->acking || s->lucky)
		s->outage.flaps++;
	s->acking = false;
	s->lucky = false;
	if (a->flags & ATTEMPT_CONNECT)
		s->turned_away_us = larger(s->turned_away_us, turned_away_until(s, a));
	s->outage.not_acked++;
	if (a->answered_us < s->first_decided_us)
		s->first_decided_us = s->noticed_us = a->answered_us;
	s->last_proof_us = larger(s->last_proof_us, proof_of(s, a));
	s->waited_until_us = larger(s->waited_until_us, a->answered_us);
	if (!s->outage.first_error)
		s->outage.first_error = describe(s->m, a);
}

static void good(struct scan *s, const struct attempt *a)
{
	s->last_good_us = a->scheduled_us;
	/* The worst of them, forgotten by half in some forty acks. */
	s->usual_us -= s->usual_us / 64;
	s->usual_us = larger(s->usual_us, a->answered_us - a->scheduled_us);
}

/* Until the ack that began the run of acks. */
static void measure_acked(struct scan *s)
{
	int64_t end = s->run_first->answered_us;

	measure(s, end, proof_of_slow(s, end));
}

static void acked(struct scan *s, const struct attempt *a)
{
	s->seen_ack = true;
	if (!s->down) {
		good(s, a);
		return;
	}
	/* A session from before goes on, while clients without one wait. */
	if (a->answered_us < s->turned_away_us) {
		s->lucky = true;
		return;
	}
	if (!s->acking) {
		s->acking = true;
		s->run_first = a;
		s->run_last_us = a->answered_us;
	}
	s->run_last_us = larger(s->run_last_us, a->answered_us);
	if (s->run_last_us - s->run_first->answered_us < s->m->recovered_for_us)
		return;
	s->outage.recovered = true;
	measure_acked(s);
	store(s);
	good(s, a);
}

/* The observation is over, and the outage is not: its length is a lower bound. */
static void close_open(struct scan *s)
{
	int64_t end = model_end(s->m);
	int64_t until = s->waited_until_us < end ? s->waited_until_us : end;

	if (s->acking) {
		s->outage.acking = true;
		measure_acked(s);
		s->outage.length.plus_us += larger(end - s->run_first->answered_us, 0);
	} else {
		measure(s, until, until);
	}
	store(s);
}

static int64_t usual_connect(const struct model_probe *p)
{
	int64_t least = p->connection_count ? INT64_MAX : 0;

	for (size_t i = 0; i < p->connection_count; i++) {
		int64_t took = p->connections[i].t_us - p->connections[i].began_us;

		least = took < least ? took : least;
	}
	return least;
}

static void scan_probe(struct model *m, size_t i)
{
	struct scan s = { .m = m,
		          .probe = &m->v->probes[i],
		          .lines = &m->probes[i],
		          .connect_us = usual_connect(&m->probes[i]) };
	int64_t from = m->steady_us == TIME_NEVER ? INT64_MIN : m->steady_us;

	for (size_t k = 0; k < m->probes[i].count; k++) {
		const struct attempt *a = &m->probes[i].attempts[k];
		enum sign sign = sign_of(m, a);

		if (is_ack(a) && a->answered_us < m->fault_us &&
		    !(a->flags & ATTEMPT_CONNECT))
			s.probe->acked_before_fault = true;
		if (a->scheduled_us < from || a->scheduled_us > model_end(m))
			continue;
		if (sign == SIGN_ACKED)
			acked(&s, a);
		else if (sign == SIGN_MISSING && s.seen_ack)
			missing(&s, a);
	}
	if (s.down)
		close_open(&s);
}

void find_outages(struct model *m)
{
	for (size_t i = 0; i < m->v->probe_count; i++) {
		if (probe_is_write(&m->v->probes[i]) || probe_is_read(&m->v->probes[i]))
			scan_probe(m, i);
	}
}
