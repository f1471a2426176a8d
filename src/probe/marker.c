#include "probe/marker.h"

#include "base/buf.h"

#include <stdlib.h>

#define MARKER_PROBE 0 /* real probes are numbered from 1 */
#define LOOK_EVERY   (100 * NSEC_PER_MSEC)

static char *table_name(const struct marker *m)
{
	char *schema = pg_quote_identifier(m->schema);
	char *table = xasprintf("%s.writes", schema);

	free(schema);
	return table;
}

bool marker_write(const struct marker *m, const struct pg_target *primary,
                  nsec_t deadline, struct err *err)
{
	struct pg_conn *conn = pg_connect_wait(m->loop, primary, deadline, err);
	char *table = table_name(m);
	char *run = pg_quote_literal(m->run);
	char *sql = xasprintf(
		"BEGIN; SET LOCAL synchronous_commit = local; INSERT INTO %s "
		"(run, probe, seq, scheduled) VALUES (%s, %d, 1, now()); COMMIT",
		table, run, MARKER_PROBE);
	bool written = conn && pg_query_wait(m->loop, conn, sql, deadline, err);

	pg_close(conn);
	free(sql);
	free(run);
	free(table);
	return written;
}

bool marker_wait(const struct marker *m, const struct pg_target *replica, nsec_t deadline,
                 struct err *err)
{
	struct pg_conn *conn = pg_connect_wait(m->loop, replica, deadline, err);
	char *table = table_name(m);
	char *run = pg_quote_literal(m->run);
	char *sql = xasprintf("SELECT count(*) FROM %s WHERE run = %s AND probe = %d",
	                      table, run, MARKER_PROBE);
	bool seen = false;
	bool asked = conn != NULL;

	while (asked && !seen) {
		asked = pg_query_wait(m->loop, conn, sql, deadline, err);
		seen = asked && pg_value(conn, 0, 0)[0] == '1';
		/* Another look would have no time to be answered, and say only that. */
		if (asked && !seen && loop_now(m->loop) + LOOK_EVERY >= deadline)
			asked = err_set(err, "it has not replayed what was acknowledged");
		if (asked && !seen)
			loop_sleep(m->loop, loop_now(m->loop) + LOOK_EVERY);
	}
	pg_close(conn);
	free(sql);
	free(run);
	free(table);
	return seen;
}
