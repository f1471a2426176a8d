/* All faults there are. A new one is a file of its own and a line here. */
#include "fault/types.h"

#include "base/str.h"

const struct fault_type *const fault_types[] = {
	&restart_postgres_type, &crash_postgres_type, &kill_proxy_type, &switchover_type,
	&failover_type,         &reboot_host_type,    &by_hand_type,    NULL,
};

const struct fault_type *fault_type_find(const char *name)
{
	for (size_t i = 0; fault_types[i]; i++)
		if (str_eq(fault_types[i]->name, name))
			return fault_types[i];
	return NULL;
}
