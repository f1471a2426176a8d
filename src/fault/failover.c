/*
 * A failover to a candidate: the manager makes it the primary also where there is no
 * leader to step down, or where it would not have chosen it.
 */
#include "fault/leader_change.h"
#include "fault/types.h"

const struct fault_type failover_type = {
	.name = "failover",
	.summary = "ask the manager to make a certain member the primary by a failover",
	.params = leader_change_params,
	.params_size = sizeof(struct leader_change_params),
	.needs = NEEDS_HA | NEEDS_MEMBER,
	.verb = HA_FAILOVER,
	.targets = leader_change_targets,
	.confirm_seconds = 90,
	.undo = "nothing: a failover is not taken back",
	.arm = leader_change_arm,
	.inject = leader_change_inject,
	.confirm = leader_change_confirm,
	.heal = leader_change_heal,
};
