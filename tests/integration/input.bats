#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What bad input, missing privileges and things that break on the way get: a message with cause and remedy, the rest
# of the suite done, nothing lost and nothing left behind.
# May run beside others.
load common

NETNS=(run --runtime netns)

# The command fails with status 2, says this, and has created nothing.
rejected() { # TEXT ARGUMENTS...
	local text=$1 before
	shift
	before=$(find . | sort)
	run -2 --separate-stderr lanebench "$@"
	[[ "$stderr" == *"$text"* ]] || fail "lanebench $*: no '$text' in:" "$stderr" || return 1
	[[ "$stderr" == *remedy:* ]] || fail "lanebench $*: no remedy in:" "$stderr" || return 1
	[ -z "$output" ] || fail "lanebench $*: on standard output:" "$output" || return 1
	[ "$(find . | sort)" = "$before" ] || fail "lanebench $*: something was created:" "$(find . | sort)"
}

@test "a suite with many errors: all of them at once, each with its place" {
	cat >bad.yaml <<-'YAML'
		name: bad
		parameters:
		  duraton: 2s
		tests:
		  - switch: [veth, linux-brigde]
		    io: udpp
		    size: 20
		    rate: 0
		    containers: 0vs0
		  - burst: 5000
		    containers: 2vs3
		    colour: red
		  - dimension: throughputt
		    duration: 5 parsecs
		    runtime: lxd
	YAML
	run -2 --separate-stderr lanebench run bad.yaml
	[ -z "$output" ]
	diff - <(grep -v '^  remedy: ' <<<"$stderr") <<-'TEXT'
		bad.yaml:3:3: error: unknown key 'duraton' (did you mean 'duration'?)
		bad.yaml:5:20: error: unknown switch 'linux-brigde' (did you mean 'linux-bridge'?)
		bad.yaml:6:9: error: unknown io 'udpp' (did you mean 'udp'?)
		bad.yaml:7:11: error: size 20 is below 60, the least that Ethernet carries without FCS
		bad.yaml:8:11: error: rate 0 is below 1
		bad.yaml:9:17: error: containers 0vs0 is below 1vs1
		bad.yaml:10:12: error: burst 5000 is above 1024
		bad.yaml:11:17: error: containers 2vs3 has two numbers that differ, and the second is not 1
		bad.yaml:12:5: error: unknown key 'colour'
		bad.yaml:13:16: error: unknown dimension 'throughputt' (did you mean 'throughput'?)
		bad.yaml:14:15: error: duration '5 parsecs' has the unknown unit 'parsecs'
		bad.yaml:15:14: error: unknown runtime 'lxd' (did you mean 'lxc'?)
		lanebench: 12 errors; nothing was created
	TEXT
	[ "$(grep -c '^  remedy: ' <<<"$stderr")" = 12 ]
	[ "$(ls -A)" = bad.yaml ]
}

@test "processors that are not there, or not a list" {
	rejected "this process cannot use processor 1023" "${NETNS[@]}" -I udp --processors 1023
	rejected "processors" "${NETNS[@]}" -I udp --processors 0-x
}

@test "a suite that is no YAML, empty, binary, a folder, absent, a list of nothing" {
	printf 'name: x\ntests: [\n' >open.yaml
	: >empty.yaml
	head -c 1000 "$LANEBENCH" >binary.yaml
	printf 'tests: []\n' >none.yaml
	printf 'tests:\n  - size: {a: 1}\n' >map.yaml
	printf 'tests:\n  - size: 64\n    size: 65\n' >twice.yaml
	printf '%s\n' 'a: &a [x,x,x,x,x,x,x,x,x]' 'b: &b [*a,*a,*a,*a,*a,*a]' 'c: &c [*b,*b,*b,*b]' 'tests: [{size: *c}]' >laughs.yaml
	for suite in open empty binary none map twice laughs; do
		run -2 --separate-stderr lanebench run $suite.yaml
		[[ "$stderr" == *"$suite.yaml"*error:* || "$stderr" == *error:*"$suite.yaml"* ]] || fail "$suite" "$stderr"
	done
	for suite in /tmp nosuch.yaml; do
		run -2 --separate-stderr lanebench run $suite
		[[ "$stderr" == *error:*$suite* ]] || fail "$stderr"
	done
	[ "$(ls -A | grep -v '\.yaml$')" = "" ]
}

