/*
 * What a ledger says, in a form that can be judged: built line by line (lines.c), put in
 * order (model.c), then read by the checks, which write into the verdict.  Only
 * src/verdict/ knows this.
 *
 * An attempt takes 32 bytes, and no check is slower than O(n log n).
 */
#ifndef VERDICT_MODEL_H
#define VERDICT_MODEL_H

#include "ledger/outcome.h"
#include "ledger/reader.h"
#include "verdict/intern.h"
#include "verdict/ranges.h"
#include "verdict/verdict.h"

#define TIME_NEVER INT64_MAX

#define ATTEMPT_CONNECT 1 /* opening a session: no key, and its success is no ack */
#define ATTEMPT_LATE    2 /* the agent was late: nobody's outage */

struct attempt {
	int64_t scheduled_us, answered_us;
	int64_t seq; /* -1: none */
	uint32_t line;
	uint16_t error; /* in model->errors */
	uint8_t server; /* in model->servers; 0: not known */
	uint8_t outcome : 4;
	uint8_t flags : 4;
};

/* An answer of a read probe. */
struct reading {
	int64_t sent_us, answered_us;
	int64_t newest; /* largest visible seq; -1: no row was visible */
	uint32_t line;
};

/* Answers of one member that said the same, without a break. */
struct member_run {
	size_t member; /* in model->members */
	bool primary, read_only, replica;
	int64_t timeline;
	int64_t first_us, last_us; /* when asked */
	size_t line;               /* of the first */
};

struct manager_view {
	int64_t t_us;
	char *leader;    /* NULL: none */
	char *scheduled; /* somebody's action; NULL: none */
	bool paused;
	size_t line;
};

struct connection {
	int64_t began_us;
	int64_t t_us; /* when it was there */
	size_t line;
};

struct lateness {
	int64_t t_us, late_us;
};

struct audit {
	size_t probe; /* index */
	char *member, *why;
	bool surviving, complete;
	struct ranges present;
	size_t line;
};

/* Beside verdict->probes[i]. */
struct model_probe {
	struct attempt
		*attempts; /* in order of their schedule once model_order() has run */
	size_t count, cap;
	struct reading *readings;
	size_t reading_count, reading_cap;
	struct connection *connections;
	size_t connection_count, connection_cap;
	int of; /* read: number of the write probe that it looks at */
};

/* Of a member, at PREFLIGHT and at SETTLE; NULL: not told. */
struct setting {
	char *host, *name, *before, *after;
	size_t line; /* of the last */
};

struct fault_line {
	char *fault;
	bool healed; /* or never injected */
};

struct model {
	struct verdict *v; /* what is being made */

	int64_t recovered_for_us, timely_us;
	double sync_standbys; /* objective; -1: none */
	char *rto_endpoint;   /* named by the scenario; NULL: the worst */
	struct strings host_names, host_addresses; /* of the cluster file, in step */

	/* Moments; TIME_NEVER where the ledger has none. */
	int64_t steady_us;    /* STEADY was entered: judged from here … */
	int64_t fault_us;     /* the fault can't have had an effect before this … */
	int64_t heal_us;      /* HEAL was entered */
	int64_t audit_us;     /* … to here: SETTLE is over */
	int64_t last_us;      /* largest t_us */
	int64_t redundant_us; /* since when redundancy is full */

	struct intern errors, servers, members;
	struct model_probe *probes; /* as verdict->probes */
	size_t probe_cap;
	struct member_run *runs;
	size_t run_count, run_cap;
	struct manager_view *views;
	size_t view_count, view_cap;
	struct lateness *lates;
	size_t late_count, late_cap;
	struct audit *audits;
	size_t audit_count, audit_cap;
	struct setting *settings;
	size_t setting_count, setting_cap;
	struct fault_line *faults;
	size_t fault_count, fault_cap;

