#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What packets cost, and what the machine does by itself: fields of the record, and that they agree with each other.
load common

# With the survey of the machine: it is what most of this is about.
NO_SURVEY=
SHORT=(-t 200ms -w 50ms --drain 50ms)

# Does this jq condition hold of the record's run.json?
run_says() { # RECORD CONDITION
	jq -e "$2" "$1/run.json" >/dev/null || fail "not true of run.json: $2" "$(jq -c .noise "$1/run.json")"
}

@test "a trial has its cost, and what it has not says why" {
	run_sound record --runtime netns -V veth,linux-bridge -I raw-mmsg -t 500ms -w 50ms
	all_trials record '.cpu | .baseline.busy >= 0 and .baseline.window_s >= 0.4 and .net.busy >= 0
		and .net.busy <= .machine.busy + 1e-9
		and ([.net.user, .net.nice, .net.system, .net.irq, .net.softirq] | all(. >= 0))'
	# Either a cost, of which the parts are parts, or the reason why there is none.
	all_trials record '. as $trial | .cpu | if .cost.packet_ns then
			(.cost.packet_ns * $trial.rx.forwarded_pps / 1e9 / .net.busy - 1 | fabs < 1e-6)
			and .cost.rest_ns >= 0 and (.missing.cost | not)
			and .cost.packet_ns >= 0.899 * (.cost.endpoints_ns + .cost.switch_ns)
			and (.cost.packet_ns * .cost.pps_per_processor / 1e9 - 1 | fabs < 1e-6)
		else .missing.cost != "" and .cost.rest_ns == null and .cost.pps_per_processor == null end'
	all_trials record '. as $trial | .cpu | .cost.switch_ns == 0 and
		(.cost.endpoints_ns * $trial.rx.forwarded_pps / 1e9 / ([.endpoints[].busy] | add) - 1 | fabs < 1e-6)'
	all_trials record '.cpu | (.energy == null) == (.missing.energy != null)'
	all_trials record '.cpu | (.energy == null) == (.cost.packet_nj == null)'
}

@test "cycles and instructions are those of the processors in use, or not available" {
	run_sound record --runtime netns -V veth -I raw -t 300ms -w 50ms
	all_trials record '.cpu | if .counters then
			(.counters | keys) == (.processors | keys) and (.counters | all(.cycles > 0 and .instructions > 0))
			and .cost.packet_cycles > 0 and .cost.packet_instructions > 100 and (.missing.counters | not)
		else .missing.counters != "" and .cost.packet_cycles == null end'
}

@test "who may not count is told so, and measures the rest" {
	[ "$(cat /proc/sys/kernel/perf_event_paranoid)" -ge 1 ] || skip "this machine lets everybody count"
	# Without CAP_PERFMON and CAP_SYS_ADMIN at first: what it makes for itself in a user namespace does not count.
	chmod 777 .
	public_lanebench
	export LANEBENCH_STATE=$HERE/users
	setpriv --reuid 65534 --regid 65534 --clear-groups unshare -U true 2>/dev/null || skip "no user namespaces for users"
	setpriv --reuid 65534 --regid 65534 --clear-groups "$HERE/lanebench" run -q --runtime netns -I udp "${SHORT[@]}" \
		-o "$HERE/record" >out 2>&1 || fail "$(cat out)"
	all_trials record '.status == "ok" and .cpu.counters == null and .cpu.cost.packet_cycles == null
		and (.cpu.missing.counters | test("permitted|no counter")) and .cpu.cost.endpoints_ns > 0'
}

