/* The named parts of a cluster file: hosts, services, endpoints. */
#include "base/str.h"
#include "scenario/cluster_parts.h"
#include "scenario/names.h"
#include "scenario/target.h"

#include <stdlib.h>

bool cluster_fail(const struct json_doc *doc, const cJSON *node, const char *wrong,
                  const char *hint, struct err *err)
{
	params_fail(doc, node, err, "%s", wrong);
	return hint ? err_hint(err, "%s", hint) : false;
}

/* The key of a map's member; what is wrong with it stands at the key. */
static bool check_key(const struct json_doc *doc, const cJSON *member, struct err *err)
{
	const char *wrong = wrong_name(member->string);
	char *path;

	if (!wrong)
		return true;
	path = json_path(doc, member);
	json_fail(doc, member, JSON_AT_KEY, err, "%.200s: %s", path, wrong);
	free(path);
	return false;
}

/* ---- Hosts ----------------------------------------------------------------------- */

static bool is_target_word(const char *name)
{
	for (const struct target_word *w = target_words; w->word; w++)
		if (str_eq(w->word, name))
			return true;
	return str_eq(name, "dcs");
}

static bool is_known_service(const char *word)
{
	for (size_t i = 0; cluster_known_services[i]; i++)
		if (str_eq(cluster_known_services[i], word))
			return true;
	return false;
}

/* "never" takes names of hosts, roles and services alike: they must not be the same. */
static bool check_host_name(const struct json_doc *doc, const cJSON *member,
                            struct err *err)
{
	if (!check_key(doc, member, err))
		return false;
	if (!is_target_word(member->string) && !is_known_service(member->string))
		return true;
	return json_fail(doc, member, JSON_AT_KEY, err,
	                 "hosts.%s: a host is not named like a role or a service",
	                 member->string);
}

static bool check_address(const struct cluster *c, const cJSON *node, const char *address,
                          struct err *err)
{
	const char *hint = NULL;
	const char *wrong = wrong_address(address, &hint);

	if (wrong)
		return cluster_fail(&c->doc, node, wrong, hint, err);
	for (size_t i = 0; i < c->inventory.host_count; i++)
		if (same_address(c->inventory.hosts[i].address, address))
			return params_fail(&c->doc, node, err, "%s has this address too",
			                   c->inventory.hosts[i].name);
	return true;
}

static bool check_runs(const struct cluster *c, const cJSON *runs, struct err *err)
{
	const cJSON *services = json_get(c->doc.root, "services");
	const cJSON *first = cJSON_IsArray(runs) ? runs->child : runs;

	for (const cJSON *word = first; word; word = word == runs ? NULL : word->next) {
		const char *nearest;
		char *shown;

		if (is_known_service(word->valuestring) ||
		    json_get(services, word->valuestring))
			continue;
		nearest = str_nearest(word->valuestring, cluster_known_services);
		shown = json_quote(word->valuestring);
		params_fail(&c->doc, word, err, "unknown service %s%s%s%s", shown,
		            nearest ? " (did you mean \"" : "", nearest ? nearest : "",
		            nearest ? "\"?)" : "");
		free(shown);
		return err_hint(
			err, "postgres, patroni, etcd, haproxy and pgbouncer are known; "
			     "others need units in \"services\"");
	}
	return true;
}

static bool read_host(struct cluster *c, const cJSON *member, struct err *err)
{
	struct host host = { 0 };

	if (!check_host_name(&c->doc, member, err) ||
	    !params_parse(cluster_host_params, &c->doc, member, &host, err))
		return false;
	if (!check_address(c, json_get(member, "address"), host.address, err) ||
	    !check_runs(c, json_get(member, "runs"), err)) {
		params_free(cluster_host_params, &host);
		return false;
	}
	host.name = xstrdup(member->string);
	ARRAY_PUSH(c->inventory.hosts, c->inventory.host_count, c->inventory.host_cap) =
		host;
	return true;
}

bool cluster_read_hosts(struct cluster *c, struct err *err)
{
	const cJSON *hosts = json_get(c->doc.root, "hosts");
	const cJSON *member;

	cJSON_ArrayForEach (member, hosts)
		if (!read_host(c, member, err))
			return false;
	for (size_t i = 0; i < c->inventory.host_count; i++)
		if (host_runs(&c->inventory.hosts[i], "postgres"))
			return true;
	params_fail(&c->doc, hosts, err, "no host runs postgres");
	return err_hint(err, "write \"runs\": [\"postgres\", …] for each database host");
}

/* ---- Services -------------------------------------------------------------------- */

