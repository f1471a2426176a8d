/* The fault types, for the table and for tests. */
#ifndef FAULT_TYPES_H
#define FAULT_TYPES_H

#include "fault/fault.h"

extern const struct fault_type restart_postgres_type;
extern const struct fault_type crash_postgres_type;
extern const struct fault_type kill_proxy_type;
extern const struct fault_type switchover_type;
extern const struct fault_type failover_type;
extern const struct fault_type reboot_host_type;
extern const struct fault_type by_hand_type;

#endif
