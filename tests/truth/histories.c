/*
 * Random histories: a model decides which rows are lost, what was gone for how long, and
 * who was primary when; the verdict on its ledger must say the same, and where an honest
 * judge cannot know it may not claim to.
 *
 *	histories [COUNT [SEED]]
 *
 * A mismatch prints its seed and keeps the ledger; `histories 1 SEED` plays it again.
 */
#include "answers.h"
#include "draw.h"
#include "lines.h"
#include "tap.h"
#include "verdict/verdict.h"

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define COUNT     10000
#define WORKERS   2
#define MOST_TOLD 10 /* mismatches that a worker prints */

struct comparison {
	const struct history *h;
	const struct answers *a;
	const struct verdict *v;
	bool wrong;
	bool quiet;
};

static void differ(struct comparison *c, const char *what, long long got, long long want)
{
	c->wrong = true;
	if (!c->quiet)
		printf("#   seed %llu: %s: got %lld, want %lld\n",
		       (unsigned long long)c->h->seed, what, got, want);
}

static void same(struct comparison *c, const char *what, long long got, long long want)
{
	if (got != want)
		differ(c, what, got, want);
}

/* ---- rows -------------------------------------------------------------------------- */

static void compare_rows(struct comparison *c)
{
	const struct loss *l = &c->v->loss;
	const struct answers *a = c->a;

	same(c, "loss known", l->known, a->known);
	same(c, "acked", (long long)l->acked, (long long)a->acked);
	same(c, "lost", (long long)l->lost, (long long)a->lost);
	same(c, "weak", (long long)l->weak, (long long)a->weak);
	same(c, "weak there", (long long)l->weak_present, (long long)a->weak_there);
	same(c, "refused", (long long)l->refused, (long long)a->refused);
	same(c, "resurrected", (long long)l->resurrected, (long long)a->resurrected);
	same(c, "in doubt", (long long)l->in_doubt, (long long)a->in_doubt);
	same(c, "in doubt there", (long long)l->in_doubt_present,
	     (long long)a->in_doubt_there);
	same(c, "never sent and there", (long long)l->not_sent_present,
	     (long long)a->not_sent_there);
	same(c, "diverged", (long long)l->diverged, (long long)a->diverged);
	same(c, "first lost", l->first_lost_us, a->first_lost);
	same(c, "last lost", l->last_lost_us, a->last_lost);
	same(c, "lost keys", (long long)l->lost_keys.count, (long long)a->lost);
}

/* ---- outages ----------------------------------------------------------------------- */

static int number_of(const struct comparison *c, const struct outage *o)
{
	for (size_t i = 0; i < c->v->probe_count; i++) {
		if (c->v->probes[i].endpoint == o->endpoint)
			return (int)i;
	}
	return -1;
}

static void compare_bar(struct comparison *c, const struct outage *o,
                        const struct true_outage *t, bool whole)
{
	int64_t truth = (t->until < c->h->audit ? t->until : c->h->audit) - t->from;

	if (o->length.us - o->length.minus_us > truth)
		differ(c, "the truth lies below the error bar",
		       o->length.us - o->length.minus_us, truth);
	if (whole && t->recovered && o->length.us + o->length.plus_us < truth)
		differ(c, "the truth lies above the error bar",
		       o->length.us + o->length.plus_us, truth);
	if (t->recovered && !c->h->late_count &&
	    llabs(o->length.us - truth) > 2 * c->h->endpoints[t->endpoint].every)
		differ(c, "off by more than two intervals", o->length.us, truth);
}

static void compare_outage(struct comparison *c, const struct outage *o,
                           const struct true_outage *t)
{
	same(c, "endpoint of the outage", number_of(c, o), t->endpoint);
	same(c, "start of the outage", o->start_us, t->start);
	same(c, "length of the outage", o->length.us, t->length);
	same(c, "recovered", o->recovered, t->recovered);
	same(c, "acking", o->acking, t->acking);
	same(c, "foreign", o->foreign, t->foreign);
	same(c, "flaps", o->flaps, t->flaps);
	compare_bar(c, o, t, true);
}

