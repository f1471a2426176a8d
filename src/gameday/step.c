/* --step: a person says when the next phase begins; the probes go on meanwhile. */
#include "gameday/run.h"

#include <poll.h>
#include <unistd.h>

struct answer {
	struct source source;
	bool readable;
};

static nsec_t answer_prepare(struct source *source, struct loop *loop)
{
	loop_want(loop, source, STDIN_FILENO, POLLIN);
	return NSEC_NEVER;
}

static void answer_wake(struct source *source, struct loop *loop)
{
	((struct answer *)source)->readable = loop_ready(loop, STDIN_FILENO) != 0;
}

static bool is_answered(void *arg)
{
	/* Whoever asked to stop has answered: nobody waits for Enter before the heal. */
	return ((struct answer *)arg)->readable || watch_stop_requested();
}

void step_wait(struct run *run)
{
	struct answer answer = { .source = { .name = "step",
		                             .prepare = answer_prepare,
		                             .wake = answer_wake } };

	if (!run->options->step || !run->options->ask_step || watch_stop_requested())
		return;
	run->options->ask_step(run->phase->name, run->phase->text);
	loop_add(run->loop, &answer.source);
	loop_wait(run->loop, is_answered, &answer, NSEC_NEVER);
	loop_remove(run->loop, &answer.source);
	if (answer.readable)
		run->options->read_step();
}
