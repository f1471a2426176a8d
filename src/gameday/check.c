/* `pgmonkey check`: reaches everything that a run would need, and changes nothing. */
#include "gameday/run.h"

#include "base/str.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>

#define ASK (10 * NSEC_PER_SEC)

struct checker {
	const struct inventory *inventory;
	struct findings *findings;
	struct loop *loop;
	struct http *http;
	struct ha *ha;
	struct remotes remotes;
};

static void add(struct checker *c, enum finding_level level, char *about,
                const char *hint, const char *fmt, ...) PRINTF_LIKE(5, 6);

/* Takes `about`. */
static void add(struct checker *c, enum finding_level level, char *about,
                const char *hint, const char *fmt, ...)
{
	struct findings *f = c->findings;
	struct err text;
	va_list args;

	va_start(args, fmt);
	vsnprintf(text.message, sizeof text.message, fmt, args);
	va_end(args);
	ARRAY_PUSH(f->items, f->count, f->cap) = (struct finding){
		.level = level,
		.about = about,
		.text = xstrdup(text.message),
		.hint = hint && *hint ? xstrdup(hint) : NULL,
	};
}

static void add_problem(struct checker *c, char *about, const struct err *err)
{
	add(c, FINDING_PROBLEM, about, err->hint, "%s", err->message);
}

static nsec_t soon(const struct checker *c)
{
	return loop_now(c->loop) + ASK;
}

static void check_allowed(struct checker *c)
{
	if (str_eq(c->inventory->chaos, "allowed"))
		add(c, FINDING_OK, xstrdup("permission"), NULL,
		    "chaos is allowed on %s (%s)", c->inventory->cluster,
		    c->inventory->environment);
	else
		add(c, FINDING_PROBLEM, xstrdup("permission"),
		    "whoever answers for the cluster sets \"chaos\": \"allowed\" in its "
		    "file",
		    "the cluster file does not allow chaos");
}

static void check_view(struct checker *c, const struct ha_view *view)
{
	const char *name = c->ha->type->name;

	if (!view->leader)
		add(c, FINDING_PROBLEM, xstrdup(name), NULL, "it names no leader");
	else
		add(c, FINDING_OK, xstrdup(name), NULL,
		    "leader %s, %zu members, timeline %" PRId64, view->leader,
		    view->member_count, view->timeline);
	if (view->paused)
		add(c, FINDING_PROBLEM, xstrdup(name),
		    "resume it first: patronictl resume",
		    "the cluster is in maintenance mode (paused): a run would be "
		    "refused");
	if (view->scheduled)
		add(c, FINDING_PROBLEM, xstrdup(name), NULL,
		    "somebody scheduled a %s: a run would be refused", view->scheduled);
	for (size_t i = 0; i < view->member_count; i++) {
		const struct ha_member *m = &view->members[i];

		if (!inventory_host(c->inventory, m->name))
			add(c, FINDING_WARNING, xstrdup(m->name), NULL,
			    "the manager knows it, the cluster file does not");
		if (!ha_member_is_up(m))
			add(c, FINDING_PROBLEM, xstrdup(m->name), NULL,
			    "it is \"%s\": a run would be refused", m->state);
	}
}

static void check_manager(struct checker *c)
{
	struct err err = { 0 };
	struct ha_view *view = ha_look(c->ha, soon(c), &err);

	if (!view) {
		add_problem(c, xstrdup(c->ha->type->name), &err);
		return;
	}
	check_view(c, view);
	ha_view_free(view);
	if (c->ha->type->may_change(c->ha, soon(c), &err))
		add(c, FINDING_OK, xasprintf("%s rights", c->ha->type->name), NULL,
		    "switchover and restart would be let through");
	else
		add_problem(c, xasprintf("%s rights", c->ha->type->name), &err);
}

static void check_durability(struct checker *c, const struct host *host,
                             struct pg_conn *conn)
{
	static const char sql[] =
		"SELECT pg_is_in_recovery(), "
		"current_setting('synchronous_standby_names'), "
		"current_setting('synchronous_commit'), current_setting('fsync'), "
		"has_schema_privilege(current_user, (SELECT oid FROM pg_namespace WHERE "
		"nspname = "
		"current_schema), 'USAGE'), pg_has_role(current_user, 'pg_monitor', "
		"'USAGE'), "
		"(SELECT rolsuper FROM pg_roles WHERE rolname = current_user)";
	const struct objectives *o = &c->inventory->objectives;
	struct err err = { 0 };
	bool primary;
	bool async;

