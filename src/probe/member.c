/* The member probe: one member asked directly, over a session that is kept. */
#include "probe/member.h"

#include "base/str.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_EVERY    (200 * NSEC_PER_MSEC)
#define DEFAULT_DEADLINE (2 * NSEC_PER_SEC)

struct member_probe {
	struct source source;
	struct probe_env env;
	struct probe_options options;
	const struct session_ops *ops;
	struct pg_conn *conn; /* NULL: the next tick begins to connect */
	bool connected;       /* it was ready once */
	bool asking;
	bool changed; /* the session told a change that is not an answer */
	nsec_t asked;
	nsec_t next_tick;
	struct member_status status;
};

/* ---- Ledger ----------------------------------------------------------------------- */

static void add_text(struct ledger *l, const char *key, const char *value)
{
	ledger_string(l, key, *value ? value : NULL);
}

static void add_standbys(struct ledger *l, const struct member_status *s)
{
	struct buf json = BUF_INIT;

	buf_putc(&json, '[');
	for (size_t i = 0; i < s->standby_count; i++) {
		const struct member_standby *standby = &s->standbys[i];

		buf_puts(&json, i ? ", {\"name\": " : "{\"name\": ");
		buf_json_string(&json, standby->name);
		buf_puts(&json, ", \"address\": ");
		buf_json_string(&json, standby->address);
		buf_puts(&json, ", \"state\": ");
		buf_json_string(&json, standby->state);
		buf_puts(&json, ", \"sync_state\": ");
		buf_json_string(&json, standby->sync_state);
		if (standby->lag_bytes >= 0)
			buf_printf(&json, ", \"lag_bytes\": %lld",
			           (long long)standby->lag_bytes);
		buf_putc(&json, '}');
	}
	buf_putc(&json, ']');
	ledger_json(l, "standbys", json.data);
	buf_free(&json);
}

static void add_answer(struct ledger *l, const struct member_status *s)
{
	ledger_int(l, "timeline", s->timeline);
	add_text(l, "lsn", s->lsn);
	ledger_bool(l, "read_only", s->read_only);
	add_text(l, "system_identifier", s->system_identifier);
	if (s->state == MEMBER_REPLICA) {
		add_text(l, "receiver", s->receiver);
		add_text(l, "upstream", s->upstream);
		if (s->lag_us >= 0)
			ledger_int(l, "lag_us", s->lag_us);
		ledger_bool(l, "paused_replay", s->paused_replay);
	}
	if (s->state == MEMBER_PRIMARY || s->standby_count)
		add_standbys(l, s);
}

static void record(struct member_probe *p)
{
	const struct member_status *s = &p->status;
	struct ledger *l = p->env.ledger;

	ledger_begin(l, "member");
	ledger_string(l, "member", p->options.endpoint);
	ledger_time(l, "asked_us", s->asked);
	ledger_string(l, "state", member_state_name(s->state));
	if (s->state == MEMBER_UNREACHABLE)
		add_text(l, "message", s->message);
	else
		add_answer(l, s);
	ledger_end(l);
}

/* ---- Answers ---------------------------------------------------------------------- */

static void unreachable(struct member_probe *p, nsec_t asked)
{
	struct member_status *s = &p->status;

	if (s->state != MEMBER_UNREACHABLE)
		s->since = loop_now(p->env.loop);
	s->state = MEMBER_UNREACHABLE;
	s->asked = asked;
	s->standby_count = 0;
	s->receiver[0] = s->upstream[0] = '\0';
	record(p);
}

static void lost(struct member_probe *p, const struct pg_error *error)
{
	nsec_t now = loop_now(p->env.loop);

	snprintf(p->status.message, sizeof p->status.message, "%.190s",
	         error ? error->message : "connection lost");
	unreachable(p, p->asking ? p->asked : now);
	p->asking = false;
	p->ops->close(p->conn);
	p->conn = NULL;
}