@test "values that no test can have" {
	rejected 'size 20 is below 60' "${NETNS[@]}" -P 20
	rejected 'size 59 is below 60' "${NETNS[@]}" -P 64,59
	rejected 'size 9015 is above 9014' "${NETNS[@]}" -P 9015
	rejected 'size 64.5 is not a whole number' "${NETNS[@]}" -P 64.5
	rejected "size 'nan' is not a number" "${NETNS[@]}" -P nan
	rejected 'size has no value' "${NETNS[@]}" -P 64,
	rejected 'rate 0 is below 1' "${NETNS[@]}" -R 0
	rejected 'rate -5 is below 1' "${NETNS[@]}" -R -5
	rejected 'rate' "${NETNS[@]}" -R 2G
	rejected "rate '1e12' has the unknown unit" "${NETNS[@]}" -R 1e12
	rejected 'containers 0vs0 is below 1vs1' "${NETNS[@]}" -S 0vs0
	rejected 'containers 65vs65 is above 64vs64' "${NETNS[@]}" -S 65vs65
	rejected 'two numbers that differ' "${NETNS[@]}" -S 2vs3
	rejected "containers '2'" "${NETNS[@]}" -S 2
	rejected 'burst 0 is below 1' "${NETNS[@]}" -B 0
	rejected 'burst 1025 is above 1024' "${NETNS[@]}" -B 1025
	rejected 'duration 1ms is below 10ms' "${NETNS[@]}" -t 1ms
	rejected 'duration -1s is below 10ms' "${NETNS[@]}" -t -1s
	rejected 'unknown unit' "${NETNS[@]}" -t 5parsecs
	rejected 'repeats 0 is below 1' "${NETNS[@]}" -n 0
	rejected 'unknown payload' "${NETNS[@]}" --payload none
	rejected "(did you mean 'macvlan'?)" "${NETNS[@]}" -V macvlam
	rejected "(did you mean 'raw-mmsg'?)" "${NETNS[@]}" -I raw-msg
	rejected "(did you mean 'netns'?)" run --runtime netsn
	rejected "(did you mean 'latency'?)" "${NETNS[@]}" -D latensy
	rejected 'hosts remote is impossible with switch veth' "${NETNS[@]}" -L remote
	rejected 'processors' "${NETNS[@]}" --processors 0-
	rejected 'ring 1000 is not a power of two (did you mean 1024?)' "${NETNS[@]}" --ring 1000
	rejected 'ring 32 is below 64' "${NETNS[@]}" --ring 32
	rejected 'ring 65536 is above 32768' "${NETNS[@]}" --ring 512,65536
	rejected 'ring 32768 is above 16384' "${NETNS[@]}" -V memif -I dpdk --ring 32768
	rejected "loss 0.5 would be 50 %: write 0.5%, or 50%" "${NETNS[@]}" -R pdr --loss 0.5
	rejected 'threads 0 is below 1' "${NETNS[@]}" --threads 0
	rejected 'threads 65 is above 64' "${NETNS[@]}" --threads 65
	rejected "unknown hugepages '3M' (did you mean '2M'?)" "${NETNS[@]}" --hugepages 3M
	rejected "unknown hugepages '2048'" "${NETNS[@]}" --hugepages 2048
	rejected "unknown port 'netdevs' (did you mean 'netdev'?)" "${NETNS[@]}" --port netdevs
	rejected "port memif is impossible with io udp" "${NETNS[@]}" --port memif
	# Several at once, here too.
	run -2 --separate-stderr lanebench run --runtime netns -P 20 -R 0 -B 5000
	[[ "$stderr" == *"3 errors; nothing was created"* ]] || fail "$stderr"
}

