/* The read probe: the newest row of a write probe that an endpoint shows. */
#include "probe/endpoint.h"

#include "base/str.h"

#include <stdlib.h>

/* The primary key answers max(seq) from its end; no row yet is seen as 0. */
static void statement(struct endpoint_probe *p, const struct session *s, struct buf *sql)
{
	(void)s;
	buf_printf(sql,
	           "SELECT (SELECT max(seq) FROM %s WHERE run = %s AND probe = %d), "
	           "host(inet_server_addr()), inet_server_port(), pg_is_in_recovery()",
	           p->quoted_table, p->quoted_run, p->options.of);
}

static void answer(struct endpoint_probe *p, const struct session *s, struct decision *d)
{
	const struct session_ops *ops = p->ops;
	const char *newest = ops->value(s->conn, 0, 0);

	format_server(d->server, sizeof d->server, ops->value(s->conn, 0, 1),
	              ops->value(s->conn, 0, 2));
	if (ops->rows(s->conn) != 1) {
		d->outcome = OUTCOME_REFUSED;
		d->message = "the server answered without a row";
		return;
	}
	d->saw_newest = true;
	d->newest = newest ? strtoll(newest, NULL, 10) : 0;
	d->in_recovery = str_eq(ops->value(s->conn, 0, 3), "t");
}

static const struct endpoint_kind read_kind = { "read", statement, answer };

struct endpoint_probe *read_probe_start(const struct probe_env *env,
                                        const struct probe_options *options)
{
	struct probe_options o = *options;

	if (o.every <= 0)
		o.every = 100 * NSEC_PER_MSEC;
	return endpoint_start(env, &o, &read_kind);
}
