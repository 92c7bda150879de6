#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Reports of records with very many trials: in how much time and memory. On a busy machine the best of three counts.
load common

setup_file() {
	make_records
	python3 "$BATS_TEST_DIRNAME/make_record.py" "$RECORDS/thousand" --trials 1000
	python3 "$BATS_TEST_DIRNAME/make_record.py" "$RECORDS/thousands" --trials 10000
}

teardown_file() {
	rm -rf "$RECORDS"
}

setup() {
	make_here
}

# The command within so many seconds and megabytes of memory (of the largest of its processes). Its output is in "out".
within() { # SECONDS MEGABYTES COMMAND...
	python3 - "$@" <<-'PYTHON'
		import resource, subprocess, sys, time
		begin = time.monotonic()
		status = subprocess.run(sys.argv[3:], stdout=open("out", "wb")).returncode
		seconds = time.monotonic() - begin
		megabytes = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
		print("%.1f s, %.0f MB: %s" % (seconds, megabytes, " ".join(sys.argv[4:])), file=sys.stderr)
		sys.exit(status or seconds > float(sys.argv[1]) or megabytes > float(sys.argv[2]))
	PYTHON
}

@test "1,000 trials: table, page, CSV and plots within 5 s" {
	attempt within 5 300 "$LANEBENCH" report "$RECORDS/thousand"
	cd "$RECORDS/thousand/report"
	[ "$(wc -l <trials.csv)" = 1001 ]
	# It says as much as that of few trials.
	[ "$(grep -c '<svg' report.html)" -ge 10 ] || ! command -v gnuplot
	[ "$(find plots -name '*.pdf' | wc -l)" -ge 10 ] || ! command -v gnuplot
	for name in veth linux-bridge macvlan ovs testpmd udp-mmsg raw-mmsg dpdk; do
		grep -q "$name" report.html || fail "nothing of $name"
	done
}

@test "10,000 trials: table, page, CSV and plots within 30 s and 300 MB" {
	attempt within 30 300 "$LANEBENCH" report "$RECORDS/thousands"
	[ "$(wc -l <"$RECORDS/thousands/report/trials.csv")" = 10001 ]
	# The table is for people: what is too much for it is told, and --all shows it.
	[ "$(wc -l <out)" -lt 500 ] && grep -qe --all out
}

@test "10,000 trials: what reads or shows all of them within 30 s and 300 MB" {
	for format in json junit markdown; do
		attempt within 30 300 "$LANEBENCH" report "$RECORDS/thousands" -f $format
	done
	attempt within 30 300 "$LANEBENCH" report "$RECORDS/thousands" -f hgrm -o hgrm
	[ "$(find hgrm -type f | wc -l)" = 2000 ]
	attempt within 30 300 "$LANEBENCH" report "$RECORDS/thousands" -f table --all
	[ "$(wc -l <out)" -gt 2000 ]
}

@test "10,000 trials: compared with themselves within 30 s and 600 MB" {
	attempt within 30 600 "$LANEBENCH" compare "$RECORDS/thousands" "$RECORDS/thousands"
}
