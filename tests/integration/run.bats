#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# `lanebench run`: every switch and technique on network interfaces, every runtime, loads, sizes, bursts, several pairs;
# what it prints and what it records. (Ports that are sockets: bypass.bats.)
load common

SHORTER=(-t 100ms -w 20ms --drain 50ms $NO_SURVEY)

names() { # TOPIC
	lanebench list "$1" --json | jq -r ".[\"$1\"] | map(.name) | join(\",\")"
}

@test "what the first version must have is listed and can run here" {
	[[ ,$(names runtimes), == *,lxc,* && ,$(names runtimes), == *,netns,* ]]
	for switch in veth linux-bridge macvlan; do [[ ,$(names switches), == *,$switch,* ]]; done
	for io in udp udp-mmsg raw raw-mmsg; do [[ ,$(names io), == *,$io,* ]]; done
	lanebench doctor --json >doctor.json
	run -0 jq -r '[.runtimes, .switches, .io | .[] | select(.available | not) | "\(.name): \(.reason)"] | .[]' doctor.json
	[ -z "$output" ] || fail "$output"
}

@test "doctor counts the processors that there are" {
	run -0 lanebench doctor
	[[ "$output" == *"$(nproc) usable"* ]] || fail "$output"
}

@test "doctor looks at all that bears on figures, with a remedy where there is one, and changes nothing" {
	pages() { grep -H . /sys/kernel/mm/hugepages/*/nr_hugepages 2>/dev/null || true; }
	pages >before
	lanebench doctor --json >doctor.json
	pages | diff before -
	for what in privileges processors 'NUMA nodes' hyper-threads 'isolated processors' clock 'frequency governor' turbo \
		mitigations 'locked memory' swap hypervisor; do
		jq -e --arg what "$what" '.machine | map(select(.what == $what and .state != "")) | length == 1' doctor.json ||
			fail "nothing of $what" "$(jq -c '.machine[]' doctor.json)"
	done
	# Each size of hugepages that the kernel has; and each finding once.
	[ "$(jq '[.machine[] | select(.what | startswith("hugepages of "))] | length' doctor.json)" = "$(ls /sys/kernel/mm/hugepages | wc -l)" ]
	jq -e '.machine | map(.what) | length == (unique | length)' doctor.json
	# Versions of what can run: the kernel's, or that of whoever made it.
	jq -e '[.switches[] | select(.name == "veth").version] | any(startswith("kernel "))' doctor.json
	lanebench doctor >doctor.txt
	grep -q '^  veth  *yes  (kernel ' doctor.txt || fail "$(cat doctor.txt)"
}

# On a machine that has such settings: files in their place, in a mount namespace that ends with the shell.
@test "doctor and run on a machine with a frequency governor and turbo" {
	cat >script <<-'SH'
		cpu=/sys/devices/system/cpu
		mkdir machine
		cp -rL $cpu/{online,possible,present,isolated} machine/ || exit 99
		for n in $cpu/cpu[0-9]*; do
			mkdir -p "machine/${n##*/}/cpufreq"
			cp -r "$n/topology" "machine/${n##*/}/" 2>/dev/null
			echo powersave >"machine/${n##*/}/cpufreq/scaling_governor"
		done
		mkdir machine/cpufreq
		echo 1 >machine/cpufreq/boost
		mount --bind machine $cpu || exit 99
		"$LANEBENCH" doctor | grep -A1 -E '^  (frequency governor|turbo) ' >doctor.txt
		"$LANEBENCH" run -q --runtime netns -R 1k -t 20ms -w 0 --drain 10ms -o record >/dev/null || [ $? = 3 ] || exit # a void trial will do
		grep -h . $cpu/cpu*/cpufreq/scaling_governor $cpu/cpufreq/boost >after
		"$LANEBENCH" run -q --no-tuning --runtime netns -R 1k -t 20ms -w 0 --drain 10ms -o untouched >/dev/null || [ $? = 3 ]
	SH
	run -0 unshare -m --propagation private bash script
	[ "$(grep -c 'remedy: lanebench run' doctor.txt)" = 2 ] || fail "$(cat doctor.txt)"
	[ "$(sort -u after)" = "1"$'\n'"powersave" ] || fail "$(cat after)"
	jq -e '.tuning == {governor: {before: "powersave", now: "performance"}, turbo: {before: true, now: false}}' record/run.json
	jq -e '.tuning == null' untouched/run.json
}

