#include "verdict/verdict.h"

#include "base/str.h"
#include "verdict/model.h"

#include <stdlib.h>

/* The fault can't have had an effect before INJECT was entered, and it may before it is
 * told. */
static void date_fault(struct model *m)
{
	const struct verdict *v = m->v;

	if (!v->fault.injected)
		return;
	m->fault_us = v->fault.injected_us;
	for (size_t i = 0; i < v->phase_count; i++) {
		if (str_eq(v->phases[i].phase, "INJECT") &&
		    v->phases[i].start_us < m->fault_us)
			m->fault_us = v->phases[i].start_us;
	}
}

static void judge(struct model *m)
{
	struct verdict *v = m->v;

	date_fault(m);
	model_order(m);
	find_outages(m);
	judge_course(m);
	judge_outages(m);
	judge_expected(m);
	judge_loss(m);
	judge_divergence(m);
	judge_dual(m);
	find_claims(m);
	find_hands(m);
	judge_settings(m);
	judge_staleness(m);
	find_boundaries(m);
	if (v->phase_count)
		v->phases[v->phase_count - 1].end_us = m->last_us;
	reasons_settle(v);
}

struct verdict *verdict_of_file(const char *path, struct err *err)
{
	struct verdict *v = XNEW(struct verdict);
	struct ledger_end end;
	struct model m;
	bool well;

	v->rto_objective_seconds = -1;
	v->rpo_objective_rows = -1;
	v->rto_recovered = true;
	v->redundancy_us = -1;
	v->fault.injected_us = -1;
	v->fault.confirmed_us = -1;
	model_init(&m, v);
	well = ledger_read(path, model_line, &m, &end, err);
	v->torn = end.torn;
	v->finished = end.finished;
	if (well)
		judge(&m);
	model_free(&m);
	if (well)
		return v;
	verdict_free(v);
	return NULL;
}

enum exit_code verdict_exit_code(const struct verdict *v)
{
	if (!v->fault.name)
		return EXIT_REFUSED;
	if (v->fault.not_healed)
		return EXIT_NOT_HEALED;
	if (v->aborted)
		return EXIT_ABORTED;
	switch (v->judgement) {
	case JUDGED_PASS:
		return EXIT_PASS;
	case JUDGED_FAIL:
		return EXIT_MISSED;
	case JUDGED_INCONCLUSIVE:
		break;
	}
	return EXIT_INCONCLUSIVE;
}

static void free_fault(struct fault_summary *f)
{
	free(f->name);
	free(f->target);
	free(f->host);
	free(f->command);
	free(f->evidence);
	free(f->why_unconfirmed);
	free(f->heal_evidence);
	free(f->heal_hint);
	free(f->lacking);
}

static void free_lists(struct verdict *v)
{
	for (size_t i = 0; i < v->reason_count; i++)
		free(v->reasons[i].text);
	for (size_t i = 0; i < v->outage_count; i++)
		free(v->outages[i].first_error);
	for (size_t i = 0; i < v->boundary_count; i++)
		free(v->boundaries[i].observed);
	for (size_t i = 0; i < v->phase_count; i++)
		free(v->phases[i].phase);
	for (size_t i = 0; i < v->probe_count; i++) {
		free(v->probes[i].kind);
		free(v->probes[i].endpoint);
	}
	for (size_t i = 0; i < v->version_count; i++) {
		free(v->versions[i].about);
		free(v->versions[i].value);
	}
	free(v->reasons);
	free(v->outages);
	free(v->boundaries);
	free(v->phases);
	free(v->probes);
	free(v->versions);
	strings_clear(&v->notes);
	strings_clear(&v->loss.lost_keys);
}

void verdict_free(struct verdict *v)
{
	if (!v)
		return;
	free_lists(v);
	free_fault(&v->fault);
	free(v->loss.why_unknown);
	free(v->run);
	free(v->cluster);
	free(v->environment);
	free(v->experiment);
	free(v->why);
	free(v->because);
	free(v->started);
	free(v->seed);
	free(v->pgmonkey);
	free(v->agent_host);
	free(v->gameday);
	free(v->redundancy_why);
	free(v->abort_why);
	free(v);
}
