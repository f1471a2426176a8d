#!/bin/bash
# A seeded game day: the same seed gives the same plan; a ledger each; one report over all,
# the same bytes on another machine.
source "$(dirname "$0")/lib.sh"
live_lab

scenario '{"switchover": {"target": "primary"}}' >"$OUT/a.json"
scenario '{"kill_proxy": {"target": "proxy", "service": "haproxy", "how": "kill"}}' >"$OUT/b.json"
cat >"$OUT/day.json" <<'J'
{ "game_day": "two things", "scenarios": [ { "file": "a.json" }, { "file": "b.json" } ],
  "play": 2, "order": "each_once", "pause": { "min_seconds": 1, "max_seconds": 2 } }
J
plan() { "$PGMONKEY" plan "$OUT/cluster.json" "$OUT/day.json" --seed "$1"; }
is "$(plan 7)" "$(plan 7)" "the same seed, the same plan"

STATUS=0
monkey gameday -v "$OUT/cluster.json" "$OUT/day.json" --seed 7 >"$OUT/day.out" 2>"$OUT/day.err" </dev/null ||
	STATUS=$?
is "$STATUS" 0 "the game day: exit code 0"
is "$(find "$OUT/state" -name '*.jsonl' | wc -l)" 2 "two ledgers"
mapfile -t ledgers < <(find "$OUT/state" -name '*.jsonl' | sort)
"$PGMONKEY" report --format json "${ledgers[@]}" >"$OUT/report.json"
is "$(report '.experiments | length')" 2 "a report over both"
is "$(report .verdict)" pass "the verdict is pass"
is "$(report '[.experiments[].fault.confirmed] | all')" true "both are confirmed"
ok "the seed is printed" grep -hq '\b7\b' "$OUT/day.out" "$OUT/day.err"

mkdir -p "$OUT/elsewhere"
cp "${ledgers[@]}" "$OUT/elsewhere/"
for format in text markdown json; do
	ok "report in $format from a copy: the same bytes" cmp \
		<("$PGMONKEY" report --format "$format" "${ledgers[@]}") \
		<(cd "$OUT/elsewhere" && "$PGMONKEY" report --format "$format" ./*.jsonl)
done
done_testing
