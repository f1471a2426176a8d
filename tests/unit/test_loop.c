/* base/loop.h: descriptors that change under it, virtual time, removal, lateness. */
#include "base/loop.h"

#include "base/xalloc.h"
#include "tap.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/time.h>
#include <unistd.h>

static bool never(void *arg)
{
	(void)arg;
	return false;
}

static bool is_set(void *arg)
{
	return *(bool *)arg;
}

/* ---- Time -------------------------------------------------------------------------- */

struct ticker {
	struct source source;
	nsec_t next, every;
	nsec_t busy; /* of the virtual clock, in each wake */
	int ticks;
	struct virtual_clock *clock;
};

static nsec_t ticker_prepare(struct source *s, struct loop *loop)
{
	(void)loop;
	return ((struct ticker *)s)->next;
}

static void ticker_wake(struct source *s, struct loop *loop)
{
	struct ticker *t = (struct ticker *)s;

	(void)loop;
	t->ticks++;
	t->next += t->every;
	t->clock->now += t->busy;
}

static struct ticker ticker_of(struct virtual_clock *clock, nsec_t every,
                               const char *name)
{
	return (struct ticker){ .source = { .name = name,
		                            .prepare = ticker_prepare,
		                            .wake = ticker_wake },
		                .next = every,
		                .every = every,
		                .clock = clock };
}

static void test_virtual_minute(void)
{
	struct virtual_clock clock;
	struct loop *loop;
	struct ticker fast;
	struct ticker slow;
	nsec_t began = clock_system()->monotonic(clock_system());
	nsec_t took;

	virtual_clock_init(&clock, 0);
	loop = loop_new(&clock.clock);
	fast = ticker_of(&clock, 10 * NSEC_PER_MSEC, "fast");
	slow = ticker_of(&clock, 7 * NSEC_PER_SEC, "slow");
	loop_add(loop, &fast.source);
	loop_add(loop, &slow.source);
	ok(!loop_wait(loop, never, NULL, 60 * NSEC_PER_SEC), "time is over");
	is_int(clock.now, 60 * NSEC_PER_SEC, "after just a minute");
	is_int(slow.ticks, 8, "each in its time");
	ok(fast.ticks == 5999 || fast.ticks == 6000, "6000 ticks");
	is_int(loop_take_lateness(loop).worst, 0, "none was late");
	took = clock_system()->monotonic(clock_system()) - began;
	ok(took < 5 * NSEC_PER_SEC, "in far less than a minute");
	ok(!loop_wait(loop, never, NULL, NSEC_PER_SEC), "a time that has passed");
	loop_remove(loop, &fast.source);
	loop_remove(loop, &slow.source);
	loop_free(loop);
}

static void test_lateness(void)
{
	struct virtual_clock clock;
	struct loop *loop;
	struct loop_lateness late;
	struct ticker good;
	struct ticker bad;

	virtual_clock_init(&clock, 0);
	loop = loop_new(&clock.clock);
	good = ticker_of(&clock, 10 * NSEC_PER_MSEC, "good");
	bad = ticker_of(&clock, 25 * NSEC_PER_MSEC, "bad");
	bad.busy = 12 * NSEC_PER_MSEC;
	loop_add(loop, &good.source);
	loop_add(loop, &bad.source);
	loop_wait(loop, never, NULL, 40 * NSEC_PER_MSEC);
	late = loop_take_lateness(loop);
	is_int(late.worst, 7 * NSEC_PER_MSEC, "the tick of 30 ms was woken at 37 ms");
	is_int(late.longest_slice, 12 * NSEC_PER_MSEC, "held up for 12 ms");
	is_str(late.longest_source, "bad", "by whom");
	late = loop_take_lateness(loop);
	ok(late.worst == 0 && late.longest_slice == 0, "told once");
	is_str(late.longest_source, "", "nobody");
	loop_free(loop);
}

static void test_quit(void)
{
	struct virtual_clock clock;
	struct loop *loop;
	bool done = true;

	virtual_clock_init(&clock, 0);
	loop = loop_new(&clock.clock);
	ok(loop_wait(loop, is_set, &done, 0), "what is done already needs no time");
	loop_quit(loop);
	ok(!loop_wait(loop, never, NULL, NSEC_PER_SEC), "leaves at once");
	is_int(clock.now, 0, "without waiting");
	ok(loop_has_quit(loop), "and says so");
	loop_free(loop);
}

/* ---- Descriptors ------------------------------------------------------------------- */

/* As libpq does: the descriptor is closed and another number is opened meanwhile. */
struct changing {
	struct source source;
	int fd;
	int generation;
	int holder; /* keeps the old number taken, or free, so that it changes */
	bool got;
	char byte;
};

static nsec_t changing_prepare(struct source *s, struct loop *loop)
{
	loop_want(loop, s, ((struct changing *)s)->fd, POLLIN);
	return NSEC_NEVER;
}

static void open_pipe_with(char byte, int *reading)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) != 0 || write(fds[1], &byte, 1) != 1)
		printf("Bail out! no pipe\n");
	close(fds[1]);
	*reading = fds[0];
}

static void changing_wake(struct source *s, struct loop *loop)
{
	struct changing *c = (struct changing *)s;

	if (!loop_ready(loop, c->fd))
		return;
	if (c->generation++ == 0) {
		/* The first try failed: a lower number was freed, and the next gets it. */
		close(c->holder);
		close(c->fd);
		open_pipe_with('b', &c->fd);
		return;
	}
	c->got = read(c->fd, &c->byte, 1) == 1;
}

