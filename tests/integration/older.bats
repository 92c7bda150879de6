#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Records of an older version, which knew pairs alone: what their tests do not say had its default then, too.
# May run beside others.
load common

# Two tests, of udp over veth and over linux-bridge; run.json and trials have none of the later parameters and fields.
older_record() { # DIR
	python3 "$BATS_TEST_DIRNAME/make_record.py" "$1" --trials 2 --repeats 1
	! grep -qE '"(topology|hops|direction|flows|order|seed|switch-in|port)"' "$1/run.json" "$1/trials.jsonl"
}

@test "an older record is reported: its tests are pairs, one way, of one flow" {
	older_record old
	lanebench report old >table
	grep -q 'linux-bridge' table
	lanebench report old -f csv | python3 -c '
import csv, sys
for row in csv.DictReader(sys.stdin):
    assert (row["topology"], row["hops"], row["direction"], row["flows"]) == ("pairs", "1", "one-way", "1"), row
    assert row["hops_in"] == row["hop_packet_ns"] == "", row
    assert float(row["rx_forwarded_pps"]) > 0'
	lanebench report old -f summary | grep -q '^lxc,local,linux-bridge,1vs1,pairs,1,one-way,1,round,udp,'
	for format in html markdown json junit hdr-log; do
		lanebench report old -f $format >/dev/null
	done
}

@test "an older record is resumed: what it lacks is run as pairs" {
	older_record old
	sed -i '$d' old/trials.jsonl
	jq '.state = "interrupted" | .ended = null' old/run.json >run.json && mv run.json old/run.json
	lanebench run -q --no-survey --resume old >out 2>err || fail "$(cat out err)"
	[ "$(wc -l <old/trials.jsonl)" = 2 ]
	tail -n 1 old/trials.jsonl | jq -e '.test.switch == "linux-bridge" and .test.topology == "pairs" and .test.hops == 1
		and .status == "ok" and .hops == null and .rx.packets > 0' >/dev/null
	lanebench report old -f summary | grep -c forwarded_pps | grep -qx 2
}

@test "an older record is compared with a new one, test by test" {
	older_record old
	lanebench run -q -o new -V veth,linux-bridge -I udp -t 1s -w 100ms $NO_SURVEY >/dev/null
	for pair in "old new" "new old"; do
		run lanebench compare $pair --format json
		[ "$status" -le 1 ]
		jq -e '[.sets[].comparisons[] | select(.figure == "forwarded_pps")]
			| length == 2 and all(.base.median > 0 and .new.median > 0)' <<<"$output" >/dev/null ||
			fail "$(jq -c . <<<"$output" | head -c 2000)"
	done
	# A loop is another test.
	lanebench run -q -o loop -V veth -I raw --topology loop "${SHORT[@]}" >/dev/null
	run lanebench compare old loop
	[[ "$output" == *missing* ]] || fail "$output"
}
