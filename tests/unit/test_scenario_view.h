/* What a manager says, for tests that choose and limit targets. */
#ifndef TESTS_UNIT_TEST_SCENARIO_VIEW_H
#define TESTS_UNIT_TEST_SCENARIO_VIEW_H

#include "base/xalloc.h"
#include "ha/ha.h"

#include <stdlib.h>
#include <string.h>

static inline void view_set(struct ha_view *view, const char *name, const char *role,
                            const char *state)
{
	struct ha_member *m = ha_view_add(view, name);

	free(m->role);
	free(m->state);
	m->role = xstrdup(role);
	m->state = xstrdup(state);
	if (strcmp(role, "leader") == 0)
		view->leader = xstrdup(name);
}

/* db2 leads, db1 is its synchronous standby, db3 another one. */
static inline struct ha_view *view_good(void)
{
	struct ha_view *view = ha_view_new();

	view_set(view, "db1", "sync_standby", "streaming");
	view_set(view, "db2", "leader", "running");
	view_set(view, "db3", "replica", "streaming");
	return view;
}

static inline void view_change(struct ha_view *view, const char *name, const char *role,
                               const char *state)
{
	for (size_t i = 0; i < view->member_count; i++) {
		struct ha_member *m = &view->members[i];

		if (strcmp(m->name, name) != 0)
			continue;
		free(m->role);
		free(m->state);
		m->role = xstrdup(role);
		m->state = xstrdup(state);
	}
}

#endif