static const struct true_outage *truth_of(const struct comparison *c,
                                          const struct outage *o)
{
	for (size_t k = 0; k < c->a->outage_count; k++) {
		const struct true_outage *t = &c->a->outages[k];

		if (t->endpoint == number_of(c, o) && o->start_us < t->until &&
		    o->start_us + c->h->endpoints[t->endpoint].every > t->from)
			return t;
	}
	return NULL;
}

/* Where the agent was late the edges are blurred, but no outage is made up or missed. */
static void compare_blurred(struct comparison *c)
{
	int64_t late = 0;

	for (int i = 0; i < c->h->late_count; i++)
		late += c->h->lates[i].until - c->h->lates[i].from;
	for (size_t i = 0; i < c->v->outage_count; i++) {
		const struct outage *o = &c->v->outages[i];
		const struct true_outage *match = truth_of(c, o);
		size_t pieces = 0; /* it may have been taken for several */

		for (size_t k = 0; k < c->v->outage_count; k++)
			pieces += truth_of(c, &c->v->outages[k]) == match;
		if (match)
			compare_bar(c, o, match, pieces == 1);
		else
			differ(c, "an outage was made up, start", o->start_us, -1);
	}
	for (size_t k = 0; k < c->a->outage_count; k++) {
		const struct true_outage *t = &c->a->outages[k];
		bool found = t->until - t->from < late + c->h->timely + SEC / 4;

		for (size_t i = 0; i < c->v->outage_count; i++)
			found = found || number_of(c, &c->v->outages[i]) == t->endpoint;
		if (!found)
			differ(c, "an outage was missed, start", -1, t->from);
	}
}

static void compare_outages(struct comparison *c)
{
	int64_t longest[MOST_ENDPOINTS] = { 0 };

	if (c->h->late_count) {
		compare_blurred(c);
		return;
	}
	same(c, "outages", (long long)c->v->outage_count, (long long)c->a->outage_count);
	if (c->v->outage_count != c->a->outage_count)
		return;
	for (size_t i = 0; i < c->v->outage_count; i++) {
		const struct true_outage *t = &c->a->outages[i];

		compare_outage(c, &c->v->outages[i], t);
		if (!t->foreign && t->recovered && t->length > longest[t->endpoint])
			longest[t->endpoint] = t->length;
	}
	for (size_t i = 0; i < c->v->probe_count; i++) {
		if (c->v->probes[i].rto_recovered)
			same(c, "RTO", c->v->probes[i].rto.us, longest[i]);
	}
}

/* ---- the rest ---------------------------------------------------------------------- */

static void compare_dual(struct comparison *c)
{
	if (c->a->dual_unsure) {
		if (c->v->dual_primary_us > c->h->dual_until - c->h->dual_from)
			differ(c, "two primaries for too long", c->v->dual_primary_us,
			       c->h->dual_until - c->h->dual_from);
		return;
	}
	if (c->a->dual_at_most && c->v->dual_primary_acks > 0 &&
	    c->v->dual_primary_us < c->a->dual_us)
		return;
	if (!c->h->member_every || c->v->dual_primary_us > c->a->dual_us ||
	    c->v->dual_primary_us < c->a->dual_us - 300 * MS)
		same(c, "two primaries, us", c->v->dual_primary_us, c->a->dual_us);
	if (!c->h->member_every)
		same(c, "two primaries, acks", (long long)c->v->dual_primary_acks,
		     (long long)c->a->dual_acks);
}

static void compare_reads(struct comparison *c)
{
	for (size_t i = 0; i < c->v->probe_count; i++) {
		if (c->a->was_read[i])
			same(c, "staleness", c->v->probes[i].worst_staleness.us,
			     c->a->staleness[i]);
	}
}

static int exit_code(const struct comparison *c)
{
	static const int codes[] = { 0, 2, 1 };
	const struct history *h = c->h;

	if (!h->armed)
		return 5;
	if (!h->inject_failed && !h->healed)
		return 4;
	return h->aborted ? 3 : codes[c->v->judgement];
}

static const char *set_name(int may)
{
	static const char *const names[] = {
		"nothing", "pass",         "inconclusive",         "pass or inconclusive",
		"fail",    "pass or fail", "inconclusive or fail", "anything",
	};

	return names[may];
}

