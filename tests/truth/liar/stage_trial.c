/* A ledger with probes that run, and what an experiment would write into it. */
#include "stage.h"

#include "probe/marker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TICK (250 * NSEC_PER_MSEC)
#define LATE NSEC_PER_MSEC

static nsec_t prepare(struct source *source, struct loop *l)
{
	struct trial *t = (struct trial *)source;

	(void)l;
	ledger_flush(t->ledger);
	return t->next_tick;
}

/* All trials of the program share its loop, and so its lateness. */
static struct trial *trials[16];
static size_t trial_count;

static void tell_lateness(void)
{
	struct loop_lateness late = loop_take_lateness(loop);

	for (size_t i = 0; late.worst >= LATE && i < trial_count; i++) {
		struct ledger *l = trials[i]->ledger;

		ledger_begin(l, "loop");
		ledger_int(l, "late_us", late.worst / NSEC_PER_USEC);
		ledger_int(l, "slice_us", late.longest_slice / NSEC_PER_USEC);
		ledger_string(l, "source", late.longest_source);
		ledger_end(l);
	}
}

static void wake(struct source *source, struct loop *l)
{
	struct trial *t = (struct trial *)source;

	t->next_tick = loop_now(l) + TICK;
	tell_lateness();
}

static void forget(struct trial *t)
{
	size_t n = 0;

	for (size_t i = 0; i < trial_count; i++)
		if (trials[i] != t)
			trials[n++] = trials[i];
	trial_count = n;
}

static void phase(struct trial *t, const char *name)
{
	ledger_begin(t->ledger, "phase");
	ledger_string(t->ledger, "phase", name);
	ledger_string(t->ledger, "text", name);
	ledger_end(t->ledger);
}

int64_t trial_us(const struct trial *t, nsec_t at)
{
	return (at - t->base) / NSEC_PER_USEC;
}

static void write_run(struct trial *t, const char *hosts, double timely)
{
	char started[RFC3339_SIZE];
	struct clock *clock = loop_clock(loop);
	char *cluster =
		xasprintf("{\"cluster\":\"liar\",\"hosts\":%s}", hosts ? hosts : "{}");

	ledger_begin_at(t->ledger, "run", t->base);
	ledger_int(t->ledger, "schema", LEDGER_SCHEMA);
	ledger_string(t->ledger, "pgmonkey", "test");
	ledger_string(t->ledger, "run", t->name);
	ledger_string(t->ledger, "started", rfc3339(started, clock->wall(clock)));
	ledger_string(t->ledger, "cluster", "liar");
	ledger_string(t->ledger, "experiment", t->name);
	ledger_json(t->ledger, "objectives",
	            "{\"rto_seconds\":60,\"rpo_rows\":0,\"sync_standbys\":0}");
	ledger_int(t->ledger, "recovered_for_us", 1000000);
	ledger_int(t->ledger, "timely_us", (int64_t)(timely * 1e6));
	ledger_json(t->ledger, "cluster_file", cluster);
	ledger_end(t->ledger);
	free(cluster);
}

void trial_open(struct trial *t, const char *name, const char *hosts, double timely)
{
	struct err err = { 0 };

	*t = (struct trial){ .base = loop_now(loop) };
	snprintf(t->name, sizeof t->name, "%s", name);
	snprintf(t->path, sizeof t->path, "%s.jsonl", stage_path(name));
	t->ledger = ledger_create(t->path, clock_system(), t->base, &err);
	if (!t->ledger) {
		printf("Bail out! %s\n", err.message);
		exit(1);
	}
	t->env = (struct probe_env){
		.loop = loop,
		.ledger = t->ledger,
		.run = t->name,
		.schema = "pgmonkey",
		.timely = seconds_to_nsec(timely),
		.recovered_for = NSEC_PER_SEC,
	};
	t->ticker = (struct source){ .name = "ticker", .prepare = prepare, .wake = wake };
	t->next_tick = t->base + TICK;
	trials[trial_count++] = t;
	write_run(t, hosts, timely);
	loop_add(loop, &t->ticker);
}

/* ---- Probes -------------------------------------------------------------------------
 */

static void declare(struct trial *t, const char *kind, const struct probe_options *o)
{
	ledger_begin(t->ledger, "probe");
	ledger_int(t->ledger, "probe", o->number);
	ledger_string(t->ledger, "kind", kind);
	ledger_string(t->ledger, strcmp(kind, "member") == 0 ? "member" : "endpoint",
	              o->endpoint);
	ledger_int(t->ledger, "every_us", o->every / NSEC_PER_USEC);
	ledger_int(t->ledger, "deadline_us", o->deadline / NSEC_PER_USEC);
	if (o->of) {
		ledger_int(t->ledger, "of", o->of);
		ledger_int(t->ledger, "max_staleness_us",
		           o->max_staleness / NSEC_PER_USEC);
	}
	ledger_end(t->ledger);
}

static struct probe_options complete(struct trial *t, const char *name,
                                     const struct liar_process *via,
                                     const struct probe_options *options)
{
	struct probe_options o = options ? *options : (struct probe_options){ 0 };
	struct pg_target *target = target_at("127.0.0.1", via->port, "");

	t->targets[t->target_count++] = target;
	o.number = (int)(t->endpoint_count + t->member_count) + 1;
	o.endpoint = name;
	o.target = target;
	o.every = o.every ? o.every : (o.of ? 100 : 20) * NSEC_PER_MSEC;
	o.deadline = o.deadline ? o.deadline : 2 * NSEC_PER_SEC;
	o.first = loop_now(loop) + o.number * 3 * NSEC_PER_MSEC;
	return o;
}

