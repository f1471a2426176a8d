# shellcheck shell=bash
# The vocabulary of live tests: a lab, a run of pgmonkey on it, checks that speak TAP.
#
#	source "$(dirname "$0")/lib.sh"
#	live_lab
#	run_scenario '{"switchover": {"target": "primary"}}'
#	is "$(report .verdict)" pass "the verdict is pass"
#	done_testing
#
# LIVE_LABS names the labs that may be used ("live1 live2"); a test takes a free one and
# keeps it to its end. What a run wrote stays in build/live/TEST/ (build/cases/TEST/).
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
PGMONKEY=${PGMONKEY:-$ROOT/build/pgmonkey}
TEST=$(basename "$0" .t)
OUT=$ROOT/build/$(basename "$(cd "$(dirname "$0")" && pwd)")/$TEST
LIVE_LABS=${LIVE_LABS:-live1}
LAB=

TAP_COUNT=0
TAP_FAILED=0

rm -rf "$OUT"
mkdir -p "$OUT/state"
export PGMONKEY_STATE_DIR=$OUT/state

say() { printf '# %s\n' "$*"; }

ok() { # WHAT COMMAND…: passes if the command does
	local what=$1
	shift
	TAP_COUNT=$((TAP_COUNT + 1))
	if "$@"; then
		printf 'ok %d - %s\n' "$TAP_COUNT" "$what"
	else
		TAP_FAILED=$((TAP_FAILED + 1))
		printf 'not ok %d - %s\n#   failed: %s\n' "$TAP_COUNT" "$what" "$*"
	fi
}

is() { # GOT WANT WHAT
	ok "$3" test "$1" = "$2"
	[ "$1" = "$2" ] || printf '#   got  %s\n#   want %s\n' "$1" "$2"
}

like() { # GOT PATTERN WHAT: an extended regular expression
	TAP_COUNT=$((TAP_COUNT + 1))
	if grep -Eq -- "$2" <<<"$1"; then
		printf 'ok %d - %s\n' "$TAP_COUNT" "$3"
	else
		TAP_FAILED=$((TAP_FAILED + 1))
		printf 'not ok %d - %s\n#   no match for: %s\n' "$TAP_COUNT" "$3" "$2"
		head -n 30 <<<"$1" | sed 's/^/#   | /'
	fi
}

done_testing() {
	printf '1..%d\n' "$TAP_COUNT"
	[ "$TAP_FAILED" = 0 ] || say "kept for a look: $OUT"
	[ "$TAP_FAILED" = 0 ]
}

nap() { read -rt "$1" <> <(:) || true; } # between two looks

hold() { # SECONDS: lets a planted state last
	local end=$((SECONDS + $1))
	while ((SECONDS < end)); do nap 0.5; done
}

wait_until() { # SECONDS WHAT COMMAND…: polls; the test ends if it never holds
	local end=$((SECONDS + $1)) what=$2
	shift 2
	until "$@"; do
		if ((SECONDS >= end)); then
			printf 'Bail out! waited in vain until %s\n' "$what"
			exit 1
		fi
		nap 0.2
	done
}

# ---- the lab ------------------------------------------------------------------------

lab() { "$ROOT/tests/lab/lab" -n "$LAB" "$@"; }

# Takes a free lab of the pool and makes sure that it is healthy.
live_lab() {
	local name
	while [ -z "$LAB" ]; do
		for name in $LIVE_LABS; do
			exec {LAB_LOCK}>"/run/lock/pgmonkey-live-$name"
			if flock -n "$LAB_LOCK"; then
				LAB=$name
				break
			fi
			exec {LAB_LOCK}>&-
		done
		[ -n "$LAB" ] || nap 0.5
	done
	lab up >"$OUT/lab-up.log" 2>&1 || lab up --fresh >"$OUT/lab-up.log" 2>&1 ||
		{ sed 's/^/# /' "$OUT/lab-up.log"; echo 'Bail out! no healthy lab'; exit 1; }
	lab inventory >"$OUT/cluster.json"
}

# A request that changes something, to whichever member answers first:
# patroni_ask POST restart '{"schedule": …}' [MEMBER_NUMBER]
patroni_ask() {
	# shellcheck disable=SC2016 # expanded inside, where LAB_DIR is set
	lab exec bash -c 'for n in ${4:-11 12 13}; do
		curl -sS --fail --max-time 5 -u "pgmonkey:$(cat "$LAB_DIR/patroni.password")" -X "$1" \
			-H "Content-Type: application/json" ${3:+-d "$3"} "http://10.88.0.$n:8008/$2" && exit
	done; exit 1' _ "$1" "$2" "${3:-}" "${4:-}"
}

# Changes Patroni's dynamic configuration: patch '{"synchronous_mode": false}'
patch_patroni() { patroni_ask PATCH config "$1" >/dev/null; }

# From whichever member answers first: patroni_get cluster
patroni_get() {
	# shellcheck disable=SC2016 # expanded by the inner bash
	lab exec bash -c 'for n in 11 12 13; do
		curl -sS --fail --max-time 3 "http://10.88.0.$n:8008/$1" 2>/dev/null && exit; done; exit 1' _ "$1"
}

leader() { patroni_get cluster | jq -r '.members[] | select(.role == "leader") | .name'; }

