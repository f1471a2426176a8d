/* Patroni as an HA manager: the view, which any member can give, and the table. */
#include "ha/patroni.h"

#include "ha/patroni_http.h"
#include "ha/patroni_verbs.h"

#include <stdlib.h>

struct patroni {
	struct ha ha;
	size_t at; /* the URL that answered last: asked first next time */

	/* The question that is under way. */
	struct http_job *job, *finished;
	size_t tried;
	nsec_t deadline;
	void (*done)(struct ha_view *, const struct err *, void *arg);
	void *arg;
};

static struct ha *patroni_make(void)
{
	return &XNEW(struct patroni)->ha;
}

static void patroni_free(struct ha *ha)
{
	struct patroni *p = (struct patroni *)ha;

	http_job_free(p->job);
	http_job_free(p->finished);
	free(p);
}

static void poll_answered(struct http_job *job, void *arg);

/* A silent member may use up only its share of the time that is left. */
static nsec_t share(const struct patroni *p)
{
	nsec_t now = loop_now(p->ha.loop);
	nsec_t left = (nsec_t)(p->ha.inventory->manager.urls.count - p->tried);

	return now + (p->deadline - now) / (left > 0 ? left : 1);
}

static void poll_next(struct patroni *p)
{
	const struct manager_config *m = &p->ha.inventory->manager;
	char *url = patroni_url(m->urls.items[p->at], "/cluster");
	const struct http_request request = {
		.method = "GET",
		.url = url,
		.ca_file = m->ca_file,
		.cert_file = m->cert_file,
		.key_file = m->key_file,
		.deadline = share(p),
	};

	p->job = http_start(p->ha.http, &request, poll_answered, p);
	free(url);
}

static struct ha_view *poll_view(struct patroni *p, struct http_job *job, struct err *err)
{
	const char *url = p->ha.inventory->manager.urls.items[p->at];
	char *shown = patroni_base_url(url);
	struct ha_view *view = NULL;

	if (http_status(job) == 200)
		view = patroni_parse_cluster(http_body(job)->data, http_body(job)->len,
		                             err);
	else if (http_status(job))
		err_set(err, "GET /cluster was answered by %d", http_status(job));
	if (view) {
		view->asked = shown;
		return view;
	}
	if (http_status(job))
		err_prefix(err, "Patroni at %s", shown ? shown : "?");
	else
		err_set(err, "%s", http_error(job));
	free(shown);
	return NULL;
}

static void poll_answered(struct http_job *job, void *arg)
{
	struct patroni *p = arg;
	size_t urls = p->ha.inventory->manager.urls.count;
	struct err err = { 0 };
	struct ha_view *view = poll_view(p, job, &err);

	/* A job is not freed from within its own call. */
	http_job_free(p->finished);
	p->finished = job;
	p->job = NULL;
	if (!view) {
		p->at = (p->at + 1) % urls;
		if (++p->tried < urls && loop_now(p->ha.loop) < p->deadline) {
			poll_next(p);
			return;
		}
		if (urls > 1)
			err_prefix(&err, "none of %zu members answered, the last was",
			           urls);
	}
	p->done(view, &err, p->arg);
}

static bool patroni_poll(struct ha *ha, nsec_t deadline,
                         void (*done)(struct ha_view *, const struct err *, void *arg),
                         void *arg)
{
	struct patroni *p = (struct patroni *)ha;

	if (p->job)
		return false;
	p->tried = 0;
	p->deadline = deadline;
	p->done = done;
	p->arg = arg;
	poll_next(p);
	return true;
}

const struct ha_type patroni_type = {
	.name = "patroni",
	.summary = "Patroni 3.0 and later, by its REST API",
	.make = patroni_make,
	.poll = patroni_poll,
	.cannot = patroni_cannot,
	.describe = patroni_describe,
	.request = patroni_request,
	.may_change = patroni_may_change,
	.version = patroni_version,
	.free = patroni_free,
};