@test "terminal escapes of a suite, an option or a file name reach no terminal" {
	local esc=$'\033' csi=$'\u009b' key name
	for key in processors io switch size rate loss duration containers hops order; do
		printf 'tests:\n  - %s: "\\e[2J\\x9b31m\\u202e"\n' "$key" >evil.yaml
		run -2 --separate-stderr lanebench run evil.yaml --dry-run
		[[ "$stderr" == *evil.yaml:*error:* ]] || fail "$key" "$stderr"
		! grep -qP '\x1b|\xc2\x9b|\xe2\x80\xae' <<<"$output$stderr" || fail "$key" "$(cat -v <<<"$stderr")"
	done
	printf 'tests:\n  - "\\e[2J\\x9b": 1\n' >"$esc$csi.yaml"
	for name in "$esc$csi.yaml" "no$esc$csi.yaml" "--si$esc$csi" -P"$esc$csi" --order="$esc$csi" ; do
		run -2 --separate-stderr lanebench run "$name"
		! grep -qP '\x1b|\xc2\x9b' <<<"$output$stderr" || fail "$(cat -v <<<"$stderr")"
	done
	run -2 --separate-stderr lanebench "$esc$csi"
	! grep -qP '\x1b|\xc2\x9b' <<<"$output$stderr" || fail "$(cat -v <<<"$stderr")"
}

@test "commands to be copied are what a shell takes" {
	run -0 lanebench "${NETNS[@]}" -V veth -I udp -R 1k -B 1 -t 200ms -q -o "my run's"
	[[ "$output" == *"report 'my run'\\''s' --format csv"* ]] || fail "$output"
}

@test "a state directory that options and sockets cannot name is refused before anything is created" {
	local name
	for name in 'a=b' 'a b' 'a,b' "a'b" 'a"b' 'a\b' $'a\nb' $'a\xffb' 'a[b'; do
		LANEBENCH_STATE=$PWD/$name run -1 --separate-stderr lanebench "${NETNS[@]}" -V veth -I udp -t 100ms -o record
		[[ "$stderr" == *"the state directory "*"remedy: set LANEBENCH_STATE"* ]] || fail "$name" "$stderr"
		[ -z "$(ls -A)" ] || fail "$name" "$(ls -A)"
	done
}

@test "root that has not got what root has is told of netns, which works there" {
	local lxc=(run -V veth -I udp -R 1k -B 1 -t 200ms -q)
	[ "$(id -u)" = 0 ] || skip "needs root"
	for as in "unshare -Ur" "setpriv --bounding-set=-all --inh-caps=-all"; do
		export LANEBENCH_STATE=$PWD/state
		run -1 --separate-stderr $as "$LANEBENCH" "${lxc[@]}"
		[[ "$stderr" == *"--runtime netns, which works here"* && "$stderr" != *sudo* ]] || fail "$as" "$stderr"
	done
	run -0 unshare -Ur "$LANEBENCH" "${lxc[@]}" --runtime netns
}

@test "a limit on address space is named where DPDK does not start" {
	lanebench list io --json | jq -e '.io | any(.name == "dpdk")' >/dev/null ||
		skip "dpdk is not in this build"
	run -1 --separate-stderr prlimit --as=$((80000 << 10)) "$LANEBENCH" "${NETNS[@]}" -V memif -I dpdk --hugepages none -t 100ms -q
	[[ "$output$stderr" == *"ulimit -v unlimited"* ]] || fail "$output" "$stderr"
}

