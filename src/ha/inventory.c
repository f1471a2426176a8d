/* Looking things up in an inventory. */
#include "ha/inventory.h"

#include "base/str.h"

const struct host *inventory_host(const struct inventory *inv, const char *name)
{
	for (size_t i = 0; i < inv->host_count; i++)
		if (str_eq(inv->hosts[i].name, name))
			return &inv->hosts[i];
	return NULL;
}

const struct service *inventory_service(const struct inventory *inv, const char *name)
{
	for (size_t i = 0; i < inv->service_count; i++)
		if (str_eq(inv->services[i].name, name))
			return &inv->services[i];
	return NULL;
}

const struct endpoint *inventory_endpoint(const struct inventory *inv, const char *name)
{
	for (size_t i = 0; i < inv->endpoint_count; i++)
		if (str_eq(inv->endpoints[i].name, name))
			return &inv->endpoints[i];
	return NULL;
}

bool host_runs(const struct host *host, const char *service)
{
	return strings_contain(&host->runs, service);
}
