#!/bin/bash
# The judge, the outcomes and the probe made wrong on purpose, one at a time: some test must
# notice each. A mutation is one replaced piece of text; the object is compiled anew and the
# test programs linked with it in front of the library, so that each takes a second or so.
#
#	mutate.sh [NAME…]      only those whose name contains one of the words
#
# DRAW=12 takes so many of them, drawn anew each time (SEED=… again those of a run before).
# Prints TAP. Wants CC, FLAGS, LIBS and BUILD from the Makefile (make truth-mutate).
set -euo pipefail
cd "$(dirname "$0")/../.."

: "${CC:?run it by: make truth-mutate}" "${FLAGS:?}" "${LIBS:?}" "${BUILD:?}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
only=("$@")
number=0
missed=0
position=0
drawn= # positions, between blanks; empty: all
SEED=${SEED:-$RANDOM}

# Cheap ones first: most mutations fall at once.
tests=(
	"tests/unit/test_verdict_cases"
	"tests/unit/test_outcome"
	"tests/unit/test_audit_key_runs"
	"tests/unit/test_probe_write"
	"tests/unit/test_probe_read"
	"tests/truth/histories 3000"
	"tests/truth/outages 200"
)

compile() { # SOURCE OBJECT
	# shellcheck disable=SC2086 # flags are words
	$CC $FLAGS -w -Wno-error -Itests -Itests/unit -c -o "$2" "$1"
}

test_name() { basename "${1%% *}"; }

# The first test that fails; nothing where all pass.
caught_by() { # OBJECT
	local test name words
	for test in "${tests[@]}"; do
		name=$(test_name "$test")
		# shellcheck disable=SC2086
		$CC -o "$work/$name" "$work/$name.o" "$1" "$BUILD/libpgmonkey.a" $LIBS
		read -ra words <<<"$test"
		if ! timeout 60 "$work/$name" "${words[@]:1}" >"$work/out" 2>&1; then
			echo "$name"
			return
		fi
	done
}

