/* Kills, stops or restarts HAProxy or PgBouncer on one host, by systemd. */
#include "base/str.h"
#include "fault/heal.h"
#include "fault/host.h"
#include "fault/types.h"

#include <inttypes.h>

struct kill_proxy_params {
	char *target;
	char *service;
	char *how;
	double stop_seconds;
};

static const char *const services[] = { "haproxy", "pgbouncer", NULL };
static const char *const hows[] = { "kill", "stop", "restart", NULL };

static const struct param params[] = {
	PARAM_STRING(struct kill_proxy_params, target, OPTIONAL, "\"proxy\"",
	             "whose proxy: proxy, pooler or host:NAME"),
	PARAM_CHOICE(struct kill_proxy_params, service, OPTIONAL, NULL, services,
	             "which of its services; pgbouncer by default for the target pooler, "
	             "else haproxy"),
	PARAM_CHOICE(
		struct kill_proxy_params, how, OPTIONAL, "\"kill\"", hows,
		"kill: SIGKILL to all of its processes; stop: for stop_seconds; restart"),
	PARAM_NUMBER_WITH(struct kill_proxy_params, stop_seconds, "how", "stop", "30", 1,
	                  3600, "with how=stop: how long it stays stopped"),
	PARAM_END,
};

static const struct sudo_command commands[] = {
	{ "kill", NULL, { "/usr/bin/systemctl", "kill", "--signal=KILL", "@unit" } },
	{ "stop", NULL, { "/usr/bin/systemctl", "stop", "@unit" } },
	{ "restart", NULL, { "/usr/bin/systemctl", "restart", "@unit" } },
	{ "start", NULL, { "/usr/bin/systemctl", "start", "@unit" } },
	{ NULL, NULL, { NULL } },
};

static const char *const targets[] = { "proxy", "pooler", "host:NAME", NULL };

static double hold(const void *p)
{
	const struct kill_proxy_params *params_of = p;

	return str_eq(params_of->how, "stop") ? params_of->stop_seconds : 0;
}

static const char *service_of(const struct fault *fault)
{
	const struct kill_proxy_params *p = fault->params;

	if (p->service)
		return p->service;
	return str_eq(p->target, "pooler") ? "pgbouncer" : "haproxy";
}

/* Its main process is the proof later on. */
static bool have_processes(const struct fault *fault, struct err *err)
{
	const char *unit;

	for (size_t i = 0; (unit = heal_unit(fault, i)); i++)
		if (heal_main_pid(fault, unit) <= 0)
			return err_set(err, "%s: unit %s has no main process",
			               fault->target.host, unit);
	return true;
}

static bool arm(struct fault *fault, struct err *err)
{
	const struct kill_proxy_params *p = fault->params;
	const struct host *host = inventory_host(fault->inventory, fault->target.host);

	if (!host || !host_runs(host, service_of(fault))) {
		err_set(err, "%s does not run %s", fault->target.host, service_of(fault));
		return err_hint(err, "see \"runs\" of the host in the cluster file");
	}
	heal_begin(fault, "start_units");
	fault_set(&fault->command,
	          xasprintf("%s %s on %s", p->how, service_of(fault), host->name));
	return heal_add_units(fault, service_of(fault), err) &&
	       have_processes(fault, err) && heal_may(fault, p->how, err) &&
	       heal_may(fault, "start", err);
}

static bool inject(struct fault *fault, struct err *err)
{
	const struct kill_proxy_params *p = fault->params;

	return fault_run(fault, p->how, (struct sudo_values){ 0 }, 10, err);
}

static bool is_down(const struct unit_facts *facts)
{
	return facts->main_pid == 0 &&
	       (str_eq(facts->active, "inactive") || str_eq(facts->active, "failed"));
}

static bool is_confirmed(const char *how, const struct unit_facts *facts, int64_t before)
{
	if (str_eq(how, "stop"))
		return is_down(facts);
	if (str_eq(how, "restart"))
		return facts->main_pid > 0 && facts->main_pid != before;
	return facts->main_pid != before;
}

static void say(struct buf *evidence, const struct fault *fault, const char *unit,
                const struct unit_facts *now)
{
	buf_printf(evidence, "%s%s on %s: gone are its processes %s, ",
	           evidence->len ? "; " : "", unit, fault->target.host,
	           heal_pids(fault, unit));
	if (now->main_pid)
		buf_printf(evidence, "%" PRId64 " is its main process now",
		           now->main_pid);
	else
		buf_printf(evidence, "the unit is %s", now->active);
}

static enum confirm look_at_unit(struct fault *fault, const char *unit,
                                 struct buf *evidence, struct err *err)
{
	const struct kill_proxy_params *p = fault->params;
	struct unit_facts now;

	if (!unit_ask(fault->remote, unit, &now, err))
		return CONFIRM_NOT_YET;
	if (is_confirmed(p->how, &now, heal_main_pid(fault, unit))) {
		say(evidence, fault, unit, &now);
		return CONFIRM_YES;
	}
	err_set(err, "%s: %s is %s, main process %" PRId64 " as before",
	        fault->target.host, unit, now.active, now.main_pid);
	return CONFIRM_NOT_YET;
}

/* Of several units, all must have died: one of four leaves the service up. */
static enum confirm confirm(struct fault *fault, struct err *err)
{
	struct buf evidence = BUF_INIT;
	struct err own = { 0 };
	const char *unit;
	size_t hit = 0;
	size_t n;

	for (n = 0; (unit = heal_unit(fault, n)); n++) {
		if (look_at_unit(fault, unit, &evidence, &own) == CONFIRM_YES)
			hit++;
	}
	*err = own;
	if (hit == n)
		fault_set(&fault->evidence, buf_steal(&evidence));
	else if (n > 1)
		err_set(err, "%s (%zu of %zu units were hit%s%s)", own.message, hit, n,
		        hit ? ": " : "", evidence.data);
	buf_free(&evidence);
	return hit == n ? CONFIRM_YES : CONFIRM_NOT_YET;
}

static bool heal(struct fault *fault, struct err *err)
{
	struct buf evidence = BUF_INIT;
	bool ok = heal_start_units(fault, &evidence, err);

	if (ok)
		fault_set(&fault->evidence, buf_steal(&evidence));
	buf_free(&evidence);
	return ok;
}

const struct fault_type kill_proxy_type = {
	.name = "kill_proxy",
	.summary = "kill, stop or restart HAProxy or PgBouncer on one host",
	.params = params,
	.params_size = sizeof(struct kill_proxy_params),
	.needs = NEEDS_SSH | NEEDS_PROXY,
	.sudo = commands,
	.targets = targets,
	.confirm_seconds = 30,
	.undo = "its units are started where systemd has not done so",
	.hold = hold,
	.arm = arm,
	.inject = inject,
	.confirm = confirm,
	.heal = heal,
};
