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
	bool seen_ack; /* attempts before the first ack belong to the start of the probe */
	int64_t last_good_us; /* schedule of the last timely ack before the outage */
	bool down;
	struct outage outage;     /* under way, if down */
	int64_t usual_us;         /* an answer took at most, just before it */
	int64_t first_decided_us; /* when its first attempt was given up */
	int64_t early_us; /* it may have begun so much later than its first attempt */
	int64_t still_us; /* the last moment at which it is known to have lasted */
	bool connects;    /* the ledger tells of sessions that were asked for */
	int64_t waited_until_us; /* latest moment at which somebody still waited in vain */
	int64_t turned_away_us;  /* until then a new session was waited for in vain */
	bool lucky;              /* meanwhile a session from before has acked */
	bool acking;             /* a run of acks that may be the recovery */
	int64_t hole_from_us;    /* the agent was late from here to there, between acks */
	int64_t hole_until_us;
	int64_t before_us; /* so much earlier it may have begun, in such a hole */
	int64_t blind_us; /* meanwhile the agent was late, up to here: it may have gone on */
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

/* Acks before the outage by which an answer's usual time is told. */
#define USUAL 50

/* The longest that a timely answer took just before attempt k. */
static int64_t usual_delay(const struct scan *s, size_t k)
{
	int64_t worst = 0;

	for (size_t i = k > USUAL ? k - USUAL : 0; i < k; i++) {
		const struct attempt *a = &s->lines->attempts[i];

		if (sign_of(s->m, a) == SIGN_ACKED)
			worst = larger(worst, a->answered_us - a->scheduled_us);
	}
	return worst;
}

/*
 * What an attempt proves about how long the outage lasted.  One that was not sent proves
 * nothing: nobody asked, so the end may lie before it.  But where no session was tried to
 * be opened either, its word is all there is.
 */
static void prove(struct scan *s, const struct attempt *a)
{
	bool asked = a->outcome != OUTCOME_NOT_SENT;

	s->connects |= (a->flags & ATTEMPT_CONNECT) != 0;
	if (is_ack(a)) /* it hung until its answer came, and was looked at */
		s->still_us = larger(s->still_us, a->answered_us - s->usual_us -
		                                          model_late(s->m, a->answered_us,
		                                                     a->answered_us));
	else if (asked || !s->connects)
		s->still_us = larger(s->still_us, a->scheduled_us);
}

static bool is_slow(const struct scan *s, const struct connection *c)
{
	int64_t usual = 2 * s->connect_us + s->probe->every_us;

	return c->t_us - c->began_us > usual + model_late(s->m, c->began_us, c->t_us);
}

/* A session that was long in coming proves that it could not be had when it was asked for:
 * the outage lasted at least until then. */
static int64_t last_proof(const struct scan *s, int64_t end_us)
{
	int64_t proof = s->still_us;

	for (size_t i = 0; i < s->lines->connection_count; i++) {
		const struct connection *c = &s->lines->connections[i];

		if (c->began_us >= s->outage.start_us && c->t_us <= end_us &&
		    is_slow(s, c))
			proof = larger(proof, c->began_us);
	}
	return proof < end_us ? proof : end_us;
}

