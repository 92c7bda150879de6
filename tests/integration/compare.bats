#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# lanebench compare: runs against runs, switches within one, and the gate for CI.
# May run beside others.
load common

# Two real runs of the same short suite, once for all tests. That a busy machine makes them differ is no error here.
setup_file() {
	[ "$(id -u)" = 0 ] || return 0
	make_records
	export LANEBENCH_STATE=$RECORDS/state
	cd "$RECORDS"
	for record in base new; do
		"$LANEBENCH" run -q --no-survey --runtime netns -V veth,linux-bridge -I udp -R 2k -t 100ms -w 0 --drain 20ms \
			--repeats 7 -o $record >$record.out 2>&1 || [ $? = 3 ]
	done
}

teardown_file() {
	[ -z "${RECORDS:-}" ] || rm -rf "$RECORDS"
}

setup() {
	require_root
	make_here
	cp -r "$RECORDS/base" "$RECORDS/new" .
}

# A copy of a record whose trials, or whose run.json, a jq program has changed.
change_trials() { # FROM TO PROGRAM
	cp -r "$1" "$2"
	jq -c "$3" "$1/trials.jsonl" >"$2/trials.jsonl"
}

change_run() { # FROM TO PROGRAM
	cp -r "$1" "$2"
	jq "$3" "$1/run.json" >"$2/run.json"
}

# What no noise can be: each trial has a figure of its own, close to the others.
STEADY='.status = "ok" | .rx.forwarded_pps = 100000 + 10 * .repeat'

verdicts() { # JSON
	jq -c '.sets[].verdicts' "$1"
}

@test "two runs of the same suite: every test is matched and judged" {
	lanebench compare base new --format json >out
	[ "$(jq '.sets[0].tests' out)" = 2 ] || fail "$(cat out)"
	[ "$(jq '[.sets[0].comparisons[] | select(.verdict == "missing" or .verdict == "incomparable")] | length' out)" = 0 ] ||
		fail "$(cat out)"
	lanebench compare base new >table
	grep -q '^new against base: .* of 2 tests ' table || fail "$(cat table)"
	# A run is no worse than itself.
	lanebench compare base base --fail-on 0% >table
	grep -q '^Both are the same run' table
	run ! grep -q 'the same run' <(lanebench compare base new)
}

@test "another program computes the same from the same records" {
	for pair in "base new" "new base"; do
		# shellcheck disable=SC2086 # words
		set -- $pair
		lanebench compare "$1" "$2" --figure forwarded,loss,p50,busy -f json >out
		"$ROOT/tests/integration/recompute.py" "$1" "$2" out
	done
	# With ties, and repeats that are missing.
	change_trials base tied 'select(.repeat != 3) | .status = "ok" | .rx.forwarded_pps = 1000 + (.repeat / 3 | floor)'
	change_trials new ties '.status = "ok" | .rx.forwarded_pps = 1001 + (.repeat / 4 | floor)'
	lanebench compare tied ties --figure forwarded -f json >out
	[ "$("$ROOT/tests/integration/recompute.py" tied ties out)" = "2 comparisons" ]
	jq '.sets[0].comparisons[0].p *= 1.001' out >wrong
	run ! "$ROOT/tests/integration/recompute.py" tied ties wrong
}

@test "a regression fails, up to its limit" {
	change_trials base good "$STEADY"
	change_trials base bad "$STEADY | if .test.switch == \"veth\" then .rx.forwarded_pps *= 0.8 else . end"
	run -1 lanebench compare good bad --fail-on 5% --figure forwarded
	[[ $output == *"1 of 2 tests is worse, none is better, 1 shows no difference."* ]] || fail "$output"
	[[ $output == *"-20.0 %"* ]] || fail "$output"
	run -1 lanebench compare good bad --fail-on 0.05 --figure forwarded -f json
	jq -e '.regressions == 1' <<<"$output"
	run -0 lanebench compare good bad --fail-on 25% --figure forwarded
	run -0 lanebench compare good bad --figure forwarded # without a gate nothing fails
	run -0 lanebench compare bad good --fail-on 5% --figure forwarded
	[[ $output == *"is better"* ]] || fail "$output"
	# Each new one is compared with base.
	run -1 lanebench compare good good bad --fail-on 5% --figure forwarded
}

