/* From a line of the ledger to the model: a table of events. */
#include "verdict/model.h"

#include "base/json.h"
#include "base/str.h"

#include <stdlib.h>

/* Thirty years of microseconds; sums of them, in nanoseconds too, stay integers. */
#define MAX_INT 1e15

int64_t line_int(const cJSON *json, const char *key, int64_t fallback)
{
	const cJSON *node = json_get(json, key);

	if (!cJSON_IsNumber(node) ||
	    !(node->valuedouble < MAX_INT && node->valuedouble > -MAX_INT))
		return fallback;
	return (int64_t)node->valuedouble;
}

/* Overwrites *field with a string of the line, if it has it. */
static void set(char **field, const cJSON *json, const char *key)
{
	const char *s = json_string(json, key);

	if (!s)
		return;
	free(*field);
	*field = xstrdup(s);
}

static bool take_fact(struct model *m, const struct ledger_line *line, struct err *err)
{
	const char *about = json_string(line->json, "about");
	const char *value = json_string(line->json, "value");
	struct verdict *v = m->v;
	struct version *version = NULL;

	(void)err;
	take_setting(m, line);
	if (!str_eq(json_string(line->json, "name"), "version") || !about || !value)
		return true;
	for (size_t i = 0; i < v->version_count; i++) {
		if (str_eq(v->versions[i].about, about))
			version = &v->versions[i];
	}
	if (!version) {
		version = &ARRAY_PUSH(v->versions, v->version_count, v->version_cap);
		*version = (struct version){ xstrdup(about), NULL };
	}
	set(&version->value, line->json, "value");
	return true;
}

static bool take_phase(struct model *m, const struct ledger_line *line, struct err *err)
{
	const char *phase = json_string(line->json, "phase");
	struct verdict *v = m->v;

	if (!phase)
		return err_set(err, "a phase without a name");
	if (v->phase_count)
		v->phases[v->phase_count - 1].end_us = line->t_us;
	ARRAY_PUSH(v->phases, v->phase_count, v->phase_cap) =
		(struct phase_time){ xstrdup(phase), line->t_us, line->t_us };
	if (str_eq(phase, "STEADY") && m->steady_us == TIME_NEVER)
		m->steady_us = line->t_us;
	if (str_eq(phase, "HEAL") && m->heal_us == TIME_NEVER)
		m->heal_us = line->t_us;
	if (str_eq(phase, "AUDIT") && m->audit_us == TIME_NEVER)
		m->audit_us = line->t_us;
	return true;
}

static bool take_loop(struct model *m, const struct ledger_line *line, struct err *err)
{
	(void)err;
	ARRAY_PUSH(m->lates, m->late_count, m->late_cap) =
		(struct lateness){ line->t_us, line_int(line->json, "late_us", 0) };
	return true;
}

static bool take_clock(struct model *m, const struct ledger_line *line, struct err *err)
{
	int64_t step = line_int(line->json, "step_us", 0);

	(void)err;
	if (llabs(step) > llabs(m->v->clock_step_us)) {
		m->v->clock_step_us = step;
		m->clock_line = line->number;
	}
	return true;
}

static void name_target(struct fault_summary *f, const cJSON *target)
{
	set(&f->target, target, "expression");
	set(&f->host, target, "host");
}

static bool take_intent(struct model *m, const struct ledger_line *line, struct err *err)
{
	struct fault_summary *f = &m->v->fault;
	const char *name = json_string(line->json, "fault");

	if (!name)
		return err_set(err, "an intent without a fault");
	if (!f->name) { /* the first one is what the experiment is about */
		set(&f->name, line->json, "fault");
		set(&f->command, line->json, "command");
		name_target(f, json_get(line->json, "target"));
		m->intent_line = line->number;
	}
	ARRAY_PUSH(m->faults, m->fault_count, m->fault_cap) =
		(struct fault_line){ xstrdup(name), false };
	return true;
}

static bool take_injected(struct model *m, const struct ledger_line *line,
                          struct err *err)
{
	struct fault_summary *f = &m->v->fault;

	(void)err;
	if (f->injected)
		return true;
	f->injected = true;
	f->injected_us = line->t_us;
	set(&f->command, line->json, "command");
	m->injected_line = line->number;
	return true;
}

