/* What a manager says at one moment: memory and look-up. */
#include "base/str.h"
#include "ha/ha.h"

#include <stdlib.h>

struct ha_view *ha_view_new(void)
{
	return XNEW(struct ha_view);
}

void ha_view_free(struct ha_view *view)
{
	if (!view)
		return;
	for (size_t i = 0; i < view->member_count; i++) {
		struct ha_member *m = &view->members[i];

		free(m->name);
		free(m->address);
		free(m->role);
		free(m->state);
		free(m->api_url);
	}
	free(view->members);
	free(view->leader);
	free(view->scheduled);
	free(view->asked);
	free(view);
}

struct ha_member *ha_view_add(struct ha_view *view, const char *name)
{
	struct ha_member *m =
		&ARRAY_PUSH(view->members, view->member_count, view->member_cap);

	*m = (struct ha_member){
		.name = xstrdup(name),
		.address = xstrdup(""),
		.role = xstrdup(""),
		.state = xstrdup(""),
		.lag_bytes = -1,
	};
	return m;
}

const struct ha_member *ha_view_member(const struct ha_view *view, const char *name)
{
	for (size_t i = 0; i < view->member_count; i++)
		if (str_eq(view->members[i].name, name))
			return &view->members[i];
	return NULL;
}

bool ha_member_is_up(const struct ha_member *member)
{
	return str_eq(member->state, "running") || str_eq(member->state, "streaming");
}
