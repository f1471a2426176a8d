/* For programs. Numbers that are not known are null, never 0. */
#include "report/parts.h"

#include "base/str.h"

#include <cjson/cJSON.h>
#include <string.h>

static void text(cJSON *o, const char *key, const char *s)
{
	cJSON_AddItemToObject(o, key, s ? cJSON_CreateString(s) : cJSON_CreateNull());
}

static void number(cJSON *o, const char *key, bool known, double value)
{
	cJSON_AddItemToObject(o, key,
	                      known ? cJSON_CreateNumber(value) : cJSON_CreateNull());
}

static void seconds(cJSON *o, const char *key, bool known, int64_t us)
{
	number(o, key, known, (double)us / 1e6);
}

static void figure(cJSON *o, bool known, struct figure f)
{
	seconds(o, "seconds", known, f.us);
	seconds(o, "error_seconds", known,
	        f.minus_us > f.plus_us ? f.minus_us : f.plus_us);
	seconds(o, "error_minus_seconds", known, f.minus_us);
	seconds(o, "error_plus_seconds", known, f.plus_us);
}

static void add_time(cJSON *o, const char *key, const struct verdict *v, int64_t us)
{
	char time[RFC3339_SIZE];

	text(o, key, us < 0 ? NULL : part_time(v, us, time));
}

static void add_run(cJSON *o, const struct verdict *v)
{
	cJSON *gameday;

	text(o, "run", v->run);
	text(o, "experiment", v->experiment);
	text(o, "why", v->why);
	text(o, "expect", expectation_name(v->expect));
	text(o, "because", v->because);
	text(o, "cluster", v->cluster);
	text(o, "environment", v->environment);
	text(o, "started", v->started);
	text(o, "seed", v->seed);
	text(o, "agent", v->agent_host);
	if (!v->gameday)
		return;
	gameday = cJSON_AddObjectToObject(o, "gameday");
	text(gameday, "name", v->gameday);
	number(gameday, "index", true, v->gameday_index);
	number(gameday, "of", true, v->gameday_of);
}

static void add_reasons(cJSON *o, const struct verdict *v)
{
	cJSON *plain = cJSON_AddArrayToObject(o, "reasons");
	cJSON *detail = cJSON_AddArrayToObject(o, "reasons_detail");
	cJSON *notes = cJSON_AddArrayToObject(o, "notes");

	for (size_t i = 0; i < v->reason_count; i++) {
		const struct reason *r = &v->reasons[i];
		cJSON *item = cJSON_CreateObject();

		cJSON_AddItemToArray(plain, cJSON_CreateString(r->text));
		text(item, "judgement", judgement_name(r->judgement));
		text(item, "text", r->text);
		number(item, "line", r->line > 0, (double)r->line);
		cJSON_AddItemToArray(detail, item);
	}
	for (size_t i = 0; i < v->notes.count; i++)
		cJSON_AddItemToArray(notes, cJSON_CreateString(v->notes.items[i]));
}

static void add_fault(cJSON *o, const struct verdict *v)
{
	const struct fault_summary *f = &v->fault;
	cJSON *fault = cJSON_AddObjectToObject(o, "fault");

	text(fault, "name", f->name);
	text(fault, "target", f->target);
	text(fault, "host", f->host);
	text(fault, "command", f->command);
	cJSON_AddBoolToObject(fault, "injected", f->injected);
	add_time(fault, "injected_at", v, f->injected_us);
	cJSON_AddBoolToObject(fault, "confirmed", f->confirmed);
	add_time(fault, "confirmed_at", v, f->confirmed_us);
	text(fault, "evidence", f->evidence);
	text(fault, "why_unconfirmed", f->why_unconfirmed);
	cJSON_AddBoolToObject(fault, "healed", f->healed);
	cJSON_AddBoolToObject(fault, "not_healed", f->not_healed);
	text(fault, "heal_evidence", f->heal_evidence);
	text(fault, "heal_hint", f->heal_hint);
	text(fault, "lacking", f->lacking); /* of what ran before, after a heal */
}

