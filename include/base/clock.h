/*
 * Time.  nsec_t is monotonic time in nanoseconds and never mixed with the wall clock,
 * which is for people (RFC 3339) and for noticing that somebody set it.
 *
 * A struct clock is a seam: the system's, or a virtual one in tests that jumps to the
 * next deadline, so that a minute of outage logic takes a millisecond.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

typedef int64_t nsec_t;

#define NSEC_PER_USEC ((nsec_t)1000)
#define NSEC_PER_MSEC ((nsec_t)1000000)
#define NSEC_PER_SEC  ((nsec_t)1000000000)
#define NSEC_NEVER    INT64_MAX

struct clock {
	nsec_t (*monotonic)(struct clock *);
	nsec_t (*wall)(struct clock *); /* ns since 1970-01-01T00:00:00Z */
	/* Virtual clocks move to `deadline` and return true; the system's returns false. */
	bool (*advance)(struct clock *, nsec_t deadline);
};

struct clock *clock_system(void);

struct virtual_clock {
	struct clock clock;
	nsec_t now;
	nsec_t wall_offset; /* wall = now + wall_offset; change it to step the wall clock */
};

void virtual_clock_init(struct virtual_clock *vc, nsec_t wall_offset);

/* RFC 3339 with milliseconds in UTC: "2026-11-25T02:15:51.042Z". */
#define RFC3339_SIZE 40
char *rfc3339(char out[RFC3339_SIZE], nsec_t wall);

/* "20261125T021551Z": for names of files and runs, which then sort by time. */
#define UTC_STAMP_SIZE 20
char *utc_stamp(char out[UTC_STAMP_SIZE], nsec_t wall);

/* Parses RFC 3339 with any offset and fraction; false if it is not one. */
bool rfc3339_parse(const char *s, nsec_t *wall);

double nsec_to_seconds(nsec_t t);
nsec_t seconds_to_nsec(double s);

#endif
