/* PREFLIGHT: may we, and does everything answer?  Nothing is changed but the probe table. */
#include "gameday/run.h"

#include "base/log.h"
#include "base/str.h"

#include <inttypes.h>
#include <stdlib.h>

#define ASK (10 * NSEC_PER_SEC)

static bool is_allowed(const struct run *run, struct err *err)
{
	const struct inventory *inv = run->inventory;

	if (str_eq(inv->chaos, "allowed"))
		return true;
	err_set(err, "the cluster file does not allow chaos on %s (%s)", inv->cluster,
	        inv->environment);
	return err_hint(
		err, "whoever answers for the cluster sets \"chaos\": \"allowed\" in it");
}

bool nobody_is_at_work(const struct ha_view *view, struct err *err)
{
	if (view->paused) {
		err_set(err, "the cluster is in maintenance mode (paused)");
		return err_hint(
			err, "somebody works on it; resume it first: patronictl resume");
	}
	if (view->scheduled) {
		err_set(err, "somebody scheduled a %s", view->scheduled);
		return err_hint(err, "wait until it is over, or have it cancelled");
	}
	return true;
}

/* Every database host of the file is a member that is up, and nobody else is at work. */
static bool view_is_well(const struct run *run, const struct ha_view *view,
                         struct err *err)
{
	if (!nobody_is_at_work(view, err))
		return false;
	if (!view->leader)
		return err_set(err, "the manager names no leader");
	for (size_t i = 0; i < view->member_count; i++)
		if (!ha_member_is_up(&view->members[i]))
			return err_set(
				err,
				"a member is down: %s is \"%s\" on timeline %" PRId64,
				view->members[i].name, view->members[i].state,
				view->members[i].timeline);
	for (size_t i = 0; i < run->inventory->host_count; i++) {
		const struct host *host = &run->inventory->hosts[i];

		if (!host_runs(host, "postgres") || !view->member_count ||
		    ha_view_member(view, host->name))
			continue;
		err_set(err, "a member is down: the manager does not know %s",
		        host->name);
		return err_hint(
			err, "hosts are named in the cluster file as the manager names "
			     "their members");
	}
	return true;
}

static bool manager_is_well(struct run *run, char **leader, struct err *err)
{
	struct ha_view *view = ha_look(run->ha, run_now(run) + ASK, err);
	bool well;

	if (!view)
		return err_prefix(err, "the manager cannot be asked");
	well = view_is_well(run, view, err);
	*leader = well ? xstrdup(view->leader) : NULL;
	ha_view_free(view);
	return well;
}

/* What the settings cannot keep is said before the fault; the facts tell the judge. */
static bool warn_of_promises(struct run *run, struct pg_conn *primary, struct err *err)
{
	nsec_t until = run_now(run) + ASK;
	int64_t rpo = run->scenario->hypothesis.rpo_rows;
	static const char sql[] =
		"SELECT current_setting('fsync'), current_setting('full_page_writes'), "
		"current_setting('synchronous_commit'), "
		"current_setting('synchronous_standby_names')";

	if (!pg_query_wait(run->loop, primary, sql, until, err))
		return err_prefix(err, "the primary's settings cannot be read");
	if (!str_eq(pg_value(primary, 0, 0), "on"))
		log_warning("fsync is off: a power cut loses acknowledged rows");
	if (!str_eq(pg_value(primary, 0, 1), "on"))
		log_warning("full_page_writes is off: a power cut may tear pages");
	if (rpo > 0 || (rpo < 0 && run->inventory->objectives.rpo_rows > 0))
		return true;
	if (!*pg_value(primary, 0, 3) || str_eq(pg_value(primary, 0, 2), "off") ||
	    str_eq(pg_value(primary, 0, 2), "local"))
		log_warning(
			"replication is asynchronous (synchronous_standby_names \"%s\", "
			"synchronous_commit %s): an RPO of 0 cannot be promised",
			pg_value(primary, 0, 3), pg_value(primary, 0, 2));
	return true;
}

static bool prepare_primary(struct run *run, const char *leader, struct err *err)
{
	const struct host *host = inventory_host(run->inventory, leader);
	nsec_t until = run_now(run) + ASK;
	struct pg_target *target;
	struct pg_conn *conn;
	bool prepared;

	if (!host)
		return err_set(err, "the leader %s is no host of the cluster file",
		               leader);
	target = member_target(run->inventory, host, err);
	if (!target)
		return false;
	conn = pg_connect_wait(run->loop, target, until, err);
	prepared =
		conn &&
		probe_table_prepare(run->loop, conn, run->inventory->probe_schema, err) &&
		warn_of_promises(run, conn, err);
	if (!prepared)
		err_prefix(err, "%s", leader);
	pg_close(conn);
	pg_target_free(target);
	return prepared;
}

bool phase_preflight(struct run *run, struct err *err)
{
	char *leader = NULL;
	bool prepared;

	if (!is_allowed(run, err) || !scenario_fits(run->scenario, run->inventory, err) ||
	    !manager_is_well(run, &leader, err))
		return false;
	prepared = prepare_primary(run, leader, err);
	free(leader);
	if (prepared)
		facts_record(run, "PREFLIGHT");
	if (prepared && run_must_stop(run))
		return err_set(err, "%s", run->abort_why);
	return prepared;
}
