/* ARM, INJECT and CONFIRM. */
#include "gameday/run.h"

#include "base/log.h"
#include "base/str.h"
#include "gameday/blast.h"

#include <stdio.h>
#include <stdlib.h>

#define ASK           (10 * NSEC_PER_SEC)
#define CONFIRM_EVERY (200 * NSEC_PER_MSEC)

static bool resolve_target(struct run *run, struct err *err)
{
	const char *expression = fault_target_expression(run->fault);
	struct ha_view *view;
	bool resolved;

	if (!expression) /* by_hand: whoever breaks it chooses */
		return true;
	view = ha_look(run->ha, run_now(run) + ASK, err);
	if (!view)
		return err_prefix(err, "the manager cannot be asked");
	resolved = nobody_is_at_work(view, err) &&
	           target_resolve(expression, run->inventory, view,
	                          &run->scenario->blast_radius.never, &run->rng,
	                          &run->fault->target, err) &&
	           blast_allows(run->scenario, run->inventory, view, &run->fault->target,
	                        err);
	ha_view_free(view);
	return resolved;
}

/* " on db1", or nothing. */
static const char *on_target(const struct fault *f, char out[80])
{
	snprintf(out, 80, f->target.host ? " on %.70s" : "%.0s",
	         f->target.host ? f->target.host : "");
	return out;
}

/* A cascading replica loses its stream together with the one that feeds it. */
static void note_fed_members(struct run *run)
{
	const char *host = run->fault->target.host;

	for (size_t i = 0; i < run->probes.member_count; i++) {
		const struct member_probe *p = run->probes.members[i];
		const struct member_status *s = member_probe_status(p);

		if (!str_eq(member_probe_name(p), host) || s->state != MEMBER_REPLICA)
			continue;
		for (size_t k = 0; k < s->standby_count; k++) {
			const char *fed = s->standbys[k].name;

			ledger_note(run->ledger, false,
			            "%s is fed by %s and loses its stream, too", fed,
			            host);
			log_warning("%s is fed by %s and loses its stream, too", fed,
			            host);
		}
	}
}

static char *target_json(const struct fault_target *t)
{
	cJSON *o = cJSON_CreateObject();
	char *text;

	if (t->expression)
		cJSON_AddStringToObject(o, "expression", t->expression);
	if (t->host)
		cJSON_AddStringToObject(o, "host", t->host);
	if (t->member)
		cJSON_AddStringToObject(o, "member", t->member);
	if (t->role)
		cJSON_AddStringToObject(o, "role", t->role);
	text = cJSON_PrintUnformatted(o);
	cJSON_Delete(o);
	return text;
}

/* The point of no return: what undoes the fault is on disk before it is sent. */
static bool write_intent(struct run *run, struct err *err)
{
	char *target;
	cJSON *params;

	/* Looked at by the next run: it must not miss an intent that is on disk. */
	if (!state_set_current(run->state, ledger_path(run->ledger), err))
		return false;
	target = target_json(&run->fault->target);
	params = fault_params_json(run->fault);
	ledger_begin(run->ledger, "intent");
	ledger_string(run->ledger, "fault", run->fault->type->name);
	ledger_json(run->ledger, "target", target);
	ledger_tree(run->ledger, "params", params);
	ledger_tree(run->ledger, "heal", run->fault->heal);
	ledger_string(run->ledger, "command", run->fault->command);
	ledger_end(run->ledger);
	free(target);
	cJSON_Delete(params);
	run->intent = true;
	return ledger_sync(run->ledger, err);
}

static void describe_dry_run(struct run *run)
{
	const struct fault *f = run->fault;
	char where[80];

	buf_printf(&run->dry_run, "fault:   %s%s", f->type->name, on_target(f, where));
	if (f->target.expression)
		buf_printf(&run->dry_run, " (%s, now %s)", f->target.expression,
		           f->target.role ? f->target.role : "no role");
	buf_putc(&run->dry_run, '\n');
	buf_printf(&run->dry_run, "send:    %s\n", f->command ? f->command : "nothing");
	buf_printf(&run->dry_run, "confirm: for at most %.0f s\n",
	           f->type->confirm_seconds);
	if (f->hold_seconds > 0)
		buf_printf(&run->dry_run, "hold:    %.1f s\n", f->hold_seconds);
	buf_printf(&run->dry_run, "undo:    %s\n", f->type->undo);
}

bool phase_arm(struct run *run, struct err *err)
{
	struct fault *f = run->fault;
	struct lender lender = { &run->remotes, run->ha };
	char where[80];

	if (!resolve_target(run, err) || !fault_lend(f, &lender, &run->fault_member, err))
		return false;
	if (f->remote && !remote_open(f->remote, run_now(run) + ASK, err))
		return false;
	if (!f->type->arm(f, err))
		return err_prefix(err, "%s cannot be armed%s", f->type->name,
		                  on_target(f, where));
	if (run_must_stop(run))
		return err_set(err, "%s", run->abort_why);
	note_fed_members(run);
	if (run->options->dry_run) {
		describe_dry_run(run);
		return true;
	}
	return write_intent(run, err);
}

bool phase_inject(struct run *run, struct err *err)
{
	struct fault *f = run->fault;
	char where[80];
	nsec_t answered;
	bool sent;

	run->injected = run_now(run);
	sent = f->type->inject(f, err);
	answered = run_now(run);
	ledger_begin_at(run->ledger, sent ? "injected" : "inject_failed", run->injected);
	ledger_string(run->ledger, "fault", f->type->name);
	if (sent) {
		ledger_string(run->ledger, "command", f->command);
		ledger_string(run->ledger, "answer", f->answer);
		ledger_time(run->ledger, "answered_us", answered);
		ledger_bool(run->ledger, "in_doubt", f->in_doubt);
		log_info("injected: %s%s", f->type->name, on_target(f, where));
	} else {
		ledger_string(run->ledger, "message", err->message);
		log_error("not injected: %s", err->message);
	}
	ledger_end(run->ledger);
	if (sent)
		return ledger_sync(run->ledger, err);
	return false;
}

static void write_confirmed(struct run *run)
{
	struct fault *f = run->fault;

	ledger_begin(run->ledger, "confirmed");
	ledger_string(run->ledger, "fault", f->type->name);
	ledger_string(run->ledger, "evidence", f->evidence);
	if (f->happened_at)
		ledger_time(run->ledger, "at_us", f->happened_at);
	ledger_end(run->ledger);
	log_info("confirmed: %s", f->evidence);
}

static void write_unconfirmed(struct run *run, const char *why)
{
	ledger_begin(run->ledger, "unconfirmed");
	ledger_string(run->ledger, "fault", run->fault->type->name);
	ledger_string(run->ledger, "why", why);
	ledger_end(run->ledger);
	log_warning("unconfirmed: %s", why);
}

bool phase_confirm(struct run *run, struct err *err)
{
	struct fault *f = run->fault;
	nsec_t until = run->injected + seconds_to_nsec(f->type->confirm_seconds);
	struct err seen = { 0 };

	while (!run_must_stop(run)) {
		enum confirm answer = f->type->confirm(f, &seen);

		if (answer == CONFIRM_YES) {
			write_confirmed(run);
			return true;
		}
		if (answer == CONFIRM_NO || run_now(run) >= until) {
			write_unconfirmed(run, seen.message[0]
			                               ? seen.message
			                               : "no effect was seen in time");
			return true;
		}
		loop_sleep(run->loop, run_now(run) + CONFIRM_EVERY);
	}
	write_unconfirmed(run, "the run was stopped before its effect was seen");
	return err_set(err, "%s", run->abort_why);
}