	if (!pg_query_wait(c->loop, conn, sql, soon(c), &err)) {
		add_problem(c, xasprintf("%s sql", host->name), &err);
		return;
	}
	primary = str_eq(pg_value(conn, 0, 0), "f");
	async = !*pg_value(conn, 0, 1) || str_eq(pg_value(conn, 0, 2), "off") ||
	        str_eq(pg_value(conn, 0, 2), "local");
	add(c, FINDING_OK, xasprintf("%s sql", host->name), NULL, "%s, PostgreSQL %s",
	    primary ? "primary" : "replica", pg_parameter(conn, "server_version"));
	if (primary && async && o->rpo_rows == 0)
		add(c, o->sync_standbys ? FINDING_PROBLEM : FINDING_WARNING,
		    xasprintf("%s durability", host->name),
		    "set up synchronous replication, or an objective that the cluster "
		    "can keep",
		    "replication is asynchronous under an RPO of 0 "
		    "(synchronous_standby_names "
		    "\"%s\", synchronous_commit %s)",
		    pg_value(conn, 0, 1), pg_value(conn, 0, 2));
	if (!str_eq(pg_value(conn, 0, 3), "on"))
		add(c, FINDING_WARNING, xasprintf("%s durability", host->name), NULL,
		    "fsync is off: a power cut loses acknowledged rows");
	if (!str_eq(pg_value(conn, 0, 5), "t"))
		add(c, FINDING_PROBLEM, xasprintf("%s sql", host->name),
		    "as a superuser: GRANT pg_monitor TO the probe's role",
		    "the account is no member of pg_monitor: lag and standbys cannot be "
		    "seen");
	if (str_eq(pg_value(conn, 0, 6), "t"))
		add(c, FINDING_WARNING, xasprintf("%s sql", host->name),
		    "give the probe a role of its own, as any application has",
		    "the account is a superuser: it gets in while others are refused, "
		    "and would "
		    "measure a shorter outage");
}

static void check_member(struct checker *c, const struct host *host)
{
	struct err err = { 0 };
	struct pg_target *target = member_target(c->inventory, host, &err);
	struct pg_conn *conn =
		target ? pg_connect_wait(c->loop, target, soon(c), &err) : NULL;

	if (conn)
		check_durability(c, host, conn);
	else
		add_problem(c, xasprintf("%s sql", host->name), &err);
	pg_close(conn);
	pg_target_free(target);
}

static void check_endpoint(struct checker *c, const struct endpoint *e)
{
	bool primary = str_eq(e->serves, "primary");
	struct err err = { 0 };
	struct pg_target *target = NULL;
	struct pg_conn *conn = NULL;

	if (pg_target_parse(e->conninfo, NULL, &target, &err))
		conn = pg_connect_wait(c->loop, target, soon(c), &err);
	if (!conn || !pg_query_wait(c->loop, conn,
	                            "SELECT pg_is_in_recovery(), inet_server_addr()",
	                            soon(c), &err))
		add_problem(c, xstrdup(e->name), &err);
	else if (primary && str_eq(pg_value(conn, 0, 0), "t"))
		add(c, FINDING_PROBLEM, xstrdup(e->name), NULL,
		    "it leads to %s, which is in recovery: writes would be refused",
		    pg_value(conn, 0, 1));
	else
		add(c, FINDING_OK, xstrdup(e->name), NULL, "leads to %s",
		    pg_value(conn, 0, 1) ? pg_value(conn, 0, 1) : "a local socket");
	pg_close(conn);
	pg_target_free(target);
}

static void check_host(struct checker *c, const struct host *host)
{
	struct remote *remote = remotes_get(&c->remotes, host->name);
	struct err err = { 0 };

	if (remote_open(remote, soon(c), &err))
		add(c, FINDING_OK, xasprintf("%s ssh", host->name), NULL,
		    "logged in as %s",
		    c->inventory->ssh.user ? c->inventory->ssh.user : "the agent's user");
	else
		add_problem(c, xasprintf("%s ssh", host->name), &err);
}

