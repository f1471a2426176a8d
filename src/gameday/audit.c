/* AUDIT: read every key of the run on the surviving primary, then on every replica. */
#include "gameday/run.h"

#include "base/log.h"
#include "base/str.h"
#include "probe/marker.h"

#define ASK          (10 * NSEC_PER_SEC)
#define AUDIT_LIMIT  (600 * NSEC_PER_SEC) /* tens of millions of keys take minutes */
#define REPLAY_LIMIT (30 * NSEC_PER_SEC)

static void write_unknown(struct run *run, const char *member, const char *why)
{
	for (size_t i = 0; i < run->probes.write_count; i++) {
		ledger_begin(run->ledger, "audit");
		ledger_string(run->ledger, "member", member);
		ledger_int(run->ledger, "probe", run->probes.write_numbers[i]);
		ledger_bool(run->ledger, "complete", false);
		ledger_string(run->ledger, "why", why);
		ledger_end(run->ledger);
	}
}

static bool audit_one(struct run *run, const struct host *host,
                      struct audit_request *request, struct err *err)
{
	struct pg_target *target = member_target(run->inventory, host, err);
	bool read;

	if (!target)
		return false;
	request->run = run->id;
	request->schema = run->inventory->probe_schema;
	request->member = host->name;
	request->probes = run->probes.write_numbers;
	request->probe_count = run->probes.write_count;
	request->deadline = run_now(run) + AUDIT_LIMIT;
	read = audit_member(run->loop, run->ledger, target, request, err);
	pg_target_free(target);
	return read;
}

/* Read only when it has replayed what the primary had: else rows would seem to differ. */
static bool has_replayed(struct run *run, const struct host *host, struct err *err)
{
	struct marker marker = { run->loop, run->id, run->inventory->probe_schema };
	struct pg_target *target = member_target(run->inventory, host, err);
	bool replayed =
		target && marker_wait(&marker, target, run_now(run) + REPLAY_LIMIT, err);

	pg_target_free(target);
	return replayed;
}

static void audit_replica(struct run *run, const struct member_probe *replica,
                          int64_t timeline)
{
	const struct member_status *s = member_probe_status(replica);
	const char *name = member_probe_name(replica);
	const struct host *host = inventory_host(run->inventory, name);
	struct audit_request request = { .role = "replica", .timeline = timeline };
	struct err err = { 0 };

	if (s->state != MEMBER_REPLICA)
		write_unknown(run, name, s->message[0] ? s->message : "it is no replica");
	else if (!has_replayed(run, host, &err))
		write_unknown(run, name, err.message);
	else if (!audit_one(run, host, &request, &err))
		log_warning("audit of %s: %s", name, err.message);
}

/* The primary of the surviving timeline: by its own word and by the manager's. */
static const struct member_probe *surviving_primary(struct run *run, struct err *err)
{
	const struct member_probe *primary = probes_primary(&run->probes);
	struct ha_view *view;

	if (!primary) {
		err_set(err, "no member says that it is primary");
		return NULL;
	}
	view = ha_look(run->ha, run_now(run) + ASK, err);
	if (!view)
		return NULL;
	if (view->leader && !str_eq(view->leader, member_probe_name(primary))) {
		err_set(err,
		        "the manager names %s as leader, but %s says that it is primary",
		        view->leader, member_probe_name(primary));
		primary = NULL;
	}
	ha_view_free(view);
	return primary;
}

static bool audit_primary(struct run *run, const struct member_probe *primary,
                          struct err *err)
{
	const struct host *host =
		inventory_host(run->inventory, member_probe_name(primary));
	struct marker marker = { run->loop, run->id, run->inventory->probe_schema };
	struct pg_target *target = member_target(run->inventory, host, err);
	struct audit_request request = {
		.role = "primary",
		.timeline = member_probe_status(primary)->timeline,
		.surviving = true,
	};
	bool marked = target && marker_write(&marker, target, run_now(run) + ASK, err);

	pg_target_free(target);
	return marked && audit_one(run, host, &request, err);
}

bool phase_audit(struct run *run, struct err *err)
{
	const struct member_probe *primary;
	int64_t timeline;

	probes_stop(run);
	primary = surviving_primary(run, err);
	if (!primary || !audit_primary(run, primary, err)) {
		log_warning("the audit could not be done: %s", err->message);
		ledger_note(run->ledger, true, "the audit could not be done: %.500s",
		            err->message);
		return true;
	}
	timeline = member_probe_status(primary)->timeline;
	for (size_t i = 0; i < run->probes.member_count; i++)
		if (run->probes.members[i] != primary)
			audit_replica(run, run->probes.members[i], timeline);
	return true;
}
