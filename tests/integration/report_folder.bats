#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What `lanebench report` writes beside the record: the page, the CSV, and plots that can be changed and redrawn.
# May run beside others.
load common

RUN=(--runtime netns -V veth -I udp -P 64,1500 -t 50ms -w 0 --drain 20ms $NO_SURVEY)

setup_file() {
	make_records
	# A void trial does no harm here.
	LANEBENCH_STATE=$RECORDS/state lanebench run "${RUN[@]}" -q -o "$RECORDS/record" >"$RECORDS/out" 2>&1 || [ $? = 3 ]
}

teardown_file() {
	rm -rf "$RECORDS"
}

setup() {
	make_here
	cp -r "$RECORDS/record" .
	rm -rf record/report # the copies of files are in no order of time
}

# Every file of a folder with its bytes, by name.
bytes_of() {
	(cd "$1" && find . -type f -exec sha256sum {} + | sort -k 2)
}

@test "run has written it, and says where" {
	grep -qF "Page:   $RECORDS/record/report/report.html" "$RECORDS/out" || fail "$(cat "$RECORDS/out")"
	[ -s "$RECORDS/record/report/report.html" ] && [ -s "$RECORDS/record/report/trials.csv" ]
}

@test "page, CSV and plots; the same record gives the same bytes, wherever and whenever" {
	lanebench report record >out
	grep -q '^Page:   record/report/report.html' out || fail "$(cat out)"
	diff <(lanebench report record --csv) record/report/trials.csv
	[ -n "$(find record/report/plots -name '*.svg' -size +1k)" ]
	for svg in record/report/plots/*.svg; do
		[ -s "${svg%.svg}.pdf" ] && [ -s "${svg%.svg}.gp" ] && [ -s "${svg%.svg}.dat" ] || fail "$svg"
	done
	bytes_of record/report >first
	[ "$(wc -l <first)" -gt 6 ]
	sleep 1.1
	mkdir elsewhere
	(cd elsewhere && umask 077 && TZ=Asia/Tokyo LC_ALL=C "$LANEBENCH" report ../record -o ../again/deep >/dev/null)
	# Links to the record are all that the place decides.
	sed -i '/report.html/d' first
	diff first <(bytes_of again/deep | grep -v report.html)
	lanebench report record >/dev/null
	diff first <(bytes_of record/report | grep -v report.html)
}

@test "a plot is redrawn by gnuplot alone, and what somebody changed is kept" {
	command -v gnuplot >/dev/null || skip "gnuplot is not installed"
	lanebench report record >/dev/null
	cd record/report/plots
	script=$(ls -- *.gp | head -1)
	cp "${script%.gp}.svg" before.svg
	mv before.svg "$HERE"
	sleep 0.05
	sed -i "s/^set ylabel .*/set ylabel 'as I call it'/" "$script"
	gnuplot "$script"
	grep -q 'as I call it' "${script%.gp}.svg" || fail "$(cat "$script")"
	gnuplot -e pdf=1 "$script"
	cd "$HERE"
	run -0 --separate-stderr lanebench report record
	[[ "$output" == *"report-1"* ]] || fail "$output"
	grep -q 'as I call it' "record/report-1/plots/$script"
	! grep -q 'as I call it' "record/report/plots/$script"
	cmp before.svg "record/report/plots/${script%.gp}.svg"
}

@test "a folder of somebody else's is refused, and stays" {
	mkdir mine
	echo thesis >mine/thesis
	run -1 --separate-stderr lanebench report record -o mine
	[[ "$stderr" == *"mine is there already"*"remedy: "* ]] || fail "$stderr"
	[ "$(cat mine/thesis)" = thesis ] && [ "$(ls -A mine)" = thesis ]
}

@test "a record that may not be written: the table, and why there is no page" {
	require_root
	public_lanebench
	run -0 --separate-stderr setpriv --reuid nobody --regid nogroup --clear-groups ./lanebench report record
	[[ "$output" == *"Forwarded"* || "$output" == *"Throughput"* ]] && [[ "$output" == *"ermission denied"* ]] || fail "$output"
	[ ! -e record/report ]
	install -d -o nobody theirs
	run -0 --separate-stderr setpriv --reuid nobody --regid nogroup --clear-groups ./lanebench report record -o theirs/report
	[ -s theirs/report/report.html ]
}

@test "made by root, it belongs to the owner of the record" {
	require_root
	chown -R nobody record
	lanebench report record >/dev/null
	[ -z "$(find record/report ! -user nobody)" ]
}

@test "without gnuplot: the page without plots, their data and scripts, and the remedy" {
	require_root # to hide it, in a mount namespace of one's own
	without_gnuplot() {
		unshare -m bash -c 'for one in /usr/bin/gnuplot /usr/local/bin/gnuplot; do
				[ ! -e $one ] || mount --bind /dev/null $one
			done
			exec "$@"' - "$LANEBENCH" "$@"
	}
	run -0 --separate-stderr without_gnuplot report record
	[[ "$output" == *'gnuplot is not installed'*gnuplot-nox* ]] || fail "$output"
	[ -s record/report/report.html ] && grep -q gnuplot record/report/report.html
	compgen -G 'record/report/plots/*.gp' >/dev/null
	! compgen -G 'record/report/plots/*.svg' >/dev/null
	without_gnuplot report record -f html -o page.html 2>err
	grep -q 'no plots' err && grep -q '</html>' page.html
}

@test "kill -9 while it is made: the old one stays, and the next one leaves nothing of it" {
	lanebench report record >/dev/null
	bytes_of record/report >before
	for delay in 0.005 0.02 0.05 0.1 0.2; do
		"$LANEBENCH" report record >/dev/null 2>&1 &
		pid=$!
		sleep $delay
		kill -9 $pid 2>/dev/null || true
		wait $pid 2>/dev/null || true
		[ -s record/report/report.html ] || fail "neither the old nor the new one after $delay"
	done
	sleep 0.5 # a gnuplot that was drawing for it ends with it, or soon
	lanebench report record >/dev/null
	diff before <(bytes_of record/report)
	[ "$(ls -A record | tr '\n' ' ')" = "logs report run.json trials.jsonl " ] || fail "$(ls -A record)"
}

@test "formats and options that do not go together are refused" {
	for wrong in "-f htm" "-f html --json" "--width 10" "-f hgrm" "--unknown"; do
		# shellcheck disable=SC2086
		run -2 --separate-stderr lanebench report record $wrong
		[[ "$stderr" == *"lanebench: error: "*"remedy: "* ]] || fail "$wrong: $stderr"
	done
	diff <(lanebench report record --json) <(lanebench report record -f json)
	diff <(lanebench report record --csv) <(lanebench report record -f csv)
	[ ! -e record/report ]
}

@test "run --csv prints the CSV in place of the table" {
	LANEBENCH_STATE=$HERE/state run --separate-stderr lanebench run "${RUN[@]}" -q --csv -o new
	[ "$status" = 0 ] || [ "$status" = 3 ]
	diff <(printf '%s\n' "$output" | tr -d '\r') <(lanebench report new --csv | tr -d '\r')
	run -2 --separate-stderr lanebench run "${RUN[@]}" --csv --json
}
