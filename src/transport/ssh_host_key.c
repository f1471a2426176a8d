#include "transport/ssh_private.h"

#include "base/str.h"

#include <stdlib.h>
#include <string.h>

static const char *const key_types[] = { "ssh-ed25519", "ecdsa-sha2-nistp256",
	                                 "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521",
	                                 "ssh-rsa" };

/*
 * Known types are asked for first, so that the host shows a key that can be compared; the
 * rest stay, so that a refusal can say what it showed.
 */
void ssh_prefer_known_types(struct ssh *s, const struct known_keys *known)
{
	struct buf list = BUF_INIT;

	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < sizeof key_types / sizeof *key_types; i++)
			if (known_keys_have_type(known, key_types[i]) == (pass == 0))
				buf_printf(&list, "%s%s", list.len ? "," : "",
				           key_types[i]);
	libssh2_session_method_pref(s->session, LIBSSH2_METHOD_HOSTKEY, list.data);
	buf_free(&list);
}

static char *fingerprint(struct ssh *s)
{
	const char *hash = libssh2_hostkey_hash(s->session, LIBSSH2_HOSTKEY_HASH_SHA256);
	char *text = hash ? known_base64((const unsigned char *)hash, 32) : xstrdup("?");

	text[strcspn(text, "=")] = '\0';
	return text;
}

static bool refuse_key(struct ssh *s, const char *type, enum known_verdict verdict,
                       unsigned line, struct err *err)
{
	const char *file = s->known_hosts_file;
	char *hash = fingerprint(s);

	switch (verdict) {
	case KNOWN_CHANGED:
		err_set(err,
		        "%s (%s port %d): the host key changed: it is not the %s key in "
		        "%s:%u",
		        s->remote.host, s->address, s->port, type, file, line);
		err_hint(err,
		         "if the host was installed anew, compare SHA256:%s with its "
		         "console, "
		         "then replace that line",
		         hash);
		break;
	case KNOWN_REVOKED:
		err_set(err, "%s (%s port %d): the host key is revoked in %s:%u",
		        s->remote.host, s->address, s->port, file, line);
		break;
	case KNOWN_OTHER_TYPE:
		err_set(err,
		        "%s (%s port %d): %s:%u knows it by a key of another type; it "
		        "shows an %s "
		        "key",
		        s->remote.host, s->address, s->port, file, line, type);
		err_hint(err,
		         "add its %s key after comparing SHA256:%s: ssh-keyscan -t %s -p "
		         "%d %s "
		         ">> %s (an RSA key does not help: libssh2 %s knows only its "
		         "SHA-1 "
		         "signatures)",
		         type, hash, str_starts(type, "ecdsa") ? "ecdsa" : type + 4,
		         s->port, s->address, file, libssh2_version(0));
		break;
	default:
		err_set(err,
		        "%s (%s port %d): the host key is unknown: %s has no line for it",
		        s->remote.host, s->address, s->port, file);
		err_hint(err,
		         "compare SHA256:%s with its console, then: ssh-keyscan -p %d %s "
		         ">> %s",
		         hash, s->port, s->address, file);
	}
	free(hash);
	return false;
}

bool ssh_check_host_key(struct ssh *s, const struct known_keys *known, struct err *err)
{
	size_t len = 0;
	int ignored;
	const char *blob = libssh2_session_hostkey(s->session, &len, &ignored);
	enum known_verdict verdict;
	unsigned line;
	char type[64];

	if (!blob)
		return ssh_fail(s, err, "host key");
	verdict = known_keys_check(known, (const unsigned char *)blob, len, &line);
	known_blob_type((const unsigned char *)blob, len, type);
	return verdict == KNOWN_MATCH ? true : refuse_key(s, type, verdict, line, err);
}
