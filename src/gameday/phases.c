#include "gameday/run.h"

const struct phase phases[] = {
	{ "PREFLIGHT", "may we, and does everything answer?", PHASE_BEFORE,
	  phase_preflight },
	{ "STEADY", "the probes run; the steady state must hold", PHASE_BEFORE,
	  phase_steady },
	{ "ARM", "resolve the target, make sure that it can be healed", PHASE_BEFORE,
	  phase_arm },
	{ "INJECT", "send the fault", PHASE_FAULT, phase_inject },
	{ "CONFIRM", "prove that it happened", PHASE_FAULT, phase_confirm },
	{ "OBSERVE", "watch until everything answers again", PHASE_FAULT, phase_observe },
	{ "HEAL", "undo the fault, and look whether it is undone", PHASE_ALWAYS,
	  phase_heal },
	{ "SETTLE", "wait for full redundancy", PHASE_ALWAYS, phase_settle },
	{ "AUDIT", "read every acknowledged row on every member", PHASE_ALWAYS,
	  phase_audit },
	{ NULL, NULL, PHASE_ALWAYS, NULL },
};
