/* The managers' table, and a view for straight-line code. */
#include "ha/ha.h"

#include "base/log.h"
#include "base/str.h"
#include "ha/patroni.h"

#include <stdlib.h>

const struct ha_type *const ha_types[] = { &patroni_type, &none_type, NULL };

static const struct ha_type *type_find(const char *name)
{
	for (size_t i = 0; ha_types[i]; i++)
		if (str_eq(ha_types[i]->name, name))
			return ha_types[i];
	return NULL;
}

static const char *type_nearest(const char *name)
{
	const char **names;
	const char *nearest;
	size_t count = 0;

	while (ha_types[count])
		count++;
	names = xcalloc(count + 1, sizeof(char *));
	for (size_t i = 0; i < count; i++)
		names[i] = ha_types[i]->name;
	nearest = str_nearest(name, names);
	free(names);
	return nearest;
}

struct ha *ha_new(const struct inventory *inv, struct loop *loop, struct http *http,
                  struct err *err)
{
	const char *name = inv->manager.type ? inv->manager.type : "none";
	const struct ha_type *type = type_find(name);
	struct ha *ha;

	if (!type) {
		const char *nearest = type_nearest(name);

		err_set(err, "unknown HA manager '%s'", name);
		err_hint(err, "%s%s",
		         nearest ? "did you mean " : "`pgmonkey list managers`",
		         nearest ? nearest : "");
		return NULL;
	}
	ha = type->make();
	ha->type = type;
	ha->inventory = inv;
	ha->loop = loop;
	ha->http = http;
	return ha;
}

/*
 * The poll's answer may come after ha_look() has given up (loop_quit), so what it writes
 * to belongs to the struct ha.
 */
struct ha_waiter {
	bool answered;
	struct ha_view *view;
	struct err err;
};

static void waiter_free(struct ha *ha)
{
	if (ha->waiter)
		ha_view_free(ha->waiter->view);
	free(ha->waiter);
	ha->waiter = NULL;
}

void ha_free(struct ha *ha)
{
	if (!ha)
		return;
	waiter_free(ha);
	ha->type->free(ha);
}

static void answered(struct ha_view *view, const struct err *err, void *arg)
{
	struct ha *ha = arg;

	if (!ha->waiter || ha->waiter->answered) {
		ha_view_free(view);
		return;
	}
	ha->waiter->answered = true;
	ha->waiter->view = view;
	if (!view)
		ha->waiter->err = *err;
}

static bool has_answered(void *arg)
{
	const struct ha *ha = arg;

	return ha->waiter->answered;
}

/* Turns until a poll of our own could begin. */
static bool begin(struct ha *ha, nsec_t deadline)
{
	while (!ha->type->poll(ha, deadline, answered, ha)) {
		nsec_t now = loop_now(ha->loop);

		if (now >= deadline || loop_has_quit(ha->loop))
			return false;
		loop_turn(ha->loop, deadline - now > 10 * NSEC_PER_MSEC
		                            ? now + 10 * NSEC_PER_MSEC
		                            : deadline);
	}
	return true;
}

struct ha_view *ha_look(struct ha *ha, nsec_t deadline, struct err *err)
{
	struct ha_view *view = NULL;

	if (ha->waiter)
		bug("ha_look() within ha_look()");
	ha->waiter = XNEW(struct ha_waiter);
	if (!begin(ha, deadline) ||
	    !loop_wait(ha->loop, has_answered, ha, deadline + NSEC_PER_SEC)) {
		err_set(err, "the HA manager did not answer in time");
	} else if (ha->waiter->view) {
		view = ha->waiter->view;
		ha->waiter->view = NULL;
	} else {
		*err = ha->waiter->err;
	}
	waiter_free(ha);
	return view;
}
