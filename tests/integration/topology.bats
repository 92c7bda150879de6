#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Arrangements of containers beyond pairs: chains, loops, fan-ins, both directions at once, flows, mixes of sizes. Every
# switch of this machine that can, to the last packet; and what is recorded when a forwarder stops, dies or is limited.
load common

setup() {
	require_root
	make_here
}

setup_file() {
	lanebench doctor --json >"$BATS_FILE_TMPDIR/doctor.json"
}

# The switches that can run here, carry this technique, and allow these options; separated by commas.
switches_with() { # IO OPTIONS...
	local io=$1 switch names
	shift
	for switch in $(going_with switches -V -I "$io" "$@" | tr , ' '); do
		jq -e --arg name "$switch" '.switches[] | select(.name == $name) | .available' "$BATS_FILE_TMPDIR/doctor.json" \
			>/dev/null && names+=${names:+,}$switch
	done
	echo "$names"
}

has_dpdk() {
	jq -e '.io[] | select(.name == "dpdk") | .available' "$BATS_FILE_TMPDIR/doctor.json" >/dev/null ||
		skip "io dpdk cannot run here"
}

PACED=(-R 5k -B 4 -t 200ms -w 50ms --drain 50ms)

# What each forwarder took in it gave on or refused; what left one arrived at the next or was lost on the way; the last
# difference is what the receiver does not have.
chain_adds_up() { # RECORD HOPS
	all_trials "$1" "(.pairs[0].hops.forwarders | length) == $2 and (.hops | length) == $2" || return 1
	all_trials "$1" "[.pairs[] | .tx.packets as \$in | .hops.forwarders as \$f
		| (\$f | map(.in == .out + .refused) | all)
		  and ([range(\$f | length) | . as \$i | (if \$i == 0 then \$in else \$f[\$i - 1].out end) == \$f[\$i].in + \$f[\$i].lost_before] | all)
		  and (if .latency.one_way_ns != null then \$f[-1].out == .rx.packets + .rx.corrupted + .hops.lost_after
		       else true end)] | all"
}

chain_carries() { # IO HOPS
	run_sound record -V "$(switches_with "$1" --topology chain --hops "$2")" -I "$1" --topology chain --hops "$2" \
		-D throughput,latency "${PACED[@]}" &&
		all_trials record '.rx.lost == 0 and .rx.packets == .tx.packets' &&
		chain_adds_up record "$2"
}

@test "a chain of 2 and 8 forwarders through the kernel, throughput and round trips: nothing is lost" {
	attempt chain_carries raw 2
	attempt chain_carries raw-mmsg 8
}

@test "a chain of 2 forwarders past the kernel: nothing is lost" {
	has_dpdk
	attempt chain_carries dpdk 2
}

@test "two chains beside each other, in lxc: each is accounted by itself" {
	two_chains() {
		run_sound record --runtime lxc -V linux-bridge,veth -S 2vs2 -I raw --topology chain --hops 2 "${PACED[@]}" &&
			all_trials record '(.pairs | length) == 2 and (.pairs | map(.rx.packets == .tx.packets) | all)' &&
			chain_adds_up record 2
	}
	attempt two_chains
}

@test "a chain at full speed: each packet is somewhere" {
	run_sound record -V veth,linux-bridge -I raw-mmsg --topology chain --hops 1,3 -R max "${SHORT[@]}"
	all_trials record '(.pairs[0].hops.forwarders | length) == .test.hops'
	chain_adds_up record '.test.hops'
}

# Starts a chain of two hops on veth, whose endpoints are sender, forwarders 1 and 2, receiver; waits for its trial.
begin_chain() { # OPTIONS...
	start_run record --runtime netns -V veth -I raw --topology chain --hops 2 -t 2s -w 0 --drain 100ms "$@"
	wait_for 10 eval '[ "$(endpoints | wc -l)" = 4 ]' || return 1
	mapfile -t ENDPOINTS < <(endpoints)
	sleep 0.5
}

@test "a forwarder that is stopped for a while: what was lost is lost before it, and all adds up" {
	begin_chain -R 200k -B 32
	kill -STOP "${ENDPOINTS[1]}"
	sleep 0.7
	kill -CONT "${ENDPOINTS[1]}"
	ended 0
	all_trials record '.status == "ok" and .rx.lost > 0 and .tx.packets == .rx.packets + .rx.lost + .rx.corrupted'
	chain_adds_up record 2
	all_trials record '.pairs[0].hops.forwarders[0].lost_before > 1000 and (.flags | index("disturbed") or index("oversubscribed"))'
}

@test "a forwarder that is killed: the trial has failed, in words that name it" {
	begin_chain -R 5k -B 4
	kill -KILL "${ENDPOINTS[2]}"
	ended 1
	all_trials record '.status == "failed" and (.reason | test("forwarder 2 of chain 0"))'
}

@test "endpoints that are limited, forwarders too: the quota is in the record and all adds up" {
	run -0 lanebench run -q $NO_SURVEY -o record -V veth -I raw --topology chain --hops 2 -R 100k -B 8 -t 500ms -w 50ms \
		--drain 200ms --endpoint-quota 20%
	all_trials record '.tx.packets == .rx.packets + .rx.lost + .rx.corrupted
		and (.effective.quota.endpoints | length) == 4 and (.cpu.throttled.endpoints | length) == 4'
	chain_adds_up record 2
}

