#include "cli/signals.h"

#include "base/str.h"
#include "base/xalloc.h"
#include "gameday/experiment.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const int stop_signals[] = { SIGINT, SIGTERM, SIGHUP };
#define STOP_SIGNALS (sizeof stop_signals / sizeof stop_signals[0])

static volatile sig_atomic_t stops;
static const char *volatile stopped_by;
static char *volatile leaving; /* what the second signal says */

static const char *signal_word(int number)
{
	return number == SIGINT ? "SIGINT" : number == SIGTERM ? "SIGTERM" : "SIGHUP";
}

static void put(const char *text)
{
	ssize_t n = write(STDERR_FILENO, text, strlen(text));

	(void)n; /* nothing can be done about it in a signal handler */
}

static void handle(int number)
{
	int saved = errno;

	stops++;
	stopped_by = signal_word(number);
	experiment_request_stop(stopped_by);
	if (stops == 1) {
		put("\npgmonkey: stopping: what is broken is healed first; a second "
		    "signal "
		    "leaves at once\n");
	} else if (stops == 2) {
		put(leaving ? leaving : "\npgmonkey: leaving\n");
	} else {
		signal(number, SIG_DFL);
		raise(number);
	}
	errno = saved;
}

void signals_install(void)
{
	struct sigaction action = { .sa_handler = handle };

	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < STOP_SIGNALS; i++)
		sigaddset(&action.sa_mask, stop_signals[i]);
	/* No SA_RESTART: a question at the terminal ends, too. */
	for (size_t i = 0; i < STOP_SIGNALS; i++) {
		struct sigaction before;

		/* What nohup(1) or a shell's "&" has us ignore stays ignored. */
		if (sigaction(stop_signals[i], NULL, &before) == 0 &&
		    before.sa_handler != SIG_IGN)
			sigaction(stop_signals[i], &action, NULL);
	}
}

const char *signals_stopped(void)
{
	return stopped_by;
}

void signals_set_ledger(const char *ledger)
{
	char *old = leaving;
	char *quoted = ledger ? str_shell_quote(ledger) : NULL;

	leaving = quoted ? xasprintf("\npgmonkey: leaving; what is still broken is "
	                             "healed by: "
	                             "pgmonkey heal %s\n",
	                             quoted)
	                 : NULL;
	free(quoted);
	free(old);
}

bool signals_sleep_until(nsec_t until)
{
	struct clock *clock = clock_system();
	sigset_t block;
	sigset_t before;

	sigemptyset(&block);
	for (size_t i = 0; i < STOP_SIGNALS; i++)
		sigaddset(&block, stop_signals[i]);
	/* Blocked between the question and the sleep: none can slip in unseen. */
	sigprocmask(SIG_BLOCK, &block, &before);
	while (!stops) {
		nsec_t left = until - clock->monotonic(clock);
		struct timespec wait;

		if (left <= 0)
			break;
		wait.tv_sec = (time_t)(left / NSEC_PER_SEC);
		wait.tv_nsec = (long)(left % NSEC_PER_SEC);
		ppoll(NULL, 0, &wait, &before);
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	return stops == 0;
}
