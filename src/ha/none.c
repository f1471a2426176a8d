/*
 * No manager: plain streaming replication.  The view is what the members themselves say;
 * nobody can be asked to move the primary.
 */
#include "ha/ha.h"
#include "ha/patroni.h"
#include "transport/pg.h"

#include <inttypes.h>
#include <stdlib.h>

/* One member being asked. */
struct question {
	const struct host *host;
	struct pg_target *target;
	struct pg_conn *conn;
	bool asked, answered;
	bool reached, is_primary;
	int64_t timeline;
};

struct none {
	struct ha ha;
	struct source source;
	struct question *questions;
	size_t count;
	bool busy;
	nsec_t deadline;
	void (*done)(struct ha_view *, const struct err *, void *arg);
	void *arg;
};

/* CASE keeps pg_current_wal_lsn() from being called where it is an error. */
static const char question_sql[] =
	"SELECT pg_is_in_recovery(), CASE WHEN pg_is_in_recovery() "
	"THEN (SELECT received_tli FROM pg_stat_wal_receiver) "
	"ELSE ('x' || substring(pg_walfile_name(pg_current_wal_lsn()), 1, "
	"8))::bit(32)::int END";

static void questions_free(struct none *n)
{
	for (size_t i = 0; i < n->count; i++) {
		pg_close(n->questions[i].conn);
		pg_target_free(n->questions[i].target);
	}
	free(n->questions);
	n->questions = NULL;
	n->count = 0;
}

static void add_member(struct ha_view *view, const struct question *q)
{
	struct ha_member *m = ha_view_add(view, q->host->name);

	free(m->address);
	m->address = xstrdup(q->host->address);
	if (!q->reached) {
		free(m->state);
		m->state = xstrdup("unreachable");
		return;
	}
	free(m->role);
	free(m->state);
	m->role = xstrdup(q->is_primary ? "leader" : "replica");
	m->state = xstrdup("running");
	m->timeline = q->timeline;
}

/* Two that both say "I am": nobody is the leader then. */
static void find_leader(struct ha_view *view, const struct none *n)
{
	size_t primaries = 0;

	for (size_t i = 0; i < n->count; i++) {
		const struct question *q = &n->questions[i];

		if (!q->reached || !q->is_primary)
			continue;
		free(view->leader);
		view->leader = primaries++ ? NULL : xstrdup(q->host->name);
		view->timeline = q->timeline;
	}
}

static void finish(struct none *n)
{
	struct ha_view *view = ha_view_new();
	struct err err = { 0 };
	bool any = false;

	n->busy = false;
	loop_remove(n->ha.loop, &n->source);
	view->asked = xstrdup("the members");
	for (size_t i = 0; i < n->count; i++) {
		add_member(view, &n->questions[i]);
		any = any || n->questions[i].reached;
	}
	find_leader(view, n);
	if (!any) {
		ha_view_free(view);
		view = NULL;
		err_set(&err, "no member of the cluster answers");
	}
	questions_free(n);
	n->done(view, &err, n->arg);
}

static bool all_answered(const struct none *n)
{
	for (size_t i = 0; i < n->count; i++)
		if (!n->questions[i].answered)
			return false;
	return true;
}

static void read_answer(struct question *q)
{
	const char *recovery = pg_rows(q->conn) == 1 ? pg_value(q->conn, 0, 0) : NULL;
	const char *timeline = recovery ? pg_value(q->conn, 0, 1) : NULL;

	q->reached = recovery != NULL;
	q->is_primary = recovery && recovery[0] == 'f';
	q->timeline = timeline ? strtoll(timeline, NULL, 10) : 0;
}

static void changed(struct pg_conn *conn, void *arg)
{
	struct question *q = arg;

	if (pg_state(conn) == PG_READY && !q->asked) {
		q->asked = true;
		q->answered = !pg_send(conn, question_sql);
	} else if (pg_state(conn) == PG_READY) {
		read_answer(q);
		q->answered = true;
	} else if (pg_state(conn) == PG_FAILED) {
		q->answered = true;
	}
}

