/* Lines about what the probes did: of these a ledger may have millions. */
#include "verdict/model.h"

#include "base/json.h"
#include "base/str.h"

#include <stdlib.h>

#define MAX_ERRORS  4000 /* different texts; the rest go without one */
#define MAX_SERVERS 254

static char *copy(const char *s)
{
	return s ? xstrdup(s) : NULL;
}

bool take_probe(struct model *m, const struct ledger_line *line, struct err *err)
{
	const cJSON *json = line->json;
	int number = (int)line_int(json, "probe", -1);
	const char *kind = json_string(json, "kind");
	const char *name = json_string(json, "endpoint");
	struct probe_summary *p;
	size_t i;

	if (!kind)
		return err_set(err, "a probe without a kind");
	if (model_probe(m, number) != SIZE_MAX)
		return true; /* told again */
	p = &ARRAY_PUSH(m->v->probes, m->v->probe_count, m->v->probe_cap);
	*p = (struct probe_summary){
		.number = number,
		.kind = xstrdup(kind),
		.endpoint = copy(name ? name : json_string(json, "member")),
		.every_us = line_int(json, "every_us", 0),
		.max_staleness_us = line_int(json, "max_staleness_us", 0),
		.rto_recovered = true,
	};
	if (!p->endpoint)
		p->endpoint = xasprintf("probe %d", number);
	i = m->v->probe_count - 1;
	if (m->v->probe_cap > m->probe_cap) {
		m->probe_cap = m->v->probe_cap;
		m->probes = xrealloc(m->probes, m->probe_cap * sizeof m->probes[0]);
	}
	m->probes[i] = (struct model_probe){ .of = (int)line_int(json, "of", -1) };
	return true;
}

/* The probe that a line speaks of. */
static bool find_probe(const struct model *m, const struct ledger_line *line,
                       size_t *probe, struct err *err)
{
	int number = (int)line_int(line->json, "probe", -1);

	*probe = model_probe(m, number);
	if (*probe == SIZE_MAX)
		return err_set(err, "\"%s\" of probe %d, of which no line told before",
		               line->event, number);
	return true;
}

/* "57P01 terminating connection …", or what else there is. */
static size_t error_of(struct model *m, const cJSON *json)
{
	const char *sqlstate = json_string(json, "sqlstate");
	const char *message = json_string(json, "message");
	const char *why = json_string(json, "reason");
	char text[300];

	if (!message)
		message = why ? why : "";
	if (!sqlstate && !*message)
		return 0;
	snprintf(text, sizeof text, "%s%s%s", sqlstate ? sqlstate : "",
	         sqlstate && *sqlstate && *message ? " " : "", message);
	return intern(&m->errors, text, MAX_ERRORS);
}

static void count(struct probe_summary *p, enum outcome outcome)
{
	switch (outcome) {
	case OUTCOME_ACKED:
		p->acked++;
		break;
	case OUTCOME_ACKED_WEAK:
		p->weak++;
		break;
	case OUTCOME_REFUSED:
		p->refused++;
		break;
	case OUTCOME_IN_DOUBT:
		p->in_doubt++;
		break;
	case OUTCOME_NOT_SENT:
		p->not_sent++;
		break;
	}
	p->attempts++;
}

static void take_reading(struct model_probe *p, const struct ledger_line *line,
                         const struct attempt *a)
{
	if (p->of < 0)
		p->of = (int)line_int(line->json, "of", -1);
	ARRAY_PUSH(p->readings, p->reading_count, p->reading_cap) = (struct reading){
		.sent_us = line_int(line->json, "sent_us", a->scheduled_us),
		.answered_us = a->answered_us,
		.newest = line_int(line->json, "newest", -1),
		.line = a->line,
	};
}

