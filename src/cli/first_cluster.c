#include "cli/first_cluster.h"

#include "base/json.h"
#include "base/str.h"
#include "ha/patroni.h"

#include <stdlib.h>
#include <string.h>

char *patroni_scope(const char *body)
{
	cJSON *root = cJSON_Parse(body);
	const char *scope = json_string(json_get(root, "patroni"), "scope");
	char *copy;

	/* GET /cluster tells it at the top from Patroni 3.1 on. */
	if (!scope)
		scope = json_string(root, "scope");
	copy = scope && *scope ? xstrdup(scope) : NULL;
	cJSON_Delete(root);
	return copy;
}

/* Patroni writes true, "on", "quorum", …: everything that is not off is on. */
static bool is_on(const cJSON *value)
{
	if (cJSON_IsString(value))
		return strcmp(value->valuestring, "off") != 0 &&
		       strcmp(value->valuestring, "false") != 0;
	return cJSON_IsTrue(value);
}

int64_t patroni_config_sync_standbys(const char *body)
{
	cJSON *root = cJSON_Parse(body);
	int64_t count = -1;

	if (cJSON_IsObject(root)) {
		double given = json_number(root, "synchronous_node_count", 1);

		count = is_on(json_get(root, "synchronous_mode"))
		                ? (int64_t)(given >= 1 && given < 100 ? given : 1)
		                : 0;
	}
	cJSON_Delete(root);
	return count;
}

static void put_string(struct buf *out, const char *before, const char *s)
{
	buf_puts(out, before);
	buf_json_string(out, s);
}

static void put_urls(const struct patroni_facts *facts, struct buf *out)
{
	bool any = false;

	for (size_t i = 0; i < facts->view->member_count; i++) {
		const char *api = facts->view->members[i].api_url;
		char *base = api ? patroni_base_url(api) : NULL;

		if (base)
			put_string(out, any ? ", " : "", base);
		any |= base != NULL;
		free(base);
	}
	if (!any)
		put_string(out, "", facts->url);
}

static void put_hosts(const struct ha_view *view, struct buf *out)
{
	for (size_t i = 0; i < view->member_count; i++) {
		put_string(out, i ? ",\n    " : "    ", view->members[i].name);
		put_string(out, ": { \"address\": ", view->members[i].address);
		buf_puts(out, ", \"runs\": [\"postgres\", \"patroni\"] }");
	}
}

static int first_port(const struct ha_view *view)
{
	return view->member_count && view->members[0].port > 0 ? view->members[0].port
	                                                       : 5432;
}

/* All members in one conninfo: libpq finds the primary itself. */
static void put_direct_endpoint(const struct ha_view *view, struct buf *out)
{
	struct buf conninfo = BUF_INIT;

	buf_puts(&conninfo, "host=");
	for (size_t i = 0; i < view->member_count; i++)
		buf_printf(&conninfo, "%s%s", i ? "," : "", view->members[i].address);
	buf_puts(&conninfo, " port=");
	for (size_t i = 0; i < view->member_count; i++)
		buf_printf(&conninfo, "%s%d", i ? "," : "",
		           view->members[i].port > 0 ? view->members[i].port : 5432);
	buf_puts(&conninfo,
	         " dbname=postgres user=pgmonkey target_session_attrs=read-write");
	put_string(out,
	           "    \"direct_endpoint\": { \"serves\": \"primary\", \"conninfo\": ",
	           conninfo.data);
	buf_puts(out, " }\n");
	buf_free(&conninfo);
}

void first_cluster_json(const struct patroni_facts *facts, struct buf *out)
{
	put_string(out, "{\n  \"cluster\": ", facts->scope ? facts->scope : "unnamed");
	/* Whoever allows it has read the file. */
	buf_puts(out,
	         ",\n  \"environment\": \"unknown\",\n  \"chaos\": \"forbidden\",\n");
	buf_printf(out,
	           "  \"objectives\": { \"rto_seconds\": 60, \"rpo_rows\": 0, "
	           "\"sync_standbys\": %lld },\n",
	           (long long)(facts->sync_standbys > 0 ? facts->sync_standbys : 0));
	buf_puts(out, "  \"manager\": { \"patroni\": { \"urls\": [");
	put_urls(facts, out);
	buf_puts(out, "] } },\n  \"hosts\": {\n");
	put_hosts(facts->view, out);
	buf_printf(out,
	           "\n  },\n  \"members\": { \"conninfo\": \"port=%d dbname=postgres "
	           "user=pgmonkey\" },\n  \"endpoints\": {\n",
	           first_port(facts->view));
	put_direct_endpoint(facts->view, out);
	buf_puts(out, "  },\n  \"ssh\": { \"user\": \"pgmonkey\" },\n"
	              "  \"probe\": { \"schema\": \"pgmonkey\" }\n}\n");
}

void first_cluster_missing(const struct patroni_facts *facts, struct buf *out)
{
	if (!facts->scope)
		buf_puts(out, "cluster: the API does not tell its name\n");
	if (facts->sync_standbys < 0)
		buf_puts(out, "objectives.sync_standbys: the API does not tell; 0 is "
		              "written\n");
	else if (facts->sync_standbys == 0)
		buf_puts(out,
		         "objectives: replication is asynchronous, which cannot promise "
		         "\"rpo_rows\": 0\n");
	buf_puts(
		out,
		"environment and chaos: say what it is, and \"allowed\" where it may be "
		"broken\n"
		"hosts: the zone of each, proxies (haproxy, pgbouncer), and who else "
		"runs etcd\n"
		"services: data and bin directory of postgres, units with other names\n"
		"endpoints: the paths that applications take, through proxies and "
		"poolers\n"
		"members and endpoints: database, user, and a passfile for the password\n"
		"manager.patroni: username and password_file, if its API wants them\n"
		"ssh: user and identity_file of an account with the documented sudo "
		"rules\n");
}