@test "interrupts of the processors in use: a tick, at least" {
	run_sound record --runtime netns -V veth -I raw -t 500ms -w 50ms
	all_trials record '.cpu | (.interrupts | keys) == (.processors | keys) and (.softirqs | keys) == (.processors | keys)
		and (.interrupts | all(.total > 0)) and ([.softirqs[].NET_RX // 0] | add > 0)'
	jq -e '.environment.tick_hz >= 24' record/run.json
}

@test "the run has the noise of the processors that its tests use" {
	run_sound record --runtime netns -V veth -S 1vs1 -I udp "${SHORT[@]}"
	run_says record '.noise | length == 1 and .[0].reason == "" and .[0].baseline.busy >= 0'
	run_says record '.noise[0].processors | all(.span_s >= 0.19 and .lost_ratio >= 0 and .lost_ratio <= 1
		and .threshold_ns >= 999 and .p50_ns <= .p99_ns and .p99_ns <= .max_ns)'
	diff <(jq -r '.noise[0].processors | keys[]' record/run.json) <(jq -r '.cpu.processors | keys[]' record/trials.jsonl)
}

@test "a neighbour on a processor is noise, and the table says so" {
	taskset -c 0 sh -c 'while :; do :; done' &
	neighbour=$!
	run_sound record --runtime netns -V veth --processors 0 -I udp "${SHORT[@]}"
	kill "$neighbour"
	run_says record '.noise[0].processors["0"].lost_ratio > 0.2'
	lanebench report record >table
	grep -q 'Noise of the machine before the first trial: of 1 processor, number 0 lost most' table || fail "$(cat table)"
}

@test "--no-survey: no baseline, no noise, no cost made up" {
	run_sound record --no-survey --runtime netns -V veth -I udp "${SHORT[@]}"
	run_says record '.noise == null'
	all_trials record '.cpu | .baseline == null and .net == null and .cost.packet_ns == null
		and (.missing.baseline | test("--no-survey")) and .cost.endpoints_ns > 0'
	lanebench report record >table
	run ! grep -E 'ns/pkt|Noise' table
}

@test "a run that is resumed has a survey of its own" {
	start_run record --runtime netns -V veth -I udp --repeats 3 -t 1s -w 0 --drain 20ms
	wait_for 20 eval '[ -s record/trials.jsonl ]'
	kill -INT "$RUN"
	ended 130
	lanebench run -q --resume record >/dev/null
	run_says record '.noise | length == 1'
	[ "$(jq -s '[.[] | .cpu.baseline != null] | unique | length' record/trials.jsonl)" = 2 ]
}

@test "interrupted while it looks at the machine" {
	snapshot >"$HERE/before"
	env --default-signal=INT "$LANEBENCH" run -q --runtime netns -V veth -t 20s -o record >out 2>&1 3>&- &
	RUN=$!
	wait_for 10 eval 'jq -e .tuning record/run.json >/dev/null 2>&1 || [ -d "$LANEBENCH_STATE" ]'
	sleep 0.2
	kill -INT "$RUN"
	ended 130
	[ ! -s record/trials.jsonl ]
	same_host
}

@test "CSV has what the record has" {
	run_sound record --runtime netns -V veth -I raw-mmsg "${SHORT[@]}"
	lanebench report record --format csv >csv
	python3 - csv record/trials.jsonl <<-'END'
		import csv, json, sys
		row, trial = next(csv.DictReader(open(sys.argv[1], newline=""))), json.loads(open(sys.argv[2]).readline())
		cpu = trial["cpu"]
		for column, value in {
		    "cpu_net_busy": cpu["net"]["busy"], "cpu_baseline_busy": cpu["baseline"]["busy"],
		    "cpu_packet_ns": cpu["cost"]["packet_ns"], "cpu_rest_packet_ns": cpu["cost"]["rest_ns"],
		    "cpu_endpoints_packet_ns": cpu["cost"]["endpoints_ns"], "cpu_switch_packet_ns": cpu["cost"]["switch_ns"],
		    "cpu_pps_per_processor": cpu["cost"]["pps_per_processor"],
		    "cpu_packet_cycles": cpu["cost"]["packet_cycles"],
		    "cpu_packet_instructions": cpu["cost"]["packet_instructions"],
		    "cpu_packet_nj": cpu["cost"]["packet_nj"],
		    "cpu_energy_joules": cpu["energy"] and cpu["energy"]["joules"],
		}.items():
		    assert row[column] == "" if value is None else abs(float(row[column]) - value) <= 1e-9 * abs(value), column
	END
}

@test "doctor --noise" {
	lanebench doctor --noise >out
	grep -q '^Noise (interruptions' out
	[ "$(sed -n '/^Noise/,$p' out | grep -cE '^ +[0-9]+ +[0-9.]+ +[0-9]+ ')" = "$(nproc)" ]
	lanebench doctor --noise --json | jq -e '.noise | length > 0 and all(.lost_ratio <= 1)'
	lanebench doctor --json | jq -e '.noise == null'
}

@test "a /proc/stat of other processors, as lxcfs has it: no processor times, and why; not zeros" {
	sed -E '/^cpu[0-9]/d; /^cpu /{p; s/^cpu .*/cpu77 1 1 1 1 1 1 1 1 0 0/}' /proc/stat >stat
	run unshare -m --propagation private bash -c 'mount --bind stat /proc/stat && exec "$@"' - "$LANEBENCH" run -q --no-survey \
		--runtime netns -V veth -I raw "${SHORT[@]}" -o record
	[ "$status" = 0 ] || fail "$output"
	all_trials record '.cpu | .processors == {} and .machine == null and .net == null and .cost.packet_ns == null
		and (.missing.cost | test("does not list the processors in use"))'
}

@test "what libraries would read from the environment changes nothing: the machine of the record is this one" {
	HWLOC_SYNTHETIC="package:4 core:4 pu:2" HWLOC_THISSYSTEM=1 HWLOC_COMPONENTS=synthetic \
		run_sound record --runtime netns -V veth -I raw "${SHORT[@]}"
	[ "$(jq -c .environment.processor record/run.json)" = "$(lanebench doctor --json | jq -c .environment.processor)" ]
}
