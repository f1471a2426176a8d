/*
 * Planted outages in real time: random start, length and kind, seeded; what the judge
 * measured against what the liar's log says.  At least 99 % within two probe intervals
 * (and the agent's own lateness, where the machine is busy), and no truth outside its
 *error bar.
 *
 *	test_outages [COUNT [SEED]]     60 by default
 *
 * One more probe goes through a liar that never lies.  Where even that one waits, the
 * machine itself stands still, and the log does not tell when a server could have
 * answered: such outages are set aside, counted, and must be few.
 */
#include "stage.h"

#include "base/json.h"
#include "base/rng.h"
#include "ledger/reader.h"
#include "tap.h"

#include <inttypes.h>
#include <stdlib.h>

#define PROBES    6
#define MOST_EACH 400
#define EVERY_US  20000
/* Acks for recovered_for, and a flap or two of a machine that is busy. */
#define PAUSE_LEAST 1.7
#define PAUSE_MOST  2.4

struct planted {
	struct lapse lapse;
	int64_t from_us, true_us;
	const struct outage *measured; /* NULL: none seen */
	struct figure figure;
};

static struct server primary;
static struct liar_process liars[PROBES + 1]; /* the last one is honest */
static struct trial trial;
static struct rng rng;
static struct planted planted[PROBES * MOST_EACH];
static size_t planted_count;
static size_t false_alarms;

/* ---- Planting -------------------------------------------------------------------------
 */

/* Mostly short ones: even over the logarithm, from 20 ms to 3 s. */
static double draw_length(void)
{
	double low = 0.02;
	double x = low;

	for (uint64_t steps = rng_below(&rng, 1000); steps > 0; steps--)
		x *= 1.0050232; /* 150 ^ (1 / 1000) */
	return x;
}

static const char *draw_manner(double *length)
{
	static const char *const manners[] = {
		"down",
		"down",
		"refuse ERROR 25006 cannot execute INSERT in a read-only transaction",
		"login FATAL 57P03 the database system is starting up",
		"lose reset",
		"silent",
	};
	const char *manner = manners[rng_below(&rng, sizeof manners / sizeof *manners)];

	/* Answers that come within timely_seconds (1 s) are no outage. */
	if (strcmp(manner, "silent") == 0)
		*length += 1.2;
	return manner;
}

static nsec_t plant(struct liar_process *l, nsec_t start, int count)
{
	nsec_t at = start;

	for (int i = 0; i < count; i++) {
		double length = draw_length();
		const char *manner = draw_manner(&length);

		at += seconds_to_nsec(rng_between(&rng, PAUSE_LEAST, PAUSE_MOST));
		liar_plan(l, at, "%s", manner);
		at += seconds_to_nsec(length);
		liar_plan(l, at, "honest");
	}
	return at;
}

/* ---- A machine that stands still
 * --------------------------------------------------------
 */

#define STILL_US   25000 /* an ack or a session takes two milliseconds */
#define MOST_STILL 100000

static int64_t still[MOST_STILL][2]; /* from … to */
static size_t still_count;

static bool note_still(const struct ledger_line *line, void *arg, struct err *err)
{
	const cJSON *probe = json_get(line->json, "probe");
	bool session = strcmp(line->event, "connection") == 0;
	const cJSON *from = json_get(line->json, session ? "began_us" : "scheduled_us");
	const cJSON *to = json_get(line->json, "answered_us");

	(void)arg;
	(void)err;
	if (probe && from && probe->valueint == PROBES + 1) {
		int64_t end = to ? (int64_t)to->valuedouble : line->t_us;

		if (end - (int64_t)from->valuedouble > STILL_US &&
		    still_count < MOST_STILL) {
			still[still_count][0] = (int64_t)from->valuedouble;
			still[still_count++][1] = end;
		}
	}
	return true;
}

static bool stood_still(const struct planted *p)
{
	int64_t to = p->from_us + p->true_us;

	if (p->measured && p->measured->start_us + p->measured->length.us > to)
		to = p->measured->start_us + p->measured->length.us;
	for (size_t i = 0; i < still_count; i++)
		if (still[i][0] <= to + STILL_US && still[i][1] >= p->from_us - STILL_US)
			return true;
	return false;
}

/* ---- Comparing ------------------------------------------------------------------------
 */