static bool may_be_hit(const struct fault *fault, const struct host *host)
{
	const char *expression = fault_target_expression(fault);

	if (!expression)
		return false;
	if (str_starts(expression, "host:"))
		return str_eq(expression + 5, host->name);
	if (str_eq(expression, "proxy"))
		return host_runs(host, "haproxy");
	if (str_eq(expression, "pooler"))
		return host_runs(host, "pgbouncer");
	if (str_eq(expression, "dcs_member"))
		return host_runs(host, "etcd");
	/* Roles of the database move: any member may hold one when the time comes. */
	return host_runs(host, "postgres") && !(fault_needs(fault) & NEEDS_PROXY);
}

/* Arms the fault on one host, as a run would, and drops it again. */
static void check_arm(struct checker *c, const struct scenario *sc,
                      const struct host *host)
{
	const cJSON *section = json_get(sc->doc.root, "fault");
	char *about = xasprintf("%s on %s", sc->fault->type->name, host->name);
	struct lender lender = { &c->remotes, c->ha };
	struct fault *f = NULL;
	struct pg_target *member = NULL;
	struct err err = { 0 };

	if (fault_parse(&sc->doc, section, &f, &err))
		f->target = (struct fault_target){
			.expression = xstrdup(fault_target_expression(f)),
			.host = xstrdup(host->name),
			.member = xstrdup(host->name),
			.role = xstrdup(""),
		};
	if (f && fault_lend(f, &lender, &member, &err) && f->type->arm(f, &err))
		add(c, FINDING_OK, about, NULL, "it can be done, and undone");
	else
		add_problem(c, about, &err);
	fault_free(f);
	pg_target_free(member);
}

static void check_scenario(struct checker *c, const struct scenario *sc)
{
	struct err err = { 0 };

	if (!scenario_fits(sc, c->inventory, &err)) {
		add_problem(c, xstrdup(sc->experiment), &err);
		return;
	}
	/* What acts through the manager was checked with its rights. */
	if (!(fault_needs(sc->fault) & NEEDS_SSH))
		return;
	for (size_t i = 0; i < c->inventory->host_count; i++)
		if (may_be_hit(sc->fault, &c->inventory->hosts[i]))
			check_arm(c, sc, &c->inventory->hosts[i]);
}

static void check_everything(struct checker *c, struct scenario *const *scenarios,
                             size_t count)
{
	const struct inventory *inv = c->inventory;

	check_manager(c);
	for (size_t i = 0; i < inv->host_count; i++)
		if (host_runs(&inv->hosts[i], "postgres"))
			check_member(c, &inv->hosts[i]);
	for (size_t i = 0; i < inv->endpoint_count; i++)
		check_endpoint(c, &inv->endpoints[i]);
	for (size_t i = 0; i < inv->host_count; i++)
		check_host(c, &inv->hosts[i]);
	for (size_t i = 0; i < count; i++)
		check_scenario(c, scenarios[i]);
}

void check_cluster(const struct cluster *cluster, struct scenario *const *scenarios,
                   size_t scenario_count, struct findings *findings)
{
	struct checker c = { .inventory = &cluster->inventory, .findings = findings };
	struct err err = { 0 };

	c.loop = loop_new(clock_system());
	c.http = http_new(c.loop);
	c.remotes = remotes_of(c.loop, c.inventory);
	c.ha = ha_new(c.inventory, c.loop, c.http, &err);
	check_allowed(&c);
	if (c.ha)
		check_everything(&c, scenarios, scenario_count);
	else
		add_problem(&c, xstrdup("manager"), &err);
	ha_free(c.ha);
	remotes_free(&c.remotes);
	http_free(c.http);
	loop_free(c.loop);
}

void findings_free(struct findings *findings)
{
	for (size_t i = 0; i < findings->count; i++) {
		free(findings->items[i].about);
		free(findings->items[i].text);
		free(findings->items[i].hint);
	}
	free(findings->items);
	*findings = (struct findings){ 0 };
}
