/*
 * Reboots a host.  A reboot that is sent over SSH ends in doubt by nature; only a boot id
 * that differs proves it.
 */
#include "base/str.h"
#include "fault/heal.h"
#include "fault/host.h"
#include "fault/member.h"
#include "fault/types.h"
#include "transport/ssh.h"

#include <string.h>

struct reboot_params {
	char *target;
	char *how;
};

static const char *const hows[] = { "graceful", "forced", NULL };

static const struct param params[] = {
	PARAM_STRING(struct reboot_params, target, REQUIRED, NULL,
	             "whose host: primary, sync_standby, replica, proxy, pooler, "
	             "host:NAME, …"),
	PARAM_CHOICE(struct reboot_params, how, OPTIONAL, "\"graceful\"", hows,
	             "graceful: services are stopped first; forced: at once, disks not "
	             "even synced"),
	PARAM_END,
};

static const struct sudo_command commands[] = {
	{ "graceful", NULL, { "/usr/bin/systemctl", "reboot" } },
	{ "forced", NULL, { "/usr/bin/systemctl", "reboot", "--force", "--force" } },
	{ NULL, NULL, { NULL } },
};

static const char *const targets[] = {
	"primary", "sync_standby", "replica",   "member", "proxy",
	"pooler",  "dcs_member",   "host:NAME", NULL,
};

/* PostgreSQL under a manager has no unit of its own. */
static bool has_own_units(const struct fault *fault, const struct host *host,
                          const char *service)
{
	const struct service *s = inventory_service(fault->inventory, service);

	if (s && s->units.count)
		return true;
	return !(str_eq(service, "postgres") && host_runs(host, "patroni"));
}

static bool arm(struct fault *fault, struct err *err)
{
	const struct reboot_params *p = fault->params;
	const struct host *host = inventory_host(fault->inventory, fault->target.host);
	struct sudo_values none = { 0 };
	struct boot_facts boot;
	cJSON *before;

	if (!host)
		return err_set(err, "the cluster file has no host '%s'",
		               fault->target.host);
	before = heal_begin(fault, "see_units");
	fault_set(&fault->command, xasprintf("%s reboot of %s", p->how, host->name));
	if (!boot_ask(fault->remote, &boot, err) ||
	    !sudo_may(fault->remote, sudo_find(commands, p->how), &none, err))
		return false;
	cJSON_AddStringToObject(before, "boot_id", boot.boot_id);
	cJSON_AddNumberToObject(before, "pid1_start", (double)boot.pid1_start);
	for (size_t i = 0; i < host->runs.count; i++)
		if (has_own_units(fault, host, host->runs.items[i]) &&
		    !heal_add_units(fault, host->runs.items[i], err))
			return false;
	return true;
}

static bool inject(struct fault *fault, struct err *err)
{
	const struct reboot_params *p = fault->params;
	struct sudo_values none = { 0 };

	return fault_run_once(fault, p->how, &none, 5, err);
}

/* transport/ssh.h: a changed key is refused, and the error says so. */
static bool is_changed_host_key(const struct err *err)
{
	return strstr(err->message, "host key") && strstr(err->message, "changed");
}

static enum confirm judge_boot(struct fault *fault, const struct boot_facts *now,
                               struct err *err)
{
	const char *host = fault->target.host;
	const char *before = json_string(heal_before(fault), "boot_id");
	double pid1_before = json_number(heal_before(fault), "pid1_start", -1);

	if (before && !str_eq(before, now->boot_id)) {
		fault_set(&fault->evidence, xasprintf("boot id of %s: %s before, %s now",
		                                      host, before, now->boot_id));
		return CONFIRM_YES;
	}
	if ((double)now->pid1_start != pid1_before) {
		err_set(err,
		        "%s: boot id unchanged, but PID 1 and with it all services "
		        "started anew: a "
		        "container?",
		        host);
		err_hint(err, "a host that shares its boot id with the machine below "
		              "proves no reboot");
		return CONFIRM_NO;
	}
	err_set(err, "%s still has the boot id of before", host);
	return CONFIRM_NOT_YET;
}

