/*
 * One table drives parsing, validation, help, documentation and JSON Schema of an object
 * in a scenario, cluster or game day file.
 *
 *	struct reboot_params {
 *		char *target;
 *		char *mode;
 *	};
 *	static const struct param reboot_params[] = {
 *		PARAM_STRING(struct reboot_params, target, REQUIRED, NULL, "a role…"),
 *		PARAM_CHOICE(struct reboot_params, mode, OPTIONAL, "\"graceful\"", modes, "…"),
 *		PARAM_END,
 *	};
 *
 * Keys that are not in the table are errors and name the nearest one that is.
 */
#ifndef BASE_PARAMS_H
#define BASE_PARAMS_H

#include "base/buf.h"
#include "base/json.h"

#include <stdint.h>

enum param_type {
	PARAM_TYPE_END,
	PARAM_TYPE_BOOL,    /* bool */
	PARAM_TYPE_INTEGER, /* int64_t, within min … max */
	PARAM_TYPE_NUMBER,  /* double, within min … max */
	PARAM_TYPE_STRING,  /* char *, not empty, owned */
	PARAM_TYPE_CHOICE,  /* char *, one of `choices`, owned */
	PARAM_TYPE_STRINGS, /* struct strings: an array of strings, or one string */
	PARAM_TYPE_OBJECT,  /* a struct in place, by `fields` */
	PARAM_TYPE_CUSTOM,  /* read by the caller from the cJSON tree: anything, or by
	                     * `fields`  objects under free names (PARAM_MAP) or in a list
	                     * (PARAM_LIST) */
};

struct strings {
	char **items;
	size_t count;
	size_t cap;
};

struct param {
	const char *key; /* as in the file; carries its unit: "hold_seconds" */
	enum param_type type;
	bool required;
	bool is_list;         /* PARAM_LIST, not PARAM_MAP */
	const char *fallback; /* JSON text of the default, NULL: zero, NULL or empty */
	double min, max;
	const char *const *choices; /* NULL-ended */
	const struct param *fields;
	size_t offset;
	const char *doc;        /* one sentence for help and documentation */
	const char *with_key;   /* may be given only where this sibling, a string, … */
	const char *with_value; /* … has this value; NULL: always */
};

#define REQUIRED true
#define OPTIONAL false

#define PARAM_BOOL(S, m, req, def, d)                                   \
	{                                                               \
		.key = #m, .type = PARAM_TYPE_BOOL, .required = (req),  \
		.fallback = (def), .offset = offsetof(S, m), .doc = (d) \
	}
#define PARAM_INTEGER(S, m, req, def, lo, hi, d)                                       \
	{                                                                              \
		.key = #m, .type = PARAM_TYPE_INTEGER, .required = (req),              \
		.fallback = (def), .min = (lo), .max = (hi), .offset = offsetof(S, m), \
		.doc = (d)                                                             \
	}
#define PARAM_NUMBER(S, m, req, def, lo, hi, d)                                        \
	{                                                                              \
		.key = #m, .type = PARAM_TYPE_NUMBER, .required = (req),               \
		.fallback = (def), .min = (lo), .max = (hi), .offset = offsetof(S, m), \
		.doc = (d)                                                             \
	}
#define PARAM_STRING(S, m, req, def, d)                                  \
	{                                                                \
		.key = #m, .type = PARAM_TYPE_STRING, .required = (req), \
		.fallback = (def), .offset = offsetof(S, m), .doc = (d)  \
	}
/* The same, for a parameter that goes with one value of a sibling only. */
#define PARAM_NUMBER_WITH(S, m, key_, value_, def, lo, hi, d)                          \
	{                                                                              \
		.key = #m, .type = PARAM_TYPE_NUMBER, .fallback = (def), .min = (lo),  \
		.max = (hi), .offset = offsetof(S, m), .doc = (d), .with_key = (key_), \
		.with_value = (value_)                                                 \
	}