@test "a suite with a byte order mark, and from standard input" {
	printf '\xef\xbb\xbfname: marked\ntests: [{runtime: netns, io: udp}]\n' >marked.yaml
	run -0 lanebench run marked.yaml --dry-run
	run -0 lanebench run - --dry-run <marked.yaml
	[[ "$output" == *"1 test, 1 trial"* ]] || fail "$output"
	rejected "standard input:1:10" run - <<<'tests: [{<<: {size: 64}}]'
}

@test "options that are not there, lack a value, or come twice; commands and topics that are not there" {
	rejected "no option '--sice' (did you mean '--size'?)" run --sice 64
	rejected "no option '-Z'" run -Z
	rejected "option '-P' needs a value" run -P
	rejected "option '--size' needs a value" run --size
	rejected "takes no value" run --json=3 -P 64
	rejected 'given twice' run -P 64 --size 65
	rejected 'one suite at a time' run a b
	rejected 'neither a suite nor a parameter' run
	rejected 'takes no parameters' run --resume results/x -P 64
	rejected 'takes neither a suite nor -o' run --resume results/x -o y
	rejected "(did you mean 'run'?)" rn
	rejected "no command '--versio'" --versio
	rejected "(did you mean 'switches'?)" list switch
	rejected 'one topic at a time' list io switches
	rejected "(did you mean '--json'?)" list --jsn
	rejected 'no arguments' doctor x
	rejected 'no arguments' clean x
	rejected 'which record?' report
	rejected 'one record at a time' report a b
	rejected "(did you mean 'csv'?)" report --format cvs x
	rejected '--width takes' report --width abc x
	run -2 --separate-stderr lanebench
	[[ "$stderr" == Usage:* ]]
}

# Every option that a help text names is given once; an option that this table does not know fails the test.
try_options() { # COMMAND WORDS...
	local command=$1 option value tried=0
	shift
	for option in $(lanebench "$command" --help | grep -oE '^ +(-[a-zA-Z], )?--[a-z-]+' | grep -oE '(-[a-zA-Z]\b|--[a-z-]+)'); do
		case $option in
		-o|--output) value=$HERE/output ;;
		-f|--format) value=csv ;;
		--width) value=80 ;;
		--noise|--json|--csv|--all|-q|--quiet|-h|--help) value= ;;
		*) fail "$command --help names $option, which this test does not know" || return 1 ;;
		esac
		run -0 lanebench "$command" $option $value "$@"
		tried=$((tried + 1))
	done
	[ "$tried" -gt 0 ]
}

@test "every line of every --help" {
	lanebench run -q --runtime netns -R 1k -t 10ms -w 0 --drain 10ms -o record >/dev/null
	try_options list
	try_options doctor
	try_options clean
	try_options report record
	for topic in switches io runtimes parameters; do
		lanebench list --help | grep -q "^  $topic "
		lanebench list $topic | grep -q .
		lanebench list $topic --json | jq -e ".$topic | length > 0"
	done
	for command in run list doctor report compare clean; do
		lanebench --help | grep -q "^  $command "
		[[ "$(lanebench $command --help)" == "Usage: lanebench $command"* ]]
		diff <(lanebench $command --help) <(lanebench help $command)
		[ "$(lanebench $command --help | wc -L)" -le 80 ] || fail "wider than 80 columns: $command --help"
	done
	[ "$(lanebench --version)" = "lanebench $(jq -r .lanebench record/run.json)" ]
}

