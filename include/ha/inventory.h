/*
 * What a cluster file says, as plain facts (scenario/cluster.h reads the file).  All
 * strings are owned by the struct inventory and live as long as it does.
 */
#ifndef HA_INVENTORY_H
#define HA_INVENTORY_H

#include "base/params.h"

struct host {
	char *name; /* as the manager calls the member on it, where it is a database host */
	char *address;       /* name or address; IPv6 without brackets */
	char *zone;          /* "" if none was given */
	struct strings runs; /* "postgres", "patroni", "etcd", "haproxy", "pgbouncer" */
};

/* How a kind of service is run on its hosts. */
struct service {
	char *name;
	struct strings
		units; /* systemd units, "patroni.service" by default for "patroni" */
	char *data_directory; /* postgres only: PGDATA … */
	char *bin_directory;  /* … where pg_ctl is … */
	char *os_user;        /* … and whom it runs as: "postgres" */
};

struct endpoint {
	char *name;
	char *conninfo;
	char *serves;                 /* "primary" or "replica" */
	double max_staleness_seconds; /* 0: no limit */
};

struct objectives {
	double rto_seconds;    /* 60 unless said otherwise */
	int64_t rpo_rows;      /* 0 */
	int64_t sync_standbys; /* how many the cluster promises; 0: asynchronous */
};

struct manager_config {
	char *type; /* "patroni", "none" */
	struct strings urls;
	char *username;      /* for what changes something; NULL: no authentication */
	char *password_file; /* read when needed, never kept in ledger or log */
	char *ca_file, *cert_file, *key_file;
};

struct ssh_config {
	char *user;
	char *identity_file;    /* "~" expanded; NULL: agent only */
	char *known_hosts_file; /* NULL: ~/.ssh/known_hosts */
	int64_t port;
};

struct inventory {
	char *cluster;
	char *environment;
	char *chaos; /* "allowed" or "forbidden" (the default) */
	struct objectives objectives;
	struct manager_config manager;
	struct host *hosts;
	size_t host_count, host_cap;
	struct service *services;
	size_t service_count, service_cap;
	struct endpoint *endpoints;
	size_t endpoint_count, endpoint_cap;
	char *members_conninfo; /* what every member's own connection needs besides its
	                           host */
	struct ssh_config ssh;
	char *probe_schema; /* "pgmonkey" */
};

const struct host *inventory_host(const struct inventory *inv, const char *name);
const struct service *inventory_service(const struct inventory *inv, const char *name);
const struct endpoint *inventory_endpoint(const struct inventory *inv, const char *name);
bool host_runs(const struct host *host, const char *service);

#endif