# Run and trials are what the schema says.
agrees_with_schema() { # RECORD
	python3 - "$ROOT/docs/results.schema.json" "$1" <<-'PYTHON'
		import json, sys
		from jsonschema import Draft202012Validator
		schema = json.load(open(sys.argv[1]))
		Draft202012Validator.check_schema(schema)
		def shortened(value):  # the first buckets will do: there are very many
		    return {**value, "buckets": value["buckets"][:9]} if "buckets" in value else value
		def offences(kind, value):
		    validator = Draft202012Validator({"$ref": "#/$defs/" + kind, "$defs": schema["$defs"]})
		    return [(kind, "/".join(map(str, e.absolute_path)), e.message[:300]) for e in validator.iter_errors(value)]
		wrong = offences("run", json.load(open(sys.argv[2] + "/run.json")))
		for line in open(sys.argv[2] + "/trials.jsonl"):
		    wrong += offences("trial", json.loads(line, object_hook=shortened))
		print(*wrong[:9], sep="\n", end="", file=sys.stderr)
		sys.exit(bool(wrong))
	PYTHON
}

# A busy machine may void a trial; then all of it is run again.
matrix() { # RUNTIME
	local switches ios
	switches=$(switches_for udp) ios=$(ios_for veth)
	run_sound record --runtime "$1" -V "$switches" -I "$ios" -D throughput,latency -R 2000 -B 4 "${SHORT[@]}" ||
		return 1
	[ "$(count_trials record)" = $((2 * $(tr , '\n' <<<"$switches" | wc -l) * $(tr , '\n' <<<"$ios" | wc -l))) ]
	# So little load is carried whole, and the latency of each packet is known.
	all_trials record '.rx.lost == 0 and .rx.packets == .tx.packets and .rx.reordered == 0
		and (.latency.one_way_ns // .latency.round_trip_ns).count == .rx.packets'
	all_trials record 'if .test.dimension == "latency" then .latency.round_trip_ns else .latency.one_way_ns end != null'
	# 400 packets in 200 ms, give or take a burst at either end.
	all_trials record '.tx.packets >= 392 and .tx.packets <= 408 and .tx.intended_pps == 2000'
	agrees_with_schema record
}

@test "netns: every switch on network interfaces with every technique, throughput and latency" {
	matrix netns
}

@test "lxc: every switch on network interfaces with every technique, throughput and latency" {
	matrix lxc
}

@test "as fast as it can: what was sent is accounted to the last packet" {
	run_sound record --runtime netns -V "$(switches_for udp)" -I "$(ios_for veth)" -R max "${SHORT[@]}"
	all_trials record '.tx.intended_pps == null and .rx.forwarded_pps > 0 and .tx.offered_pps >= .rx.forwarded_pps'
	# The sums are those of the pairs, the pps those of the packets.
	all_trials record '(.pairs | map(.rx.packets) | add) == .rx.packets
		and ((.tx.packets / .duration_s / .tx.offered_pps - 1) | fabs) < 1e-6
		and ((.rx.packets / .duration_s / .rx.forwarded_pps - 1) | fabs) < 1e-6
		and ((.rx.forwarded_bps / .rx.forwarded_pps / 8 / .test.size - 1) | fabs) < 1e-6'
	agrees_with_schema record
}

@test "frame sizes from 60 to 1514, and jumbo frames" {
	run_sound record --runtime netns -V veth -I udp,raw-mmsg -P 60,61,64,127,128,512,1500,1513,1514 -R 2000 "${SHORTER[@]}"
	all_trials record '.rx.lost == 0 and .rx.forwarded_bps / .rx.forwarded_pps / 8 == .test.size'
	run_sound jumbo --runtime netns -V "$(switches_for udp)" -I udp-mmsg,raw -P 1515,9000,9014 -R 2000 "${SHORTER[@]}"
	all_trials jumbo '.rx.lost == 0'
	[ "$(count_trials jumbo)" = 18 ]
}

@test "bursts from 1 to 1024" {
	run_sound record --runtime netns -V veth -I "$(ios_for veth)" -B 1,2,31,256,1024 -R 20k "${SHORTER[@]}"
	[ "$(count_trials record)" = 20 ]
	# The techniques that hand over a burst in one call need fewer calls; the others one for each packet at least.
	all_trials record '(.cpu.endpoints[0].tx_calls) as $calls |
		if (.test.io | endswith("-mmsg")) and .test.burst >= 31 then $calls * 8 < .tx.packets
		elif .test.io | endswith("-mmsg") then true else $calls >= .tx.packets end'
}

@test "payload headers" {
	run_sound record --runtime netns -V veth -I udp,raw -P 1500 --payload full,headers -R 2000 "${SHORT[@]}"
	[ "$(count_trials record '.test.payload == "headers"')" = 2 ]
}

@test "several pairs on few processors: flagged, and every pair works" {
	for n in 2 8; do
		run_sound "record$n" --runtime netns -V linux-bridge -S "${n}vs$n" -I udp -D throughput,latency -R 500 "${SHORT[@]}"
		all_trials "record$n" "(.pairs | length) == $n and (.pairs | map(.rx.packets > 0 and .rx.foreign == 0) | all)"
		agrees_with_schema "record$n"
		if [ "$(nproc)" -lt $((2 * n)) ]; then
			all_trials "record$n" '.flags | index("oversubscribed") != null'
			lanebench report "record$n" | grep -qi oversubscribed
		else
			all_trials "record$n" '.flags | index("oversubscribed") == null'
		fi
	done
}

@test "several pairs in lxc, as fast as they can" {
	run_sound record --runtime lxc -V macvlan -S 2vs2 -I raw -R max "${SHORT[@]}"
	all_trials record '(.pairs | length) == 2 and (.pairs | map(.rx.packets > 0 and .rx.foreign == 0) | all)'
}

paced() {
	run_sound record --runtime netns -V veth -I raw -R 10k -B 1 -t 1s -w 100ms --drain 50ms &&
		all_trials record '((.tx.offered_pps / 10000 - 1) | fabs) < 0.001 and (.flags | index("offered_warn")) == null'
}

@test "a paced sender offers what was asked, within 0.1 %" {
	attempt paced
}

@test "the suite: a matrix, its order, options above it, repeats that go round all testbeds" {
	cat >suite.yaml <<-'YAML'
		name: small
		parameters: {runtime: netns, duration: 100ms, warmup: 0, drain: 50ms, rate: 1k}
		tests:
		  - {switch: [veth, macvlan], io: udp, size: [64, 128]}
	YAML
	lanebench run suite.yaml -q -n 2 -P 64,1500 --order given -o record >/dev/null
	run -0 jq -r '"\(.trial) \(.test.switch) \(.test.size) \(.repeat) \(.test.duration)"' record/trials.jsonl
	[ "$output" = "1 veth 64 1 0.1
2 veth 1500 1 0.1
3 macvlan 64 1 0.1
4 macvlan 1500 1 0.1
5 veth 64 2 0.1
6 veth 1500 2 0.1
7 macvlan 64 2 0.1
8 macvlan 1500 2 0.1" ] || fail "$output"
	[ "$(jq -r .name record/run.json)" = small ]
	[ "$(jq -c '[.order, .seed]' record/run.json)" = '["given",null]' ]
	jq -e '.suite | contains("name: small")' record/run.json
	[ "$(jq -r .state record/run.json)" = "done" ]
	# Each repeat on a testbed that was brought up anew, and taken down again.
	[ "$(jq -c '[.testbeds[] | [.testbed, .repeat, .switch, .up_s > 0, .down_s > 0]]' record/run.json)" = \
		'[[1,1,"veth",true,true],[2,1,"macvlan",true,true],[1,2,"veth",true,true],[2,2,"macvlan",true,true]]' ] ||
		fail "$(jq -c .testbeds record/run.json)"
}

@test "without -o the record goes to results/SUITE-TIME" {
	lanebench run -q --runtime netns -R 1k -t 50ms -w 0 --drain 10ms >/dev/null
	[ "$(find results -mindepth 1 -maxdepth 1 -regextype egrep -regex 'results/[a-z]+-[0-9]{8}T[0-9]{6}Z' | wc -l)" = 1 ]
}

@test "--json: one object a line, a trial each, then the summary" {
	lanebench run --json -q --runtime netns -V veth -I udp,raw -R 1k -o record "${SHORT[@]}" >out 2>err
	[ "$(jq -c . out | wc -l)" = 3 ] && [ "$(wc -l <out)" = 3 ]
	diff <(jq -S . record/trials.jsonl) <(head -2 out | jq -S .)
	[ "$(tail -1 out | jq -c '[.record, .ok, .failed, .void, .skipped, .interrupted]')" = '["record",2,0,0,0,false]' ]
	[ ! -s err ] || fail "$(cat err)"
}

@test "progress: plain lines on standard error where that is no terminal" {
	lanebench run --runtime netns -V veth -I udp,raw -R 1k -o record "${SHORT[@]}" >out 2>err
	[ "$(grep -cE '^\[[12]/2\] .*veth.*: forwarded .*, loss ' err)" = 2 ] || fail "$(cat err)"
	run ! grep -q $'[\r\033]' err
	run ! grep -q $'\033' out
	grep -q 'Record: record' out
}

@test "progress: a line with the time left on a terminal" {
	command -v script >/dev/null || skip "needs script (package bsdutils)"
	on_terminal 0 TERM=xterm
	grep -aq $'\r\033\[K' typescript
	grep -aqE '\[1/1\] .*\([0-9]+ s left\)' typescript
	grep -aq $'\033\[1m' typescript
}

# A run on a terminal of so many columns (0: it does not tell), with this in its environment: writes typescript.
on_terminal() { # COLUMNS NAME=VALUE...
	local columns=$1
	shift
	rm -rf record
	script -qec "stty cols $columns; env $* $LANEBENCH run --runtime netns -V linux-bridge -I udp-mmsg -R 1k \
		-t 1200ms -w 0 --drain 10ms -o record" typescript >/dev/null </dev/null
}

@test "a terminal of 80 columns: the progress is one line, no table is wider" {
	command -v script >/dev/null || skip "needs script (package bsdutils)"
	on_terminal 80 TERM=xterm
	python3 - <<-'PYTHON'
		import re
		text = open("typescript", errors="replace").read()
		text = text[:text.index("Record: ")]
		lines = [re.sub("\033\\[[0-9;]*[mK]", "", line) for line in re.split("[\r\n]+", text)[1:]]
		assert any("linux-bridge" in line and "left)" in line for line in lines), lines
		wide = [line for line in lines if len(line) > 80 and ": forwarded " not in line]
		assert not wide, wide
	PYTHON
}

@test "no colours where NO_COLOR is set; no escapes at all on a dumb terminal" {
	command -v script >/dev/null || skip "needs script (package bsdutils)"
	on_terminal 0 TERM=xterm NO_COLOR=1
	run ! grep -aqE $'\033\[[0-9;]*m' typescript
	on_terminal 0 TERM=dumb
	run ! grep -aq $'\033' typescript
	grep -aqE '^\[1/1\] .*: forwarded ' typescript
}

@test "the record tells of the machine: processor, kernel, versions, configuration in effect" {
	lanebench run -q --runtime lxc -V linux-bridge -I udp -R 1k -o record "${SHORT[@]}" >/dev/null
	[ "$(jq -r .environment.kernel.release record/run.json)" = "$(uname -r)" ]
	jq -e '.environment | has("mitigations") and has("governor") and has("isolated")' record/run.json
	jq -e '.catalogue["linux-bridge"] | startswith("kernel ")' record/run.json
	jq -e '.catalogue.lxc | test("[0-9]+\\.[0-9]+")' record/run.json
	jq -e '.effective.switch.name == "linux-bridge" and (.effective.ports | length) == 2
		and .effective.ports[0].mtu == 1500 and .effective.ports[0].port == "netdev" and (.effective.endpoints | length) == 2' record/trials.jsonl
	jq -e '.cpu.machine | has("user_s") and has("system_s") and has("softirq_s")' record/trials.jsonl
	[ "$(jq -c '.cpu.endpoints | map(.role)' record/trials.jsonl)" = '["sender","receiver"]' ]
}

@test "samples: one a second, and their sum is the trial's" {
	run_sound record --runtime netns -V veth -I udp -R 2k -t 2s -w 0
	all_trials record '(.samples | length) == 2 and (.samples | map(.second)) == [1, 2]
		and ((.samples | map(.tx_packets) | add) - .tx.packets | fabs) <= 64'
}

@test "--dry-run tells the plan and creates nothing" {
	lanebench run --dry-run -V veth,macvlan -P 64,1500 -n 2 >out
	[ "$(grep -cE '^[0-9]+ +testbed [12] ' out)" = 8 ]
	grep -q '4 tests, 8 trials on 2 testbeds (4 set-ups), ' out
	lanebench run --dry-run --json -V veth,macvlan -P 64,1500 -n 2 --order given >out
	[ "$(jq -c '[.trial, .testbed, .setup, .repeat, .test.switch, .test.size]' out | sed -n '1p;5p;8p' | tr '\n' ' ')" = \
		'[1,1,1,1,"veth",64] [5,1,3,2,"veth",64] [8,2,4,2,"macvlan",1500] ' ] || fail "$(cat out)"
	[ "$(find . -mindepth 1 ! -name out)" = "" ]
}

# Every test of this plan, by its place.
plan_of() { # REPEATS OPTION...
	lanebench run --dry-run --json -V veth,macvlan,linux-bridge -P 64,128,1500 -n "$@" |
		jq -r '"\(.repeat) \(.testbed) \(.test.switch) \(.test.size)"'
}

@test "repeats are shuffled by a seed; without repeats, or by --order given, the suite's order is kept" {
	plan_of 3 --seed 1 >one
	plan_of 3 --seed 1 >again
	plan_of 3 --seed 2 >two
	plan_of 3 --order given >given
	cmp one again
	! cmp -s one two && ! cmp -s one given && ! cmp -s two given
	cmp <(sort one) <(sort given)
	[ "$(cut -d ' ' -f 1 one | uniq)" = $'1\n2\n3' ]
	[ "$(uniq -w 4 one | wc -l)" = 9 ] # each testbed once a repeat
	cmp <(plan_of 1) <(grep ^1 given)
	cmp <(plan_of 1 --seed 1) <(grep ^1 one)
	# A suite may name them; options stand above it.
	printf 'order: shuffled\nseed: 1\nparameters: {repeats: 3, size: [64, 128, 1500]}\n%s\n' \
		'tests: [{switch: [veth, macvlan, linux-bridge]}]' >suite.yaml
	[ "$(lanebench run --dry-run suite.yaml | tail -2 | head -1)" = "order shuffled by seed 1" ]
	cmp one <(lanebench run --dry-run --json suite.yaml | jq -r '"\(.repeat) \(.testbed) \(.test.switch) \(.test.size)"')
	[ "$(lanebench run --dry-run suite.yaml --seed 2 | tail -2 | head -1)" = "order shuffled by seed 2" ]
	run ! grep 'order shuffled' <(lanebench run --dry-run suite.yaml --order given)
	# Without a seed, one is drawn each time.
	[ "$(for i in 1 2 3 4; do lanebench run --dry-run suite.yaml --seed $i | md5sum; done | sort -u | wc -l)" = 4 ]
	run -2 --separate-stderr lanebench run --dry-run suite.yaml --order random
	[[ "$stderr" == *"there is no order 'random'; use shuffled or given"* ]] || fail "$stderr"
	run -2 --separate-stderr lanebench run --resume record --seed 1
	[[ "$stderr" == *"takes no --order and no --seed"* ]] || fail "$stderr"
}

@test "the suites that come with it are right, and each published value has its test in the suite that it names" {
	mkdir plans
	for suite in "$ROOT"/suites/*.yaml "$ROOT"/suites/paper/*.yaml; do
		name=$(sed -n 's/^name: //p' "$suite")
		lanebench run --dry-run --json "$suite" >"plans/$name.json" 2>out || fail "$suite" "$(cat out)"
	done
	python3 "$ROOT/tests/integration/published.py" "$ROOT/src/report/published.csv" plans
}

@test "the papers' Table 2, shortened: all four techniques over the bridge between lxc containers" {
	run_sound record "$ROOT/suites/paper/table2.yaml" -t 300ms -w 100ms
	run -0 jq -rs 'map(.test.io) | join(" ")' record/trials.jsonl
	[ "$output" = "udp udp-mmsg raw raw-mmsg" ]
	all_trials record '.test.switch == "linux-bridge" and .test.runtime == "lxc" and .test.rate == 1000000 and .test.burst == 64'
	lanebench report record | grep -q raw-mmsg
}

@test "what was set on the machine for the run is in the record; --no-tuning sets nothing" {
	lanebench run -q --runtime netns -R 1k "${SHORT[@]}" -o tuned >/dev/null
	lanebench run -q --runtime netns -R 1k "${SHORT[@]}" --no-tuning -o untuned >/dev/null
	# Each is null where the machine has no such setting.
	jq -e '.tuning | has("governor") and has("turbo")' tuned/run.json
	jq -e '.tuning | [.[] | values | has("before") and has("now")] | all' tuned/run.json
	jq -e 'has("tuning") and .tuning == null' untuned/run.json
}
