/*
 * JSON files that people write: read whole, checked, and able to say where something
 * stands.  cJSON parses; what it does not care about is checked here first, since the
 * readers of its tree will: size, byte order mark, NUL bytes, UTF-8, the strict grammar
 * of RFC 8259 (base/json_scan.h), nesting, duplicate keys, text behind the end.
 *
 * Errors begin with "FILE:LINE:COLUMN: " (those of a file that cannot be read: "FILE: ").
 * Columns count bytes from 1.  Values never stand in them, since they may be secrets.
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "base/err.h"

#include <cjson/cJSON.h>
#include <stddef.h>

#define JSON_MAX_BYTES ((size_t)4 * 1024 * 1024)
#define JSON_MAX_DEPTH 64

struct json_doc {
	char *name; /* as shown in errors: the path, or "-" */
	char *text;
	size_t len;
	cJSON *root; /* always an object */
};

/*
 * Reads and checks a regular file, or standard input for "-".  On failure, and after
 * json_doc_free(), *doc is all zero.
 */
bool json_doc_read(struct json_doc *doc, const char *path, struct err *err) MUSTCHECK;
bool json_doc_parse(struct json_doc *doc, const char *name, const char *text, size_t len,
                    struct err *err) MUSTCHECK;
void json_doc_free(struct json_doc *doc);

enum json_at { JSON_AT_KEY, JSON_AT_VALUE };

/*
 * Sets err to "FILE:LINE:COLUMN: …" for a node of this document (NULL: its beginning).
 * JSON_AT_KEY of a node without a key is its value.  Returns false.
 */
bool json_fail(const struct json_doc *doc, const cJSON *node, enum json_at at,
               struct err *err, const char *fmt, ...) PRINTF_LIKE(5, 6);

/* The line on which a node stands, for "first on line …". */
size_t json_line(const struct json_doc *doc, const cJSON *node);

/* "fault.reboot_host.target", "scenarios[2].file", "" for the root. Caller frees. */
char *json_path(const struct json_doc *doc, const cJSON *node);

/* A string as shown in a message: in quotes, escaped, cut when long. Caller frees. */
char *json_quote(const char *s);

/* Finds a member by its exact name (cJSON_GetObjectItem ignores case). NULL if absent. */
const cJSON *json_get(const cJSON *object, const char *key);

/* The same with type: NULL or the fallback when absent or of another type. */
const char *json_string(const cJSON *object, const char *key);
double json_number(const cJSON *object, const char *key, double fallback);
bool json_bool(const cJSON *object, const char *key, bool fallback);

/* "a string", "a number", "true", …: what the node is, for messages. */
const char *json_kind(const cJSON *node);

#endif