static void add_outages(cJSON *o, const struct verdict *v)
{
	cJSON *list = cJSON_AddArrayToObject(o, "outages");

	for (size_t i = 0; i < v->outage_count; i++) {
		const struct outage *out = &v->outages[i];
		cJSON *item = cJSON_CreateObject();

		text(item, "endpoint", out->endpoint);
		text(item, "kind", out->reads ? "read" : "write");
		figure(item, true, out->length);
		add_time(item, "start", v, out->start_us);
		seconds(item, "start_seconds_after_fault", v->fault.injected,
		        out->start_us - v->fault.injected_us);
		cJSON_AddBoolToObject(item, "recovered", out->recovered);
		cJSON_AddBoolToObject(item, "foreign", out->foreign);
		number(item, "flaps", true, out->flaps);
		number(item, "not_acked", true, (double)out->not_acked);
		text(item, "first_error", out->first_error);
		number(item, "line", true, (double)out->line);
		cJSON_AddItemToArray(list, item);
	}
}

static void add_rto(cJSON *o, const struct verdict *v)
{
	cJSON *rto = cJSON_AddObjectToObject(o, "rto");

	figure(rto, v->rto_known, v->rto);
	number(rto, "objective_seconds", v->rto_objective_seconds >= 0,
	       v->rto_objective_seconds);
	text(rto, "endpoint", v->rto_endpoint);
	cJSON_AddBoolToObject(rto, "recovered", v->rto_recovered);
}

static void add_rpo(cJSON *o, const struct verdict *v)
{
	const struct loss *l = &v->loss;
	cJSON *rpo = cJSON_AddObjectToObject(o, "rpo");
	cJSON *keys;

	number(rpo, "acked", true, (double)l->acked);
	number(rpo, "lost", l->known, (double)l->lost);
	number(rpo, "lost_at_least", true, (double)l->lost);
	number(rpo, "objective_rows", v->rpo_objective_rows >= 0,
	       (double)v->rpo_objective_rows);
	number(rpo, "in_doubt", true, (double)l->in_doubt);
	number(rpo, "in_doubt_present", l->known, (double)l->in_doubt_present);
	number(rpo, "acked_weak", true, (double)l->weak);
	number(rpo, "acked_weak_present", l->known, (double)l->weak_present);
	number(rpo, "refused", true, (double)l->refused);
	number(rpo, "resurrected", l->known, (double)l->resurrected);
	number(rpo, "not_sent_present", l->known, (double)l->not_sent_present);
	number(rpo, "diverged", l->known, (double)l->diverged);
	add_time(rpo, "first_lost", v, l->lost ? l->first_lost_us : -1);
	add_time(rpo, "last_lost", v, l->lost ? l->last_lost_us : -1);
	text(rpo, "why_unknown", l->why_unknown);
	keys = cJSON_AddArrayToObject(rpo, "lost_keys");
	for (size_t i = 0; i < l->lost_keys.count; i++)
		cJSON_AddItemToArray(keys, cJSON_CreateString(l->lost_keys.items[i]));
}

static void add_roles(cJSON *o, const struct verdict *v)
{
	seconds(o, "dual_primary_seconds", true, v->dual_primary_us);
	number(o, "dual_primary_acks", true, (double)v->dual_primary_acks);
	seconds(o, "dual_claim_seconds", true, v->dual_claim_us);
	seconds(o, "redundancy_restored_seconds", v->redundancy_us >= 0,
	        v->redundancy_us);
	text(o, "redundancy_why", v->redundancy_why);
}

static void add_endpoints(cJSON *o, const struct verdict *v)
{
	cJSON *list = cJSON_AddArrayToObject(o, "endpoints");

	for (size_t i = 0; i < v->probe_count; i++) {
		const struct probe_summary *p = &v->probes[i];
		cJSON *item;

		if (!part_is_endpoint(p))
			continue;
		item = cJSON_CreateObject();
		text(item, "endpoint", p->endpoint);
		text(item, "kind", p->kind);
		seconds(item, "every_seconds", true, p->every_us);
		number(item, "attempts", true, (double)p->attempts);
		number(item, "acked", true, (double)p->acked);
		number(item, "acked_weak", true, (double)p->weak);
		number(item, "refused", true, (double)p->refused);
		number(item, "in_doubt", true, (double)p->in_doubt);
		number(item, "not_sent", true, (double)p->not_sent);
		figure(cJSON_AddObjectToObject(item, "rto"), v->fault.injected, p->rto);
		cJSON_AddBoolToObject(item, "recovered", p->rto_recovered);
		if (str_eq(p->kind, "read")) {
			figure(cJSON_AddObjectToObject(item, "staleness"), true,
			       p->worst_staleness);
			seconds(item, "max_staleness_seconds", p->max_staleness_us > 0,
			        p->max_staleness_us);
			seconds(item, "over_max_staleness_seconds", true, p->stale_us);
		}
		cJSON_AddItemToArray(list, item);
	}
}

