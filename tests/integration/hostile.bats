#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Records that no run would write, and that anybody may send: hostile names, wrong types, other versions, cut off
# anywhere (make_hostile.py). Each is reported in every format, or refused by file and line (check_reports.py).
# (What is particular to a format is in exports.bats, hdr.bats, page.bats.)
# May run beside others.
load common

setup_file() {
	make_records
	python3 "$BATS_TEST_DIRNAME/make_hostile.py" "$RECORDS"
	[ "$(grep -c ' reported$' "$RECORDS/expected")" -ge 50 ] && [ "$(grep -c ' refused ' "$RECORDS/expected")" -ge 30 ]
}

teardown_file() {
	rm -rf "$RECORDS"
}

setup() {
	make_here
}

check() { # CHECK
	python3 "$BATS_TEST_DIRNAME/check_reports.py" "$1" "$LANEBENCH" "$RECORDS" || fail "see above"
}

# Where there is a sanitized build, it is that which must not crash.
sanitized() {
	export ASAN_OPTIONS=detect_leaks=1:exitcode=99 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1:exitcode=98
	[ ! -x "${LANEBENCH_SANITIZED:-}" ] || LANEBENCH=$LANEBENCH_SANITIZED
}

@test "what cannot be read is refused in every format, with file and line, and nothing is written (sanitizers)" {
	sanitized
	check refusals
}

@test "the rest is reported in every format, without control characters (sanitizers)" {
	sanitized
	check streams
}

@test "page: no element, attribute, script or link that the page does not have anyway" {
	check pages
}

@test "CSV: a row a trial, no field too many, and texts are what they were" {
	check csv
}

@test "plots: gnuplot draws them, and runs nothing that a name says" {
	command -v gnuplot >/dev/null || skip "gnuplot is not installed"
	check plots
}

@test "the same bytes in another zone, language, folder, umask, at another time" {
	check sameness
}
