/* Does a scenario fit a cluster?  From the two files alone. */
#include "base/str.h"
#include "scenario/scenario.h"
#include "scenario/target.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t count_running(const struct inventory *inv, const char *service)
{
	size_t n = 0;

	for (size_t i = 0; i < inv->host_count; i++)
		n += host_runs(&inv->hosts[i], service);
	return n;
}

/* What is compared, and where errors go. */
struct fitting {
	const struct scenario *scenario;
	const struct inventory *inv;
	struct err *err;
};

/* ---- Endpoints ------------------------------------------------------------------- */

static bool unknown_endpoint(const struct fitting *f, const cJSON *node, const char *name)
{
	const char *names[65] = { NULL };
	const char *nearest;
	struct buf all = BUF_INIT;
	char *shown = json_quote(name);

	for (size_t i = 0; i < f->inv->endpoint_count && i < 64; i++) {
		names[i] = f->inv->endpoints[i].name;
		buf_printf(&all, "%s%s", i ? ", " : "", names[i]);
	}
	nearest = str_nearest(name, names);
	params_fail(&f->scenario->doc, node, f->err,
	            "cluster %.100s has no endpoint %s%s%s%s", f->inv->cluster, shown,
	            nearest ? " (did you mean \"" : "", nearest ? nearest : "",
	            nearest ? "\"?)" : "");
	err_hint(f->err, "its endpoints: %s", all.data);
	buf_free(&all);
	free(shown);
	return false;
}

static bool check_via(const struct fitting *f, const char *probe,
                      const struct strings *via, const char *serves)
{
	const cJSON *section = json_get(json_get(f->scenario->doc.root, "probe"), probe);
	const cJSON *list = json_get(section, "via");

	for (size_t i = 0; i < via->count; i++) {
		const struct endpoint *e = inventory_endpoint(f->inv, via->items[i]);
		const cJSON *node =
			cJSON_IsArray(list) ? cJSON_GetArrayItem(list, (int)i) : list;

		if (!e)
			return unknown_endpoint(f, node, via->items[i]);
		if (!str_eq(e->serves, serves)) {
			params_fail(&f->scenario->doc, node, f->err,
			            "endpoint \"%s\" serves the %s, not the %s", e->name,
			            e->serves, serves);
			return err_hint(f->err,
			                "see endpoints.%s.serves in the cluster file",
			                e->name);
		}
	}
	return true;
}

static bool check_any_write(const struct fitting *f)
{
	for (size_t i = 0; i < f->inv->endpoint_count; i++)
		if (str_eq(f->inv->endpoints[i].serves, "primary"))
			return true;
	err_set(f->err,
	        "cluster %s has no endpoint that serves the primary: nothing could be "
	        "written through it",
	        f->inv->cluster);
	return err_hint(f->err, "see \"endpoints\" in the cluster file");
}

/* The endpoint whose RTO counts must be one that is written through. */
static bool check_hypothesis_endpoint(const struct fitting *f)
{
	const struct scenario *s = f->scenario;
	const char *name = s->hypothesis.endpoint;
	const struct endpoint *e = name ? inventory_endpoint(f->inv, name) : NULL;
	const cJSON *node = json_get(json_get(s->doc.root, "hypothesis"), "endpoint");

	if (!name)
		return true;
	if (!e)
		return unknown_endpoint(f, node, name);
	if (s->probe.write.via.count ? strings_contain(&s->probe.write.via, name)
	                             : str_eq(e->serves, "primary"))
		return true;
	return params_fail(&s->doc, node, f->err,
	                   "nothing is written through endpoint \"%s\"", name);
}

/* ---- Numbers of members ---------------------------------------------------------- */

static bool check_sync_standbys(const struct fitting *f)
{
	const struct scenario *s = f->scenario;
	size_t members = count_running(f->inv, "postgres");
	int64_t wanted = s->steady_state.sync_standbys;
	const cJSON *node =
		json_get(json_get(s->doc.root, "steady_state"), "sync_standbys");

	if (wanted < 0)
		wanted = f->inv->objectives.sync_standbys;
	if (wanted < (int64_t)members)
		return true;
	if (node)
		return params_fail(
			&s->doc, node, f->err,
			"%d synchronous standbys need %d members, the cluster has %zu",
			(int)wanted, (int)wanted + 1, members);
	return err_set(f->err,
	               "objectives.sync_standbys of cluster %s is %d, but it has %zu "
	               "database hosts",
	               f->inv->cluster, (int)wanted, members);
}

/* ---- The fault ------------------------------------------------------------------- */

