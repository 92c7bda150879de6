#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Quotas on the processor time of the switch and of the endpoints, and noisy neighbours. Against the real thing: cgroups
# of this kernel, stress-ng, switches and endpoints at full speed. Pollers: one file at a time.

load common

RAW=(--runtime netns -V veth -I raw --payload headers)
TESTPMD=(--runtime netns -V testpmd -I dpdk --hugepages none --payload headers)

require_quotas() {
	[ -d /sys/fs/cgroup/cpu ] || grep -qw cpu /sys/fs/cgroup/cgroup.controllers 2>/dev/null ||
		skip "no cgroup hierarchy with the controller cpu"
}

require_stress() {
	command -v stress-ng >/dev/null || skip "no stress-ng"
}

# A switch with threads of its own, and an endpoint that keeps it busy.
require_testpmd() {
	lanebench doctor --json >doctor.json || true
	jq -e '[(.switches[] | select(.name == "testpmd")), (.io[] | select(.name == "dpdk"))]
		| length == 2 and all(.available)' doctor.json >/dev/null || skip "no testpmd, or no dpdk"
}

# The cgroups of this test's runs.
groups() {
	local run
	for run in "$LANEBENCH_STATE"/*/; do
		[ -d "$run" ] || continue
		find /sys/fs/cgroup -type d -name "lb-$(basename "$run")-*"
	done
}

group_called() { # NAME
	groups | grep -- "-$1\$"
}

# Falls with the quota. (Where others are busy, a switch that may use a whole processor does not get it.)
falls() {
	rm -rf falls
	lanebench run -q --no-survey -o falls "${TESTPMD[@]}" -t 1s -w 300ms --switch-quota 100%,25%,5% >out 2>&1 || {
		cat out
		return 1
	}
	jq -se 'map(.rx.forwarded_pps) | .[1] < .[0] and .[2] < .[1] * 0.8' falls/trials.jsonl >/dev/null || {
		jq -c '[.test["switch-quota"], .status, .reason, .rx.forwarded_pps, .cpu.throttled]' falls/trials.jsonl
		return 1
	}
}

@test "throughput falls with the quota of the switch, and the record says what it was" {
	require_quotas
	require_testpmd
	attempt falls
	all_trials falls '.effective.quota.switch.processors == .test["switch-quota"]
		and .effective.quota.endpoints == null
		and (.cpu.throttled.switch | .periods >= 5 and .throttled <= .periods)
		and .cpu.throttled.endpoints == null
		and .cpu.switch.busy <= .test["switch-quota"] * 1.3 + 0.05'
	all_trials falls 'if .test["switch-quota"] == 0.05 then .cpu.throttled.switch.throttled > 0 else true end'
	[ -z "$(groups)" ]
}

slower() {
	rm -rf slower
	lanebench run -q --no-survey -o slower "${RAW[@]}" -t 1s -w 300ms --endpoint-quota none,10% >out 2>&1 || {
		cat out
		return 1
	}
	[ "$(jq -s 'map(.rx.forwarded_pps) | .[1] < .[0] * 0.7' slower/trials.jsonl)" = true ]
}

@test "endpoints with a quota" {
	require_quotas
	attempt slower
	all_trials slower 'if .test["endpoint-quota"] == 0.1 then
		(.effective.quota.endpoints | length == 2 and all(.quota_us == 10000 and .period_us == 100000))
		and (.cpu.throttled.endpoints | any(.throttled > 0)) and (.cpu.endpoints | all(.busy < 0.2))
		else .effective.quota == {"switch": null, "endpoints": null} end'
	# Ports are opened without it, and in a container it means the same.
	run_sound lxc --runtime lxc -V veth -I raw "${SHORT[@]}" -R 1000 --endpoint-quota 10% -S 2vs2
	all_trials lxc '.effective.quota.endpoints | length == 4 and all(.processors == 0.1)'
	[ -z "$(groups)" ]
}

@test "a neighbour is at work on the switch's processors while packets flow, and gone after" {
	require_quotas
	require_stress
	local group pid
	start_run beside "${RAW[@]}" -t 2s -w 100ms --neighbour cpu --processors 0-1
	wait_for 10 group_called neighbour
	group=$(group_called neighbour | head -1)
	wait_for 5 grep -q . "$group/cgroup.procs"
	wait_for 5 pgrep -f 'stress-ng-cpu'
	sleep 0.5
	for pid in $(cat "$group/cgroup.procs"); do
		[[ "$(cat "/proc/$pid/comm")" == stress-ng* ]] || fail "$(cat "/proc/$pid/comm") in $group"
		grep -qE '^Cpus_allowed_list:\s(0-1|0|1)$' "/proc/$pid/status" || fail "$(grep Cpus "/proc/$pid/status")"
		confined_program "$pid"
	done
	[ "$(wc -l <"$group/cgroup.procs")" -ge 2 ]
	ended 0
	all_trials beside '.status == "ok" and .effective.neighbour.name == "cpu" and .effective.neighbour.processes >= 2
		and (.effective.neighbour.version | startswith("stress-ng"))'
	[ ! -d "$group" ]
	grep -q 'dispatching hogs' beside/logs/neighbour.log
}

@test "a neighbour stays on the one processor that the switch has, or runs on all" {
	require_quotas
	require_stress
	require_testpmd
	[ "$(nproc)" -ge 2 ] || skip "one processor"
	lanebench run -q --no-survey -o places "${TESTPMD[@]}" -t 300ms -w 100ms --neighbour cpu --neighbour-place pinned,free >out 2>&1
	all_trials places 'if .test["neighbour-place"] == "pinned"
		then .effective.neighbour.processors == .effective.placement.switch_threads
		else .effective.neighbour.processors | length >= 2 end
		and (.effective.neighbour.argv | index("1") == 2)'
}

@test "threads of a switch that is free are pinned no more" {
	require_testpmd
	[ "$(nproc)" -ge 2 ] || skip "one processor"
	local pid
	start_run free "${TESTPMD[@]}" -t 2s -w 100ms --switch-place free
	all_free() {
		pid=$(pgrep -P "$RUN" -f testpmd | head -1) && [ -n "$pid" ] &&
			! grep -hE '^Cpus_allowed_list:\s[0-9]+$' /proc/"$pid"/task/*/status
	}
	wait_for 10 all_free
	ended 0
}

