/* Starts the probes of a run and declares them in the ledger. */
#include "gameday/run.h"

#include "base/str.h"

#include <stdlib.h>

#define MEMBER_DEADLINE  (2 * NSEC_PER_SEC)
#define MANAGER_DEADLINE (5 * NSEC_PER_SEC)
#define LAST_ANSWERS     (10 * NSEC_PER_SEC)

/* What differs between one probe of a kind and the next. */
struct starting {
	struct run *run;
	int number;
	nsec_t first;
};

static void declare(struct run *run, const char *kind, const struct probe_options *o)
{
	bool member = str_eq(kind, "member");

	ledger_begin(run->ledger, "probe");
	ledger_int(run->ledger, "probe", o->number);
	ledger_string(run->ledger, "kind", kind);
	ledger_string(run->ledger, member ? "member" : "endpoint", o->endpoint);
	ledger_int(run->ledger, "every_us", o->every / NSEC_PER_USEC);
	ledger_int(run->ledger, "deadline_us", o->deadline / NSEC_PER_USEC);
	if (o->of) {
		ledger_int(run->ledger, "of", o->of);
		ledger_int(run->ledger, "max_staleness_us",
		           o->max_staleness / NSEC_PER_USEC);
	}
	ledger_end(run->ledger);
}

static nsec_t msec(int64_t ms)
{
	return ms * NSEC_PER_MSEC;
}

/* Ticks of different probes are spread, so that they do not wait for one another. */
static nsec_t next_first(struct starting *s)
{
	s->first += 3 * NSEC_PER_MSEC;
	return s->first;
}

static bool wanted(const struct strings *via, const struct endpoint *e,
                   const char *serves)
{
	return via->count ? strings_contain(via, e->name) : str_eq(e->serves, serves);
}

static const struct pg_target *endpoint_target(struct run *run, const struct endpoint *e,
                                               struct err *err)
{
	struct run_probes *p = &run->probes;
	struct pg_target *target;

	if (!pg_target_parse(e->conninfo, NULL, &target, err)) {
		err_prefix(err, "endpoints.%s", e->name);
		return NULL;
	}
	ARRAY_PUSH(p->targets, p->target_count, p->target_cap) = target;
	return target;
}

static bool start_endpoint(struct starting *s, const struct endpoint *e, bool writes,
                           struct err *err)
{
	struct run *run = s->run;
	struct run_probes *p = &run->probes;
	const struct scenario *sc = run->scenario;
	struct probe_options o = {
		.number = s->number++,
		.endpoint = e->name,
		.target = endpoint_target(run, e, err),
		.first = next_first(s),
		.promise_sync = run->inventory->objectives.sync_standbys > 0,
	};

	if (!o.target)
		return false;
	if (writes) {
		o.every = msec(sc->probe.write.every_ms);
		o.deadline = msec(sc->probe.write.deadline_ms);
		o.renew = msec(sc->probe.write.renew_ms);
		p->write_numbers[p->write_count++] = o.number;
	} else {
		o.every = msec(sc->probe.read.every_ms);
		o.deadline = msec(sc->probe.read.deadline_ms);
		o.renew = msec(sc->probe.read.renew_ms);
		o.of = p->write_numbers[0];
		o.max_staleness = seconds_to_nsec(e->max_staleness_seconds);
	}
	declare(run, writes ? "write" : "read", &o);
	p->endpoints[p->endpoint_count++] =
		writes ? write_probe_start(&run->probe_env, &o)
		       : read_probe_start(&run->probe_env, &o);
	return true;
}

static bool start_endpoints(struct starting *s, bool writes, struct err *err)
{
	const struct inventory *inv = s->run->inventory;
	const struct scenario *sc = s->run->scenario;
	const struct strings *via = writes ? &sc->probe.write.via : &sc->probe.read.via;

	for (size_t i = 0; i < inv->endpoint_count; i++) {
		const struct endpoint *e = &inv->endpoints[i];

		if (wanted(via, e, writes ? "primary" : "replica") &&
		    !start_endpoint(s, e, writes, err))
			return false;
	}
	return true;
}

