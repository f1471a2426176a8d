/* When to connect, renew and close. */
#include "probe/endpoint.h"

#include <stdio.h>

bool session_is_ready(const struct session *s)
{
	return s->established && s->probe->ops->state(s->conn) == PG_READY;
}

struct session *session_current(struct endpoint_probe *p)
{
	struct session *current = NULL;

	for (size_t i = 0; i < ENDPOINT_SESSIONS; i++) {
		struct session *s = &p->sessions[i];

		if (s->conn && s->established &&
		    (!current || s->number > current->number))
			current = s;
	}
	return current;
}

void session_close(struct session *s)
{
	s->probe->ops->close(s->conn);
	s->conn = NULL;
	s->under_way.count = 0;
}

/*
 * An answer is taken at once: the session could be lost before the probe is woken, and a
 * promise that was made would look in doubt.
 */
static void told_change(struct pg_conn *conn, void *arg)
{
	struct session *s = arg;
	struct endpoint_probe *p = s->probe;

	s->changed = loop_now(p->env.loop);
	if (s->under_way.count && p->ops->state(conn) == PG_READY) {
		ticks_answered(s);
		p->changed |= p->held.count > 0;
	} else {
		p->changed = true;
	}
}

/* ---- What has become of them ------------------------------------------------------- */

/* The first connect that ends starts the ticks, on the schedule that `first` began. */
static void connect_decided(struct endpoint_probe *p, nsec_t now)
{
	nsec_t missed = now - p->next_tick;

	if (p->decided)
		return;
	p->decided = true;
	if (missed > 0)
		p->next_tick += (missed / p->options.every + 1) * p->options.every;
}

static void failed(struct session *s, nsec_t now)
{
	struct endpoint_probe *p = s->probe;
	const struct pg_error *error = p->ops->error(s->conn);
	struct pg_error unknown = { .message = "connection lost" };

	if (!error)
		error = &unknown;
	if (s->established) {
		snprintf(p->lost, sizeof p->lost, "%.190s", error->message);
		if (s->under_way.count)
			ticks_lost(s, error, now);
	} else {
		p->connect_took = s->changed - s->began;
		p->nobody_there = !error->sqlstate[0];
		record_connect_failed(s, error, s->changed);
		connect_decided(p, now);
	}
	session_close(s);
}

/* An old session goes as soon as a newer one is there and its own answer has come. */
static void close_replaced(struct endpoint_probe *p)
{
	const struct session *current = session_current(p);

	for (size_t i = 0; i < ENDPOINT_SESSIONS; i++) {
		struct session *s = &p->sessions[i];

		if (s->conn && s != current && session_is_ready(s) && !s->under_way.count)
			session_close(s);
	}
}

void sessions_look(struct endpoint_probe *p, nsec_t now)
{
	for (size_t i = 0; i < ENDPOINT_SESSIONS; i++) {
		struct session *s = &p->sessions[i];
		enum pg_state state = s->conn ? p->ops->state(s->conn) : PG_CONNECTING;

		if (state == PG_FAILED) {
			failed(s, now);
		} else if (state == PG_READY && !s->established) {
			s->established = true;
			p->connect_took = s->changed - s->began;
			p->connect_failed = p->nobody_there = false;
			record_connection(s);
			connect_decided(p, now);
		}
	}
	close_replaced(p);
}

/* ---- Connecting -------------------------------------------------------------------- */

static size_t count_connecting(const struct endpoint_probe *p)
{
	size_t n = 0;

	for (size_t i = 0; i < ENDPOINT_SESSIONS; i++)
		if (p->sessions[i].conn && !p->sessions[i].established)
			n++;
	return n;
}

/* One whose statement has hung for long is none: only another can tell whether that is
 * its own fate or the endpoint's. */
static bool has_session(struct endpoint_probe *p)
{
	const struct session *current = session_current(p);

	return current && !(current->under_way.count && current->stalled);
}

/* Those that hang are spread over the time that one may take, so that one is always
 * young. */
static nsec_t pace_beside(const struct endpoint_probe *p)
{
	nsec_t pace = p->connect_limit / CONNECTING_AT_ONCE;

	return pace > CONNECT_BESIDE ? pace : CONNECT_BESIDE;
}

/*
 * The end of an outage is found by a connect, so they follow one another as fast as
 * ticks, and twice as fast where nobody listens: that costs no server anything.  Where
 * they take their time, for a quarter of it.
 */
static nsec_t pace_alone(const struct endpoint_probe *p)
{
	nsec_t least = p->options.every / (p->nobody_there ? 2 : 1);
	nsec_t pace = 4 * p->connect_took;

	if (pace < least)
		pace = least;
	return pace < CONNECT_PACE ? pace : CONNECT_PACE;
}

/*
 * Acks have begun in an outage, and did not last yet.  While commits take longer than a
 * tick it stays with its session: one that takes over carries only the newest row.
 */
static bool is_recovering(const struct endpoint_probe *p)
{
	return p->status.failing_since && p->status.acked_since &&
	       endpoint_probe_is_idle(p);
}

static nsec_t connect_wanted(struct endpoint_probe *p)
{
	size_t connecting = count_connecting(p);

	if (!p->last_connect)
		return 0;
	if (!has_session(p)) {
		if (connecting >= CONNECTING_AT_ONCE)
			return NSEC_NEVER;
		return p->last_connect + (connecting || session_current(p)
		                                  ? pace_beside(p)
		                                  : pace_alone(p));
	}
	if (connecting)
		return NSEC_NEVER;
	/*
	 * A session that only gets refusals may be tied to a member that was demoted. One
	 * that acks again may be lucky among others: recovered is when fresh ones ack,
	 * too.
	 */
	if ((p->refused || p->connect_failed || is_recovering(p)) &&
	    p->last_connect + CONNECT_BESIDE < p->next_renew)
		return p->last_connect + CONNECT_BESIDE;
	return p->next_renew;
}

nsec_t sessions_connect_due(struct endpoint_probe *p, nsec_t now)
{
	nsec_t due = p->stopped ? NSEC_NEVER : connect_wanted(p);
	nsec_t margin = CONNECT_MARGIN;

	if (margin > p->options.every / 2)
		margin = p->options.every / 2;
	if (due < now)
		due = now;
	/* Right behind the tick rather than right before it. */
	if (p->decided && due < p->next_tick && p->next_tick - due < margin)
		return p->next_tick;
	return due;
}

/*
 * A free slot; if all are taken, the oldest statement that hangs is given up, since a
 * deadline longer than an outage must not keep us from seeing its end.
 */
static struct session *free_slot(struct endpoint_probe *p, nsec_t now)
{
	struct session *oldest = NULL;

	for (size_t i = 0; i < ENDPOINT_SESSIONS; i++) {
		struct session *s = &p->sessions[i];

		if (!s->conn)
			return s;
		if (s->under_way.count && (!oldest || s->number < oldest->number))
			oldest = s;
	}
	if (oldest) {
		struct pg_error error;

		deadline_error(&error, now - oldest->sent);
		ticks_lost(oldest, &error, now);
		session_close(oldest);
	}
	return oldest;
}

void sessions_connect(struct endpoint_probe *p, nsec_t now)
{
	struct session *s;

	if (sessions_connect_due(p, now) > now)
		return;
	s = free_slot(p, now);
	p->last_connect = now;
	while (p->next_renew <= now)
		p->next_renew += p->options.renew;
	if (!s)
		return;
	s->number = ++p->connections;
	s->began = s->changed = now;
	s->established = s->stalled = false;
	s->conn = p->ops->connect(p->env.loop, p->options.target, now + p->connect_limit,
	                          told_change, s);
}
