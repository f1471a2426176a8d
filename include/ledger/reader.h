/*
 * Reading a ledger back, line by line, in the memory of one line.
 *
 *	static bool line(const struct ledger_line *line, void *arg, struct err *err);
 *	…
 *	ledger_read(path, line, &state, &end, &err)
 */
#ifndef LEDGER_READER_H
#define LEDGER_READER_H

#include "base/err.h"

#include <cjson/cJSON.h>
#include <stddef.h>
#include <stdint.h>

struct ledger_line {
	size_t number; /* from 1 */
	const char *event;
	int64_t t_us;
	const cJSON *json; /* the whole object; gone after the call */
};

struct ledger_end {
	size_t lines;  /* whole lines read */
	bool torn;     /* the last line had no newline or was cut: told, and left out */
	int64_t t_us;  /* of the last whole line */
	bool finished; /* an `end` line was seen */
};

/*
 * Calls line() for each whole line; line() may end the reading by returning false with
 * err set.  False with "FILE:LINE: …" for a corrupt line, a first line that is no `run`,
 * or a schema newer than ours.
 */
bool ledger_read(const char *path,
                 bool (*line)(const struct ledger_line *, void *, struct err *),
                 void *arg, struct ledger_end *end, struct err *err) MUSTCHECK;

/* ---- What is not healed ---------------------------------------------------------- */

struct unhealed {
	char *fault;
	cJSON *intent; /* the whole intent line */
	bool injected; /* false: the intent was written, and then the agent died */
};

struct open_faults {
	struct unhealed *items;
	size_t count;
	size_t cap;
	cJSON *run; /* the first line */
	bool finished;
};

/* Intents without a `healed` (or an `inject_failed`) behind them. */
bool ledger_find_unhealed(const char *path, struct open_faults *open,
                          struct err *err) MUSTCHECK;
void open_faults_free(struct open_faults *open);

#endif
