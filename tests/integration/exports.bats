#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What other programs read: Markdown, JUnit's XML, CSV, JSON, of records made of hostile texts as of plain ones.
# May run beside others.
load common

setup_file() {
	make_records
	python3 "$BATS_TEST_DIRNAME/make_hostile.py" "$RECORDS/hostile"
	# Those that lanebench reports, rather than refuses.
	awk '$NF == "reported" { sub(/ reported$/, ""); print }' "$RECORDS/hostile/expected" >"$RECORDS/reported"
	[ -s "$RECORDS/reported" ]
}

teardown_file() {
	rm -rf "$RECORDS"
}

setup() {
	make_here
}

# Runs a command for each record that can be reported, with its folder behind.
each_record() { # COMMAND...
	local kind
	while read -r kind; do
		"$@" "$RECORDS/hostile/$kind" 2>err || fail "record: $kind" "$(cat err)" || return 1
	done <"$RECORDS/reported"
}

junit_is_sound() {
	lanebench report "$1" -f junit >out.xml
	python3 - "$1" <<-'PYTHON'
		import sys, xml.etree.ElementTree as tree
		root = tree.parse("out.xml").getroot()
		# What Jenkins' schema allows, in its order.
		inside = {"testsuites": ["testsuite"], "testsuite": ["properties", "testcase"], "properties": ["property"],
		          "testcase": ["properties", "failure", "skipped", "system-out"], "property": [], "failure": [],
		          "skipped": [], "system-out": []}
		def check(element):
		    order = [inside[element.tag].index(child.tag) for child in element]
		    assert order == sorted(order), element.tag
		    for child in element:
		        check(child)
		check(root)
		assert root.tag == "testsuites"
		total = {name: 0 for name in ("tests", "failures", "errors", "skipped")}
		for suite in root:
		    cases = suite.findall("testcase")
		    counted = {"tests": len(cases), "failures": len(suite.findall("testcase/failure")), "errors": 0,
		               "skipped": len(suite.findall("testcase/skipped"))}
		    for name, count in counted.items():
		        assert int(suite.get(name)) == count, (suite.attrib, counted)
		        total[name] += count
		    names = [(case.get("classname"), case.get("name")) for case in cases]
		    assert all(all(name) for name in names) and len(set(names)) == len(names), names
		    assert abs(sum(float(case.get("time")) for case in cases) - float(suite.get("time"))) < 0.01 * len(cases) + 0.01
		    for known in suite.iter("property"):
		        assert known.get("name") and known.get("value") is not None
		for name, count in total.items():
		    assert int(root.get(name)) == count
	PYTHON
}

@test "JUnit's XML: every record's is well-formed, of the elements that CI knows, and its counts are right" {
	each_record junit_is_sound
}

@test "JUnit's XML: a failed test and a void one are failures, with their reasons" {
	python3 - "$RECORDS" <<-'PYTHON'
		import json, pathlib, sys
		record = pathlib.Path("record")
		record.mkdir()
		base = {"runtime": "lxc", "switch": "veth", "io": "udp", "dimension": "throughput", "size": 64, "rate": "max"}
		tests = [{**base, "io": io} for io in ("udp", "raw", "dpdk")]
		json.dump({"schema": 1, "lanebench": "0.1.0", "name": "x", "started": "2026-11-21T20:35:19Z", "state": "done",
		           "tests": tests, "environment": {}}, open(record / "run.json", "w"))
		with open(record / "trials.jsonl", "w") as lines:
		    for test, status in zip(tests, ("failed", "void", "skipped")):
		        print(json.dumps({"trial": 1, "test": test, "repeat": 1, "status": status, "reason": f"it is {status}",
		                          "remedy": "try again", "flags": []}), file=lines)
	PYTHON
	lanebench report record -f junit >out.xml
	python3 - <<-'PYTHON'
		import xml.etree.ElementTree as tree
		root = tree.parse("out.xml").getroot()
		assert (root.get("tests"), root.get("failures"), root.get("skipped")) == ("3", "2", "1")
		assert [(f.get("type"), f.get("message")) for f in root.iter("failure")] == [
		    ("failed", "it is failed"), ("void", "it is void")]
		assert all("Remedy: try again" in f.text for f in root.iter("failure"))
		assert next(root.iter("skipped")).get("message") == "it is skipped; remedy: try again"
	PYTHON
}

markdown_is_sound() {
	lanebench report "$1" -f markdown >out.md
	[ "$(wc -m <out.md)" -le 65536 ] || fail "too long for an issue: $(wc -m <out.md)"
	python3 - <<-'PYTHON'
		import re
		text = open("out.md", encoding="utf-8").read()
		# No HTML but ours, no mention, reference, link or image, no control character.
		tags = set(re.findall(r"</?[A-Za-z!?][^>]*>?", text))
		assert tags <= {"<details>", "</details>", "<summary>", "</summary>", "<code>", "</code>"}, tags
		bare = re.sub(r"<code>.*?</code>", "", text)
		assert not re.search(r"@\w|(^|\W)#\d|!\[|\]\(|https?:|www\.|`|\bGH-\d", bare), bare
		assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]", text)
		assert text.count("<details>") == text.count("</details>")
		columns = 0
		for line in text.split("\n"):
		    bars = line.count("|") if line.startswith("|") else 0
		    assert not (bars and columns and bars != columns), line
		    columns = bars
	PYTHON
}

@test "Markdown: of every record text and tables, and nothing that means something to who renders it" {
	each_record markdown_is_sound
}

csv_is_sound() {
	lanebench report "$1" -f csv >out.csv
	lanebench report "$1" --csv | cmp - out.csv
	lanebench report "$1" --json >out.json
	lanebench report "$1" -f json | cmp - out.json
	python3 - <<-'PYTHON'
		import csv, json, sys
		sys.setrecursionlimit(100000)
		with open("out.csv", newline="", encoding="utf-8") as file:
		    rows = list(csv.reader(file, strict=True))
		trials = json.load(open("out.json", encoding="utf-8"))["trials"]
		assert all(len(row) == len(rows[0]) for row in rows)
		assert len(set(rows[0])) == len(rows[0])
		assert len(rows) == len(trials) + 1
		assert not any(field[:1] in "=+-@" and not field[1:2].isdigit() for row in rows for field in row if field), rows
	PYTHON
}

@test "CSV and JSON: the same trials, read by Python; --csv and --json are -f csv and -f json" {
	each_record csv_is_sound
}

@test "CSV: a database takes it, with numbers as numbers" {
	command -v sqlite3 >/dev/null || skip "sqlite3 is not installed"
	python3 "$BATS_TEST_DIRNAME/make_record.py" --trials 20 record
	lanebench report record --csv >trials.csv
	sqlite3 :memory: -cmd ".mode csv" ".import trials.csv trials" "SELECT count(*), count(DISTINCT switch) > 0,
		sum(CAST(rx_forwarded_pps AS REAL)) > 0 FROM trials WHERE status = 'ok'" >out
	awk -F, '{ exit !($1 > 0 && $2 == 1 && $3 == 1) }' out || fail "$(cat out)"
}

@test "the same record gives the same bytes, whatever the locale and the time" {
	python3 "$BATS_TEST_DIRNAME/make_record.py" --trials 20 record
	for format in markdown junit csv json summary; do
		LC_ALL=C TZ=UTC lanebench report record -f $format >first
		LC_ALL=C.UTF-8 LC_NUMERIC=de_DE.UTF-8 TZ=Asia/Tokyo lanebench report record -f $format | cmp - first
	done
}
