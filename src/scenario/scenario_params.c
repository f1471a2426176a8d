/* What may stand in a scenario file. */
#include "scenario/scenario.h"

/* The structs within struct scenario have no names: its own offsets are used for them. */
/* NOLINTNEXTLINE(bugprone-macro-parentheses): members do not stand in them */
#define IN(o, m) (offsetof(struct scenario, o.m) - offsetof(struct scenario, o))

#define NUMBER(o, m, def, lo, hi, d)                                                  \
	{                                                                             \
		.key = #m, .type = PARAM_TYPE_NUMBER, .fallback = (def), .min = (lo), \
		.max = (hi), .offset = IN(o, m), .doc = (d)                           \
	}
#define INTEGER(o, m, def, lo, hi, d)                                                  \
	{                                                                              \
		.key = #m, .type = PARAM_TYPE_INTEGER, .fallback = (def), .min = (lo), \
		.max = (hi), .offset = IN(o, m), .doc = (d)                            \
	}
#define STRING(o, m, d)                                                              \
	{                                                                            \
		.key = #m, .type = PARAM_TYPE_STRING, .offset = IN(o, m), .doc = (d) \
	}
#define STRINGS(o, m, d)                                                              \
	{                                                                             \
		.key = #m, .type = PARAM_TYPE_STRINGS, .offset = IN(o, m), .doc = (d) \
	}
#define SECTION(o, table, d)                                             \
	{                                                                \
		.key = #o, .type = PARAM_TYPE_OBJECT, .fields = (table), \
		.offset = offsetof(struct scenario, o), .doc = (d)       \
	}

static const struct param hypothesis_params[] = {
	NUMBER(hypothesis, rto_seconds, "0", 0.1, 86400,
	       "how long writes may be gone; the cluster's objective by default"),
	INTEGER(hypothesis, rpo_rows, "-1", 0, 1000000000,
	        "how many acknowledged rows may be lost; the cluster's objective by "
	        "default"),
	STRING(hypothesis, endpoint, "whose outage counts; the worst one's by default"),
	PARAM_END,
};

static const struct param steady_state_params[] = {
	NUMBER(steady_state, hold_seconds, "10", 0, 3600,
	       "how long everything must be well before the fault"),
	NUMBER(steady_state, limit_seconds, "60", 1, 86400,
	       "how long to wait for that; then the run is refused"),
	INTEGER(steady_state, sync_standbys, "-1", 0, 15,
	        "synchronous standbys that must stream; the cluster's objective by "
	        "default"),
	PARAM_END,
};

static const struct param blast_radius_params[] = {
	INTEGER(blast_radius, hosts, "1", 1, 100, "how many hosts may be hit at most"),
	STRINGS(blast_radius, never,
	        "what is never hit: hosts by name, services (\"etcd\": hosts that run "
	        "it), roles, "
	        "or \"dcs\": hosts that are there only for the DCS"),
	{ .key = "keep_quorum",
	  .type = PARAM_TYPE_BOOL,
	  .fallback = "true",
	  .offset = IN(blast_radius, keep_quorum),
	  .doc = "a majority of etcd and a healthy standby must stay" },
	PARAM_END,
};

static const struct param abort_if_params[] = {
	NUMBER(abort_if, no_primary_seconds, "180", 0, 86400,
	       "heal at once when no member was primary for so long; 0: never"),
	PARAM_END,
};

static const struct param observe_params[] = {
	NUMBER(observe, limit_seconds, "120", 1, 86400,
	       "longest time to wait for recovery"),
	NUMBER(observe, after_seconds, "5", 0, 86400,
	       "how long to go on watching once it has recovered"),
	PARAM_END,
};

static const struct param settle_params[] = {
	NUMBER(settle, limit_seconds, "120", 1, 86400,
	       "longest time to wait for full redundancy"),
	PARAM_END,
};

static const struct param write_params[] = {
	INTEGER(probe.write, every_ms, "20", 1, 60000, "one row is due so often"),
	INTEGER(probe.write, deadline_ms, "2000", 10, 600000,
	        "an attempt without an answer by then is in doubt"),
	INTEGER(probe.write, renew_ms, "1000", 50, 3600000,
	        "a fresh session replaces the kept one so often"),
	STRINGS(probe.write, via, "endpoints; all that serve the primary by default"),
	PARAM_END,
};

static const struct param read_params[] = {
	INTEGER(probe.read, every_ms, "100", 1, 60000, "one question is due so often"),
	INTEGER(probe.read, deadline_ms, "2000", 10, 600000,
	        "an attempt without an answer by then has failed"),
	INTEGER(probe.read, renew_ms, "1000", 50, 3600000,
	        "a fresh session replaces the kept one so often"),
	STRINGS(probe.read, via, "endpoints; all that serve replicas by default"),
	PARAM_END,
};

static const struct param member_params[] = {
	INTEGER(probe.member, every_ms, "200", 20, 60000,
	        "each member is asked so often"),
	PARAM_END,
};

static const struct param manager_params[] = {
	INTEGER(probe.manager, every_ms, "1000", 100, 60000,
	        "the manager is asked so often"),
	PARAM_END,
};

#define PROBE(m, table, d)                                               \
	{                                                                \
		.key = #m, .type = PARAM_TYPE_OBJECT, .fields = (table), \
		.offset = IN(probe, m), .doc = (d)                       \
	}

static const struct param probe_params[] = {
	PROBE(write, write_params, "inserts keyed rows"),
	PROBE(read, read_params, "asks for the newest row"),
	PROBE(member, member_params, "asks every member for its role"),
	PROBE(manager, manager_params, "asks the HA manager for its view"),
	PARAM_END,
};

static const char *const expectations[] = { "recovers", "blocked", "no_failover", NULL };

const struct param scenario_params[] = {
	PARAM_STRING(struct scenario, experiment, REQUIRED, NULL,
	             "its name, a short phrase"),
	PARAM_STRING(struct scenario, why, OPTIONAL, NULL,
	             "what it is good for, for the report"),
	PARAM_CHOICE(struct scenario, expect, OPTIONAL, "\"recovers\"", expectations,
	             "what the cluster should do. blocked: refuse writes until the heal, "
	             "rather than promote; no_failover: a known limit, no other member "
	             "takes over until the heal. A change of that is a finding, and the "
	             "RTO is not judged"),
	PARAM_STRING(struct scenario, because, OPTIONAL, NULL,
	             "with expect: why blocked or no_failover is what should happen"),
	SECTION(hypothesis, hypothesis_params, "what must hold"),
	SECTION(steady_state, steady_state_params, "what must hold before the fault"),
	PARAM_CUSTOM("fault", REQUIRED,
	             "one fault by its name, see below: { NAME: { … } }"),
	SECTION(blast_radius, blast_radius_params, "what may be hit"),
	SECTION(abort_if, abort_if_params, "when to stop early, and heal"),
	SECTION(observe, observe_params, "the time after the fault"),
	SECTION(settle, settle_params, "the time after the heal"),
	SECTION(probe, probe_params, "what plays the application"),
	PARAM_NUMBER(struct scenario, recovered_for_seconds, OPTIONAL, "1", 0.1, 3600,
	             "acks must go on for so long before an outage counts as over"),
	PARAM_NUMBER(
		struct scenario, timely_seconds, OPTIONAL, "1", 0.05, 600,
		"an ack later than this after its schedule is a stall, not a recovery"),
	PARAM_END,
};
