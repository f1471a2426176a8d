#include "scenario/cluster.h"

#include "base/str.h"
#include "scenario/cluster_parts.h"
#include "scenario/names.h"
#include "transport/pg.h"

#include <libgen.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- Checks that a table cannot say ---------------------------------------------- */

static bool check_cluster_name(const struct cluster *c, struct err *err)
{
	const cJSON *node = json_get(c->doc.root, "cluster");

	for (const char *s = c->inventory.cluster; *s; s++)
		if ((unsigned char)*s < ' ' || *s == 0x7f)
			return params_fail(&c->doc, node, err,
			                   "a name has no control characters");
	return strlen(c->inventory.cluster) <= 100 ||
	       params_fail(&c->doc, node, err, "a name has at most 100 bytes");
}

static bool check_both(const struct cluster *c, const cJSON *object,
                       const char *const keys[2], struct err *err)
{
	for (int i = 0; i < 2; i++)
		if (json_get(object, keys[i]) && !json_get(object, keys[!i]))
			return params_fail(&c->doc, json_get(object, keys[i]), err,
			                   "needs \"%s\" beside it", keys[!i]);
	return true;
}

static bool check_patroni(const struct cluster *c, const cJSON *patroni, struct err *err)
{
	static const char *const login[2] = { "username", "password_file" };
	static const char *const tls[2] = { "cert_file", "key_file" };
	const cJSON *urls = json_get(patroni, "urls");
	const cJSON *first = cJSON_IsArray(urls) ? urls->child : urls;

	if (!first)
		return params_fail(&c->doc, urls, err, "there is no URL");
	for (const cJSON *url = first; url; url = url == urls ? NULL : url->next) {
		const char *hint = NULL;
		const char *wrong = wrong_url(url->valuestring, &hint);

		if (wrong)
			return cluster_fail(&c->doc, url, wrong, hint, err);
	}
	return check_both(c, patroni, login, err) && check_both(c, patroni, tls, err);
}

static bool check_manager(struct cluster *c, struct err *err)
{
	const cJSON *manager = json_get(c->doc.root, "manager");

	if (!manager->child)
		return params_fail(&c->doc, manager, err,
		                   "expected { \"patroni\": { … } } or { \"none\": {} }");
	if (manager->child->next)
		return json_fail(&c->doc, manager->child->next, JSON_AT_KEY, err,
		                 "manager: a cluster has one manager, this is a second");
	c->inventory.manager.type = xstrdup(manager->child->string);
	return !str_eq(manager->child->string, "patroni") ||
	       check_patroni(c, manager->child, err);
}

static bool check_ssh(const struct cluster *c, struct err *err)
{
	const cJSON *user = json_get(json_get(c->doc.root, "ssh"), "user");
	const char *wrong = user ? wrong_os_user(user->valuestring) : NULL;

	return !wrong || cluster_fail(&c->doc, user, wrong, NULL, err);
}

static bool check_schema(const struct cluster *c, struct err *err)
{
	const cJSON *schema = json_get(json_get(c->doc.root, "probe"), "schema");
	const char *wrong = schema ? wrong_schema(schema->valuestring) : NULL;

	return !wrong || cluster_fail(&c->doc, schema, wrong, NULL, err);
}

static bool check_members(const struct cluster *c, struct err *err)
{
	const cJSON *conninfo = json_get(json_get(c->doc.root, "members"), "conninfo");

	return !conninfo || cluster_check_conninfo(&c->doc, conninfo, true, err);
}

/* ---- Paths ----------------------------------------------------------------------- */

/*
 * Relative paths are relative to the file: a run from cron, and `pgmonkey heal` years
 * later, start elsewhere.
 */
static void resolve_path(char **path, const char *directory)
{
	char *expanded;

	if (!*path)
		return;
	expanded = str_expand_home(*path);
	if (*expanded != '/') {
		char *absolute = xasprintf("%s/%s", directory, expanded);

		free(expanded);
		expanded = absolute;
	}
	free(*path);
	*path = expanded;
}

static char **secret_paths(struct inventory *inv, size_t n)
{
	char **const paths[] = {
		&inv->manager.password_file, &inv->manager.ca_file,
		&inv->manager.cert_file,     &inv->manager.key_file,
		&inv->ssh.identity_file,     &inv->ssh.known_hosts_file
	};

	return n < sizeof paths / sizeof *paths ? paths[n] : NULL;
}