static bool overlaps(const struct outage *o, const struct planted *p)
{
	return o->start_us <= p->from_us + p->true_us + EVERY_US &&
	       o->start_us + o->length.us >= p->from_us - EVERY_US;
}

static void match(struct planted *p, const struct verdict *v, const char *endpoint)
{
	int64_t late = v->worst_late_us;

	/* Without an outage one may still have hidden between two attempts. */
	p->figure = (struct figure){ 0, 0, EVERY_US + late };
	for (size_t i = 0; i < v->outage_count; i++) {
		const struct outage *o = &v->outages[i];

		if (strcmp(o->endpoint, endpoint) != 0 || !overlaps(o, p))
			continue;
		p->measured = o;
		p->figure = o->length;
	}
}

static void take_truth(const struct verdict *v, size_t probe)
{
	static struct lapse lapses[MOST_EACH];
	size_t n = read_lapses(&liars[probe], lapses, MOST_EACH);
	size_t seen = 0;
	size_t measured = 0;

	for (size_t i = 0; i < n; i++) {
		struct planted *p = &planted[planted_count++];

		*p = (struct planted){ .lapse = lapses[i] };
		p->from_us = trial_us(&trial, lapses[i].from);
		p->true_us = (lapses[i].to - lapses[i].from) / NSEC_PER_USEC;
		match(p, v, v->probes[probe].endpoint);
		measured += p->measured != NULL;
	}
	for (size_t i = 0; i < v->outage_count; i++)
		seen += strcmp(v->outages[i].endpoint, v->probes[probe].endpoint) == 0;
	if (seen > measured)
		false_alarms += seen - measured;
}

static int64_t error_of(const struct planted *p)
{
	return p->figure.us - p->true_us;
}

/* The agent's own lateness, as the verdict tells it. */
static int64_t lateness_of(const struct planted *p)
{
	return p->figure.plus_us - EVERY_US;
}

static bool is_within(const struct planted *p)
{
	return p->true_us >= p->figure.us - p->figure.minus_us &&
	       p->true_us <= p->figure.us + p->figure.plus_us;
}

static void show(const struct planted *p, const char *what)
{
	printf("# %s: %s at %.6f s: true %.4f s, measured %.4f s (-%.4f +%.4f)%s%s\n",
	       what, p->lapse.what, (double)p->from_us / 1e6, (double)p->true_us / 1e6,
	       (double)p->figure.us / 1e6, (double)p->figure.minus_us / 1e6,
	       (double)p->figure.plus_us / 1e6, p->measured ? " " : ", not seen",
	       p->measured ? p->measured->first_error : "");
}

/* ---- The distribution -----------------------------------------------------------------
 */

static int by_size(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a;
	int64_t y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static void show_quantiles(const char *what, int64_t *values, size_t n)
{
	static const double at[] = { 0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1 };

	qsort(values, n, sizeof values[0], by_size);
	printf("# %-28s", what);
	for (size_t i = 0; i < sizeof at / sizeof at[0]; i++)
		printf(" %8.2f", (double)values[(size_t)(at[i] * (double)(n - 1))] / 1e3);
	putchar('\n');
}

static void show_distribution(void)
{
	static const char *const kinds[] = { "down", "refuse", "login",
		                             "lose", "silent", "" };
	static int64_t values[PROBES * MOST_EACH];
	char what[64];
	size_t n;

	printf("# ms                                min       1%%       5%%      25%%"
	       "      50%%      75%%      95%%      99%%      max\n");
	for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++) {
		n = 0;
		for (size_t i = 0; i < planted_count; i++)
			if (strncmp(planted[i].lapse.what, kinds[k], strlen(kinds[k])) ==
			    0)
				values[n++] = error_of(&planted[i]);
		if (!n)
			continue;
		snprintf(what, sizeof what, "error, %s (%zu)",
		         *kinds[k] ? kinds[k] : "all", n);
		show_quantiles(what, values, n);
	}
	for (n = 0; n < planted_count; n++)
		values[n] = planted[n].true_us;
	show_quantiles("true length", values, n);
	for (n = 0; n < planted_count; n++)
		values[n] = planted[n].figure.minus_us + planted[n].figure.plus_us;
	show_quantiles("width of the error bar", values, n);
}

static size_t most(size_t a, size_t b)
{
	return a > b ? a : b;
}

