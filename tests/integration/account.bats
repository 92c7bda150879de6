#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Packets are dropped, duplicated, damaged, reordered and added on the path, and lanebench's account is compared with
# that of whoever did it: nftables' counters, or tamper.py. Faults begin and end in the midst of a trial, so that their
# counters can be read before the testbed goes.
load common

# Starts a paced run, waits until it is in its (only) trial, sets $SWITCH: a process in the switch's namespace.
begin() { # RUNTIME SWITCH IO OPTIONS...
	local runtime=$1 switch=$2 io=$3
	shift 3
	# Without warm-up, all packets are of the measured window, but for the announcements, whose test id is 0.
	[[ " $* " == *" -R "* ]] || set -- "$@" -R 5000 -B 4
	start_run record --runtime "$runtime" -V "$switch" -I "$io" -t 1500ms -w 0 "$@"
	wait_for 10 eval '[ "$(endpoints | wc -l)" = 2 ]' || return 1
	sleep 0.3
}

# Runs in the network namespace of a process.
at() { # PID COMMAND...
	local pid=$1
	shift
	nsenter -t "$pid" -n "$@"
}

# The run has ended well. A trial that is void because the machine was busy has its account all the same.
finish() {
	local status=0
	wait "$RUN" || status=$?
	[ $status = 0 ] || [ $status = 3 ] || fail "status $status" "$(cat record.out record.err)" || return 1
	all_trials record '.status == "ok" or (.status == "void" and (.flags | index("late_start")))'
}

counter() { # NAME
	jq ".nftables[].counter | select(.name == \"$1\").packets" counters
}

# The rules begin to work when the chain "in" is there, and end when it is emptied.
tamper() { # PID TABLE
	at "$1" nft -f - <<<"table netdev faults { $2
		}" || return 1
	sleep 0.5
	at "$1" nft flush chain netdev faults in || return 1
	# What is under way has passed the counters.
	sleep 0.1
	at "$1" nft -j list counters table netdev faults >counters
}

# Is the account this? All that is not named is 0; what was sent is what the rest adds up to.
account_is() { # NAME=VALUE...
	local expected='{"lost":0,"duplicated":0,"reordered":0,"corrupted":0,"foreign":0,"late":0}' pair found
	for pair in "$@"; do
		expected=$(jq -c ".${pair%%=*} = ${pair#*=}" <<<"$expected")
	done
	found=$(jq -c '.rx | {lost, duplicated, reordered, corrupted, foreign, late}' record/trials.jsonl)
	[ "$found" = "$expected" ] || fail "found    $found" "expected $expected" || return 1
	all_trials record '.tx.packets == .rx.packets + .rx.lost + .rx.corrupted'
}

# th = the UDP header (8 bytes), behind it the payload: test id at bit 64, sequence 96..143, checksum 192, body 208.
FAULTS='
	counter drops { }
	counter copies { }
	counter damages { }
	chain dropped { counter name drops drop; }
	chain copied { counter name copies dup to "port1"; }
	chain header { counter name damages @th,128,8 set 0xaa; }
	chain body { counter name damages @th,208,32 set 0xdeadbeef; }
	chain in {
		type filter hook ingress device "port0" priority 0;
		@th,64,16 != 0 numgen inc mod 16 vmap { 3 : jump dropped, 5 : jump copied, 8 : jump header, 13 : jump body }
	}'

faults_on_bridge() { # RUNTIME IO OPTIONS...
	begin "$@"
	tamper "$(pid_with_link br)" "$FAULTS"
	finish
	for name in drops copies damages; do
		[ "$(counter $name)" -gt 100 ] || fail "too few faults to tell: $(cat counters)"
	done
	account_is "lost=$(counter drops)" "duplicated=$(counter copies)" "corrupted=$(counter damages)"
}

@test "dropped, duplicated, damaged on the bridge: raw" {
	faults_on_bridge netns linux-bridge raw
}

@test "dropped, duplicated, damaged on the bridge: raw-mmsg, 1500 bytes, lxc" {
	faults_on_bridge lxc linux-bridge raw-mmsg -P 1500
}

@test "dropped, duplicated, damaged on the bridge: udp" {
	faults_on_bridge netns linux-bridge udp
}

@test "dropped, duplicated, damaged on the bridge: udp-mmsg, 1500 bytes" {
	faults_on_bridge netns linux-bridge udp-mmsg -P 1500
}

# The container that has the address of endpoint $1: 0 sends, 1 receives.
pid_of_endpoint() {
	local pid mac
	printf -v mac '02:4c:42:00:00:%02x' "$1"
	for pid in $(ledger_pids); do
		at "$pid" ip -o link show lb0 2>/dev/null | grep -q "link/ether $mac" && echo "$pid" && return 0
	done
	return 1
}

