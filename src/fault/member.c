/* Questions to a database member, directly. */
#include "fault/member.h"

#include "base/str.h"
#include "fault/host.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define ASK_TIME (5 * NSEC_PER_SEC)

/* CASE keeps pg_current_wal_lsn() from being called where it is an error. */
static const char facts_sql[] =
	"SELECT extract(epoch FROM pg_postmaster_start_time())::text, "
	"pg_is_in_recovery(), CASE WHEN pg_is_in_recovery() "
	"THEN (SELECT received_tli FROM pg_stat_wal_receiver) "
	"ELSE ('x' || substring(pg_walfile_name(pg_current_wal_lsn()), 1, "
	"8))::bit(32)::int END";

static bool read_facts(const struct pg_conn *conn, struct member_facts *facts,
                       struct err *err)
{
	const char *started, *recovery, *timeline;

	if (pg_rows(conn) != 1 || pg_columns(conn) != 3)
		return err_set(err, "the member's answer has not one row");
	started = pg_value(conn, 0, 0);
	recovery = pg_value(conn, 0, 1);
	timeline = pg_value(conn, 0, 2);
	if (!started || !recovery)
		return err_set(err, "the member's answer has holes");
	snprintf(facts->started, sizeof facts->started, "%s", started);
	facts->in_recovery = recovery[0] == 't';
	facts->timeline = timeline ? strtoll(timeline, NULL, 10) : 0;
	return true;
}

static bool ask(const struct fault *fault, const struct pg_target *target,
                struct member_facts *facts, struct err *err)
{
	nsec_t deadline = loop_now(fault->loop) + ASK_TIME;
	struct pg_conn *conn = pg_connect_wait(fault->loop, target, deadline, err);
	bool ok = conn && pg_query_wait(fault->loop, conn, facts_sql, deadline, err) &&
	          read_facts(conn, facts, err);

	pg_close(conn);
	return ok;
}

static struct pg_target *target_at(const struct fault *fault, const char *address,
                                   struct err *err)
{
	char *conninfo = xasprintf("host='%s'", address);
	struct pg_target *target = NULL;

	if (!pg_target_parse(conninfo, fault->inventory->members_conninfo, &target, err))
		target = NULL;
	free(conninfo);
	return target;
}

bool member_ask_at(const struct fault *fault, const char *address,
                   struct member_facts *facts, struct err *err)
{
	struct pg_target *target = target_at(fault, address, err);
	bool ok;

	*facts = (struct member_facts){ 0 };
	ok = target && ask(fault, target, facts, err);
	pg_target_free(target);
	return ok;
}

/* Later, in another process, nobody lends a connection: the inventory tells where. */
static const char *target_address(const struct fault *fault, struct err *err)
{
	const struct host *host = inventory_host(fault->inventory, fault->target.host);

	if (!host)
		err_set(err, "the cluster file has no host '%s'",
		        fault->target.host ? fault->target.host : "");
	return host ? host->address : NULL;
}

bool member_ask(const struct fault *fault, struct member_facts *facts, struct err *err)
{
	const char *address;

	*facts = (struct member_facts){ 0 };
	if (fault->member_target) {
		if (ask(fault, fault->member_target, facts, err))
			return true;
	} else {
		address = target_address(fault, err);
		if (address && member_ask_at(fault, address, facts, err))
			return true;
	}
	return err_prefix(err, "PostgreSQL on %s", fault->target.host);
}

struct pg_conn *member_session(const struct fault *fault, struct err *err)
{
	nsec_t deadline = loop_now(fault->loop) + ASK_TIME;
	struct pg_target *own = NULL;
	const char *address = fault->member_target ? NULL : target_address(fault, err);
	struct pg_conn *conn = NULL;

	if (address)
		own = target_at(fault, address, err);
	if (fault->member_target || own)
		conn = pg_connect_wait(fault->loop, own ? own : fault->member_target,
		                       deadline, err);
	pg_target_free(own);
	return conn;
}

static bool parent_of_backend(const struct fault *fault, int64_t backend, int64_t *pid,
                              struct err *err)
{
	struct process_facts process = { 0 };
	const char *host = fault->target.host;

	if (!process_ask(fault->remote, backend, &process, err))
		return false;
	if (process.pid == 0 || process.parent <= 1)
		return err_set(err,
		               "%s: process %" PRId64
		               ", our own backend, is not to be seen there",
		               host, backend);
	if (!str_eq(process.command, "postgres") &&
	    !str_eq(process.command, "postmaster"))
		return err_set(err,
		               "%s: process %" PRId64
		               " is '%s', not a backend of PostgreSQL",
		               host, backend, process.command);
	*pid = process.parent;
	return true;
}

/* The session is held meanwhile, so that its backend is there to be looked at. */
bool member_postmaster(const struct fault *fault, int64_t *pid, struct err *err)
{
	struct pg_conn *conn = member_session(fault, err);
	bool ok;

	*pid = 0;
	ok = conn && parent_of_backend(fault, pg_backend_pid(conn), pid, err);
	pg_close(conn);
	return ok;
}

const char *member_started_text(const char *started, char out[RFC3339_SIZE])
{
	return rfc3339(out, seconds_to_nsec(strtod(started, NULL)));
}
