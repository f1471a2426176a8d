/*
 * What a member is asked, and how its answer is read; private to src/probe.
 *
 * One statement that primary and replica both answer, on PostgreSQL 12 to 17, for an
 * account with pg_monitor; it calls nothing that fails in recovery or out of it.
 */
#ifndef PROBE_MEMBER_H
#define PROBE_MEMBER_H

#include "probe/probe.h"
#include "probe/session.h"

extern const char member_query[];

/*
 * Fills role, timeline, LSN, standbys … of the status from the rows of member_query;
 * false if that is not what they are.  Leaves asked, since and message alone.
 */
bool member_query_read(const struct session_ops *ops, const struct pg_conn *conn,
                       struct member_status *status);

const char *member_state_name(
	enum member_state state); /* "primary", … as in the ledger */

#endif
