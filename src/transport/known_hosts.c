#include "transport/ssh_private.h"

#include "base/str.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

char *known_base64(const unsigned char *data, size_t len)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	struct buf b = BUF_INIT;

	for (size_t i = 0; i < len; i += 3) {
		unsigned n = (unsigned)data[i] << 16;

		n |= i + 1 < len ? (unsigned)data[i + 1] << 8 : 0;
		n |= i + 2 < len ? data[i + 2] : 0;
		buf_putc(&b, digits[n >> 18]);
		buf_putc(&b, digits[n >> 12 & 63]);
		buf_putc(&b, i + 1 < len ? digits[n >> 6 & 63] : '=');
		buf_putc(&b, i + 2 < len ? digits[n & 63] : '=');
	}
	return buf_steal(&b);
}

const char *known_blob_type(const unsigned char *blob, size_t len, char out[64])
{
	size_t n = len < 4 ? 0 : (size_t)blob[2] << 8 | blob[3];
	bool fits = n && n < 64 && n + 4 <= len;

	snprintf(out, 64, "%.*s", fits ? (int)n : 1, fits ? (const char *)blob + 4 : "?");
	return out;
}

/* ---- Does a line name the host? --------------------------------------------------- */

/* As in OpenSSH: * and ? only ([ ] belong to the name); upper and lower case alike. */
static bool glob(const char *pattern, size_t len, const char *name)
{
	for (; len; pattern++, len--, name++) {
		if (*pattern == '*') {
			for (;; name++) {
				if (glob(pattern + 1, len - 1, name))
					return true;
				if (!*name)
					return false;
			}
		}
		if (!*name || (*pattern != '?' && tolower((unsigned char)*pattern) !=
		                                          tolower((unsigned char)*name)))
			return false;
	}
	return !*name;
}

static bool list_matches(const char *list, const char *name)
{
	bool found = false;

	while (*list) {
		size_t len = strcspn(list, ",");
		bool negated = *list == '!';

		if (glob(list + negated, len - negated, name)) {
			if (negated)
				return false;
			found = true;
		}
		list += len + (list[len] == ',');
	}
	return found;
}

/* A key that libssh2 takes for one. */
#define SOME_KEY "AAAAB3NzaC1yc2EAAAADAQABAAAA"

/* "|1|salt|hash": libssh2 has the HMAC.  Of the key only "it differs" is of interest. */
static bool hash_matches(LIBSSH2_SESSION *session, const char *hashed, const char *name)
{
	LIBSSH2_KNOWNHOSTS *one = libssh2_knownhost_init(session);
	char *line = xasprintf("%s ssh-rsa " SOME_KEY, hashed);
	int verdict = LIBSSH2_KNOWNHOST_CHECK_NOTFOUND;

	if (one && libssh2_knownhost_readline(one, line, strlen(line),
	                                      LIBSSH2_KNOWNHOST_FILE_OPENSSH) == 0)
		verdict = libssh2_knownhost_check(one, name, SOME_KEY, strlen(SOME_KEY),
		                                  LIBSSH2_KNOWNHOST_TYPE_PLAIN |
		                                          LIBSSH2_KNOWNHOST_KEYENC_BASE64,
		                                  NULL);
	if (one)
		libssh2_knownhost_free(one);
	free(line);
	return verdict == LIBSSH2_KNOWNHOST_CHECK_MATCH ||
	       verdict == LIBSSH2_KNOWNHOST_CHECK_MISMATCH;
}

static bool names(LIBSSH2_SESSION *session, const char *hosts, const char *name)
{
	return *hosts == '|' ? hash_matches(session, hosts, name)
	                     : list_matches(hosts, name);
}

/* ---- The file --------------------------------------------------------------------- */

struct search {
	LIBSSH2_SESSION *session; /* only for its hashes */
	const char *host;
	char *host_and_port; /* as the file names it: "host" or "[host]:2222" */
};

/* The next word of a line. */
static char *word(char **rest)
{
	return strtok_r(NULL, " \t\r\n", rest);
}

static void add_line(struct known_keys *known, const struct search *search, char *line,
                     unsigned number)
{
	char *rest = line;
	struct known_key key = { .line = number };
	const char *hosts = word(&rest);

	key.revoked = str_eq(hosts, "@revoked");
	key.authority = str_eq(hosts, "@cert-authority");
	if (key.revoked || key.authority)
		hosts = word(&rest);
	key.type = word(&rest);
	key.key = word(&rest);
	if (!hosts || !key.type || !key.key || *hosts == '#' || *hosts == '@')
		return;
	if (!names(search->session, hosts, search->host_and_port)) {
		if (!names(search->session, hosts, search->host))
			return;
		key.other_port = true;
	}
	key.type = xstrdup(key.type);
	key.key = xstrdup(key.key);
	ARRAY_PUSH(known->keys, known->count, known->cap) = key;
}

static void read_lines(struct known_keys *known, const struct search *search, FILE *file)
{
	char *line = NULL;
	size_t size = 0;

	for (unsigned number = 1; getline(&line, &size, file) > 0; number++)
		add_line(known, search, line, number);
	free(line);
}

bool known_keys_load(struct known_keys *known, const char *path, const char *host,
                     int port, struct err *err)
{
	struct search search = { .host = host };
	FILE *file = fopen(path, "re");

	*known = (struct known_keys){ .count = 0 };
	if (!file)
		return errno == ENOENT
		               ? true
		               : err_set(err, "cannot read known hosts \"%s\": %s", path,
		                         strerror(errno));
	search.session = libssh2_session_init();
	search.host_and_port =
		port == 22 ? xstrdup(host) : xasprintf("[%s]:%d", host, port);
	if (search.session)
		read_lines(known, &search, file);
	libssh2_session_free(search.session);
	free(search.host_and_port);
	fclose(file);
	return true;
}

enum known_verdict known_keys_check(const struct known_keys *known,
                                    const unsigned char *blob, size_t len, unsigned *line)
{
	enum known_verdict verdict = KNOWN_UNKNOWN;
	char type[64];
	char *key = known_base64(blob, len);

	known_blob_type(blob, len, type);
	*line = 0;
	for (size_t i = 0; i < known->count && verdict != KNOWN_REVOKED; i++) {
		const struct known_key *k = &known->keys[i];
		enum known_verdict now = KNOWN_UNKNOWN;

		if (k->revoked)
			now = str_eq(k->key, key) ? KNOWN_REVOKED : KNOWN_UNKNOWN;
		else if (k->authority)
			continue;
		else if (str_eq(k->key, key))
			now = KNOWN_MATCH;
		else if (!k->other_port)
			now = str_eq(k->type, type) ? KNOWN_CHANGED : KNOWN_OTHER_TYPE;
		/* The enum's order is the order of weight, but for "revoked". */
		if (now == KNOWN_REVOKED || now < verdict) {
			verdict = now;
			*line = k->line;
		}
	}
	free(key);
	return verdict;
}

bool known_keys_have_type(const struct known_keys *known, const char *type)
{
	for (size_t i = 0; i < known->count; i++)
		if (!known->keys[i].revoked && !known->keys[i].authority &&
		    str_eq(known->keys[i].type, type))
			return true;
	return false;
}

void known_keys_free(struct known_keys *known)
{
	for (size_t i = 0; i < known->count; i++) {
		free(known->keys[i].type);
		free(known->keys[i].key);
	}
	free(known->keys);
	*known = (struct known_keys){ .count = 0 };
}
