/* Is it a time zone that this machine's database knows?  If not, which is near? */
#include "base/params.h"
#include "base/str.h"
#include "scenario/names.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *directory(void)
{
	const char *given = getenv("TZDIR");

	return given && *given ? given : "/usr/share/zoneinfo";
}

/* A file that begins like one of zic(8). */
static bool is_zone_file(const char *path)
{
	char magic[4] = "";
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	bool is;

	if (fd < 0)
		return false;
	is = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && read(fd, magic, 4) == 4 &&
	     memcmp(magic, "TZif", 4) == 0;
	close(fd);
	return is;
}

static bool is_plain(const char *zone)
{
	if (*zone == '/' || *zone == ':' || strlen(zone) > 100)
		return false;
	for (const char *c = zone; *c; c++)
		if (!isalnum((unsigned char)*c) && !strchr("/_+-", *c))
			return false;
	return true;
}

/* The names in zone1970.tab: the third column. */
static void read_names(struct strings *names)
{
	char *path = xasprintf("%s/zone1970.tab", directory());
	FILE *file = fopen(path, "re");
	char line[512];

	free(path);
	if (!file)
		return;
	while (fgets(line, sizeof line, file)) {
		char name[128];

		if (*line != '#' && sscanf(line, "%*s %*s %127s", name) == 1)
			strings_add(names, name);
	}
	fclose(file);
}

static const char *find_nearest(const char *zone)
{
	static char nearest[128];
	struct strings names = { 0 };
	const char *found;

	read_names(&names);
	ARRAY_PUSH(names.items, names.count, names.cap) = NULL;
	found = str_nearest(zone, (const char *const *)names.items);
	snprintf(nearest, sizeof nearest, "%s", found ? found : "");
	names.count--;
	strings_free(&names);
	return *nearest ? nearest : NULL;
}

const char *wrong_time_zone(const char *zone, const char **nearest)
{
	char *path;
	bool known;

	*nearest = NULL;
	if (!is_plain(zone))
		return "expected a time zone like Europe/Zurich";
	path = xasprintf("%s/%s", directory(), zone);
	known = is_zone_file(path);
	free(path);
	if (known)
		return NULL;
	path = xasprintf("%s/UTC", directory());
	known = is_zone_file(path);
	free(path);
	if (!known)
		return "this machine has no time zone database (package tzdata)";
	*nearest = find_nearest(zone);
	return "this machine's time zone database has no such zone";
}
