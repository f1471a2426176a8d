#include "probe/probe.h"

const struct probe_kind probe_kinds[] = {
	{ "write", "inserts one keyed row by an endpoint that serves the primary" },
	{ "read",
	  "asks an endpoint that serves replicas for the newest row that it shows" },
	{ "member",
	  "asks each member directly for its role, timeline, LSN, lag and standbys" },
	{ "manager", "asks the HA manager for its view of leader and members" },
	{ NULL, NULL },
};
