/*
 * A real PostgreSQL in the test's place, on loopback and a Unix socket there: SCRAM, TLS
 * where openssl(1) can make a certificate, user postgres with the password "sesame".
 */
#ifndef TESTS_TRANSPORT_POSTGRES_H
#define TESTS_TRANSPORT_POSTGRES_H

#include "transport/fake_pg.h"
#include "transport/place.h"

#include <glob.h>
#include <pwd.h>

struct postgres {
	int port;
	bool tls;
	char bin[256]; /* of the newest version installed */
};

static inline bool postgres_find(struct postgres *pg)
{
	glob_t found;
	bool any = glob("/usr/lib/postgresql/*/bin/initdb", 0, NULL, &found) == 0;

	if (any) {
		snprintf(pg->bin, sizeof pg->bin, "%s",
		         found.gl_pathv[found.gl_pathc - 1]);
		*strrchr(pg->bin, '/') = '\0';
		globfree(&found);
	}
	return any;
}

/* PostgreSQL refuses to run as root: then as its own user, who must own the place. */
static inline bool postgres_run(const char *command)
{
	if (geteuid() == 0)
		return RUN("runuser", "-u", "postgres", "--", "sh", "-c", command);
	return RUN("sh", "-c", command);
}

static inline bool postgres_own_place(void)
{
	const struct passwd *user = getpwnam("postgres");

	return geteuid() != 0 || (user && chown(place, user->pw_uid, user->pw_gid) == 0);
}

static inline bool postgres_start(struct postgres *pg)
{
	char command[4096];

	close(fake_listen(&pg->port));
	place_write("password", 0644, "sesame\n");
	snprintf(command, sizeof command,
	         "cd %s && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 "
	         "-nodes "
	         "-days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost "
	         "-keyout key.pem -out cert.pem && chmod 600 key.pem",
	         place);
	if (!postgres_own_place())
		return false;
	pg->tls = postgres_run(command);
	snprintf(
		command, sizeof command,
		"cd %s && %s/initdb -N -A scram-sha-256 --no-instructions -U postgres -E "
		"UTF8 "
		"--locale=C --pwfile=password -D data && "
		"%s/pg_ctl -w -D data -l server.log start -o \"-p %d -k %s -c fsync=off "
		"-c listen_addresses=localhost -c max_connections=8 -c max_wal_senders=0 "
		"-c superuser_reserved_connections=1 -c shared_buffers=8MB %s\"",
		place, pg->bin, pg->bin, pg->port, place,
		pg->tls ? "-c ssl=on -c ssl_cert_file=../cert.pem -c "
			  "ssl_key_file=../key.pem"
			: "");
	return postgres_run(command);
}

static inline void postgres_stop(const struct postgres *pg)
{
	char command[1024];

	snprintf(command, sizeof command, "%s/pg_ctl -D %s/data -m immediate stop",
	         pg->bin, place);
	postgres_run(command);
}

#endif
