/*
 * Target expressions: roles, resolved to a host by what the cluster says at that moment.
 *
 *	primary             the manager's leader
 *	sync_standby        a synchronous standby
 *	replica             any member that is not the leader
 *	member              any database member
 *	proxy               a host that runs haproxy
 *	pooler              a host that runs pgbouncer
 *	dcs_member          a host that runs etcd
 *	host:NAME           that host
 *
 * "one replica" and "sync standby" are read as "replica" and "sync_standby".  Where
 *several fit, the seed chooses; hosts in `never` are left out.
 */
#ifndef SCENARIO_TARGET_H
#define SCENARIO_TARGET_H

#include "base/rng.h"
#include "fault/fault.h"

struct target_word {
	const char *word;
	const char *service; /* what runs on the hosts that it can mean */
	const char *summary;
};
extern const struct target_word target_words[]; /* ended by word NULL */

/* Is it a well-formed expression? Says the nearest word. */
bool target_parse(const char *expression, struct err *err) MUSTCHECK;

/* "one sync standby" as in target_words: "sync_standby". Caller frees. */
char *target_word_of(const char *expression);

/* What runs on the hosts that a word can mean: "postgres", "haproxy", …; NULL: no word. */
const char *target_service(const char *word);

/*
 * Fills target (expression, host, member, role).  `view` may be NULL where the expression
 * does not ask for a role of the database.  A NULL expression (a fault without a target)
 * leaves all of it NULL.
 */
bool target_resolve(const char *expression, const struct inventory *inv,
                    const struct ha_view *view, const struct strings *never,
                    struct rng *rng, struct fault_target *target,
                    struct err *err) MUSTCHECK;

/* Frees the strings of a target, which may be used again. */
void fault_target_free(struct fault_target *target);

/* ---- never ------------------------------------------------------------------------ */

/*
 * Why this host is in `never`: the word of it that means the host, by name, by what it
 * runs, or by its role in the view; NULL: it is not.  "dcs" means hosts that run etcd and
 * no database (those on database hosts are kept by keep_quorum).
 */
const char *target_in_never(const struct host *host, const struct inventory *inv,
                            const struct ha_view *view, const struct strings *never);

/* Does a word of `never` mean anything in this cluster? */
bool target_never_is_known(const char *word, const struct inventory *inv);

/* ---- members and hosts ------------------------------------------------------------- */

/* The host on which a member runs: of its name, else of its address. NULL: none. */
const struct host *target_host_of(const struct inventory *inv,
                                  const struct ha_member *member);

/* The member that runs on a host; NULL: none, or no view. */
const struct ha_member *target_member_on(const struct inventory *inv,
                                         const struct ha_view *view,
                                         const struct host *host);

/* "primary", "sync_standby" or "replica". */
const char *target_role_of(const struct ha_view *view, const struct ha_member *member);

#endif