wanted() { # NAME
	local word
	[[ ${#only[@]} == 0 ]] && return 0
	for word in "${only[@]}"; do [[ $1 == *"$word"* ]] && return 0; done
	return 1
}

# Which of those that are wanted, before any is tried: they are counted in this file.
draw() {
	local all=() line i
	RANDOM=$SEED
	while read -r line; do
		line=${line#'mutate "'}
		if wanted "${line%%\"*}"; then all+=($((${#all[@]} + 1))); fi
	done < <(grep '^mutate "' tests/truth/mutate.sh)
	drawn=" "
	while ((DRAW-- > 0 && ${#all[@]})); do
		i=$((RANDOM % ${#all[@]}))
		drawn+="${all[i]} "
		all=("${all[@]:0:i}" "${all[@]:i+1}")
	done
	echo "# SEED=$SEED"
}

result() { # ok|not NAME DETAIL
	number=$((number + 1))
	if [[ $1 == ok ]]; then
		echo "ok $number - $2: $3"
	else
		echo "not ok $number - $2: $3"
		missed=$((missed + 1))
	fi
}

mutate() { # NAME FILE OLD NEW
	local name=$1 file=$2 old=$3 new=$4 text by
	wanted "$name" || return 0
	position=$((position + 1))
	[[ -z $drawn || $drawn == *" $position "* ]] || return 0
	text=$(<"$file")
	if [[ $text != *"$old"* ]]; then
		result not "$name" "$file has no longer \"$old\""
		return
	fi
	printf '%s\n' "${text/"$old"/"$new"}" >"$work/mutant.c"
	if ! compile "$work/mutant.c" "$work/mutant.o" 2>"$work/errors"; then
		result not "$name" "does not compile: $(head -1 "$work/errors")"
		return
	fi
	by=$(caught_by "$work/mutant.o")
	rm -f /tmp/pgmonkey-history-*.jsonl
	if [[ $by ]]; then result ok "$name" "caught by $by"; else result not "$name" "not caught"; fi
}

for test in "${tests[@]}"; do
	compile "${test%% *}.c" "$work/$(test_name "$test").o"
done
: >"$work/none.c"
compile "$work/none.c" "$work/none.o"
by=$(caught_by "$work/none.o")
if [[ $by ]]; then
	echo "Bail out! $by fails as it is"
	exit 1
fi

DRAW=${DRAW:-0}
[[ $DRAW == 0 ]] || draw

# ---- rows ------------------------------------------------------------------------------
V=src/verdict
mutate "in doubt counts as acked" $V/loss.c \
	'switch (a->outcome) {' 'switch (a->outcome == OUTCOME_IN_DOUBT ? OUTCOME_ACKED : a->outcome) {'
mutate "a warning is ignored: weak counts as acked" $V/loss.c \
	'switch (a->outcome) {' 'switch (a->outcome == OUTCOME_ACKED_WEAK ? OUTCOME_ACKED : a->outcome) {'
mutate "refused and present is nothing" $V/loss.c 'loss->resurrected += present == 1;' ';'
mutate "not sent and present is nothing" $V/loss.c 'loss->not_sent_present += present == 1;' ';'
mutate "absent is not lost" $V/loss.c 'lose(loss, m->v->probes[probe].endpoint, a);' ';'
mutate "acked during the audit is lost" $V/loss.c 'a->answered_us >= m->audit_us' 'false'
mutate "one lost row more is allowed" $V/loss.c \
	'loss->lost > (size_t)v->rpo_objective_rows' 'loss->lost > (size_t)v->rpo_objective_rows + 1'
mutate "an audit that is not complete will do" $V/loss.c 'a->surviving && a->complete' 'a->surviving'
mutate "any member will do: no check that it survived" $V/loss.c 'a->surviving && a->complete' 'a->complete'
mutate "loss that is not known is none" $V/loss.c 'if (!loss->known && wanted)' 'if (false)'
mutate "nothing acked is nothing lost" $V/loss.c 'else if (!loss->acked && wanted)' 'else if (false)'
mutate "only the first write probe is audited" $V/loss.c \
	'for (size_t i = 0; i < m->v->probe_count; i++) {' 'for (size_t i = 0; i < 1; i++) {'
mutate "one member is forgotten" $V/divergence.c \
	'ranges_xor(&a->present, &primary->present' 'ranges_xor(&primary->present, &primary->present'
mutate "a replica that was not read is as good" $V/divergence.c 'judge_incomplete(m, a);' ';'
mutate "the first audit of a member counts" $V/attempts.c \
	'if (!take_range(&a->present, pair, err))' 'if (m->audit_count > 1 && a == m->audits) continue; if (!take_range(&a->present, pair, err))'
mutate "a run of keys begins one too late" $V/ranges.c 'r->items[low].first <= key' 'r->items[low].first < key'

# ---- outages ---------------------------------------------------------------------------
mutate "an outage starts at the injection" $V/outage.c '.start_us = a->scheduled_us,' \
	'.start_us = s->m->fault_us < a->scheduled_us ? s->m->fault_us : a->scheduled_us,'
mutate "an outage starts when its first attempt is given up" $V/outage.c \
	'.start_us = a->scheduled_us,' '.start_us = a->answered_us,'
mutate "an outage ends at the schedule of the ack" $V/outage.c \
	'measure(s, s->run_first->answered_us);' 'measure(s, s->run_first->scheduled_us);'
mutate "the first ack is the recovery" $V/outage.c \
	'if (s->run_last_us - s->run_first->answered_us < s->m->recovered_for_us)' 'if (false)'
mutate "a stall is an ack" $V/outage.c 'if (delay <= m->timely_us)' 'if (true)'
mutate "the late flag is ignored" $V/outage.c 'if (a->flags & ATTEMPT_LATE)' 'if (false)'
mutate "the agent's lateness is the cluster's stall" $V/outage.c \
	'delay - model_late(m, a->scheduled_us, a->answered_us)' 'delay'
mutate "a failed connect is an ack" $V/outage.c 'return is_ack(a) ? SIGN_NONE : SIGN_MISSING;' 'return SIGN_ACKED;'
mutate "a failed connect says nothing" $V/outage.c 'return is_ack(a) ? SIGN_NONE : SIGN_MISSING;' 'return SIGN_NONE;'
mutate "a weak ack ends no outage" $V/outage.c '|| a->outcome == OUTCOME_ACKED_WEAK' ''
mutate "flaps are not counted" $V/outage.c 's->outage.flaps++;' ';'
mutate "the bar forgets the attempt on its way" $V/outage.c ' + s->early_us' ''
mutate "the bar trusts rows that nobody sent" $V/outage.c 'else if (asked || !s->connects)' 'else'
mutate "the bar is one interval below" $V/outage.c 'larger(every, end_us - last_proof(s, end_us))' 'every'
mutate "the bar is one interval above" $V/outage.c 'larger(every + late, o->start_us - s->last_good_us)' 'every'
mutate "a late agent hides nothing before" $V/outage.c 's->before_us + larger(' 'larger('
mutate "a late agent hides nothing behind" $V/outage.c 'larger(s->blind_us - end_us, 0)' '0'
mutate "a slow connect proves nothing" $V/outage.c 'is_slow(s, c))' 'false)'
mutate "a kept session acks for those who wait" $V/outage.c 'if (a->answered_us < s->turned_away_us)' 'if (false)'
mutate "who waits is never let in by another" $V/outage.c 'if (p->connections[i].t_us > a->scheduled_us)' 'if (false)'
mutate "each outage is ours" $V/outage.c 'o->foreign = is_foreign(s);' 'o->foreign = false;'
mutate "each outage is foreign" $V/outage.c 'o->foreign = is_foreign(s);' 'o->foreign = true;'
mutate "an outage that is open at the end is over" $V/outage.c 'if (s.down)' 'if (false)'
mutate "acks that have just begun are a recovery" $V/outage.c 's->outage.acking = true;' 's->outage.recovered = true;'
mutate "the start of the probe is an outage" $V/outage.c 'sign == SIGN_MISSING && s.seen_ack' 'sign == SIGN_MISSING'
mutate "over the objective is judged without its bar" $V/rto.c 'f.us - f.minus_us > objective' 'f.us > objective'
mutate "within the objective is judged without its bar" $V/rto.c 'f.us + f.plus_us > objective ?' 'f.us > objective ?'
mutate "the first endpoint counts" $V/rto.c '!worst || is_worse(v, p, worst)' '!worst'
mutate "the longest counts without its bar" $V/rto.c 'return a > b;' ';'
mutate "the endpoint that is named is ignored" $V/rto.c 'if (m->rto_endpoint)' 'if (false)'
mutate "a probe that never acked proves something" $V/rto.c \
	'if (!m->v->fault.injected || p->acked_before_fault)' 'if (true)'
mutate "foreign outages are not judged" $V/rto.c 'judge_foreign(m, &v->outages[i]);' ';'

# ---- two primaries ---------------------------------------------------------------------
mutate "two primaries are never seen" $V/dual.c 'return a->first_late_us < b->first_early_us &&' 'return false &&'
mutate "answers in turn are two primaries" $V/dual.c \
	'b->first_late_us < a->last_early_us' 'b->first_early_us < a->last_late_us'
mutate "who was primary may not come back" $V/dual.c 'return to - from > TWO_CHANGES_US;' 'return false;'
mutate "a later timeline says nothing" $V/dual.c 'return after > before;' 'return false;'
mutate "a replica in between says nothing" $V/dual.c 'if (r->replica &&' 'if (false &&'
mutate "a pause of its own ends no reign" $V/dual.c 'paused(open, a)' 'false'
mutate "a virtual address is a member" $V/dual.c 'host || (!w->by_inventory &&' 'true || (!w->by_inventory &&'
mutate "acks of the greater are counted" $V/dual.c 'by_a < by_b ? by_a : by_b' 'by_a > by_b ? by_a : by_b'
mutate "claims are not seen" $V/claims.c 'ranges_add(both,' 'if (false) ranges_add(both,'

# ---- the course ------------------------------------------------------------------------
mutate "a fault needs no proof" $V/course.c 'else if (f->confirmed)' 'else if (f->injected)'
mutate "torn is whole" $V/course.c 'if (v->torn)' 'if (false)'
mutate "no end is an end" $V/course.c 'else if (!v->finished)' 'else if (false)'
mutate "aborted is nothing" $V/course.c 'if (v->aborted)' 'if (false)'
mutate "fewer copies are nothing" $V/course.c '} else if (m->redundancy_line) {' '} else if (false) {'
mutate "an agent may be late" $V/course.c 'if (v->worst_late_us > m->timely_us)' 'if (false)'
mutate "the clock may step" $V/course.c 'if (llabs(v->clock_step_us) > CLOCK_STEP_US)' 'if (false)'
mutate "a service less is nothing" $V/course.c 'if (v->fault.lacking)' 'if (false)'
mutate "not healed is healed" $V/course.c 'open += !m->faults[i].healed;' 'open += 0;'
mutate "notes are not read" $V/course.c 'i < m->note_count' 'i < 0'
mutate "stale reads are fresh" $V/staleness.c 'if (f.us - f.minus_us > p->max_staleness_us)' 'if (false)'
mutate "the newest row is the oldest that is missing" $V/staleness.c 'if (list[middle].seq <= newest)' 'if (list[middle].seq <= newest + 1)'
mutate "the fault is where INJECT ends" $V/verdict.c 'm->fault_us = v->phases[i].start_us;' ';'
mutate "the audit's attempts are judged too" $V/model.c \
	'return m->audit_us < m->last_us ? m->audit_us : m->last_us;' 'return m->last_us;'
mutate "attempts are taken as they are told" $V/model.c \
	'return x->scheduled_us < y->scheduled_us ? -1 : 1;' 'return x->line < y->line ? -1 : 1;'

mutate "a failover is no finding" $V/expected.c 'else if (t.after)' 'else if (false)'
mutate "a promotion where none must be is no finding" $V/expected.c 'if (t.after)' 'if (false)'
mutate "blocked is whatever has an outage" $V/expected.c 'if (blocked(m, p, &last))' 'if (blocked(m, p, &last) || last)'
mutate "blocked is whatever happens" $V/expected.c 'if (blocked(m, p, &last))' 'if (true)'
mutate "another member's answers are not looked at" $V/expected.c 'if (r->primary && r->last_us' 'if (false && r->last_us'
mutate "the objective is judged where none is expected" $V/rto.c 'v->expect != EXPECT_RECOVERS)' 'false)'

mutate "weaker settings are no matter" $V/settings.c 'weaker ? JUDGED_INCONCLUSIVE : JUDGED_PASS' 'JUDGED_PASS'
mutate "standbys that are not waited for any more are no matter" $V/settings.c 'if (before == 1 && after == 0)' 'if (false)'
mutate "asynchronous keeps an RPO of 0" $V/settings.c 'if (before == 0 && m->v->rpo_objective_rows == 0)' 'if (false)'
mutate "replicas' settings are the primary's" $V/settings.c 'primary && !str_eq(s->host, primary)' 'false'

# ---- outcomes and the probe ------------------------------------------------------------
O=src/ledger/outcome.c
mutate "a lost connection is a refusal" $O '{ "08***", NULL, NULL, OUTCOME_IN_DOUBT' '{ "08***", NULL, NULL, OUTCOME_REFUSED'
mutate "a socket error is a refusal" $O '{ "", NULL, NULL, OUTCOME_IN_DOUBT' '{ "", NULL, NULL, OUTCOME_REFUSED'
mutate "a shutdown under way is a refusal" $O '{ "57P01", NULL, NULL, OUTCOME_IN_DOUBT' '{ "57P01", NULL, NULL, OUTCOME_REFUSED'
mutate "PANIC is a refusal" $O '{ "*****", "PANIC", NULL, OUTCOME_IN_DOUBT' '{ "*****", "PANIC", NULL, OUTCOME_REFUSED'
mutate "PgBouncer's crashed server is a refusal" $O '"server conn crashed", OUTCOME_IN_DOUBT' '"server conn crashed", OUTCOME_REFUSED'
mutate "a connect that failed may have written" $O 'return OUTCOME_REFUSED;' 'return OUTCOME_IN_DOUBT;'
mutate "warnings are not understood" $O 'if (strstr(message, synchronous[i]))' 'if (false)'
P=src/probe
mutate "what was under way was not sent" $P/endpoint_tick.c 'sent ? MOMENT_SENT : MOMENT_UNSENT' 'MOMENT_UNSENT'
mutate "the probe ignores warnings" $P/endpoint_tick.c 'if (notice && d.outcome == OUTCOME_ACKED)' 'if (false)'
mutate "a late agent skips its ticks" $P/endpoint_tick.c 'while (p->next_tick + p->options.every <= now) {' 'while (false) {'
mutate "coordinated omission: scheduled when sent" $P/endpoint_record.c \
	'ledger_time(l, "scheduled_us", tick->scheduled);' 'ledger_time(l, "scheduled_us", sent ? d->session->sent : tick->scheduled);'
mutate "failed connects are not told" $P/endpoint_record.c 'ledger_string(l, "kind", "connect");' 'ledger_string(l, "kind", NULL);'
mutate "connects are paced by five intervals" $P/endpoint_session.c \
	'nsec_t pace = 4 * p->connect_took;' 'nsec_t pace = CONNECT_PACE;'
mutate "rows that were swallowed are acked" $P/write.c 'if (!str_eq(tag, wanted)) {' 'if (false) {'
mutate "synchronous_commit off promises" $P/write.c 'if (weak && p->options.promise_sync)' 'if (false)'
mutate "a gap in the keys is bridged" $P/key_runs.c 'key == r->last + 1' 'key >= r->last + 1'

echo "1..$number"
[[ $missed == 0 ]]
