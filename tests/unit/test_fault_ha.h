/* An HA manager that answers as the test says. */
#ifndef TESTS_UNIT_TEST_FAULT_HA_H
#define TESTS_UNIT_TEST_FAULT_HA_H

#include "ha/ha.h"

#include <stdio.h>
#include <stdlib.h>

struct fake_ha {
	struct ha ha;
	struct ha_view *(*view)(void); /* NULL: it can't be asked */
	const char *cannot, *forbids;
	enum ha_answer answer;
	const char *text, *why;
	char asked[200];
};

static inline struct fake_ha *fake_ha_of(struct ha *ha)
{
	return (struct fake_ha *)ha;
}

static inline bool fake_ha_poll(struct ha *ha, nsec_t deadline,
                                void (*done)(struct ha_view *, const struct err *,
                                             void *arg),
                                void *arg)
{
	struct ha_view *view = fake_ha_of(ha)->view ? fake_ha_of(ha)->view() : NULL;
	struct err err = { 0 };

	(void)deadline;
	if (!view)
		err_set(&err, "the manager is silent");
	done(view, &err, arg);
	return true;
}

static inline const char *fake_ha_cannot_verb(struct ha *ha, enum ha_verb verb)
{
	(void)verb;
	return fake_ha_of(ha)->cannot;
}

static inline char *fake_ha_describe(struct ha *ha, const struct ha_request *r)
{
	static const char *const verbs[] = { "switchover", "failover", "restart" };

	(void)ha;
	return xasprintf("%s %s%s%s", verbs[r->verb], r->member,
	                 r->candidate ? " to " : "", r->candidate ? r->candidate : "");
}

static inline enum ha_answer fake_ha_request(struct ha *ha, const struct ha_request *r,
                                             nsec_t deadline, char **text,
                                             struct err *err)
{
	struct fake_ha *f = fake_ha_of(ha);
	char *asked = fake_ha_describe(ha, r);

	(void)deadline;
	snprintf(f->asked, sizeof f->asked, "%s", asked);
	free(asked);
	*text = f->text ? xstrdup(f->text) : NULL;
	if (f->why)
		err_set(err, "%s", f->why);
	return f->answer;
}

static inline bool fake_ha_may_change(struct ha *ha, nsec_t deadline, struct err *err)
{
	(void)deadline;
	return !fake_ha_of(ha)->forbids || err_set(err, "%s", fake_ha_of(ha)->forbids);
}

static inline void fake_ha_free(struct ha *ha)
{
	free(ha);
}

static const struct ha_type fake_ha_type = {
	.name = "fake",
	.poll = fake_ha_poll,
	.cannot = fake_ha_cannot_verb,
	.describe = fake_ha_describe,
	.request = fake_ha_request,
	.may_change = fake_ha_may_change,
	.free = fake_ha_free,
};

static inline struct ha *fake_ha(struct loop *turning)
{
	struct fake_ha *f = XNEW(struct fake_ha);

	f->ha.type = &fake_ha_type;
	f->ha.loop = turning;
	return &f->ha;
}

static inline void fake_ha_answers(struct ha *ha, enum ha_answer answer, const char *text,
                                   const char *why)
{
	fake_ha_of(ha)->answer = answer;
	fake_ha_of(ha)->text = text;
	fake_ha_of(ha)->why = why;
}

static inline void fake_ha_cannot(struct ha *ha, const char *why)
{
	fake_ha_of(ha)->cannot = why;
}

static inline void fake_ha_forbids(struct ha *ha, const char *why)
{
	fake_ha_of(ha)->forbids = why;
}

static inline const char *fake_ha_asked(struct ha *ha)
{
	return fake_ha_of(ha)->asked;
}

#endif
