/*
 * Name look-up off the loop.  getaddrinfo() and libpq's own look-up block for ten seconds
 * and more where a DNS server is silent; here a forked child asks and writes the answer
 * to a pipe, and is killed when the deadline passes.
 *
 * A numeric address is answered at once, without a child.  Each connection looks its
 * name up anew: fleets redirect their clients by DNS.
 */
#ifndef BASE_RESOLVE_H
#define BASE_RESOLVE_H

#include "base/err.h"
#include "base/loop.h"

#include <netinet/in.h>

#define RESOLVE_MAX_ADDRESSES 8

struct resolve; /* a source of the loop while it is under way */

/* Calls done(arg) from the loop, or before it returns where nothing must be asked. */
struct resolve *resolve_start(struct loop *loop, const char *host, nsec_t deadline,
                              void (*done)(void *arg), void *arg);

/*
 * After done: numeric addresses in getaddrinfo's order; count 0 means failure, told by
 * err.  The strings live as long as the struct.
 */
size_t resolve_answer(const struct resolve *r,
                      const char *addresses[RESOLVE_MAX_ADDRESSES], struct err *err);

/* Ends the child if it still runs; NULL is fine. */
void resolve_free(struct resolve *r);

bool resolve_is_numeric(const char *host); /* IPv4 or IPv6 without brackets */

#endif
