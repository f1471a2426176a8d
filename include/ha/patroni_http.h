/* Straight-line requests to one member's REST API: credentials, TLS, waiting. */
#ifndef HA_PATRONI_HTTP_H
#define HA_PATRONI_HTTP_H

#include "ha/ha.h"

/* The URL's scheme, account and authority with this path. Caller frees. */
char *patroni_url(const char *base, const char *path);

/* GET; false + err unless the answer is 200. */
bool patroni_get(struct ha *ha, const char *base, const char *path, nsec_t deadline,
                 struct buf *out, struct err *err) MUSTCHECK;

/* Does it answer at all, with whatever status? */
bool patroni_is_reachable(struct ha *ha, const char *base, nsec_t deadline,
                          struct err *err) MUSTCHECK;

#define PATRONI_NOT_SENT (-1)

struct patroni_call {
	const char *method, *base, *path;
	const char *body; /* JSON, or NULL */
	nsec_t deadline;
};

/*
 * A request with our credentials.  Returns the status, 0 + err if it was sent and not
 * answered, PATRONI_NOT_SENT + err if no byte of it can have left.
 */
int patroni_change(struct ha *ha, const struct patroni_call *call, struct buf *out,
                   struct err *err) MUSTCHECK;

/*
 * The password in a file of mode 0600, without the newlines that editors put behind it.
 * NULL + err.  Ends in patroni_wipe().
 */
char *patroni_read_password(const char *path, struct err *err);
void patroni_wipe(char *password); /* overwrites and frees; NULL is fine */

#endif
