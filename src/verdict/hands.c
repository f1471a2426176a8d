/*
 * Somebody else at work while the experiment ran: paused, resumed, scheduled.  It
 * explains figures and changes none; what was measured is judged.
 */
#include "verdict/model.h"

#include "base/clock.h"
#include "base/str.h"

/* "at 2026-11-25T02:16:02.000Z, 3.00 s after the fault" */
static void tell_when(const struct model *m, int64_t t_us, char out[120])
{
	const struct verdict *v = m->v;
	double seconds = (double)(t_us - v->fault.injected_us) / 1e6;
	char wall[RFC3339_SIZE] = "?";

	if (v->wall_base_ns)
		rfc3339(wall, v->wall_base_ns + t_us * 1000);
	if (!v->fault.injected)
		snprintf(out, 120, "at %s", wall);
	else
		snprintf(out, 120, "at %s, %.2f s %s the fault", wall,
		         seconds < 0 ? -seconds : seconds,
		         seconds < 0 ? "before" : "after");
}

static void compare(struct model *m, const struct manager_view *before,
                    const struct manager_view *now)
{
	char when[120];

	tell_when(m, now->t_us, when);
	if (now->paused != before->paused)
		reason(m->v, JUDGED_PASS, now->line, "the cluster was %s by somebody %s",
		       now->paused ? "paused" : "resumed", when);
	if (now->scheduled && !str_eq(now->scheduled, before->scheduled))
		reason(m->v, JUDGED_PASS, now->line, "somebody scheduled, seen %s: %s",
		       when, now->scheduled);
}

/* A run is refused while anybody is at work, so that the first view may be taken as free. */
void find_hands(struct model *m)
{
	static const struct manager_view nobody = { 0 };
	const struct manager_view *before = &nobody;

	for (size_t i = 0; i < m->view_count; i++) {
		compare(m, before, &m->views[i]);
		before = &m->views[i];
	}
}
