/*
 * What faults ask of a host, over a remote and without changing anything.  Commands are
 * words; answers are read strictly, since login scripts may print anything before them.
 */
#ifndef FAULT_HOST_H
#define FAULT_HOST_H

#include "ha/inventory.h"
#include "transport/remote.h"

/* ---- systemd ---------------------------------------------------------------------- */

struct unit_facts {
	char load[32];    /* "loaded", "not-found", "masked", … */
	char active[32];  /* "active", "inactive", "failed", "activating", … */
	char enabled[32]; /* "enabled", "disabled", "static", … */
	int64_t main_pid; /* 0: none */
	int64_t restarts; /* by systemd itself */
	char cgroup[256];
};

/* A name that systemctl takes for one unit: no option, no pattern. */
bool unit_name_is_plain(const char *unit);

bool unit_ask(struct remote *remote, const char *unit, struct unit_facts *facts,
              struct err *err) MUSTCHECK;

/* The same, and an err unless systemd has it loaded: it is never "done" then. */
bool unit_ask_known(struct remote *remote, const char *unit, struct unit_facts *facts,
                    struct err *err) MUSTCHECK;

/* All of its processes, "51 59", the main one first; "" if it has none. */
void unit_pids(struct remote *remote, const struct unit_facts *facts, struct buf *pids);

/*
 * The units of a service in this inventory, "NAME.service" where none is given.  Freed
 * with strings_free().
 */
struct strings service_units(const struct inventory *inv, const char *service);

/* ---- boots ------------------------------------------------------------------------ */

struct boot_facts {
	char boot_id[37];   /* a UUID, nothing else */
	int64_t pid1_start; /* clock ticks, as /proc/1/stat says */
};

bool boot_ask(struct remote *remote, struct boot_facts *facts, struct err *err) MUSTCHECK;
bool boot_parse(const char *text, struct boot_facts *facts, struct err *err) MUSTCHECK;

/* ---- processes -------------------------------------------------------------------- */

struct process_facts {
	int64_t pid, parent;
	char command[32]; /* "postgres" */
};

/* False + err if the host can't be asked; facts->pid is 0 if there is no such process. */
bool process_ask(struct remote *remote, int64_t pid, struct process_facts *facts,
                 struct err *err) MUSTCHECK;

/* The child of `parent` whose command line contains `word`; 0 if there is none. */
bool process_child(struct remote *remote, int64_t parent, const char *word, int64_t *pid,
                   struct err *err) MUSTCHECK;

#endif
