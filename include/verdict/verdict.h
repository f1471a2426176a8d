/*
 * The judge: a pure function of the ledger.  docs/judging.md is the contract.
 *
 *	struct verdict *v = verdict_of_file(path, &err);
 *
 * Times are microseconds of the run (t_us), so that the sums are exact.
 */
#ifndef VERDICT_VERDICT_H
#define VERDICT_VERDICT_H

#include "base/err.h"
#include "base/params.h"

#include <stdbool.h>
#include <stdint.h>

enum judgement { JUDGED_PASS, JUDGED_INCONCLUSIVE, JUDGED_FAIL }; /* in order of weight */
const char *judgement_name(enum judgement j);                     /* "pass", … */

/* A figure with its error bar: the truth lies in value - minus … value + plus. */
struct figure {
	int64_t us;
	int64_t minus_us;
	int64_t plus_us;
};

struct reason {
	enum judgement judgement; /* what this reason alone would make of it */
	char *text;               /* a sentence with figures */
	size_t line;              /* the ledger line on which it rests, 0 if on many */
};

struct outage {
	const char *endpoint; /* the probe's; owned by verdict->probes */
	bool reads;           /* of a read endpoint: reported; judged only if asked for */
	int64_t start_us;     /* scheduled time of the first attempt not acked */
	struct figure length;
	bool recovered; /* false: not over when the observation ended */
	bool acking;    /* not recovered, but acks had begun and did not last yet */
	bool foreign;   /* no fault of ours behind it */
	unsigned flaps; /* acks within it that did not hold for recovered_for */
	size_t not_acked;
	char *first_error;
	size_t line;
};

struct probe_summary {
	int number;
	bool acked_before_fault; /* false: it proves nothing about the fault */
	bool rto_recovered;
	char *kind; /* "write", "read", "member", "manager" */
	char *endpoint;
	int64_t every_us;
	int64_t max_staleness_us;
	size_t attempts, acked, weak, refused, in_doubt, not_sent;
	struct figure rto; /* the longest outage of ours; 0 when there was none */
	struct figure worst_staleness; /* read: oldest acked row that was not visible */
	int64_t stale_us;              /* how long it was over max_staleness_us */
};

struct loss {
	bool known; /* false: the audit could not be done; then nothing below is a promise */
	size_t acked, lost, in_doubt, in_doubt_present, weak, weak_present, refused,
		resurrected;
	size_t not_sent_present; /* there, though the agent never sent them: it is wrong */
	size_t diverged;         /* keys that members disagree on after settling */
	struct strings lost_keys; /* "primary_endpoint/1234", at most 1000 named */
	int64_t first_lost_us, last_lost_us;
	char *why_unknown;
};

struct phase_time {
	char *phase;
	int64_t start_us, end_us;
};

struct fault_summary {
	char *name, *target, *host, *command, *evidence, *why_unconfirmed;
	bool injected, confirmed, healed, not_healed;
	int64_t injected_us, confirmed_us; /* -1: not */
	char *heal_evidence, *heal_hint;
	char *lacking; /* healed, but something that ran before does not any more */
};

/* Where the time went: a boundary and the observation that it rests on. */
struct boundary {
	const char *name; /* "detection", "promotion", "rerouting", "reconnection",
	                     "redundancy" */
	int64_t at_us;    /* -1: unknown */
	char *observed;   /* "manager named db2 leader", or why it is unknown */
};

struct version {
	char *about, *value; /* "PostgreSQL db1", "15.20" */
};

/* What the scenario says that the cluster should do until the heal. */
enum expectation { EXPECT_RECOVERS, EXPECT_BLOCKED, EXPECT_NO_FAILOVER };
const char *expectation_name(enum expectation e); /* "recovers", … */

struct verdict {
	enum judgement judgement;
	enum expectation expect;
	struct reason *reasons; /* heaviest first; those of a pass too */
	size_t reason_count, reason_cap;

	char *run, *cluster, *environment, *experiment, *why, *started, *seed, *pgmonkey;
	char *agent_host;
	char *gameday;
	int gameday_index, gameday_of;
	char *because;                /* why not EXPECT_RECOVERS */
	double rto_objective_seconds; /* -1: none */
	int64_t rpo_objective_rows;   /* -1: none */
	int64_t wall_base_ns;         /* wall clock at t_us = 0 */

	struct fault_summary fault;
	struct outage *outages;
	size_t outage_count, outage_cap;
	bool rto_known;
	struct figure rto; /* of the endpoint that counts; 0 when there was no outage */
	const char *rto_endpoint;
	bool rto_recovered;
	struct loss loss;
	int64_t dual_primary_us;  /* two members acked writes in overlapping intervals */
	size_t dual_primary_acks; /* acks by the lesser of both meanwhile */
	int64_t dual_claim_us;    /* two members claimed to be primary */
	int64_t redundancy_us; /* fault → redundancy restored; -1: not, or not known */
	bool redundancy_restored;
	char *redundancy_why;
	struct boundary *boundaries;
	size_t boundary_count;
	struct phase_time *phases;
	size_t phase_count, phase_cap;
	struct probe_summary *probes;
	size_t probe_count, probe_cap;
	struct version *versions;
	size_t version_count, version_cap;
	struct strings notes;
	int64_t worst_late_us;
	int64_t clock_step_us;
	bool aborted, torn, finished;
	char *abort_why;
};

/* "8.02 s (-0.02 +0.03)" */
#define FIGURE_SIZE 80
char *figure_format(char out[FIGURE_SIZE], struct figure f);

/* "1,234,567" */
#define COUNT_SIZE 32
char *count_format(char out[COUNT_SIZE], uint64_t n);

/* NULL + err where the ledger cannot be read ("FILE:LINE: …"). */
struct verdict *verdict_of_file(const char *path, struct err *err);
void verdict_free(struct verdict *v);

/*
 * What the program exits with after this run: 5 where no fault was armed, then 4 where
 * one is still open, 3 where it was aborted, and else what the judgement says.
 */
enum exit_code verdict_exit_code(const struct verdict *v);

#endif