# PostgreSQL has one before Patroni's next loop tells of it.
sync_standby() {
	wait_until 30 "the manager names a synchronous standby" names_sync_standby >&2
	names_sync_standby
}
names_sync_standby() {
	patroni_get cluster | jq -er '.members[] | select(.role == "sync_standby") | .name'
}

# SQL as a superuser on one host, past PGMonkey and the network: the independent witness.
sql_on() { # HOST SQL
	lab root "$1" runuser -u postgres -- psql -XAtq -d app -c "$2"
}

boot_id() { lab root "$1" cat /proc/sys/kernel/random/boot_id; }

cluster_is_healthy() { lab status >/dev/null 2>&1; }

# For a test that changes hosts so much that mending is not worth it: the lab goes away
# with the test, and the next one makes it anew.
spoil_lab() { trap 'lab down >"$OUT/lab-down.log" 2>&1' EXIT; }

put_file() { # HOST PATH [MODE]: standard input becomes a file on the host
	# shellcheck disable=SC2016 # expanded inside the host
	lab root "$1" bash -c 'mkdir -p "${1%/*}" && cat >"$1" && chmod "$2" "$1"' _ "$2" "${3:-644}"
}

# ---- pgmonkey -------------------------------------------------------------------------

monkey() { (become_monkey "$@"); }

# In place of this shell, so that in the background $! is the agent itself.
become_monkey() {
	exec "$ROOT/tests/lab/lab" -n "$LAB" exec \
		env "PGMONKEY_STATE_DIR=$PGMONKEY_STATE_DIR" "$PGMONKEY" "$@"
}

# A scenario file around one fault: scenario FAULT_JSON [MORE_JSON] > FILE
scenario() {
	jq -n --argjson fault "$1" --argjson more "${2:-{\}}" --arg name "$TEST" '{
		experiment: $name,
		why: "live test",
		steady_state: { hold_seconds: 3 },
		fault: $fault,
		observe: { limit_seconds: 90, after_seconds: 3 }
	} * $more'
}

# run_scenario FAULT_JSON [MORE_JSON]: plays it; STATUS, LEDGER and the JSON report follow.
run_scenario() {
	scenario "$@" >"$OUT/scenario.json"
	play_scenario
}

play_scenario() {
	RUNS=$((${RUNS:-0} + 1))
	LEDGER=$OUT/$RUNS.jsonl
	STATUS=0
	monkey run "$OUT/cluster.json" "$OUT/scenario.json" --ledger "$LEDGER" \
		>"$OUT/$RUNS.out" 2>"$OUT/$RUNS.err" </dev/null || STATUS=$?
	[ ! -e "$LEDGER" ] || make_report
}

# start_scenario FAULT_JSON [MORE_JSON]: the same in the background. AGENT is pgmonkey's own
# pid, to be killed or waited for; wait_scenario goes on as run_scenario does.
start_scenario() {
	scenario "$@" >"$OUT/scenario.json"
	RUNS=$((${RUNS:-0} + 1))
	LEDGER=$OUT/$RUNS.jsonl
	become_monkey run "$OUT/cluster.json" "$OUT/scenario.json" --ledger "$LEDGER" \
		>"$OUT/$RUNS.out" 2>"$OUT/$RUNS.err" </dev/null &
	AGENT=$!
}

wait_scenario() {
	STATUS=0
	wait "$AGENT" || STATUS=$?
	[ ! -e "$LEDGER" ] || make_report
}

in_phase() { grep -qs "\"phase\":\"$1\"" "$LEDGER"; } # has it begun?

change_cluster() { # JQ_FILTER [OPTIONS OF jq]
	jq "${@:2}" "$1" "$OUT/cluster.json" >"$OUT/cluster.new"
	mv "$OUT/cluster.new" "$OUT/cluster.json"
}

make_report() {
	"$PGMONKEY" report "$LEDGER" --format json >"$OUT/report.json" || true
	say "$(jq -c '{verdict, reasons, rto, rpo: (.rpo | del(.lost_keys)), evidence: .fault.evidence,
		redundancy: .redundancy_restored_seconds}' "$OUT/report.json")"
}

report() { jq -r "$1" "$OUT/report.json"; }
report_has() { jq -e "$1" "$OUT/report.json" >/dev/null; } # for ok()

reports() { jq -e "$1" "$OUT/report.json" >/dev/null; } # FILTER: is it true of the report?

# Acked keys of the last run that are not on HOST, counted without PGMonkey's verdict.
lost_on() { # HOST
	local run
	run=$(jq -r 'select(.event == "run") | .run' "$LEDGER")
	jq -r 'select(.event == "attempt" and .outcome == "acked" and .seq and (.newest == null)) |
		"\(.probe) \(.seq)"' "$LEDGER" | sort >"$OUT/acked"
	sql_on "$1" "SELECT probe || ' ' || seq FROM pgmonkey.writes WHERE run = '$run'" |
		sort >"$OUT/present"
	comm -23 "$OUT/acked" "$OUT/present" | wc -l
}

# What every clean run must come to.
is_clean_run() { # FAULT
	is "$STATUS" 0 "$1: exit code 0"
	is "$(report .verdict)" pass "$1: the verdict is pass"
	is "$(report .fault.confirmed)" true "$1: the fault is confirmed"
	is "$(report .rpo.lost)" 0 "$1: nothing acknowledged was lost"
	is "$(lost_on "$(leader)")" 0 "$1: the test itself finds every acknowledged row on the primary"
	ok "$1: rows were acknowledged" test "$(report .rpo.acked)" -gt 100
}
