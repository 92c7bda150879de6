#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The host as it was found: after success, failure, signals, kill -9. What is compared: links, network namespaces,
# cgroups, mounts, processes, lanebench's state directory, hugepages, the network's and the processors' settings.
load common

setup() {
	require_root
	make_here
	snapshot >"$HERE/before"
}

LONG=(-R 1k -t 20s -w 0 --drain 20ms)

# The run that was started is in the midst of a trial.
in_trial() {
	wait_for 10 eval '[ "$(endpoints | wc -l)" -ge 2 ]' && sleep 0.3
}

@test "the snapshot sees what lanebench makes" {
	start_run record --runtime lxc -V linux-bridge "${LONG[@]}"
	in_trial
	snapshot >during
	LC_ALL=C comm -13 before during >new
	for kind in 'network namespace' cgroup process state; do
		grep -q "^$kind " new || fail "no $kind in:" "$(cat new)"
	done
	run ! grep -E '^(link|mount|setting|named)' new
	kill -INT "$RUN"
	ended 130
	same_host
}

@test "normal end" {
	lanebench run -q --no-survey --runtime lxc,netns -V veth,linux-bridge,macvlan -R 1k -t 20ms -w 0 --drain 10ms -o record >/dev/null
	same_host
	[ ! -e "$LANEBENCH_STATE" ]
}

