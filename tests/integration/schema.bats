#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Records of real runs against docs/results.schema.json.
# May run beside others.

setup() {
	LANEBENCH=${LANEBENCH:-$BATS_TEST_DIRNAME/../../build/src/lanebench/lanebench}
	SCHEMA=$BATS_TEST_DIRNAME/../../docs/results.schema.json
	python3 -c 'from jsonschema import Draft202012Validator' || skip "python3-jsonschema is not installed"
}

# Every way in which the JSON document on standard input offends the schema, a line each.
offences() {
	python3 -c '
import json, sys
from jsonschema import Draft202012Validator
schema = json.load(open(sys.argv[1]))
Draft202012Validator.check_schema(schema)
for e in Draft202012Validator(schema).iter_errors(json.load(sys.stdin)):
    print("/".join(map(str, e.absolute_path)), e.message[:200])
' "$SCHEMA"
}

# A document without most of its histograms, which take long to look at.
few_buckets() {
	jq '(.. | objects | select(has("buckets")).buckets) |= .[:3]'
}

# Once for all tests of this file: throughput and latency, paced and not, in two pairs and one.
record() {
	RECORD=$BATS_FILE_TMPDIR/record
	[ -d "$RECORD" ] || "$LANEBENCH" run --runtime netns -V veth -I udp -D throughput,latency -S 1vs1,2vs2 \
		-R max,1k -t 1100ms -w 50ms -o "$RECORD" >"$BATS_FILE_TMPDIR/out" 2>&1 || {
		cat "$BATS_FILE_TMPDIR/out"
		return 1
	}
	[ "$(jq -r .status "$RECORD/trials.jsonl" | sort | uniq -c | tr -s ' ')" = " 8 ok" ]
}

@test "a record is what the schema says" {
	record
	run offences < <("$LANEBENCH" report "$RECORD" --format json)
	[ "$status" = 0 ]
	[ "$output" = "" ]
}

@test "a record of searches, shares and sweeps is what the schema says" {
	# What they come to on a busy machine does not matter here: every status has its form.
	searching() { # RECORD OPTIONS...
		"$LANEBENCH" run -q --runtime netns -V veth -I udp -w 20ms --trials 3 -o "$BATS_TEST_TMPDIR/$1" "${@:2}" >/dev/null 2>&1 ||
			[ $? -le 3 ]
	}
	searching searches -t 200ms -R "ndr,pdr:50%,mrr,mrr:10%,1k..2k step 1k,best:1k..2k step 1k,10%..20%,loss-curve"
	searching pairs -t 100ms -S 2vs2 -R "mrr,mrr:10%,1k..2k step 1k"
	"$LANEBENCH" run -q --runtime netns -V veth -I udp -R ndr --limit 800ms -o "$BATS_TEST_TMPDIR/limit" >/dev/null 2>&1 || [ $? = 3 ]
	for record in searches pairs limit; do
		[ "$(jq -c 'select(.kind == "search")' "$BATS_TEST_TMPDIR/$record/trials.jsonl" | wc -l)" -ge 1 ]
		run offences < <("$LANEBENCH" report "$BATS_TEST_TMPDIR/$record" --format json | few_buckets)
		[ "$status" = 0 ]
		[ "$output" = "" ]
	done
}

@test "the schema has each parameter and no other" {
	diff <(jq -r '."$defs".test.properties | keys_unsorted[]' "$SCHEMA") <(record >&2 &&
		"$LANEBENCH" report "$RECORD" --format csv | head -1 | tr , '\n' | sed '/^trial$/,$d')
}

@test "what is broken offends the schema" {
	record
	"$LANEBENCH" report "$RECORD" --format json | few_buckets >"$BATS_TEST_TMPDIR/good"
	for change in 'del(.run.environment)' '.run.state = "fine"' '.run.schema = 2' 'del(.trials[0].rx.lost)' \
		'.trials[0].rx.packets = -1' '.trials[0].rx.packets = 1.5' '.trials[0].rx.loss_ratio = 1.1' \
		'.trials[0].status = "good"' '.trials[0].reason = "why"' '.trials[0].test.rate = "fast"' \
		'.trials[0].test.size = "64"' '.trials[0].latency.one_way_ns.histogram.buckets[0] = [1, 2]' \
		'.trials[0].status = "failed"' 'del(.trials[0].tx)' '.trials[0].started = "yesterday"'; do
		run offences < <(jq "$change" "$BATS_TEST_TMPDIR/good")
		[ "$status" = 0 ]
		[ "$output" != "" ] || { echo "not noticed: $change"; false; }
	done
}

@test "CSV has a row a trial and the figures of the record" {
	record
	"$LANEBENCH" report "$RECORD" --format csv >"$BATS_TEST_TMPDIR/csv"
	python3 - "$BATS_TEST_TMPDIR/csv" "$RECORD/trials.jsonl" <<-'END'
		import csv, json, sys
		rows = list(csv.DictReader(open(sys.argv[1], newline="")))
		trials = [json.loads(line) for line in open(sys.argv[2])]
		assert len(rows) == len(trials) == 8
		for row, trial in zip(rows, trials):
		    assert None not in row and None not in row.values(), "as many fields as columns"
		    assert int(row["rx_packets"]) == trial["rx"]["packets"] > 0
		    assert abs(float(row["rx_forwarded_pps"]) / trial["rx"]["forwarded_pps"] - 1) < 1e-9
		    assert abs(float(row["cpu_machine_busy"]) - trial["cpu"]["machine"]["busy"]) < 1e-6
		    kind = "one_way" if trial["test"]["dimension"] == "throughput" else "round_trip"
		    assert int(row[kind + "_p99_ns"]) == trial["latency"][kind + "_ns"]["p99"]
		    for name, value in trial["test"].items():
		        assert row[name] == value or float(row[name]) == value
	END
}
