/*
 * A cluster that does what a script says, on the virtual clock: accepts, refuses or
 * hangs, per phase, for connects and for statements.  Behind the probes' seam
 * (probe/session.h), so that a minute of outage is tested in milliseconds.
 */
#ifndef TESTS_UNIT_TEST_PROBE_FAKE_H
#define TESTS_UNIT_TEST_PROBE_FAKE_H

#include "base/str.h"
#include "probe/probe.h"
#include "probe/session.h"
#include "tap.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

enum fake_way {
	FAKE_WORKS,
	FAKE_REFUSES, /* with the phase's error; a session stays */
	FAKE_HANGS,   /* for ever */
	FAKE_FREEZES, /* until the phase ends, and then works */
};

struct fake_phase {
	nsec_t until;
	enum fake_way connect, statement;
	bool kills;            /* at its beginning all sessions are lost */
	bool swallows;         /* rows: a rule takes them, the tag says none */
	nsec_t latency;        /* of a statement; 0: 2 ms */
	nsec_t connect_takes;  /* 0: 5 ms */
	const char *sqlstate;  /* of refusals */
	const char *sync;      /* synchronous_commit as answered; NULL: "on" */
	const char *notice;    /* 01000 with each answer */
	const char *server;    /* NULL: "10.0.0.11" */
	const char *lost_with; /* SQLSTATE of a killed session; NULL: socket error */
};

#define FAKE_MOST_ROWS 100000
#define FAKE_MOST_SENT 100

struct fake_cluster {
	struct source source;
	struct virtual_clock clock;
	struct loop *loop;
	struct ledger *ledger;
	char path[64];
	const struct fake_phase *phases;
	size_t phase;
	struct fake_conn *conns;
	bool present[FAKE_MOST_ROWS]; /* rows, by seq */
	int64_t newest;
	size_t connects, statements, open, most_open;
	/* member questions are answered by this row, 15 columns */
	const char *row[3][15];
	int rows;
};

struct fake_conn {
	struct fake_conn *next;
	enum pg_state state;
	nsec_t due; /* when what it waits for comes */
	nsec_t deadline;
	bool greeted, sent, dead, has_error, inserts, asks_member;
	struct pg_error error, note;
	bool has_note;
	char text[4][40], tag[40];
	int64_t rows[FAKE_MOST_SENT]; /* seqs of its INSERT */
	int row_count;
	void (*changed)(struct pg_conn *, void *);
	void *arg;
};

static struct fake_cluster *fake;

static inline struct fake_conn *fake_of(const struct pg_conn *conn)
{
	return (struct fake_conn *)conn;
}

static inline const struct fake_phase *fake_now(void)
{
	return &fake->phases[fake->phase];
}

static inline void fake_fail(struct fake_conn *c, const char *sqlstate,
                             const char *message)
{
	c->has_error = true;
	c->error = (struct pg_error){ 0 };
	snprintf(c->error.sqlstate, sizeof c->error.sqlstate, "%s", sqlstate);
	snprintf(c->error.severity, sizeof c->error.severity, "%s",
	         *sqlstate ? "FATAL" : "");
	snprintf(c->error.message, sizeof c->error.message, "%s", message);
	c->state = PG_FAILED;
}

static inline nsec_t fake_due(enum fake_way way, nsec_t latency)
{
	nsec_t now = fake->clock.now;

	if (way == FAKE_HANGS)
		return NSEC_NEVER;
	return (way == FAKE_FREEZES ? fake_now()->until : now) + latency;
}

static inline struct pg_conn *fake_connect(struct loop *loop,
                                           const struct pg_target *target,
                                           nsec_t deadline,
                                           void (*changed)(struct pg_conn *, void *),
                                           void *arg)
{
	struct fake_conn *c = XNEW(struct fake_conn);

	(void)loop;
	(void)target;
	c->next = fake->conns;
	fake->conns = c;
	c->state = PG_CONNECTING;
	c->deadline = deadline;
	c->due = fake_due(fake_now()->connect, fake_now()->connect_takes
	                                               ? fake_now()->connect_takes
	                                               : 5 * NSEC_PER_MSEC);
	c->changed = changed;
	c->arg = arg;
	fake->connects++;
	if (++fake->open > fake->most_open)
		fake->most_open = fake->open;
	return (struct pg_conn *)c;
}

static inline void fake_close(struct pg_conn *conn)
{
	struct fake_conn **at = &fake->conns;

	if (!conn)
		return;
	while (*at != fake_of(conn))
		at = &(*at)->next;
	*at = fake_of(conn)->next;
	fake->open--;
	free(conn);
}

static inline enum pg_state fake_state(const struct pg_conn *conn)
{
	return fake_of(conn)->state;
}

static inline const struct pg_error *fake_error(const struct pg_conn *conn)
{
	return fake_of(conn)->has_error ? &fake_of(conn)->error : NULL;
}