static void compare_verdict(struct comparison *c)
{
	const struct verdict *v = c->v;

	if (c->a->may & 1 << v->judgement)
		return;
	c->wrong = true;
	if (c->quiet)
		return;
	printf("#   seed %llu: verdict %s, and the truth is %s\n",
	       (unsigned long long)c->h->seed, judgement_name(v->judgement),
	       set_name(c->a->may));
	for (size_t i = 0; i < v->reason_count; i++)
		printf("#     %s: %s\n", judgement_name(v->reasons[i].judgement),
		       v->reasons[i].text);
}

static void compare(struct comparison *c)
{
	compare_verdict(c);
	if (c->h->cut != NEVER) {
		same(c, "loss known", c->v->loss.known, 0);
		return;
	}
	compare_rows(c);
	compare_outages(c);
	compare_dual(c);
	compare_reads(c);
	same(c, "exit code", (long long)verdict_exit_code(c->v), exit_code(c));
}

/* ---- many -------------------------------------------------------------------------- */

static void keep(const struct history *h, const char *text)
{
	char *path = xasprintf("/tmp/pgmonkey-history-%llu.jsonl",
	                       (unsigned long long)h->seed);
	FILE *f = fopen(path, "w");

	if (f && fputs(text, f) >= 0)
		printf("#   its ledger: %s\n", path);
	if (f)
		fclose(f);
	free(path);
}

static bool judge_history(uint64_t seed, int fd, bool quiet, int *given)
{
	struct history h;
	struct answers a;
	struct err err = { 0 };
	struct comparison c = { .h = &h, .a = &a, .quiet = quiet };
	char path[40];
	struct verdict *v;
	char *text;

	draw_history(&h, seed);
	answer(&h, &a);
	text = ledger_text(&h);
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	if (ftruncate(fd, 0) != 0 || pwrite(fd, text, strlen(text), 0) < 0)
		return false;
	v = verdict_of_file(path, &err);
	c.v = v;
	if (v) {
		compare(&c);
		given[v->judgement]++;
	} else {
		c.wrong = true;
		printf("#   seed %llu: %s\n", (unsigned long long)seed, err.message);
	}
	if (c.wrong && !quiet)
		keep(&h, text);
	verdict_free(v);
	free(text);
	free(h.tries);
	return !c.wrong;
}

struct share {
	int wrong, given[3];
};

static struct share work(uint64_t first, uint64_t count, uint64_t step)
{
	struct share s = { 0 };
	int fd = memfd_create("history", MFD_CLOEXEC);

	for (uint64_t i = 0; i < count; i += step)
		s.wrong += !judge_history(first + i, fd, s.wrong >= MOST_TOLD, s.given);
	close(fd);
	return s;
}

/* Histories first, first + WORKERS, … in a process of its own; its share through a pipe. */
static int start(uint64_t first, uint64_t count)
{
	int ends[2];
	struct share s;

	if (pipe(ends) != 0)
		return -1;
	fflush(stdout);
	if (fork() == 0) {
		s = work(first, count, WORKERS);
		fflush(stdout);
		_exit(write(ends[1], &s, sizeof s) == sizeof s ? 0 : 1);
	}
	close(ends[1]);
	return ends[0];
}

int main(int argc, char **argv)
{
	uint64_t count = argc > 1 ? strtoull(argv[1], NULL, 10) : COUNT;
	uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
	struct share all = { 0 };
	int fds[WORKERS];
	char what[120];

	for (uint64_t i = 0; i < WORKERS; i++)
		fds[i] = i < count ? start(seed + i, count - i) : -1;
	for (int i = 0; i < WORKERS; i++) {
		struct share s;

		if (fds[i] < 0)
			continue;
		ok(read(fds[i], &s, sizeof s) == sizeof s, "a worker came to its end");
		all.wrong += s.wrong;
		for (int k = 0; k < 3; k++)
			all.given[k] += s.given[k];
	}
	while (wait(NULL) > 0)
		;
	snprintf(what, sizeof what,
	         "verdicts on %llu histories from seed %llu are the model's",
	         (unsigned long long)count, (unsigned long long)seed);
	is_int(all.wrong, 0, what);
	printf("# %d pass, %d inconclusive, %d fail\n", all.given[0], all.given[1],
	       all.given[2]);
	if (count >= 1000)
		ok(all.given[0] > (int)count / 20 && all.given[1] > (int)count / 20 &&
		           all.given[2] > (int)count / 20,
		   "each verdict is among them");
	return done_testing();
}
