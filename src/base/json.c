#include "base/json.h"

#include "base/buf.h"
#include "base/json_scan.h"
#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- Where something stands ------------------------------------------------------- */

static size_t line_of(const struct json_doc *doc, size_t offset, size_t *column)
{
	size_t line = 1;
	size_t start = 0;

	for (size_t i = 0; i < offset && i < doc->len; i++) {
		if (doc->text[i] == '\n') {
			line++;
			start = i + 1;
		}
	}
	*column = offset - start + 1;
	return line;
}

static bool fail_at(const struct json_doc *doc, size_t offset, struct err *err,
                    const char *message)
{
	size_t column;
	size_t line = line_of(doc, offset, &column);

	return err_set(err, "%s:%zu:%zu: %s", doc->name, line, column, message);
}

/* True when found; *number counts the values before it, as json_scan() does. */
static bool number_of(const cJSON *tree, const cJSON *node, size_t *number)
{
	if (tree == node)
		return true;
	++*number;
	for (const cJSON *child = tree->child; child; child = child->next)
		if (number_of(child, node, number))
			return true;
	return false;
}

static size_t offset_of(const struct json_doc *doc, const cJSON *node, enum json_at at)
{
	struct json_scan scan = { .text = doc->text, .len = doc->len };

	if (!node || !doc->root || !number_of(doc->root, node, &scan.want) ||
	    !json_scan(&scan))
		return 0;
	return at == JSON_AT_KEY ? scan.key_at : scan.value_at;
}

bool json_fail(const struct json_doc *doc, const cJSON *node, enum json_at at,
               struct err *err, const char *fmt, ...)
{
	char message[sizeof err->message];
	va_list args;

	va_start(args, fmt);
	vsnprintf(message, sizeof message, fmt, args);
	va_end(args);
	return fail_at(doc, offset_of(doc, node, at), err, message);
}

size_t json_line(const struct json_doc *doc, const cJSON *node)
{
	size_t column;

	return line_of(doc, offset_of(doc, node, JSON_AT_KEY), &column);
}

/* ---- Duplicate keys --------------------------------------------------------------- */

struct member {
	const cJSON *node;
	size_t index;
};

static int by_key(const void *a, const void *b)
{
	const struct member *x = a;
	const struct member *y = b;
	int order = strcmp(x->node->string, y->node->string);

	return order ? order : (x->index > y->index) - (x->index < y->index);
}

/* The first member whose key stood before; *first is where. NULL: there is none. */
static const cJSON *find_duplicate(const cJSON *object, const cJSON **first)
{
	size_t count = 0;
	size_t found = SIZE_MAX;
	const cJSON *second = NULL;
	struct member *members;

	for (const cJSON *m = object->child; m; m = m->next)
		count++;
	if (count < 2)
		return NULL;
	members = xcalloc(count, sizeof *members);
	count = 0;
	for (const cJSON *m = object->child; m; m = m->next, count++)
		members[count] = (struct member){ m, count };
	qsort(members, count, sizeof *members, by_key);
	for (size_t i = 1; i < count; i++) {
		if (!str_eq(members[i - 1].node->string, members[i].node->string) ||
		    members[i].index > found)
			continue;
		found = members[i].index;
		second = members[i].node;
		*first = members[i - 1].node;
	}
	free(members);
	return second;
}

static bool check_duplicates(const struct json_doc *doc, const cJSON *tree,
                             struct err *err)
{
	const cJSON *first = NULL;
	const cJSON *second = cJSON_IsObject(tree) ? find_duplicate(tree, &first) : NULL;

	if (second) {
		char *key = json_quote(second->string);
		char *where = json_path(doc, tree);

		json_fail(doc, second, JSON_AT_KEY, err, "key %s is given twice%s%.200s",
		          key, *where ? " in " : "", where);
		err_hint(err, "it stands on line %zu too: keep one of them",
		         json_line(doc, first));
		free(where);
		free(key);
		return false;
	}
	for (const cJSON *child = tree->child; child; child = child->next)
		if (child->child && !check_duplicates(doc, child, err))
			return false;
	return true;
}

/* ---- Parsing ---------------------------------------------------------------------- */

