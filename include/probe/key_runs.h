/*
 * Sorted keys as inclusive runs, [[1,512],[514,900]], built while they stream by: what is
 * kept is the run that grows and the text of those before it.
 */
#ifndef PROBE_KEY_RUNS_H
#define PROBE_KEY_RUNS_H

#include "base/buf.h"

#include <stdint.h>

struct key_runs {
	struct buf json; /* "[[1,512]" so far, without the last run */
	int64_t first, last;
	bool open;     /* first … last is a run that may still grow */
	bool unsorted; /* a key was not above the one before: do not use the text */
};

void key_runs_init(struct key_runs *r);
void key_runs_add(struct key_runs *r, int64_t key);
const char *key_runs_end(struct key_runs *r); /* the whole array; no keys after this */
void key_runs_free(struct key_runs *r);

/* A line of COPY output: true and the key if it is one integer. */
bool key_runs_parse_key(const char *line, size_t len, int64_t *key);

#endif
