# SPDX-License-Identifier: Apache-2.0
# What the files of this folder share. Each test gets a folder of its own, in which it stands ($HERE), with a state
# directory of its own ($LANEBENCH_STATE): other runs on this machine are neither seen nor disturbed, and whatever a
# test leaves behind when it fails is undone by its own ledgers.

bats_require_minimum_version 1.5.0

ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
export LANEBENCH=${LANEBENCH:-$ROOT/build/src/lanebench/lanebench}
# What the machine does by itself takes most of a second to measure; only cost.bats and schema.bats ask for it.
NO_SURVEY=--no-survey
# Short trials of little load: enough to see everything but speed.
SHORT=(-t 200ms -w 50ms --drain 50ms $NO_SURVEY)

[ -x "$LANEBENCH" ] || { echo "there is no $LANEBENCH: build it, or say where it is (LANEBENCH)" >&2; exit 1; }

lanebench() {
	"$LANEBENCH" "$@"
}

require_root() {
	[ "$(id -u)" = 0 ] || skip "needs root"
}

# A folder that every user may enter; its name is short, since sockets have their place in it.
make_here() {
	HERE=$(mktemp -d /tmp/lb-test.XXXXXX)
	chmod 755 "$HERE"
	export HERE LANEBENCH_STATE=$HERE/state
	cd "$HERE" || return 1
}

# A folder for all tests of a file (setup_file), which removes it at its end.
make_records() {
	RECORDS=$(mktemp -d /tmp/lb-test.XXXXXX)
	chmod 755 "$RECORDS"
	export RECORDS
}

# Undoes all that a failed test may have left.
remove_here() {
	local pid
	cd / || return 1
	for pid in $(jobs -p); do
		kill -9 "$pid" 2>/dev/null || true
	done
	wait 2>/dev/null || true
	# Until no run is left: one that still lives is not cleaned, and without its ledger it never would be.
	[ "$(id -u)" != 0 ] || wait_for 5 eval '{ lanebench clean -q; ! compgen -G "$LANEBENCH_STATE/*/ledger"; } >/dev/null' || true
	rm -rf --one-file-system "$HERE"
}

setup() {
	require_root
	make_here
}

teardown() {
	[ -z "${HERE:-}" ] || remove_here
}

# The programs in $HERE, where everybody may run them: the build folder may be in a home that others cannot enter.
public_lanebench() {
	local program
	for program in "$LANEBENCH" "$(dirname "$LANEBENCH")"/../{endpoint,testbed/switch/programs}/lanebench-*; do
		[ ! -f "$program" ] || install -m 755 "$program" "$HERE"
	done
}

# Says on failure what it was about.
fail() {
	printf '%s\n' "$@" >&2
	return 1
}

# Runs a command up to three times, until it succeeds: for what a busy machine may spoil, never for what is wrong.
attempt() {
	local try
	for try in 1 2 3; do
		"$@" && return 0
		echo "attempt $try of '$*' failed" >&2
	done
	return 1
}

# What can be combined, separated by commas: the switches whose ports this technique uses; the techniques for this switch.
going_with() { # LIST OPTION OTHER...: the names of `lanebench list LIST` that OPTION may have beside OTHER
	local name names what=$1 option=$2
	shift 2
	for name in $(lanebench list "$what" --json | jq -r ".$what[].name"); do
		lanebench run --dry-run "$option" "$name" "$@" >/dev/null 2>&1 && names+=${names:+,}$name
	done
	echo "$names"
}

switches_for() { # IO
	going_with switches -V -I "$1"
}

ios_for() { # SWITCH
	going_with io -I -V "$1"
}

# Waits until a condition holds: wait_for SECONDS COMMAND...
wait_for() {
	local deadline=$((${EPOCHREALTIME/./} + $1 * 1000000))
	shift
	until "$@"; do
		[ "${EPOCHREALTIME/./}" -lt "$deadline" ] || return 1
		sleep 0.02
	done
}