@test "every line of run --help; every parameter in help, list and suites alike" {
	local help parameters name letter value option lines
	help=$(lanebench run --help)
	parameters=$(lanebench list parameters --json)
	for name in $(jq -r '.parameters[].name' <<<"$parameters"); do
		grep -qE -- "--$name " <<<"$help" || fail "run --help lacks --$name"
		letter=$(jq -r --arg name "$name" '.parameters | map(select(.name == $name))[0].option // ""' <<<"$parameters")
		value=$(jq -r --arg name "$name" '.parameters | map(select(.name == $name))[0].default' <<<"$parameters")
		run -0 lanebench run --dry-run "--$name" "$value"
		[ -z "$letter" ] || lanebench run --dry-run "$letter" "$value" >out || fail "$letter $value"
		printf 'tests:\n  - %s: %s\n' "$name" "$value" >one.yaml
		run -0 lanebench run --dry-run one.yaml
		grep -q '^1 tests\?, ' <<<"$output" || fail "$name" "$output"
	done
	rm -f one.yaml out
	# What is no parameter has a test of its own somewhere in this folder.
	for option in $(grep -oE '^ +(-[a-zA-Z], )?--[a-z-]+' <<<"$help" | grep -oE -- '--[a-z-]+'); do
		jq -e ".parameters[] | select(.name == \"${option#--}\")" <<<"$parameters" >/dev/null ||
			[[ " --output --resume --dry-run --no-tuning --no-survey --neighbour-command --json --csv --quiet --help --order --seed " == *" $option "* ]] || fail "not tried: $option"
	done
	run -0 lanebench run --dry-run --output=record --quiet --json --no-tuning -P 64
	[ -z "$(ls -A)" ]
	# The examples at its end.
	lines=$(grep -E '^ +(sudo )?lanebench run ' <<<"$help" | sed -E 's/^ +(sudo )?lanebench //; s/ \(.*//')
	[ "$(wc -l <<<"$lines")" -ge 3 ]
	cd "$ROOT"
	while read -r -a words; do
		run -0 lanebench "${words[@]}" --dry-run
	done <<<"$lines"
}

# A pair of an I/O technique and a switch whose ports have rings; none where this build has none.
with_rings() {
	local io sw
	for io in $(lanebench list io --json | jq -r '.io[].name'); do
		for sw in $(lanebench list switches --json | jq -r '.switches[].name'); do
			lanebench run --dry-run -I "$io" -V "$sw" -B 64 --ring 64 >out 2>&1 || continue
			lanebench run --dry-run -I "$io" -V "$sw" -B 65 --ring 64 >out 2>&1 && continue
			echo "-I $io -V $sw"
			return
		done
	done
}

@test "a burst that is longer than a ring; network interfaces have no such rings" {
	local -a pair
	run -0 lanebench run --dry-run "${NETNS[@]:1}" -V veth -I udp -B 1024 --ring 64
	read -r -a pair < <(with_rings) || skip "no switch and I/O technique of this build have rings"
	rm -f out
	rejected 'option -B: error: burst 65 is above 64' "${NETNS[@]}" "${pair[@]}" -B 64,65 --ring 64,128
	rejected 'option --ring: error: ring 100 is not a power of two' "${NETNS[@]}" "${pair[@]}" -B 65 --ring 100
	[[ "$stderr" == *'a power of two'* ]]
}

@test "an endpoint program whose library is missing: its tests are skipped in the loader's words, the rest is done" {
	command -v cc >/dev/null || skip "no compiler here"
	mkdir bin
	cp "$LANEBENCH" bin/lanebench
	cp "$(dirname "$LANEBENCH")/../endpoint/lanebench-endpoint" bin/
	echo 'int gone(void) { return 0; }' >gone.c
	echo 'int gone(void); int main(void) { return gone(); }' >main.c
	cc -shared -fPIC -o libgone.so.1 gone.c
	cc -o bin/lanebench-endpoint-lost main.c ./libgone.so.1 -Wl,-rpath,/nonexistent
	rm libgone.so.1
	run -0 --separate-stderr bin/lanebench list io
	[[ "$output" == *udp*"  lost "* ]] || fail "$output"
	[ -z "$stderr" ] || fail "$stderr"
	run -0 bin/lanebench doctor
	[[ "$output" == *'lost '*'no'*'why: '*'libgone.so.1: cannot open shared object file'*'remedy: install '* ]] || fail "$output"
	run -3 bin/lanebench run --runtime netns -V veth -I lost,udp -R 1k -t 50ms -w 0 --drain 20ms -q -o record
	run -0 jq -r '"\(.test.io) \(.status)"' record/trials.jsonl
	[ "$output" = $'lost skipped\nudp ok' ] || fail "$(cat record/trials.jsonl)"
	run -0 jq -r 'select(.status == "skipped") | .reason' record/trials.jsonl
	[[ "$output" == lost:*libgone.so.1* ]] || fail "$output"
	# One that is there and says nonsense is no better, and as harmless.
	cp /bin/true bin/lanebench-endpoint-lost
	run -0 bin/lanebench doctor
	[[ "$output" == *'lanebench-endpoint-lost does not describe itself'* ]] || fail "$output"
	# Without the first of them nothing can be measured.
	mv bin/lanebench-endpoint bin/elsewhere
	run -1 bin/lanebench list io
	[[ "$output" == *'cannot find lanebench-endpoint'* ]] || fail "$output"
}

