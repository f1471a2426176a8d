/* The write probe: one row a tick, acknowledged or not. */
#include "probe/endpoint.h"

#include "base/str.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* A row for each tick that the statement carries; who took them, and how safely. */
static void statement(struct endpoint_probe *p, const struct session *s, struct buf *sql)
{
	struct clock *clock = loop_clock(p->env.loop);
	nsec_t wall_offset = clock->wall(clock) - clock->monotonic(clock);
	char when[RFC3339_SIZE];

	buf_puts(sql, "INSERT INTO ");
	buf_puts(sql, p->quoted_table);
	buf_puts(sql, " (run, probe, seq, scheduled) VALUES ");
	for (size_t i = 0; i < s->under_way.count; i++) {
		const struct tick *tick = &s->under_way.items[i];

		buf_printf(sql, "%s(%s, %d, %" PRId64 ", '%s')", i ? ", " : "",
		           p->quoted_run, p->options.number, tick->seq,
		           rfc3339(when, tick->scheduled + wall_offset));
	}
	buf_puts(sql, " RETURNING host(inet_server_addr()), inet_server_port(), "
	              "current_setting('synchronous_commit')");
}

static const char *weak_setting(const char *synchronous_commit)
{
	if (str_eq(synchronous_commit, "off"))
		return "synchronous_commit is off";
	if (str_eq(synchronous_commit, "local"))
		return "synchronous_commit is local";
	return NULL;
}

static void answer(struct endpoint_probe *p, const struct session *s, struct decision *d)
{
	const struct session_ops *ops = p->ops;
	const char *tag = ops->command_tag(s->conn);
	char wanted[40];
	const char *weak;

	format_server(d->server, sizeof d->server, ops->value(s->conn, 0, 0),
	              ops->value(s->conn, 0, 1));
	snprintf(wanted, sizeof wanted, "INSERT 0 %zu", s->under_way.count);
	if (!str_eq(tag, wanted)) {
		/* A trigger or a rule may have swallowed rows: no promise about any of
		 * them. */
		d->outcome = OUTCOME_IN_DOUBT;
		d->message = "the server did not say that it inserted these rows";
		return;
	}
	weak = weak_setting(ops->value(s->conn, 0, 2));
	if (weak && p->options.promise_sync) {
		d->outcome = OUTCOME_ACKED_WEAK;
		d->message = weak;
	}
}

static const struct endpoint_kind write_kind = { "write", statement, answer };

struct endpoint_probe *write_probe_start(const struct probe_env *env,
                                         const struct probe_options *options)
{
	struct probe_options o = *options;

	if (o.every <= 0)
		o.every = 20 * NSEC_PER_MSEC;
	return endpoint_start(env, &o, &write_kind);
}

bool endpoint_probe_is_write(const struct endpoint_probe *p)
{
	return p->kind == &write_kind;
}