@test "with the state directory that is the default" {
	cat >script <<-'SH'
		unset LANEBENCH_STATE
		mount -t tmpfs tmpfs /run || exit 99
		"$LANEBENCH" run -q --no-survey --runtime lxc -R 1k -t 20ms -w 0 --drain 10ms -o record >/dev/null || exit
		[ -z "$(ls -A /run)" ] || { find /run >&2; exit 1; }
		"$LANEBENCH" run -q --no-survey --runtime lxc -R 1k -t 20s -w 0 -o killed >/dev/null &
		sleep 1
		kill -9 $!; wait $! # until it is dead, it lives
		ls -A /run/lanebench/*/ledger >/dev/null || exit
		"$LANEBENCH" clean || exit
		[ -z "$(ls -A /run)" ] || { find /run >&2; exit 1; }
	SH
	unshare -m --propagation private bash script
	same_host
}

@test "a test that fails" {
	start_run record --runtime lxc -V linux-bridge -R 1k -t 2s -w 0 --drain 20ms
	in_trial
	kill -9 "$(endpoints | head -1)"
	ended 1
	same_host
}

# Both in the midst of a trial and while the testbed is being brought up.
signalled() { # SIGNAL
	start_run record --runtime lxc,netns -V linux-bridge "${LONG[@]}"
	in_trial
	kill "-$1" "$RUN"
	ended 130
	[ "$(jq -r .state record/run.json)" = interrupted ]
	grep -q 'resume record' record.err
	same_host
	for delay in 0.05 0.1 0.15 0.2; do
		start_run "early$delay" --runtime lxc -V linux-bridge -S 4vs4 "${LONG[@]}"
		sleep $delay
		kill "-$1" "$RUN"
		# Before it has begun with its work there is nothing to interrupt: then the signal simply ends it.
		wait "$RUN" && fail "it went on" || status=$?
		[ "$status" -gt 128 ] || fail "status $status" "$(cat early$delay.err)"
	done
	same_host
}

@test "SIGINT" {
	signalled INT
}

@test "SIGTERM" {
	signalled TERM
}

@test "SIGHUP" {
	signalled HUP
}

@test "nohup: a run outlives its terminal" {
	nohup "$LANEBENCH" run -q --no-survey -o record --runtime netns -R 1k -t 1s -w 0 --drain 20ms >record.out 2>record.err 3>&- &
	RUN=$!
	in_trial
	kill -HUP "$RUN"
	ended 0
}

@test "interrupted twice: the second signal does not stop the undoing" {
	start_run record --runtime lxc -V linux-bridge "${LONG[@]}"
	in_trial
	kill -INT "$RUN"
	sleep 0.02
	kill -INT "$RUN" || true
	kill -TERM "$RUN" || true
	ended 130
	same_host
}

# A delay of 0 to 1.5 s, in steps of 1 ms.
random_sleep() {
	printf -v delay '%d.%03d' $((RANDOM % 2)) $((RANDOM % 750))
	sleep "$delay"
}

killed_at_random() { # TIMES OPTIONS...
	local times=$1 seed=${SEED:-$(($(date +%s) % 32768))} round
	shift
	echo "# $*: seed $seed (SEED=$seed repeats it)" >&3
	RANDOM=$seed
	for round in $(seq "$times"); do # a list: bats has variables of its own, which must not be those of a loop
		# Short trials and several testbeds: a kill may fall on a trial, on bringing up, on taking down.
		start_run "record$round" -R 1k -t 100ms -w 0 --drain 10ms "$@"
		random_sleep
		kill -9 "$RUN" 2>/dev/null || true
		wait "$RUN" 2>/dev/null || true
		run -0 lanebench clean
		same_host || fail "killed after $delay s; clean said:" "$output" || return 1
	done
}

@test "kill -9 at random moments (ROUNDS of them, or two), then clean: lxc on linux-bridge" {
	killed_at_random "${ROUNDS:-2}" --runtime lxc -V linux-bridge,veth -I udp,raw -S 1vs1,2vs2
}

@test "kill -9 at random moments (ROUNDS of them, or two), then clean: netns on macvlan" {
	killed_at_random "${ROUNDS:-2}" --runtime netns -V macvlan,veth -I udp,raw -S 1vs1,2vs2
}

@test "kill -9 at random moments (ROUNDS of them, or two), then clean: chains, loops and fan-ins" {
	killed_at_random "${ROUNDS:-2}" --runtime lxc,netns -V linux-bridge -I raw --topology loop,chain,fan-in --hops 2
}

need_switch() { # SWITCH
	lanebench doctor --json | jq -e --arg name "$1" '[.switches[] | select(.name == $name).available] | any' ||
		skip "there is no $1 here"
}

@test "kill -9 at random moments (ROUNDS of them, or two), then clean: hugepages, a switch in user space" {
	need_switch testpmd
	killed_at_random "${ROUNDS:-2}" --runtime lxc -V testpmd -I dpdk -S 1vs1,2vs2
}

@test "kill -9 at random moments (ROUNDS of them, or two), then clean: a switch in a container, chains, quotas" {
	need_switch testpmd
	killed_at_random "${ROUNDS:-2}" --runtime lxc,netns -V testpmd -I dpdk --switch-in container --topology loop,chain \
		--switch-quota 50%
}

@test "kill -9 of lanebench and of everything that it has started" {
	start_run record --runtime lxc -V linux-bridge "${LONG[@]}"
	in_trial
	kill -9 "$RUN" $(pgrep -P "$RUN")
	wait "$RUN" 2>/dev/null || true
	run -0 lanebench clean
	same_host
	start_run again --runtime lxc -V linux-bridge "${LONG[@]}"
	in_trial
	# The containers' monitors alone, while lanebench lives: a failure like any other.
	kill -9 $(pgrep -P "$RUN" -x lb-monitor)
	wait_for 15 eval '[ "$(count_trials again)" = 1 ]'
	kill -INT "$RUN" 2>/dev/null || true
	wait "$RUN" && fail "it went well" || true
	same_host
}

@test "a run that was killed is undone by the next run" {
	start_run record --runtime lxc -V linux-bridge "${LONG[@]}"
	in_trial
	kill -9 "$RUN"
	wait "$RUN" 2>/dev/null || true
	lanebench run --no-survey --runtime netns -R 1k -t 20ms -w 0 --drain 10ms -o next >/dev/null 2>err
	grep -q 'undid what run [0-9a-f]*, which was killed, had left: container lb-' err || fail "$(cat err)"
	same_host
	[ ! -e "$LANEBENCH_STATE" ]
}

@test "clean when there is nothing to clean, twice, and with nonsense in the state directory" {
	run -0 lanebench clean
	[ "$output" = "nothing to clean" ]
	mkdir -p "$LANEBENCH_STATE/deadbeef" "$LANEBENCH_STATE/notours"
	chmod 711 "$LANEBENCH_STATE"
	echo 'no ledger' >"$LANEBENCH_STATE/deadbeef/ledger"
	touch "$LANEBENCH_STATE/notours/file"
	run lanebench clean
	[ -e "$LANEBENCH_STATE/notours/file" ]
	lanebench run -q --no-survey --runtime netns -R 1k -t 20ms -w 0 --drain 10ms -o record >/dev/null
}

CONTENDED='.flags | index("contended") != null'

@test "two runs at once: neither disturbs the other, and clean leaves both alone" {
	start_run one --runtime lxc -V linux-bridge -I udp -R 1k -t 1500ms -w 0
	first=$RUN
	start_run two --runtime lxc -V linux-bridge -I raw -R 1k -t 1500ms -w 0
	second=$RUN
	wait_for 10 eval '[ "$(RUN=$first; endpoints | wc -l)" = 2 ] && [ "$(RUN=$second; endpoints | wc -l)" = 2 ]'
	run -0 lanebench clean
	[ "$output" = "nothing to clean" ]
	RUN=$first ended 0
	RUN=$second ended 0
	for record in one two; do
		all_trials $record '.status == "ok" and .rx.lost == 0 and .rx.packets == .tx.packets and .rx.foreign == 0'
	done
	# With fewer than four processors they had to share, and both say so.
	[ "$(nproc)" -ge 4 ] || { all_trials one "$CONTENDED" && all_trials two "$CONTENDED"; }
	same_host
	[ ! -e "$LANEBENCH_STATE" ]
}

@test "root's run and a user's, each with a state directory of its own, know of each other's processors" {
	setpriv --reuid nobody --regid nogroup --clear-groups unshare -Urn true 2>/dev/null ||
		skip "this kernel does not allow user namespaces without root"
	public_lanebench
	install -d -o nobody -m 700 home
	start_run one --runtime netns --processors 0 -I udp -R 1k -t 2s -w 0 --repeats 1
	first=$RUN
	in_trial
	(cd home && exec setpriv --reuid nobody --regid nogroup --clear-groups --no-new-privs \
		env -u LANEBENCH_STATE -u XDG_RUNTIME_DIR HOME="$HERE/home" "$HERE/lanebench" run -q --no-survey -o record \
		--runtime netns --processors 0 -I udp -R 1k -t 200ms -w 0 --drain 10ms --repeats 1) >user.out 2>user.err 3>&-
	# It has come and gone while one trial ran: that trial tells of it, too.
	RUN=$first ended 0
	all_trials one "$CONTENDED"
	all_trials home/record "$CONTENDED"
	same_host
}

@test "what a later version has left is kept and named: clean fails, runs go on" {
	mkdir -m 711 -p "$LANEBENCH_STATE/0badcafe"
	printf '%s\n' '{"owner":4194303,"start":1,"boot":""}' \
		'{"add":1,"kind":"cgroup","subject":"lb-0badcafe-0-switch"}' \
		'{"add":2,"kind":"warp-drive","subject":"eth7"}' >"$LANEBENCH_STATE/0badcafe/ledger"
	for time in 1 2; do
		run -1 lanebench clean
		[[ "$output" == *"run 0badcafe: warp-drive eth7:"*"unknown kind, 'warp-drive'"*"use the lanebench that wrote it"* ]] ||
			fail "$output"
	done
	lanebench run -q --no-survey --runtime netns -R 1k -t 20ms -w 0 --drain 10ms -o record >/dev/null 2>err
	grep -q "warning: of run 0badcafe, which was killed: warp-drive eth7" err || fail "$(cat err)"
	grep -q warp-drive "$LANEBENCH_STATE/0badcafe/ledger"
}

@test "killed beside a live run: clean undoes the one and leaves the other" {
	start_run dead --runtime lxc -V linux-bridge "${LONG[@]}"
	in_trial
	dead=$RUN
	start_run live --runtime lxc -V linux-bridge -R 1k -t 2s -w 0
	in_trial
	kill -9 "$dead"
	wait "$dead" 2>/dev/null || true
	run -0 lanebench clean
	[[ "$output" == *"1 killed run cleaned up"* ]] || fail "$output"
	ended 0
	all_trials live '.status == "ok" and .rx.lost == 0'
	same_host
}

@test "the host's own interfaces and settings do not change while a run is under way" {
	snapshot | grep -E '^(link|setting)' >quiet
	start_run record --runtime lxc,netns -V veth,linux-bridge,macvlan -R 1k -t 100ms -w 0 --drain 10ms
	while kill -0 "$RUN" 2>/dev/null; do
		snapshot | grep -E '^(link|setting)' >now
		# A setting of an interface that came and went is not one of the host's own.
		LC_ALL=C comm -13 quiet now >different
		[ ! -s different ] || cp different changed
		sleep 0.1
	done
	ended 0
	[ ! -e changed ] || fail "$(cat changed)"
}
