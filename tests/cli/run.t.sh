#!/bin/bash
# run, gameday, heal, report: refusals and their exit codes; nothing is reached.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

pause=0
all_files forbidden
run run cluster.json reboot.json
is_status 5 "chaos is forbidden"
has err "does not allow chaos"
[[ $(grep -c 'does not allow chaos' err) == 1 ]]
result $? "… which is said once"
run run --quiet cluster.json reboot.json
has_lines err 1 "… in one line with --quiet"
holds "nothing is left locked" flock -n state/billing/lock true

run gameday cluster.json day.json --seed 5
is_status 5 "a game day where all are refused"
is_empty out "cron gets nothing on standard output"
[[ $(grep -c 'billing: .*refused: .*does not allow chaos' err) == 2 ]]
result $? "… two refusals are told, and end the day"
has err "stopped after 2 of 12 experiments (seed 5)"

all_files allowed
# The lock of a run that is under way.
mkdir -p state/billing
exec 9>state/billing/lock
flock 9
run run cluster.json reboot.json
is_status 5 "another run holds the lock"
has err "another run holds"
run run --quiet cluster.json reboot.json
has_lines err 1 "… in one line with --quiet"
run gameday cluster.json day.json
is_status 5 "a second game day"
has_lines err 1 "… leaves with one line under cron"
is_empty out
exec 9>&-

run run cluster.json missing.json
is_status 65
run run missing.json absent.json
is_status 65
has err "missing.json"
has err "absent.json"
scenario_file nowhere.json reboot_host host:db9
run run cluster.json nowhere.json
[[ $status == 65 || $status == 5 ]]
result $? "a target that the cluster does not have"

day=$(LC_ALL=C date -d '+2 days' +%a | tr '[:upper:]' '[:lower:]')
gameday_file window.json '"window": { "days": ["'"$day"'"], "from": "03:00", "to": "03:01" }'
run gameday cluster.json window.json
is_status 5 "outside of the window"
has err "the window is closed; it opens at $(date -d '+2 days' +%F)T03:00:00"
has_lines err 1

"$pgmonkey" gameday cluster.json window.json --wait >out 2>err &
pid=$!
# It has the lock, and a moment later its handler of SIGTERM (bit 14 of the mask).
for _ in {1..250}; do
	grep -q "pid $pid," state/billing/lock &&
		grep -qE '^SigCgt:.*[4-7c-f][0-9a-f]{3}$' "/proc/$pid/status" && break
	sleep 0.02
done
kill -TERM "$pid"
status=0
wait "$pid" || status=$?
is_status 5 "SIGTERM ends the wait for the window: nothing was touched"

run --state-dir /proc/nowhere run cluster.json reboot.json
is_status 5 "no state directory, no run"
has err "/proc/nowhere"

run heal missing.jsonl
is_status 65 "heal: no such ledger"
has err "missing.jsonl"
run report missing.jsonl
is_status 65 "report: no such ledger"
is_empty out
mkdir empty
run report empty
is_status 65
has err "no ledger"
echo '{"event":"phase"}' >torn.jsonl
run report torn.jsonl
is_status 65 "what is no ledger"
holds "… is named" grep -q '^torn.jsonl' err

# The shortest ledgers there are: a run that ended before anything was broken.
ledger_file() { # FILE EXPERIMENT
	cat >"$1" <<-END
	{"event":"run","t_us":0,"schema":1,"pgmonkey":"0.1.0","run":"r-$2","started":"2026-11-25T02:15:51.000Z","cluster":"billing","environment":"test","experiment":"$2","seed":"42","objectives":{"rto_seconds":60,"rpo_rows":0,"sync_standbys":1},"recovered_for_us":1000000,"timely_us":1000000}
	{"event":"end","t_us":1000}
	END
}
mkdir day
ledger_file day/2.jsonl second
ledger_file day/1.jsonl "$(printf 'fir\\u001b[31mst')"
echo "no ledger" >day/README
for format in text markdown json; do
	run report --format "$format" day/
	is_status 0 "report of a directory as $format"
	has_not out $'\e' "… without a control character"
	[[ $(grep -n second out | tail -1 | cut -d: -f1) -gt $(grep -n 'fir.*st' out | tail -1 | cut -d: -f1) ]]
	result $? "… in the order of names"
	cp out first
	run report --format "$format" -o "report.$format" day
	is_status 0
	is_empty out
	holds "-o writes the same" cmp first "report.$format"
done
run report day/2.jsonl
has out second
has_not out "fir"
run report --format json day torn.jsonl
is_status 65 "one bad ledger spoils the report"
is_empty out
run report -o /proc/nowhere/x day
is_status 5 "a place that cannot be written"
run heal day/1.jsonl
is_status 0 "heal: nothing is open"
has out "nothing to heal"
exec 9>state/billing/lock
flock 9
run heal day/1.jsonl
is_status 5 "heal leaves a run alone that is under way"
has err "another run holds"
exec 9>&-
tap_end
