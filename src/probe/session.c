#include "probe/session.h"

#include <stdio.h>
#include <string.h>

const struct session_ops session_pg = {
	.connect = pg_connect,
	.close = pg_close,
	.state = pg_state,
	.error = pg_error,
	.never_established = pg_never_established,
	.remote_address = pg_remote_address,
	.local_address = pg_local_address,
	.backend_pid = pg_backend_pid,
	.send = pg_send,
	.sent = pg_sent,
	.rows = pg_rows,
	.value = pg_value,
	.command_tag = pg_command_tag,
	.notice_count = pg_notice_count,
	.notice = pg_notice,
};

nsec_t session_connect_limit(const struct pg_target *target, nsec_t deadline)
{
	nsec_t hosts = 0;

	if (target)
		hosts = (nsec_t)target->host_count * target->connect_timeout +
		        NSEC_PER_SEC / 2;
	return hosts > deadline ? hosts : deadline;
}

void format_server(char *out, size_t size, const char *address, const char *port)
{
	if (!address || !*address)
		*out = '\0';
	else if (strchr(address, ':'))
		snprintf(out, size, "[%s]:%s", address, port ? port : "");
	else
		snprintf(out, size, "%s:%s", address, port ? port : "");
}

void deadline_error(struct pg_error *error, nsec_t waited)
{
	*error = (struct pg_error){ 0 };
	snprintf(error->message, sizeof error->message, "no answer within %.1f s",
	         nsec_to_seconds(waited));
}
