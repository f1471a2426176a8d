/* Sentences with figures: what the verdict says for itself. */
#include "verdict/model.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *judgement_name(enum judgement j)
{
	static const char *const names[] = { "pass", "inconclusive", "fail" };

	return names[j];
}

void reason(struct verdict *v, enum judgement judgement, size_t line, const char *fmt,
            ...)
{
	struct buf text = BUF_INIT;
	char part[2048];
	va_list args;

	va_start(args, fmt);
	vsnprintf(part, sizeof part, fmt, args);
	va_end(args);
	buf_puts(&text, part);
	ARRAY_PUSH(v->reasons, v->reason_count, v->reason_cap) =
		(struct reason){ judgement, buf_steal(&text), line };
}

void reasons_settle(struct verdict *v)
{
	struct reason *sorted = xcalloc(v->reason_count + 1, sizeof *sorted);
	size_t n = 0;

	for (int j = JUDGED_FAIL; j >= JUDGED_PASS; j--) {
		for (size_t i = 0; i < v->reason_count; i++) {
			if ((int)v->reasons[i].judgement == j)
				sorted[n++] = v->reasons[i];
		}
	}
	v->judgement = n ? sorted[0].judgement : JUDGED_PASS;
	free(v->reasons);
	v->reasons = sorted;
	v->reason_cap = n + 1;
}

/* An error bar is rounded up: it must not say more than is known. */
static double bar(int64_t us)
{
	return ceil((double)us / 1e4) / 100;
}

char *figure_format(char out[FIGURE_SIZE], struct figure f)
{
	snprintf(out, FIGURE_SIZE, "%.2f s (-%.2f +%.2f)", (double)f.us / 1e6,
	         bar(f.minus_us), bar(f.plus_us));
	return out;
}

char *count_format(char out[COUNT_SIZE], uint64_t n)
{
	char digits[24];
	size_t len =
		(size_t)snprintf(digits, sizeof digits, "%llu", (unsigned long long)n);
	size_t at = 0;

	for (size_t i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			out[at++] = ',';
		out[at++] = digits[i];
	}
	out[at] = '\0';
	return out;
}