static inline bool fake_never_established(const struct pg_conn *conn)
{
	return !fake_of(conn)->greeted;
}

static inline const char *fake_address(const struct pg_conn *conn)
{
	(void)conn;
	return "10.0.0.21:5000";
}

static inline int fake_pid(const struct pg_conn *conn)
{
	(void)conn;
	return 4711;
}

/* The rows that an INSERT carries: each is ('r1', PROBE, SEQ, '…'). */
static inline void fake_parse(struct fake_conn *c, const char *sql)
{
	const char *row = sql;

	c->inserts = str_starts(sql, "INSERT");
	c->asks_member = strstr(sql, "pg_stat_replication") != NULL;
	c->row_count = 0;
	while (c->inserts && (row = strstr(row, "'r1', ")) &&
	       c->row_count < FAKE_MOST_SENT) {
		int probe;

		row += strlen("'r1', ");
		if (sscanf(row, "%d, %" SCNd64, &probe, &c->rows[c->row_count]) == 2)
			c->row_count++;
	}
}

static inline bool fake_send(struct pg_conn *conn, const char *sql)
{
	struct fake_conn *c = fake_of(conn);
	const struct fake_phase *phase = fake_now();
	nsec_t latency = phase->latency ? phase->latency : 2 * NSEC_PER_MSEC;

	c->sent = false;
	if (c->dead) {
		fake_fail(c, "", "server closed the connection unexpectedly");
		return false;
	}
	c->sent = true;
	c->has_error = c->has_note = false;
	fake_parse(c, sql);
	c->state = PG_BUSY;
	c->due = fake_due(phase->statement, latency);
	fake->statements++;
	return true;
}

static inline bool fake_sent(const struct pg_conn *conn)
{
	return fake_of(conn)->sent;
}

static inline int fake_rows(const struct pg_conn *conn)
{
	return fake_of(conn)->asks_member ? fake->rows : 1;
}

static inline const char *fake_value(const struct pg_conn *conn, int row, int column)
{
	if (fake_of(conn)->asks_member)
		return fake->row[row][column];
	return fake_of(conn)->text[column];
}

static inline const char *fake_tag(const struct pg_conn *conn)
{
	return fake_of(conn)->tag;
}

static inline size_t fake_notice_count(const struct pg_conn *conn)
{
	return fake_of(conn)->has_note ? 1 : 0;
}

static inline const struct pg_error *fake_notice(const struct pg_conn *conn, size_t i)
{
	(void)i;
	return &fake_of(conn)->note;
}

static const struct session_ops fake_ops = {
	fake_connect, fake_close,   fake_state, fake_error,        fake_never_established,
	fake_address, fake_address, fake_pid,   fake_send,         fake_sent,
	fake_rows,    fake_value,   fake_tag,   fake_notice_count, fake_notice,
};

/* ---- Time goes on ----------------------------------------------------------------- */

static inline void fake_answer_write(struct fake_conn *c)
{
	const struct fake_phase *phase = fake_now();

	for (int i = 0; i < c->row_count && !phase->swallows; i++) {
		fake->present[c->rows[i]] = true;
		if (c->rows[i] > fake->newest)
			fake->newest = c->rows[i];
	}
	snprintf(c->tag, sizeof c->tag, "INSERT 0 %d",
	         phase->swallows ? 0 : c->row_count);
	snprintf(c->text[0], sizeof c->text[0], "%s",
	         phase->server ? phase->server : "10.0.0.11");
	snprintf(c->text[1], sizeof c->text[1], "5432");
	snprintf(c->text[2], sizeof c->text[2], "%s", phase->sync ? phase->sync : "on");
}

static inline void fake_answer_read(struct fake_conn *c)
{
	snprintf(c->text[0], sizeof c->text[0], "%" PRId64, fake->newest);
	snprintf(c->text[1], sizeof c->text[1], "10.0.0.12");
	snprintf(c->text[2], sizeof c->text[2], "5432");
	snprintf(c->text[3], sizeof c->text[3], "t");
}

static inline void fake_answer(struct fake_conn *c)
{
	const struct fake_phase *phase = fake_now();

	c->state = PG_READY;
	if (phase->statement == FAKE_REFUSES) {
		fake_fail(c, phase->sqlstate, "refused by the script");
		snprintf(c->error.severity, sizeof c->error.severity, "ERROR");
		c->state = PG_READY;
		return;
	}
	if (phase->notice) {
		c->has_note = true;
		snprintf(c->note.sqlstate, sizeof c->note.sqlstate, "01000");
		snprintf(c->note.message, sizeof c->note.message, "%s", phase->notice);
	}
	if (c->inserts)
		fake_answer_write(c);
	else
		fake_answer_read(c);
}

