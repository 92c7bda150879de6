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
