#!/bin/bash
# `make bench`: the figures of the README, as ratios measured in one run on a lab of its own.
#
#   start-up     `pgmonkey check --offline` against an empty program with the same libraries
#   agent        CPU and memory at 100 write attempts a second, with and without the fresh
#                sessions whose SCRAM handshake is most of its CPU
#   inject       from INJECT to the answer with warm SSH, against a cold `ssh host cmd`
set -euo pipefail

ROOT=$(cd "$(dirname "$0")/../.." && pwd)
PGMONKEY=$(readlink -f "${1:-$ROOT/build/pgmonkey}")
OUT=$ROOT/build/bench
lab() { "$ROOT/tests/lab/lab" -n bench "$@"; }
rm -rf "$OUT"
mkdir -p "$OUT/state"
trap 'lab down >/dev/null 2>&1' EXIT
trap 'exit 130' INT TERM

machine() {
	printf '%s, %s cores, Linux %s, %s\n' \
		"$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)" "$(nproc)" "$(uname -r)" \
		"$(. /etc/os-release && echo "$PRETTY_NAME")"
}

# Seconds of wall time for N runs of a command, as a decimal.
time_of() { # N COMMAND…
	local n=$1 i began
	shift
	began=$EPOCHREALTIME
	for ((i = 0; i < n; i++)); do "$@" >/dev/null; done
	jq -n "$EPOCHREALTIME - $began"
}

# Plays the scenario $1 on the lab, into $OUT/$2.jsonl; prints "CPU_SECONDS PEAK_KB".
agent_cost() {
	local pid peak=0 hwm status
	# shellcheck disable=SC2016 # expanded by the inner bash
	lab exec env PGMONKEY_STATE_DIR="$OUT/state" bash -c '
		TIMEFORMAT="%U %S"; { time "$@" >"$0.out" 2>"$0.err"; } 2>"$0.time" & echo $! >"$0.pid"; wait' \
		"$OUT/$2" "$PGMONKEY" run "$OUT/cluster.json" "$1" --ledger "$OUT/$2.jsonl" &
	while [ ! -s "$OUT/$2.time" ]; do
		pid=$(pgrep -f "^$PGMONKEY run .*$OUT/$2.jsonl" | head -n 1 || true)
		hwm=$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\).*/\1/p' "/proc/${pid:-none}/status" 2>/dev/null || true)
		[ "${hwm:-0}" -le "$peak" ] || peak=$hwm
		read -rt 0.2 <> <(:) || true
	done
	wait $! && status=0 || status=$?
	[ "$status" = 0 ] || { tail -n 5 "$OUT/$2.err" >&2; exit 1; }
	echo "$(jq -Rr 'split(" ") | map(tonumber) | add' "$OUT/$2.time") $peak"
}

echo "machine: $(machine)"
"$PGMONKEY" --version | head -n 1

# ---- start-up
# Most of it is the dynamic loader's, for libpq and libcurl and what they need in turn: so the
# yardstick is a program that does nothing, linked to the same libraries.
echo 'int main(void) { return 0; }' >"$OUT/nothing.c"
# shellcheck disable=SC2046 # flags
cc -O2 -o "$OUT/nothing" "$OUT/nothing.c" -Wl,--no-as-needed \
	$(pkg-config --libs libpq libssh2 libcjson libcurl)
monkey=$(time_of 300 "$PGMONKEY" check --offline -q "$ROOT/scenarios/switchover.json")
nothing=$(time_of 300 "$OUT/nothing")
jq -rn --argjson m "$monkey" --argjson n "$nothing" \
	'"start-up: check --offline takes \($m / 300 * 10000 | round / 10) ms, \($m / $n * 100 | round / 100) times a program that does nothing with the same libraries"'

# ---- on a cluster
lab up >"$OUT/lab-up.log" 2>&1 || { cat "$OUT/lab-up.log"; exit 1; }
lab inventory >"$OUT/cluster.json"
watch() { # RENEW_MS
	jq -n --argjson renew "$1" '{
		experiment: "bench", why: "watch for a minute", steady_state: { hold_seconds: 3 },
		fault: { by_hand: { seconds: 60 } },
		observe: { limit_seconds: 90, after_seconds: 1 },
		probe: { write: { every_ms: 20, renew_ms: $renew, via: ["primary_endpoint", "direct_endpoint"] },
		         read: { every_ms: 1000, renew_ms: $renew } } }'
}
watch 1000 >"$OUT/renewing.json"
watch 3600000 >"$OUT/held.json"
read -r renewing_cpu renewing_peak < <(agent_cost "$OUT/renewing.json" renewing)
read -r held_cpu _ < <(agent_cost "$OUT/held.json" held)
seconds() { jq -s 'map(.t_us) | (max - min) / 1e6' "$OUT/$1.jsonl"; }
jq -rn --argjson cpu "$renewing_cpu" --argjson s "$(seconds renewing)" --argjson held "$held_cpu" \
	--argjson h "$(seconds held)" --argjson kb "$renewing_peak" '
	"agent at 100 writes/s: \($cpu / $s * 10000 | round / 100) % of a core with a fresh session a second and endpoint, " +
	"\($held / $h * 10000 | round / 100) % with held sessions; \($kb / 1024 * 10 | round / 10) MB at its peak"'

jq -n '{ experiment: "bench inject", why: "warm SSH", steady_state: { hold_seconds: 2 },
	fault: { kill_proxy: { target: "host:px2", service: "haproxy", how: "restart" } },
	observe: { limit_seconds: 60, after_seconds: 1 } }' >"$OUT/inject.json"
lab exec env PGMONKEY_STATE_DIR="$OUT/state" "$PGMONKEY" run "$OUT/cluster.json" "$OUT/inject.json" \
	--ledger "$OUT/inject.jsonl" >"$OUT/inject.out" 2>&1 || { tail -n 5 "$OUT/inject.out"; exit 1; }
warm=$(jq 'select(.event == "injected") | (.answered_us - .t_us) / 1e6' "$OUT/inject.jsonl")
cold=$(time_of 1 lab ssh px2 sudo -n systemctl restart haproxy.service)
jq -rn --argjson w "$warm" --argjson c "$cold" \
	'"inject: \($w * 1000 | round) ms with warm SSH, \($c / $w * 10 | round / 10) times as long by a cold ssh"'