@test "another kernel cannot be compared, unless it is meant to" {
	change_trials base good "$STEADY"
	change_trials base bad "$STEADY | .rx.forwarded_pps *= 0.8"
	change_run bad other '.environment.kernel.release = "6.1.0-other"'
	run -3 lanebench compare good other --fail-on 5% --figure forwarded
	[[ $output == *"kernel differs"* && $output == *"remedy: --across kernel"* && $output == *"6.1.0-other"* ]] || fail "$output"
	[[ $output == *"-20.0 %"* ]] || fail "the change is not told" "$output"
	run -1 lanebench compare good other --fail-on 5% --figure forwarded --across kernel
	[[ $output == *"2 of 2 tests are worse"* ]] || fail "$output"
	# The version of a switch bears on its tests alone.
	change_run bad version '.catalogue["linux-bridge"] = "another"'
	run -1 lanebench compare good version --fail-on 5% --figure forwarded
	[[ $output == *"1 of 2 tests is worse, none is better, 1 cannot be compared."* ]] || fail "$output"
}

@test "a gate that could not have failed does not pass" {
	change_trials base good "$STEADY"
	change_trials good few 'select(.repeat <= 3)'
	run -3 lanebench compare few few --fail-on 5% --figure forwarded
	[[ $output == *"nothing can be judged"* && $output == *"repeats each"* ]] || fail "$output"
	run -0 lanebench compare few few --figure forwarded
	# Nor one past tests that have failed meanwhile.
	change_trials good broken 'if .test.switch == "veth" then .status = "failed" | .reason = "broke" | del(.rx) else . end'
	run -3 lanebench compare good broken --fail-on 5% --figure forwarded
	[[ $output == *"failed in broken: broke"* ]] || fail "$output"
}

@test "a gate notices what is lost, and what it cannot see" {
	change_trials base good "$STEADY"
	# Half as fast, and most of its repeats failed: too few to tell, and no pass.
	change_trials good lost 'if .test.switch == "veth" and .repeat > 2 then .status = "failed" | del(.rx)
		elif .test.switch == "veth" then .rx.forwarded_pps *= 0.5 else . end'
	run -3 lanebench compare good lost --fail-on 5% --figure forwarded
	[[ $output == *"(1 of 2 figures)"* && $output == *"lacks trials"* ]] || fail "$output"
	# No rate falls by more than 100 %, a latency may rise by more.
	run -3 lanebench compare good good --fail-on 100% --figure forwarded
	[[ $output == *"can be worse by 100 %"* ]] || fail "$output"
	run -0 lanebench compare good good --fail-on 100% --figure forwarded,p50
	run -0 lanebench compare good good --fail-on 99% --figure forwarded
}

@test "what one record does not have is not taken to be the same; what is unfinished is said" {
	change_trials base good "$STEADY"
	change_run good older 'del(.environment.governor) | del(.environment.mitigations)'
	for pair in "good older" "older good"; do
		# shellcheck disable=SC2086 # words
		run -0 lanebench compare $pair --figure forwarded
		[[ $output == *"not known to be the same: governor, mitigations."* ]] || fail "$output"
	done
	change_run good going '.state = "running"'
	head -n 9 good/trials.jsonl >going/trials.jsonl
	run -0 lanebench compare good going --figure forwarded
	[[ $output == *"going: 9 of 14 trials are recorded."* ]] || fail "$output"
	# Fewer processors than threads is another machine.
	change_trials good crowded '.flags = ["oversubscribed"]'
	run -3 lanebench compare good crowded --figure forwarded --fail-on 5%
	[[ $output == *"oversubscribed"* && $output == *"--across placement"* ]] || fail "$output"
	run -0 lanebench compare good crowded --figure forwarded --fail-on 5% --across placement
}

@test "less than a figure can tell is no difference" {
	change_trials base good "$STEADY | .latency = {one_way_ns: {p50: 16447, p99: 16447}}"
	change_trials good next '.latency.one_way_ns.p50 = 16703' # the next bucket of the histogram
	change_trials good far '.latency.one_way_ns.p50 = 16959'
	lanebench compare good next --figure p50 -f json >out
	[ "$(jq -c '[.sets[].comparisons[] | .verdict] | unique' out)" = '["same"]' ] || fail "$(cat out)"
	[ "$(jq '[.sets[].comparisons[] | select(.p < 0.01 and (.why | test("bucket")))] | length' out)" = 2 ] || fail "$(cat out)"
	lanebench compare good far --figure p50 -f json >out
	[ "$(jq -c '[.sets[].comparisons[] | .verdict] | unique' out)" = '["worse"]' ] || fail "$(cat out)"
}