drops_at_receiver() { # SWITCH IO
	begin netns "$1" "$2"
	tamper "$(pid_of_endpoint 1)" 'counter drops { }
		chain in {
			type filter hook ingress device "lb0" priority 0;
			@th,64,16 != 0 numgen inc mod 7 0 counter name drops drop;
		}'
	finish
	[ "$(counter drops)" -gt 100 ]
	account_is "lost=$(counter drops)"
}

@test "dropped at the receiver's door: veth, raw" {
	drops_at_receiver veth raw
}

@test "dropped at the receiver's door: macvlan, udp" {
	drops_at_receiver macvlan udp
}

@test "headers only: a damaged body is not looked at, a damaged header is" {
	begin netns linux-bridge raw --payload headers -P 512
	tamper "$(pid_with_link br)" 'counter headers { }
		counter bodies { }
		chain header { counter name headers @th,128,8 set 0xaa; }
		chain body { counter name bodies @th,1600,32 set 0xdeadbeef; }
		chain in {
			type filter hook ingress device "port0" priority 0;
			@th,64,16 != 0 numgen inc mod 16 vmap { 3 : jump header, 5 : jump body }
		}'
	finish
	[ "$(counter bodies)" -gt 100 ]
	account_is "corrupted=$(counter headers)"
}

@test "latency: requests and answers that are lost, answers that come twice" {
	begin netns linux-bridge udp -D latency -R 500 -B 1 --drain 20ms
	tamper "$(pid_with_link br)" 'counter requests { }
		counter answers { }
		counter copies { }
		chain dropped { counter name answers drop; }
		chain copied { counter name copies dup to "port0"; }
		chain in {
			type filter hook ingress device "port0" priority 0;
			@th,64,16 != 0 numgen inc mod 10 3 counter name requests drop;
		}
		chain back {
			type filter hook ingress device "port1" priority 0;
			@th,64,16 != 0 numgen inc mod 10 vmap { 2 : jump dropped, 6 : jump copied }
		}'
	finish
	# "back" goes on to the end of the trial, behind the reading of its counters: at most what was sent since.
	lost=$(jq .rx.lost record/trials.jsonl) twice=$(jq .rx.duplicated record/trials.jsonl)
	least=$(($(counter requests) + $(counter answers)))
	[ "$(counter answers)" -gt 5 ] && [ "$(counter copies)" -gt 5 ]
	[ "$lost" -ge "$least" ] && [ "$lost" -le $((least + 100)) ] || fail "lost $lost of at least $least"
	[ "$twice" -ge "$(counter copies)" ] && [ "$twice" -le $(($(counter copies) + 100)) ]
	all_trials record '.rx.corrupted == 0 and .rx.foreign == 0
		and .latency.round_trip_ns.count == .rx.packets'
}

@test "cut short, twice, damaged, of another pair, reordered: a relay on the path, raw" {
	begin netns linux-bridge raw-mmsg -P 100
	bridge=$(pid_with_link br)
	# What the rule takes from the path goes through a pair of interfaces to the relay, all else on its own way.
	at "$bridge" ip link add aside type veth peer name relay
	at "$bridge" sysctl -qw net.ipv6.conf.aside.disable_ipv6=1 net.ipv6.conf.relay.disable_ipv6=1
	at "$bridge" ip link set aside up
	at "$bridge" ip link set relay up
	mkfifo stop
	at "$bridge" python3 "$BATS_TEST_DIRNAME/tamper.py" relay relay port1 <stop >relayed 3>&- &
	relay=$!
	exec 7>stop
	sleep 0.3
	tamper "$bridge" 'counter diverted { }
		chain in {
			type filter hook ingress device "port0" priority 0;
			@th,64,16 != 0 @th,136,8 { 64-127 } counter name diverted fwd to "aside";
		}'
	exec 7>&-
	wait "$relay"
	finish
	n() { jq ".$1 // 0" relayed; }
	[ "$(jq add relayed)" = "$(counter diverted)" ] || fail "the relay missed some: $(cat relayed counters)"
	for kind in cut twice header body never other_pair ip late; do
		[ "$(n $kind)" -gt 20 ] || fail "too few: $(cat relayed)"
	done
	# What is 30 ms late is overtaken for sure; what goes twice may be, by what does not go through the relay.
	reordered=$(jq .rx.reordered record/trials.jsonl)
	[ "$reordered" -ge "$(n late)" ] && [ "$reordered" -le $(($(n late) + $(n twice))) ] ||
		fail "$reordered reordered: $(cat relayed)"
	account_is "lost=$(($(n never) + $(n other_pair)))" "duplicated=$(n twice)" "foreign=$(n other_pair)" \
		"reordered=$reordered" "corrupted=$(($(n cut) + $(n header) + $(n body) + $(n ip)))"
}