static bool fail_target(const struct fitting *f, const char *why, const char *hint)
{
	const cJSON *fault = json_get(f->scenario->doc.root, "fault")->child;
	const cJSON *node = json_get(fault, "target");

	params_fail(&f->scenario->doc, node ? node : fault, f->err, "%s", why);
	return hint ? err_hint(f->err, "%s", hint) : false;
}

static bool check_host_target(const struct fitting *f, const char *name, unsigned needs)
{
	const struct host *host = inventory_host(f->inv, name);

	if (!host)
		return fail_target(f, "the cluster file has no such host",
		                   "hosts are named in \"hosts\" of the cluster file");
	if ((needs & (NEEDS_MEMBER | NEEDS_HA)) && !host_runs(host, "postgres"))
		return fail_target(
			f, "this fault hits a database member, and none runs there",
			NULL);
	if ((needs & NEEDS_PROXY) && !host_runs(host, "haproxy") &&
	    !host_runs(host, "pgbouncer"))
		return fail_target(
			f, "this fault hits a proxy or a pooler, and none runs there",
			NULL);
	return true;
}

static bool check_role_target(const struct fitting *f, const char *role, unsigned needs)
{
	const char *service = target_service(role);
	bool proxy = str_eq(service, "haproxy") || str_eq(service, "pgbouncer");
	char why[160];

	if (!count_running(f->inv, service)) {
		snprintf(why, sizeof why, "no host of cluster %.60s runs %s",
		         f->inv->cluster, service);
		return fail_target(f, why,
		                   "see \"runs\" of the hosts in the cluster file");
	}
	if ((needs & (NEEDS_MEMBER | NEEDS_HA)) && !str_eq(service, "postgres"))
		return fail_target(f, "this fault hits a database member",
		                   "write primary, sync_standby, replica or member");
	if ((needs & NEEDS_PROXY) && !proxy)
		return fail_target(f, "this fault hits a proxy or a pooler",
		                   "write proxy or pooler");
	if ((str_eq(role, "replica") || str_eq(role, "sync_standby")) &&
	    count_running(f->inv, "postgres") < 2)
		return fail_target(
			f, "the cluster has no standby: one host runs postgres", NULL);
	return true;
}

static bool check_target(const struct fitting *f)
{
	const char *expression = fault_target_expression(f->scenario->fault);
	unsigned needs = fault_needs(f->scenario->fault);
	char *word;
	bool fits;

	if (!expression)
		return true;
	if (str_starts(expression, "host:"))
		return check_host_target(f, expression + strlen("host:"), needs);
	word = target_word_of(expression);
	fits = check_role_target(f, word, needs);
	free(word);
	return fits;
}

static bool check_manager(const struct fitting *f)
{
	const struct fault *fault = f->scenario->fault;
	const cJSON *node = json_get(f->scenario->doc.root, "fault")->child;

	if (!(fault_needs(fault) & NEEDS_HA) || !str_eq(f->inv->manager.type, "none"))
		return true;
	params_fail(&f->scenario->doc, node, f->err,
	            "%s asks an HA manager, and cluster %.100s has none",
	            fault->type->name, f->inv->cluster);
	return err_hint(f->err, "see \"manager\" in the cluster file");
}

/* A word that means nothing would protect nothing. */
static bool check_never(const struct fitting *f)
{
	const struct scenario *s = f->scenario;
	const struct strings *never = &s->blast_radius.never;
	const cJSON *list = json_get(json_get(s->doc.root, "blast_radius"), "never");

	for (size_t i = 0; i < never->count; i++) {
		const cJSON *node =
			cJSON_IsArray(list) ? cJSON_GetArrayItem(list, (int)i) : list;
		char *shown;

		if (target_never_is_known(never->items[i], f->inv))
			continue;
		shown = json_quote(never->items[i]);
		params_fail(&s->doc, node, f->err,
		            "%s is no host of cluster %.100s, no service and no role",
		            shown, f->inv->cluster);
		free(shown);
		return err_hint(f->err,
		                "a word that means nothing would protect nothing");
	}
	return true;
}

bool scenario_fits(const struct scenario *scenario, const struct inventory *inv,
                   struct err *err)
{
	struct fitting f = { scenario, inv, err };

	return check_any_write(&f) &&
	       check_via(&f, "write", &scenario->probe.write.via, "primary") &&
	       check_via(&f, "read", &scenario->probe.read.via, "replica") &&
	       check_hypothesis_endpoint(&f) && check_sync_standbys(&f) &&
	       check_manager(&f) && check_target(&f) && check_never(&f);
}
