#include "report/parts.h"

#include "base/str.h"

#include <stdlib.h>
#include <string.h>

void part_plain(struct buf *out, const char *s)
{
	for (; s && *s; s++)
		buf_putc(out, (unsigned char)*s < 0x20 || *s == 0x7f ? ' ' : *s);
}

void part_markdown(struct buf *out, const char *s)
{
	for (; s && *s; s++) {
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			buf_putc(out, ' ');
		else if (*s == '<')
			buf_puts(out, "&lt;");
		else if (strchr("|\\`*[]", *s))
			buf_printf(out, "\\%c", *s);
		else
			buf_putc(out, *s);
	}
}

bool part_is_endpoint(const struct probe_summary *p)
{
	return str_eq(p->kind, "write") || str_eq(p->kind, "read");
}

char *part_time(const struct verdict *v, int64_t us, char out[RFC3339_SIZE])
{
	return rfc3339(out, v->wall_base_ns + us * NSEC_PER_USEC);
}

void part_fault(const struct verdict *v, part_escape escape, struct buf *out)
{
	const struct fault_summary *f = &v->fault;

	if (!f->name) {
		buf_puts(out, "no fault was armed");
		return;
	}
	escape(out, f->name);
	if (f->target) {
		buf_puts(out, " → ");
		escape(out, f->target);
	}
	if (f->host && !str_eq(f->host, f->target)) {
		buf_puts(out, " (");
		escape(out, f->host);
		buf_puts(out, ")");
	}
	buf_puts(out, !f->injected   ? ", not sent"
	              : f->confirmed ? ", confirmed"
	                             : ", unconfirmed");
	buf_puts(out, f->not_healed ? ", NOT HEALED" : f->healed ? ", healed" : "");
}

static void objective(struct buf *out, double value, const char *unit)
{
	if (value >= 0)
		buf_printf(out, ", objective %.6g%s", value, unit);
	else
		buf_puts(out, ", no objective");
}

void part_rto(const struct verdict *v, part_escape escape, struct buf *out)
{
	if (!v->rto_known) {
		buf_puts(out, "unknown");
	} else {
		if (!v->rto_recovered)
			buf_puts(out, "≥ ");
		report_figure(v->rto, out);
		buf_puts(out, " through ");
		escape(out, v->rto_endpoint);
	}
	if (v->expect != EXPECT_RECOVERS)
		buf_printf(out, ", not judged: %s is expected",
		           expectation_name(v->expect));
	else
		objective(out, v->rto_objective_seconds, " s");
}

void part_rpo(const struct verdict *v, part_escape escape, struct buf *out)
{
	const struct loss *l = &v->loss;
	char n[COUNT_SIZE];
	char m[COUNT_SIZE];

	if (l->known)
		buf_printf(out, "%s of %s acknowledged rows lost",
		           count_format(n, l->lost), count_format(m, l->acked));
	else
		buf_printf(out, "unknown of %s acknowledged rows",
		           count_format(n, l->acked));
	objective(out, (double)v->rpo_objective_rows, "");
	if (!l->known) {
		buf_puts(out, ": ");
		escape(out, l->why_unknown);
		return;
	}
	if (l->in_doubt)
		buf_printf(out, "; %s in doubt, %s of them present",
		           count_format(n, l->in_doubt),
		           count_format(m, l->in_doubt_present));
	if (l->weak)
		buf_printf(out, "; %s acked weakly, %s of them present",
		           count_format(n, l->weak), count_format(m, l->weak_present));
	if (l->resurrected)
		buf_printf(out, "; %s refused but present",
		           count_format(n, l->resurrected));
	if (l->diverged)
		buf_printf(out, "; members differ in %s", count_format(n, l->diverged));
}

