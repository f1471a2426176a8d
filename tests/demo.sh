#!/bin/bash
# `make demo`: brings the lab up, plays scenarios/game-day.json on it, says where the report
# lies, and takes the lab down again, however it ends.
set -euo pipefail

ROOT=$(cd "$(dirname "$0")/.." && pwd)
PGMONKEY=${PGMONKEY:-$ROOT/build/pgmonkey}
lab() { "$ROOT/tests/lab/lab" -n demo "$@"; }
OUT=$ROOT/build/demo
SEED=${SEED:-42}

down() {
	trap - EXIT INT TERM
	lab down >"$OUT/lab-down.log" 2>&1 || { cat "$OUT/lab-down.log" >&2; exit 1; }
}

rm -rf "$OUT"
mkdir -p "$OUT"
trap down EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

echo "== the lab: three database hosts and two proxies (the first time its image is made)"
lab up
lab inventory >"$OUT/cluster.json"

echo "== check"
lab exec "$PGMONKEY" check "$OUT/cluster.json" "$ROOT"/scenarios/reboot-primary.json

echo "== the game day, seed $SEED"
status=0
lab exec env PGMONKEY_STATE_DIR="$OUT/state" "$PGMONKEY" gameday -v "$OUT/cluster.json" \
	"$ROOT/scenarios/game-day.json" --seed "$SEED" || status=$?
for format in text markdown json; do
	"$PGMONKEY" report --format "$format" "$OUT"/state/*/ >"$OUT/report.$format"
done
echo "== reports: $OUT/report.text, report.markdown, report.json; ledgers: $OUT/state/"
exit "$status"