static enum confirm confirm(struct fault *fault, struct err *err)
{
	struct boot_facts now;

	if (boot_ask(fault->remote, &now, err))
		return judge_boot(fault, &now, err);
	/* A session into the boot of before would never answer: the next question needs
	 * its own. */
	ssh_drop(fault->remote);
	if (is_changed_host_key(err))
		return CONFIRM_NO;
	return CONFIRM_NOT_YET;
}

enum boot_stage { BOOT_UNKNOWN, BOOT_GOING_DOWN, BOOT_UNDER_WAY, BOOT_OVER };

/* Services are there until the shutdown reaches them: that is not "back". */
static enum boot_stage boot_stage(struct fault *fault, struct err *err)
{
	static const char *const words[] = { "systemctl", "show", "-p", "SystemState",
		                             NULL };
	struct buf out = BUF_INIT;
	enum boot_stage stage = BOOT_UNKNOWN;

	if (!remote_ask(fault->remote, words, loop_now(fault->loop) + 5 * NSEC_PER_SEC,
	                &out, err)) {
		buf_free(&out);
		return stage;
	}
	stage = BOOT_OVER;
	if (strstr(out.data, "SystemState=stopping")) {
		err_set(err, "%s is still shutting down", fault->target.host);
		stage = BOOT_GOING_DOWN;
	} else if (strstr(out.data, "SystemState=starting") ||
	           strstr(out.data, "SystemState=initializing")) {
		stage = BOOT_UNDER_WAY;
	}
	buf_free(&out);
	return stage;
}

static bool is_back(struct fault *fault, struct buf *evidence, struct err *err)
{
	enum boot_stage stage = boot_stage(fault, err);

	return stage >= BOOT_UNDER_WAY &&
	       heal_see_units(fault, stage == BOOT_UNDER_WAY, evidence, err);
}

/*
 * Nobody logs in to a host whose key changed, but PostgreSQL on it can tell that it runs
 * again: what had to come back is there.
 */
static bool is_back_unseen(struct fault *fault, struct err *err)
{
	struct err changed = *err;
	struct member_facts facts;
	char started[RFC3339_SIZE];

	if (!fault->member_target || !member_ask(fault, &facts, err)) {
		*err = changed;
		return false;
	}
	fault_set(&fault->evidence,
	          xasprintf("PostgreSQL on %s answers, up since %s; nothing else can be "
	                    "seen: %s",
	                    fault->target.host,
	                    member_started_text(facts.started, started),
	                    changed.message));
	return true;
}

/*
 * The host is back when its boot is over.  A service that the boot does not start is
 * lacking, and for those to see who answer for the host: a reboot is undone all the same.
 */
static bool heal(struct fault *fault, struct err *err)
{
	struct buf evidence = BUF_INIT;
	struct boot_facts now;
	bool ok = boot_ask(fault->remote, &now, err);

	if (!ok)
		ssh_drop(fault->remote);
	if (!ok && is_changed_host_key(err))
		return is_back_unseen(fault, err);
	ok = ok && is_back(fault, &evidence, err);
	if (ok)
		fault_set(&fault->evidence,
		          xasprintf("%s answers%s%s", fault->target.host,
		                    evidence.len ? ", " : "", evidence.data));
	buf_free(&evidence);
	return ok;
}

const struct fault_type reboot_host_type = {
	.name = "reboot_host",
	.summary = "reboot a host, gracefully or by force",
	.params = params,
	.params_size = sizeof(struct reboot_params),
	.needs = NEEDS_SSH | NEEDS_HOST,
	.sudo = commands,
	.targets = targets,
	.confirm_seconds = 180,
	.undo = "the host comes back by itself; its services must run again",
	.arm = arm,
	.inject = inject,
	.confirm = confirm,
	.heal = heal,
};
