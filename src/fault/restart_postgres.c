/* Restarts PostgreSQL: by its manager's API, by systemd, or by pg_ctl behind their backs. */
#include "base/str.h"
#include "fault/heal.h"
#include "fault/host.h"
#include "fault/member.h"
#include "fault/types.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define MANAGER_SECONDS 60

struct restart_params {
	char *target;
	char *how;
	char *mode;
};

static const char *const hows[] = { "manager", "systemd", "pg_ctl", NULL };
static const char *const modes[] = { "smart", "fast", "immediate", NULL };

static const struct param params[] = {
	PARAM_STRING(
		struct restart_params, target, REQUIRED, NULL,
		"whose PostgreSQL: primary, sync_standby, replica, member or host:NAME"),
	PARAM_CHOICE(struct restart_params, how, OPTIONAL, "\"manager\"", hows,
	             "manager: by its API; systemd: the unit that keeps PostgreSQL; "
	             "pg_ctl: stopped "
	             "behind its keeper's back, who starts it again"),
	PARAM_CHOICE_WITH(struct restart_params, mode, "how", "pg_ctl", "\"fast\"", modes,
	                  "with how=pg_ctl: the mode of its shutdown"),
	PARAM_END,
};

/*
 * pg_ctl only stops where a manager looks after PostgreSQL: `pg_ctl restart` would race
 * with it, and leave a postmaster in the SSH session's control group.
 */
static const struct sudo_command commands[] = {
	{ "systemd", NULL, { "/usr/bin/systemctl", "restart", "@unit" } },
	{ "start", NULL, { "/usr/bin/systemctl", "start", "@unit" } },
	{ "pg_ctl",
	  "@os_user",
	  { "@bin_directory/pg_ctl", "-D", "@data_directory", "-m", "@mode", "-W",
	    "stop" } },
	{ NULL, NULL, { NULL } },
};

static const char *const targets[] = { "primary", "sync_standby", "replica",
	                               "member",  "host:NAME",    NULL };

static unsigned needs_now(const struct fault *fault)
{
	const struct restart_params *p = fault->params;

	return NEEDS_MEMBER | (str_eq(p->how, "manager") ? NEEDS_HA : NEEDS_SSH);
}

static bool arm_manager(struct fault *fault, struct err *err)
{
	struct ha_request request = { .verb = HA_RESTART,
		                      .member = fault->target.member };

	if (!manager_may(fault, err))
		return false;
	fault_set(&fault->command, fault->ha->type->describe(fault->ha, &request));
	return true;
}

static bool arm_pg_ctl(struct fault *fault, cJSON *before, struct err *err)
{
	const struct restart_params *p = fault->params;
	struct sudo_values values = postgres_values(fault);
	int64_t postmaster;

	if (!values.data_directory || !values.bin_directory) {
		err_set(err, "pg_ctl needs to know where PostgreSQL is on %s",
		        fault->target.host);
		return err_hint(
			err,
			"give services.postgres.data_directory and bin_directory in the "
			"cluster file");
	}
	values.mode = p->mode;
	if (!member_postmaster(fault, &postmaster, err) ||
	    !sudo_may(fault->remote, sudo_find(commands, "pg_ctl"), &values, err))
		return false;
	cJSON_AddNumberToObject(before, "postmaster", (double)postmaster);
	if (!str_eq(p->mode, "smart"))
		return true;
	/* A smart stop that waits for ever is ended by a fast one. */
	values.mode = "fast";
	return sudo_may(fault->remote, sudo_find(commands, "pg_ctl"), &values, err);
}

static bool arm(struct fault *fault, struct err *err)
{
	const struct restart_params *p = fault->params;
	struct member_facts facts;
	cJSON *before = heal_begin(fault, "postgres_answers");

	fault_set(&fault->command, xasprintf("restart of PostgreSQL on %s by %s",
	                                     fault->target.host, p->how));
	if (!member_ask(fault, &facts, err))
		return false;
	cJSON_AddStringToObject(before, "postmaster_start", facts.started);
	if (str_eq(p->how, "manager"))
		return arm_manager(fault, err);
	if (!heal_add_units(fault, postgres_keeper(fault), err) ||
	    !heal_may(fault, "start", err))
		return false;
	return str_eq(p->how, "pg_ctl") ? arm_pg_ctl(fault, before, err)
	                                : heal_may(fault, "systemd", err);
}

