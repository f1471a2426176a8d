#include "transport/pg_private.h"

#include "base/str.h"

#include <netdb.h>
#include <string.h>
#include <sys/socket.h>

static void format_address(char out[PG_ADDRESS_SIZE], const char *address,
                           const char *port)
{
	bool brackets = strchr(address, ':') != NULL;

	snprintf(out, PG_ADDRESS_SIZE, brackets ? "[%s]:%s" : "%s:%s", address, port);
}

static const char *session_attrs(const struct pg_conn *conn)
{
	const char *attrs = conn->target->session_attrs;

	if (!str_eq(attrs, "prefer-standby"))
		return attrs;
	return conn->second_pass ? "any" : "standby";
}

/*
 * host= stays, for TLS verification and the passfile; hostaddr= spares libpq the look-up.
 */
PGconn *pg_address_start(const struct pg_conn *conn, const char *address)
{
	const struct pg_target *t = conn->target;
	const struct pg_host *host = &conn->target->hosts[conn->host];
	const char *keywords[PG_MAX_SETTINGS + 5];
	const char *values[PG_MAX_SETTINGS + 5];
	size_t n = 0;

	for (; n < t->setting_count; n++) {
		keywords[n] = t->keywords[n];
		values[n] = t->values[n];
	}
	keywords[n] = "host";
	values[n++] = host->host;
	keywords[n] = "port";
	values[n++] = host->port;
	keywords[n] = "target_session_attrs";
	values[n++] = session_attrs(conn);
	if (address) {
		keywords[n] = "hostaddr";
		values[n++] = address;
	}
	keywords[n] = NULL;
	values[n] = NULL;
	return PQconnectStartParams(keywords, values, 0);
}

void pg_address_note_remote(struct pg_conn *conn, const char *address)
{
	const struct pg_host *host = &conn->target->hosts[conn->host];

	if (address)
		format_address(conn->remote, address, host->port);
	else
		snprintf(conn->remote, sizeof conn->remote, "%s/.s.PGSQL.%s", host->host,
		         host->port);
}

void pg_address_note_local(struct pg_conn *conn)
{
	struct sockaddr_storage ss = { .ss_family = AF_UNSPEC };
	socklen_t len = sizeof ss;
	char host[NI_MAXHOST];
	char port[NI_MAXSERV];

	if (getsockname(PQsocket(conn->pg), (struct sockaddr *)&ss, &len) == 0 &&
	    (ss.ss_family == AF_INET || ss.ss_family == AF_INET6) &&
	    getnameinfo((struct sockaddr *)&ss, len, host, sizeof host, port, sizeof port,
	                NI_NUMERICHOST | NI_NUMERICSERV) == 0)
		format_address(conn->local, host, port);
}
