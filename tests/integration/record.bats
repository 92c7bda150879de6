#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Records that mean no good, or that the machine has no room for. Nothing here sends a packet.
# May run beside others.
load common

setup() {
	make_here
	python3 "$BATS_TEST_DIRNAME/make_record.py" record --trials 6 --repeats 2
}

# Nobody waits, and nobody reads what has no end.
refused() { # WORDS
	local command
	for command in "report record" "report record -f json" "compare record record" "run --resume record -q --no-survey"; do
		run -1 --separate-stderr timeout 20 "$LANEBENCH" $command
		[[ "$stderr" == *"$1"*remedy:* ]] || fail "$command: $stderr"
	done
}

@test "links, pipes and devices in the place of a record's files are not read" {
	require_root
	for file in trials.jsonl run.json; do
		mv record/$file kept
		for target in /dev/zero /etc/shadow ../kept; do
			ln -s $target record/$file
			refused "$file is a link or no plain file"
			rm record/$file
		done
		mkfifo record/$file
		refused "$file is a link or no plain file"
		rm record/$file
		mknod record/$file c 1 5
		refused "$file is a link or no plain file"
		rm record/$file
		mv kept record/$file
	done
	lanebench report record >/dev/null
}

@test "a line without end ends the reading, with the line's number" {
	require_root
	truncate -s 1T record/trials.jsonl
	run -1 --separate-stderr timeout 60 "$LANEBENCH" report record
	[[ "$stderr" == *"trials.jsonl:7: the line is too long"*remedy:* ]] || fail "$stderr"
}

@test "who may only read a record cannot keep its owner from going on with it" {
	require_root
	chmod -R a+rX .
	for file in record record/trials.jsonl record/run.json; do
		setpriv --reuid 65534 --regid 65534 --clear-groups flock -x $file sleep 60 3>&- &
		holder=$!
		wait_for 5 eval "! flock -n $file true"
		lanebench run --resume record -q --no-survey >/dev/null
		lanebench report record >/dev/null
		[ -e record/report/report.html ]
		kill $holder
		wait $holder || true
	done
	[ -z "$(find . -name '*.lock')" ]
}

@test "one report at a time, and one run" {
	require_root
	install -m 600 /dev/null record/.lock
	flock -x record/.lock sleep 60 3>&- &
	wait_for 5 eval '! flock -n record/.lock true'
	run -1 --separate-stderr lanebench run --resume record --no-survey
	[[ "$stderr" == *"another run is writing record"* ]] || fail "$stderr"
	install -m 600 /dev/null record/.report.lock
	flock -x record/.report.lock sleep 60 3>&- &
	wait_for 5 eval '! flock -n record/.report.lock true'
	run -0 lanebench report record
	[[ "$output" == *"another lanebench is writing"* ]] || fail "$output"
}

@test "a limit of the size of files is said, and leaves no half of a report" {
	(ulimit -f 1 && lanebench report record -f html -o page.html 2>err) && fail "it was written"
	grep -q 'error: .*File too large' err || fail "$(cat err)"
	output=$(ulimit -f 1 && lanebench report record) || fail "$output"
	[[ "$output" == *"File too large"* ]] || fail "$output"
	[ ! -e record/report ] && [ -z "$(find record -name '.*')" ]
}
