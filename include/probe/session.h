/*
 * What the probes need of a database session, as a seam: transport/pg.h in the program,
 * a fake cluster on the virtual clock in tests, where a minute of outage takes
 * milliseconds.  The functions are those of transport/pg.h, of the same names.
 */
#ifndef PROBE_SESSION_H
#define PROBE_SESSION_H

#include "transport/pg.h"

struct session_ops {
	struct pg_conn *(*connect)(struct loop *loop, const struct pg_target *target,
	                           nsec_t deadline,
	                           void (*changed)(struct pg_conn *, void *arg),
	                           void *arg);
	void (*close)(struct pg_conn *);
	enum pg_state (*state)(const struct pg_conn *);
	const struct pg_error *(*error)(const struct pg_conn *);
	bool (*never_established)(const struct pg_conn *);
	const char *(*remote_address)(const struct pg_conn *);
	const char *(*local_address)(const struct pg_conn *);
	int (*backend_pid)(const struct pg_conn *);
	bool (*send)(struct pg_conn *, const char *sql);
	bool (*sent)(const struct pg_conn *);
	int (*rows)(const struct pg_conn *);
	const char *(*value)(const struct pg_conn *, int row, int column);
	const char *(*command_tag)(const struct pg_conn *);
	size_t (*notice_count)(const struct pg_conn *);
	const struct pg_error *(*notice)(const struct pg_conn *, size_t i);
};

extern const struct session_ops session_pg;

/*
 * How long a connect may take: each host of the target has its connect_timeout, or the
 * dead first host of several would hide the living second one.
 */
nsec_t session_connect_limit(const struct pg_target *target, nsec_t deadline);

/* "10.0.0.1:5432" or "[fd00::1]:5432" of what a server says of itself; "" if it does not. */
void format_server(char *out, size_t size, const char *address, const char *port);

/* The error of a statement that is given up. */
void deadline_error(struct pg_error *error, nsec_t waited);

#endif
