/*
 * Acked and absent (docs/judging.md, section 3): the attempts of each write probe, sorted
 * by key, against the runs of keys that its audit found on the surviving primary.
 */
#include "verdict/model.h"

#include <stdlib.h>

#define NAMED_KEYS 1000

/* The last complete audit of a probe on the primary of the surviving timeline. */
static const struct audit *audit_of(const struct model *m, size_t probe, const char **why)
{
	const struct audit *found = NULL;

	*why = "no audit of the surviving primary stands in the ledger";
	for (size_t i = 0; i < m->audit_count; i++) {
		const struct audit *a = &m->audits[i];

		if (a->probe != probe)
			continue;
		if (a->surviving && a->complete)
			found = a;
		else if (!a->complete && a->why)
			*why = a->why;
	}
	return found;
}

/* By key; where one was told of twice, what binds most stands first. */
static int by_key(const void *a, const void *b)
{
	const struct attempt *x = *(const struct attempt *const *)a;
	const struct attempt *y = *(const struct attempt *const *)b;

	if (x->seq != y->seq)
		return x->seq < y->seq ? -1 : 1;
	return (x->outcome > y->outcome) - (x->outcome < y->outcome);
}

/* Attempts that carry a key, sorted by it, each key once. */
static size_t sort_keys(const struct model_probe *p, const struct attempt **keys)
{
	size_t n = 0;
	size_t kept = 0;

	for (size_t i = 0; i < p->count; i++) {
		if (p->attempts[i].seq >= 0 && !(p->attempts[i].flags & ATTEMPT_CONNECT))
			keys[n++] = &p->attempts[i];
	}
	qsort(keys, n, sizeof(void *), by_key);
	for (size_t i = 0; i < n; i++) {
		if (!kept || keys[kept - 1]->seq != keys[i]->seq)
			keys[kept++] = keys[i];
	}
	return kept;
}

static void lose(struct loss *loss, const char *endpoint, const struct attempt *a)
{
	if (!loss->lost++) {
		loss->first_lost_us = a->answered_us;
		loss->last_lost_us = a->answered_us;
	}
	if (a->answered_us < loss->first_lost_us)
		loss->first_lost_us = a->answered_us;
	if (a->answered_us > loss->last_lost_us)
		loss->last_lost_us = a->answered_us;
	if (loss->lost_keys.count < NAMED_KEYS)
		ARRAY_PUSH(loss->lost_keys.items, loss->lost_keys.count,
		           loss->lost_keys.cap) =
			xasprintf("%s/%lld", endpoint, (long long)a->seq);
}

/* present: 1 there, 0 not there, -1 not known. */
static void count_key(struct model *m, size_t probe, const struct attempt *a, int present)
{
	struct loss *loss = &m->v->loss;

	switch (a->outcome) {
	case OUTCOME_ACKED:
		/* Acked when AUDIT had begun: it may have looked before that. */
		if (present == 0 && a->answered_us >= m->audit_us) {
			loss->in_doubt++;
			return;
		}
		loss->acked++;
		if (present == 0)
			lose(loss, m->v->probes[probe].endpoint, a);
		break;
	case OUTCOME_ACKED_WEAK:
		loss->weak++;
		loss->weak_present += present == 1;
		break;
	case OUTCOME_REFUSED:
		loss->refused++;
		loss->resurrected += present == 1;
		break;
	case OUTCOME_IN_DOUBT:
		loss->in_doubt++;
		loss->in_doubt_present += present == 1;
		break;
	default:
		loss->not_sent_present += present == 1;
	}
}

static void count_probe(struct model *m, size_t probe, const struct audit *audit)
{
	const struct model_probe *p = &m->probes[probe];
	const struct attempt **keys = xcalloc(p->count + 1, sizeof(void *));
	size_t n = sort_keys(p, keys);

	for (size_t i = 0; i < n; i++) {
		int present = audit ? ranges_has(&audit->present, keys[i]->seq) : -1;

		count_key(m, probe, keys[i], present);
	}
	free(keys);
}

static void say_unknown(struct model *m, const char *endpoint, const char *why)
{
	struct loss *loss = &m->v->loss;

	loss->known = false;
	if (!loss->why_unknown)
		loss->why_unknown =
			xasprintf("rows written through %s: %s", endpoint, why);
}

static void judge_lost(struct model *m)
{
	struct verdict *v = m->v;
	const struct loss *loss = &v->loss;
	bool wanted = v->rpo_objective_rows >= 0 && v->fault.injected;
	bool over =
		v->rpo_objective_rows >= 0 && loss->lost > (size_t)v->rpo_objective_rows;
	char lost[COUNT_SIZE];
	char acked[COUNT_SIZE];

	count_format(lost, loss->lost);
	count_format(acked, loss->acked);
	if (loss->lost)
		reason(v, over ? JUDGED_FAIL : JUDGED_PASS, 0,
		       "%s of %s acknowledged rows are lost, acked within %.2f s of one "
		       "another "
		       "(the first is %s)",
		       lost, acked,
		       (double)(loss->last_lost_us - loss->first_lost_us) / 1e6,
		       loss->lost_keys.items[0]);
	if (!loss->known && wanted)
		reason(v, JUDGED_INCONCLUSIVE, 0, "loss is unknown: %s",
		       loss->why_unknown);
	else if (!loss->acked && wanted)
		reason(v, JUDGED_INCONCLUSIVE, 0,
		       "no row was acknowledged with a promise, so none could be lost");
	else if (!loss->lost && loss->known)
		reason(v, JUDGED_PASS, 0, "none of %s acknowledged rows is lost", acked);
}

static void judge_impossible(struct model *m)
{
	struct verdict *v = m->v;
	char n[COUNT_SIZE];

	if (v->loss.resurrected)
		reason(v, JUDGED_FAIL, 0,
		       "%s rows are there though their writes were refused",
		       count_format(n, v->loss.resurrected));
	if (v->loss.not_sent_present)
		reason(v, JUDGED_INCONCLUSIVE, 0,
		       "%s rows are there that were never sent: the agent's own record "
		       "is wrong",
		       count_format(n, v->loss.not_sent_present));
	if (v->loss.weak)
		reason(v, JUDGED_PASS, 0,
		       "%s acks came with a warning or setting that promises nothing; "
		       "they count as "
		       "in doubt",
		       count_format(n, v->loss.weak));
}

void judge_loss(struct model *m)
{
	struct loss *loss = &m->v->loss;
	size_t writers = 0;
	const char *why;

	loss->known = true;
	for (size_t i = 0; i < m->v->probe_count; i++) {
		const struct audit *audit;

		if (!probe_is_write(&m->v->probes[i]))
			continue;
		writers++;
		audit = audit_of(m, i, &why);
		if (!audit)
			say_unknown(m, m->v->probes[i].endpoint, why);
		count_probe(m, i, audit);
	}
	if (!writers) {
		loss->known = false;
		loss->why_unknown = xstrdup("nothing was written");
	}
	judge_lost(m);
	judge_impossible(m);
}
