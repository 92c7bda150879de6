#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Without root: real trials with the runtime netns in a user namespace, where this kernel allows them.
load common

as_nobody() {
	setpriv --reuid nobody --regid nogroup --clear-groups --no-new-privs env -u LANEBENCH_STATE -u XDG_RUNTIME_DIR \
		HOME="$HERE/home" "$@"
}

setup() {
	require_root # to become somebody else
	make_here
	as_nobody unshare -Urn true 2>/dev/null || skip "this kernel does not allow user namespaces without root"
	public_lanebench
	install -d -o nobody -m 700 home
	cd home
}

nothing_runs() {
	[ -z "$(pgrep -u nobody -x 'lb-hold|lanebench|lanebench-endpo')" ]
}

@test "every switch on network interfaces with every technique, and the record is the user's" {
	switches=$(switches_for udp) ios=$(ios_for veth)
	for try in 1 2 3; do
		rm -rf record
		as_nobody "$HERE/lanebench" run -q --runtime netns -V "$switches" -I "$ios" -R 2k "${SHORT[@]}" -o record >out 2>err &&
			break
		[ "$(count_trials record '.status == "void"')" -gt 0 ] || fail "$(cat out err record/trials.jsonl)"
	done
	all_trials record "$SOUND and .rx.lost == 0"
	[ "$(count_trials record)" -ge 12 ]
	[ -z "$(find record ! -user nobody)" ] || fail "$(ls -lR record)"
	[ -s record/trials.jsonl ] && grep -q 'Record: record' out
	# Nothing stays: neither processes nor a state directory.
	wait_for 5 nothing_runs || fail "$(pgrep -u nobody -a lb)"
	[ ! -e "/tmp/lanebench-$(id -u nobody)" ] || fail "$(find "/tmp/lanebench-$(id -u nobody)")"
}

@test "latency" {
	as_nobody "$HERE/lanebench" run -q --runtime netns -I raw -D latency -R 1k -B 1 "${SHORT[@]}" -o record >out 2>err ||
		[ $? = 3 ] || fail "$(cat out err)"
	all_trials record '.latency.round_trip_ns.count > 100'
}

@test "killed, then clean" {
	as_nobody "$HERE/lanebench" run -q --runtime netns -R 1k -t 20s -w 0 -o record >out 2>err 3>&- &
	sleep 1
	pid=$(pgrep -u nobody -x lanebench | head -1)
	[ -n "$pid" ]
	kill -9 "$pid"
	wait || true
	run -0 as_nobody "$HERE/lanebench" clean
	wait_for 5 nothing_runs || fail "$output" "$(pgrep -u nobody -a lb)"
	[ ! -e "/tmp/lanebench-$(id -u nobody)" ] || fail "$output" "$(find "/tmp/lanebench-$(id -u nobody)")"
}

@test "doctor and list say what works without root, and what does not" {
	run -0 as_nobody "$HERE/lanebench" doctor --json
	jq -e '.runtimes[] | select(.name == "netns").available' <<<"$output"
	jq -e '.runtimes[] | select(.name == "lxc") | .available == false and .remedy != ""' <<<"$output"
	# Whatever root can run, but for its runtime.
	names='[.switches[], .io[] | select(.available).name]'
	[ "$(jq -c "$names" <<<"$output")" = "$(lanebench doctor --json | jq -c "$names")" ] || fail "$output"
}

@test "a state directory in /tmp that somebody else made is not trusted" {
	install -d -m 777 "/tmp/lanebench-$(id -u nobody)"
	run -1 --separate-stderr as_nobody "$HERE/lanebench" run --runtime netns -R 1k -t 10ms -w 0 -o record
	rmdir "/tmp/lanebench-$(id -u nobody)"
	[[ "$stderr" == *"/tmp/lanebench-"*remedy:*LANEBENCH_STATE* ]] || fail "$stderr"
}
