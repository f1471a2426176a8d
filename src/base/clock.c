#include "base/clock.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static nsec_t read_clock(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (nsec_t)ts.tv_sec * NSEC_PER_SEC + ts.tv_nsec;
}

static nsec_t system_monotonic(struct clock *clock)
{
	(void)clock;
	return read_clock(CLOCK_MONOTONIC);
}

static nsec_t system_wall(struct clock *clock)
{
	(void)clock;
	return read_clock(CLOCK_REALTIME);
}

static bool system_advance(struct clock *clock, nsec_t deadline)
{
	(void)clock;
	(void)deadline;
	return false;
}

struct clock *clock_system(void)
{
	static struct clock clock = { system_monotonic, system_wall, system_advance };

	return &clock;
}

static nsec_t virtual_monotonic(struct clock *clock)
{
	return ((struct virtual_clock *)clock)->now;
}

static nsec_t virtual_wall(struct clock *clock)
{
	struct virtual_clock *vc = (struct virtual_clock *)clock;

	return vc->now + vc->wall_offset;
}

static bool virtual_advance(struct clock *clock, nsec_t deadline)
{
	struct virtual_clock *vc = (struct virtual_clock *)clock;

	if (deadline > vc->now && deadline != NSEC_NEVER)
		vc->now = deadline;
	return true;
}

void virtual_clock_init(struct virtual_clock *vc, nsec_t wall_offset)
{
	*vc = (struct virtual_clock){
		{ virtual_monotonic, virtual_wall, virtual_advance }, 0, wall_offset
	};
}

char *rfc3339(char out[RFC3339_SIZE], nsec_t wall)
{
	nsec_t second = wall / NSEC_PER_SEC;
	nsec_t rest = wall % NSEC_PER_SEC;
	struct tm tm;
	time_t t;
	size_t n;

	if (rest < 0) {
		rest += NSEC_PER_SEC;
		second--;
	}
	t = (time_t)second;
	gmtime_r(&t, &tm);
	n = strftime(out, RFC3339_SIZE, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(out + n, RFC3339_SIZE - n, ".%03dZ", (int)(rest / NSEC_PER_MSEC));
	return out;
}

char *utc_stamp(char out[UTC_STAMP_SIZE], nsec_t wall)
{
	time_t t = (time_t)(wall / NSEC_PER_SEC);
	struct tm tm;

	gmtime_r(&t, &tm);
	strftime(out, UTC_STAMP_SIZE, "%Y%m%dT%H%M%SZ", &tm);
	return out;
}

static bool parse_offset(const char *s, int *seconds)
{
	int hours;
	int minutes;
	int used = 0;

	if (strcmp(s, "Z") == 0 || strcmp(s, "z") == 0) {
		*seconds = 0;
		return true;
	}
	if ((*s != '+' && *s != '-') ||
	    sscanf(s + 1, "%2d:%2d%n", &hours, &minutes, &used) != 2 ||
	    s[1 + used] != '\0' || used != 5 || hours > 23 || minutes > 59)
		return false;
	*seconds = (hours * 60 + minutes) * 60 * (*s == '-' ? -1 : 1);
	return true;
}

bool rfc3339_parse(const char *s, nsec_t *wall)
{
	struct tm tm = { 0 };
	const char *rest = strptime(s, "%Y-%m-%d", &tm);
	double fraction = 0;
	int offset;

	if (!rest || (*rest != 'T' && *rest != 't' && *rest != ' '))
		return false;
	rest = strptime(rest + 1, "%H:%M:%S", &tm);
	if (!rest)
		return false;
	if (*rest == '.') {
		double scale = 0.1;

		for (rest++; *rest >= '0' && *rest <= '9'; rest++, scale /= 10)
			fraction += (*rest - '0') * scale;
	}
	if (!parse_offset(rest, &offset))
		return false;
	*wall = ((nsec_t)timegm(&tm) - offset) * NSEC_PER_SEC +
	        (nsec_t)llround(fraction * 1e9);
	return true;
}

double nsec_to_seconds(nsec_t t)
{
	return (double)t / 1e9;
}

nsec_t seconds_to_nsec(double s)
{
	return (nsec_t)llround(s * 1e9);
}
