#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Past the kernel: endpoints with DPDK on sockets of vhost-user and memif, over every switch of this machine that gives
# such ports. What is lost, what is in effect, what containers may do, where hugepages come from and go, and what becomes
# of the machine when a switch, an endpoint or the command is killed. Nothing here is about speed: three threads that
# poll share two processors on a small machine.
load common

setup_file() {
	lanebench doctor --json >"$BATS_FILE_TMPDIR/doctor.json"
}

setup() {
	require_root
	make_here
	snapshot >"$HERE/before"
	needs io dpdk
}

# Skips the test, in doctor's words, where this machine cannot run this.
needs() { # TOPIC NAME...
	local topic=$1 name why
	shift
	for name; do
		why=$(jq -r ".$topic[] | select(.name == \"$name\") | if .available then \"\" else .reason + \": \" + .remedy end" \
			"$BATS_FILE_TMPDIR/doctor.json")
		[ -z "$why" ] || skip "$why"
		lanebench list "$topic" --json | jq -e --arg name "$name" ".$topic | any(.name == \$name)" >/dev/null ||
			skip "$name is not in this build"
	done
}

# The switches with such ports that can run here, one a line.
bypass_switches() {
	local switch
	for switch in $(switches_for dpdk | tr , ' '); do
		jq -r --arg name "$switch" '.switches[] | select(.name == $name and .available).name' "$BATS_FILE_TMPDIR/doctor.json"
	done
}

# Those of them that have threads, and so processes, of their own.
polling_switches() {
	bypass_switches | grep -vx memif
}

listed() {
	paste -sd,
}