static void resolve_paths(struct cluster *c)
{
	char *copy = xstrdup(c->doc.name);
	char *real = realpath(dirname(copy), NULL);
	char **path;

	for (size_t i = 0; (path = secret_paths(&c->inventory, i)); i++)
		resolve_path(path, real ? real : ".");
	free(real);
	free(copy);
}

static void fill_ssh_user(struct inventory *inv)
{
	const struct passwd *self = inv->ssh.user ? NULL : getpwuid(geteuid());

	if (!inv->ssh.user)
		inv->ssh.user = xstrdup(self ? self->pw_name : "root");
}

/* ---- The whole ------------------------------------------------------------------- */

struct cluster *cluster_from_doc(struct json_doc *doc, struct err *err)
{
	struct cluster *c = XNEW(struct cluster);

	c->doc = *doc;
	*doc = (struct json_doc){ 0 };
	if (!params_parse(cluster_params, &c->doc, c->doc.root, &c->inventory, err)) {
		c->inventory = (struct inventory){ 0 };
	} else if (check_cluster_name(c, err) && check_manager(c, err) &&
	           cluster_read_hosts(c, err) && cluster_read_services(c, err) &&
	           check_members(c, err) && cluster_read_endpoints(c, err) &&
	           check_ssh(c, err) && check_schema(c, err)) {
		resolve_paths(c);
		fill_ssh_user(&c->inventory);
		return c;
	}
	cluster_free(c);
	return NULL;
}

struct cluster *cluster_read(const char *path, struct err *err)
{
	struct json_doc doc;

	return json_doc_read(&doc, path, err) ? cluster_from_doc(&doc, err) : NULL;
}

void cluster_free(struct cluster *c)
{
	struct inventory *inv;

	if (!c)
		return;
	inv = &c->inventory;
	for (size_t i = 0; i < inv->host_count; i++) {
		free(inv->hosts[i].name);
		params_free(cluster_host_params, &inv->hosts[i]);
	}
	for (size_t i = 0; i < inv->service_count; i++) {
		free(inv->services[i].name);
		params_free(cluster_service_params, &inv->services[i]);
	}
	for (size_t i = 0; i < inv->endpoint_count; i++) {
		free(inv->endpoints[i].name);
		params_free(cluster_endpoint_params, &inv->endpoints[i]);
	}
	free(inv->hosts);
	free(inv->services);
	free(inv->endpoints);
	free(inv->manager.type);
	params_free(cluster_params, inv);
	json_doc_free(&c->doc);
	free(c);
}

/* ---- For the ledger, and back ---------------------------------------------------- */

static void scrub_conninfo(cJSON *object)
{
	const char *conninfo = json_string(object, "conninfo");
	char *scrubbed;

	if (!conninfo)
		return;
	scrubbed = pg_scrub_conninfo(conninfo);
	cJSON_ReplaceItemInObjectCaseSensitive(object, "conninfo",
	                                       cJSON_CreateString(scrubbed));
	free(scrubbed);
}

char *cluster_scrubbed_json(const struct cluster *cluster)
{
	cJSON *tree =
		params_to_json(cluster_params, &cluster->inventory, cluster->doc.root);
	cJSON *manager = cJSON_GetObjectItemCaseSensitive(tree, "manager");
	cJSON *endpoint;
	char *text;

	cJSON_DeleteItemFromObjectCaseSensitive(
		manager,
		str_eq(cluster->inventory.manager.type, "none") ? "patroni" : "none");
	cJSON_ArrayForEach (endpoint, cJSON_GetObjectItemCaseSensitive(tree, "endpoints"))
		scrub_conninfo(endpoint);
	scrub_conninfo(cJSON_GetObjectItemCaseSensitive(tree, "members"));
	text = cJSON_PrintUnformatted(tree);
	cJSON_Delete(tree);
	return text;
}

struct cluster *cluster_from_ledger(const cJSON *cluster_file, const char *ledger_path,
                                    struct err *err)
{
	char *text = cluster_file ? cJSON_PrintUnformatted(cluster_file) : NULL;
	char *name = xasprintf("%s (cluster_file)", ledger_path);
	struct cluster *cluster = NULL;
	struct json_doc doc;

	if (!text)
		err_set(err, "%s: the ledger holds no cluster file", ledger_path);
	else if (json_doc_parse(&doc, name, text, strlen(text), err))
		cluster = cluster_from_doc(&doc, err);
	cJSON_free(text);
	free(name);
	return cluster;
}
