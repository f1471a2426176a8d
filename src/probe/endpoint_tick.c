/* Ticks, who waits, statements and their answers. */
#include "probe/endpoint.h"

#include "base/log.h"

#include <stdio.h>
#include <string.h>

/* ---- Answers ----------------------------------------------------------------------- */

static void decide_all(struct session *s, const struct decision *d)
{
	for (size_t i = 0; i < s->under_way.count; i++)
		record_attempt(s->probe, &s->under_way.items[i], d);
	s->under_way.count = 0;
}

static void decide_error(struct session *s, const struct pg_error *error,
                         enum moment moment, nsec_t answered)
{
	struct decision d = {
		.outcome = outcome_of_error(moment, error->sqlstate, error->severity,
		                            error->message),
		.sqlstate = error->sqlstate,
		.message = error->message,
		.session = s,
		.answered = answered,
	};

	if (d.outcome == OUTCOME_NOT_SENT)
		d.reason = "no_connection";
	decide_all(s, &d);
}

void ticks_lost(struct session *s, const struct pg_error *error, nsec_t now)
{
	bool sent = s->probe->ops->sent(s->conn);

	decide_error(s, error, sent ? MOMENT_SENT : MOMENT_UNSENT, now);
}

static const struct pg_error *weak_notice(const struct session *s)
{
	const struct session_ops *ops = s->probe->ops;

	for (size_t i = 0; i < ops->notice_count(s->conn); i++) {
		const struct pg_error *notice = ops->notice(s->conn, i);

		if (outcome_is_weak_warning(notice->sqlstate, notice->message))
			return notice;
	}
	return NULL;
}

void ticks_answered(struct session *s)
{
	struct endpoint_probe *p = s->probe;
	const struct pg_error *error = p->ops->error(s->conn);
	const struct pg_error *notice = weak_notice(s);
	struct decision d = {
		.outcome = OUTCOME_ACKED,
		.session = s,
		.answered = s->changed,
	};

	if (error) {
		decide_error(s, error, MOMENT_SENT, s->changed);
		return;
	}
	p->kind->answer(p, s, &d);
	if (notice && d.outcome == OUTCOME_ACKED) {
		d.outcome = OUTCOME_ACKED_WEAK;
		d.sqlstate = notice->sqlstate;
		d.message = notice->message;
	}
	decide_all(s, &d);
}

static void look_at_hanging(struct session *s, nsec_t now)
{
	struct endpoint_probe *p = s->probe;

	if (now - s->sent >= p->options.deadline) {
		struct pg_error error;

		deadline_error(&error, now - s->sent);
		snprintf(p->lost, sizeof p->lost, "closed: %s", error.message);
		ticks_lost(s, &error, now);
		session_close(s);
	} else if (!s->stalled &&
	           now - s->under_way.items[0].scheduled >= p->env.timely) {
		s->stalled = true;
		record_stall(p, s, now);
	}
}

void ticks_hanging(struct endpoint_probe *p, nsec_t now)
{
	for (size_t i = 0; i < ENDPOINT_SESSIONS; i++)
		if (p->sessions[i].conn && p->sessions[i].under_way.count)
			look_at_hanging(&p->sessions[i], now);
}

/* ---- Ticks ------------------------------------------------------------------------- */

static void not_sent(struct endpoint_probe *p, const struct tick *tick,
                     const char *reason, const char *message)
{
	struct decision d = {
		.outcome = OUTCOME_NOT_SENT,
		.reason = reason,
		.message = message,
	};

	record_attempt(p, tick, &d);
}

static void give_up_oldest(struct endpoint_probe *p)
{
	struct ticks *held = &p->held;
	char why[64];

	snprintf(why, sizeof why, "an earlier statement has hung for %.1f s",
	         nsec_to_seconds(loop_now(p->env.loop) - held->items[0].scheduled));
	not_sent(p, &held->items[0], "busy", why);
	memmove(held->items, held->items + 1, --held->count * sizeof *held->items);
}

static struct tick take_tick(struct endpoint_probe *p)
{
	struct tick tick = { ++p->next_seq, p->next_tick };

	p->next_tick += p->options.every;
	return tick;
}

void ticks_due(struct endpoint_probe *p, nsec_t now)
{
	struct tick tick;

	if (!p->decided || p->stopped || p->next_tick > now)
		return;
	while (p->next_tick + p->options.every <= now) {
		tick = take_tick(p);
		not_sent(p, &tick, "late", "the agent itself was late");
	}
	if (p->held.count == p->ticks_max)
		give_up_oldest(p);
	tick = take_tick(p);
	p->held.items[p->held.count++] = tick;
}

static bool another_hangs(const struct endpoint_probe *p, const struct session *than)
{
	for (size_t i = 0; i < ENDPOINT_SESSIONS; i++)
		if (&p->sessions[i] != than && p->sessions[i].conn &&
		    p->sessions[i].under_way.count)
			return true;
	return false;
}

/*
 * All that wait go with one statement.  But where an older session hangs, this one may
 * too, and all of them would be in doubt: then only the newest goes.
 */
static void load(struct session *s)
{
	struct endpoint_probe *p = s->probe;
	struct ticks swap = s->under_way;

	if (another_hangs(p, s)) {
		s->under_way.items[0] = p->held.items[--p->held.count];
		s->under_way.count = 1;
		return;
	}
	s->under_way = p->held;
	p->held = swap;
}

static void send_held(struct session *s, nsec_t now)
{
	struct endpoint_probe *p = s->probe;

	load(s);
	s->sent = now;
	s->stalled = false;
	buf_clear(&p->sql);
	p->kind->statement(p, s, &p->sql);
	/* If it cannot be sent the session has failed, and is looked at as such. */
	if (!p->ops->send(s->conn, p->sql.data))
		p->changed = true;
}

void ticks_send(struct endpoint_probe *p, nsec_t now)
{
	struct session *s = session_current(p);

	if (!p->held.count)
		return;
	if (!s) {
		for (size_t i = 0; i < p->held.count; i++)
			not_sent(p, &p->held.items[i], "no_connection", p->lost);
		p->held.count = 0;
		return;
	}
	if (session_is_ready(s)) {
		send_held(s, now);
		return;
	}
	while (p->held.count && now - p->held.items[0].scheduled >= p->env.timely)
		give_up_oldest(p);
}

static nsec_t earlier(nsec_t a, nsec_t b)
{
	return a < b ? a : b;
}

nsec_t ticks_deadline(const struct endpoint_probe *p)
{
	nsec_t due = NSEC_NEVER;

	if (p->decided && !p->stopped)
		due = p->next_tick;
	if (p->held.count)
		due = earlier(due, p->held.items[0].scheduled + p->env.timely);
	for (size_t i = 0; i < ENDPOINT_SESSIONS; i++) {
		const struct session *s = &p->sessions[i];

		if (!s->conn || !s->under_way.count)
			continue;
		due = earlier(due, s->sent + p->options.deadline);
		if (!s->stalled)
			due = earlier(due,
			              s->under_way.items[0].scheduled + p->env.timely);
	}
	return due;
}
