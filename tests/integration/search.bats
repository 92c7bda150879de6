#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Searches on paths whose capacity or loss is programmed from outside: a token bucket on the bridge's port to the
# receiver, a share of the packets dropped in the bridge. What lanebench must find is so known in advance.
load common

setup() {
	require_root
	command -v tc >/dev/null && command -v nft >/dev/null || skip "needs tc and nft"
	make_here
}

# The first test gives time to program the path; the others see it as it then is.
PATH_TEST=(--runtime netns -V linux-bridge -I raw --hugepages none -P 64 -B 8 --drain 50ms)

# Starts a run of `first` and what the options say, and has the command act on the bridge's namespace meanwhile:
# programmed RECORD COMMAND OPTIONS...
programmed() {
	local record=$1 act=$2 pid
	shift 2
	start_run "$record" "${PATH_TEST[@]}" -t "${LENGTH:-1s}" -w 500ms "$@"
	wait_for 10 pid_with_link br >/dev/null || fail "no bridge: $(cat "$record.err")" || return 1
	pid=$(pid_with_link br)
	"$act" "$pid" || return 1
}

in_bridge() { # PID COMMAND...
	nsenter -t "$1" -n "${@:2}"
}

# 20000 frames of 64 bytes a second to the receiver; 160 may wait in bucket and queue, which is 4 % of a trial of 200 ms.
shape() {
	local port
	port=$(in_bridge "$1" ip -o link show master br | sed -n '2s/^[0-9]*: \([^@:]*\).*/\1/p')
	in_bridge "$1" tc qdisc add dev "$port" root tbf rate 10240kbit burst 2kb limit 8kb
}

# Two of 100 packets, whatever the rate.
drop() {
	in_bridge "$1" nft add table bridge t
	in_bridge "$1" nft add chain bridge t c '{ type filter hook forward priority 0; }'
	in_bridge "$1" nft add rule bridge t c udp dport 48620 numgen random mod 1000 '<' 20 drop
}

conclusion() { # RECORD RATE
	jq -c "select(.kind == \"search\" and .test.rate == \"$2\")" "$1/trials.jsonl"
}

finds_the_bucket() {
	rm -rf r && programmed r shape -R 1000,ndr,pdr --search quick || return 1
	ended 0 || return 1
	local rate
	for rate in ndr pdr; do
		conclusion r $rate | jq -e '.status == "ok" and .search.goal.status == "found"
			and (.search.goal | .lower_pps <= .throughput_pps * 1.01 and .lower_pps < .upper_pps
				and (.upper_pps - .lower_pps) / .upper_pps <= 0.0301)
			and .search.goal.lower_pps > 18500 and .search.goal.upper_pps < 21500' >/dev/null ||
			fail "$rate is not 20000: $(conclusion r $rate)" || return 1
	done
}

@test "ndr and pdr of a token bucket are its rate" {
	attempt finds_the_bucket
	# Every trial of the searches is there, and none has lost less than nothing or more than all.
	[ "$(count_trials r '.kind == "step"')" = "$(jq -s '[.[] | select(.kind == "search") | .search.trials] | add' r/trials.jsonl)" ]
	all_trials r '.kind != "step" or (.load.step > 0 and .tx.packets >= .rx.packets and .rx.loss_ratio >= 0 and .rx.loss_ratio <= 1)'
	lanebench report r >table
	grep -q 'lower\.\.upper' table
	grep -q 'found' table
}

losing() {
	rm -rf r && programmed r drop -R 1000,ndr,pdr --loss 0.5% --search quick || return 1
	ended 0 || return 1
	conclusion r ndr | jq -e '.search.goal | .status == "at_min" and .lower_pps == null and .throughput_pps == null' >/dev/null ||
		fail "$(conclusion r ndr)" || return 1
	conclusion r pdr | jq -e '.search.goal.status == "at_min" and .search.forwarded_pps == null' >/dev/null ||
		fail "$(conclusion r pdr)"
}

@test "loss at every rate has no ndr and no pdr, and no number is made up" {
	attempt losing
	lanebench report r >table
	grep -q 'loss at every rate' table
}

tolerating() {
	rm -rf r && programmed r drop -R 1000,pdr --loss 4% --search quick || return 1
	ended 0 || return 1
	# The conditional throughput is what arrives: 98 % of the load.
	conclusion r pdr | jq -e '.search.goal | (.status == "at_max" or .status == "found")
		and .throughput_pps / .lower_pps > 0.97 and .throughput_pps / .lower_pps < 0.99' >/dev/null || fail "$(conclusion r pdr)"
}

@test "with a loss ratio above the share that is dropped there is a pdr" {
	attempt tolerating
}

