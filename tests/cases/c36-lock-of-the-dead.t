#!/bin/bash
# C36: an agent in a pid namespace of its own has the same small pid each time, so a lock
# that rests on pids is held by whoever has that pid now. The agent is killed while HAProxy
# is stopped: the next run names the command that heals, and nobody removes a file. A run
# that is really under way is left alone by a second one, with one line.
# Not planted: a reboot of the agent's own machine. The lock is the kernel's (flock), so it
# ends with the agent, however that ends.
source "$(dirname "$0")/../live/lib.sh"
live_lab
trap 'lab root px1 systemctl start haproxy' EXIT

MONKEY=$PGMONKEY
PGMONKEY=$OUT/contained
cat >"$PGMONKEY" <<-SH
	#!/bin/sh
	exec unshare --pid --fork --kill-child --mount-proc "$MONKEY" "\$@"
SH
chmod +x "$PGMONKEY"
LONG_STOP='{"kill_proxy": {"target": "host:px1", "service": "haproxy", "how": "stop", "stop_seconds": 300}}'
lock_holder() { cat "$PGMONKEY_STATE_DIR/$LAB/lock"; }
haproxy() { lab root px1 systemctl is-active haproxy || true; }

start_scenario "$LONG_STOP"
wait_until 60 "the run observes" in_phase OBSERVE
is "$(haproxy)" inactive "haproxy is stopped"
like "$(lock_holder)" '^pid 1,' "the agent's pid is 1"
kill -KILL "$AGENT"
wait "$AGENT" || true
ok "the lock's file is still there" test -s "$PGMONKEY_STATE_DIR/$LAB/lock"

first=$LEDGER
run_scenario '{"switchover": {"target": "primary"}}'
is "$STATUS" 5 "the next run, with the same pid: refused"
like "$(cat "$OUT/$RUNS.err")" "pgmonkey heal .*/1.jsonl" "it names the command that heals"
ok "it does not speak of a run under way" bash -c "! grep -q 'holds this' '$OUT/$RUNS.err'"
is "$(haproxy)" inactive "it touched nothing"

ok "pgmonkey heal" monkey heal "$first"
is "$(haproxy)" active "haproxy runs again"
wait_until 30 "the lab is healthy again" cluster_is_healthy

# Nothing was removed by hand; a run that holds the lock, and a second one from cron.
start_scenario "${LONG_STOP/300/15}"
wait_until 60 "the run after the heal observes" in_phase OBSERVE
overlap() { # VERB ARGUMENTS…
	STATUS=0
	monkey "$@" >"$OUT/overlap.out" 2>"$OUT/overlap.err" </dev/null || STATUS=$?
	is "$STATUS" 5 "a second $1: refused"
	is "$(cat "$OUT/overlap.out" "$OUT/overlap.err" | wc -l)" 1 "a second $1: one line"
	like "$(cat "$OUT/overlap.err")" 'lock' "a second $1: about the lock"
}
echo '{"game_day": "nightly", "scenarios": [{"file": "scenario.json"}], "play": 1}' >"$OUT/day.json"
overlap gameday "$OUT/cluster.json" "$OUT/day.json"
overlap run --quiet "$OUT/cluster.json" "$OUT/scenario.json"
ok "the first goes on" kill -0 "$AGENT"
wait_scenario
is_clean_run "the first, undisturbed"
done_testing
