#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Reports of real records, and runs that go on where another one ended.
# May run beside others.
load common

setup_file() {
	[ "$(id -u)" = 0 ] || return 0
	make_records
	export LANEBENCH_STATE=$RECORDS/state
	cd "$RECORDS"
	cat >suite.yaml <<-'YAML'
		name: small
		description: 'commas, "quotes", <tags> & umlauts: ü'
		parameters: {runtime: netns, duration: 100ms, warmup: 0, drain: 20ms}
		tests:
		  - {switch: [veth, linux-bridge], io: [udp, raw], rate: [2k, max], repeats: 2}
		  - {switch: macvlan, io: udp, dimension: latency, rate: 500, burst: 1}
	YAML
	# A void trial does no harm here.
	"$LANEBENCH" run suite.yaml -q --no-survey -o record >/dev/null 2>&1 || [ $? = 3 ]
	cp -r record damaged
}

teardown_file() {
	[ -z "${RECORDS:-}" ] || rm -rf "$RECORDS"
}

setup() {
	require_root
	make_here
	cp -r "$RECORDS/record" .
}

as_nobody() {
	setpriv --reuid nobody --regid nogroup --clear-groups env -u LANEBENCH_STATE HOME=/nonexistent "$@"
}

@test "every format, without privileges, from a record that nobody may write" {
	public_lanebench
	for format in table csv json; do
		"$HERE/lanebench" report record -f $format >root
		as_nobody "$HERE/lanebench" report "$HERE/record" -f $format >"nobody" 2>err
		# The table names the folder and the program as they were given.
		diff <(sed "s,$HERE/,,g; s/ *$//" root) <(sed "s,$HERE/,,g; s/ *$//" nobody)
		[ ! -s err ] || fail "$(cat err)"
	done
	as_nobody "$HERE/lanebench" list >/dev/null
}

@test "the table: what was compared, where the record lies, what to look at next" {
	lanebench report record >table
	for words in linux-bridge macvlan raw-mmsg; do
		[ $words = raw-mmsg ] || grep -q $words table || fail "$(cat table)"
	done
	grep -q '^Record: record' table
	grep -q '^Next: ' table
	grep -q "$(uname -r)" table
	# Its figures are those of the record: the median of the latency test.
	p50=$(jq 'select(.test.dimension == "latency").latency.round_trip_ns.p50' record/trials.jsonl)
	grep -qF "$(awk -v ns="$p50" 'BEGIN { us = ns / 1000; printf us >= 100 ? "%.0f" : us >= 10 ? "%.1f" : "%.2f", us }')" table || fail "$p50" "$(cat table)"
	# No line of it is longer than asked for; advice and names are not cut.
	for width in 60 80 140; do
		lanebench report record --width $width | sed '/^Record: /,$d' |
			python3 -c 'import sys; sys.exit(any(len(line.rstrip("\n")) > int(sys.argv[1]) for line in sys.stdin))' $width ||
			fail "wider than $width" "$(lanebench report record --width $width)"
	done
}

@test "CSV: a row a trial, the columns that docs/results.md names, the values of the record" {
	lanebench report record -f csv -o out.csv
	python3 - record/trials.jsonl out.csv "$ROOT/docs/results.md" <<-'PYTHON'
		import csv, json, re, sys
		trials = [json.loads(line) for line in open(sys.argv[1])]
		rows = list(csv.DictReader(open(sys.argv[2], newline="")))
		assert len(rows) == len(trials) == 17, (len(rows), len(trials))
		for row, trial in zip(rows, trials):
		    assert None not in row and None not in row.values(), "ragged"
		    assert int(row["trial"]) == trial["trial"] and row["status"] == trial["status"]
		    for name, value in trial["test"].items():
		        got = row[name]
		        assert got == str(value) or float(got) == float(value), (name, got, value)
		    if trial["status"] in ("ok", "void"):
		        assert int(row["rx_packets"]) == trial["rx"]["packets"]
		        assert abs(float(row["tx_offered_pps"]) / trial["tx"]["offered_pps"] - 1) < 1e-6
		        kind = "round_trip" if trial["test"]["dimension"] == "latency" else "one_way"
		        other = "one_way" if kind == "round_trip" else "round_trip"
		        assert float(row[kind + "_p99_ns"]) == trial["latency"][kind + "_ns"]["p99"]
		        assert row[other + "_p99_ns"] == ""
		    assert row["flags"].split() == trial["flags"]
		text = open(sys.argv[3]).read()
		text = text[text.index("## CSV"):]
		documented = set(re.findall(r"`([a-z0-9_]+)`", text))
		for column in rows[0]:
		    if column in trials[0]["test"] or column.startswith("round_trip_"):
		        continue
		    assert column in documented, "not in docs/results.md: " + column
	PYTHON
}

