/* Was the experiment what it should be?  Where it was not, nothing can be a pass. */
#include "verdict/model.h"

#include "base/str.h"

#include <stdlib.h>

#define CLOCK_STEP_US 100000 /* more than slewing moves */

static const char *or_else(const char *s, const char *fallback)
{
	return s && *s ? s : fallback;
}

static void judge_fault(struct model *m)
{
	struct verdict *v = m->v;
	const struct fault_summary *f = &v->fault;

	if (!f->name)
		reason(v, JUDGED_INCONCLUSIVE, 0,
		       "no fault was armed: nothing was touched");
	else if (m->inject_failed_line)
		reason(v, JUDGED_INCONCLUSIVE, m->inject_failed_line,
		       "%s could not be sent: %s", f->name,
		       or_else(m->inject_failed, "no reason was given"));
	else if (!f->injected)
		reason(v, JUDGED_INCONCLUSIVE, m->intent_line,
		       "%s was armed, and the ledger does not tell whether it was sent",
		       f->name);
	else if (f->confirmed)
		reason(v, JUDGED_PASS, m->confirmed_line, "%s is confirmed: %s", f->name,
		       or_else(f->evidence, "no evidence was given"));
	else
		reason(v, JUDGED_INCONCLUSIVE,
		       m->confirmed_line ? m->confirmed_line : m->injected_line,
		       "%s is not confirmed: %s", f->name,
		       or_else(f->why_unconfirmed, "nothing tells that it happened"));
}

static void judge_heal(struct model *m)
{
	struct verdict *v = m->v;
	size_t open = 0;

	for (size_t i = 0; i < m->fault_count; i++)
		open += !m->faults[i].healed;
	v->fault.not_healed = open > 0;
	v->fault.healed = m->fault_count && !open && !m->inject_failed_line;
	if (open)
		reason(v, JUDGED_INCONCLUSIVE,
		       m->heal_line ? m->heal_line : m->intent_line, "NOT HEALED: %s%s%s",
		       m->heal_line
		               ? or_else(v->fault.heal_evidence, v->fault.name)
		               : "the ledger does not tell that the fault was undone",
		       or_else(v->fault.heal_hint, NULL) ? "; " : "",
		       or_else(v->fault.heal_hint, ""));
	/* A service less than before is a miss, as a copy less is. */
	if (v->fault.lacking)
		reason(v, JUDGED_FAIL, m->heal_line, "%s is back, but %s",
		       or_else(v->fault.host, "the host"), v->fault.lacking);
}

static void judge_end(struct model *m)
{
	struct verdict *v = m->v;

	if (v->aborted)
		reason(v, JUDGED_INCONCLUSIVE, m->abort_line, "aborted: %s",
		       or_else(v->abort_why, "no reason was given"));
	if (v->torn)
		reason(v, JUDGED_INCONCLUSIVE, 0,
		       "the ledger ends in a torn line: the agent or its machine died");
	else if (!v->finished)
		reason(v, JUDGED_INCONCLUSIVE, 0,
		       "the ledger has no end: the agent died");
}

static void judge_agent(struct model *m)
{
	struct verdict *v = m->v;
	int64_t from = m->fault_us == TIME_NEVER ? 0 : m->fault_us;

	v->worst_late_us = model_late(m, from, model_end(m));
	if (v->worst_late_us > m->timely_us)
		reason(v, JUDGED_INCONCLUSIVE, 0,
		       "the agent itself was late by up to %.2f s, more than the %.6g s "
		       "within which "
		       "an answer is timely",
		       (double)v->worst_late_us / 1e6, (double)m->timely_us / 1e6);
	if (llabs(v->clock_step_us) > CLOCK_STEP_US)
		reason(v, JUDGED_INCONCLUSIVE, m->clock_line,
		       "the agent's clock stepped by %+.6g s: figures are monotonic and "
		       "hold, times "
		       "of day do not",
		       (double)v->clock_step_us / 1e6);
	for (size_t i = 0; i < m->note_count; i++)
		reason(v, JUDGED_INCONCLUSIVE, m->note_lines[i], "%s",
		       m->inconclusive_notes.items[i]);
}

/* Fewer copies than before are a miss, whatever was promised. */
static void judge_redundancy(struct model *m)
{
	struct verdict *v = m->v;
	const struct fault_summary *f = &v->fault;

	v->redundancy_us = -1;
	if (!f->injected)
		return;
	if (v->redundancy_restored) {
		int64_t took = m->redundant_us - f->injected_us;

		v->redundancy_us = took > 0 ? took : 0;
		if (took > 0)
			reason(v, JUDGED_PASS, m->redundancy_line,
			       "redundancy was full again %.2f s after the fault",
			       (double)took / 1e6);
		else
			reason(v, JUDGED_PASS, m->redundancy_line,
			       "redundancy was full all along");
	} else if (m->redundancy_line) {
		reason(v, JUDGED_FAIL, m->redundancy_line,
		       "redundancy was not restored within the limit: %s",
		       or_else(v->redundancy_why, "no reason was given"));
	} else if (m->sync_standbys >= 1) {
		reason(v, JUDGED_INCONCLUSIVE, 0,
		       "the ledger does not tell whether redundancy was restored");
	}
}

void judge_course(struct model *m)
{
	judge_heal(m);
	judge_end(m);
	judge_fault(m);
	judge_redundancy(m);
	judge_agent(m);
}