/* A session is closed as soon as it has answered, but never from within its own call. */
static bool has_work(const struct none *n)
{
	for (size_t i = 0; i < n->count; i++)
		if (n->questions[i].answered && n->questions[i].conn)
			return true;
	return all_answered(n);
}

static nsec_t none_prepare(struct source *source, struct loop *loop)
{
	struct none *n = (struct none *)((char *)source - offsetof(struct none, source));

	return has_work(n) ? loop_now(loop) : n->deadline;
}

static void none_wake(struct source *source, struct loop *loop)
{
	struct none *n = (struct none *)((char *)source - offsetof(struct none, source));

	for (size_t i = 0; i < n->count; i++) {
		if (!n->questions[i].answered)
			continue;
		pg_close(n->questions[i].conn);
		n->questions[i].conn = NULL;
	}
	if (all_answered(n) || loop_now(loop) >= n->deadline)
		finish(n);
}

static void ask(struct none *n, const struct host *host)
{
	struct question *q = &n->questions[n->count++];
	char *conninfo = xasprintf("host='%s'", host->address);
	struct err err = { 0 };

	*q = (struct question){ .host = host };
	if (pg_target_parse(conninfo, n->ha.inventory->members_conninfo, &q->target,
	                    &err))
		q->conn = pg_connect(n->ha.loop, q->target, n->deadline, changed, q);
	q->answered = q->conn == NULL;
	free(conninfo);
}

static bool none_poll(struct ha *ha, nsec_t deadline,
                      void (*done)(struct ha_view *, const struct err *, void *arg),
                      void *arg)
{
	struct none *n = (struct none *)ha;
	const struct inventory *inv = ha->inventory;

	if (n->busy)
		return false;
	n->questions = xcalloc(inv->host_count + 1, sizeof *n->questions);
	n->busy = true;
	n->deadline = deadline;
	n->done = done;
	n->arg = arg;
	for (size_t i = 0; i < inv->host_count; i++)
		if (host_runs(&inv->hosts[i], "postgres"))
			ask(n, &inv->hosts[i]);
	loop_add(ha->loop, &n->source);
	return true;
}

static struct ha *none_make(void)
{
	struct none *n = XNEW(struct none);

	n->source = (struct source){
		.name = "members",
		.prepare = none_prepare,
		.wake = none_wake,
	};
	return &n->ha;
}

static void none_free(struct ha *ha)
{
	struct none *n = (struct none *)ha;

	if (n->busy)
		loop_remove(ha->loop, &n->source);
	questions_free(n);
	free(n);
}

static const char *none_cannot(struct ha *ha, enum ha_verb verb)
{
	(void)ha;
	(void)verb;
	return "this cluster has no HA manager that could be asked to do it";
}

static char *none_describe(struct ha *ha, const struct ha_request *request)
{
	return xstrdup(none_cannot(ha, request->verb));
}

static enum ha_answer none_request(struct ha *ha, const struct ha_request *request,
                                   nsec_t deadline, char **answer_text, struct err *err)
{
	(void)deadline;
	*answer_text = NULL;
	err_set(err, "%s", none_cannot(ha, request->verb));
	return HA_REFUSED;
}

static bool none_may_change(struct ha *ha, nsec_t deadline, struct err *err)
{
	(void)ha;
	(void)deadline;
	(void)err;
	return true;
}

static char *none_version(struct ha *ha, nsec_t deadline)
{
	(void)ha;
	(void)deadline;
	return xstrdup("");
}

const struct ha_type none_type = {
	.name = "none",
	.summary = "no manager: streaming replication, looked after by hand",
	.make = none_make,
	.poll = none_poll,
	.cannot = none_cannot,
	.describe = none_describe,
	.request = none_request,
	.may_change = none_may_change,
	.version = none_version,
	.free = none_free,
};
