/* The manager probe: what the HA manager says, told when it changes. */
#include "probe/probe.h"

#include "base/str.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define DEFAULT_EVERY    NSEC_PER_SEC
#define DEFAULT_DEADLINE (5 * NSEC_PER_SEC)

struct manager_probe {
	struct source source;
	struct probe_env env;
	struct probe_options options;
	struct ha *ha;
	nsec_t next_tick;
	bool asking;
	nsec_t asked;
	bool freed; /* while it was still asking: the answer, if it comes, frees it */
	struct ha_view *view;
	char *told; /* what the ledger knows; NULL: nothing yet */
	char message[200];
};

static void member_json(struct buf *json, const struct ha_member *m, bool with_lag)
{
	buf_puts(json, "{\"name\": ");
	buf_json_string(json, m->name ? m->name : "");
	buf_puts(json, ", \"role\": ");
	buf_json_string(json, m->role ? m->role : "");
	buf_puts(json, ", \"state\": ");
	buf_json_string(json, m->state ? m->state : "");
	if (m->timeline)
		buf_printf(json, ", \"timeline\": %" PRId64, m->timeline);
	if (with_lag && m->lag_bytes >= 0)
		buf_printf(json, ", \"lag_bytes\": %" PRId64, m->lag_bytes);
	buf_putc(json, '}');
}

/* All members as a JSON array; without lags it is what a change is told by. */
static void members_json(struct buf *json, const struct ha_view *view, bool with_lag)
{
	buf_putc(json, '[');
	for (size_t i = 0; i < view->member_count; i++) {
		if (i)
			buf_puts(json, ", ");
		member_json(json, &view->members[i], with_lag);
	}
	buf_putc(json, ']');
}

static char *view_text(const struct ha_view *view)
{
	struct buf text = BUF_INIT;

	buf_printf(&text, "leader %s, timeline %" PRId64 ", paused %d, scheduled %s, ",
	           view->leader ? view->leader : "none", view->timeline, view->paused,
	           view->scheduled ? view->scheduled : "none");
	members_json(&text, view, false);
	return buf_steal(&text);
}

static void record_view(struct manager_probe *p, const struct ha_view *view)
{
	struct ledger *l = p->env.ledger;
	struct buf members = BUF_INIT;

	members_json(&members, view, true);
	ledger_begin(l, "manager");
	ledger_string(l, "leader", view->leader);
	ledger_bool(l, "paused", view->paused);
	if (view->timeline)
		ledger_int(l, "timeline", view->timeline);
	ledger_json(l, "members", members.data);
	ledger_string(l, "scheduled", view->scheduled);
	ledger_end(l);
	buf_free(&members);
}

static void record_silence(struct manager_probe *p)
{
	ledger_begin(p->env.ledger, "manager");
	ledger_string(p->env.ledger, "message", p->message);
	ledger_end(p->env.ledger);
}

static void answered(struct ha_view *view, const struct err *err, void *arg)
{
	struct manager_probe *p = arg;
	char *text;

	p->asking = false;
	if (p->freed) {
		ha_view_free(view);
		free(p);
		return;
	}
	if (view) {
		p->message[0] = '\0';
		text = view_text(view);
	} else {
		snprintf(p->message, sizeof p->message, "%.190s", err->message);
		text = xstrdup(p->message);
	}
	if (!str_eq(text, p->told)) {
		if (view)
			record_view(p, view);
		else
			record_silence(p);
	}
	free(p->told);
	p->told = text;
	if (view) {
		ha_view_free(p->view);
		p->view = view;
	}
}

static nsec_t prepare(struct source *source, struct loop *loop)
{
	(void)loop;
	return ((struct manager_probe *)source)->next_tick;
}

static void wake(struct source *source, struct loop *loop)
{
	struct manager_probe *p = (struct manager_probe *)source;
	nsec_t now = loop_now(loop);

	if (p->next_tick > now)
		return;
	p->next_tick += ((now - p->next_tick) / p->options.every + 1) * p->options.every;
	if (p->asking)
		return;
	/* The answer may come before poll() has returned; one question at a time
	 * elsewhere too. */
	p->asking = true;
	p->asked = now;
	if (!p->ha->type->poll(p->ha, now + p->options.deadline, answered, p))
		p->asking = false;
}

struct manager_probe *manager_probe_start(const struct probe_env *env,
                                          const struct probe_options *options,
                                          struct ha *ha)
{
	struct manager_probe *p = XNEW(struct manager_probe);
	nsec_t now = loop_now(env->loop);

	p->source =
		(struct source){ .name = "manager", .prepare = prepare, .wake = wake };
	p->env = *env;
	p->options = *options;
	if (p->options.every <= 0)
		p->options.every = DEFAULT_EVERY;
	if (p->options.deadline <= 0)
		p->options.deadline = DEFAULT_DEADLINE;
	p->ha = ha;
	p->next_tick = options->first > now ? options->first : now;
	loop_add(env->loop, &p->source);
	return p;
}

const struct ha_view *manager_probe_view(const struct manager_probe *p)
{
	return p->message[0] ? NULL : p->view;
}

const char *manager_probe_message(const struct manager_probe *p)
{
	return p->message;
}

static bool is_silent(void *arg)
{
	return !((struct manager_probe *)arg)->asking;
}

void manager_probe_free(struct manager_probe *p)
{
	if (!p)
		return;
	loop_remove(p->env.loop, &p->source);
	if (p->asking)
		loop_wait(p->env.loop, is_silent, p, p->asked + p->options.deadline);
	ha_view_free(p->view);
	free(p->told);
	p->freed = true;
	if (!p->asking)
		free(p);
}
