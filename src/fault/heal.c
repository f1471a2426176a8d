/* What undoes a fault: as data, and done. */
#include "fault/heal.h"

#include "base/str.h"
#include "fault/host.h"
#include "fault/member.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define START_SECONDS 20.0

void fault_set(char **field, char *text)
{
	free(*field);
	*field = text;
}

/* ---- as data ---------------------------------------------------------------------- */

cJSON *heal_begin(struct fault *fault, const char *verb)
{
	cJSON_Delete(fault->heal);
	fault->heal = cJSON_CreateObject();
	cJSON_AddStringToObject(fault->heal, "verb", verb);
	if (fault->target.host)
		cJSON_AddStringToObject(fault->heal, "host", fault->target.host);
	cJSON_AddArrayToObject(fault->heal, "units");
	return cJSON_AddObjectToObject(fault->heal, "before");
}

const cJSON *heal_before(const struct fault *fault)
{
	return json_get(fault->heal, "before");
}

static bool check_active(const struct fault *fault, const char *unit,
                         const struct unit_facts *facts, struct err *err)
{
	return str_eq(facts->active, "active") ||
	       err_set(err, "%s: unit %s is %s, not active", fault->target.host, unit,
	               facts->active);
}

static void keep_unit(struct fault *fault, const char *unit,
                      const struct unit_facts *facts)
{
	cJSON *units = cJSON_GetObjectItemCaseSensitive(fault->heal, "units");
	cJSON *before = cJSON_GetObjectItemCaseSensitive(fault->heal, "before");
	cJSON *kept = cJSON_AddObjectToObject(before, unit);
	struct buf pids = BUF_INIT;

	unit_pids(fault->remote, facts, &pids);
	cJSON_AddItemToArray(units, cJSON_CreateString(unit));
	cJSON_AddStringToObject(kept, "active", facts->active);
	cJSON_AddNumberToObject(kept, "main_pid", (double)facts->main_pid);
	cJSON_AddStringToObject(kept, "pids", pids.data);
	buf_free(&pids);
}

bool heal_add_units(struct fault *fault, const char *service, struct err *err)
{
	struct strings units = service_units(fault->inventory, service);
	bool ok = true;

	for (size_t i = 0; ok && i < units.count; i++) {
		struct unit_facts facts;

		ok = unit_ask_known(fault->remote, units.items[i], &facts, err) &&
		     check_active(fault, units.items[i], &facts, err);
		if (ok)
			keep_unit(fault, units.items[i], &facts);
	}
	strings_free(&units);
	return ok;
}

const char *heal_unit(const struct fault *fault, size_t i)
{
	const cJSON *units = json_get(fault->heal, "units");

	return i < (size_t)cJSON_GetArraySize(units)
	               ? cJSON_GetStringValue(cJSON_GetArrayItem(units, (int)i))
	               : NULL;
}

int64_t heal_main_pid(const struct fault *fault, const char *unit)
{
	return (int64_t)json_number(json_get(heal_before(fault), unit), "main_pid", 0);
}

const char *heal_pids(const struct fault *fault, const char *unit)
{
	const char *pids = json_string(json_get(heal_before(fault), unit), "pids");

	return pids ? pids : "";
}

/* ---- done ------------------------------------------------------------------------- */

static void say(struct buf *evidence, const struct fault *fault, const char *unit,
                const struct unit_facts *facts)
{
	buf_printf(evidence, "%s%s on %s is %s (process %" PRId64 ")",
	           evidence->len ? ", " : "", unit, fault->target.host, facts->active,
	           facts->main_pid);
}

static bool is_on_its_way(const struct unit_facts *facts)
{
	return str_eq(facts->active, "activating") ||
	       str_eq(facts->active, "deactivating") ||
	       str_eq(facts->active, "reloading");
}

static bool start_unit(struct fault *fault, const char *unit, struct unit_facts *facts,
                       struct err *err)
{
	struct sudo_values values = { .unit = unit };

	if (!unit_ask(fault->remote, unit, facts, err))
		return false;
	if (str_eq(facts->active, "active"))
		return true;
	if (is_on_its_way(facts))
		return err_set(err, "%s: unit %s is %s", fault->target.host, unit,
		               facts->active);
	if (sudo_run(fault->remote, sudo_find(fault->type->sudo, "start"), &values,
	             START_SECONDS, err) != SUDO_DONE)
		return err_hint(
			err,
			"start it by hand: systemctl reset-failed %s; systemctl start %s",
			unit, unit);
	if (!unit_ask(fault->remote, unit, facts, err))
		return false;
	return str_eq(facts->active, "active") ||
	       err_set(err, "%s: unit %s was started and is %s", fault->target.host, unit,
	               facts->active);
}

bool heal_start_units(struct fault *fault, struct buf *evidence, struct err *err)
{
	const char *unit;

	/* All are tried: one that can't be started must not keep the others down. */
	bool ok = true;
	for (size_t i = 0; (unit = heal_unit(fault, i)); i++) {
		struct unit_facts facts;
		struct err own = { 0 };

		if (start_unit(fault, unit, &facts, &own)) {
			say(evidence, fault, unit, &facts);
			continue;
		}
		if (ok)
			*err = own;
		ok = false;
	}
	return ok;
}

static bool starts_at_boot(const struct unit_facts *facts)
{
	return str_starts(facts->enabled, "enabled");
}

static void say_lacking(struct fault *fault, const char *unit,
                        const struct unit_facts *facts)
{
	const char *host = fault->target.host;
	const char *before = fault->lacking ? fault->lacking : "";
	char *cure = starts_at_boot(facts)
	                     ? xasprintf("look at: journalctl -u %s", unit)
	                     : xasprintf("on %s: systemctl enable --now %s", host, unit);

	fault_set(&fault->lacking,
	          xasprintf("%s%sunit %s is %s%s (%s)", before, *before ? ", " : "", unit,
	                    facts->active,
	                    starts_at_boot(facts) ? "" : " and disabled at boot", cure));
	free(cure);
}

bool heal_see_units(struct fault *fault, bool may_come, struct buf *evidence,
                    struct err *err)
{
	const char *unit;

	fault_set(&fault->lacking, NULL);
	for (size_t i = 0; (unit = heal_unit(fault, i)); i++) {
		struct unit_facts facts;

		if (!unit_ask(fault->remote, unit, &facts, err))
			return false;
		if (str_eq(facts.active, "active")) {
			say(evidence, fault, unit, &facts);
		} else if (may_come || is_on_its_way(&facts)) {
			err_set(err, "%s: unit %s is %s", fault->target.host, unit,
			        facts.active);
			return err_hint(err, "look at: journalctl -u %s", unit);
		} else {
			say_lacking(fault, unit, &facts);
		}
	}
	return true;
}

bool heal_postgres(struct fault *fault, struct err *err)
{
	struct buf evidence = BUF_INIT;
	struct member_facts facts;
	char started[RFC3339_SIZE];
	bool ok =
		heal_start_units(fault, &evidence, err) && member_ask(fault, &facts, err);

	if (ok) {
		buf_printf(&evidence, "%sPostgreSQL on %s answers, up since %s",
		           evidence.len ? ", " : "", fault->target.host,
		           member_started_text(facts.started, started));
		fault_set(&fault->evidence, buf_steal(&evidence));
	}
	buf_free(&evidence);
	return ok;
}
