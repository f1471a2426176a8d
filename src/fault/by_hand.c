/* Injects nothing: a person breaks something, and PGMonkey measures. */
#include "fault/heal.h"
#include "fault/types.h"

struct by_hand_params {
	double seconds;
};

static const struct param params[] = {
	PARAM_NUMBER(struct by_hand_params, seconds, OPTIONAL, "60", 1, 86400,
	             "how long the person has"),
	PARAM_END,
};

static const char *const targets[] = { NULL };

static double hold(const void *p)
{
	return ((const struct by_hand_params *)p)->seconds;
}

static bool arm(struct fault *fault, struct err *err)
{
	(void)err;
	heal_begin(fault, "none");
	fault_set(&fault->command, xstrdup("nothing: a person breaks something by hand"));
	return true;
}

static bool inject(struct fault *fault, struct err *err)
{
	(void)err;
	fault_set(&fault->answer, xstrdup("by hand"));
	return true;
}

static enum confirm confirm(struct fault *fault, struct err *err)
{
	(void)err;
	fault_set(&fault->evidence, xstrdup("by hand"));
	return CONFIRM_YES;
}

static bool heal(struct fault *fault, struct err *err)
{
	(void)err;
	fault_set(&fault->evidence,
	          xstrdup("nothing to undo: what was done by hand is undone by hand"));
	return true;
}

const struct fault_type by_hand_type = {
	.name = "by_hand",
	.summary = "inject nothing, and measure what a person breaks meanwhile",
	.params = params,
	.params_size = sizeof(struct by_hand_params),
	.targets = targets,
	.hold = hold,
	.confirm_seconds = 1,
	.undo = "nothing: whoever broke it mends it",
	.arm = arm,
	.inject = inject,
	.confirm = confirm,
	.heal = heal,
};