@test "JSON: the whole record, and what the schema asks for" {
	lanebench report record -f json >whole.json
	diff <(jq -S '.trials[]' whole.json) <(jq -S . record/trials.jsonl)
	diff <(jq -S .run whole.json) <(jq -S . record/run.json)
	python3 - "$ROOT/docs/results.schema.json" whole.json <<-'PYTHON'
		import json, sys, jsonschema
		jsonschema.validate(json.load(open(sys.argv[2])), json.load(open(sys.argv[1])))
	PYTHON
}

@test "a record on another machine: report needs nothing of this one" {
	# Not even its processors, /sys or network.
	cat >script <<-'SH'
		mount -t tmpfs tmpfs /sys && exec "$LANEBENCH" report record
	SH
	lanebench report record >here
	unshare -mn --propagation private bash script >there
	diff here there
}

@test "a damaged record: the file and the line" {
	sed -i '3s/.*/{"trial": 3, "test"/' record/trials.jsonl
	run -1 --separate-stderr lanebench report record
	[[ "$stderr" == *"trials.jsonl:3:"* ]] || fail "$stderr"
	run -1 --separate-stderr lanebench run --resume record
	[[ "$stderr" == *"trials.jsonl:3:"* ]] || fail "$stderr"
	cp "$RECORDS/record/trials.jsonl" record/
	sed -i '2s/"status":"[a-z]*"/"status":7/' record/trials.jsonl
	run -1 --separate-stderr lanebench report record
	[[ "$stderr" == *"trials.jsonl:2:"* ]] || fail "$stderr"
	cp "$RECORDS/record/trials.jsonl" record/
	for text in '' '{' '[]' '{"schema": 99}' '"text"'; do
		printf %s "$text" >record/run.json
		run -1 --separate-stderr lanebench report record
		[[ "$stderr" == *run.json* ]] || fail "$text: $stderr"
	done
	rm record/run.json
	run -1 --separate-stderr lanebench report record
	[[ "$stderr" == *record*remedy:* ]] || fail "$stderr"
}

@test "a record that was cut off in the midst of a line: the rest is shown, with a warning, and resumed" {
	truncate -s -100 record/trials.jsonl
	run -0 lanebench report record
	[[ "$output" == *"trials.jsonl:17: the last line is cut off"* ]] || fail "$output"
	run -0 --separate-stderr lanebench report record -f csv
	[[ "$stderr" == *"trials.jsonl:17: the last line is cut off"* ]] || fail "$stderr"
	[ "$(wc -l <<<"$output")" = 17 ]
	lanebench run -q --no-survey --resume record >out 2>err || [ $? = 3 ] || fail "$(cat out err)"
	[ "$(jq -s 'map(.trial) | sort == [range(1; 18)]' record/trials.jsonl)" = true ]
	run -0 --separate-stderr lanebench report record -f csv
	[ -z "$stderr" ] && [ "$(wc -l <<<"$output")" = 18 ]
}

@test "--resume of a record that is done does nothing" {
	# What was void stays; nothing is run again.
	cp record/trials.jsonl before
	lanebench run --resume record >out 2>err || [ $? = 3 ]
	cmp before record/trials.jsonl
	[ ! -s err ] || ! grep -q '^\[' err || fail "$(cat err)"
	[ "$(jq -r .state record/run.json)" = "done" ]
}

