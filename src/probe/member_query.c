/* What a member is asked, and how its answer is read. */
#include "probe/member.h"

#include "base/str.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Functions that fail in recovery (pg_current_wal_lsn, pg_walfile_name) or out of it
 * (pg_is_wal_replay_paused) stand behind CASE, and those that read the control file in
 * sub-selects, which run only where they are reached.
 *
 * The timeline of a primary is in the name of the WAL file that it writes.  A replica's
 * is that of its stream; without one it is the furthest that its control file knows.
 *
 * Each standby is a row more; without any there is one row with NULLs.
 */
const char member_query[] =
	"SELECT r, current_setting('transaction_read_only'), "
	"CASE WHEN r THEN coalesce((SELECT received_tli FROM pg_stat_wal_receiver), "
	"(SELECT greatest(c.timeline_id, b.min_recovery_end_timeline) "
	"FROM pg_control_checkpoint() c, pg_control_recovery() b)) "
	"ELSE ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, "
	"8))::bit(32)::bigint "
	"END, "
	"here, "
	"(SELECT status FROM pg_stat_wal_receiver), "
	"(SELECT sender_host FROM pg_stat_wal_receiver), "
	"(SELECT sender_port FROM pg_stat_wal_receiver), "
	"CASE WHEN r THEN (extract(epoch FROM clock_timestamp() - "
	"pg_last_xact_replay_timestamp()) * 1000000)::bigint END, "
	"CASE WHEN r THEN pg_is_wal_replay_paused() END, "
	"(SELECT system_identifier FROM pg_control_system()), "
	"s.application_name, host(s.client_addr), s.state, s.sync_state, "
	"pg_wal_lsn_diff(here, coalesce(s.replay_lsn, s.flush_lsn, s.sent_lsn))::bigint "
	"FROM (SELECT r, CASE WHEN r THEN pg_last_wal_replay_lsn() "
	"ELSE pg_current_wal_lsn() END AS here "
	"FROM (SELECT pg_is_in_recovery() AS r) AS asked) AS member "
	"LEFT JOIN pg_stat_replication AS s ON true";

enum column {
	IN_RECOVERY,
	READ_ONLY,
	TIMELINE,
	LSN,
	RECEIVER,
	UPSTREAM_HOST,
	UPSTREAM_PORT,
	REPLAY_AGE,
	REPLAY_PAUSED,
	SYSTEM_IDENTIFIER,
	STANDBY_NAME,
	STANDBY_ADDRESS,
	STANDBY_STATE,
	STANDBY_SYNC_STATE,
	STANDBY_LAG,
};

struct rows {
	const struct session_ops *ops;
	const struct pg_conn *conn;
};

static const char *text(const struct rows *rows, int row, enum column column)
{
	const char *value = rows->ops->value(rows->conn, row, (int)column);

	return value ? value : "";
}

static int64_t number(const struct rows *rows, int row, enum column column,
                      int64_t unknown)
{
	const char *value = text(rows, row, column);

	return *value ? strtoll(value, NULL, 10) : unknown;
}

static bool is_true(const struct rows *rows, enum column column)
{
	return strcmp(text(rows, 0, column), "t") == 0;
}

#define COPY_TEXT(to, rows, row, column) \
	snprintf((to), sizeof(to), "%s", text((rows), (row), (column)))

static void read_standbys(const struct rows *rows, struct member_status *status)
{
	int count = rows->ops->rows(rows->conn);

	status->standby_count = 0;
	for (int i = 0; i < count && status->standby_count < MEMBER_MAX_STANDBYS; i++) {
		struct member_standby *standby = &status->standbys[status->standby_count];

		if (!rows->ops->value(rows->conn, i, STANDBY_STATE))
			continue;
		COPY_TEXT(standby->name, rows, i, STANDBY_NAME);
		COPY_TEXT(standby->address, rows, i, STANDBY_ADDRESS);
		COPY_TEXT(standby->state, rows, i, STANDBY_STATE);
		COPY_TEXT(standby->sync_state, rows, i, STANDBY_SYNC_STATE);
		standby->lag_bytes = number(rows, i, STANDBY_LAG, -1);
		status->standby_count++;
	}
}

/*
 * Without a stream a replica knows its timeline by its control file only, which may lag
 * behind by a checkpoint.  No member goes back: pg_rewind and a new copy lead forward.
 */
static int64_t read_timeline(const struct rows *rows, const struct member_status *before)
{
	int64_t timeline = number(rows, 0, TIMELINE, 0);
	bool same =
		strcmp(before->system_identifier, text(rows, 0, SYSTEM_IDENTIFIER)) == 0;

	if (same && is_true(rows, IN_RECOVERY) && !*text(rows, 0, RECEIVER) &&
	    timeline < before->timeline)
		return before->timeline;
	return timeline;
}

bool member_query_read(const struct session_ops *ops, const struct pg_conn *conn,
                       struct member_status *status)
{
	const struct rows rows = { ops, conn };

	if (ops->rows(conn) < 1 || !ops->value(conn, 0, IN_RECOVERY))
		return false;
	status->state = is_true(&rows, IN_RECOVERY) ? MEMBER_REPLICA : MEMBER_PRIMARY;
	status->read_only = str_eq(text(&rows, 0, READ_ONLY), "on");
	status->timeline = read_timeline(&rows, status);
	COPY_TEXT(status->lsn, &rows, 0, LSN);
	COPY_TEXT(status->receiver, &rows, 0, RECEIVER);
	format_server(status->upstream, sizeof status->upstream,
	              text(&rows, 0, UPSTREAM_HOST), text(&rows, 0, UPSTREAM_PORT));
	status->lag_us = number(&rows, 0, REPLAY_AGE, -1);
	status->paused_replay = is_true(&rows, REPLAY_PAUSED);
	COPY_TEXT(status->system_identifier, &rows, 0, SYSTEM_IDENTIFIER);
	read_standbys(&rows, status);
	return true;
}

const char *member_state_name(enum member_state state)
{
	switch (state) {
	case MEMBER_PRIMARY:
		return "primary";
	case MEMBER_REPLICA:
		return "replica";
	case MEMBER_UNREACHABLE:
		return "unreachable";
	case MEMBER_UNKNOWN:
		break;
	}
	return "unknown";
}
