#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What a trial's figures say when somebody did not run in time: lanebench itself, or a sender.
load common

@test "lanebench stopped over a trial's end: its results count, and no processor time of another span is told" {
	start_run record --runtime netns -V veth -I raw -R 2k -t 1s -w 100ms --drain 50ms
	wait_for 10 eval '[ "$(endpoints | wc -l)" = 2 ]'
	sleep 0.6
	kill -STOP "$RUN"
	sleep 2.5
	kill -CONT "$RUN"
	ended 0
	all_trials record '.status == "ok" and .rx.packets > 1900 and .cpu.window_s > 2 and .cpu.machine == null and .cpu.net == null
		and .cpu.cost.packet_ns == null and (.cpu.missing.window | test("another span")) and (.cpu.endpoints | length) == 2'
}

# Without a schedule nothing makes up for the part of the window in which it did not send.
sleeps_into_the_window() { # DIMENSION
	rm -rf record
	start_run record --runtime netns -V veth -I raw -D "$1" -R max -B 8 -t 1s -w 1s --drain 50ms
	wait_for 10 eval '[ "$(endpoints | wc -l)" = 2 ]'
	sleep 0.4
	kill -STOP "$(endpoints | head -1)"
	sleep 1.2
	kill -CONT "$(endpoints | head -1)"
	ended 3
	all_trials record '.status == "void" and (.flags | index("late_start")) and .duration_s > 0.9'
}

@test "a sender that sleeps into the window: the trial is void, and its window is the common one" {
	sleeps_into_the_window throughput
	sleeps_into_the_window latency
}