# With lanebench-endpoint, and one more of the given source.
with_endpoint_program() { # NAME, C on standard input
	command -v cc >/dev/null || skip "no compiler here"
	mkdir -p bin
	cp "$LANEBENCH" bin/lanebench
	cp "$(dirname "$LANEBENCH")/../endpoint/lanebench-endpoint" bin/
	cc -D_GNU_SOURCE -x c - -o "bin/lanebench-endpoint-$1"
}

@test "an endpoint program that does not answer is ended, the others are used" {
	with_endpoint_program stuck <<-'C'
		#include <unistd.h>
		int main(void) { for (;;) pause(); }
	C
	run -0 timeout 20 bin/lanebench doctor
	[[ "$output" == *'stuck '*'no'*'does not end'* ]] || fail "$output"
	run ! bash -c 'readlink /proc/[0-9]*/exe | grep "$HERE/bin/lanebench-endpoint-stuck"'
	run -0 timeout 20 bin/lanebench list io
	[[ "$output" == *udp* ]] || fail "$output"
}

@test "an endpoint program that is asked what it can do has no capability, and an environment of lanebench's making" {
	with_endpoint_program telling <<-'C'
		#include <stdio.h>
		#include <string.h>
		#include <unistd.h>
		int main(void)
		{
			char line[256], text[4096] = "told:";
			FILE *status = fopen("/proc/self/status", "r");
			for (char **one = environ; *one; one++)
				strcat(strcat(text, " "), *one);
			while (fgets(line, sizeof(line), status))
				if (!strncmp(line, "CapEff", 6) || !strncmp(line, "CapBnd", 6) || !strncmp(line, "NoNewPrivs", 10))
					strcat(strcat(text, " "), strtok(line, "\n"));
			fprintf(stderr, "%s\n", text);
			return 1;
		}
	C
	run -0 env GCONV_PATH=/nowhere LD_LIBRARY_PATH="$HERE/bin" PATH="$HERE:$PATH" bin/lanebench doctor
	[[ "$output" == *'told: PATH='*'CapEff:'* ]] || fail "$output"
	[[ "$output" != *GCONV_PATH* && "$output" != *LD_LIBRARY_PATH* && "$output" != *"$HERE"* ]] || fail "$output"
	[[ "$output" =~ CapEff:[[:space:]]*0000000000000000 && "$output" =~ NoNewPrivs:[[:space:]]*1 ]] || fail "$output"
}