# Does every trial of the record satisfy this jq condition? Shows those that do not.
all_trials() { # RECORD CONDITION
	local bad
	[ -s "$1/trials.jsonl" ] || fail "$1 has no trials" || return 1
	bad=$(jq -c "select(($2) | not) | del(.latency[]?.histogram, .pairs, .samples, .cpu, .effective)" "$1/trials.jsonl") ||
		return 1
	[ -z "$bad" ] || fail "not true of these trials: $2" "$bad"
}

count_trials() { # RECORD [CONDITION]
	jq -c "select(${2:-true}) | 1" "$1/trials.jsonl" | wc -l
}

# The things that must hold of every trial on a path that does nothing wrong.
SOUND='.status == "ok" and .reason == ""
	and .tx.packets > 0 and .rx.packets > 0
	and .tx.packets == .rx.packets + .rx.lost + .rx.corrupted
	and .rx.duplicated == 0 and .rx.corrupted == 0 and .rx.foreign == 0 and .rx.late == 0
	and (.latency | if .one_way_ns then .one_way_ns else .round_trip_ns end
		| .count > 0 and .min > 0 and .min <= .p50 and .p50 <= .p99 and .p99 <= .max)'

# A void trial says that the machine was too busy, and nothing of lanebench: the run is then repeated.
run_sound() { # RECORD OPTIONS...
	local record=$1 try
	shift
	for try in 1 2 3; do
		rm -rf "$record"
		lanebench run -q $NO_SURVEY -o "$record" "$@" >"$record.out" 2>"$record.err" && break
		[ "$(count_trials "$record" '.status == "void"')" -gt 0 ] ||
			fail "lanebench run $*" "$(cat "$record.out" "$record.err")" || return 1
	done
	all_trials "$record" "$SOUND"
}

# ---- a run that is under way ---------------------------------------------------------------------------------

# Starts a run in the background: $RUN is its pid.
start_run() { # RECORD OPTIONS...
	local record=$1
	shift
	# A shell without job control lets its background processes ignore SIGINT; a user's shell does not.
	# No survey: what happens in the first moments is to happen to testbeds.
	env --default-signal=INT "$LANEBENCH" run -q --no-survey -o "$record" "$@" >"$record.out" 2>"$record.err" 3>&- &
	RUN=$!
}

# Waits for the end of $RUN, which must have this status.
ended() { # STATUS
	local status=0
	wait "$RUN" || status=$?
	[ "$status" = "$1" ] || fail "status $status instead of $1" "$(tail ./*.out ./*.err)"
}