@test "--resume after kill -9: nothing twice, all in the end" {
	start_run killed --runtime lxc,netns -V linux-bridge -P 64,128,256 -R 1k -t 300ms -w 0 --drain 20ms -n 2
	wait_for 20 eval '[ "$(count_trials killed 2>/dev/null)" -ge 2 ]'
	kill -9 "$RUN"
	wait "$RUN" 2>/dev/null || true
	done_before=$(count_trials killed)
	[ "$done_before" -ge 2 ] && [ "$done_before" -lt 12 ]
	head -n "$done_before" killed/trials.jsonl >before
	lanebench run -q --no-survey --resume killed >out 2>err || [ $? = 3 ] || fail "$(cat out err)"
	# What was there is as it was, and the rest has come behind it.
	head -n "$done_before" killed/trials.jsonl | cmp - before
	[ "$(jq -s 'map(.trial) | length == 12 and sort == [range(1; 13)]' killed/trials.jsonl)" = true ]
	[ "$(jq -s 'map([.test.runtime, .test.size, .repeat]) | unique | length' killed/trials.jsonl)" = 12 ]
	[ "$(jq -r .state killed/run.json)" = "done" ]
	lanebench report killed >/dev/null
}

@test "--resume amid the repeats: the order stays, and what is left gets testbeds of its own" {
	start_run midway --order given --runtime netns -V veth,linux-bridge -P 64,128 -R 1k -t 200ms -w 0 --drain 20ms -n 3
	wait_for 20 eval '[ "$(count_trials midway 2>/dev/null)" -ge 3 ]'
	kill -INT "$RUN"
	ended 130
	done_before=$(count_trials midway)
	[ "$done_before" -lt 12 ]
	setups_before=$(jq '.testbeds | length' midway/run.json)
	lanebench run -q --no-survey --resume midway >out 2>err || [ $? = 3 ] || fail "$(cat out err)"
	run -0 jq -rs 'map("\(.test.switch) \(.repeat)") | join(",")' midway/trials.jsonl
	[ "$output" = "veth 1,veth 1,linux-bridge 1,linux-bridge 1,veth 2,veth 2,linux-bridge 2,linux-bridge 2,veth 3,veth 3,linux-bridge 3,linux-bridge 3" ] ||
		fail "$output"
	[ "$(jq -s 'map(.trial) == [range(1; 13)]' midway/trials.jsonl)" = true ]
	# Six set-ups, and one more where the interruption fell amid one.
	setups=$(jq '.testbeds | length' midway/run.json)
	[ "$setups" -ge 6 ] && [ "$setups" -le 7 ] && [ "$setups" -gt "$setups_before" ] || fail "$setups set-ups"
	[ "$(jq -c '[.testbeds[] | [.repeat, .switch]] | unique | length' midway/run.json)" = 6 ]
}

@test "--resume of shuffled repeats goes on in the order of the seed that was drawn" {
	start_run midway --runtime netns -V veth,linux-bridge -P 64,128 -R 1k -t 200ms -w 0 --drain 20ms -n 3
	wait_for 20 eval '[ "$(count_trials midway 2>/dev/null)" -ge 3 ]'
	kill -INT "$RUN"
	ended 130
	[ "$(count_trials midway)" -lt 12 ]
	[ "$(jq -r .order midway/run.json)" = shuffled ]
	seed=$(jq .seed midway/run.json)
	lanebench run -q --no-survey --resume midway >out 2>err || [ $? = 3 ] || fail "$(cat out err)"
	[ "$(jq .seed midway/run.json)" = "$seed" ]
	diff <(lanebench run --dry-run --json --runtime netns -V veth,linux-bridge -P 64,128 -R 1k -t 200ms -w 0 --drain 20ms \
		-n 3 --seed "$seed" | jq -c '[.trial, .repeat, .test]') <(jq -c '[.trial, .repeat, .test]' midway/trials.jsonl)
	# Tables are in the order of the suite.
	lanebench report midway -f json | jq -c '[.summary.tests[].test | [.switch, .size]]' >order
	grep -qF '[["veth",64],["veth",128],["linux-bridge",64],["linux-bridge",128]]' order || fail "$(cat order)"
}

