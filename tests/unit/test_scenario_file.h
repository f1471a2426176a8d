/* A good cluster file and a good scenario, and the same with one thing changed. */
#ifndef TESTS_UNIT_TEST_SCENARIO_FILE_H
#define TESTS_UNIT_TEST_SCENARIO_FILE_H

#include "base/xalloc.h"
#include "ha/ha.h"
#include "scenario/cluster.h"
#include "scenario/scenario.h"

#include <stdlib.h>
#include <string.h>

static const char good_cluster[] =
	"{\n"
	"  \"cluster\": \"billing\", \"environment\": \"lab\", \"chaos\": \"allowed\",\n"
	"  \"objectives\": { \"rto_seconds\": 60, \"rpo_rows\": 0, \"sync_standbys\": 1 "
	"},\n"
	"  \"manager\": { \"patroni\": { \"urls\": [\"http://10.88.0.11:8008\"],\n"
	"    \"username\": \"pgmonkey\", \"password_file\": \"patroni.password\" } },\n"
	"  \"hosts\": {\n"
	"    \"db1\": { \"address\": \"10.88.0.11\", \"zone\": \"a\", \"runs\": "
	"[\"postgres\", "
	"\"patroni\", \"etcd\"] },\n"
	"    \"db2\": { \"address\": \"10.88.0.12\", \"zone\": \"b\", \"runs\": "
	"[\"postgres\", "
	"\"patroni\", \"etcd\"] },\n"
	"    \"db3\": { \"address\": \"10.88.0.13\", \"runs\": [\"postgres\", "
	"\"patroni\", "
	"\"etcd\"] },\n"
	"    \"px1\": { \"address\": \"10.88.0.21\", \"runs\": [\"haproxy\", "
	"\"pgbouncer\"] },\n"
	"    \"px2\": { \"address\": \"10.88.0.22\", \"runs\": [\"haproxy\", "
	"\"pgbouncer\"] }\n"
	"  },\n"
	"  \"services\": {\n"
	"    \"postgres\": { \"data_directory\": \"/data\", \"bin_directory\": \"/bin\" "
	"},\n"
	"    \"patroni\": { \"units\": [\"patroni@15-main.service\"] }\n"
	"  },\n"
	"  \"members\": { \"conninfo\": \"port=5432 dbname=app user=pgmonkey "
	"passfile=/p\" },\n"
	"  \"endpoints\": {\n"
	"    \"primary_endpoint\": { \"conninfo\": \"host=10.88.0.21 port=5000 "
	"dbname=app\" },\n"
	"    \"pooler_endpoint\": { \"conninfo\": \"host=10.88.0.21 port=6432 "
	"dbname=app\" },\n"
	"    \"replica_endpoint\": { \"conninfo\": \"host=10.88.0.22 port=5001 "
	"dbname=app\",\n"
	"      \"max_staleness_seconds\": 10 }\n"
	"  },\n"
	"  \"ssh\": { \"user\": \"pgmonkey-op\", \"identity_file\": \"/k/id_ed25519\" "
	"},\n"
	"  \"probe\": { \"schema\": \"pgmonkey\" }\n"
	"}\n";

static const char good_scenario[] =
	"{\n"
	"  \"experiment\": \"reboot the primary's host\",\n"
	"  \"why\": \"kernels get patched\",\n"
	"  \"hypothesis\": { \"rto_seconds\": 60, \"rpo_rows\": 0 },\n"
	"  \"steady_state\": { \"hold_seconds\": 10, \"sync_standbys\": 1 },\n"
	"  \"fault\": { \"reboot_host\": { \"target\": \"primary\" } },\n"
	"  \"blast_radius\": { \"hosts\": 1, \"never\": [\"dcs\"], \"keep_quorum\": true "
	"},\n"
	"  \"abort_if\": { \"no_primary_seconds\": 180 },\n"
	"  \"probe\": { \"write\": { \"every_ms\": 20, \"via\": \"primary_endpoint\" },\n"
	"    \"read\": { \"every_ms\": 100, \"via\": [\"replica_endpoint\"] } }\n"
	"}\n";

/* The text with the first `from` replaced; a `from` that is not there ends the test. */
static inline char *changed(const char *text, const char *from, const char *to)
{
	const char *at = strstr(text, from);

	if (!at) {
		printf("Bail out! not in the text: %s\n", from);
		exit(1);
	}
	return xasprintf("%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
}

static inline struct cluster *cluster_of(const char *text, struct err *err)
{
	struct json_doc doc;

	*err = (struct err){ 0 };
	return json_doc_parse(&doc, "c.json", text, strlen(text), err)
	               ? cluster_from_doc(&doc, err)
	               : NULL;
}

static inline struct scenario *scenario_of(const char *text, struct err *err)
{
	struct json_doc doc;

	*err = (struct err){ 0 };
	return json_doc_parse(&doc, "s.json", text, strlen(text), err)
	               ? scenario_from_doc(&doc, err)
	               : NULL;
}

static inline struct cluster *cluster_with(const char *from, const char *to,
                                           struct err *err)
{
	char *text = changed(good_cluster, from, to);
	struct cluster *c = cluster_of(text, err);

	free(text);
	return c;
}

static inline struct scenario *scenario_with(const char *from, const char *to,
                                             struct err *err)
{
	char *text = changed(good_scenario, from, to);
	struct scenario *s = scenario_of(text, err);

	free(text);
	return s;
}

#endif
