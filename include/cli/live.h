/*
 * What a person sees while an experiment runs: on a terminal one line that is rewritten
 * in place, else a log line a phase.
 */
#ifndef CLI_LIVE_H
#define CLI_LIVE_H

#include "base/buf.h"
#include "gameday/experiment.h"

struct live {
	bool rewrite; /* stderr is a terminal that can */
	bool colour;
	bool shown; /* the line stands there now */
};

/* `quiet`: nothing at all is shown. Log lines wipe the line first. */
void live_start(struct live *live, bool quiet);
void live_stop(struct live *live);
void live_hide(struct live *live); /* until the next tick */
struct observer live_observer(struct live *live);

/* The line itself, at most `width` characters, without colour unless asked for. */
void live_line(const struct progress *progress, unsigned width, bool colour,
               struct buf *out);

#endif
