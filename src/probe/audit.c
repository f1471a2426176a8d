/* Reads back every key of a run on one member, in one snapshot. */
#include "probe/probe.h"

#include "base/str.h"
#include "probe/key_runs.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct audit {
	struct loop *loop;
	struct ledger *ledger;
	const struct audit_request *request;
	struct pg_conn *conn;
	char *quoted_run;
	char *table;
	bool recovering;  /* what the member says of itself: */
	int64_t timeline; /* 0: not known */
	struct key_runs runs;
	size_t bad_lines;
};

static bool ask(struct audit *a, const char *sql, struct err *err)
{
	return pg_query_wait(a->loop, a->conn, sql, a->request->deadline, err);
}

static bool value_is(const struct audit *a, const char *value)
{
	return str_eq(pg_value(a->conn, 0, 0), value);
}

/* ---- Is it what it should be? ------------------------------------------------------ */

static bool look_at_itself(struct audit *a, struct err *err)
{
	const char *timeline;

	if (!ask(a,
	         "SELECT r, CASE WHEN r THEN coalesce((SELECT received_tli FROM "
	         "pg_stat_wal_receiver), (SELECT greatest(c.timeline_id, "
	         "b.min_recovery_end_timeline) FROM pg_control_checkpoint() c, "
	         "pg_control_recovery() b)) ELSE ('x' || "
	         "substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::bigint "
	         "END "
	         "FROM (SELECT pg_is_in_recovery() AS r) AS asked",
	         err))
		return false;
	timeline = pg_value(a->conn, 0, 1);
	a->recovering = value_is(a, "t");
	a->timeline = timeline ? strtoll(timeline, NULL, 10) : 0;
	return true;
}

/* A key that is absent on a member of the wrong role or timeline proves nothing. */
static bool check_itself(struct audit *a, struct err *err)
{
	const struct audit_request *r = a->request;
	bool primary = str_eq(r->role, "primary");

	if (!look_at_itself(a, err))
		return false;
	if (primary && a->recovering)
		return err_set(err, "it is in recovery: not a primary");
	if (!primary && !a->recovering)
		return err_set(err, "it is a primary, not a replica");
	if (r->timeline && a->timeline != r->timeline)
		return err_set(err, "it is on timeline %" PRId64 ", not %" PRId64,
		               a->timeline, r->timeline);
	return true;
}

/* ---- The keys ---------------------------------------------------------------------- */

static void take_line(const char *line, size_t len, void *arg)
{
	struct audit *a = arg;
	int64_t key;

	if (key_runs_parse_key(line, len, &key))
		key_runs_add(&a->runs, key);
	else
		a->bad_lines++;
}

static bool is_over(void *arg)
{
	const struct audit *a = arg;

	return pg_state(a->conn) != PG_BUSY;
}

static bool copy_failed(struct audit *a, struct err *err)
{
	const struct pg_error *error = pg_error(a->conn);

	if (pg_state(a->conn) == PG_BUSY)
		return err_set(err, "the keys could not be read in time");
	return err_set(err, "%s%s%s", error ? error->sqlstate : "",
	               error && error->sqlstate[0] ? " " : "",
	               error ? error->message : "connection lost");
}

static bool read_keys(struct audit *a, int probe, struct err *err)
{
	char *sql = xasprintf("COPY (SELECT seq FROM %s WHERE run = %s AND probe = %d "
	                      "ORDER BY seq) TO STDOUT",
	                      a->table, a->quoted_run, probe);
	bool sent = pg_copy_out(a->conn, sql, take_line, a);

	free(sql);
	if (!sent || !loop_wait(a->loop, is_over, a, a->request->deadline) ||
	    pg_state(a->conn) != PG_READY || pg_error(a->conn))
		return copy_failed(a, err);
	if (a->bad_lines || a->runs.unsorted)
		return err_set(err, "the keys came %s",
		               a->bad_lines ? "garbled" : "out of order");
	return true;
}

static void record(struct audit *a, int probe, const char *present, const char *why)
{
	const struct audit_request *r = a->request;
	struct ledger *l = a->ledger;

	ledger_begin(l, "audit");
	ledger_string(l, "member", r->member);
	ledger_string(l, "role", r->role);
	if (a->timeline)
		ledger_int(l, "timeline", a->timeline);
	ledger_bool(l, "surviving", r->surviving);
	ledger_int(l, "probe", probe);
	ledger_bool(l, "complete", present != NULL);
	ledger_json(l, "present", present);
	ledger_string(l, "why", why);
	ledger_end(l);
}

static bool begin(struct audit *a, const struct pg_target *target, struct err *err)
{
	a->conn = pg_connect_wait(a->loop, target, a->request->deadline, err);
	return a->conn &&
	       ask(a, "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY", err) &&
	       check_itself(a, err);
}

/*
 * The lines are written when all was read and the member was found unchanged: until then
 * each probe's keys wait as text.
 */
static bool read_all(struct audit *a, const struct pg_target *target, char **present,
                     struct err *err)
{
	if (!begin(a, target, err))
		return false;
	for (size_t i = 0; i < a->request->probe_count; i++) {
		bool done;

		key_runs_init(&a->runs);
		done = read_keys(a, a->request->probes[i], err);
		if (done)
			present[i] = xstrdup(key_runs_end(&a->runs));
		key_runs_free(&a->runs);
		if (!done)
			return false;
	}
	return check_itself(a, err);
}

bool audit_member(struct loop *loop, struct ledger *ledger,
                  const struct pg_target *target, const struct audit_request *request,
                  struct err *err)
{
	char *schema = pg_quote_identifier(request->schema);
	struct audit a = { .loop = loop, .ledger = ledger, .request = request };
	char **present = xcalloc(request->probe_count + 1, sizeof *present);
	bool done;

	a.quoted_run = pg_quote_literal(request->run);
	a.table = xasprintf("%s.writes", schema);
	done = read_all(&a, target, present, err);
	for (size_t i = 0; i < request->probe_count; i++) {
		record(&a, request->probes[i], done ? present[i] : NULL,
		       done ? NULL : err->message);
		free(present[i]);
	}
	if (!done)
		err_prefix(err, "audit of %s", request->member);
	pg_close(a.conn);
	free(present);
	free(a.quoted_run);
	free(a.table);
	free(schema);
	return done;
}
