#include "cli/live.h"

#include "base/log.h"
#include "base/str.h"
#include "cli/output.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static struct live *current; /* whose line log lines wipe */

void live_hide(struct live *live)
{
	if (!live->shown)
		return;
	fputs("\r\033[K", stderr);
	live->shown = false;
}

static void before_log_line(void)
{
	if (current)
		live_hide(current);
}

void live_start(struct live *live, bool quiet)
{
	const char *term = getenv("TERM");

	*live = (struct live){
		.rewrite = !quiet && isatty(STDERR_FILENO) && term &&
		           strcmp(term, "dumb") != 0,
		.colour = log_colour(STDERR_FILENO),
	};
	current = live;
	log_set_before(live->rewrite ? before_log_line : NULL);
}

void live_stop(struct live *live)
{
	if (current == live) {
		live_hide(live);
		log_set_before(NULL);
		current = NULL;
	}
}

static unsigned terminal_width(void)
{
	struct winsize size = { 0 };

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
		return 80;
	return size.ws_col;
}

/* Appends s up to `left` characters (not bytes), with colour around it. */
static void add_limited(struct buf *out, const char *s, unsigned *left,
                        const char *colour)
{
	if (colour)
		buf_printf(out, "\033[%sm", colour);
	while (*s && (*left > 0 || ((unsigned char)*s & 0xc0) == 0x80)) {
		if (((unsigned char)*s & 0xc0) != 0x80)
			(*left)--;
		buf_putc(out, *s++);
	}
	if (colour)
		buf_puts(out, "\033[0m");
}

void live_line(const struct progress *p, unsigned width, bool colour, struct buf *out)
{
	long seconds = (long)p->elapsed_seconds;
	struct buf primary = BUF_INIT;
	char part[128];

	buf_printable(&primary, p->primary ? p->primary : "");
	snprintf(part, sizeof part, "%ld:%02ld ", seconds / 60, seconds % 60);
	add_limited(out, part, &width, NULL);
	snprintf(part, sizeof part, "%-9s", p->phase);
	add_limited(out, part, &width, colour ? "1" : NULL);
	snprintf(part, sizeof part, " acked %zu, not %zu, ", p->acked, p->not_acked);
	add_limited(out, part, &width, NULL);
	if (p->failing)
		snprintf(part, sizeof part, "FAILING for %.1f s", p->failing_seconds);
	else
		snprintf(part, sizeof part, "%s",
		         p->acked ? "answering" : "no answer yet");
	add_limited(out, part, &width, !colour ? NULL : p->failing ? "31" : "32");
	snprintf(part, sizeof part, ", primary %s", p->primary ? primary.data : "none");
	add_limited(out, part, &width, !colour || p->primary ? NULL : "31");
	buf_free(&primary);
}

static void on_tick(const struct progress *progress, void *arg)
{
	struct live *live = arg;
	struct buf line = BUF_INIT;

	if (!live->rewrite)
		return;
	/* The last column stays free: some terminals wrap when it is written. */
	live_line(progress, terminal_width() - 1, live->colour, &line);
	fprintf(stderr, "\r%s\033[K", line.data);
	fflush(stderr);
	live->shown = true;
	buf_free(&line);
}

static void on_phase(const struct progress *progress, void *arg)
{
	struct live *live = arg;
	long seconds = (long)progress->elapsed_seconds;

	if (!live->rewrite) {
		log_info("%s", progress->text);
		return;
	}
	live_hide(live);
	say(stderr, "%ld:%02ld %-9s %s\n", seconds / 60, seconds % 60, progress->phase,
	    progress->text);
}

struct observer live_observer(struct live *live)
{
	return (struct observer){ .phase = on_phase, .tick = on_tick, .arg = live };
}
