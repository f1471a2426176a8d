/* Start, stop, free, and the one wake() of a write or read probe. */
#include "probe/endpoint.h"

#include <stdlib.h>

#define DEFAULT_DEADLINE (2 * NSEC_PER_SEC)
#define DEFAULT_RENEW    NSEC_PER_SEC
#define DEFAULT_TIMELY   NSEC_PER_SEC
#define DEFAULT_RECOVERY NSEC_PER_SEC
#define MOST_TICKS       1000 /* rows in one statement, and ticks that wait */

static struct endpoint_probe *of_source(struct source *source)
{
	return (struct endpoint_probe *)source; /* its first member */
}

static nsec_t prepare(struct source *source, struct loop *loop)
{
	struct endpoint_probe *p = of_source(source);
	nsec_t now = loop_now(loop);
	nsec_t ticks = ticks_deadline(p);
	nsec_t connect = sessions_connect_due(p, now);

	if (p->changed)
		return now;
	return ticks < connect ? ticks : connect;
}

static void wake(struct source *source, struct loop *loop)
{
	struct endpoint_probe *p = of_source(source);
	nsec_t now = loop_now(loop);

	p->changed = false;
	sessions_look(p, now);
	ticks_hanging(p, now);
	ticks_due(p, now);
	ticks_send(p, now);
	sessions_connect(p, now);
}

static void make_room(struct ticks *ticks, size_t max)
{
	ticks->items = xcalloc(max, sizeof *ticks->items);
	ticks->count = 0;
}

static void fill_defaults(struct endpoint_probe *p)
{
	struct probe_options *o = &p->options;

	o->endpoint = xstrdup(o->endpoint);
	if (o->deadline <= 0)
		o->deadline = DEFAULT_DEADLINE;
	if (o->renew <= 0)
		o->renew = DEFAULT_RENEW;
	if (p->env.timely <= 0)
		p->env.timely = DEFAULT_TIMELY;
	if (p->env.recovered_for <= 0)
		p->env.recovered_for = DEFAULT_RECOVERY;
}

static void make_tables(struct endpoint_probe *p)
{
	char *schema = pg_quote_identifier(p->env.schema);
	nsec_t most = p->env.timely / p->options.every + 2;

	p->quoted_run = pg_quote_literal(p->env.run);
	p->quoted_table = xasprintf("%s.writes", schema);
	free(schema);
	p->ticks_max = most < MOST_TICKS ? (size_t)most : MOST_TICKS;
	make_room(&p->held, p->ticks_max);
	for (size_t i = 0; i < ENDPOINT_SESSIONS; i++) {
		p->sessions[i].probe = p;
		make_room(&p->sessions[i].under_way, p->ticks_max);
	}
}

/* Renewals of several probes fall on different eighths of the interval. */
static nsec_t first_renewal(const struct endpoint_probe *p, nsec_t now)
{
	return now + p->options.renew +
	       p->options.renew / 8 * (p->options.number * 3 % 8);
}

struct endpoint_probe *endpoint_start(const struct probe_env *env,
                                      const struct probe_options *options,
                                      const struct endpoint_kind *kind)
{
	struct endpoint_probe *p = XNEW(struct endpoint_probe);
	nsec_t now = loop_now(env->loop);

	p->source =
		(struct source){ .name = kind->name, .prepare = prepare, .wake = wake };
	p->env = *env;
	p->options = *options;
	p->kind = kind;
	p->ops = env->sessions ? env->sessions : &session_pg;
	p->sql = (struct buf)BUF_INIT;
	fill_defaults(p);
	make_tables(p);
	p->next_tick = options->first > now ? options->first : now;
	p->next_renew = first_renewal(p, now);
	p->connect_limit = session_connect_limit(options->target, p->options.deadline);
	loop_add(env->loop, &p->source);
	return p;
}

const struct endpoint_status *endpoint_probe_status(const struct endpoint_probe *p)
{
	return &p->status;
}

const char *endpoint_probe_name(const struct endpoint_probe *p)
{
	return p->options.endpoint;
}

void endpoint_probe_stop(struct endpoint_probe *p)
{
	p->stopped = true;
}

bool endpoint_probe_is_idle(const struct endpoint_probe *p)
{
	if (p->held.count)
		return false;
	for (size_t i = 0; i < ENDPOINT_SESSIONS; i++)
		if (p->sessions[i].conn && p->sessions[i].under_way.count)
			return false;
	return true;
}

void endpoint_probe_free(struct endpoint_probe *p)
{
	const struct pg_error ended = {
		.message = "the probe was ended without its answer"
	};
	nsec_t now;

	if (!p)
		return;
	now = loop_now(p->env.loop);
	loop_remove(p->env.loop, &p->source);
	for (size_t i = 0; i < ENDPOINT_SESSIONS; i++) {
		struct session *s = &p->sessions[i];

		if (s->conn && s->under_way.count)
			ticks_lost(s, &ended, now);
		if (s->conn)
			session_close(s);
		free(s->under_way.items);
	}
	free(p->held.items);
	free((char *)p->options.endpoint);
	free(p->quoted_run);
	free(p->quoted_table);
	buf_free(&p->sql);
	free(p);
}