foreign() { # IO
	begin netns linux-bridge "$1"
	mkfifo stop
	at "$(pid_with_link br)" python3 "$BATS_TEST_DIRNAME/tamper.py" inject port0 port1 <stop >injected 3>&- &
	inject=$!
	exec 7>stop
	sleep 0.8
	exec 7>&-
	wait "$inject"
	finish
	[ "$(jq -c . injected)" = '{"other_port":50,"other_pair":50,"other_trial":50,"arp":50}' ]
}

@test "other traffic: raw sees all of IPv4" {
	foreign raw
	account_is foreign=150
}

@test "other traffic: a UDP socket sees what has its port" {
	foreign udp
	account_is foreign=100
}

steady_while_left_alone() {
	run_sound record --runtime netns -V veth -I udp -R 2k -t 6s -w 0 || return 1
	all_trials record '(.flags | index("unstable")) == null and .steady.window_s == 5 and .steady.from_s == 1
		and .steady.drift_ratio < 0.1 and .steady.deviation_ratio < 0.1'
}

@test "a rate that stays is steady; one that breaks off is unstable, and reports say so" {
	attempt steady_while_left_alone
	# The receiver stands still for two seconds: what its socket cannot hold is gone.
	start_run broken --runtime netns -V veth -I udp -R 20k -t 6s -w 0 --drain 50ms
	wait_for 10 eval '[ "$(endpoints | wc -l)" = 2 ]'
	sleep 2
	receiver=$(endpoints | tail -1)
	kill -STOP "$receiver"
	sleep 2
	kill -CONT "$receiver"
	ended 0
	all_trials broken '(.flags | index("unstable")) != null and .steady.deviation_ratio > 0.1'
	lanebench report broken >table
	grep -q '^  u  unstable: ' table || fail "$(cat table)"
	# Of one second nothing is said.
	run_sound short --runtime netns -V veth -I udp -R 2k -t 1s -w 0
	all_trials short '.steady == null'
}

@test "a background beside the probes: counted, not sent back, in no latency; through forwarders and in loops, too" {
	with_background() { # OPTIONS...
		run_sound record --runtime netns -V veth -D latency -R 1k -B 1 --background 20k -t 200ms -w 50ms --drain 50ms "$@" &&
			all_trials record '.background | .intended_pps == 20000 and .packets >= 4990 and .packets <= 5000
				and .received == .packets and .lost == 0' &&
			all_trials record '.tx.packets == 200 and .rx.packets == 200 and .rx.foreign == 0
				and .latency.round_trip_ns.count == 200'
	}
	attempt with_background -I udp,raw
	attempt with_background -I raw --topology chain,loop
	run -2 lanebench run --dry-run -V veth -I raw -D latency --background 5k --flows 2
	[[ "$output" == *"a background has one flow, not 2"* ]]
}

@test "what is sent behind the window is not counted" {
	run_sound record --runtime netns -V veth -I udp,raw -R 10k -B 4 -t 200ms -w 50ms --cooldown 200ms --drain 50ms
	all_trials record '.tx.packets == 2000 and .rx.packets == 2000 and .rx.foreign == 0 and .duration_s < 0.21'
}

@test "a receiver of a given rate takes no more" {
	run_sound record --runtime netns -V veth -I raw -R 40k -B 4 --rx-rate 10k -t 300ms -w 50ms --drain 2s
	# What does not fit into its socket is lost; all else arrives at its rate.
	all_trials record '.tx.packets == 12000 and .rx.packets <= 12000 and .latency.one_way_ns.max > 500000000'
}

@test "a sender that is late: in the latency of packets that are stamped with their departure, not as they are made" {
	for stamp in departure fill; do
		start_run $stamp --runtime netns -V veth -I raw -R 5k -B 4 --stamp $stamp -t 1s -w 0 --drain 50ms
		wait_for 10 eval '[ "$(endpoints | wc -l)" = 2 ]'
		sleep 0.3
		kill -STOP "$(endpoints | head -1)"
		sleep 0.4
		kill -CONT "$(endpoints | head -1)"
		ended 0
		all_trials $stamp '(.tx.bias_ns == null) == (.test.stamp == "fill") and .tx.packets == 5000'
	done
	all_trials departure '.latency.one_way_ns.max > 300e6'
	all_trials fill '.latency.one_way_ns.max < 200e6'
}
