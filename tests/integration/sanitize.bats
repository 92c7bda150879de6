#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The command and its endpoints under AddressSanitizer and UndefinedBehaviorSanitizer, and under valgrind.
# May run beside others.
load common

setup() {
	require_root
	make_here
}

use_sanitized() {
	[ -x "${LANEBENCH_SANITIZED:-}" ] || skip "no sanitized build (LANEBENCH_SANITIZED)"
	LANEBENCH=$LANEBENCH_SANITIZED
	export ASAN_OPTIONS=detect_leaks=1:exitcode=99 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1:exitcode=98
}

# Neither lanebench nor an endpoint has anything to report.
clean_bill() { # FILE...
	local reports
	reports=$(grep -rnE 'ERROR: |runtime error:|SUMMARY: |LeakSanitizer' "$@" | head -40)
	[ -z "$reports" ] || fail "$reports"
}

sane_run() { # OPTIONS...
	lanebench run -o record "$@" >out 2>err || [ $? = 3 ] || fail "$(tail -50 out err record/logs/endpoint-*)" || return 1
	clean_bill out err record/logs
	all_trials record '.status == "ok" or .status == "void"'
}

@test "sanitizers: every technique, throughput and latency" {
	use_sanitized
	sane_run --runtime netns -V veth,linux-bridge,macvlan -I udp,udp-mmsg,raw,raw-mmsg -D throughput,latency -R 1k \
		-P 60,1500 -t 50ms -w 10ms --drain 10ms
	lanebench report record >/dev/null 2>err
	lanebench report record -f csv >/dev/null 2>>err
	lanebench report record -f json >/dev/null 2>>err
	clean_bill err
}

@test "sanitizers: as fast as it can, large bursts, several pairs, jumbo frames" {
	use_sanitized
	sane_run --runtime netns -V linux-bridge -S 2vs2 -I udp-mmsg,raw -R max -B 1024 -P 9014 -t 100ms -w 10ms --drain 10ms
}

@test "sanitizers: lxc" {
	use_sanitized
	# The sanitizers' libraries are the host's, which the container sees.
	lanebench run -o record --runtime lxc -V linux-bridge -I raw -R 1k -t 50ms -w 10ms --drain 10ms >out 2>err ||
		[ $? = 3 ] || fail "$(tail -50 out err record/logs/*)"
	clean_bill out err record/logs/endpoint-*
}

@test "sanitizers: bad input, doctor, list, clean, an interrupted run, a dead endpoint" {
	use_sanitized
	printf 'tests:\n  - {size: 20, io: udpp, switch: [a, b], colour: red}\n' >bad.yaml
	run -2 --separate-stderr lanebench run bad.yaml
	echo "$stderr" >err
	run -2 lanebench run --nosuch
	lanebench list >>err 2>&1
	lanebench doctor >>err 2>&1
	lanebench clean >>err 2>&1
	lanebench run --help >>err 2>&1
	lanebench run --dry-run "$ROOT/suites/quickstart.yaml" >>err 2>&1
	clean_bill err
	start_run record --runtime netns -R 1k -t 10s -w 0
	wait_for 15 eval '[ "$(endpoints | wc -l)" = 2 ]'
	sleep 0.5
	kill -INT "$RUN"
	ended 130
	clean_bill record.err record/logs
	start_run dead --runtime netns -R 1k -t 1s -w 0
	wait_for 15 eval '[ "$(endpoints | wc -l)" = 2 ]'
	kill -9 "$(endpoints | head -1)"
	ended 1
	clean_bill dead.err dead/logs
	lanebench run -q --resume dead >out 2>err || [ $? = 3 ]
	clean_bill out err
}

memcheck() {
	run valgrind -q --error-exitcode=77 --leak-check=full --errors-for-leak-kinds=definite --child-silent-after-fork=yes \
		--log-file=valgrind.%p "$LANEBENCH" "$@"
	[ "$status" != 77 ] && [ "$status" -lt 128 ] || fail "$*" "$(cat valgrind.* | head -60)"
	# Lines with -- are about valgrind itself, such as system calls that are younger than it.
	[ -z "$(grep -h '^==' valgrind.*)" ] || fail "$*" "$(cat valgrind.* | head -60)"
}

@test "valgrind: list, doctor, run --dry-run, bad input, report, clean" {
	command -v valgrind >/dev/null || skip "needs valgrind"
	memcheck list
	memcheck doctor
	memcheck run --dry-run "$ROOT/suites/quickstart.yaml" -n 3
	printf 'tests:\n  - {size: 20, io: udpp, switch: [a, b], colour: red}\n' >bad.yaml
	memcheck run bad.yaml
	lanebench run -q --runtime netns -I udp,raw -D throughput,latency -R 1k -t 50ms -w 0 --drain 10ms -o record >/dev/null || [ $? = 3 ]
	for format in table csv json; do
		memcheck report record -f $format
	done
	memcheck clean
}

@test "valgrind: a whole run" {
	command -v valgrind >/dev/null || skip "needs valgrind"
	memcheck run -q --runtime netns -V linux-bridge,macvlan -I udp -R 1k -t 50ms -w 0 --drain 10ms -o record
	all_trials record '.status == "ok" or .status == "void"'
}
