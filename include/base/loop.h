/*
 * One thread, one ppoll(2) loop, rebuilt from its sources at each turn.
 *
 * The libraries that own our descriptors close and reopen them as they like (libpq:
 * "do not assume that the socket remains the same across PQconnectPoll calls"), so no
 * descriptor is ever registered: each turn every source says what it wants now.
 *
 *	prepare:  loop_want(loop, self, fd, events) for each descriptor, and return the
 *	          monotonic time at which to be woken at the latest (NSEC_NEVER: none)
 *	wake:     something that it wanted is ready (loop_ready), or its time has come;
 *	          it must not block and must not call loop_wait()
 *
 * Straight-line code (an experiment's phases, a fault) waits with loop_wait(), during
 * which all sources go on: probes tick while an SSH command runs.
 *
 *	loop_wait(loop, job_is_done, job, now + 10 * NSEC_PER_SEC)
 *
 * A source may be removed at any time, also from a wake(); the caller owns its memory
 * and may free it as soon as loop_remove() has returned.
 */
#ifndef BASE_LOOP_H
#define BASE_LOOP_H

#include "base/clock.h"

#include <stdbool.h>

struct loop;

struct source {
	const char *name; /* shown where the loop tells who held it */
	nsec_t (*prepare)(struct source *, struct loop *);
	void (*wake)(struct source *, struct loop *);
	struct source *next; /* the loop's */
};

struct loop *loop_new(struct clock *clock);
void loop_free(struct loop *loop);

void loop_add(struct loop *loop, struct source *source);
void loop_remove(struct loop *loop, struct source *source);

nsec_t loop_now(struct loop *loop); /* monotonic, read afresh */
struct clock *loop_clock(struct loop *loop);

/* From prepare(): this turn, wait for events (POLLIN, POLLOUT) on fd. */
void loop_want(struct loop *loop, struct source *source, int fd, short events);

/* From wake(): what ppoll said of fd (0 if it was not asked for). */
short loop_ready(struct loop *loop, int fd);

/* One turn: waits until something is ready or due, at most until `until`. */
void loop_turn(struct loop *loop, nsec_t until);

/*
 * Turns until done(arg) is true (returns true) or `until` has passed or loop_quit()
 * was called (returns false).  Not from within wake().
 */
bool loop_wait(struct loop *loop, bool (*done)(void *), void *arg, nsec_t until);

/* Turns until `until`, or loop_quit(): between two looks at something. */
void loop_sleep(struct loop *loop, nsec_t until);

/* Makes this and all later loop_wait() calls return false at once: second Ctrl-C. */
void loop_quit(struct loop *loop);
bool loop_has_quit(const struct loop *loop);

/*
 * How late sources were woken behind their deadline since the last call of this
 * function, at worst, and which source held the loop longest meanwhile.
 */
struct loop_lateness {
	nsec_t worst;
	nsec_t longest_slice;
	const char *longest_source; /* "" if none */
};
struct loop_lateness loop_take_lateness(struct loop *loop);

#endif