sharing() {
	rm -rf r && programmed r shape -D latency,throughput -R "1000,pdr:10%,pdr:90%" || return 1
	ended 0 || return 1
	[ "$(count_trials r '.kind == "reference"')" = 1 ] || fail "the reference was searched for more than once" || return 1
	all_trials r '.load.share == null or .kind == "step"
		or (.load.reference_pps > 19000 and .load.reference_pps < 21000 and .load.of == "pdr"
			and ((.load.rate_pps / .load.reference_pps - .load.share) | fabs) < 1e-6 and .tx.intended_pps == .load.rate_pps
			and (if .test.dimension == "latency" then .latency.round_trip_ns else .latency.one_way_ns end
				| .p50 <= .p90 and .p90 <= .p99 and .p99 <= .p99_9 and .p99_9 <= .p99_99 and .p99_99 <= .max))' || return 1
	[ "$(count_trials r '.load.share == 0.9 and .kind != "step"')" = 2 ] || return 1
	# What the tool itself is of it: something, and less than the least latency.
	all_trials r '.kind == "reference" or (.tx.bias_ns > 0 and .tx.bias_ns < ([.latency[].p50] | min))'
}

@test "latency at shares of the pdr, which is searched for once" {
	attempt sharing
}

curving() {
	rm -rf r && LENGTH=400ms programmed r shape -R "1000,10k..50k step 20k,mrr,mrr:50%" --trials 4 || return 1
	ended 0 || return 1
	# Offered against forwarded: up to the bucket's rate all, beyond it the bucket's rate.
	jq -se '[.[] | select(.test.rate == "10000..50000 step 20000" and .kind == "step")]
		| length == 3 and map(.load.rate_pps) == [10000, 30000, 50000] and .[0].rx.lost == 0
		and (.[1:] | all(.rx.forwarded_pps > 19000 and .rx.forwarded_pps < 21500))' r/trials.jsonl >/dev/null ||
		fail "$(jq -c 'select(.kind == "step") | [.load, .rx.forwarded_pps, .rx.lost]' r/trials.jsonl)" || return 1
	conclusion r mrr | jq -e '.search.mrr | .trials == 4 and .min_pps <= .mean_pps and .mean_pps <= .max_pps
		and .mean_pps > 19000 and .mean_pps < 21500' >/dev/null || fail "$(conclusion r mrr)"
}

@test "a sweep, and the mrr, are those of the bucket" {
	attempt curving
	lanebench report r >table
	grep -Eq '^ *30k .* (19|2[01])\.[0-9]+ ' table
	lanebench report r --format csv >csv
	head -1 csv | grep -q 'load_rate_pps.*search_forwarded_pps'
}

@test "a search that meets its time limit tells the bounds known by then" {
	run lanebench run -q --no-survey -o r "${PATH_TEST[@]}" -R ndr --limit 800ms
	[ "$status" = 3 ]
	conclusion r ndr | jq -e '.status == "void" and .search.end == "time" and .search.goal.status == "open"
		and .search.forwarded_pps == null and (.reason | test("time limit")) and (.remedy | test("--limit"))' >/dev/null ||
		fail "$(conclusion r ndr)"
	lanebench report r | grep -q 'ended by the time limit'
}

@test "a search that is interrupted tells what is known, and is made again by --resume" {
	start_run r "${PATH_TEST[@]}" -R ndr --search csit --limit 20s
	wait_for 15 eval '[ "$(count_trials r ".kind == \"step\"" 2>/dev/null)" -ge 3 ]'
	kill -INT "$RUN"
	ended 130
	conclusion r ndr | jq -e '.status == "failed" and .search.end == "interrupted" and .search.trials >= 3' >/dev/null
	timeout -s INT 3 "$LANEBENCH" run -q --no-survey --resume r >/dev/null 2>&1 || true
	[ "$(jq -s '[.[] | select(.kind == "step" and .load.step == 1)] | length' r/trials.jsonl)" = 2 ]
}

@test "what contradicts itself is said before anything is created" {
	run -2 lanebench run -o r "${PATH_TEST[@]}" -R pdr --search rfc2544
	[[ $output == *"no goal with loss"* ]]
	run -2 lanebench run -o r "${PATH_TEST[@]}" -D latency -R ndr
	[[ $output == *"pdr:50%"* ]]
	run -2 lanebench run -o r "${PATH_TEST[@]}" -R ndr --search csit --limit 2s
	[[ $output == *"time limit"* ]]
	run -2 lanebench run -o r "${PATH_TEST[@]}" -R 2M..1M
	run -2 lanebench run -o r "${PATH_TEST[@]}" -R pdf
	[[ $output == *"did you mean 'pdr'"* ]]
	run -2 lanebench run -o r "${PATH_TEST[@]}" -R pdr --loss 0
	[ ! -e r ]
}
