#include "base/loop.h"

#include "base/log.h"
#include "base/xalloc.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct want {
	struct source *source;
	nsec_t deadline; /* of the source, on its first row; others NSEC_NEVER */
};

struct loop {
	struct clock *clock;
	struct source *sources;
	struct pollfd *fds; /* fds[i] was asked for by wants[i]; fd -1: only a deadline */
	struct want *wants;
	size_t count;
	size_t cap;
	bool in_wake;
	bool quit;
	struct loop_lateness lateness;
};

struct loop *loop_new(struct clock *clock)
{
	struct loop *loop = XNEW(struct loop);

	loop->clock = clock;
	loop->lateness.longest_source = "";
	return loop;
}

void loop_free(struct loop *loop)
{
	if (!loop)
		return;
	free(loop->fds);
	free(loop->wants);
	free(loop);
}

void loop_add(struct loop *loop, struct source *source)
{
	source->next = loop->sources;
	loop->sources = source;
}

void loop_remove(struct loop *loop, struct source *source)
{
	struct source **at = &loop->sources;

	while (*at && *at != source)
		at = &(*at)->next;
	if (*at)
		*at = source->next;
	for (size_t i = 0; i < loop->count; i++)
		if (loop->wants[i].source == source)
			loop->wants[i].source = NULL;
}

nsec_t loop_now(struct loop *loop)
{
	return loop->clock->monotonic(loop->clock);
}

struct clock *loop_clock(struct loop *loop)
{
	return loop->clock;
}

static size_t add_row(struct loop *loop, struct source *source, int fd, short events)
{
	if (loop->count == loop->cap) {
		loop->cap = loop->cap ? loop->cap * 2 : 32;
		loop->fds = xrealloc(loop->fds, loop->cap * sizeof *loop->fds);
		loop->wants = xrealloc(loop->wants, loop->cap * sizeof *loop->wants);
	}
	loop->fds[loop->count] = (struct pollfd){ .fd = fd, .events = events };
	loop->wants[loop->count] = (struct want){ source, NSEC_NEVER };
	return loop->count++;
}

void loop_want(struct loop *loop, struct source *source, int fd, short events)
{
	add_row(loop, source, fd, events);
}

short loop_ready(struct loop *loop, int fd)
{
	for (size_t i = 0; i < loop->count; i++)
		if (loop->fds[i].fd == fd && loop->fds[i].revents)
			return loop->fds[i].revents;
	return 0;
}

/* Asks every source what it wants; returns the earliest deadline. */
static nsec_t collect(struct loop *loop)
{
	nsec_t earliest = NSEC_NEVER;

	loop->count = 0;
	for (struct source *s = loop->sources, *next; s; s = next) {
		size_t row = add_row(loop, s, -1, 0);
		nsec_t deadline;

		next = s->next;
		deadline = s->prepare(s, loop);
		loop->wants[row].deadline = deadline;
		if (deadline < earliest)
			earliest = deadline;
	}
	return earliest;
}

static void wait_ready(struct loop *loop, nsec_t until)
{
	nsec_t left = until == NSEC_NEVER ? NSEC_NEVER : until - loop_now(loop);
	struct timespec ts;

	if (loop->clock->advance(loop->clock, until))
		left = 0;
	if (left < 0)
		left = 0;
	ts.tv_sec = (time_t)(left / NSEC_PER_SEC);
	ts.tv_nsec = (long)(left % NSEC_PER_SEC);
	if (ppoll(loop->fds, loop->count, left == NSEC_NEVER ? NULL : &ts, NULL) < 0) {
		if (errno != EINTR)
			bug("ppoll: %s", strerror(errno));
		for (size_t i = 0; i < loop->count; i++)
			loop->fds[i].revents = 0;
	}
}

static bool source_is_due(const struct loop *loop, size_t first, nsec_t now)
{
	struct source *source = loop->wants[first].source;

	if (loop->wants[first].deadline <= now)
		return true;
	for (size_t i = first; i < loop->count; i++)
		if (loop->wants[i].source == source && loop->fds[i].revents)
			return true;
	return false;
}

static void wake_source(struct loop *loop, size_t row, nsec_t now)
{
	struct source *source = loop->wants[row].source;
	const char *name = source->name;
	nsec_t deadline = loop->wants[row].deadline;
	nsec_t slice;

	if (deadline != NSEC_NEVER && now - deadline > loop->lateness.worst)
		loop->lateness.worst = now - deadline;
	loop->in_wake = true;
	source->wake(source, loop);
	loop->in_wake = false;
	slice = loop_now(loop) - now;
	if (slice > loop->lateness.longest_slice) {
		loop->lateness.longest_slice = slice;
		loop->lateness.longest_source = name;
	}
}

void loop_turn(struct loop *loop, nsec_t until)
{
	nsec_t earliest = collect(loop);

	wait_ready(loop, earliest < until ? earliest : until);
	for (size_t i = 0; i < loop->count; i++) {
		nsec_t now = loop_now(loop);

		/* Each source has one row of fd -1, its first. */
		if (loop->fds[i].fd == -1 && loop->wants[i].source &&
		    source_is_due(loop, i, now))
			wake_source(loop, i, now);
	}
}

bool loop_wait(struct loop *loop, bool (*done)(void *), void *arg, nsec_t until)
{
	if (loop->in_wake)
		bug("loop_wait called from within a source's wake()");
	while (!done(arg)) {
		if (loop->quit || loop_now(loop) >= until)
			return false;
		loop_turn(loop, until);
	}
	return true;
}

static bool never(void *arg)
{
	(void)arg;
	return false;
}

void loop_sleep(struct loop *loop, nsec_t until)
{
	(void)loop_wait(loop, never, NULL, until);
}

void loop_quit(struct loop *loop)
{
	loop->quit = true;
}

bool loop_has_quit(const struct loop *loop)
{
	return loop->quit;
}

struct loop_lateness loop_take_lateness(struct loop *loop)
{
	struct loop_lateness l = loop->lateness;

	loop->lateness = (struct loop_lateness){ .longest_source = "" };
	return l;
}