static void answered(struct member_probe *p)
{
	const struct pg_error *error = p->ops->error(p->conn);
	enum member_state before = p->status.state;

	p->asking = false;
	/* Promoted while it answered: "recovery is not in progress".  The next tick asks
	 * again. */
	if (error && strcmp(error->sqlstate, "55000") == 0)
		return;
	if (error || !member_query_read(p->ops, p->conn, &p->status)) {
		snprintf(p->status.message, sizeof p->status.message, "%.190s",
		         error ? error->message : "it did not answer with a row");
		unreachable(p, p->asked);
		return;
	}
	p->status.asked = p->asked;
	p->status.message[0] = '\0';
	if (p->status.state != before)
		p->status.since = loop_now(p->env.loop);
	record(p);
}

static void told_change(struct pg_conn *conn, void *arg)
{
	struct member_probe *p = arg;

	if (p->asking && p->ops->state(conn) == PG_READY)
		answered(p);
	else
		p->changed = true;
}

/* ---- Questions -------------------------------------------------------------------- */

static void ask(struct member_probe *p, nsec_t now)
{
	p->asked = now;
	p->asking = true;
	if (!p->ops->send(p->conn, member_query))
		lost(p, p->ops->error(p->conn));
}

static void look_at_session(struct member_probe *p, nsec_t now)
{
	if (!p->conn)
		return;
	if (p->ops->state(p->conn) == PG_FAILED) {
		lost(p, p->ops->error(p->conn));
	} else if (p->asking && now - p->asked >= p->options.deadline) {
		struct pg_error error;

		deadline_error(&error, now - p->asked);
		lost(p, &error);
	} else if (!p->connected && p->ops->state(p->conn) == PG_READY) {
		p->connected = true;
		ask(p, now);
	}
}

static void tick(struct member_probe *p, nsec_t now)
{
	if (p->next_tick > now)
		return;
	p->next_tick += ((now - p->next_tick) / p->options.every + 1) * p->options.every;
	if (p->conn && p->connected) {
		if (!p->asking)
			ask(p, now);
		return;
	}
	if (p->status.state == MEMBER_UNREACHABLE && now != p->status.asked)
		unreachable(p, now);
	if (!p->conn) {
		p->connected = false;
		p->conn = p->ops->connect(p->env.loop, p->options.target,
		                          now + p->options.deadline, told_change, p);
	}
}

static nsec_t prepare(struct source *source, struct loop *loop)
{
	const struct member_probe *p = (struct member_probe *)source;

	if (p->changed)
		return loop_now(loop);
	if (p->asking && p->asked + p->options.deadline < p->next_tick)
		return p->asked + p->options.deadline;
	return p->next_tick;
}

static void wake(struct source *source, struct loop *loop)
{
	struct member_probe *p = (struct member_probe *)source;
	nsec_t now = loop_now(loop);

	p->changed = false;
	look_at_session(p, now);
	tick(p, now);
}

/* ---- For the experiment ------------------------------------------------------------ */

struct member_probe *member_probe_start(const struct probe_env *env,
                                        const struct probe_options *options)
{
	struct member_probe *p = XNEW(struct member_probe);
	nsec_t now = loop_now(env->loop);

	p->source = (struct source){ .name = "member", .prepare = prepare, .wake = wake };
	p->env = *env;
	p->options = *options;
	p->options.endpoint = xstrdup(options->endpoint);
	if (p->options.every <= 0)
		p->options.every = DEFAULT_EVERY;
	if (p->options.deadline <= 0)
		p->options.deadline = DEFAULT_DEADLINE;
	p->ops = env->sessions ? env->sessions : &session_pg;
	p->next_tick = options->first > now ? options->first : now;
	p->status.lag_us = -1;
	loop_add(env->loop, &p->source);
	return p;
}

const struct member_status *member_probe_status(const struct member_probe *p)
{
	return &p->status;
}

const char *member_probe_name(const struct member_probe *p)
{
	return p->options.endpoint;
}

void member_probe_free(struct member_probe *p)
{
	if (!p)
		return;
	loop_remove(p->env.loop, &p->source);
	p->ops->close(p->conn);
	free((char *)p->options.endpoint);
	free(p);
}