bool take_attempt(struct model *m, const struct ledger_line *line, struct err *err)
{
	const cJSON *json = line->json;
	struct attempt a = {
		.scheduled_us = line_int(json, "scheduled_us", TIME_NEVER),
		.answered_us = line_int(json, "answered_us", line->t_us),
		.seq = line_int(json, "seq", -1),
		.line = (uint32_t)line->number,
	};
	enum outcome outcome;
	size_t i;

	if (!find_probe(m, line, &i, err))
		return false;
	if (a.scheduled_us == TIME_NEVER)
		return err_set(err, "an attempt without scheduled_us");
	if (!outcome_parse(json_string(json, "outcome"), &outcome))
		return err_set(err, "an attempt without a known outcome");
	a.outcome = (uint8_t)(outcome & 0xf);
	if (str_eq(json_string(json, "kind"), "connect"))
		a.flags = ATTEMPT_CONNECT;
	else
		count(&m->v->probes[i], outcome);
	if (outcome == OUTCOME_NOT_SENT && str_eq(json_string(json, "reason"), "late"))
		a.flags |= ATTEMPT_LATE;
	if (outcome != OUTCOME_ACKED)
		a.error = (uint16_t)error_of(m, json);
	a.server = (uint8_t)intern(&m->servers, json_string(json, "server"), MAX_SERVERS);
	ARRAY_PUSH(m->probes[i].attempts, m->probes[i].count, m->probes[i].cap) = a;
	if (probe_is_read(&m->v->probes[i]) && outcome == OUTCOME_ACKED)
		take_reading(&m->probes[i], line, &a);
	return true;
}

bool take_connection(struct model *m, const struct ledger_line *line, struct err *err)
{
	struct model_probe *p;
	size_t i;

	if (!find_probe(m, line, &i, err))
		return false;
	p = &m->probes[i];
	ARRAY_PUSH(p->connections, p->connection_count, p->connection_cap) =
		(struct connection){ line_int(line->json, "began_us", line->t_us),
		                     line->t_us, line->number };
	return true;
}

#define MAX_KEY 9007199254740992.0 /* 2^53: beyond it a double skips integers */

static bool is_key(const cJSON *node)
{
	return cJSON_IsNumber(node) && node->valuedouble > -MAX_KEY &&
	       node->valuedouble < MAX_KEY;
}

static bool take_range(struct ranges *present, const cJSON *pair, struct err *err)
{
	const cJSON *first = cJSON_GetArrayItem(pair, 0);
	const cJSON *last = cJSON_GetArrayItem(pair, 1);

	if (!is_key(first) || !is_key(last) || cJSON_GetArraySize(pair) != 2 ||
	    first->valuedouble > last->valuedouble)
		return err_set(err,
		               "\"present\" of an audit is not made of [first, last]");
	ranges_add(present, (int64_t)first->valuedouble, (int64_t)last->valuedouble);
	return true;
}

/* Where an audit belongs: a later one of the same member and probe replaces it. */
static struct audit *audit_slot(struct model *m, size_t probe, const char *member)
{
	for (size_t i = 0; i < m->audit_count; i++) {
		struct audit *a = &m->audits[i];

		if (a->probe != probe || !str_eq(a->member, member))
			continue;
		free(a->member);
		free(a->why);
		ranges_free(&a->present);
		return a;
	}
	return &ARRAY_PUSH(m->audits, m->audit_count, m->audit_cap);
}

bool take_audit(struct model *m, const struct ledger_line *line, struct err *err)
{
	const cJSON *present = json_get(line->json, "present");
	const char *member = json_string(line->json, "member");
	struct audit *a;
	const cJSON *pair;
	size_t i;

	if (!find_probe(m, line, &i, err))
		return false;
	a = audit_slot(m, i, member ? member : "");
	*a = (struct audit){
		.probe = i,
		.member = xstrdup(member ? member : ""),
		.why = copy(json_string(line->json, "why")),
		.surviving = json_bool(line->json, "surviving", false),
		.complete = json_bool(line->json, "complete", false) &&
		            cJSON_IsArray(present),
		.line = line->number,
	};
	cJSON_ArrayForEach (pair, present) {
		if (!take_range(&a->present, pair, err))
			return false;
	}
	return true;
}