static bool start_members(struct starting *s, struct err *err)
{
	struct run *run = s->run;
	struct run_probes *p = &run->probes;

	for (size_t i = 0; i < run->inventory->host_count; i++) {
		const struct host *host = &run->inventory->hosts[i];
		struct probe_options o = {
			.endpoint = host->name,
			.every = msec(run->scenario->probe.member.every_ms),
			.deadline = MEMBER_DEADLINE,
		};
		struct pg_target *target;

		if (!host_runs(host, "postgres"))
			continue;
		target = member_target(run->inventory, host, err);
		if (!target)
			return false;
		ARRAY_PUSH(p->targets, p->target_count, p->target_cap) = target;
		o.target = target;
		o.number = s->number++;
		o.first = next_first(s);
		declare(run, "member", &o);
		p->members[p->member_count++] = member_probe_start(&run->probe_env, &o);
	}
	return true;
}

static void start_manager(struct starting *s)
{
	struct run *run = s->run;
	struct probe_options o = {
		.number = s->number++,
		.endpoint = run->ha->type->name,
		.every = msec(run->scenario->probe.manager.every_ms),
		.deadline = MANAGER_DEADLINE,
		.first = next_first(s),
	};

	declare(run, "manager", &o);
	run->probes.manager = manager_probe_start(&run->probe_env, &o, run->ha);
}

bool probes_start(struct run *run, struct err *err)
{
	const struct inventory *inv = run->inventory;
	struct run_probes *p = &run->probes;
	struct starting s = { .run = run, .number = 1, .first = run_now(run) };

	run->probe_env = (struct probe_env){
		.loop = run->loop,
		.ledger = run->ledger,
		.run = run->id,
		.schema = inv->probe_schema,
		.timely = seconds_to_nsec(run->scenario->timely_seconds),
		.recovered_for = seconds_to_nsec(run->scenario->recovered_for_seconds),
	};
	p->endpoints = xcalloc(2 * inv->endpoint_count, sizeof *p->endpoints);
	p->members = xcalloc(inv->host_count, sizeof(struct member_probe *));
	p->write_numbers = xcalloc(inv->endpoint_count, sizeof *p->write_numbers);
	if (!start_endpoints(&s, true, err))
		return false;
	if (!p->write_count) {
		err_set(err, "no endpoint to write to");
		return err_hint(
			err,
			"the cluster file needs an endpoint that serves the primary, "
			"or the scenario names one in probe.write.via");
	}
	if (!start_endpoints(&s, false, err) || !start_members(&s, err))
		return false;
	start_manager(&s);
	return true;
}

static bool probes_are_idle(void *arg)
{
	struct run *run = arg;

	for (size_t i = 0; i < run->probes.endpoint_count; i++)
		if (!endpoint_probe_is_idle(run->probes.endpoints[i]))
			return false;
	return true;
}

void probes_stop(struct run *run)
{
	for (size_t i = 0; i < run->probes.endpoint_count; i++)
		endpoint_probe_stop(run->probes.endpoints[i]);
	run_wait(run, probes_are_idle, run_now(run) + LAST_ANSWERS);
}

void probes_free(struct run_probes *p)
{
	for (size_t i = 0; i < p->endpoint_count; i++)
		endpoint_probe_free(p->endpoints[i]);
	for (size_t i = 0; i < p->member_count; i++)
		member_probe_free(p->members[i]);
	manager_probe_free(p->manager);
	for (size_t i = 0; i < p->target_count; i++)
		pg_target_free(p->targets[i]);
	free(p->endpoints);
	free(p->members);
	free(p->write_numbers);
	free(p->targets);
	*p = (struct run_probes){ 0 };
}

const struct member_probe *probes_primary(const struct run_probes *p)
{
	const struct member_probe *primary = NULL;
	int64_t timeline = -1;

	for (size_t i = 0; i < p->member_count; i++) {
		const struct member_status *s = member_probe_status(p->members[i]);

		if (s->state == MEMBER_PRIMARY && s->timeline > timeline) {
			timeline = s->timeline;
			primary = p->members[i];
		}
	}
	return primary;
}
