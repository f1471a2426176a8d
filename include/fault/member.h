/* What faults ask of a database member, by a direct connection and without changing it. */
#ifndef FAULT_MEMBER_H
#define FAULT_MEMBER_H

#include "fault/fault.h"

struct member_facts {
	char started[40]; /* pg_postmaster_start_time() as epoch seconds,
	                     "1795573909.346197" */
	bool in_recovery;
	int64_t timeline; /* 0: not known */
};

/* The fault's target, by fault->member_target or, without it, by the inventory. */
bool member_ask(const struct fault *fault, struct member_facts *facts,
                struct err *err) MUSTCHECK;

/* Another one: how the inventory's members are reached, at this address. */
bool member_ask_at(const struct fault *fault, const char *address,
                   struct member_facts *facts, struct err *err) MUSTCHECK;

/* An idle session to the target, for a fault that needs one of its own. NULL + err. */
struct pg_conn *member_session(const struct fault *fault, struct err *err);

/* The postmaster's pid, as the parent of a backend of our own; needs the remote. */
bool member_postmaster(const struct fault *fault, int64_t *pid,
                       struct err *err) MUSTCHECK;

/* "2026-11-25T02:31:49.346Z" for `started`. */
const char *member_started_text(const char *started, char out[RFC3339_SIZE]);

#endif
