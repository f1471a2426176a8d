/*
 * A scenario: a portable experiment.  It names roles, never hosts of one cluster.
 */
#ifndef SCENARIO_SCENARIO_H
#define SCENARIO_SCENARIO_H

#include "base/json.h"
#include "fault/fault.h"

struct scenario {
	struct json_doc doc;
	char *experiment;
	char *why;
	char *expect; /* "recovers", "blocked", "no_failover": what the right answer is */
	char *because; /* why it is another than "recovers"; else NULL */
	struct {
		double rto_seconds; /* 0: the cluster's objective */
		int64_t rpo_rows;   /* -1: the cluster's */
		char *endpoint;     /* whose RTO counts; NULL: the worst */
	} hypothesis;
	struct {
		double hold_seconds;   /* 10 */
		double limit_seconds;  /* 60: refused when it is not steady by then */
		int64_t sync_standbys; /* -1: the cluster's objective */
	} steady_state;
	struct fault *fault;
	struct {
		int64_t hosts;        /* 1 */
		struct strings never; /* host names, services ("etcd", "dcs"), roles */
		bool keep_quorum;     /* true */
	} blast_radius;
	struct {
		double no_primary_seconds; /* 180 */
	} abort_if;
	struct {
		double limit_seconds; /* 120: longest time to wait for recovery */
		double after_seconds; /* 5: how long to go on watching once it has
		                         recovered */
	} observe;
	struct {
		double limit_seconds; /* 120: for redundancy to be back */
	} settle;
	struct {
		struct {
			int64_t every_ms;    /* 20 */
			int64_t deadline_ms; /* 2000 */
			int64_t renew_ms;    /* 1000: a fresh session so often */
			struct strings
				via; /* endpoints; empty: all that serve the primary */
		} write;
		struct {
			int64_t every_ms; /* 100 */
			int64_t deadline_ms;
			int64_t renew_ms;
			struct strings via; /* empty: all that serve replicas */
		} read;
		struct {
			int64_t every_ms; /* 200 */
		} member;
		struct {
			int64_t every_ms; /* 1000 */
		} manager;
	} probe;
	double recovered_for_seconds; /* 1 */
	double timely_seconds;        /* 1 */
};

struct scenario *scenario_read(const char *path, struct err *err);
struct scenario *scenario_from_doc(struct json_doc *doc,
                                   struct err *err); /* takes the doc */
void scenario_free(struct scenario *scenario);

/* As played: every default filled in, for the ledger. Caller frees. */
char *scenario_effective_json(const struct scenario *scenario);

/*
 * Does it fit this cluster?  Endpoints that it names exist, the manager can do the verb,
 * the target can be meant there.  No network.
 */
bool scenario_fits(const struct scenario *scenario, const struct inventory *inv,
                   struct err *err) MUSTCHECK;

extern const struct param scenario_params[];

#endif
