/* Questions to a host's systemd: which unit is there, what state is it in, whose pids? */
#include "fault/host.h"

#include "base/str.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define ASK_TIME (8 * NSEC_PER_SEC)

bool unit_name_is_plain(const char *unit)
{
	if (!unit || !isalnum((unsigned char)unit[0]) || strlen(unit) > 200)
		return false;
	for (const char *c = unit; *c; c++)
		if (!isalnum((unsigned char)*c) && !strchr(":_.\\@-", *c))
			return false;
	return true;
}

static void copy(char *field, size_t size, const char *value)
{
	snprintf(field, size, "%s", value);
}

static void unit_property(struct unit_facts *facts, const char *key, const char *value)
{
	if (str_eq(key, "LoadState"))
		copy(facts->load, sizeof facts->load, value);
	else if (str_eq(key, "ActiveState"))
		copy(facts->active, sizeof facts->active, value);
	else if (str_eq(key, "UnitFileState"))
		copy(facts->enabled, sizeof facts->enabled, value);
	else if (str_eq(key, "ControlGroup"))
		copy(facts->cgroup, sizeof facts->cgroup, value);
	else if (str_eq(key, "MainPID"))
		facts->main_pid = strtoll(value, NULL, 10);
	else if (str_eq(key, "NRestarts"))
		facts->restarts = strtoll(value, NULL, 10);
}

static void unit_parse(char *text, struct unit_facts *facts)
{
	char *rest = NULL;

	for (char *line = strtok_r(text, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest)) {
		char *eq = strchr(line, '=');

		if (!eq)
			continue;
		*eq = '\0';
		unit_property(facts, line, eq + 1);
	}
}

bool unit_ask(struct remote *remote, const char *unit, struct unit_facts *facts,
              struct err *err)
{
	const char *const words[] = {
		"systemctl",
		"show",
		"-p",
		"LoadState,ActiveState,UnitFileState,ControlGroup,MainPID,NRestarts",
		unit,
		NULL,
	};
	struct buf out = BUF_INIT;
	bool ok;

	*facts = (struct unit_facts){ 0 };
	if (!unit_name_is_plain(unit))
		return err_set(err, "%s: '%s' is no name of a systemd unit", remote->host,
		               unit ? unit : "");
	ok = remote_ask(remote, words, loop_now(remote->loop) + ASK_TIME, &out, err);
	if (ok)
		unit_parse(out.data, facts);
	buf_free(&out);
	if (ok && (!facts->load[0] || !facts->active[0]))
		return err_set(err, "%s: systemctl does not tell the state of %s",
		               remote->host, unit);
	return ok;
}

bool unit_ask_known(struct remote *remote, const char *unit, struct unit_facts *facts,
                    struct err *err)
{
	if (!unit_ask(remote, unit, facts, err))
		return false;
	if (str_eq(facts->load, "loaded"))
		return true;
	err_set(err, "%s: systemd says that unit %s is %s", remote->host, unit,
	        facts->load);
	return err_hint(
		err,
		"name the units that run there under \"services\" in the cluster file");
}

static void add_pid(struct buf *pids, int64_t pid)
{
	buf_printf(pids, "%s%" PRId64, pids->len ? " " : "", pid);
}

void unit_pids(struct remote *remote, const struct unit_facts *facts, struct buf *pids)
{
	/* Version 2 of control groups, and where systemd keeps its own beside version 1. */
	char *v2 = xasprintf("/sys/fs/cgroup%s/cgroup.procs", facts->cgroup);
	char *v1 = xasprintf("/sys/fs/cgroup/systemd%s/cgroup.procs", facts->cgroup);
	const char *const words[] = { "cat", v2, v1, NULL };
	struct remote_result result = { 0 };
	struct err ignored = { 0 };
	char *rest = NULL;

	if (facts->main_pid > 0)
		add_pid(pids, facts->main_pid);
	/* One of the two files is missing, so cat's status tells nothing. */
	if (facts->cgroup[0] == '/')
		remote_run(remote, words, loop_now(remote->loop) + ASK_TIME, &result,
		           &ignored);
	for (char *line = result.out.data ? strtok_r(result.out.data, "\n", &rest) : NULL;
	     line; line = strtok_r(NULL, "\n", &rest)) {
		char *end;
		long long pid = strtoll(line, &end, 10);

		if (end != line && !*end && pid > 0 && pid != facts->main_pid)
			add_pid(pids, pid);
	}
	if (facts->cgroup[0] == '/')
		remote_result_free(&result);
	free(v1);
	free(v2);
}

struct strings service_units(const struct inventory *inv, const char *service)
{
	const struct service *s = inventory_service(inv, service);
	struct strings units = { 0 };

	for (size_t i = 0; s && i < s->units.count; i++)
		strings_add(&units, s->units.items[i]);
	if (units.count == 0) {
		char *unit = xasprintf("%s.service", service);

		strings_add(&units, unit);
		free(unit);
	}
	return units;
}