static bool fail_bom(const struct json_doc *doc, struct err *err)
{
	fail_at(doc, 0, err, "the file begins with a byte order mark");
	return err_hint(err, "save it as UTF-8 without a byte order mark (BOM)");
}

static bool check_bytes(const struct json_doc *doc, struct err *err)
{
	const char *nul;
	size_t bad;

	if (doc->len > JSON_MAX_BYTES)
		return err_set(err, "%s: is larger than %zu MiB", doc->name,
		               JSON_MAX_BYTES / 1024 / 1024);
	if (str_starts(doc->text, "\xef\xbb\xbf") || str_starts(doc->text, "\xff\xfe") ||
	    str_starts(doc->text, "\xfe\xff"))
		return fail_bom(doc, err);
	nul = memchr(doc->text, '\0', doc->len);
	if (nul)
		return fail_at(doc, (size_t)(nul - doc->text), err, "NUL byte");
	if (!str_is_utf8(doc->text, doc->len, &bad)) {
		fail_at(doc, bad, err, "this is not UTF-8");
		return err_hint(err, "save the file as UTF-8");
	}
	return true;
}

static bool parse(struct json_doc *doc, struct err *err)
{
	struct json_scan scan = { .text = doc->text, .len = doc->len, .want = SIZE_MAX };
	const char *end = NULL;

	if (!check_bytes(doc, err))
		return false;
	if (!json_scan(&scan))
		return fail_at(doc, scan.at, err, scan.wrong);
	doc->root = cJSON_ParseWithLengthOpts(doc->text, doc->len + 1, &end, true);
	if (!doc->root)
		return fail_at(doc, end ? (size_t)(end - doc->text) : 0, err,
		               "not valid JSON here");
	if (!cJSON_IsObject(doc->root))
		return json_fail(doc, doc->root, JSON_AT_VALUE, err,
		                 "expected an object in { }, found %s",
		                 json_kind(doc->root));
	return check_duplicates(doc, doc->root, err);
}

bool json_doc_parse(struct json_doc *doc, const char *name, const char *text, size_t len,
                    struct err *err)
{
	*doc = (struct json_doc){ .name = xstrdup(name), .len = len };
	doc->text = xcalloc(len + 1, 1);
	if (len)
		memcpy(doc->text, text, len);
	if (parse(doc, err))
		return true;
	json_doc_free(doc);
	return false;
}

void json_doc_free(struct json_doc *doc)
{
	cJSON_Delete(doc->root);
	free(doc->text);
	free(doc->name);
	*doc = (struct json_doc){ 0 };
}

/* ---- Reading ---------------------------------------------------------------------- */

static bool check_file(int fd, const char *path, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return err_set(err, "%s: %s", path, strerror(errno));
	if (S_ISDIR(st.st_mode))
		return err_set(err, "%s: is a directory, not a file", path);
	if (!S_ISREG(st.st_mode)) {
		err_set(err, "%s: is not a regular file", path);
		return err_hint(err, "give \"-\" to read standard input");
	}
	if (st.st_size > (off_t)JSON_MAX_BYTES)
		return err_set(err, "%s: is larger than %zu MiB", path,
		               JSON_MAX_BYTES / 1024 / 1024);
	return true;
}

bool json_doc_read(struct json_doc *doc, const char *path, struct err *err)
{
	bool from_stdin = str_eq(path, "-");
	struct buf text = BUF_INIT;
	bool well;
	int fd;

	*doc = (struct json_doc){ 0 };
	/* O_NONBLOCK: a pipe without a writer must not hold us; it is refused below. */
	fd = from_stdin ? STDIN_FILENO
	                : open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return err_set(err, "%s: cannot be read: %s", path, strerror(errno));
	well = from_stdin || check_file(fd, path, err);
	if (well && !buf_read_fd(&text, fd, JSON_MAX_BYTES)) {
		if (errno == EFBIG)
			err_set(err, "%s: is larger than %zu MiB", path,
			        JSON_MAX_BYTES / 1024 / 1024);
		else
			err_set(err, "%s: cannot be read: %s", path, strerror(errno));
		well = false;
	}
	well = well && json_doc_parse(doc, path, text.data, text.len, err);
	buf_free(&text);
	if (!from_stdin)
		close(fd);
	return well;
}
