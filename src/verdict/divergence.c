/* Members that differ after settling: rows on one, absent on another. */
#include "verdict/model.h"

#include "base/str.h"

#include <stdlib.h>

static const struct audit *primary_audit(const struct model *m, size_t probe)
{
	const struct audit *found = NULL;

	for (size_t i = 0; i < m->audit_count; i++) {
		const struct audit *a = &m->audits[i];

		if (a->probe == probe && a->surviving && a->complete)
			found = a;
	}
	return found;
}

static void judge_incomplete(struct model *m, const struct audit *a)
{
	reason(m->v, JUDGED_INCONCLUSIVE, a->line,
	       "the audit of %s for rows written through %s is not complete: %s",
	       *a->member ? a->member : "a member", m->v->probes[a->probe].endpoint,
	       a->why ? a->why : "no reason was given");
}

/* One replica against the primary; adds what differs to *all. */
static void compare(struct model *m, const struct audit *a, const struct audit *primary,
                    struct ranges *all)
{
	struct ranges differ;
	char n[COUNT_SIZE];

	ranges_xor(&a->present, &primary->present, &differ);
	if (differ.count)
		reason(m->v, JUDGED_FAIL, a->line,
		       "%s and %s differ in %s rows written through %s, the first is "
		       "%lld",
		       a->member, primary->member, count_format(n, ranges_count(&differ)),
		       m->v->probes[a->probe].endpoint, (long long)differ.items[0].first);
	for (size_t i = 0; i < differ.count; i++)
		ranges_add(all, differ.items[i].first, differ.items[i].last);
	ranges_free(&differ);
}

void judge_divergence(struct model *m)
{
	for (size_t probe = 0; probe < m->v->probe_count; probe++) {
		const struct audit *primary = primary_audit(m, probe);
		struct ranges all = { 0 };

		for (size_t i = 0; i < m->audit_count; i++) {
			const struct audit *a = &m->audits[i];

			if (a->probe != probe ||
			    (primary && str_eq(a->member, primary->member)))
				continue;
			if (!a->complete &&
			    primary) /* else all of it is unknown: loss.c */
				judge_incomplete(m, a);
			else if (a->complete && primary)
				compare(m, a, primary, &all);
		}
		ranges_normalize(&all);
		m->v->loss.diverged += ranges_count(&all);
		ranges_free(&all);
	}
}
