/* Members, the hosts that they run on, their roles, and what `never` means. */
#include "base/str.h"
#include "scenario/names.h"
#include "scenario/target.h"

const struct host *target_host_of(const struct inventory *inv,
                                  const struct ha_member *member)
{
	const struct host *host = inventory_host(inv, member->name);

	for (size_t i = 0; !host && member->address && i < inv->host_count; i++)
		if (same_address(inv->hosts[i].address, member->address))
			host = &inv->hosts[i];
	return host;
}

const struct ha_member *target_member_on(const struct inventory *inv,
                                         const struct ha_view *view,
                                         const struct host *host)
{
	for (size_t i = 0; view && i < view->member_count; i++)
		if (target_host_of(inv, &view->members[i]) == host)
			return &view->members[i];
	return NULL;
}

const char *target_role_of(const struct ha_view *view, const struct ha_member *member)
{
	if (view->leader && str_eq(view->leader, member->name))
		return "primary";
	if (str_eq(member->role, "sync_standby") ||
	    str_eq(member->role, "quorum_standby"))
		return "sync_standby";
	return "replica";
}

static bool means_host(const char *word, const struct host *host,
                       const struct inventory *inv, const struct ha_view *view)
{
	const struct ha_member *m = target_member_on(inv, view, host);
	const char *role = m ? target_role_of(view, m) : NULL;
	const char *service = target_service(word);

	if (str_eq(word, host->name) || host_runs(host, word))
		return true;
	if (str_eq(word, "dcs"))
		return host_runs(host, "etcd") && !host_runs(host, "postgres");
	if (str_eq(word, "replica"))
		return role && !str_eq(role, "primary");
	if (str_eq(word, "primary") || str_eq(word, "sync_standby"))
		return str_eq(word, role);
	return service && host_runs(host, service);
}

const char *target_in_never(const struct host *host, const struct inventory *inv,
                            const struct ha_view *view, const struct strings *never)
{
	for (size_t i = 0; i < never->count; i++)
		if (means_host(never->items[i], host, inv, view))
			return never->items[i];
	return NULL;
}

bool target_never_is_known(const char *word, const struct inventory *inv)
{
	static const char *const services[] = { "postgres", "patroni",   "etcd",
		                                "haproxy",  "pgbouncer", "dcs" };

	for (size_t i = 0; i < sizeof services / sizeof *services; i++)
		if (str_eq(word, services[i]))
			return true;
	return target_service(word) || inventory_host(inv, word) ||
	       inventory_service(inv, word);
}