# Searches end on the same loads each time: all repeats of one are above all of the other, and their bounds overlap.
@test "a search tells no more than its width, and nothing beyond what its sender reached" {
	change_trials base good '.status = "ok" | .flags = [] | .test.rate = "ndr" | .search = {senders: 1, forwarded_pps: (1000000 + .repeat),
		goal: {status: "found", lower_pps: 1000000, upper_pps: 1030000}}'
	change_trials good wide '.search.forwarded_pps += 20000 | .search.goal.lower_pps = 1020000 | .search.goal.upper_pps = 1050000'
	change_trials good apart '.search.forwarded_pps -= 50000 | .search.goal.lower_pps = 950000 | .search.goal.upper_pps = 980000'
	change_trials apart reached '.search.goal.upper_pps = null | .search.goal.status = "at_max"'
	verdict_of() { # the tests that were planned before the rate was changed are missing
		lanebench compare good "$1" --figure forwarded -f json | jq -c '[.sets[].comparisons[].verdict] - ["missing"] | unique'
	}
	[ "$(verdict_of wide)" = '["unproven"]' ]
	[ "$(verdict_of apart)" = '["worse"]' ]
	[ "$(verdict_of reached)" = '["unproven"]' ]
	[ "$(verdict_of good)" = '["same"]' ]
}

@test "switches within one run" {
	change_trials base one "$STEADY | if .test.switch == \"veth\" then . else .rx.forwarded_pps *= 0.7 end"
	run -0 lanebench compare one --by switch --figure forwarded
	[[ $output == *"linux-bridge against veth: 1 of 1 test is worse"* ]] || fail "$output"
	run -0 lanebench compare one --by switch --base linux-bridge --figure forwarded
	[[ $output == *"veth against linux-bridge: None of 1 test is worse, 1 is better."* ]] || fail "$output"
	run -1 lanebench compare one --by io
	[[ $output == *"all tests of the record have the same io"* ]] || fail "$output"
	# What competes goes without saying: here, the switch.
	[ "$(lanebench compare one)" = "$(lanebench compare one --by switch)" ] || fail "$(lanebench compare one)"
	[ "$(lanebench compare one -f json | jq -r .by)" = switch ]
	change_trials one alone 'select(.test.switch == "veth")'
	change_run alone lonely '.tests |= map(select(.switch == "veth"))'
	run -1 lanebench compare lonely
	[[ $output == *"nothing varies"* && $output == *"another record"* ]] || fail "$output"
	run -1 lanebench compare one --by switch --base ovs
	[[ $output == *"known: veth, linux-bridge"* ]] || fail "$output"
}

@test "wrong options are refused, with what was probably meant" {
	for words in "" "base new --fail-on 5" "base new --fail-on -5%" "base new --fail-on x" "base new --fail-on 5%%" \
		"base new --fail-on nan" "base new --across kernle" "base new --across kernel," "base new --figure p42" \
		"base --by colour" "base new --by switch" "base new --base veth" "base new -f pdf" "base new --width 5" \
		"base new --nothing"; do
		# shellcheck disable=SC2086 # words
		run -2 lanebench compare $words
		[ -n "$output" ] || fail "$words"
	done
	run -2 lanebench compare base new --fail-on 5
	[[ $output == *"write 5%"* ]] || fail "$output"
	run -2 lanebench compare base new --across kernle
	[[ $output == *"did you mean 'kernel'?"* ]] || fail "$output"
	run -1 lanebench compare base nowhere
	[[ $output == *"cannot open the record nowhere"* ]] || fail "$output"
	run -1 lanebench compare base new -o /nonexistent/file
	change_run base newer '.schema = 99'
	run -1 lanebench compare base newer
	[[ $output == *"schema 99 is newer"* ]] || fail "$output"
}

