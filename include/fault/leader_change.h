/* What switchover and failover have in common: another member must lead afterwards. */
#ifndef FAULT_LEADER_CHANGE_H
#define FAULT_LEADER_CHANGE_H

#include "fault/fault.h"

struct leader_change_params {
	char *target;
	char *candidate;
};

extern const struct param leader_change_params[];
extern const char *const leader_change_targets[];

bool leader_change_arm(struct fault *fault, struct err *err);
bool leader_change_inject(struct fault *fault, struct err *err);
enum confirm leader_change_confirm(struct fault *fault, struct err *err);
bool leader_change_heal(struct fault *fault, struct err *err);

#endif
