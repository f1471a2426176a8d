#include "verdict/model.h"

#include "base/str.h"

#include <stdlib.h>
#include <string.h>

void model_init(struct model *m, struct verdict *v)
{
	*m = (struct model){
		.v = v,
		.recovered_for_us = 1000000,
		.timely_us = 1000000,
		.sync_standbys = -1,
		.steady_us = TIME_NEVER,
		.fault_us = TIME_NEVER,
		.heal_us = TIME_NEVER,
		.audit_us = TIME_NEVER,
		.redundant_us = TIME_NEVER,
	};
}

bool probe_is_write(const struct probe_summary *p)
{
	return str_eq(p->kind, "write");
}

bool probe_is_read(const struct probe_summary *p)
{
	return str_eq(p->kind, "read");
}

size_t model_probe(const struct model *m, int number)
{
	for (size_t i = 0; i < m->v->probe_count; i++) {
		if (m->v->probes[i].number == number)
			return i;
	}
	return SIZE_MAX;
}

int64_t model_end(const struct model *m)
{
	return m->audit_us < m->last_us ? m->audit_us : m->last_us;
}

static int by_schedule(const void *a, const void *b)
{
	const struct attempt *x = a;
	const struct attempt *y = b;

	if (x->scheduled_us != y->scheduled_us)
		return x->scheduled_us < y->scheduled_us ? -1 : 1;
	return (x->line > y->line) - (x->line < y->line);
}

static int by_time(const void *a, const void *b)
{
	const struct lateness *x = a;
	const struct lateness *y = b;

	return (x->t_us > y->t_us) - (x->t_us < y->t_us);
}

static int by_asked(const void *a, const void *b)
{
	const struct reading *x = a;
	const struct reading *y = b;

	return (x->sent_us > y->sent_us) - (x->sent_us < y->sent_us);
}

void model_order(struct model *m)
{
	for (size_t i = 0; i < m->v->probe_count; i++) {
		struct model_probe *p = &m->probes[i];

		if (p->count)
			qsort(p->attempts, p->count, sizeof p->attempts[0], by_schedule);
		if (p->reading_count)
			qsort(p->readings, p->reading_count, sizeof p->readings[0],
			      by_asked);
	}
	if (m->late_count)
		qsort(m->lates, m->late_count, sizeof m->lates[0], by_time);
	for (size_t i = 0; i < m->audit_count; i++)
		ranges_normalize(&m->audits[i].present);
}

/* A `loop` line is written within the second behind what it tells of. */
#define TOLD_WITHIN 1000000

int64_t model_late(const struct model *m, int64_t from_us, int64_t to_us)
{
	size_t low = 0;
	size_t high = m->late_count;
	int64_t worst = 0;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (m->lates[middle].t_us < from_us)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < m->late_count && m->lates[low].t_us <= to_us + TOLD_WITHIN; low++) {
		if (m->lates[low].late_us > worst)
			worst = m->lates[low].late_us;
	}
	return worst;
}

void strings_push(struct strings *list, const char *s)
{
	ARRAY_PUSH(list->items, list->count, list->cap) = xstrdup(s);
}

void strings_clear(struct strings *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->items[i]);
	free(list->items);
	*list = (struct strings){ 0 };
}

static void free_lists(struct model *m)
{
	for (size_t i = 0; i < m->view_count; i++) {
		free(m->views[i].leader);
		free(m->views[i].scheduled);
	}
	for (size_t i = 0; i < m->audit_count; i++) {
		free(m->audits[i].member);
		free(m->audits[i].why);
		ranges_free(&m->audits[i].present);
	}
	for (size_t i = 0; i < m->fault_count; i++)
		free(m->faults[i].fault);
	settings_free(m);
	free(m->views);
	free(m->audits);
	free(m->faults);
	free(m->lates);
	free(m->runs);
}

void model_free(struct model *m)
{
	for (size_t i = 0; m->probes && i < m->v->probe_count; i++) {
		free(m->probes[i].attempts);
		free(m->probes[i].readings);
		free(m->probes[i].connections);
	}
	free(m->probes);
	free_lists(m);
	free(m->rto_endpoint);
	free(m->inject_failed);
	free(m->note_lines);
	strings_clear(&m->host_names);
	strings_clear(&m->host_addresses);
	strings_clear(&m->inconclusive_notes);
	intern_free(&m->errors);
	intern_free(&m->servers);
	intern_free(&m->members);
}
