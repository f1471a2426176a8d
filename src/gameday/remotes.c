#include "gameday/run.h"

#include "transport/ssh.h"

#include <stdlib.h>

struct remotes remotes_of(struct loop *loop, const struct inventory *inv)
{
	return (struct remotes){ .loop = loop,
		                 .inventory = inv,
		                 .items = xcalloc(inv->host_count,
		                                  sizeof(struct remote *)) };
}

struct remote *remotes_get(struct remotes *remotes, const char *name)
{
	const struct inventory *inv = remotes->inventory;
	const struct host *host = inventory_host(inv, name);
	size_t i = host ? (size_t)(host - inv->hosts) : 0;
	struct ssh_options options = {
		.user = inv->ssh.user,
		.port = (int)inv->ssh.port,
		.identity_file = inv->ssh.identity_file,
		.known_hosts_file = inv->ssh.known_hosts_file,
	};

	if (!host)
		return NULL;
	options.address = host->address;
	if (!remotes->items[i])
		remotes->items[i] = remote_ssh(remotes->loop, host->name, &options);
	return remotes->items[i];
}

void remotes_free(struct remotes *remotes)
{
	for (size_t i = 0; remotes->items && i < remotes->inventory->host_count; i++)
		remote_free(remotes->items[i]);
	free(remotes->items);
	remotes->items = NULL;
}

struct pg_target *member_target(const struct inventory *inv, const struct host *host,
                                struct err *err)
{
	struct pg_target *target = NULL;
	struct pg_target *at;

	/* The address goes in as a value of its own, not as text of a conninfo. */
	if (!pg_target_parse(inv->members_conninfo ? inv->members_conninfo : "", NULL,
	                     &target, err)) {
		err_prefix(err, "members.conninfo");
		return NULL;
	}
	at = pg_target_at(target, host->address);
	pg_target_free(target);
	return at;
}
