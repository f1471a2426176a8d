/*
 * A way to hurt a cluster, and to stop hurting it.  One fault is one file and one line
 * in the table (src/fault/table.c); help, validation, schema and documentation come from
 * the same declaration.  docs/adding-a-fault.md walks through one.
 *
 * These functions are straight-line code: they may wait (remote_run, ha->request), the
 * loop and its probes turning meanwhile, but only for an answer, never for an effect.
 */
#ifndef FAULT_FAULT_H
#define FAULT_FAULT_H

#include "base/params.h"
#include "fault/sudo.h"
#include "ha/ha.h"
#include "ha/inventory.h"
#include "transport/pg.h"
#include "transport/remote.h"

enum fault_needs {
	NEEDS_SSH = 1 << 0,    /* a remote on the target's host */
	NEEDS_HA = 1 << 1,     /* a manager that can do `verb` */
	NEEDS_MEMBER = 1 << 2, /* the target is a database member */
	NEEDS_PROXY = 1 << 3,  /* the target is a proxy or a pooler */
	NEEDS_HOST = 1 << 4,   /* any host will do */
};

enum confirm {
	CONFIRM_YES,     /* fault->evidence says by what it is proven */
	CONFIRM_NOT_YET, /* nothing seen yet: ask again until the limit */
	CONFIRM_NO,      /* it cannot have happened, or not to the target: err says why */
};

/* Resolved at ARM from what the cluster says at that moment. */
struct fault_target {
	char *expression; /* "primary" */
	char *host;       /* "db1" */
	char *member;     /* the manager's name of the member there; NULL: none */
	char *role; /* its role when armed: "primary", "sync_standby", "proxy", … */
};

struct fault {
	const struct fault_type *type;
	void *params; /* the fault's own struct, by type->params */
	struct fault_target target;

	/* Lent by the experiment; NULL where the fault does not need it. */
	const struct inventory *inventory;
	struct loop *loop;
	struct remote *remote; /* to the target's host */
	struct ha *ha;
	const struct pg_target
		*member_target; /* a direct connection to the target's member */
	double hold_seconds; /* how long it stays before it is healed; 0: it does not stay */

	/* Written by arm(): what undoes it and what proves it, as data, into the ledger. */
	cJSON *heal;

	/* Written by inject(). */
	char *command; /* as shown to people, without secrets */
	char *answer;
	bool in_doubt;

	/* Written by confirm() and heal(). */
	char *evidence;
	char *lacking; /* heal(): done, but what was there before is not; NULL: all is */
	nsec_t happened_at; /* monotonic, when that is known from the target; else 0 */
};

struct fault_type {
	const char *name;           /* "reboot_host", as scenario files say it */
	const char *summary;        /* one line, for `pgmonkey list faults` */
	const struct param *params; /* the first is "target", if the fault has one */
	size_t params_size;
	unsigned needs;    /* at most; what a parsed fault needs: fault_needs() */
	enum ha_verb verb; /* with NEEDS_HA */
	const struct sudo_command
		*sudo; /* all that it runs as somebody else; NULL: nothing */
	const char *const
		*targets; /* target expressions that make sense, for docs and help */
	double confirm_seconds; /* how long to look for its effect at most */
	const char *undo;       /* one sentence: what heals it */

	/* What this one needs of type->needs, by its parameters. NULL: all of it. */
	unsigned (*needs_now)(const struct fault *);

	/* How long it stays before it is healed. NULL: it does not stay. */
	double (*hold)(const void *params);

	/*
	 * Can it be done, and undone?  Changes nothing: asks for sudo rules, units, boot
	 * id; fills fault->heal and fault->command.  Everything after rests on these
	 * facts.
	 */
	bool (*arm)(struct fault *, struct err *);

	/*
	 * Does it; returns when it was sent.  False only if nothing can have happened.
	 * After a true, in_doubt says that the answer does not tell: confirm() does.
	 */
	bool (*inject)(struct fault *, struct err *);

	/* Did it happen, to the target?  boot_id, postmaster start time, timeline, pids. */
	enum confirm (*confirm)(struct fault *, struct err *);

	/*
	 * Undoes it, by fault->heal and target alone, and looks whether it is undone.
	 * Safe if inject never ran, or ran twice; asked again until it holds or a limit.
	 * True: fault->evidence says what was seen.
	 */
	bool (*heal)(struct fault *, struct err *);
};

extern const struct fault_type *const fault_types[]; /* NULL-ended */
const struct fault_type *fault_type_find(const char *name);

/* Reads the value of "fault": {NAME: {…}} into a new struct fault. */
bool fault_parse(const struct json_doc *doc, const cJSON *object, struct fault **fault,
                 struct err *err) MUSTCHECK;

/*
 * Rebuilds a fault from an intent line of a ledger ("fault", "target", "params", "heal"),
 * for `pgmonkey heal`; the caller then lends inventory, loop and remote.
 */
bool fault_from_intent(const cJSON *intent, struct fault **fault,
                       struct err *err) MUSTCHECK;
void fault_free(struct fault *fault);

/* Its target expression ("primary"), NULL if it has none (by_hand). */
const char *fault_target_expression(const struct fault *fault);

/* enum fault_needs: what this fault, with these parameters, must be lent. */
unsigned fault_needs(const struct fault *fault);

/* The parameters with all defaults filled in, for the ledger. Caller deletes. */
cJSON *fault_params_json(const struct fault *fault);

#endif
