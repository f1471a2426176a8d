/* A first cluster file from what Patroni's API tells: pure, for `pgmonkey init`. */
#ifndef CLI_FIRST_CLUSTER_H
#define CLI_FIRST_CLUSTER_H

#include "ha/ha.h"

struct patroni_facts {
	const char *url;            /* that was asked */
	const struct ha_view *view; /* of GET /cluster */
	const char *scope;          /* the cluster's name, NULL: not told */
	int64_t sync_standbys;      /* that the configuration promises; -1: not told */
};

/* The file, as JSON text that `pgmonkey check --offline` accepts. */
void first_cluster_json(const struct patroni_facts *facts, struct buf *out);

/* What the API can't tell, a line each, for people. */
void first_cluster_missing(const struct patroni_facts *facts, struct buf *out);

/* From GET /config: how many synchronous standbys it promises; 0 if replication is
 * asynchronous, -1 if this is no configuration. */
int64_t patroni_config_sync_standbys(const char *body);

/* From GET /patroni or /cluster: the scope, NULL if it is not told. Caller frees. */
char *patroni_scope(const char *body);

#endif