static void add_course(cJSON *o, const struct verdict *v)
{
	cJSON *list = cJSON_AddArrayToObject(o, "where_the_time_went");
	cJSON *phases = cJSON_AddArrayToObject(o, "phases");

	for (size_t i = 0; i < v->boundary_count; i++) {
		const struct boundary *b = &v->boundaries[i];
		cJSON *item = cJSON_CreateObject();

		text(item, "boundary", b->name);
		seconds(item, "seconds_after_fault", b->at_us >= 0,
		        b->at_us - v->fault.injected_us);
		add_time(item, "at", v, b->at_us);
		text(item, "observed", b->observed);
		cJSON_AddItemToArray(list, item);
	}
	for (size_t i = 0; i < v->phase_count; i++) {
		const struct phase_time *p = &v->phases[i];
		cJSON *item = cJSON_CreateObject();

		text(item, "phase", p->phase);
		add_time(item, "start", v, p->start_us);
		seconds(item, "seconds", true, p->end_us - p->start_us);
		cJSON_AddItemToArray(phases, item);
	}
	seconds(o, "agent_late_seconds", true, v->worst_late_us);
	seconds(o, "clock_step_seconds", true, v->clock_step_us);
	text(o, "aborted", v->aborted ? v->abort_why ? v->abort_why : "" : NULL);
}

/* "postgresql db1" → versions.postgresql.db1; see docs/ledger.md. */
static void add_versions(cJSON *o, const struct verdict *v)
{
	cJSON *versions = cJSON_AddObjectToObject(o, "versions");
	cJSON *postgresql = cJSON_AddObjectToObject(versions, "postgresql");
	cJSON *manager = cJSON_AddObjectToObject(versions, "manager");
	cJSON *proxies = cJSON_AddObjectToObject(versions, "proxies");
	cJSON *other = cJSON_AddObjectToObject(versions, "other");

	text(versions, "pgmonkey", v->pgmonkey);
	for (size_t i = 0; i < v->version_count; i++) {
		const char *about = v->versions[i].about;
		const char *space = strchr(about, ' ');

		if (str_starts(about, "postgresql"))
			text(postgresql, space ? space + 1 : about, v->versions[i].value);
		else if (str_starts(about, "haproxy") || str_starts(about, "pgbouncer"))
			text(proxies, about, v->versions[i].value);
		else if (str_starts(about, "patroni") || str_starts(about, "manager"))
			text(manager, about, v->versions[i].value);
		else
			text(other, about, v->versions[i].value);
	}
}

static cJSON *experiment(const struct verdict *v)
{
	cJSON *o = cJSON_CreateObject();

	text(o, "verdict", judgement_name(v->judgement));
	number(o, "exit_code", true, verdict_exit_code(v));
	add_run(o, v);
	add_reasons(o, v);
	add_fault(o, v);
	add_rto(o, v);
	add_rpo(o, v);
	add_roles(o, v);
	add_outages(o, v);
	add_endpoints(o, v);
	add_course(o, v);
	add_versions(o, v);
	return o;
}

void report_json(const struct verdict *const *verdicts, size_t count, struct buf *out)
{
	cJSON *root;
	cJSON *list;
	char *printed;

	if (count == 1) {
		root = experiment(verdicts[0]);
	} else {
		root = cJSON_CreateObject();
		text(root, "verdict", judgement_name(part_worst(verdicts, count)));
		number(root, "exit_code", true, part_exit_code(verdicts, count));
		list = cJSON_AddArrayToObject(root, "experiments");
		for (size_t i = 0; i < count; i++)
			cJSON_AddItemToArray(list, experiment(verdicts[i]));
	}
	printed = cJSON_Print(root);
	buf_puts(out, printed);
	buf_putc(out, '\n');
	cJSON_free(printed);
	cJSON_Delete(root);
}
