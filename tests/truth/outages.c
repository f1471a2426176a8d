/*
 * Planted outages: the real probe engine on the virtual clock, in front of a cluster that
 * is gone for a time that is known to the nanosecond; its ledger is judged, and the
 *figure compared with the truth.
 *
 *	outages [COUNT [SEED]]
 */
#include "base/rng.h"
#include "test_probe_fake.h"
#include "verdict/verdict.h"

#include <math.h>

#define MS  NSEC_PER_MSEC
#define SEC NSEC_PER_SEC

#define COUNT 1000
#define EVERY (20 * MS)

/* How an outage looks to who connects, and to who has a session. */
static const struct way {
	const char *name;
	struct fake_phase gone;
	bool hangs; /* the end is found by a connect, and those hang: seen as much later */
} ways[] = {
	{ "sessions lost, then refused",
	  { .connect = FAKE_REFUSES,
	    .sqlstate = "57P03",
	    .kills = true,
	    .statement = FAKE_HANGS },
	  false },
	{ "nobody listens",
	  { .connect = FAKE_REFUSES, .kills = true, .statement = FAKE_HANGS },
	  false },
	{ "read-only", { .statement = FAKE_REFUSES, .sqlstate = "25006" }, false },
	{ "commits frozen",
	  { .connect = FAKE_FREEZES, .statement = FAKE_FREEZES },
	  false },
	{ "frozen, sessions new", { .statement = FAKE_FREEZES }, false },
	{ "silence", { .connect = FAKE_HANGS, .statement = FAKE_HANGS }, true },
};
#define WAYS (sizeof ways / sizeof *ways)

struct planted {
	size_t way;
	nsec_t from, until;
};

struct tally {
	size_t count, missed, outside, far;
	double *errors; /* in intervals */
};

static void line(const char *event, const char *key, const char *value)
{
	ledger_begin(fake->ledger, event);
	ledger_string(fake->ledger, key, value);
	ledger_end(fake->ledger);
}

static void begin_ledger(void)
{
	ledger_begin(fake->ledger, "run");
	ledger_int(fake->ledger, "schema", LEDGER_SCHEMA);
	ledger_string(fake->ledger, "run", "r1");
	ledger_end(fake->ledger);
	ledger_begin(fake->ledger, "probe");
	ledger_int(fake->ledger, "probe", 1);
	ledger_string(fake->ledger, "kind", "write");
	ledger_string(fake->ledger, "endpoint", "e");
	ledger_int(fake->ledger, "every_us", EVERY / NSEC_PER_USEC);
	ledger_end(fake->ledger);
	line("phase", "phase", "STEADY");
}

/* Plays it, and leaves its ledger at fake->path. */
static struct verdict *play(const struct planted *p)
{
	struct fake_phase phases[] = { { .until = p->from },
		                       ways[p->way].gone,
		                       { .until = NSEC_NEVER } };
	struct probe_options o = { .number = 1, .endpoint = "e", .every = EVERY };
	struct probe_env env;
	struct endpoint_probe *probe;
	struct verdict *v;
	struct err err = { 0 };

	phases[1].until = p->until;
	env = fake_start(phases);
	begin_ledger();
	probe = write_probe_start(&env, &o);
	fake_run_until(p->from - 1);
	line("injected", "fault", "planted");
	fake_run_until(p->until + 4 * SEC);
	line("phase", "phase", "AUDIT");
	fake_run_until(p->until + 4 * SEC + SEC / 10);
	endpoint_probe_free(probe);
	line("end", NULL, NULL);
	ledger_close(fake->ledger);
	v = verdict_of_file(fake->path, &err);
	if (!v)
		printf("# %s\n", err.message);
	unlink(fake->path);
	loop_free(fake->loop);
	free(fake);
	fake = NULL;
	return v;
}

