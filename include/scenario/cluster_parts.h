/* The parts that reading a cluster file is made of; only src/scenario/cluster*.c. */
#ifndef SCENARIO_CLUSTER_PARTS_H
#define SCENARIO_CLUSTER_PARTS_H

#include "scenario/cluster.h"

extern const struct param cluster_host_params[];
extern const struct param cluster_service_params[];
extern const struct param cluster_endpoint_params[];

/* Words that "runs" may hold without a word in "services"; NULL-ended. */
extern const char *const cluster_known_services[];

/* Each fills its array of the inventory from the file, checked; false + err. */
bool cluster_read_hosts(struct cluster *c, struct err *err) MUSTCHECK;
bool cluster_read_services(struct cluster *c, struct err *err) MUSTCHECK;
bool cluster_read_endpoints(struct cluster *c, struct err *err) MUSTCHECK;

/*
 * A conninfo that libpq takes, without a secret in it.  With `member`: without a host,
 * which is that of the member.
 */
bool cluster_check_conninfo(const struct json_doc *doc, const cJSON *node, bool member,
                            struct err *err) MUSTCHECK;

/* Fails with "FILE:L:C: path: WRONG"; the hint may be NULL. Returns false. */
bool cluster_fail(const struct json_doc *doc, const cJSON *node, const char *wrong,
                  const char *hint, struct err *err);

#endif
