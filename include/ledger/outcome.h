/*
 * What became of an attempt: the three-valued truth on which every verdict rests
 * (docs/judging.md, section 1).
 */
#ifndef LEDGER_OUTCOME_H
#define LEDGER_OUTCOME_H

#include <stdbool.h>

enum outcome {
	OUTCOME_ACKED,      /* promised: must exist afterwards */
	OUTCOME_ACKED_WEAK, /* the server was told to stop waiting for its standby: in
	                       doubt */
	OUTCOME_REFUSED,    /* an error before a commit could have happened */
	OUTCOME_IN_DOUBT,   /* sent, and no answer that decides it */
	OUTCOME_NOT_SENT,
};

/* "acked", "acked_weak", …, as in the ledger. */
const char *outcome_name(enum outcome outcome);
bool outcome_parse(const char *name, enum outcome *outcome);

/* How far an attempt had come when the answer, or the end of the session, was seen. */
enum moment {
	MOMENT_CONNECTING, /* no session yet */
	MOMENT_UNSENT,     /* a session, but no byte of the statement has left */
	MOMENT_SENT,       /* the statement is under way; its commit may have happened */
};

/*
 * The outcome of an attempt that ended in an error.  sqlstate is "" for a socket error,
 * EOF or a passed deadline; severity is the server's ("ERROR", "FATAL", "PANIC"); message
 * decides only where PgBouncer speaks under one SQLSTATE for several things.
 */
enum outcome outcome_of_error(enum moment moment, const char *sqlstate,
                              const char *severity, const char *message);

/* True for the warning that a wait for synchronous replication was given up. */
bool outcome_is_weak_warning(const char *sqlstate, const char *message);

/* The table itself, for documentation and the test that walks it. */
struct outcome_rule {
	const char *sqlstate; /* five characters, or a class as "28***", "" for none */
	const char *severity; /* NULL: any */
	const char *message;  /* a part that must occur, NULL: any */
	enum outcome sent;    /* at MOMENT_SENT; earlier moments are never in doubt */
	const char *who;      /* "server", "PgBouncer", "network" */
	const char *why;
};
extern const struct outcome_rule
	outcome_rules[]; /* ended by sqlstate NULL; first match */

/* The row that decides; NULL for an SQLSTATE that is not five characters (in doubt). */
const struct outcome_rule *outcome_rule_of(const char *sqlstate, const char *severity,
                                           const char *message);

#endif