static inline void fake_happen(struct fake_conn *c)
{
	const struct fake_phase *phase = fake_now();
	nsec_t now = fake->clock.now;

	if (c->state == PG_CONNECTING && c->due <= now) {
		c->greeted = true;
		c->state = PG_READY;
		if (phase->connect == FAKE_REFUSES)
			fake_fail(c, phase->sqlstate ? phase->sqlstate : "",
			          "connection refused");
	} else if (c->state == PG_CONNECTING && c->deadline <= now) {
		fake_fail(c, "", "no answer in time");
	} else if (c->state == PG_BUSY && c->due <= now) {
		fake_answer(c);
	} else {
		return;
	}
	c->due = NSEC_NEVER;
	c->changed((struct pg_conn *)c, c->arg);
}

static inline void fake_kill_all(void)
{
	const struct fake_phase *phase = fake_now();

	for (struct fake_conn *c = fake->conns; c; c = c->next) {
		if (c->state != PG_READY && c->state != PG_BUSY)
			continue;
		fake_fail(c, phase->lost_with ? phase->lost_with : "",
		          "server closed the connection unexpectedly");
		c->changed((struct pg_conn *)c, c->arg);
	}
}

static inline nsec_t fake_prepare(struct source *source, struct loop *loop)
{
	nsec_t due = fake_now()->until;

	(void)source;
	(void)loop;
	for (struct fake_conn *c = fake->conns; c; c = c->next) {
		if (c->due < due)
			due = c->due;
		if (c->state == PG_CONNECTING && c->deadline < due)
			due = c->deadline;
	}
	return due;
}

static inline void fake_wake(struct source *source, struct loop *loop)
{
	(void)source;
	(void)loop;
	while (fake->clock.now >= fake_now()->until) {
		fake->phase++;
		if (fake_now()->kills)
			fake_kill_all();
	}
	for (struct fake_conn *c = fake->conns, *next; c; c = next) {
		next = c->next;
		fake_happen(c);
	}
}

/* ---- For tests --------------------------------------------------------------------- */

static inline struct probe_env fake_start(const struct fake_phase *phases)
{
	struct err err;
	int fd;

	fake = XNEW(struct fake_cluster);
	virtual_clock_init(&fake->clock, 1700000000 * NSEC_PER_SEC);
	fake->clock.now = NSEC_PER_SEC; /* 0 means "never" in statuses */
	fake->loop = loop_new(&fake->clock.clock);
	fake->phases = phases;
	fake->source = (struct source){ .name = "fake",
		                        .prepare = fake_prepare,
		                        .wake = fake_wake };
	loop_add(fake->loop, &fake->source);
	snprintf(fake->path, sizeof fake->path, "/tmp/test_probe.XXXXXX");
	fd = mkstemp(fake->path);
	close(fd);
	unlink(fake->path);
	fake->ledger = ledger_create(fake->path, &fake->clock.clock, 0, &err);
	return (struct probe_env){ .loop = fake->loop,
		                   .ledger = fake->ledger,
		                   .run = "r1",
		                   .schema = "pgmonkey",
		                   .timely = NSEC_PER_SEC,
		                   .recovered_for = NSEC_PER_SEC,
		                   .sessions = &fake_ops };
}

static inline bool fake_never(void *arg)
{
	(void)arg;
	return false;
}

static inline void fake_run_until(nsec_t until)
{
	loop_wait(fake->loop, fake_never, NULL, until);
}

/* Ends the run and gives back its ledger's lines as an array. */
static inline cJSON *fake_end(void)
{
	cJSON *lines = cJSON_CreateArray();
	char *line = NULL;
	size_t cap = 0;
	FILE *f;

	ledger_close(fake->ledger);
	f = fopen(fake->path, "r");
	while (f && getline(&line, &cap, f) > 0)
		cJSON_AddItemToArray(lines, cJSON_Parse(line));
	if (f)
		fclose(f);
	free(line);
	unlink(fake->path);
	loop_free(fake->loop);
	free(fake);
	fake = NULL;
	return lines;
}

static inline const char *line_text(const cJSON *line, const char *key)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(line, key);

	return cJSON_IsString(item) ? item->valuestring : NULL;
}

static inline int64_t line_int(const cJSON *line, const char *key)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(line, key);

	return cJSON_IsNumber(item) ? (int64_t)item->valuedouble : -1;
}

static inline bool line_has(const cJSON *line, const char *key, const char *value)
{
	return str_eq(line_text(line, key), value);
}

/* How many lines have this event, and key = value unless key is NULL. */
static inline int count_lines(const cJSON *lines, const char *event, const char *key,
                              const char *value)
{
	const cJSON *line;
	int n = 0;

	cJSON_ArrayForEach (line, lines)
		if (line_has(line, "event", event) &&
		    (!key || line_has(line, key, value)))
			n++;
	return n;
}

#endif