@test "output that cannot be written" {
	touch file
	for where in /proc/x file file/x; do
		run -1 --separate-stderr lanebench "${NETNS[@]}" -R 1k -t 10ms -w 0 -o "$where"
		[[ "$stderr" == *error:*"$where"* ]] || fail "$stderr"
	done
	lanebench "${NETNS[@]}" -q -R 1k -t 10ms -w 0 -o record >/dev/null
	cp record/trials.jsonl before
	run -1 --separate-stderr lanebench "${NETNS[@]}" -R 1k -t 10ms -w 0 -o record
	[[ "$stderr" == *record* ]] || fail "$stderr"
	cmp before record/trials.jsonl
	run -1 bash -c '"$LANEBENCH" list >/dev/full'
	run -1 bash -c '"$LANEBENCH" report record >/dev/full'
	run -1 lanebench report record -o /proc/x
	LANEBENCH_STATE=/proc/x run -1 --separate-stderr lanebench "${NETNS[@]}" -R 1k -t 10ms -w 0 -o other
	[[ "$stderr" == */proc/x*remedy:* ]] || fail "$stderr"
}

@test "without privileges: lxc says what is missing" {
	install -d -m 777 home
	cp "$LANEBENCH" "$(dirname "$LANEBENCH")/../endpoint/lanebench-endpoint" .
	cd home
	run -1 --separate-stderr setpriv --reuid nobody --regid nogroup --clear-groups env -u LANEBENCH_STATE \
		"$HERE/lanebench" run --runtime lxc -R 1k -t 10ms
	[[ "$stderr" == *root*remedy:*sudo*--runtime\ netns* ]] || fail "$stderr"
	[ -z "$(ls -A)" ]
}

@test "full disk: what was measured is printed, and the exit status tells" {
	mkdir disk
	cat >script <<-'SH'
		mount -t tmpfs -o size=64k tmpfs disk || exit 99
		"$LANEBENCH" run -q --runtime netns -V veth -I udp -P 64,128,256,512,1024,1500 -R max -t 100ms -w 0 \
			--drain 20ms -o disk/record >out 2>err
		status=$?
		cp -r disk/record kept
		exit $status
	SH
	run -1 unshare -m --propagation private bash script
	grep -q 'No space left on device' err || fail "$(cat err)"
	grep -qi 'remedy:' err
	# What the record holds is whole; the rest was printed; together they are all.
	jq -es 'map(.status == "ok") | all' kept/trials.jsonl
	grep '^{' out >printed
	[ "$(cat kept/trials.jsonl printed | jq -s 'map(.trial) | unique | length')" = 6 ] || fail "$(cat err)"
	[ "$(wc -l <printed)" -gt 0 ]
	[ ! -e state ] || [ -z "$(ls -A state)" ]
}

@test "a limit of the size of files, which is no full disk: what was measured is printed all the same" {
	(ulimit -f 24 && exec "$LANEBENCH" run -q --runtime netns -V veth -I udp -P 64,128,256,512 -R max -t 100ms -w 0 \
		--drain 20ms --no-survey -o record) > >(cat >out) 2> >(cat >err) && fail "it went well"
	wait_for 5 grep -q 'File too large' err || fail "$(cat err)"
	jq -es 'map(.status == "ok") | all' record/trials.jsonl
	grep '^{' out >printed
	[ "$(cat record/trials.jsonl printed | jq -s 'map(.trial) | unique | length')" = 4 ] || fail "$(cat err)"
	[ "$(wc -l <printed)" -gt 0 ]
	[ ! -e state ] || [ -z "$(ls -A state)" ]
}

@test "no room for a record at all: said before anything is deployed" {
	mkdir disk
	cat >script <<-'SH'
		mount -t tmpfs -o size=4k tmpfs disk || exit 99
		exec "$LANEBENCH" run -q --runtime netns -R 1k -t 10ms -w 0 -o disk/record >out 2>err
	SH
	run -1 unshare -m --propagation private bash script
	grep -q 'error: .*No space left on device' err || fail "$(cat err)"
}