@test "a record of a version that had another order is gone on with: nothing twice, no number twice" {
	lanebench run -q --no-survey --order given --runtime netns -V veth,linux-bridge -P 64,9014 -R 1k -t 50ms -w 0 --drain 20ms \
		-n 2 -o old >/dev/null || [ $? = 3 ]
	# It knew no seed, made one testbed for both sizes, and was killed before the last three trials.
	jq 'del(.order, .seed)' old/run.json >new && mv new old/run.json
	jq -c '.trial = {veth64: 1, veth9014: 2, "linux-bridge64": 3, "linux-bridge9014": 4}["\(.test.switch)\(.test.size)"]
		+ 4 * (.repeat - 1)' old/trials.jsonl | sort -t : -k 2 >sorted
	jq -sc 'sort_by(.trial) | .[:5][]' sorted >old/trials.jsonl
	lanebench run -q --no-survey --resume old >/dev/null || [ $? = 3 ]
	[ "$(jq -c '[.test.switch, .test.size, .repeat]' old/trials.jsonl | sort -u | wc -l)" = 8 ]
	[ "$(jq .trial old/trials.jsonl | sort -u | wc -l)" = 8 ] && [ "$(wc -l <old/trials.jsonl)" = 8 ] ||
		fail "$(jq -c '[.trial, .test.switch, .test.size, .repeat]' old/trials.jsonl)"
}

@test "what is added to a record before --resume holds its lock is not run again" {
	tail -n 1 record/trials.jsonl >last
	head -n -1 record/trials.jsonl >rest && cp rest record/trials.jsonl
	# The state directory is held, so that the run waits where it cleans up: behind its look at the record.
	mkdir -p "$LANEBENCH_STATE" && chmod 700 "$LANEBENCH_STATE"
	flock "$LANEBENCH_STATE" sleep 60 3>&- &
	holder=$!
	wait_for 5 eval '! flock -n "$LANEBENCH_STATE" true'
	lanebench run -q --no-survey --resume record >out 2>err 3>&- &
	RUN=$!
	wait_for 3 test -e record/.lock || true
	sleep 1
	# Another run's last trial: it adds one only under the record's lock.
	flock -n record/.lock cp "$RECORDS/record/trials.jsonl" record/ || true
	kill $holder
	wait "$RUN" || [ $? = 3 ] || fail "$(cat out err)"
	[ "$(jq -s 'map(.trial) | sort == [range(1; 18)]' record/trials.jsonl)" = true ] || fail "$(jq -c .trial record/trials.jsonl)"
}

@test "--resume after SIGINT runs failed tests again and keeps the others" {
	start_run stopped --runtime netns -P 64,128 -R 1k -t 1s -w 0 --drain 20ms
	wait_for 10 eval '[ "$(endpoints | wc -l)" = 2 ]'
	sleep 0.3
	kill -9 "$(endpoints | head -1)"
	wait_for 10 eval '[ "$(count_trials stopped 2>/dev/null)" = 1 ]'
	sleep 0.4
	kill -INT "$RUN"
	ended 130
	run -0 jq -r .status stopped/trials.jsonl
	[ "$output" = failed ]
	lanebench run -q --no-survey --resume stopped >out 2>err || [ $? = 3 ] || fail "$(cat out err)"
	# The last word on each trial counts.
	run -0 jq -rs 'group_by(.trial) | map(.[-1].status) | join(" ")' stopped/trials.jsonl
	[[ "$output" =~ ^(ok|void)\ (ok|void)$ ]] || fail "$output"
	lanebench report stopped >table
	run ! grep -iE 'failed:|no figures' table
	# The account of all that happened: the failure, too.
	lanebench report stopped -f csv >csv
	[ "$(wc -l <csv)" = 4 ] || fail "$(cat csv)"
}

@test "two runs may not write one record" {
	start_run busy --runtime netns -P 64,128 -R 1k -t 1s -w 0 --drain 20ms
	wait_for 10 eval '[ "$(endpoints | wc -l)" = 2 ]'
	run -1 --separate-stderr lanebench run --resume busy
	[[ "$stderr" == *busy* ]] || fail "$stderr"
	ended 0
	[ "$(count_trials busy)" = 2 ]
}
