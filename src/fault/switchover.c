/* A planned change of the primary, asked of the manager. */
#include "fault/leader_change.h"
#include "fault/types.h"

const struct fault_type switchover_type = {
	.name = "switchover",
	.summary = "ask the manager for a planned change of the primary",
	.params = leader_change_params,
	.params_size = sizeof(struct leader_change_params),
	.needs = NEEDS_HA | NEEDS_MEMBER,
	.verb = HA_SWITCHOVER,
	.targets = leader_change_targets,
	.confirm_seconds = 90,
	.undo = "nothing: a switchover is not taken back",
	.arm = leader_change_arm,
	.inject = leader_change_inject,
	.confirm = leader_change_confirm,
	.heal = leader_change_heal,
};
