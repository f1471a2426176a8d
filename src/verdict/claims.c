/*
 * How long two members called themselves primary, by their own answers.  From one answer
 * to the next of the same content a member is taken at its word; that is less than the
 * truth by up to two intervals of the member probe, never more.
 */
#include "verdict/model.h"

#include <stdlib.h>

static int by_beginning(const void *a, const void *b)
{
	const struct member_run *x = *(const struct member_run *const *)a;
	const struct member_run *y = *(const struct member_run *const *)b;

	return (x->first_us > y->first_us) - (x->first_us < y->first_us);
}

/* Adds what a claim has in common with earlier ones of other members. */
static void meet(const struct member_run *claim, const int64_t *until, size_t members,
                 struct ranges *both)
{
	for (size_t i = 0; i < members; i++) {
		int64_t end = until[i] < claim->last_us ? until[i] : claim->last_us;

		if (i != claim->member && end > claim->first_us)
			ranges_add(both, claim->first_us, end - 1);
	}
}

void find_claims(struct model *m)
{
	const struct member_run **claims = xcalloc(m->run_count + 1, sizeof(void *));
	int64_t *until = xcalloc(m->members.count + 1, sizeof until[0]);
	struct ranges both = { 0 };
	size_t n = 0;

	for (size_t i = 0; i < m->run_count; i++) {
		if (m->runs[i].primary)
			claims[n++] = &m->runs[i];
	}
	qsort(claims, n, sizeof(void *), by_beginning);
	for (size_t i = 0; i < m->members.count; i++)
		until[i] = INT64_MIN;
	for (size_t i = 0; i < n; i++) {
		meet(claims[i], until, m->members.count, &both);
		if (claims[i]->last_us > until[claims[i]->member])
			until[claims[i]->member] = claims[i]->last_us;
	}
	ranges_normalize(&both);
	m->v->dual_claim_us = (int64_t)ranges_count(&both);
	if (m->v->dual_claim_us)
		reason(m->v, JUDGED_PASS, 0,
		       "two members called themselves primary for at least %.2f s; what "
		       "counts is "
		       "whether both acked writes",
		       (double)m->v->dual_claim_us / 1e6);
	ranges_free(&both);
	free(until);
	free(claims);
}