#define PARAM_CHOICE_WITH(S, m, key_, value_, def, list, d)              \
	{                                                                \
		.key = #m, .type = PARAM_TYPE_CHOICE, .fallback = (def), \
		.choices = (list), .offset = offsetof(S, m), .doc = (d), \
		.with_key = (key_), .with_value = (value_)               \
	}
#define PARAM_CHOICE(S, m, req, def, list, d)                                   \
	{                                                                       \
		.key = #m, .type = PARAM_TYPE_CHOICE, .required = (req),        \
		.fallback = (def), .choices = (list), .offset = offsetof(S, m), \
		.doc = (d)                                                      \
	}
#define PARAM_STRINGS(S, m, req, d)                                       \
	{                                                                 \
		.key = #m, .type = PARAM_TYPE_STRINGS, .required = (req), \
		.offset = offsetof(S, m), .doc = (d)                      \
	}
#define PARAM_OBJECT(S, m, req, table, d)                                \
	{                                                                \
		.key = #m, .type = PARAM_TYPE_OBJECT, .required = (req), \
		.fields = (table), .offset = offsetof(S, m), .doc = (d)  \
	}
#define PARAM_MAP(k, req, table, d)                                       \
	{                                                                 \
		.key = (k), .type = PARAM_TYPE_CUSTOM, .required = (req), \
		.fields = (table), .doc = (d)                             \
	}
#define PARAM_LIST(k, req, table, d)                                      \
	{                                                                 \
		.key = (k), .type = PARAM_TYPE_CUSTOM, .required = (req), \
		.fields = (table), .is_list = true, .doc = (d)            \
	}
#define PARAM_CUSTOM(k, req, d)                                                      \
	{                                                                            \
		.key = (k), .type = PARAM_TYPE_CUSTOM, .required = (req), .doc = (d) \
	}
#define PARAM_END                      \
	{                              \
		.type = PARAM_TYPE_END \
	}

/*
 * Fills *out (zeroed by the caller) from the object, defaults included.  A NULL object
 * stands for an empty one.  On failure what was filled is freed again.
 *
 * A default may lie outside min … max: it then means "not given", and neither
 * documentation nor params_to_json() shows it.
 */
bool params_parse(const struct param *table, const struct json_doc *doc,
                  const cJSON *object, void *out, struct err *err) MUSTCHECK;
void params_free(const struct param *table, void *out);

/*
 * Fails with the position, the path and the reason: "FILE:L:C: probe.write.via: …".
 * For what is checked by hand beyond the table.  Returns false.
 */
bool params_fail(const struct json_doc *doc, const cJSON *node, struct err *err,
                 const char *fmt, ...) PRINTF_LIKE(4, 5);

/* Fails unless it is a string that is not empty. */
bool params_expect_string(const struct json_doc *doc, const cJSON *node,
                          struct err *err) MUSTCHECK;
bool params_expect_object(const struct json_doc *doc, const cJSON *node,
                          struct err *err) MUSTCHECK;

/*
 * The object again, with every default filled in.  Maps, lists and other custom keys are
 * copied from `given` (may be NULL).  The caller deletes it.
 */
cJSON *params_to_json(const struct param *table, const void *in, const cJSON *given);

/*
 * Is nothing given that does not apply?  Apart from params_parse(), since what a ledger
 * keeps must always be readable again.
 */
bool params_go_together(const struct param *table, const struct json_doc *doc,
                        const cJSON *object, const void *in, struct err *err) MUSTCHECK;

/* Does the parameter apply, by the value of its sibling in *in? */
bool param_applies(const struct param *table, const struct param *p, const void *in);

/* Appends the JSON Schema of such an object (draft 2020-12), without `$schema`. */
void params_schema(const struct param *table, struct buf *out);

/*
 * Appends a Markdown table: key, type and range, default, meaning.  Keys of objects
 * within stand as "object.key" below their object.
 */
void params_markdown(const struct param *table, struct buf *out);

bool strings_contain(const struct strings *list, const char *word);
void strings_add(struct strings *list, const char *word);
void strings_free(struct strings *list);

#endif