/* Marks a fault as no longer open. */
static void close_fault(struct model *m, const cJSON *json)
{
	const char *name = json_string(json, "fault");

	for (size_t i = 0; i < m->fault_count; i++) {
		if (!m->faults[i].healed && (!name || str_eq(m->faults[i].fault, name))) {
			m->faults[i].healed = true;
			return;
		}
	}
}

static bool take_inject_failed(struct model *m, const struct ledger_line *line,
                               struct err *err)
{
	(void)err;
	set(&m->inject_failed, line->json, "message");
	m->inject_failed_line = line->number;
	close_fault(m, line->json);
	return true;
}

static bool take_confirmed(struct model *m, const struct ledger_line *line,
                           struct err *err)
{
	struct fault_summary *f = &m->v->fault;

	(void)err;
	f->confirmed = true;
	f->confirmed_us = line_int(line->json, "at_us", line->t_us);
	set(&f->evidence, line->json, "evidence");
	m->confirmed_line = line->number;
	return true;
}

static bool take_unconfirmed(struct model *m, const struct ledger_line *line,
                             struct err *err)
{
	(void)err;
	set(&m->v->fault.why_unconfirmed, line->json, "why");
	m->confirmed_line = line->number;
	return true;
}

static bool take_healed(struct model *m, const struct ledger_line *line, struct err *err)
{
	(void)err;
	set(&m->v->fault.heal_evidence, line->json, "evidence");
	set(&m->v->fault.lacking, line->json, "lacking");
	m->heal_line = line->number;
	close_fault(m, line->json);
	return true;
}

static bool take_not_healed(struct model *m, const struct ledger_line *line,
                            struct err *err)
{
	(void)err;
	set(&m->v->fault.heal_evidence, line->json, "why");
	set(&m->v->fault.heal_hint, line->json, "hint");
	m->heal_line = line->number;
	return true;
}

static bool take_redundancy(struct model *m, const struct ledger_line *line,
                            struct err *err)
{
	(void)err;
	m->v->redundancy_restored = str_eq(json_string(line->json, "state"), "restored");
	m->redundant_us = line_int(line->json, "restored_us", line->t_us);
	m->redundancy_line = line->number;
	set(&m->v->redundancy_why, line->json, "why");
	return true;
}

static bool take_abort(struct model *m, const struct ledger_line *line, struct err *err)
{
	(void)err;
	if (m->v->aborted)
		return true;
	m->v->aborted = true;
	m->abort_line = line->number;
	set(&m->v->abort_why, line->json, "why");
	return true;
}

static bool take_note(struct model *m, const struct ledger_line *line, struct err *err)
{
	const char *text = json_string(line->json, "text");

	(void)err;
	if (!text)
		return true;
	if (json_bool(line->json, "inconclusive", false)) {
		strings_push(&m->inconclusive_notes, text);
		ARRAY_PUSH(m->note_lines, m->note_count, m->note_cap) = line->number;
	} else {
		strings_push(&m->v->notes, text);
	}
	return true;
}

static const struct {
	const char *event;
	bool (*take)(struct model *, const struct ledger_line *, struct err *);
} events[] = {
	{ "attempt", take_attempt },
	{ "member", take_member },
	{ "connection", take_connection },
	{ "loop", take_loop },
	{ "manager", take_manager },
	{ "run", take_run },
	{ "probe", take_probe },
	{ "fact", take_fact },
	{ "phase", take_phase },
	{ "clock", take_clock },
	{ "intent", take_intent },
	{ "injected", take_injected },
	{ "inject_failed", take_inject_failed },
	{ "confirmed", take_confirmed },
	{ "unconfirmed", take_unconfirmed },
	{ "healed", take_healed },
	{ "not_healed", take_not_healed },
	{ "redundancy", take_redundancy },
	{ "audit", take_audit },
	{ "abort", take_abort },
	{ "note", take_note },
};

bool model_line(const struct ledger_line *line, void *arg, struct err *err)
{
	struct model *m = arg;

	if (line->t_us > m->last_us)
		m->last_us = line->t_us;
	for (size_t i = 0; i < sizeof events / sizeof events[0]; i++) {
		if (str_eq(line->event, events[i].event))
			return events[i].take(m, line, err);
	}
	return true; /* a newer pgmonkey of the same schema may say more */
}