int trial_write(struct trial *t, const char *endpoint, const struct liar_process *via,
                const struct probe_options *options)
{
	struct probe_options o = complete(t, endpoint, via, options);

	declare(t, "write", &o);
	t->endpoints[t->endpoint_count++] = write_probe_start(&t->env, &o);
	return t->writes[t->write_count++] = o.number;
}

int trial_read(struct trial *t, const char *endpoint, const struct liar_process *via,
               const struct probe_options *options)
{
	struct probe_options o = complete(t, endpoint, via, options);

	declare(t, "read", &o);
	t->endpoints[t->endpoint_count++] = read_probe_start(&t->env, &o);
	return o.number;
}

int trial_member(struct trial *t, const struct server *s)
{
	struct probe_options o = {
		.number = (int)(t->endpoint_count + t->member_count) + 1,
		.endpoint = s->name,
		.target = target_at(s->address, s->port, ""),
		.every = 100 * NSEC_PER_MSEC,
		.deadline = 2 * NSEC_PER_SEC,
	};

	t->targets[t->target_count++] = (struct pg_target *)o.target;
	declare(t, "member", &o);
	t->members[t->member_count++] = member_probe_start(&t->env, &o);
	return o.number;
}

/* ---- The course ---------------------------------------------------------------------
 */

static bool all_acked(void *arg)
{
	struct trial *t = arg;

	for (size_t i = 0; i < t->endpoint_count; i++) {
		const struct endpoint_status *s = endpoint_probe_status(t->endpoints[i]);

		if (!s->acked_since || loop_now(loop) - s->acked_since < NSEC_PER_SEC / 2)
			return false;
	}
	return true;
}

void trial_wait_acked(struct trial *t)
{
	phase(t, "STEADY");
	if (!loop_wait(loop, all_acked, t, in_seconds(20))) {
		printf("Bail out! %s does not become steady\n", t->name);
		exit(1);
	}
}

void trial_inject(struct trial *t)
{
	phase(t, "ARM");
	ledger_begin(t->ledger, "intent");
	ledger_string(t->ledger, "fault", "by_hand");
	ledger_end(t->ledger);
	phase(t, "INJECT");
	ledger_begin(t->ledger, "injected");
	ledger_string(t->ledger, "fault", "by_hand");
	ledger_end(t->ledger);
	ledger_begin(t->ledger, "confirmed");
	ledger_string(t->ledger, "fault", "by_hand");
	ledger_string(t->ledger, "evidence", "the liar was told");
	ledger_end(t->ledger);
	phase(t, "OBSERVE");
}

static bool all_idle(void *arg)
{
	struct trial *t = arg;

	for (size_t i = 0; i < t->endpoint_count; i++)
		if (!endpoint_probe_is_idle(t->endpoints[i]))
			return false;
	return true;
}

void trial_end(struct trial *t)
{
	phase(t, "HEAL");
	ledger_begin(t->ledger, "healed");
	ledger_string(t->ledger, "fault", "by_hand");
	ledger_string(t->ledger, "evidence", "the liar is honest again");
	ledger_end(t->ledger);
	phase(t, "SETTLE");
	ledger_begin(t->ledger, "redundancy");
	ledger_string(t->ledger, "state", "restored");
	ledger_int(t->ledger, "restored_us", 0);
	ledger_end(t->ledger);
	for (size_t i = 0; i < t->endpoint_count; i++)
		endpoint_probe_stop(t->endpoints[i]);
	loop_wait(loop, all_idle, t, in_seconds(10));
	phase(t, "AUDIT");
}

void trial_audit(struct trial *t, const struct server *primary, int64_t timeline)
{
	struct pg_target *target = target_at(primary->address, primary->port, "");
	struct marker marker = { loop, t->name, "pgmonkey" };
	struct audit_request request = {
		.run = t->name,
		.schema = "pgmonkey",
		.member = primary->name,
		.role = "primary",
		.timeline = timeline,
		.surviving = true,
		.probes = t->writes,
		.probe_count = t->write_count,
		.deadline = in_seconds(30),
	};
	struct err err = { 0 };

	if (!marker_write(&marker, target, in_seconds(10), &err) ||
	    !audit_member(loop, t->ledger, target, &request, &err))
		printf("# %s: %s\n", t->name, err.message);
	pg_target_free(target);
}

struct verdict *trial_judge(struct trial *t)
{
	struct err err = { 0 };
	struct verdict *v;

	ledger_begin(t->ledger, "end");
	ledger_end(t->ledger);
	for (size_t i = 0; i < t->endpoint_count; i++)
		endpoint_probe_free(t->endpoints[i]);
	for (size_t i = 0; i < t->member_count; i++)
		member_probe_free(t->members[i]);
	loop_remove(loop, &t->ticker);
	forget(t);
	ledger_close(t->ledger);
	for (size_t i = 0; i < t->target_count; i++)
		pg_target_free(t->targets[i]);
	v = verdict_of_file(t->path, &err);
	if (!v) {
		printf("Bail out! %s\n", err.message);
		exit(1);
	}
	return v;
}