@test "a command of the user's, from the command line alone" {
	require_quotas
	printf '#!/bin/sh\n[ "$1" = "two words" ] || exit 9\n: >"$2"\nsleep 31557 &\nexec sleep 31557\n' >load.sh
	chmod +x load.sh
	lanebench run -q -o mine "${RAW[@]}" "${SHORT[@]}" --neighbour-command ./load.sh "two words" "$HERE/it-ran" -t 9 >out
	all_trials mine '.status == "ok" and .test.neighbour == "command" and .test.duration == 0.2
		and .effective.neighbour.argv == ["env", "--", "./load.sh", "two words", $ENV.HERE + "/it-ran", "-t", "9"]'
	[ -e it-ran ]
	[ -z "$(groups)" ]
	# what it left behind is gone with it
	run ! pgrep -f 'sleep 31557'
	# a suite cannot bring one
	printf 'name: x\ntests:\n  - {runtime: netns, io: raw, neighbour: [command, none]}\n' >x.yaml
	run -3 lanebench run -q -o none x.yaml "${SHORT[@]}"
	[ "$(jq -r 'select(.test.neighbour == "command") | [.status, .reason] | join(": ")' none/trials.jsonl)" = \
		"skipped: neighbour command: none was given" ]
	printf 'name: x\ntests:\n  - {runtime: netns, io: raw, neighbour: command}\nneighbour-command: [touch, here]\n' >x.yaml
	run -2 lanebench run -q -o none2 x.yaml "${SHORT[@]}"
	[[ "$output" == *neighbour-command* ]]
	[ ! -e here ]
}