static bool ask_manager(struct fault *fault, struct err *err)
{
	struct ha_request request = { .verb = HA_RESTART,
		                      .member = fault->target.member };
	enum ha_answer answer;
	char *text = NULL;

	fault_set(&fault->command, fault->ha->type->describe(fault->ha, &request));
	answer = fault->ha->type->request(
		fault->ha, &request,
		loop_now(fault->loop) + MANAGER_SECONDS * NSEC_PER_SEC, &text, err);
	if (!text)
		text = xstrdup(err->message);
	fault_set(&fault->answer, text);
	fault->in_doubt = answer == HA_IN_DOUBT;
	return answer != HA_REFUSED;
}

/* One command, not one a unit. */
static bool stop_by_pg_ctl(struct fault *fault, const char *mode, struct err *err)
{
	struct sudo_values values = postgres_values(fault);

	values.mode = mode;
	return fault_run_once(fault, "pg_ctl", &values, 10, err);
}

static bool inject(struct fault *fault, struct err *err)
{
	const struct restart_params *p = fault->params;

	if (str_eq(p->how, "manager"))
		return ask_manager(fault, err);
	if (str_eq(p->how, "pg_ctl"))
		return stop_by_pg_ctl(fault, p->mode, err);
	return fault_run(fault, "systemd", (struct sudo_values){ 0 }, 10, err);
}

static int64_t postmaster_before(const struct fault *fault)
{
	return (int64_t)json_number(heal_before(fault), "postmaster", 0);
}

static bool is_smart_stop(const struct fault *fault)
{
	const struct restart_params *p = fault->params;

	return str_eq(p->how, "pg_ctl") && str_eq(p->mode, "smart");
}

/* 57P03 by the postmaster of before: it waits for its sessions to end, maybe for ever. */
static enum confirm is_stopping(struct fault *fault, struct err *err)
{
	int64_t postmaster = postmaster_before(fault);
	struct process_facts process;

	if (!is_smart_stop(fault) || !strstr(err->message, "57P03") ||
	    !process_ask(fault->remote, postmaster, &process, err) || !process.pid)
		return CONFIRM_NOT_YET;
	fault_set(&fault->evidence,
	          xasprintf("postmaster %" PRId64
	                    " of %s lets nobody in any more (57P03) and waits "
	                    "for its sessions to end",
	                    postmaster, fault->target.host));
	return CONFIRM_YES;
}

static enum confirm confirm(struct fault *fault, struct err *err)
{
	const char *before = json_string(heal_before(fault), "postmaster_start");
	char then[RFC3339_SIZE], now[RFC3339_SIZE];
	struct member_facts facts;

	/* That nobody answers may have other reasons: only a new start is a restart. */
	if (!before || !member_ask(fault, &facts, err))
		return is_stopping(fault, err);
	member_started_text(before, then);
	if (str_eq(facts.started, before)) {
		err_set(err, "PostgreSQL on %s is still up since %s", fault->target.host,
		        then);
		return CONFIRM_NOT_YET;
	}
	fault_set(&fault->evidence,
	          xasprintf("pg_postmaster_start_time() of %s: %s before, %s now",
	                    fault->target.host, then,
	                    member_started_text(facts.started, now)));
	return CONFIRM_YES;
}

static void end_smart_stop(struct fault *fault)
{
	struct sudo_values values = postgres_values(fault);
	struct member_facts facts;
	struct process_facts process;
	struct err ignored = { 0 };

	if (!is_smart_stop(fault) || member_ask(fault, &facts, &ignored))
		return;
	values.mode = "fast";
	/* What it did is looked at by heal_postgres(). */
	if (process_ask(fault->remote, postmaster_before(fault), &process, &ignored) &&
	    process.pid)
		(void)sudo_run(fault->remote, sudo_find(commands, "pg_ctl"), &values, 10,
		               &ignored);
}

static bool heal(struct fault *fault, struct err *err)
{
	end_smart_stop(fault);
	return heal_postgres(fault, err);
}

const struct fault_type restart_postgres_type = {
	.name = "restart_postgres",
	.summary = "restart PostgreSQL by its manager, by systemd or by pg_ctl",
	.params = params,
	.params_size = sizeof(struct restart_params),
	.needs = NEEDS_MEMBER | NEEDS_HA | NEEDS_SSH,
	.verb = HA_RESTART,
	.sudo = commands,
	.targets = targets,
	.confirm_seconds = 60,
	.undo = "its unit is started where it is down; PostgreSQL must answer again",
	.needs_now = needs_now,
	.arm = arm,
	.inject = inject,
	.confirm = confirm,
	.heal = heal,
};