/* Keeps those that can be compared. */
static size_t set_aside(void)
{
	size_t all = planted_count;

	planted_count = 0;
	for (size_t i = 0; i < all; i++)
		if (!stood_still(&planted[i]))
			planted[planted_count++] = planted[i];
	return all - planted_count;
}

static void judge(const struct verdict *v, size_t wanted)
{
	size_t aside = set_aside();
	size_t close_by = 0;
	size_t within = 0;
	size_t seen = 0;
	char text[160];

	for (size_t i = 0; i < planted_count; i++) {
		const struct planted *p = &planted[i];
		bool near = llabs(error_of(p)) <= 2 * EVERY_US + lateness_of(p);

		close_by += near;
		within += is_within(p);
		seen += p->measured != NULL;
		if (!is_within(p))
			show(p, "OUTSIDE THE BAR");
		else if (!near)
			show(p, "far");
	}
	show_distribution();
	printf("# the agent was late by %.1f ms at worst\n",
	       (double)v->worst_late_us / 1e3);
	is_int((int64_t)(planted_count + aside), (int64_t)wanted, "all were planted");
	snprintf(text, sizeof text, "%zu set aside, since the machine stood still",
	         aside);
	ok(aside * 2 < wanted, text);
	snprintf(text, sizeof text, "%zu of %zu were seen", seen, planted_count);
	ok(seen * 100 >= planted_count * 90, text);
	snprintf(text, sizeof text,
	         "%zu of %zu within two probe intervals and the agent's "
	         "lateness",
	         close_by, planted_count);
	/* Of few, on a machine that is busy, one says nothing about a hundredth. */
	ok(close_by + most(3, planted_count / 100) >= planted_count, text);
	snprintf(text, sizeof text, "%zu of %zu error bars contain the truth", within,
	         planted_count);
	ok(within == planted_count, text);
	is_int((int64_t)false_alarms, 0, "no outage where none was planted");
	is_int((int64_t)v->loss.lost, 0, "no row is lost");
	is_int((int64_t)v->loss.resurrected, 0, "none came back");
}

/* ---- Course ---------------------------------------------------------------------------
 */

static nsec_t open_all(size_t count, uint64_t seed)
{
	static const char *const names[] = {
		"p1", "p2", "p3", "p4", "p5", "p6", "control"
	};
	nsec_t end = 0;
	nsec_t start;

	trial_open(&trial, "outages", NULL, 1);
	for (size_t i = 0; i <= PROBES; i++) {
		liar_start(&liars[i], names[i], &primary, NULL);
		trial_write(&trial, names[i], &liars[i], NULL);
	}
	trial_wait_acked(&trial);
	wait_seconds(1.2);
	trial_inject(&trial);
	rng_seed(&rng, seed);
	start = loop_now(loop);
	for (size_t i = 0; i < PROBES; i++) {
		size_t share = count / PROBES + (i < count % PROBES);
		nsec_t last = plant(&liars[i], start, (int)share);

		end = last > end ? last : end;
	}
	return end;
}

int main(int argc, char **argv)
{
	size_t count = argc > 1 ? strtoul(argv[1], NULL, 10) : 60;
	uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : rng_fresh_seed();
	struct ledger_end ledger_end;
	struct pg_conn *conn;
	struct verdict *v;
	struct err err = { 0 };
	nsec_t end;

	stage_open();
	if (!server_start(&primary, "db1", "127.0.0.11")) {
		printf("1..0 # SKIP no PostgreSQL server is installed\n");
		return 0;
	}
	printf("# seed %" PRIu64 "\n", seed);
	conn = open_server(&primary);
	ok(probe_table_prepare(loop, conn, "pgmonkey", &err), "table");
	pg_close(conn);
	end = open_all(count, seed);
	wait_seconds(nsec_to_seconds(end - loop_now(loop)) + 3);
	trial_end(&trial);
	trial_audit(&trial, &primary, 1);
	v = trial_judge(&trial);
	if (!ledger_read(trial.path, note_still, NULL, &ledger_end, &err))
		printf("# %s\n", err.message);
	for (size_t i = 0; i < PROBES; i++)
		take_truth(v, i);
	for (size_t i = 0; i <= PROBES; i++)
		liar_stop(&liars[i]);
	judge(v, count);
	verdict_free(v);
	server_stop(&primary);
	if (getenv("KEEP"))
		printf("# kept: %s\n", stage_path(""));
	else
		stage_close();
	return done_testing();
}
