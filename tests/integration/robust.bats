#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Started in odd circumstances, and in folders of people who mean no good.
load common

RUN_SHORT=(-q --json -I udp -R 1k -B 1 -t 20ms -w 0 --drain 10ms --no-survey)

# A whole record of one trial that is ok.
whole_record() {
	[ "$(wc -l <"$1/trials.jsonl")" = 1 ] || fail "$(cat "$1/trials.jsonl")"
	[ "$(jq -r .status "$1/trials.jsonl")" = ok ] || fail "$(jq -r .reason "$1/trials.jsonl")"
	[ "$(jq -r .state "$1/run.json")" = done ]
}

@test "without standard input, output and error: nothing of what is printed gets into the record" {
	for runtime in lxc netns; do
		lanebench run --runtime $runtime "${RUN_SHORT[@]}" -o $runtime <&- >&- 2>&-
		whole_record $runtime
		[ -z "$(cat $runtime/logs/*)" ]
	done
	lanebench clean <&- >&- 2>&-
}

@test "a umask that leaves others nothing" {
	(umask 077 && lanebench run --runtime lxc "${RUN_SHORT[@]}" -o record >/dev/null)
	whole_record record
}

@test "many containers and a low limit of open files, which is soft" {
	(ulimit -Sn 40 && lanebench run --runtime netns -S 8vs8 "${RUN_SHORT[@]}" -o record >/dev/null)
	whole_record record
}

# A record with nothing done yet, to go on with.
undone_record() { # RUNTIME
	rm -rf record
	lanebench run --runtime "$1" "${RUN_SHORT[@]}" -o record >/dev/null
	: >record/trials.jsonl
}

# Refused, in the run's words or in the trial's, and without waiting for anybody.
refused() { # WORDS
	run timeout 20 "$LANEBENCH" run --resume record -q --json --no-survey
	[ "$status" = 1 ] || [ "$status" = 2 ]
	[[ "$output" == *"$1"* ]] || fail "$output"
	[ -z "$(ls -A elsewhere)" ] || fail "$(ls -l elsewhere)"
}

@test "links and pipes in somebody's record lead nothing elsewhere" {
	mkdir elsewhere
	undone_record netns
	rm -r record/logs && ln -s ../elsewhere record/logs
	refused 'logs is no directory'
	for log in netns/endpoint-1 lxc/endpoint-0 lxc/container-1; do
		undone_record "${log%/*}"
		ln -sf ../../elsewhere/log "record/logs/${log#*/}.log"
		refused 'is a link'
		rm "record/logs/${log#*/}.log" && mkfifo "record/logs/${log#*/}.log"
		: >record/trials.jsonl
		refused 'is a link or no plain file'
	done
	undone_record netns
	ln record/trials.jsonl other
	refused 'is a link'
	undone_record netns
	mkfifo record/run.json.new
	timeout 20 "$LANEBENCH" run --resume record "${RUN_SHORT[@]:0:2}" --no-survey >/dev/null
	whole_record record
	rm record/run.json && mkfifo record/run.json
	refused run.json
}

# In a mount namespace of its own, where it takes the place of the older hierarchies.
@test "cgroup v2 alone: the controllers that liblxc switches on are off again afterwards" {
	cat >script <<-'SH'
		root=/sys/fs/cgroup
		if [ "$(stat -fc %T $root)" != cgroup2fs ]; then
			umount -R $root && mount -t cgroup2 none $root || exit 99
		fi
		cat $root/cgroup.controllers >there
		cat $root/cgroup.subtree_control >before
		cmp -s there before && exit 98
		"$LANEBENCH" run -q --no-survey --runtime lxc -R 1k -B 1 -t 20ms -w 0 --drain 10ms -o record >/dev/null || exit
		cmp $root/cgroup.subtree_control before || exit
		"$LANEBENCH" run -q --no-survey --runtime lxc -R 1k -B 1 -t 20s -w 0 -o killed >/dev/null 2>&1 &
		sleep 1
		cmp -s $root/cgroup.subtree_control before && exit 97
		kill -9 $!; wait $! # until it is dead, it lives
		"$LANEBENCH" clean || exit
		cmp $root/cgroup.subtree_control before || exit
		# Two at once: the one that began first ends first.
		"$LANEBENCH" run -q --no-survey --runtime lxc -R 1k -B 1 -t 1s -w 0 --drain 10ms -o first >/dev/null & first=$!
		sleep 0.4
		"$LANEBENCH" run -q --no-survey --runtime lxc -R 1k -B 1 -t 2s -w 0 --drain 10ms -o second >/dev/null & second=$!
		wait $first && ! cmp -s $root/cgroup.subtree_control before && wait $second || exit
		cmp $root/cgroup.subtree_control before
	SH
	run unshare -m --propagation private bash script
	[ "$status" != 98 ] || skip "this machine has all its controllers on, or none"
	[ "$status" = 0 ] || fail "status $status" "$output"
}

@test "a state directory that another process has locked: its holder is named after a second, and a signal ends the wait" {
	mkdir -m 711 -p "$LANEBENCH_STATE"
	flock "$LANEBENCH_STATE" sleep 20 &
	holder=$!
	wait_for 5 eval '! flock -n "$LANEBENCH_STATE" true'
	for command in "run ${RUN_SHORT[*]} -o record" clean; do
		env --default-signal=INT "$LANEBENCH" $command >out 2>err 3>&- &
		waiter=$!
		wait_for 5 grep -q "waiting for the state directory $LANEBENCH_STATE, which process [0-9]* (flock) has locked" err
		kill -INT $waiter
		wait_for 2 eval '! kill -0 $waiter 2>/dev/null' || fail "$command goes on waiting"
		status=0 && wait $waiter || status=$?
		[ $status -ge 130 ] || fail "$command: status $status" "$(cat err)"
	done
	pkill -P $holder
	wait $holder || true
	lanebench clean
}

@test "limits of the shell: raised where they may be, else refused by name before anything is made" {
	(ulimit -Ss 64 -Sn 8 -Su 5 && lanebench run "${RUN_SHORT[@]}" -o record >/dev/null)
	whole_record record
	for limit in '-s 64:the stack is 64 (ulimit -s); 1024 are' '-n 8:open files is 8 (ulimit -n); 256 are' \
		'-n 64:open files is 64 (ulimit -n); 256 are' '-u 5:processes is 5 (ulimit -u); 64 are'; do
		run -1 setpriv --bounding-set -sys_resource --inh-caps -sys_resource bash -c \
			"ulimit ${limit%%:*}; exec \"\$@\"" - "$LANEBENCH" run "${RUN_SHORT[@]}" -o refused
		[[ "$output" == *"the limit on ${limit#*:} needed"*"remedy: "*"ulimit ${limit:0:2}"* ]] || fail "$output"
		[ ! -e refused ] && [ ! -e "$LANEBENCH_STATE" ]
	done
}
