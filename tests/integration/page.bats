#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The page in a real browser. Chromium starts once; browse.py looks at all of it, and each test here asks for one finding.
# May run beside others.
load common

setup_file() {
	PAGES=$(mktemp -d /tmp/lb-test.XXXXXX)
	export PAGES
	command -v chromium >/dev/null && command -v chromedriver >/dev/null && command -v pdftotext >/dev/null || return 0
	/usr/bin/python3 -c 'import selenium' 2>/dev/null || return 0
	/usr/bin/python3 "$BATS_TEST_DIRNAME/make_record.py" "$PAGES/record" --trials 60
	/usr/bin/python3 "$BATS_TEST_DIRNAME/make_hostile.py" "$PAGES/hostile"
	jq '.suite = "name: folded-away"' "$PAGES/record/run.json" >"$PAGES/run.json"
	mv "$PAGES/run.json" "$PAGES/record/run.json"
	"$LANEBENCH" report "$PAGES/record" -f html -o "$PAGES/page.html"
	"$LANEBENCH" report "$PAGES/hostile/all-script" -f html -o "$PAGES/hostile.html"
	timeout 120 /usr/bin/python3 "$BATS_TEST_DIRNAME/browse.py" "$PAGES/page.html" "$PAGES/hostile.html" \
		>"$PAGES/findings" 2>"$PAGES/errors" || true
}

teardown_file() {
	[ -z "${PAGES:-}" ] || rm -rf "$PAGES"
}

setup() {
	[ -e "$PAGES/findings" ] || skip "needs chromium, chromium-driver, python3-selenium and poppler-utils"
}

teardown() {
	:
}

found() {
	grep -qx "$1 ok" "$PAGES/findings" || fail "$(grep "^$1 " "$PAGES/findings")" "$(tail -5 "$PAGES/errors")"
}

@test "it opens without a word on the console and without the network" {
	found opens
}

@test "no page is wider than its screen: phone, tablet, laptop" {
	found widths
}

@test "light and dark differ, and every text stands out from what is behind it" {
	found colours
}

@test "a click on a head sorts, and says so" {
	found sorts
}

@test "words filter the rows" {
	found filters
}

@test "markup in names is text, and no script of theirs runs" {
	found hostile
}

@test "on paper: all of the text, and no controls" {
	found prints
}

@test "without scripts it is complete" {
	found unscripted
}

@test "headings in order, tables with captions and scopes, no link to nowhere" {
	found headings
}

@test "the same record gives the same bytes" {
	"$LANEBENCH" report "$PAGES/record" -f html | cmp - "$PAGES/page.html"
}

@test "it is XML, too, whatever the record holds" {
	for record in "$PAGES/record" "$PAGES"/hostile/all-*; do
		"$LANEBENCH" report "$record" -f html >"$PAGES/one.html"
		/usr/bin/python3 -c 'import sys, xml.sax; xml.sax.parse(sys.argv[1], xml.sax.ContentHandler())' \
			"$PAGES/one.html" || fail "$record"
	done
}