	/* Ledger lines to point at; 0: there is none. */
	size_t intent_line, injected_line, confirmed_line, heal_line, redundancy_line;
	size_t abort_line, clock_line, inject_failed_line;
	char *inject_failed;
	size_t *note_lines; /* of notes that make it inconclusive */
	size_t note_count, note_cap;
	struct strings inconclusive_notes;
};

/* ---- model.c ----------------------------------------------------------------------- */

void model_init(struct model *m, struct verdict *v);
void model_order(struct model *m); /* sorts; nothing is added afterwards */
void model_free(struct model *m);

/* The end of what is judged: SETTLE is over, or the ledger. */
int64_t model_end(const struct model *m);

/* How late the agent was at worst between two moments. */
int64_t model_late(const struct model *m, int64_t from_us, int64_t to_us);

/* Index of a probe by its number; SIZE_MAX if no line told of it. */
size_t model_probe(const struct model *m, int number);

bool probe_is_write(const struct probe_summary *p);
bool probe_is_read(const struct probe_summary *p);

void strings_push(struct strings *list, const char *s);
void strings_clear(struct strings *list);

/* ---- lines.c: a line of the ledger ------------------------------------------------- */

/* For ledger_read(); arg is the struct model. */
bool model_line(const struct ledger_line *line, void *arg, struct err *err);

/* An integer of a line; the fallback where it is absent or no number. */
int64_t line_int(const cJSON *json, const char *key, int64_t fallback);

/* attempts.c and views.c: the events that come in great numbers, or have an inner life. */
bool take_probe(struct model *m, const struct ledger_line *line, struct err *err);
bool take_attempt(struct model *m, const struct ledger_line *line, struct err *err);
bool take_connection(struct model *m, const struct ledger_line *line, struct err *err);
bool take_audit(struct model *m, const struct ledger_line *line, struct err *err);
bool take_member(struct model *m, const struct ledger_line *line, struct err *err);
bool take_manager(struct model *m, const struct ledger_line *line, struct err *err);
bool take_run(struct model *m, const struct ledger_line *line, struct err *err);

/* settings.c */
void take_setting(struct model *m, const struct ledger_line *line);
void settings_free(struct model *m);

/* ---- servers.c: who answered? ------------------------------------------------------ */

/* The host of the cluster file that has this server's address; NULL if none has. */
const char *server_host(const struct model *m, size_t server);
const char *server_name(const struct model *m,
                        size_t server); /* host, or "address:port" */
bool server_is_loopback(const struct model *m, size_t server);

/* True if the cluster file tells members apart by number, not by names of the DNS. */
bool inventory_is_numeric(const struct model *m);

/* ---- reasons.c --------------------------------------------------------------------- */

void reason(struct verdict *v, enum judgement judgement, size_t line, const char *fmt,
            ...) PRINTF_LIKE(4, 5);

/* Heaviest first, otherwise in the order in which they were given; the worst is the
 * verdict. */
void reasons_settle(struct verdict *v);

/* ---- the checks -------------------------------------------------------------------- */

void find_outages(struct model *m);     /* outage.c */
void judge_outages(struct model *m);    /* rto.c */
void judge_expected(struct model *m);   /* expected.c: did it do what it should? */
void judge_loss(struct model *m);       /* loss.c */
void judge_divergence(struct model *m); /* divergence.c */
void judge_dual(struct model *m);       /* dual.c */
void find_claims(struct model *m);      /* claims.c */
void find_hands(struct model *m);       /* hands.c: somebody else at work meanwhile */
void judge_staleness(struct model *m);  /* staleness.c */
void judge_course(struct model *m); /* course.c: was the experiment what it should be? */
void judge_settings(struct model *m);  /* settings.c: promises, and who changed them */
void find_boundaries(struct model *m); /* boundaries.c */

/* Is this the probe of an endpoint whose outage counts? */
bool rto_counts(const struct model *m, const struct probe_summary *p);

/* The outage that is the RTO, NULL if there was none. */
const struct outage *rto_outage(const struct verdict *v);

#endif
