/*
 * The cluster file: read, validated, kept as facts (ha/inventory.h).
 */
#ifndef SCENARIO_CLUSTER_H
#define SCENARIO_CLUSTER_H

#include "base/json.h"
#include "ha/inventory.h"

struct cluster {
	struct json_doc doc; /* for positions in errors */
	struct inventory inventory;
};

/* Reads and validates FILE without touching the network. NULL + err ("FILE:L:C: …"). */
struct cluster *cluster_read(const char *path, struct err *err);
struct cluster *cluster_from_doc(struct json_doc *doc,
                                 struct err *err); /* takes the doc */
void cluster_free(struct cluster *cluster);

/*
 * The file as the ledger keeps it: passwords in conninfo strings replaced by ***, paths
 * of secrets kept (they are needed by `pgmonkey heal`).  Caller frees.
 */
char *cluster_scrubbed_json(const struct cluster *cluster);

/* From the ledger's `cluster_file`, for `pgmonkey heal`. */
struct cluster *cluster_from_ledger(const cJSON *cluster_file, const char *ledger_path,
                                    struct err *err);

extern const struct param cluster_params[]; /* for help, documentation, schema */

#endif
