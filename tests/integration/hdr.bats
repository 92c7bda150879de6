#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What HdrHistogram's own library reads from our exports is what the record says.
# May run beside others.
load common

JAR=/usr/share/java/hdrhistogram.jar

setup() {
	command -v java >/dev/null || skip "no java: Debian has it in openjdk-17-jre-headless"
	[ -e "$JAR" ] || skip "no $JAR: Debian has it in libhdrhistogram-java"
	make_here
}

# Reads a log: ReadHistograms LOG [FOLDER]
hdr_read() {
	java -Duser.timezone=UTC -cp "$JAR" "$BATS_TEST_DIRNAME/ReadHistograms.java" "$@"
}

# Compares what the library read (LINES) with the trials of the record, which are in the same order. Its own buckets add
# 0.1 % to the 0.8 % of the record's.
same_as_record() { # RECORD LINES
	python3 - "$1/trials.jsonl" "$2" <<'PYTHON'
import datetime, json, sys

trials = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
trials = [trial for trial in trials if trial["status"] == "ok" and trial["kind"] == "trial"]
lines = [line.split(" ") for line in open(sys.argv[2], encoding="utf-8")]
assert len(lines) == len(trials) > 0, f"{len(lines)} intervals of {len(trials)} trials"
tags = {}
for trial, (tag, start, end, *numbers) in zip(trials, lines):
    kind = "round_trip_ns" if trial["test"]["dimension"] == "latency" else "one_way_ns"
    its = trial["latency"][kind]
    count, low, high, *percentiles = map(int, numbers)
    started = datetime.datetime.fromisoformat(trial["started"].replace("Z", "+00:00")).timestamp() * 1000
    assert tags.setdefault(tag, trial["test"]) == trial["test"], f"{tag} is two tests"
    assert abs(int(start) - started) <= 1, f"{tag}: {start} is not {started}"
    assert abs(int(end) - int(start) - trial["duration_s"] * 1000) <= 2, f"{tag}: {start} to {end}"
    assert count == its["count"], f"{tag}: {count} is not {its['count']}"
    assert low <= its["min"] <= low * 1.001 + 1, f"{tag}: min {low} is not {its['min']}"
    assert its["max"] <= high <= its["max"] * 1.001 + 1, f"{tag}: max {high} is not {its['max']}"
    for name, value in zip(["p50", "p90", "p99", "p99_9", "p99_99"], percentiles):
        assert abs(value - its[name]) <= its[name] * 0.009 + 1, f"{tag}: {name} {value} is not {its[name]}"
assert len(tags) == len({json.dumps(test) for test in tags.values()}), "a test with two tags"
PYTHON
}

@test "a run's histograms, as HdrHistogram reads them" {
	require_root
	attempt lanebench run -q --no-survey --runtime netns -V veth,linux-bridge -I udp -D throughput,latency -S 1vs1,2vs2 \
		-R 2k,max -t 300ms -w 50ms --repeats 2 -o record >/dev/null
	lanebench report record -f hdr-log -o record.hlog
	hdr_read record.hlog >lines
	same_as_record record lines
	# The tool that comes with the library takes one tag at a time.
	tag=$(head -n 1 lines | cut -d ' ' -f 1)
	java -cp "$JAR" org.HdrHistogram.HistogramLogProcessor -i record.hlog -tag "$tag" -outputValueUnitRatio 1000 >processed
	count=$(awk -v tag="$tag" '$1 == tag { n += $4 } END { print n }' lines)
	grep -E "Total count += +$count]" processed
}

@test "percentile distributions are what HdrHistogram prints" {
	python3 "$BATS_TEST_DIRNAME/make_record.py" record --trials 60 --repeats 1
	lanebench report record -f hdr-log >record.hlog
	mkdir theirs
	hdr_read record.hlog theirs >lines
	same_as_record record lines
	lanebench report record -f hgrm -o ours
	[ "$(ls ours | wc -l)" = 60 ]
	diff -r theirs ours
}

@test "repeats are one distribution" {
	python3 "$BATS_TEST_DIRNAME/make_record.py" record --trials 12 --repeats 4
	lanebench report record -f hdr-log >record.hlog
	hdr_read record.hlog >lines
	lanebench report record -f hgrm -o ours
	[ "$(ls ours | wc -l)" = 3 ]
	for file in ours/*.hgrm; do
		tag=$(basename "$file" .hgrm)
		[ "$(grep -c "^$tag " lines)" = 4 ]
		count=$(awk -v tag="$tag" '$1 == tag { n += $4 } END { printf "%12d", n }' lines)
		grep "Total count    = $count]" "$file"
	done
}

@test "the same record gives the same bytes" {
	python3 "$BATS_TEST_DIRNAME/make_record.py" record --trials 8
	lanebench report record -f hdr-log >one
	sleep 1.1
	TZ=Asia/Tokyo LC_ALL=C.UTF-8 lanebench report record -f hdr-log >two
	cmp one two
}