static void test_descriptor_changes(void)
{
	struct loop *loop = loop_new(clock_system());
	struct changing c = { .source = { .name = "changing",
		                          .prepare = changing_prepare,
		                          .wake = changing_wake } };
	int before;

	c.holder = open("/dev/null", O_RDONLY | O_CLOEXEC);
	open_pipe_with('a', &c.fd);
	before = c.fd;
	loop_add(loop, &c.source);
	ok(loop_wait(loop, is_set, &c.got, loop_now(loop) + 10 * NSEC_PER_SEC),
	   "goes on");
	ok(c.fd != before, "with another number");
	is_int(c.byte, 'b', "and reads from that");
	loop_remove(loop, &c.source);
	close(c.fd);
	loop_free(loop);
}

/* Two sources of one turn, both ready; the first to be woken removes and frees the other. */
struct remover {
	struct source source;
	struct remover **other;
	int *woken;
};

static nsec_t remover_prepare(struct source *s, struct loop *loop)
{
	(void)s;
	return loop_now(loop);
}

static void remover_wake(struct source *s, struct loop *loop)
{
	struct remover *r = (struct remover *)s;

	++*r->woken;
	if (!*r->other)
		return;
	loop_remove(loop, &(*r->other)->source);
	free(*r->other);
	*r->other = NULL;
}

static void test_removal(void)
{
	struct loop *loop = loop_new(clock_system());
	int woken = 0;
	struct remover *a = XNEW(struct remover);
	struct remover *b = XNEW(struct remover);
	struct source plain = { .name = "a",
		                .prepare = remover_prepare,
		                .wake = remover_wake };

	*a = (struct remover){ plain, &b, &woken };
	*b = (struct remover){ plain, &a, &woken };
	loop_add(loop, &a->source);
	loop_add(loop, &b->source);
	loop_turn(loop, loop_now(loop));
	is_int(woken, 1, "the removed one is not woken any more");
	ok(!a != !b, "and is gone");
	loop_turn(loop, loop_now(loop));
	is_int(woken, 2, "the other one goes on");
	loop_remove(loop, a ? &a->source : &b->source);
	loop_remove(loop, a ? &a->source : &b->source);
	loop_turn(loop, loop_now(loop));
	is_int(woken, 2, "until it is removed; twice does no harm");
	free(a);
	free(b);
	loop_free(loop);
}

/* A source that removes and frees itself in its own wake. */
struct suicide {
	struct source source;
	bool *woken;
};

static void suicide_wake(struct source *s, struct loop *loop)
{
	struct suicide *x = (struct suicide *)s;

	*x->woken = true;
	loop_remove(loop, s);
	free(x);
}

static void test_removes_itself(void)
{
	struct loop *loop = loop_new(clock_system());
	struct suicide *x = XNEW(struct suicide);
	bool woken = false;

	*x = (struct suicide){
		{ .name = "x", .prepare = remover_prepare, .wake = suicide_wake }, &woken
	};
	loop_add(loop, &x->source);
	loop_turn(loop, loop_now(loop));
	ok(woken, "woken once");
	loop_turn(loop, loop_now(loop));
	loop_free(loop);
}

/* A source that adds another one in its wake; that is asked from the next turn on. */
struct adder {
	struct source source;
	struct ticker *added;
	bool did;
};

static nsec_t adder_prepare(struct source *s, struct loop *loop)
{
	return ((struct adder *)s)->did ? NSEC_NEVER : loop_now(loop);
}

static void adder_wake(struct source *s, struct loop *loop)
{
	struct adder *a = (struct adder *)s;

	a->did = true;
	loop_add(loop, &a->added->source);
}

static void test_adding(void)
{
	struct virtual_clock clock;
	struct ticker ticker;
	struct adder adder;
	struct loop *loop;

	virtual_clock_init(&clock, 0);
	loop = loop_new(&clock.clock);
	ticker = ticker_of(&clock, NSEC_PER_SEC, "late");
	adder = (struct adder){
		{ .name = "adder", .prepare = adder_prepare, .wake = adder_wake },
		&ticker,
		false
	};
	loop_add(loop, &adder.source);
	loop_wait(loop, never, NULL, 10 * NSEC_PER_SEC);
	ok(ticker.ticks >= 9, "what was added ticks");
	loop_free(loop);
}

static volatile sig_atomic_t signals;

static void on_signal(int number)
{
	(void)number;
	signals++;
}

static bool has_signal(void *arg)
{
	(void)arg;
	return signals > 0;
}

/* A signal ends the wait, and what it asked for is looked at at once. */
static void test_signal(void)
{
	struct sigaction action = { .sa_handler = on_signal };
	struct itimerval soon = { .it_value = { .tv_usec = 5000 } };
	struct loop *loop = loop_new(clock_system());
	nsec_t began = loop_now(loop);

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &soon, NULL);
	ok(loop_wait(loop, has_signal, NULL, began + 60 * NSEC_PER_SEC), "goes on");
	ok(loop_now(loop) - began < 30 * NSEC_PER_SEC, "without waiting to the end");
	loop_free(loop);
}

/* A loop without anything to do still keeps its time, and an unknown descriptor is not
 * ready. */
static void test_empty(void)
{
	struct loop *loop = loop_new(clock_system());
	nsec_t began = loop_now(loop);

	ok(!loop_wait(loop, never, NULL, began + 5 * NSEC_PER_MSEC), "nothing comes");
	ok(loop_now(loop) - began >= 5 * NSEC_PER_MSEC, "but time passes");
	is_int(loop_ready(loop, 0), 0, "nobody asked for it");
	loop_free(loop);
	loop_free(NULL);
}

int main(void)
{
	test_virtual_minute();
	test_lateness();
	test_quit();
	test_descriptor_changes();
	test_removal();
	test_removes_itself();
	test_adding();
	test_signal();
	test_empty();
	return done_testing();
}