static bool check_units(const struct cluster *c, const cJSON *units, struct err *err)
{
	const cJSON *first = cJSON_IsArray(units) ? units->child : units;

	for (const cJSON *unit = first; unit; unit = unit == units ? NULL : unit->next) {
		const char *wrong = wrong_unit(unit->valuestring);

		if (wrong)
			return cluster_fail(&c->doc, unit, wrong, NULL, err);
	}
	return true;
}

static bool check_postgres_only(const struct cluster *c, const cJSON *member,
                                struct err *err)
{
	static const char *const keys[] = { "data_directory", "bin_directory",
		                            "os_user" };

	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		const cJSON *node = json_get(member, keys[i]);
		const char *wrong;

		if (!node)
			continue;
		wrong = !str_eq(member->string, "postgres")
		                ? "only the service postgres has this key"
		        : i < 2 ? wrong_path(node->valuestring)
		                : wrong_os_user(node->valuestring);
		if (wrong)
			return cluster_fail(&c->doc, node, wrong, NULL, err);
	}
	return true;
}

static bool is_run(const struct inventory *inv, const char *word)
{
	for (size_t i = 0; i < inv->host_count; i++)
		if (host_runs(&inv->hosts[i], word))
			return true;
	return false;
}

static bool check_is_run(const struct cluster *c, const cJSON *member, struct err *err)
{
	const char *nearest;

	if (is_known_service(member->string) || is_run(&c->inventory, member->string))
		return true;
	nearest = str_nearest(member->string, cluster_known_services);
	json_fail(&c->doc, member, JSON_AT_KEY, err, "services.%s: no host runs it",
	          member->string);
	return nearest ? err_hint(err, "did you mean \"%s\"?", nearest) : false;
}

/* Adds a service with what is not given filled in; takes what `s` owns. */
static void add_service(struct inventory *inv, const char *name, struct service s)
{
	bool postgres = str_eq(name, "postgres");

	s.name = xstrdup(name);
	if (!s.units.count && !postgres) {
		char *unit = xasprintf("%s.service", name);

		strings_add(&s.units, unit);
		free(unit);
	}
	if (postgres && !s.os_user)
		s.os_user = xstrdup("postgres");
	ARRAY_PUSH(inv->services, inv->service_count, inv->service_cap) = s;
}

static bool read_service(struct cluster *c, const cJSON *member, struct err *err)
{
	struct service service = { 0 };

	if (!check_key(&c->doc, member, err) ||
	    !params_parse(cluster_service_params, &c->doc, member, &service, err))
		return false;
	if (!check_is_run(c, member, err) ||
	    !check_units(c, json_get(member, "units"), err) ||
	    !check_postgres_only(c, member, err)) {
		params_free(cluster_service_params, &service);
		return false;
	}
	add_service(&c->inventory, member->string, service);
	return true;
}

bool cluster_read_services(struct cluster *c, struct err *err)
{
	struct inventory *inv = &c->inventory;
	const cJSON *services = json_get(c->doc.root, "services");
	const cJSON *member;

	cJSON_ArrayForEach (member, services)
		if (!read_service(c, member, err))
			return false;
	for (size_t i = 0; cluster_known_services[i]; i++)
		if (!inventory_service(inv, cluster_known_services[i]) &&
		    is_run(inv, cluster_known_services[i]))
			add_service(inv, cluster_known_services[i],
			            (struct service){ 0 });
	return true;
}

/* ---- Endpoints ------------------------------------------------------------------- */

static bool read_endpoint(struct cluster *c, const cJSON *member, struct err *err)
{
	struct inventory *inv = &c->inventory;
	struct endpoint e = { 0 };

	if (!check_key(&c->doc, member, err) ||
	    !params_parse(cluster_endpoint_params, &c->doc, member, &e, err))
		return false;
	if (!cluster_check_conninfo(&c->doc, json_get(member, "conninfo"), false, err)) {
		params_free(cluster_endpoint_params, &e);
		return false;
	}
	if (!e.serves)
		e.serves = xstrdup(e.max_staleness_seconds > 0 ||
		                                   str_starts(member->string, "replica")
		                           ? "replica"
		                           : "primary");
	e.name = xstrdup(member->string);
	ARRAY_PUSH(inv->endpoints, inv->endpoint_count, inv->endpoint_cap) = e;
	return true;
}

bool cluster_read_endpoints(struct cluster *c, struct err *err)
{
	const cJSON *endpoints = json_get(c->doc.root, "endpoints");
	const cJSON *member;

	cJSON_ArrayForEach (member, endpoints)
		if (!read_endpoint(c, member, err))
			return false;
	return c->inventory.endpoint_count > 0 ||
	       params_fail(&c->doc, endpoints, err, "there is no endpoint");
}