@test "a neighbour that does not stay fails the trial, with the cause" {
	require_quotas
	run -1 lanebench run -q -o dead "${RAW[@]}" "${SHORT[@]}" --neighbour-command sh -c 'echo noise; echo my last words >&2; exit 7'
	all_trials dead '.status == "failed" and (.reason | test("neighbour command exited with status 7 [(]my last words[)] in mid-trial"))
		and (.remedy | test("logs/neighbour.log"))'
	grep -qx 'my last words' dead/logs/neighbour.log
	run ! grep -q noise dead/logs/neighbour.log
	run -1 lanebench run -q -o nothing "${RAW[@]}" "${SHORT[@]}" --neighbour-command /no/such/program
	all_trials nothing '.status == "failed"'
	grep -q '/no/such/program' nothing/logs/neighbour.log
}

@test "kill -9 leaves no cgroup and no neighbour, after clean" {
	require_quotas
	require_stress
	snapshot >before
	start_run killed --runtime lxc -V veth -I raw -t 20s --endpoint-quota 50% --neighbour cpu
	wait_for 10 pgrep -f "temp-path $LANEBENCH_STATE"
	wait_for 10 group_called quota-1
	kill -9 "$RUN"
	wait "$RUN" || true
	lanebench clean >/dev/null
	[ -z "$(groups)" ]
	run ! pgrep -f "temp-path $LANEBENCH_STATE"
	same_host
}

@test "what is impossible is said before anything is created" {
	local what
	for what in "--switch-quota 50%" "--switch-place free"; do
		run -2 lanebench run -V veth -I raw $what
		[[ "$output" == *"which has no threads of its own"*remedy*testpmd* ]] || fail "$output"
	done
	for what in 0 0% 0.5% 101% 2 -1% half 50%%; do
		run -2 lanebench run -V veth -I raw --endpoint-quota "$what"
		[[ "$output" == *"allowed: none, or 1% to 100%"* ]] || fail "$what: $output"
	done
	run -2 lanebench run --neighbour cup
	[[ "$output" == *"did you mean 'cpu'"* ]]
	run -2 lanebench run -V veth --neighbour-command
	run -2 lanebench run -V veth --neighbour cpu --neighbour-command true
	[[ "$output" == *"no test has neighbour command"* ]]
	[ ! -e results ]
	# the place of a neighbour that there is not makes no difference
	[ "$(lanebench run --dry-run --json -V veth --neighbour none,cpu --neighbour-place pinned,free | wc -l)" = 3 ]
}

@test "without root they are skipped, with the reason" {
	setpriv --reuid=65534 --regid=65534 --clear-groups --no-new-privs true 2>/dev/null || skip "no setpriv"
	public_lanebench
	mkdir own && chown 65534:65534 own
	cd own
	run env LANEBENCH_STATE="$PWD/state" HOME="$PWD" setpriv --reuid=65534 --regid=65534 --clear-groups \
		"$HERE/lanebench" run -q -o r "${RAW[@]}" "${SHORT[@]}" --endpoint-quota 50% --neighbour none,cpu
	[ -e r/trials.jsonl ] || skip "no user namespaces here: $output"
	all_trials r '.status == "skipped" and (.reason | test("cgroup")) and (.remedy | test("root"))'
}

@test "cache ways: set apart and given back where the processor can, else skipped with the remedy" {
	local status=0 root=/sys/fs/resctrl before
	before=$(cat $root/schemata 2>/dev/null || true)
	lanebench run -q $NO_SURVEY --runtime netns -V veth -I raw --cache-ways 2 -t 100ms -w 20ms -o record >/dev/null 2>&1 || status=$?
	if [ -n "$before" ] && grep -q L3: <<<"$before"; then
		[ $status = 0 ] || fail "$(cat record/trials.jsonl)"
		all_trials record '.effective.cache.ways == 2'
		[ "$(cat $root/schemata)" = "$before" ]
		return
	fi
	run -0 jq -r '"\(.status): \(.reason) \(.remedy)"' record/trials.jsonl
	[[ "$output" == "skipped: cache ways cannot be set apart on this machine"*"mount -t resctrl"* ]] || fail "$output"
}
