/*
 * The HA manager's side of the cluster, behind one interface: Patroni first; Stolon,
 * pg_auto_failover, repmgr and plain streaming replication fit in later.
 *
 * *Asked* is not *done* anywhere: a verb's answer is accepted, refused or in doubt, and
 * what happened is seen in the view, in timelines and in pg_is_in_recovery().
 */
#ifndef HA_HA_H
#define HA_HA_H

#include "base/err.h"
#include "base/loop.h"
#include "ha/inventory.h"
#include "transport/http.h"

struct ha_member {
	char *name;    /* equals a host's name in the cluster file where the two agree */
	char *address; /* as the manager gives it, without brackets */
	int port;
	char *role;    /* "leader", "replica", "sync_standby", "quorum_standby",
	                  "standby_leader" */
	char *state;   /* "running", "streaming", "stopped", "starting", … the manager's
	                  word */
	char *api_url; /* where the member's own manager answers, NULL: not told */
	int64_t timeline;  /* 0: not told */
	int64_t lag_bytes; /* -1: not told */
};

/* What the manager says at one moment. */
struct ha_view {
	char *leader; /* NULL: there is none */
	struct ha_member *members;
	size_t member_count, member_cap;
	bool paused;
	char *scheduled; /* "switchover db1 → db2 at …, restart of db3 at …", NULL:
	                    nothing is */
	int64_t timeline;
	char *asked; /* who answered: a URL without credentials */
};

struct ha_view *ha_view_new(void);
void ha_view_free(struct ha_view *view); /* NULL is fine */

/* One more member, empty but for its name: lag not told, strings "". */
struct ha_member *ha_view_add(struct ha_view *view, const char *name);
const struct ha_member *ha_view_member(const struct ha_view *view, const char *name);

/* "running", or "streaming" as later versions of Patroni say of a replica that does. */
bool ha_member_is_up(const struct ha_member *member);

enum ha_answer {
	HA_ACCEPTED, /* the manager said yes; confirm it all the same */
	HA_REFUSED,  /* nothing was done, err says why */
	HA_IN_DOUBT, /* asked, no answer that decides it: keep watching, ask no second
	                time */
};

enum ha_verb { HA_SWITCHOVER, HA_FAILOVER, HA_RESTART, HA_VERB_COUNT };

struct ha_request {
	enum ha_verb verb;
	const char *member; /* restart: whose; switchover, failover: the present leader */
	const char *candidate; /* switchover: NULL leaves the choice to the manager */
};

struct ha;

struct ha_type {
	const char *name;
	const char *summary;

	struct ha *(*make)(void); /* for ha_new(): the type's own struct, zeroed */

	/*
	 * Asks for a view; done() is called from the loop with a view that it owns, or
	 * with NULL and why.  One question at a time: false if one is under way.
	 */
	bool (*poll)(struct ha *, nsec_t deadline,
	             void (*done)(struct ha_view *, const struct err *, void *arg),
	             void *arg);

	/* NULL if it can, else the reason as a sentence ("Stolon can't name a
	 * successor"). */
	const char *(*cannot)(struct ha *, enum ha_verb);

	/* What would be sent, for --dry-run and the ledger. Caller frees. */
	char *(*describe)(struct ha *, const struct ha_request *);

	/* Sends it and waits for the answer, the loop turning; *answer_text (freed by the
	 * caller) is what was said. */
	enum ha_answer (*request)(struct ha *, const struct ha_request *, nsec_t deadline,
	                          char **answer_text, struct err *);

	/*
	 * May we do what changes things (address list, password, certificate)?  Harmless:
	 * changes nothing.  False + which of them is missing.
	 */
	bool (*may_change)(struct ha *, nsec_t deadline, struct err *);

	/* Its version ("3.0.2"), "" if it does not tell. Caller frees. */
	char *(*version)(struct ha *, nsec_t deadline);

	void (*free)(struct ha *);
};

struct ha {
	const struct ha_type *type;
	const struct inventory *inventory;
	struct loop *loop;
	struct http *http;
	struct ha_waiter *waiter; /* ha_look()'s, while it waits */
};

extern const struct ha_type *const ha_types[]; /* NULL-ended: patroni, none */

/* By the cluster file's manager section. NULL + err for a type that is not known. */
struct ha *ha_new(const struct inventory *inv, struct loop *loop, struct http *http,
                  struct err *err);
void ha_free(struct ha *ha);

/*
 * Straight-line: the view, or NULL + err.  Caller frees.  Waits for its turn where a poll
 * of somebody else is under way.
 */
struct ha_view *ha_look(struct ha *ha, nsec_t deadline, struct err *err);

#endif