pages() {
	cat /sys/kernel/mm/hugepages/*/nr_hugepages 2>/dev/null | paste -sd' '
}

needs_hugepages() {
	[ -e /sys/kernel/mm/hugepages/hugepages-2048kB ] || skip "this kernel has no hugepages of 2 MB"
	# That the pool can grow is what is tested; a machine that is out of memory says so in the record.
}

LONG=(-I dpdk -R 1k -t 20s -w 0 --drain 20ms)
PACED=(-I dpdk -R 10k -B 4 -t 200ms -w 50ms --drain 50ms)

# The endpoints' ports are open and packets are under way.
in_trial() {
	wait_for 10 eval '[ "$(endpoints | wc -l)" -ge 2 ]' && sleep 0.8
}

# The processes of the run's switch, by the beginning of their name, or all.
switch_processes() { # [COMM]
	ps --ppid "$RUN" -o pid=,comm= |
		awk -v comm="${1:-(dpdk|lanebench|ovs)}" '$2 ~ "^" comm && $2 !~ "^lanebench-endpo" { print $1 }'
}

@test "what kernel bypass needs can run here" {
	[ -n "$(bypass_switches)" ]
	run -0 jq -r --arg names "dpdk,$(switches_for dpdk)" '($names | split(",")) as $names
		| [.io, .switches | .[] | select(.name | IN($names[])) | select(.available | not) | "\(.name): \(.reason)"]
		| .[]' "$BATS_FILE_TMPDIR/doctor.json"
	[ -z "$output" ] || skip "$output"
}

@test "network interfaces and sockets do not mix: refused before anything is made" {
	run -2 lanebench run -I dpdk -V veth
	[[ "$output" == *"io dpdk cannot use the ports that switch veth gives"*"remedy:"* ]] || fail "$output"
	run -2 lanebench run -I udp -V memif
	[ -z "$(ls -A | grep -v before)" ]
}

# ---- what is carried -----------------------------------------------------------------------------------------

# So little load is carried whole by every switch, in either direction; between two containers there is nobody else to
# get a packet that a switch floods.
carries_all() { # RUNTIME SIZES
	local switches
	switches=$(bypass_switches | listed)
	run_sound record --runtime "$1" -V "$switches" -D throughput,latency -P "$2" "${PACED[@]}" || return 1
	[ "$(count_trials record '.test.dimension == "latency"')" -ge "$(bypass_switches | wc -l)" ] || return 1
	all_trials record '.rx.lost == 0 and .rx.packets == .tx.packets
		and (.latency.one_way_ns // .latency.round_trip_ns).count == .rx.packets
		and .tx.packets >= 1990 and .tx.packets <= 2010' || return 1
	# The switch accounts its time, which it spends polling; what has no threads has none.
	all_trials record 'if .test.switch == "memif" then .cpu.switch == null else .cpu.switch.busy > 0.1 end' || return 1
	[ "$(nproc)" -ge 3 ] || all_trials record '.test.switch == "memif" or (.flags | index("oversubscribed"))'
}

@test "lxc: every switch, throughput and latency, the smallest and the largest frame: nothing is lost" {
	attempt carries_all lxc 60,1514
}

@test "netns: every switch, throughput and latency: nothing is lost" {
	attempt carries_all netns 60
}

# A learning switch floods what it has not learned to send anywhere, also to the other pair; the warm-up is for that.
two_pairs() {
	run_sound record -V "$(polling_switches | listed)" -S 2vs2 --threads 2 -I dpdk -R 10k -B 4 -t 300ms -w 1s --drain 50ms &&
		all_trials record '(.pairs | length) == 2 and (.pairs | map(.rx.packets > 0 and .rx.packets == .tx.packets) | all)'
}

@test "two pairs, and a switch with two threads: each pair gets what is its own" {
	attempt two_pairs
	# As many threads have worked as there shall be; Open vSwitch has one a processor.
	all_trials record '(.effective.placement.switch_threads | unique | length) as $processors
		| (.cpu.switch.threads // [] | map(select(.total_s > 0.02)) | length) as $worked
		| if .test.switch == "ovs" then $worked == $processors
		  else $worked == .test.threads end'
}

@test "Open vSwitch: flows from port to port, two queues a port, each queue where it was put" {
	needs switches ovs
	run_sound record -V ovs --forwarding ports --rxqs 2 --threads 3 --rxq-affinity first "${PACED[@]}"
	all_trials record '.rx.foreign == 0 and (.effective.endpoints | all(.queues == 2))
		and (.effective.switch.effective | .forwarding == "ports" and (.actions | sort) == ["output:1", "output:2"]
			and (.ports | all(.rings == 4)) and ([.threads[] | .queues | length] | add) == 4)'
	# Queue 0 of the sender is on the first thread; the others have all else in turn.
	all_trials record '.effective.placement.switch_threads as $on | .effective.switch.effective.ports
		| map(.rxq_affinity) == ["0:\($on[0]),1:\($on[2])", "0:\($on[1]),1:\($on[2])"]'
	run lanebench run -V veth --rxqs 2 --dry-run
	[ "$status" -eq 2 ] && [[ "$output" == *"rxqs 2 is impossible with switch veth, which has one queue a port"* ]]
}

@test "as fast as it can: what was sent is accounted to the last packet" {
	run_sound record -V "$(bypass_switches | listed)" -I dpdk -R max -B 1,256 "${SHORT[@]}"
	all_trials record '.rx.forwarded_pps > 0 and .rx.reordered == 0'
}

@test "what is in effect is read back: rings, ring path, copies, memory, versions; the record agrees with its schema" {
	run_sound record -V "$(bypass_switches | listed)" --ring 256 --hugepages none "${PACED[@]}"
	all_trials record '.effective.endpoints | length == 2 and all(.rx_ring == 256 and .tx_ring == 256
		and .hugepages == false and (.dpdk | startswith("DPDK ")) and .dpdk == .dpdk_built_with)'
	all_trials record '.effective.memory.hugepages == "none" and (.flags | index("no_hugepages"))'
	all_trials record '.test.switch == "memif" or .effective.switch.version != ""'
	all_trials record 'if .test.switch == "memif" then [.effective.endpoints[].zero_copy] | all(type == "boolean")
		else .effective.endpoints | all(.rx_path != null and .tx_path != null) end'
	# How many is the machine's to say: three threads that poll take turns here.
	all_trials record '.test.switch == "memif" or .rx.switch_dropped != null'
	jq -e --arg names "$(polling_switches | listed)" '.catalogue as $c | $names | split(",") | all($c[.] | test("[0-9]"))' record/run.json
	python3 - "$ROOT/docs/results.schema.json" <(lanebench report record --format json) <<-'PYTHON'
		import json, sys
		from jsonschema import Draft202012Validator
		wrong = list(Draft202012Validator(json.load(open(sys.argv[1]))).iter_errors(json.load(open(sys.argv[2]))))
		for e in wrong[:9]:
		    print("/".join(map(str, e.absolute_path)), e.message[:200], file=sys.stderr)
		sys.exit(bool(wrong))
	PYTHON
}

@test "one testbed serves tests with other sizes, rates and bursts: DPDK starts once" {
	run_sound record -V "$(bypass_switches | head -1)" -I dpdk -P 64,1500 -R 1k,20k -B 1,64 -t 100ms -w 20ms --drain 20ms
	[ "$(grep -c 'EAL: Detected CPU lcores' record/logs/endpoint-0.log)" = 1 ] || fail "$(cat record/logs/endpoint-0.log)"
	[ "$(jq -s 'map(.setup_s) | .[1:] | min < 0.3' record/trials.jsonl)" = true ]
}

# ---- hugepages -----------------------------------------------------------------------------------------------

@test "hugepages that are missing are there while the run lasts, and given back" {
	needs_hugepages
	before=$(pages)
	start_run record -V memif "${LONG[@]}"
	in_trial
	[ "$(pages)" != "$before" ] || [ "$(awk '/HugePages_Free/ { print $2 }' /proc/meminfo)" -gt 28 ] || fail "no page was added"
	kill -INT "$RUN"
	ended 130
	[ "$(pages)" = "$before" ] || fail "$(pages) hugepages instead of $before"
	same_host
}

@test "pages that somebody else has put into the pool are used, and stay" {
	needs_hugepages
	pool=/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages
	before=$(cat $pool)
	echo $((before + 7)) >$pool
	[ "$(cat $pool)" = $((before + 7)) ] || { echo "$before" >$pool; skip "no memory for hugepages"; }
	lanebench run -q --no-survey -V memif --hugepages 2M "${PACED[@]}" -o record >/dev/null || status=$?
	after=$(cat $pool)
	echo "$before" >$pool
	[ "$after" = $((before + 7)) ] || fail "$after pages instead of $((before + 7))"
	[ "${status:-0}" = 0 ] || fail "$(cat record/trials.jsonl)"
	all_trials record '.effective.memory.hugepages == "2M" and .effective.endpoints[0].page_bytes == 2097152'
}

# Where the pool cannot be changed: in a mount namespace of its own, where /sys cannot be written.
@test "no hugepages to be had: auto goes without and says so, 2M and 1G fail with the remedy, the suite goes on" {
	needs_hugepages
	[ "$(awk '/HugePages_Free/ { print $2 }' /proc/meminfo)" -lt 14 ] || skip "this machine has free hugepages"
	cat >script <<-'SH'
		mount -o remount,bind,ro /sys || exit 99
		"$LANEBENCH" run -q --no-survey --runtime netns -V memif --hugepages 2M,auto,1G,none "$@" -o record
	SH
	run unshare -m --propagation private bash script "${PACED[@]}"
	[ "$status" = 1 ] || fail "status $status" "$output"
	run -0 jq -r '"\(.test.hugepages) \(.status) \(.effective.memory.hugepages) \(.flags | join(" ") | contains("no_hugepages"))"' record/trials.jsonl
	[ "$(sort <<<"$output" | paste -sd';')" = '1G failed null false;2M failed null false;auto ok none true;none ok none true' ] ||
		fail "$output" "$(cat record/trials.jsonl)"
	run -0 jq -r 'select(.status == "failed") | if (.reason | test("hugepages")) and .remedy != "" then "told" else . end' record/trials.jsonl
	[ "$output" = $'told\ntold' ] || fail "$output"
	jq -se 'map(select(.test.hugepages == "auto").effective.memory.note) | length == 1 and .[0] != ""' record/trials.jsonl
	same_host
}

@test "more 1 GB pages than there is memory: failed with the remedy, nothing taken, the suite goes on" {
	[ -e /sys/kernel/mm/hugepages/hugepages-1048576kB ] || skip "this kernel has no hugepages of 1 GB"
	[ "$(awk '/MemTotal/ { print int($2 / 1048576) }' /proc/meminfo)" -lt 64 ] || skip "this machine has memory for all of them"
	cat >suite.yaml <<-'YAML'
		parameters: {io: dpdk, switch: memif, rate: 1k, burst: 1, duration: 100ms, warmup: 20ms, drain: 20ms}
		tests:
		  - {containers: 32vs32, hugepages: 1G}
		  - {containers: 1vs1, hugepages: auto}
	YAML
	before=$(pages)
	run -1 timeout 60 "$LANEBENCH" run -q --no-survey suite.yaml -o record
	[ "$(pages)" = "$before" ]
	run -0 jq -r '"\(.status) \(.remedy != "")"' record/trials.jsonl
	[ "$output" = $'failed true\nok false' ] || fail "$(cat record/trials.jsonl)"
	jq -re 'select(.status == "failed").reason' record/trials.jsonl | grep -E '1 ?GB?'
	same_host
}

@test "two runs at once take and give back hugepages beside each other" {
	needs_hugepages
	before=$(pages)
	start_run one -V memif -I dpdk -R 1k -B 1 -t 1s -w 200ms
	first=$RUN
	start_run two -V memif -I dpdk -R 1k -B 1 -t 1500ms -w 200ms
	RUN=$first ended 0
	ended 0
	for record in one two; do
		all_trials $record '.status == "ok" and .rx.lost == 0 and .rx.foreign == 0'
	done
	[ "$(pages)" = "$before" ]
	same_host
	[ ! -e "$LANEBENCH_STATE" ]
}

# ---- limits of the cgroup that lanebench was started in ----------------------------------------------------------

# Runs the command in a cgroup of this hierarchy with this limit; skips the test where none can be made.
limited() { # DIRECTORY FILE VALUE COMMAND...
	local group=$1/lanebench-test-$$ file=$2 value=$3 status=0
	shift 3
	mkdir "$group" 2>/dev/null || skip "no cgroup can be made in ${group%/*}"
	if ! echo "$value" >"$group/$file" 2>/dev/null; then
		rmdir "$group"
		skip "the kernel takes no $file in ${group%/*}"
	fi
	(echo $BASHPID >"$group/cgroup.procs" && exec "$@") || status=$?
	rmdir "$group"
	return $status
}

# Where this process's cgroups with this controller can be made: in v1 below its own.
own_group() { # CONTROLLER
	local path=/sys/fs/cgroup/$1$(awk -F: -v name="$1" '$2 == name { print $3 }' /proc/self/cgroup)
	[ -d "$path" ] || path=/sys/fs/cgroup
	echo "${path%/}"
}

@test "a quota on lanebench's own cgroup: flagged, recorded, told by doctor, not taken for a disturbance" {
	local group file
	group=$(own_group cpu) file=cpu.cfs_quota_us
	# Whoever is throttled at the start begins late, and the trial is void.
	limited "$group" $file 50000 "$LANEBENCH" run -q --no-survey -V veth -I raw -R max -t 300ms -w 50ms -o record >/dev/null ||
		[ $? = 3 ]
	all_trials record '(.flags | index("throttled")) and (.flags | index("disturbed") | not) and .cpu.throttled.own.throttled > 0'
	jq -e '.environment.limits | .processors == 0.5 and (.quota_file | endswith("/cpu.cfs_quota_us"))' record/run.json
	run -0 limited "$group" $file 50000 "$LANEBENCH" doctor
	[[ "$output" == *"processor quota       0.5 processors, by "*"remedy:"* ]] || fail "$output"
}

@test "a limit on hugepages of lanebench's own cgroup: auto does without, 2M fails and names the file" {
	local root=/sys/fs/cgroup/unified
	[ -d $root ] || root=/sys/fs/cgroup
	grep -qw hugetlb $root/cgroup.controllers 2>/dev/null || skip "no cgroup v2 with the controller hugetlb"
	grep -qw hugetlb $root/cgroup.subtree_control || { echo +hugetlb >$root/cgroup.subtree_control && on=1; }
	run limited $root hugetlb.2MB.max 0 "$LANEBENCH" run -q --no-survey -V memif --hugepages auto,2M "${PACED[@]}" -o record
	[ -z "${on:-}" ] || echo -hugetlb >$root/cgroup.subtree_control
	[ "$status" = 1 ] || fail "$output"
	run -0 jq -r '"\(.test.hugepages) \(.status) \(.effective.memory.note // .reason) \(.remedy)"' record/trials.jsonl
	grep -q '^auto ok .*the limit in /sys/fs/cgroup/.*hugetlb.2MB.max leaves 0 MB' <<<"$output" || fail "$output"
	grep -q '^2M failed .*the limit in /sys/fs/cgroup/.*hugetlb.2MB.max leaves 0 MB raise that limit' <<<"$output" || fail "$output"
}

@test "a limit on the memory of lanebench's own cgroup: what does not fit is refused beforehand" {
	run limited "$(own_group memory)" memory.limit_in_bytes 60M "$LANEBENCH" run -q --no-survey -V memif --hugepages none \
		"${PACED[@]}" -o record
	[ "$status" = 1 ] || fail "$output"
	jq -re .reason record/trials.jsonl | grep 'want .* MB for packets, and the limit in .*memory.limit_in_bytes leaves'
}

# ---- what containers may do ----------------------------------------------------------------------------------

@test "lxc: an endpoint has no capability, one socket, one hugetlbfs of limited size, no device" {
	start_run record -V "$(bypass_switches | head -1)" "${LONG[@]}"
	in_trial
	for pid in $(endpoints); do
		for set in CapInh CapPrm CapEff CapBnd CapAmb; do
			[ "$(awk -v set=$set: '$1 == set { print $2 }' "/proc/$pid/status")" = 0000000000000000 ] || fail "$(cat "/proc/$pid/status")"
		done
		[ "$(awk '$1 == "NoNewPrivs:" { print $2 }' "/proc/$pid/status")" = 1 ]
		# Root in there is nobody out here.
		[ "$(awk '$1 == "Uid:" { print ($2 > 65535) }' "/proc/$pid/status")" = 1 ]
		[ "$(awk '{ print $1, ($2 > 65535), NR }' "/proc/$pid/uid_map")" = "0 1 1" ] || fail "$(cat "/proc/$pid/uid_map")"
		inside=/proc/$pid/root
		cp "/proc/$pid/mountinfo" mounts
		grep -E ' - hugetlbfs ' mounts >huge || fail "no hugetlbfs" "$(cat mounts)"
		[ "$(wc -l <huge)" = 1 ] && grep -q ' /hugepages ' huge && grep -qE 'size=[0-9]+' huge || fail "$(cat huge)"
		[ "$(grep -c ' /port ' mounts)" = 1 ]
		[ "$(find "$inside/port" -mindepth 1 | wc -l)" = 1 ] && [ -S "$(find "$inside/port" -mindepth 1)" ] ||
			fail "$(ls -l "$inside/port")"
		run -0 find "$inside/dev" \( -type b -o -type c \) -printf '%f\n'
		[ -z "$(grep -vxE 'null|zero|full|random|urandom|tty|ptmx|console|[0-9]+' <<<"$output")" ] || fail "$output"
		# Its own hugepages are all that is open beyond pipes, its log, sockets and what DPDK counts time and events with.
		run -0 bash -c "readlink /proc/$pid/fd/* | sort -u"
		[ -z "$(grep -vE '^(pipe:|socket:|anon_inode:|/hugepages/|/memfd:|.*endpoint-[0-9]+\.log$|/dev/null$)' <<<"$output")" ] || fail "$output"
	done
	kill -INT "$RUN"
	ended 130
}

@test "programs of a switch: a user of their own, none of root's files" {
	for switch in $(polling_switches); do
		start_run "record-$switch" -V "$switch" "${LONG[@]}"
		in_trial
		[ -n "$(switch_processes)" ]
		for pid in $(switch_processes); do
			allowed=0000000000000000
			[[ "$(cat "/proc/$pid/comm")" != ovs-vswitchd* ]] || allowed=0000000000001000 # net_admin, for its bridge's tap
			confined_program "$pid" $allowed
		done
		kill -INT "$RUN"
		ended 130
	done
	same_host
}

@test "netns: an endpoint and its switch have no capability either" {
	for switch in $(polling_switches | grep -vx ovs); do
		start_run "record-$switch" --runtime netns -V "$switch" "${LONG[@]}"
		in_trial
		for pid in $(endpoints) $(switch_processes); do
			[ "$(awk '$1 ~ /^Cap(Prm|Eff|Bnd):$/ { print $2 }' "/proc/$pid/status" | sort -u)" = 0000000000000000 ] ||
				fail "$switch" "$(cat "/proc/$pid/status")"
		done
		kill -INT "$RUN"
		ended 130
	done
}

# ---- what is wrong is named ----------------------------------------------------------------------------------

@test "a state directory whose sockets would have too long a path: said so, with the remedy" {
	long=$HERE/$(printf '%060d' 0)
	run -1 env LANEBENCH_STATE="$long" "$LANEBENCH" run -q --no-survey -V memif "${PACED[@]}" -o record
	jq -re 'select(.status == "failed") | .reason' record/trials.jsonl | grep 'longer path than the 107 bytes'
	jq -re .remedy record/trials.jsonl | grep LANEBENCH_STATE
	[ ! -e "$long" ] || fail "$(find "$long")"
	same_host
}

# Its test failed, in words that name it; the test after it runs.
killed_switch() { # SWITCH COMM
	needs switches "$1"
	cat >suite.yaml <<-YAML
		parameters: {io: dpdk, burst: 1, warmup: 0, drain: 20ms, rate: 1k}
		tests:
		  - {switch: $1, duration: 20s}
		  - {switch: memif, duration: 100ms}
	YAML
	start_run record suite.yaml
	in_trial
	kill -9 $(switch_processes "$2")
	ended 1
	run -0 jq -r '"\(.test.switch) \(.status)"' record/trials.jsonl
	[ "$output" = "$1 failed"$'\n'"memif ok" ] || fail "$(cat record/trials.jsonl)"
	run -0 jq -r 'select(.status == "failed").reason' record/trials.jsonl
	[[ "$output" == *"$2"*"was killed by signal 9"* || "$output" == *"$1"*"was killed by signal 9"* ]] || fail "$output"
	same_host
}

@test "a switch of one process killed in mid-trial" {
	for switch in $(polling_switches | grep -vx ovs); do
		killed_switch "$switch" '(dpdk|lanebench)'
		rm -r record suite.yaml
	done
}

@test "ovs-vswitchd killed in mid-trial" {
	killed_switch ovs ovs-vswitchd
}

@test "ovsdb-server killed in mid-trial" {
	killed_switch ovs ovsdb-server
}

@test "an endpoint killed in mid-trial: its test failed, the next one runs" {
	start_run record -V "$(bypass_switches | head -1)" -S 1vs1,2vs2 -I dpdk -R 1k -B 1 -t 2s -w 0 --drain 20ms
	in_trial
	kill -9 "$(endpoints | tail -1)"
	ended 1
	run -0 jq -r '.status' record/trials.jsonl
	[ "$output" = $'failed\nok' ] || fail "$(cat record/trials.jsonl)"
	jq -re 'select(.status == "failed").reason' record/trials.jsonl | grep 'receiver of pair 0 was killed by signal 9'
	same_host
}

@test "a switch that never answers its ports: the test failed in time, nothing is left" {
	switch=$(polling_switches | head -1)
	[ -n "$switch" ] || skip "no switch with a process of its own can run here"
	start_run record -V "$switch,memif" -I dpdk -R 1k -B 1 -t 100ms -w 0 --drain 20ms
	# Its ports are made; the endpoints are about to connect.
	wait_for 10 eval '[ -n "$(switch_processes)" ] && [ "$(endpoints | wc -l)" -ge 1 ]'
	kill -STOP $(switch_processes)
	ended 1
	run -0 jq -r '"\(.test.switch) \(.status)"' record/trials.jsonl
	[ "$output" = "$switch failed"$'\n'"memif ok" ] || fail "$(cat record/trials.jsonl)"
	jq -se 'map(select(.status == "failed") | .reason != "" and .remedy != "") == [true]' record/trials.jsonl ||
		fail "$(cat record/trials.jsonl)"
	same_host
}

# ---- the machine as it was found -----------------------------------------------------------------------------

@test "SIGINT and SIGTERM" {
	for signal in INT TERM; do
		start_run "record-$signal" -V "$(bypass_switches | tail -1)" "${LONG[@]}"
		in_trial
		kill "-$signal" "$RUN"
		ended 130
	done
	same_host
}

@test "kill -9 at random moments (ROUNDS of them, or four), then clean: mounts, hugepages, sockets, daemons" {
	local seed=${SEED:-$(($(date +%s) % 32768))} round switches delay
	switches=$(bypass_switches | listed)
	echo "# seed $seed (SEED=$seed repeats it)" >&3
	RANDOM=$seed
	for round in $(seq "${ROUNDS:-4}"); do
		# Another switch first each time: a kill may fall on bringing up, on a trial, on taking down.
		switches=${switches#*,},${switches%%,*}
		start_run "record$round" -V "$switches" -I dpdk -R 1k -B 1 -t 100ms -w 0 --drain 10ms
		printf -v delay '%d.%03d' $((RANDOM % 2)) $((RANDOM % 1000))
		sleep "$delay"
		kill -9 "$RUN" 2>/dev/null || true
		wait "$RUN" 2>/dev/null || true
		run -0 lanebench clean
		same_host || fail "killed after $delay s with $switches; clean said:" "$output" || return 1
	done
}

@test "a run that was killed is undone by the next run" {
	start_run record -V "$(bypass_switches | head -1)" "${LONG[@]}"
	in_trial
	kill -9 "$RUN"
	wait "$RUN" 2>/dev/null || true
	lanebench run --no-survey --runtime netns -R 1k -t 20ms -w 0 --drain 10ms -o next >/dev/null 2>err
	grep -q 'undid what run [0-9a-f]*, which was killed, had left' err || fail "$(cat err)"
	same_host
	[ ! -e "$LANEBENCH_STATE" ]
}

# The daemons of a host's own Open vSwitch, at the paths that are Debian's, in mount, network and pid namespaces that end
# with the shell.
@test "an Open vSwitch of the host's runs on beside it, unharmed" {
	needs switches ovs
	cat >script <<-'SH'
		mount -t proc proc /proc && mount -t tmpfs tmpfs /run || exit 99
		mkdir -p /run/openvswitch /etc/openvswitch && mount -t tmpfs tmpfs /etc/openvswitch || exit 99
		vswitchd=$(ls /usr/lib/openvswitch-switch*/ovs-vswitchd | head -1)
		ovsdb-tool create /etc/openvswitch/conf.db /usr/share/openvswitch/vswitch.ovsschema || exit 98
		ovsdb-server /etc/openvswitch/conf.db --remote=punix:/run/openvswitch/db.sock --pidfile --detach --no-chdir \
			--log-file="$PWD/host-ovsdb.log" >/dev/null 2>&1 || exit 98
		ovs-vsctl --no-wait init
		"$vswitchd" --pidfile --detach --no-chdir --log-file="$PWD/host-vswitchd.log" >/dev/null 2>&1 || exit 97
		ovs-vsctl --timeout=5 add-br br-host -- set bridge br-host datapath_type=netdev fail_mode=secure || exit 96
		ovs-vsctl --timeout=5 set open_vswitch . external_ids:owner=host
		ovs-ofctl add-flow br-host priority=7,actions=drop || exit 96
		look() {
			ovs-vsctl --timeout=5 show
			ovs-vsctl --timeout=5 get open_vswitch . external_ids other_config
			ovs-ofctl dump-flows br-host | grep -o 'priority.*'
			ovs-appctl dpif/show
			cat /run/openvswitch/*.pid
			kill -0 $(cat /run/openvswitch/*.pid) && echo alive
			find /run/openvswitch /etc/openvswitch ! -name '*.lock' ! -name '.*'
			ip -o link | cut -d' ' -f2
		}
		look >host.before 2>&1
		"$LANEBENCH" run -q --no-survey -V ovs -I dpdk -R 1k -B 1 -t 300ms -w 50ms -o record >out 2>&1 || exit 1
		look >host.after 2>&1
		"$LANEBENCH" run -q --no-survey -V ovs -I dpdk -R 1k -B 1 -t 20s -w 0 -o killed >/dev/null 2>&1 &
		sleep 1.5
		kill -9 $!; wait $!
		"$LANEBENCH" clean >>out 2>&1 || exit 1
		look >host.killed 2>&1
	SH
	run unshare -mnpf --kill-child --propagation private bash script
	[ "$status" = 0 ] || fail "status $status" "$output" "$(cat out host-vswitchd.log record/trials.jsonl 2>/dev/null | tail -30)"
	grep -q alive host.before && grep -q br-host host.before && grep -q owner=host host.before
	diff host.before host.after
	diff host.before host.killed
	all_trials record '.status == "ok" and .rx.lost == 0'
	same_host
}

# ---- the switch in a container -------------------------------------------------------------------------------

contained() { # RUNTIME
	run_sound record --runtime "$1" -V "$(polling_switches | listed)" --switch-in container "${PACED[@]}" &&
		all_trials record '.rx.lost == 0 and .rx.packets == .tx.packets and .effective.switch.in == "container"
			and .cpu.switch.busy > 0.05'
}

@test "every switch with processes in a container: nothing is lost" {
	attempt contained lxc
	attempt contained netns
	same_host
}

@test "a switch in a container is nobody on the host, in namespaces of its own, and goes with a run that is killed" {
	local switch pid
	for switch in $(polling_switches); do
		rm -rf record
		start_run record -V "$switch" --switch-in container "${LONG[@]}"
		in_trial || fail "$(cat record.err)"
		pid=$(switch_processes | head -1)
		[ -n "$pid" ] || fail "$switch has no process" || return 1
		[ "$(awk '/^Uid/ { print $2 }' "/proc/$pid/status")" -gt 65535 ]
		grep -qE '^NoNewPrivs:\s1' "/proc/$pid/status"
		for namespace in user mnt pid net; do
			[ "$(readlink "/proc/$pid/ns/$namespace")" != "$(readlink "/proc/self/ns/$namespace")" ] || fail "$switch: $namespace"
		done
		kill -9 "$RUN"
		wait "$RUN" || true
		lanebench clean -q
		# Who adopted it asks for its end in time.
		wait_for 5 eval '! grep -q "^State:[[:space:]]*[^Z]" /proc/$pid/status 2>/dev/null' || fail "$switch lives on"
	done
	same_host
}