void part_roles(const struct verdict *v, part_escape escape, struct buf *out)
{
	if (v->dual_primary_us || v->dual_primary_acks)
		buf_printf(out, "TWO PRIMARIES acked for at least %.2f s",
		           (double)v->dual_primary_us / 1e6);
	else
		buf_puts(out, "never two primaries that acked");
	if (v->dual_claim_us)
		buf_printf(out, " (claimed for %.2f s)", (double)v->dual_claim_us / 1e6);
	if (v->redundancy_us == 0) {
		buf_puts(out, "; redundancy was full all along");
	} else if (v->redundancy_us > 0) {
		buf_printf(out, "; redundancy full again after %.2f s",
		           (double)v->redundancy_us / 1e6);
	} else if (v->fault.injected) {
		buf_puts(out, "; redundancy not restored");
		if (v->redundancy_why) {
			buf_puts(out, ": ");
			escape(out, v->redundancy_why);
		}
	}
}

void part_endpoint_rto(const struct probe_summary *p, struct buf *out)
{
	if (!p->rto_recovered)
		buf_puts(out, "≥ ");
	report_figure(p->rto, out);
}

void part_lost(const struct verdict *v, struct buf *out)
{
	char n[COUNT_SIZE];

	if (v->loss.known || v->loss.lost)
		buf_puts(out, count_format(n, v->loss.lost));
	if (!v->loss.known)
		buf_puts(out, v->loss.lost ? " or more" : "unknown");
}

/* "postgresql db1" is component and host; the host may be missing. */
static size_t component_length(const struct version *version)
{
	return strcspn(version->about, " ");
}

static bool same_version(const struct version *a, const struct version *b)
{
	size_t len = component_length(a);

	return len == component_length(b) && strncmp(a->about, b->about, len) == 0 &&
	       strcmp(a->value, b->value) == 0;
}

static bool told_before(const struct verdict *v, size_t i)
{
	for (size_t k = 0; k < i; k++) {
		if (same_version(&v->versions[k], &v->versions[i]))
			return true;
	}
	return false;
}

static void version_hosts(const struct verdict *v, size_t i, part_escape escape,
                          struct buf *out)
{
	bool first = true;

	for (size_t k = i; k < v->version_count; k++) {
		const struct version *version = &v->versions[k];
		const char *host = version->about + component_length(version);

		if (!*host || !same_version(&v->versions[i], version))
			continue;
		buf_puts(out, first ? " (" : " ");
		escape(out, host + 1);
		first = false;
	}
	buf_puts(out, first ? "" : ")");
}

static void versions(const struct verdict *v, part_escape escape, struct buf *out)
{
	for (size_t i = 0; i < v->version_count; i++) {
		char *component;

		if (told_before(v, i))
			continue;
		component =
			xstrndup(v->versions[i].about, component_length(&v->versions[i]));
		buf_puts(out, ", ");
		escape(out, component);
		buf_puts(out, " ");
		escape(out, v->versions[i].value);
		version_hosts(v, i, escape, out);
		free(component);
	}
}

void part_foot(const struct verdict *v, part_escape escape, struct buf *out)
{
	escape(out, v->run);
	if (v->seed) {
		buf_puts(out, ", seed ");
		escape(out, v->seed);
	}
	buf_puts(out, ", pgmonkey ");
	escape(out, v->pgmonkey ? v->pgmonkey : "unknown");
	versions(v, escape, out);
	buf_puts(out, "\n");
}

enum judgement part_worst(const struct verdict *const *verdicts, size_t count)
{
	enum judgement worst = JUDGED_PASS;

	for (size_t i = 0; i < count; i++) {
		if (verdicts[i]->judgement > worst)
			worst = verdicts[i]->judgement;
	}
	return worst;
}

/* What needs a person first: still broken, stopped, missed, unknown, refused. */
enum exit_code part_exit_code(const struct verdict *const *verdicts, size_t count)
{
	static const enum exit_code order[] = { EXIT_NOT_HEALED, EXIT_ABORTED,
		                                EXIT_MISSED, EXIT_INCONCLUSIVE,
		                                EXIT_REFUSED };

	for (size_t k = 0; k < sizeof order / sizeof order[0]; k++) {
		for (size_t i = 0; i < count; i++) {
			if (verdict_exit_code(verdicts[i]) == order[k])
				return order[k];
		}
	}
	return EXIT_PASS;
}
