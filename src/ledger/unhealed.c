/* Which faults of a ledger are still open: what `pgmonkey heal` has to undo. */
#include "ledger/reader.h"

#include "base/json.h"
#include "base/str.h"
#include "base/xalloc.h"

#include <stdlib.h>
#include <string.h>

static void drop(struct open_faults *open, size_t i)
{
	free(open->items[i].fault);
	cJSON_Delete(open->items[i].intent);
	open->count--;
	memmove(&open->items[i], &open->items[i + 1],
	        (open->count - i) * sizeof open->items[0]);
}

static struct unhealed *find(struct open_faults *open, const char *fault)
{
	for (size_t i = 0; i < open->count; i++) {
		if (str_eq(open->items[i].fault, fault))
			return &open->items[i];
	}
	return NULL;
}

static bool take(const struct ledger_line *line, void *arg, struct err *err)
{
	struct open_faults *open = arg;
	const char *fault = json_string(line->json, "fault");
	struct unhealed *item = fault ? find(open, fault) : NULL;

	(void)err;
	if (str_eq(line->event, "run") && !open->run) {
		open->run = cJSON_Duplicate(line->json, true);
	} else if (str_eq(line->event, "intent")) {
		item = &ARRAY_PUSH(open->items, open->count, open->cap);
		*item = (struct unhealed){ xstrdup(fault ? fault : ""),
			                   cJSON_Duplicate(line->json, true), false };
	} else if (item && str_eq(line->event, "injected")) {
		item->injected = true;
	} else if (item && (str_eq(line->event, "healed") ||
	                    str_eq(line->event, "inject_failed"))) {
		drop(open, (size_t)(item - open->items));
	}
	return true;
}

bool ledger_find_unhealed(const char *path, struct open_faults *open, struct err *err)
{
	struct ledger_end end;
	bool well;

	*open = (struct open_faults){ 0 };
	well = ledger_read(path, take, open, &end, err);
	open->finished = end.finished;
	if (!well)
		open_faults_free(open);
	return well;
}

void open_faults_free(struct open_faults *open)
{
	while (open->count)
		drop(open, open->count - 1);
	free(open->items);
	cJSON_Delete(open->run);
	*open = (struct open_faults){ 0 };
}