killed_endpoint() { # RUNTIME WHICH ROLE
	start_run record --runtime "$1" -V linux-bridge -I udp -P 64,128 -R 1k -t 1s -w 0 --drain 50ms
	wait_for 10 test -s record/run.json
	# Both are there, and one of them is in the midst of its first trial.
	wait_for 10 eval '[ "$(endpoints | wc -l)" = 2 ]'
	sleep 0.4
	kill -9 "$(endpoints | sed -n "$2p")"
	ended 1
	run -0 jq -r '"\(.trial) \(.status)"' record/trials.jsonl
	[ "$output" = $'1 failed\n2 ok' ] || fail "$output" "$(cat record/trials.jsonl record.err)"
	run -0 jq -r 'select(.trial == 1).reason' record/trials.jsonl
	[[ "$output" == "the $3 of pair 0 was killed by signal 9"* ]] || fail "$output"
	[ -z "$(ls -A state 2>/dev/null)" ]
}

@test "an endpoint that dies in mid-trial: its test failed, the next one runs (netns, the sender)" {
	killed_endpoint netns 1 sender
}

@test "an endpoint that dies in mid-trial: its test failed, the next one runs (lxc, the receiver)" {
	killed_endpoint lxc 2 receiver
}

@test "lxc without BusyBox: skipped with the remedy, the other runtime's tests are done" {
	cat >suite.yaml <<-'YAML'
		parameters: {duration: 50ms, warmup: 0, rate: 1k, drain: 20ms}
		tests:
		  - {runtime: lxc}
		  - {runtime: netns}
	YAML
	cat >script <<-'SH'
		for path in /bin/busybox /usr/bin/busybox; do
			[ ! -e "$path" ] || mount --bind /dev/null "$path" || exit 99
		done
		exec "$LANEBENCH" run suite.yaml -q -o record >out 2>err
	SH
	run unshare -m --propagation private bash script
	[ "$status" = 1 ] || [ "$status" = 3 ] || fail "status $status" "$(cat out err)"
	run -0 jq -r '.status' record/trials.jsonl
	[ "$output" = $'skipped\nok' ] || [ "$output" = $'failed\nok' ] || fail "$(cat record/trials.jsonl)"
	run -0 jq -r 'select(.trial == 1) | .reason + .remedy' record/trials.jsonl
	[[ "$output" == *[Bb]usy[Bb]ox* ]] || fail "$output"
	[ -z "$(ls -A state 2>/dev/null)" ]
}

@test "a container that does not start: failed with the reason, the rest is done" {
	# BusyBox is there when lanebench looks, and is no program that runs.
	printf 'garbage' >broken
	chmod 755 broken
	cat >script <<-'SH'
		mount --bind broken "$(readlink -f /bin/busybox)" || exit 99
		exec "$LANEBENCH" run --runtime lxc,netns -R 1k -t 50ms -w 0 --drain 20ms -q -o record >out 2>err
	SH
	run -1 unshare -m --propagation private bash script
	run -0 jq -r '.status' record/trials.jsonl
	[ "$output" = $'failed\nok' ] || [ "$output" = $'skipped\nok' ] || fail "$(cat record/trials.jsonl)"
	run -0 jq -r 'select(.trial == 1).reason' record/trials.jsonl
	[[ "$output" == *container* ]] || fail "$output"
	[ -z "$(ls -A state 2>/dev/null)" ]
}

@test "no network namespace to be had: said with the remedy, the host as it was" {
	cat >script <<-'SH'
		exec "$LANEBENCH" run --runtime netns -R 1k -t 50ms -w 0 --drain 20ms -q -o record >out 2>err
	SH
	# In a user namespace of its own whose limit of network namespaces is one (the one that it makes for itself).
	unshare -Ur bash -c 'echo 1 >/proc/sys/user/max_net_namespaces' 2>/dev/null || skip "no user namespaces here"
	run unshare -Urn bash -c 'echo 1 >/proc/sys/user/max_net_namespaces && exec bash script'
	[ "$status" = 1 ] || [ "$status" = 3 ] || fail "$status" "$(cat out err)"
	cat err >all
	cat record/trials.jsonl >>all 2>/dev/null || true
	grep -q 'max_net_namespaces' all || fail "$(cat all)"
}
