/* What may stand in a cluster file. */
#include "scenario/cluster_parts.h"

static const char *const chaos_words[] = { "forbidden", "allowed", NULL };
static const char *const serves_words[] = { "primary", "replica", NULL };

const char *const cluster_known_services[] = { "postgres", "patroni",   "etcd",
	                                       "haproxy",  "pgbouncer", NULL };

const struct param cluster_host_params[] = {
	PARAM_STRING(
		struct host, address, REQUIRED, NULL,
		"name or address for SSH and for direct connections; IPv6 without [ ]"),
	PARAM_STRING(struct host, zone, OPTIONAL, "\"\"", "where it stands, for reports"),
	PARAM_STRINGS(
		struct host, runs, REQUIRED,
		"what runs there: postgres, patroni, etcd, haproxy, pgbouncer, or a word "
		"that \"services\" defines"),
	PARAM_END,
};

const struct param cluster_service_params[] = {
	PARAM_STRINGS(struct service, units, OPTIONAL,
	              "systemd units; NAME.service by default, for postgres none"),
	PARAM_STRING(struct service, data_directory, OPTIONAL, NULL,
	             "of postgres: PGDATA"),
	PARAM_STRING(struct service, bin_directory, OPTIONAL, NULL,
	             "of postgres: where pg_ctl is"),
	PARAM_STRING(struct service, os_user, OPTIONAL, NULL,
	             "of postgres: whom it runs as; \"postgres\" by default"),
	PARAM_END,
};

const struct param cluster_endpoint_params[] = {
	PARAM_STRING(struct endpoint, conninfo, REQUIRED, NULL,
	             "how applications connect, as libpq reads it; no password in it"),
	PARAM_NUMBER(struct endpoint, max_staleness_seconds, OPTIONAL, "0", 0.001, 86400,
	             "how old the newest row that it shows may be"),
	PARAM_CHOICE(
		struct endpoint, serves, OPTIONAL, NULL, serves_words,
		"\"replica\" by default where max_staleness_seconds is given or the name "
		"begins with \"replica\", else \"primary\""),
	PARAM_END,
};

static const struct param objectives_params[] = {
	PARAM_NUMBER(struct objectives, rto_seconds, OPTIONAL, "60", 0.1, 86400,
	             "how long writes may be gone"),
	PARAM_INTEGER(struct objectives, rpo_rows, OPTIONAL, "0", 0, 1000000000,
	              "how many acknowledged rows may be lost"),
	PARAM_INTEGER(struct objectives, sync_standbys, OPTIONAL, "0", 0, 15,
	              "synchronous standbys that the cluster promises; 0: asynchronous"),
	PARAM_END,
};

static const struct param patroni_params[] = {
	PARAM_STRINGS(struct manager_config, urls, REQUIRED,
	              "REST API of each member: http://host:8008; IPv6 in [ ]"),
	PARAM_STRING(struct manager_config, username, OPTIONAL, NULL,
	             "for what changes something; needs password_file"),
	PARAM_STRING(
		struct manager_config, password_file, OPTIONAL, NULL,
		"file with the password in its first line, readable by its owner only"),
	PARAM_STRING(struct manager_config, ca_file, OPTIONAL, NULL, "whom https trusts"),
	PARAM_STRING(struct manager_config, cert_file, OPTIONAL, NULL,
	             "client certificate; needs key_file"),
	PARAM_STRING(struct manager_config, key_file, OPTIONAL, NULL, "its key"),
	PARAM_END,
};

static const struct param none_params[] = { PARAM_END };

/* Both fill the same struct: only one of them is given (cluster.c). */
static const struct param manager_params[] = {
	{ .key = "patroni",
	  .type = PARAM_TYPE_OBJECT,
	  .fields = patroni_params,
	  .doc = "Patroni 3 or 4" },
	{ .key = "none",
	  .type = PARAM_TYPE_OBJECT,
	  .fields = none_params,
	  .doc = "plain streaming replication: { }" },
	PARAM_END,
};

static const struct param members_params[] = {
	{ .key = "conninfo",
	  .type = PARAM_TYPE_STRING,
	  .doc = "what a direct connection to a member needs besides its host: port, "
	         "dbname, "
	         "user, passfile" },
	PARAM_END,
};

static const struct param ssh_params[] = {
	PARAM_STRING(struct ssh_config, user, OPTIONAL, NULL,
	             "account on the hosts; by default that of the agent"),
	PARAM_STRING(struct ssh_config, identity_file, OPTIONAL, NULL,
	             "private key (ed25519 or ecdsa); the SSH agent's keys by default"),
	PARAM_STRING(struct ssh_config, known_hosts_file, OPTIONAL, NULL,
	             "~/.ssh/known_hosts by default"),
	PARAM_INTEGER(struct ssh_config, port, OPTIONAL, "22", 1, 65535, "of sshd"),
	PARAM_END,
};

static const struct param probe_params[] = {
	{ .key = "schema",
	  .type = PARAM_TYPE_STRING,
	  .fallback = "\"pgmonkey\"",
	  .doc = "schema of the probe's table, its own" },
	PARAM_END,
};

const struct param cluster_params[] = {
	PARAM_STRING(struct inventory, cluster, REQUIRED, NULL, "name of the cluster"),
	PARAM_STRING(struct inventory, environment, OPTIONAL, "\"unnamed\"",
	             "for people: production, staging, lab"),
	PARAM_CHOICE(struct inventory, chaos, OPTIONAL, "\"forbidden\"", chaos_words,
	             "may faults be injected here?"),
	PARAM_OBJECT(struct inventory, objectives, OPTIONAL, objectives_params,
	             "what the cluster promises its users"),
	PARAM_OBJECT(struct inventory, manager, REQUIRED, manager_params,
	             "who fails over: exactly one of these"),
	PARAM_MAP("hosts", REQUIRED, cluster_host_params,
	          "by name; a database host is named as the manager names its member"),
	PARAM_MAP("services", OPTIONAL, cluster_service_params,
	          "how what stands in \"runs\" is run, by its word"),
	{ .key = "members",
	  .type = PARAM_TYPE_OBJECT,
	  .fields = members_params,
	  .offset = offsetof(struct inventory, members_conninfo),
	  .doc = "direct connections to every member" },
	PARAM_MAP("endpoints", REQUIRED, cluster_endpoint_params,
	          "what applications connect to, by name"),
	PARAM_OBJECT(struct inventory, ssh, OPTIONAL, ssh_params,
	             "how hosts are reached"),
	{ .key = "probe",
	  .type = PARAM_TYPE_OBJECT,
	  .fields = probe_params,
	  .offset = offsetof(struct inventory, probe_schema),
	  .doc = "the probe's place in the database" },
	PARAM_END,
};