# The processes that the ledgers of this test's state directory name and that live.
ledger_pids() {
	local pid
	for pid in $(cat "$LANEBENCH_STATE"/*/ledger 2>/dev/null | jq -rR 'fromjson? | select(.kind == "process") | .subject'); do
		[ -d "/proc/$pid" ] && echo "$pid"
	done
	return 0
}

# The endpoints of the runs below this state directory: children of $RUN, in the order in which they were made. (Not
# those that are only asked, at the run's start, what they can do.)
endpoints() {
	local pid
	for pid in $(pgrep -x lanebench-endpo | sort -n); do
		[ "$(ps -o ppid= -p "$pid" | tr -d ' ')" = "$RUN" ] || continue
		grep -qa -e --describe "/proc/$pid/cmdline" 2>/dev/null || echo "$pid"
	done
	return 0
}

# A program beside the containers: no user of the host's, none of root's files, no right and no way to one, and nothing
# that it could write to but what is its own. $2: its capabilities, as /proc/PID/status has them.
confined_program() { # PID [CAPABILITIES]
	local status=/proc/$1/status root=/proc/$1/root uid
	uid=$(awk '$1 == "Uid:" { print $2 }' "$status")
	[ "$uid" -gt 65535 ] && [ -z "$(getent passwd "$uid")" ] || fail "$(cat "$status")" || return 1
	[ "$(awk '$1 ~ /^Cap(Prm|Eff|Bnd):$/ { print $2 }' "$status" | sort -u)" = "${2:-0000000000000000}" ] &&
		[ "$(awk '$1 == "NoNewPrivs:" { print $2 }' "$status")" = 1 ] || fail "$(cat "$status")" || return 1
	[ -e "$root/usr" ] && [ ! -e "$root/etc/shadow" ] && [ ! -e "$root/root" ] && [ ! -e "$root/var" ] ||
		fail "$(ls "$root" "$root/etc")" || return 1
	run nsenter -t "$1" -m -r -S "$uid" -G "$uid" /bin/sh -c 'cd /
		find / -xdev -type d -writable ! -path "/proc/*" ! -path "/tmp*" 2>/dev/null
		for path in / /usr /usr/local /etc /dev /sys/devices/system; do ! touch $path/mark 2>/dev/null || echo $path; done'
	[ -z "$output" ] || fail "it can write to $output"
}

# A process in the network namespace in which the interface $1 is, among those of this test's runs.
pid_with_link() {
	local pid
	for pid in $(ledger_pids); do
		nsenter -t "$pid" -n ip -o link show "$1" >/dev/null 2>&1 && echo "$pid" && return 0
	done
	return 1
}

# ---- the host as it was found --------------------------------------------------------------------------------

# Links, network namespaces, cgroups, mounts, processes, the state directory, hugepages, settings of network and processors,
# and where DPDK and Open vSwitch keep their files unless told otherwise. One line a thing, sorted.
snapshot() {
	{
		ip -d -o link show | sed 's/^/link /'
		ip netns list 2>/dev/null | sed 's/^/named network namespace /'
		lsns -t net -n -o NS | sed 's/^ */network namespace /'
		find /sys/fs/cgroup -type d 2>/dev/null | sed 's/^/cgroup /'
		awk '{ print "mount", $4, $5, $6 }' /proc/self/mountinfo
		# Not those that have ended and that nobody has asked for yet: who adopted them does that in time.
		ps -e -o stat=,pid=,comm= | awk '$1 !~ /^Z/ && $3 ~ /^(lanebench|lb-|\[?lxc|busybox|dpdk|ovs)/ { print "process", $2, $3 }'
		find "$LANEBENCH_STATE" 2>/dev/null | sed 's/^/state /'
		sysctl -a -r '^net\.' 2>/dev/null | sed 's/^/setting /'
		find /run/dpdk /run/openvswitch /dev/hugepages /etc/openvswitch 2>/dev/null | sed 's/^/file /'
		grep -H . /sys/kernel/mm/hugepages/*/{nr,surplus,resv}_hugepages 2>/dev/null | sed 's/^/hugepages /'
		grep -H . /sys/devices/system/cpu/{cpufreq/policy*/{scaling_governor,boost},cpufreq/boost,intel_pstate/no_turbo} \
			2>/dev/null | sed 's/^/tuning /'
	} | LC_ALL=C sort -u
}

# What is there now and was not before, and stays: others on this machine, too, make things that come and go. What is
# gone is wrong only of things that do not come and go by themselves, as others' groups with names drawn at random do.
same_host() {
	local deadline=$((SECONDS + 6)) new now gone
	now=$(snapshot)
	gone=$(LC_ALL=C comm -23 "$HERE/before" - <<<"$now" | grep -vE '^(process|network namespace|state|hugepages) |/(lb|lxc)[-.]|/t-[0-9]+/memory-|^cgroup .*/[0-9a-f]{32}$' || true)
	[ -z "$gone" ] || fail "gone or changed:" "$gone" || return 1
	new=$(LC_ALL=C comm -13 "$HERE/before" - <<<"$now")
	while [ -n "$new" ]; do
		[ $SECONDS -lt $deadline ] || fail "left behind:" "$new" || return 1
		sleep 0.3
		new=$(LC_ALL=C comm -12 - <(snapshot) <<<"$new")
	done
}