/* An outage that lasted until `end_us`. */
static void measure(struct scan *s, int64_t end_us)
{
	struct outage *o = &s->outage;
	int64_t every = s->probe->every_us;
	int64_t late = model_late(s->m, o->start_us, end_us);

	o->length.us = larger(end_us - o->start_us, 0);
	o->length.minus_us = larger(every, end_us - last_proof(s, end_us)) + s->early_us;
	if (o->length.minus_us > o->length.us)
		o->length.minus_us = o->length.us;
	o->length.plus_us = larger(every + late, o->start_us - s->last_good_us);
	o->length.plus_us += s->before_us + larger(s->blind_us - end_us, 0);
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
	const struct model_probe *p = s->lines;

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

/* The first attempt of an outage may have met it at any time until its answer was due. */
static int64_t in_flight(const struct scan *s, const struct attempt *a)
{
	int64_t waited = larger(a->answered_us - a->scheduled_us, 0);
	int64_t usual = s->usual_us;

	if (a->outcome == OUTCOME_NOT_SENT)
		return 0;
	if (a->flags & ATTEMPT_CONNECT)
		usual = larger(2 * s->connect_us, s->probe->every_us);
	return waited < usual ? waited : usual;
}

static void begin(struct scan *s, const struct attempt *a)
{
	s->down = true;
	s->outage = (struct outage){
		.endpoint = s->probe->endpoint,
		.reads = probe_is_read(s->probe),
		.start_us = a->scheduled_us,
		.line = a->line,
	};
	s->usual_us = usual_delay(s, (size_t)(a - s->lines->attempts));
	s->early_us = in_flight(s, a);
	s->first_decided_us = a->answered_us;
	s->waited_until_us = a->answered_us;
	s->still_us = a->scheduled_us;
	s->connects = s->lines->connection_count > 0;
	s->before_us = 0;
	if (s->hole_until_us &&
	    a->scheduled_us - s->hole_until_us < s->m->recovered_for_us)
		s->before_us = larger(s->last_good_us - s->hole_from_us, 0);
	s->hole_until_us = 0;
}

/* Nobody looked: a piece of an outage may lie here, before it or behind it. */
static void blind(struct scan *s, const struct attempt *a)
{
	int64_t until = a->scheduled_us + s->probe->every_us;

	if (s->down) {
		s->blind_us = s->acking ? until : 0;
		return;
	}
	if (!s->hole_until_us ||
	    a->scheduled_us - s->hole_until_us >= s->m->recovered_for_us)
		s->hole_from_us = a->scheduled_us - s->probe->every_us;
	s->hole_until_us = until;
}

static void missing(struct scan *s, const struct attempt *a)
{
	if (!s->down)
		begin(s, a);
	if (s->acking || s->lucky)
		s->outage.flaps++;
	s->acking = false;
	s->lucky = false;
	if (a->flags & ATTEMPT_CONNECT)
		s->turned_away_us = larger(s->turned_away_us, turned_away_until(s, a));
	s->outage.not_acked++;
	prove(s, a);
	s->waited_until_us = larger(s->waited_until_us, a->answered_us);
	if (!s->outage.first_error)
		s->outage.first_error = describe(s->m, a);
}

static void acked(struct scan *s, const struct attempt *a)
{
	s->seen_ack = true;
	if (!s->down) {
		s->last_good_us = a->scheduled_us;
		return;
	}
	/* A session from before goes on, while clients without one wait. */
	if (a->answered_us < s->turned_away_us) {
		s->lucky = true;
		return;
	}
	if (!s->acking) {
		s->acking = true;
		s->blind_us = 0;
		s->run_first = a;
		s->run_last_us = a->answered_us;
	}
	/* An ack that was read late lasted no longer for that. */
	s->run_last_us =
		larger(s->run_last_us,
	               a->answered_us - model_late(s->m, a->answered_us, a->answered_us));
	if (s->run_last_us - s->run_first->answered_us < s->m->recovered_for_us)
		return;
	s->outage.recovered = true;
	measure(s, s->run_first->answered_us);
	store(s);
	s->last_good_us = a->scheduled_us;
}

/* The observation is over, and the outage is not: its length is a lower bound. */
static void close_open(struct scan *s)
{
	int64_t end = model_end(s->m);
	int64_t until = s->waited_until_us < end ? s->waited_until_us : end;

	if (s->acking) {
		s->outage.acking = true;
		measure(s, s->run_first->answered_us);
		s->outage.length.plus_us += larger(end - s->run_first->answered_us, 0);
	} else {
		measure(s, until);
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
		else if (a->flags & ATTEMPT_LATE)
			blind(&s, a);
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