loop_carries() { # IO
	run_sound record -V "$(switches_with "$1" --topology loop)" -I "$1" --topology loop -D throughput,latency "${PACED[@]}" &&
		all_trials record '.rx.lost == 0 and .rx.packets == .tx.packets and (.cpu.endpoints | length) == 1
			and (.effective.ports | length) == 2'
}

@test "a loop on every switch, throughput and round trips: nothing is lost" {
	attempt loop_carries raw-mmsg
}

@test "a loop past the kernel: nothing is lost, and two processors suffice" {
	has_dpdk
	attempt loop_carries dpdk
	[ "$(nproc)" -lt 2 ] || all_trials record '.flags | index("oversubscribed") | not'
}

@test "a loop as fast as it can, and a search in it" {
	has_dpdk
	run_sound record -V "$(switches_with dpdk --topology loop)" -I dpdk --topology loop -R max "${SHORT[@]}"
	all_trials record '.rx.forwarded_pps > 0 and .rx.reordered == 0'
	found() {
		rm -rf found
		lanebench run -q $NO_SURVEY -o found -V testpmd -I dpdk --topology loop -R pdr --loss 10% --limit 20s >/dev/null &&
			all_trials found 'if .kind == "search" then .search.forwarded_pps > 1000 else true end'
	}
	attempt found
}

@test "fan-in: every learning switch brings three senders to one receiver, each accounted by itself" {
	fan_in() { # IO DIMENSIONS
		run_sound record -V "$(switches_with "$1" -S 3vs1 --topology fan-in)" -I "$1" -S 3vs1 --topology fan-in \
			-D "$2" -R 5k -B 4 -t 300ms -w 300ms --drain 100ms &&
			all_trials record '(.pairs | length) == 3 and (.pairs | map(.rx.packets == .tx.packets and .rx.lost == 0) | all)
				and (.cpu.endpoints | length) == 4'
	}
	[ -n "$(switches_with raw -S 3vs1 --topology fan-in)" ]
	attempt fan_in raw throughput,latency
	attempt fan_in udp throughput
}

@test "both directions at once: each end sends and receives, and its account is its own" {
	both_ways() { # IO OPTIONS...
		local io=$1
		shift
		run_sound record -V "$(switches_with "$io" --direction both "$@")" -I "$io" --direction both "${PACED[@]}" "$@" &&
			all_trials record '(.pairs | length) == 2 and (.pairs | map(.direction) == ["ahead", "back"])
				and (.pairs | map(.rx.packets == .tx.packets and .tx.packets > 900) | all)'
	}
	attempt both_ways raw
	attempt both_ways udp-mmsg
	attempt both_ways raw --topology chain --hops 2
}

@test "flows: source ports in turn or at random, each with its account" {
	with_flows() {
		run_sound record -V veth,linux-bridge -I raw,raw-mmsg --flows 8 --flow-order round,random "${PACED[@]}" &&
			all_trials record '.rx.flows.count == 8 and .rx.flows.seen == 8 and .rx.reordered == 0 and .rx.lost == 0
				and (if .test["flow-order"] == "round" then .rx.flows.most - .rx.flows.least <= 1
				     else .rx.flows.most > .rx.flows.least end)'
	}
	attempt with_flows
}

@test "flows have source ports of their own on the wire" {
	start_run record -V veth -I raw --flows 3 -R 1k -B 3 -t 5s -w 0
	wait_for 10 eval '[ "$(endpoints | wc -l)" = 2 ]'
	timeout 20 nsenter -t "$(endpoints | tail -1)" -n tshark -q -i lb0 -c 60 -T fields -e udp.srcport -f udp 2>/dev/null |
		sort | uniq -c >ports
	ended 0
	[ "$(wc -l <ports)" -ge 3 ] || fail "$(cat ports)"
}

@test "a mix of sizes: packets and bits are both right" {
	mixed() { # IO
		run_sound record -V veth -I "$1" -P imix,64:1+1000:3 -R 6k -B 12 -t 400ms -w 100ms --drain 100ms &&
			all_trials record '(if .test.size == "imix" then (7 * 60 + 4 * 566 + 1514) / 12 else (64 + 3 * 1000) / 4 end) as $mean
				| .rx.lost == 0 and .rx.packets == .tx.packets
				and ((.rx.forwarded_bps / .rx.forwarded_pps / 8 / $mean - 1) | fabs) < 0.01
				and ((.tx.offered_bps / .tx.offered_pps / 8 / $mean - 1) | fabs) < 0.01'
	}
	attempt mixed raw-mmsg
	attempt mixed udp
}

@test "records of loops, chains and fan-ins are reported in every format" {
	run -0 lanebench run -q $NO_SURVEY -o record -V linux-bridge -I raw --topology chain,loop --hops 1,2 -P imix -R 5k -B 4 -t 100ms -w 20ms
	for format in table csv json markdown junit; do
		lanebench report record --format "$format" >"$format.out" || fail "$format: $(cat "$format.out")"
		[ -s "$format.out" ]
	done
	grep -q chain csv.out
}

@test "more ports than a switch can have: refused before anything is made" {
	run -2 lanebench run --dry-run -V linux-bridge -I raw -S 64vs64 --topology chain --hops 8
	[[ "$output" == *"1152 ports, and switch linux-bridge has 1023 at most"* ]] || fail "$output"
}
