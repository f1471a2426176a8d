/*
 * SIGKILL to the postmaster, or to one backend, which makes the postmaster end all
 * sessions and recover.  A backend of ours is the victim: nobody's query is hit by
 * chance.
 */
#include "base/str.h"
#include "fault/heal.h"
#include "fault/host.h"
#include "fault/member.h"
#include "fault/types.h"

#include <inttypes.h>

struct crash_params {
	char *target;
	char *process;
};

static const char *const processes[] = { "postmaster", "backend", NULL };

static const struct param params[] = {
	PARAM_STRING(
		struct crash_params, target, REQUIRED, NULL,
		"whose PostgreSQL: primary, sync_standby, replica, member or host:NAME"),
	PARAM_CHOICE(struct crash_params, process, OPTIONAL, "\"postmaster\"", processes,
	             "which process gets SIGKILL; backend: an idle one of our own"),
	PARAM_END,
};

static const struct sudo_command commands[] = {
	{ "kill", "@os_user", { "/usr/bin/kill", "-KILL", "@pid" } },
	{ "start", NULL, { "/usr/bin/systemctl", "start", "@unit" } },
	{ NULL, NULL, { NULL } },
};

static const char *const targets[] = { "primary", "sync_standby", "replica",
	                               "member",  "host:NAME",    NULL };

/* Every child of the postmaster but the logger dies in a crash; this one is always there. */
#define WITNESS "checkpointer"

static bool arm_pids(struct fault *fault, cJSON *before, struct err *err)
{
	struct sudo_values values = postgres_values(fault);
	char number[24];
	int64_t postmaster, witness;

	if (!member_postmaster(fault, &postmaster, err) ||
	    !process_child(fault->remote, postmaster, WITNESS, &witness, err))
		return false;
	if (!witness)
		return err_set(
			err, "%s: no " WITNESS " is to be seen below postmaster %" PRId64,
			fault->target.host, postmaster);
	cJSON_AddNumberToObject(before, "postmaster", (double)postmaster);
	cJSON_AddNumberToObject(before, WITNESS, (double)witness);
	snprintf(number, sizeof number, "%" PRId64, postmaster);
	values.pid = number;
	return sudo_may(fault->remote, sudo_find(commands, "kill"), &values, err);
}

static bool arm(struct fault *fault, struct err *err)
{
	const struct crash_params *p = fault->params;
	struct member_facts facts;
	cJSON *before = heal_begin(fault, "postgres_answers");

	fault_set(&fault->command,
	          xasprintf("kill -KILL of a %s on %s", p->process, fault->target.host));
	if (!member_ask(fault, &facts, err))
		return false;
	cJSON_AddStringToObject(before, "postmaster_start", facts.started);
	return heal_add_units(fault, postgres_keeper(fault), err) &&
	       heal_may(fault, "start", err) && arm_pids(fault, before, err);
}

static bool kill_pid(struct fault *fault, int64_t pid, struct err *err)
{
	struct sudo_values values = postgres_values(fault);
	char number[24];

	snprintf(number, sizeof number, "%" PRId64, pid);
	values.pid = number;
	return fault_run_once(fault, "kill", &values, 10, err);
}

static bool kill_postmaster(struct fault *fault, struct err *err)
{
	int64_t now;

	/* Read anew, and it must be the one that was armed: pids are used again. */
	if (!member_postmaster(fault, &now, err))
		return false;
	if (now != (int64_t)json_number(heal_before(fault), "postmaster", 0))
		return err_set(err,
		               "postmaster of %s is %" PRId64
		               " now: somebody restarted PostgreSQL",
		               fault->target.host, now);
	return kill_pid(fault, now, err);
}

static bool kill_backend(struct fault *fault, struct err *err)
{
	struct pg_conn *victim = member_session(fault, err);
	bool ok = victim && kill_pid(fault, pg_backend_pid(victim), err);

	pg_close(victim);
	return ok;
}

static bool inject(struct fault *fault, struct err *err)
{
	const struct crash_params *p = fault->params;

	return str_eq(p->process, "backend") ? kill_backend(fault, err)
	                                     : kill_postmaster(fault, err);
}

static bool is_restarted(struct fault *fault, const struct member_facts *facts)
{
	const char *before = json_string(heal_before(fault), "postmaster_start");
	char then[RFC3339_SIZE], now[RFC3339_SIZE];

	if (!before || str_eq(before, facts->started))
		return false;
	fault_set(&fault->evidence,
	          xasprintf("pg_postmaster_start_time() of %s: %s before, %s now",
	                    fault->target.host, member_started_text(before, then),
	                    member_started_text(facts->started, now)));
	return true;
}

static enum confirm is_postmaster_gone(struct fault *fault, struct err *err)
{
	int64_t before = (int64_t)json_number(heal_before(fault), "postmaster", 0);
	struct process_facts process;

	if (!process_ask(fault->remote, before, &process, err))
		return CONFIRM_NOT_YET;
	if (process.pid) {
		err_set(err, "postmaster %" PRId64 " of %s is still there", before,
		        fault->target.host);
		return CONFIRM_NOT_YET;
	}
	fault_set(&fault->evidence,
	          xasprintf("postmaster %" PRId64 " of %s is gone and nobody answers",
	                    before, fault->target.host));
	return CONFIRM_YES;
}

/* A crash of its children: same postmaster, and another checkpointer below it. */
static enum confirm is_reset(struct fault *fault, struct err *err)
{
	int64_t postmaster = (int64_t)json_number(heal_before(fault), "postmaster", 0);
	int64_t before = (int64_t)json_number(heal_before(fault), WITNESS, 0), now;

	if (!process_child(fault->remote, postmaster, WITNESS, &now, err))
		return CONFIRM_NOT_YET;
	if (now == 0 || now == before) {
		err_set(err, "%s: postmaster %" PRId64 " has no new " WITNESS,
		        fault->target.host, postmaster);
		return CONFIRM_NOT_YET;
	}
	fault_set(&fault->evidence,
	          xasprintf("postmaster %" PRId64
	                    " of %s stayed and recovered: its " WITNESS " was %" PRId64
	                    " before and is %" PRId64 " now",
	                    postmaster, fault->target.host, before, now));
	return CONFIRM_YES;
}

static enum confirm confirm(struct fault *fault, struct err *err)
{
	const struct crash_params *p = fault->params;
	struct member_facts facts;
	bool answers = member_ask(fault, &facts, err);

	/* With restart_after_crash off the postmaster ends too, whichever process was
	 * hit. */
	if (answers && is_restarted(fault, &facts))
		return CONFIRM_YES;
	if (str_eq(p->process, "backend"))
		return is_reset(fault, err);
	if (!answers)
		return is_postmaster_gone(fault, err);
	err_set(err, "PostgreSQL on %s answers, up since before", fault->target.host);
	return CONFIRM_NOT_YET;
}

const struct fault_type crash_postgres_type = {
	.name = "crash_postgres",
	.summary = "SIGKILL to the postmaster, or to one backend",
	.params = params,
	.params_size = sizeof(struct crash_params),
	.needs = NEEDS_MEMBER | NEEDS_SSH,
	.sudo = commands,
	.targets = targets,
	.confirm_seconds = 60,
	.undo = "its keeper starts it again; its unit is started where it is down",
	.arm = arm,
	.inject = inject,
	.confirm = confirm,
	.heal = heal_postgres,
};