@test "JSON as its schema says; CSV with the same figures" {
	python3 -c 'from jsonschema import Draft202012Validator' || skip "python3-jsonschema is not installed"
	change_trials base good "$STEADY"
	change_trials base bad "$STEADY | .rx.forwarded_pps *= 0.8"
	change_trials good few 'select(.repeat <= 3)'
	change_trials good broken 'if .test.switch == "veth" then .status = "failed" | .reason = "broke" | del(.rx) else . end'
	change_run good other '.environment.governor = "x" | .catalogue.veth = "y"'
	for second in base good bad few broken other; do
		for figures in all forwarded; do
			run --separate-stderr lanebench compare good $second --figure $figures -f json --fail-on 5%
			[[ $status = [013] ]] || fail "$status" "$stderr"
			echo "$output" >$second.json
			lanebench compare good $second --figure $figures -f csv >$second.csv
			python3 - $second.json $second.csv "$ROOT/docs/compare.schema.json" <<-'PYTHON'
				import csv, json, sys
				from jsonschema import Draft202012Validator
				document, schema = json.load(open(sys.argv[1])), json.load(open(sys.argv[3]))
				Draft202012Validator.check_schema(schema)
				offences = [e.message[:200] for e in Draft202012Validator(schema).iter_errors(document)]
				assert not offences, offences
				for s in document["sets"]:
				    for verdict, count in s["verdicts"].items():
				        assert count == sum(c["verdict"] == verdict for c in s["comparisons"])
				    assert sum(s["test_verdicts"].values()) == s["tests"]
				assert document["regressions"] == sum(c["regression"] for s in document["sets"] for c in s["comparisons"])
				rows = list(csv.DictReader(open(sys.argv[2], newline="")))
				comparisons = [c for s in document["sets"] for c in s["comparisons"]]
				assert len(rows) == len(comparisons)
				for row, c in zip(rows, comparisons):
				    assert None not in row and None not in row.values(), "as many fields as columns"
				    assert row["figure"] == c["figure"] and row["verdict"] == c["verdict"]
				    assert (row["change"] == "") == (c["change"] is None)
				    if c["change"] is not None:
				        assert abs(float(row["change"]) - c["change"]) <= 1e-9
			PYTHON
		done
	done
}

@test "the schema notices what is broken" {
	python3 -c 'from jsonschema import Draft202012Validator' || skip "python3-jsonschema is not installed"
	change_trials base good "$STEADY"
	change_trials base bad "$STEADY | .rx.forwarded_pps *= 0.8"
	lanebench compare good bad --figure forwarded -f json --fail-on 5% >whole || [ $? = 1 ]
	for change in 'del(.sets)' '.sets = []' '.schema = 2' 'del(.sets[0].comparisons[0].ratio)' '.sets[0].verdicts.worse = -1' \
		'.sets[0].comparisons[0].verdict = "slower"' '.sets[0].comparisons[0].p_adjusted = 0.2' \
		'.sets[0].comparisons[0].verdict = "same"' '.sets[0].comparisons[0].base.median = null' '.fail_on = "5%"'; do
		jq "$change" whole >broken
		run ! python3 -c 'import json, sys
from jsonschema import Draft202012Validator
Draft202012Validator(json.load(open(sys.argv[1]))).validate(json.load(open(sys.argv[2])))' "$ROOT/docs/compare.schema.json" broken
	done
}

@test "the same records give the same bytes; every width holds" {
	for format in table markdown html json csv; do
		lanebench compare base new --figure all --all -f $format >first
		LC_ALL=C lanebench compare base new --figure all --all -f $format -o second
		cmp first second
	done
	for width in 60 80 100; do
		lanebench compare base new --figure all --all --width $width >out
		python3 -c 'import sys; sys.exit(any(len(line.rstrip("\n")) > int(sys.argv[1]) for line in sys.stdin))' $width <out ||
			fail "wider than $width" "$(cat out)"
	done
}

@test "the page stands alone and is XML; hostile names stay names" {
	change_trials base good "$STEADY"
	change_trials good hostile '.test.switch = "<script>alert(1)</script>|@all #1 `x`" | .rx.forwarded_pps *= 0.5'
	change_trials good other '.test.switch = "<script>alert(1)</script>|@all #1 `x`"'
	lanebench compare other hostile --figure forwarded -f html -o page.html
	python3 - page.html <<-'PYTHON'
		import re, sys, xml.etree.ElementTree as tree
		text = open(sys.argv[1], encoding="utf-8").read()
		root = tree.fromstring(text.split("\n", 1)[1])
		assert sum(e.tag.endswith("script") for e in root.iter()) == 1, "the page's own"
		assert not re.search(r'(src|href)="https?:', text)
	PYTHON
	lanebench compare other hostile --figure forwarded -f markdown -o page.md
	run ! grep -E '<script|@all|`' page.md
	lanebench compare other hostile --figure forwarded
}

@test "without privileges, from records that nobody may write" {
	public_lanebench
	setpriv --reuid nobody --regid nogroup --clear-groups env -u LANEBENCH_STATE HOME=/nonexistent \
		"$HERE/lanebench" compare "$HERE/base" "$HERE/new" >/dev/null
}