/* Shorter than this may fall between two attempts, or be a wait that is still timely. */
static nsec_t shortest_seen(const struct planted *p)
{
	bool frozen = ways[p->way].gone.statement == FAKE_FREEZES;

	return (frozen ? SEC : 0) + 2 * EVERY;
}

static void measure(const struct planted *p, struct tally *t)
{
	struct verdict *v = play(p);
	double truth = (double)(p->until - p->from) / 1000;
	struct figure f = v ? v->rto : (struct figure){ 0 };
	size_t before = t->outside + t->missed;

	if (v && v->outage_count == 1) {
		double error = (double)f.us - truth;

		t->errors[t->count++] = error / (EVERY / NSEC_PER_USEC);
		t->far += fabs(error) > 2.0 * EVERY / NSEC_PER_USEC;
		t->outside += (double)(f.us - f.minus_us) > truth + 1 ||
		              (double)(f.us + f.plus_us) < truth - 1;
	} else if (!v || v->outage_count || p->until - p->from >= shortest_seen(p)) {
		t->missed++;
	}
	if (t->outside + t->missed > before)
		printf("# %s: %.6f s at %.6f s, measured %.6f s (-%.6f +%.6f), %zu "
		       "outages\n",
		       ways[p->way].name, truth / 1e6, nsec_to_seconds(p->from),
		       (double)f.us / 1e6, (double)f.minus_us / 1e6,
		       (double)f.plus_us / 1e6, v ? v->outage_count : 0);
	verdict_free(v);
}

/* ---- the distribution -------------------------------------------------------------- */

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double quantile(const struct tally *t, double q)
{
	return t->count ? t->errors[(size_t)(q * (double)(t->count - 1))] : 0;
}

static void print_tally(const char *name, struct tally *t)
{
	qsort(t->errors, t->count, sizeof *t->errors, by_size);
	printf("# %-28s %5zu  %6.2f %6.2f %6.2f %6.2f %6.2f  %6zu\n", name, t->count,
	       quantile(t, 0), quantile(t, 0.01), quantile(t, 0.5), quantile(t, 0.99),
	       quantile(t, 1), t->far);
}

static void judge_tally(const struct tally *t, const struct way *way)
{
	char what[200];

	snprintf(what, sizeof what, "%s: each of %zu outages was seen as one", way->name,
	         t->count);
	is_int((int64_t)t->missed, 0, what);
	snprintf(what, sizeof what, "%s: the error bar holds the truth of all",
	         way->name);
	is_int((int64_t)t->outside, 0, what);
	snprintf(what, sizeof what, "%s: 99 %% within two intervals", way->name);
	if (!way->hangs)
		ok(t->far * 100 <= t->count, what);
}

int main(int argc, char **argv)
{
	size_t count = argc > 1 ? strtoul(argv[1], NULL, 10) : COUNT;
	struct rng rng;
	struct tally tallies[WAYS] = { 0 };

	rng_seed(&rng, argc > 2 ? strtoull(argv[2], NULL, 10) : 1);
	for (size_t i = 0; i < WAYS; i++)
		tallies[i].errors = xcalloc(count + 1, sizeof(double));
	for (size_t i = 0; i < count; i++) {
		/* From 20 ms to 90 s, a short one as likely as a long one. */
		double length =
			0.02 * pow(90 / 0.02, (double)rng_below(&rng, 1000001) / 1e6);
		struct planted p = { .way = i % WAYS,
			             .from = 3 * SEC + (nsec_t)rng_below(&rng, SEC) };

		p.until = p.from + seconds_to_nsec(length);
		measure(&p, &tallies[p.way]);
	}
	printf("# measured - true, in intervals      n     min     1%%    50%%    99%%   "
	       "  max  beyond 2\n");
	for (size_t i = 0; i < WAYS; i++)
		print_tally(ways[i].name, &tallies[i]);
	for (size_t i = 0; i < WAYS; i++) {
		judge_tally(&tallies[i], &ways[i]);
		free(tallies[i].errors);
	}
	return done_testing();
}
