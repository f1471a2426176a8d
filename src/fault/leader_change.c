/* Asks the manager for another primary, and believes the members, not the answer. */
#include "fault/leader_change.h"

#include "base/str.h"
#include "fault/heal.h"
#include "fault/member.h"

#include <inttypes.h>

#define LOOK_SECONDS    5
#define REQUEST_SECONDS 30

const struct param leader_change_params[] = {
	PARAM_STRING(struct leader_change_params, target, OPTIONAL, "\"primary\"",
	             "who must step down: primary"),
	PARAM_STRING(struct leader_change_params, candidate, OPTIONAL, NULL,
	             "who shall lead: sync_standby, replica or a member's name; without "
	             "it the "
	             "manager chooses (failover: a synchronous standby before others)"),
	PARAM_END,
};

const char *const leader_change_targets[] = { "primary", NULL };

static struct ha_view *look(const struct fault *fault, struct err *err)
{
	return ha_look(fault->ha, loop_now(fault->loop) + LOOK_SECONDS * NSEC_PER_SEC,
	               err);
}

static bool is_sync(const struct ha_member *m)
{
	return str_eq(m->role, "sync_standby") || str_eq(m->role, "quorum_standby");
}

static bool matches(const struct ha_member *m, const char *wanted)
{
	if (str_eq(wanted, "sync_standby"))
		return is_sync(m);
	return str_eq(wanted, "replica") || str_eq(wanted, m->name);
}

/* Which of two would an operator take?  A synchronous one, then the one less behind. */
static bool is_better(const struct ha_member *m, const struct ha_member *than)
{
	if (!than || is_sync(m) != is_sync(than))
		return !than || is_sync(m);
	if (m->lag_bytes < 0 || than->lag_bytes < 0)
		return m->lag_bytes >= 0 && than->lag_bytes < 0;
	return m->lag_bytes < than->lag_bytes;
}

static const struct ha_member *choose(const struct ha_view *view, const char *wanted)
{
	const struct ha_member *best = NULL;

	for (size_t i = 0; i < view->member_count; i++) {
		const struct ha_member *m = &view->members[i];

		if (!str_eq(m->name, view->leader) && ha_member_is_up(m) &&
		    matches(m, wanted) && is_better(m, best))
			best = m;
	}
	return best;
}

/* Fills in before.candidate; the switchover's choice may be left to the manager. */
static bool arm_candidate(struct fault *fault, const struct ha_view *view, cJSON *before,
                          struct err *err)
{
	const struct leader_change_params *p = fault->params;
	const char *wanted = p->candidate;
	const struct ha_member *m;

	if (!wanted && fault->type->verb == HA_SWITCHOVER)
		return true;
	m = choose(view, wanted ? wanted : "replica");
	if (!m)
		return err_set(
			err, "no member that runs and could take over from %s fits '%s'",
			view->leader, wanted ? wanted : "replica");
	cJSON_AddStringToObject(before, "candidate", m->name);
	return true;
}

static bool arm_leader(struct fault *fault, const struct ha_view *view, cJSON *before,
                       struct err *err)
{
	struct member_facts facts;

	if (!view->leader)
		return err_set(err, "the cluster has no leader that could step down");
	if (!str_eq(view->leader, fault->target.member)) {
		err_set(err, "%s is not the leader, %s is",
		        fault->target.member ? fault->target.member : fault->target.host,
		        view->leader);
		return err_hint(err, "a %s is a fault of the primary", fault->type->name);
	}
	if (!member_ask(fault, &facts, err))
		return false;
	if (facts.in_recovery || facts.timeline <= 0)
		return err_set(err, "%s is the manager's leader but no primary",
		               view->leader);
	cJSON_AddStringToObject(before, "leader", view->leader);
	cJSON_AddNumberToObject(before, "timeline", (double)facts.timeline);
	return arm_candidate(fault, view, before, err);
}

static struct ha_request request_of(const struct fault *fault)
{
	return (struct ha_request){
		.verb = fault->type->verb,
		.member = json_string(heal_before(fault), "leader"),
		.candidate = json_string(heal_before(fault), "candidate"),
	};
}

bool leader_change_arm(struct fault *fault, struct err *err)
{
	struct ha_request request;
	struct ha_view *view;
	bool ok;

	if (!manager_may(fault, err))
		return false;
	view = look(fault, err);
	if (!view)
		return false;
	ok = arm_leader(fault, view, heal_begin(fault, "none"), err);
	ha_view_free(view);
	if (!ok)
		return false;
	request = request_of(fault);
	fault_set(&fault->command, fault->ha->type->describe(fault->ha, &request));
	return true;
}

bool leader_change_inject(struct fault *fault, struct err *err)
{
	struct ha_request request = request_of(fault);
	char *text = NULL;
	enum ha_answer answer = fault->ha->type->request(
		fault->ha, &request,
		loop_now(fault->loop) + REQUEST_SECONDS * NSEC_PER_SEC, &text, err);

	if (!text)
		text = xstrdup(err->message);
	fault_set(&fault->answer, text);
	fault->in_doubt = answer == HA_IN_DOUBT;
	return answer != HA_REFUSED;
}

static const char *address_of(const struct fault *fault, const struct ha_member *m)
{
	const struct host *host = inventory_host(fault->inventory, m->name);

	return host ? host->address : m->address;
}

static enum confirm judge_leader(struct fault *fault, const struct ha_member *m,
                                 struct err *err)
{
	const char *asked = json_string(heal_before(fault), "candidate");
	const char *before = json_string(heal_before(fault), "leader");
	int64_t timeline = (int64_t)json_number(heal_before(fault), "timeline", 0);
	bool other = asked && !str_eq(asked, m->name);
	struct member_facts facts;

	if (!member_ask_at(fault, address_of(fault, m), &facts, err))
		return CONFIRM_NOT_YET;
	if (facts.in_recovery || facts.timeline <= timeline) {
		err_set(err, "%s leads but is %s, timeline %" PRId64, m->name,
		        facts.in_recovery ? "in recovery" : "out of recovery",
		        facts.timeline);
		return CONFIRM_NOT_YET;
	}
	fault_set(&fault->evidence,
	          xasprintf("leader %s before, %s now%s%s%s; it is out of recovery, "
	                    "timeline %" PRId64 " before, %" PRId64 " now",
	                    before, m->name, other ? " instead of " : "",
	                    other ? asked : "", other ? ", which was asked for" : "",
	                    timeline, facts.timeline));
	return CONFIRM_YES;
}

enum confirm leader_change_confirm(struct fault *fault, struct err *err)
{
	const char *before = json_string(heal_before(fault), "leader");
	struct ha_view *view = look(fault, err);
	const struct ha_member *m =
		view && view->leader ? ha_view_member(view, view->leader) : NULL;
	enum confirm answer = CONFIRM_NOT_YET;

	if (view && !m)
		err_set(err, "the cluster has no leader at the moment");
	else if (m && str_eq(m->name, before))
		err_set(err, "%s still leads", before);
	else if (m)
		answer = judge_leader(fault, m, err);
	ha_view_free(view);
	return answer;
}

bool leader_change_heal(struct fault *fault, struct err *err)
{
	(void)err;
	fault_set(&fault->evidence, xasprintf("nothing to undo: a %s is not taken back",
	                                      fault->type->name));
	return true;
}
