#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Has lanebench report the records of make_hostile.py in every format, and looks at what comes of it.

check_reports.py CHECK LANEBENCH RECORDS

CHECK is the name of a function check_NAME below. Ends with status 0, or says what was wrong with which record.
"""
import concurrent.futures
import csv
import html.parser
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unicodedata
import xml.etree.ElementTree

from make_hostile import CANARY

STREAMS = ("table", "html", "markdown", "csv", "summary", "json", "junit", "hdr-log")
# What a sanitizer or a signal leaves behind.
CRASH = re.compile(rb"ERROR: |runtime error:|SUMMARY: |LeakSanitizer")
ELSEWHERE = {"TZ": "Asia/Kathmandu", "LC_ALL": "C", "LANG": "tr_TR.UTF-8", "COLUMNS": "61", "TERM": "xterm-256color"}


class Wrong(Exception):
    pass


def expect(holds, *words):
    if not holds:
        raise Wrong(" ".join(map(str, words))[:2000])


class Bench:
    def __init__(self, lanebench, records):
        self.lanebench, self.records = os.path.realpath(lanebench), os.path.realpath(records)
        with open(os.path.join(records, "expected"), encoding="utf-8") as file:
            lines = [line.split() for line in file]
        self.reported = [line[0] for line in lines if line[1] == "reported"]
        self.refused = [(line[0], line[2]) for line in lines if line[1] == "refused"]

    def path(self, kind):
        return os.path.join(self.records, kind)

    def run(self, *arguments, **options):
        done = subprocess.run([self.lanebench, "report", *arguments], stdin=subprocess.DEVNULL, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120, **options)
        expect(not CRASH.search(done.stderr), done.stderr.decode(errors="replace"))
        expect(done.returncode in (0, 1), "status", done.returncode, done.stderr.decode(errors="replace"))
        expect(has_no_controls(done.stderr.decode(), True), "controls in", done.stderr)
        return done

    def report(self, kind, form):
        done = self.run(self.path(kind), "--format", form)
        expect(done.returncode == 0, done.stderr.decode())
        return done.stdout.decode()  # UTF-8, or else it is wrong

    def each(self, kinds, check):
        """Runs check(kind) for all, a few at a time; tells all that are wrong."""
        wrong = []

        def one(kind):
            try:
                check(kind)
            except Exception as error:  # whatever it is, it is about this record
                wrong.append("%s: %s: %s" % (kind, type(error).__name__, error))

        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(one, kinds))
        expect(not wrong, "\n".join(sorted(wrong)))


def has_no_controls(text, for_people):
    """No control character but tabs and ends of lines; for people also none that hides or reorders what is beside it."""
    for character in set(text) - {"\n", "\t"}:
        kind = unicodedata.category(character)
        if kind == "Cc" or kind == "Cs":
            return False
        if for_people and (unicodedata.bidirectional(character) in ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI",
                                                                    "FSI", "PDI") or character in "\u200e\u200f\u2028\u2029"):
            return False
    return True


def check_refusals(bench):
    """Whatever the format, the error names file and line, and nothing was written."""
    def one(item):
        kind, where = item
        for form in STREAMS:
            done = bench.run(bench.path(kind), "-f", form)
            expect(done.returncode == 1 and done.stdout == b"", form, done.returncode, done.stdout[:200])
            error = done.stderr.decode()
            expect(where in error, form, "does not name", where, error)
        expect(bench.run(bench.path(kind)).returncode == 1 and not os.path.exists(bench.path(kind) + "/report"))
    bench.each(bench.refused, one)


def check_streams(bench):
    """Every format of every record: made without a crash, and clean."""
    def one(kind):
        for form in STREAMS:
            text = bench.report(kind, form)
            plain = text.replace("\r\n", "\n") if form in ("csv", "summary") else text
            # A text in JSON may hold what lies beyond ASCII as it is, DEL included (RFC 8259, 7).
            plain = "".join(filter(str.isascii, text)).replace("\x7f", "") if form == "json" else plain
            expect(has_no_controls(plain, form != "json"), form, "has control characters")
            expect(text.endswith("\n") or (form in ("markdown", "hdr-log") and not text), form, "ends in mid-line")
            json.loads(text) if form == "json" else None
            xml.etree.ElementTree.fromstring(text) if form == "junit" else None
    bench.each(bench.reported, one)


class Page(html.parser.HTMLParser):
    """Elements and attributes of a page, as HTML has them."""
    VOID = {"meta", "link", "br", "hr", "img", "input", "col", "wbr"}

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.seen, self.attributes, self.open, self.ids, self.scripts, self.links = set(), set(), [], [], [], []
        self.feed(text)
        self.close()
        expect(not self.open, "never closed:", self.open)
        twice = {one for one in self.ids if self.ids.count(one) > 1}
        expect(not twice, "ids that are there twice:", sorted(twice)[:5])

    def handle_starttag(self, tag, attrs):
        self.handle_startendtag(tag, attrs)
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.seen.add(tag)
        for name, value in attrs:
            self.attributes.add(name)
            if name == "id":
                self.ids.append(value)
            if name in ("href", "src", "action", "xlink:href"):
                self.links.append(value)

    def handle_endtag(self, tag):
        expect(self.open and self.open.pop() == tag, "closes what is not open:", tag, self.getpos())

    def handle_data(self, data):
        if self.open and self.open[-1] == "script":
            self.scripts.append(data)


def check_pages(bench):
    """The page of a hostile record has the elements and attributes that it has anyway, its own script, no link away."""
    # What hangs on how many lines a plot has, and on names with two spaces.
    sometimes = {"data-v", "xml:space", "stroke-dasharray"}
    usual = [Page(bench.report(kind, "html")) for kind in ("ordinary", "searches", "only-failed", "empty")]
    elements = {"circle", "polygon", "rect"}.union(*(page.seen for page in usual))
    attributes = sometimes.union(*(page.attributes for page in usual))
    scripts = usual[0].scripts

    def one(kind):
        page = Page(bench.report(kind, "html"))
        expect(page.seen <= elements, "other elements:", page.seen - elements)
        expect(page.attributes <= attributes, "other attributes:", page.attributes - attributes)
        expect(page.scripts == scripts, "another script")
        away = [link for link in page.links if not re.match(r"#|data:,$|data:image/svg\+xml|[a-z0-9./_-]*$", link)]
        expect(not away, "links:", away)
    bench.each(bench.reported, one)


def as_csv(value):
    """What docs/results.md says of texts: nothing that drives a terminal or hides text, and no spreadsheet runs it."""
    text = "".join(" " if unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp") and character != "\xad"
                   else character for character in value)
    return "'" + text if text[:1] in tuple("=+-@") else text


def check_csv(bench):
    """A row a trial with as many fields as there are columns; texts are what they were."""
    def one(kind):
        with open(bench.path(kind) + "/trials.jsonl", encoding="utf-8") as file:
            trials = [json.loads(line) for line in file if line.endswith("\n")]
        rows = list(csv.DictReader(io.StringIO(bench.report(kind, "csv"), newline=""), strict=True))
        expect(len(rows) == len(trials), len(rows), "rows of", len(trials), "trials")
        for row, trial in zip(rows, trials):
            expect(None not in row and None not in row.values(), "ragged", row)
            for column in ("switch", "io", "neighbour"):
                value = trial["test"].get(column)
                if isinstance(value, str):
                    expect(row[column] == as_csv(value), column, ascii(row[column]), "is not", ascii(value))
            if isinstance(trial.get("reason"), str):
                expect(row["reason"] == as_csv(trial["reason"]), ascii(row["reason"]), "is not", ascii(trial["reason"]))
        summary = list(csv.reader(io.StringIO(bench.report(kind, "summary"), newline=""), strict=True))
        expect(all(len(row) == len(summary[0]) for row in summary), "summary is ragged")
    bench.each(bench.reported, one)


def check_plots(bench):
    """Scripts of hostile names are drawn by gnuplot, and nothing in them is run."""
    def one(kind):
        with tempfile.TemporaryDirectory(prefix="lb-test.") as here:
            done = bench.run(bench.path(kind), "-o", os.path.join(here, "report"), cwd=here)
            expect(done.returncode == 0, done.stderr.decode())
            plots = os.path.join(here, "report", "plots")
            scripts = sorted(name for name in os.listdir(plots) if name.endswith(".gp")) if os.path.isdir(plots) else []
            for script in scripts:
                svg = os.path.join(plots, script[:-3] + ".svg")
                with open(svg, "rb") as file:
                    drawn = file.read()
                expect(has_no_controls(drawn.decode(), True), "controls in", svg)
                for element in xml.etree.ElementTree.fromstring(drawn).iter():
                    expect(element.tag.split("}")[-1] not in ("script", "foreignObject", "image", "a"), element.tag)
            if scripts:  # as a user draws them again
                again = subprocess.run(["gnuplot", *scripts], cwd=plots, capture_output=True, timeout=60, check=False)
                expect(again.returncode == 0, again.stderr.decode(errors="replace"))
            made = [name for _, folders, files in os.walk(here) for name in folders + files if CANARY in name]
            expect(not made and not os.path.exists(os.path.join("/tmp", CANARY)), "was run, or led away:", made)
    bench.each(bench.reported, one)


def tree(folder):
    found = {}
    for path, _, files in os.walk(folder):
        for name in files:
            with open(os.path.join(path, name), "rb") as file:
                found[os.path.relpath(os.path.join(path, name), folder)] = file.read()
    return found


def check_sameness(bench):
    """The same bytes in another zone, language, folder and umask, at another time."""
    def one(kind):
        with tempfile.TemporaryDirectory(prefix="lb-test.") as here:
            copy = shutil.copytree(bench.path(kind), os.path.join(here, kind), ignore=lambda *_: ["report"])
            there = {**os.environ, **ELSEWHERE}
            for form in STREAMS[1:]:  # the table has the width and the characters of its terminal
                one, other = (bench.run(copy, "-f", form),
                              bench.run(os.path.join("..", kind), "-f", form, env=there, cwd=copy, umask=0o077))
                expect(one.stdout == other.stdout, form, "differs")
            expect(bench.run(copy).returncode == 0)
            first = tree(os.path.join(copy, "report"))
            shutil.rmtree(os.path.join(copy, "report"))
            expect(bench.run(os.path.join("..", kind), env=there, cwd=copy, umask=0o077).returncode == 0)
            second = tree(os.path.join(copy, "report"))
            differ = [name for name in first.keys() | second.keys() if first.get(name) != second.get(name)]
            expect(not differ, "differ:", sorted(differ))
    bench.each([kind for kind in ("ordinary", "names", "all-gnuplot", "searches", "huge") if kind in bench.reported], one)


if __name__ == "__main__":
    sys.setrecursionlimit(10000)  # some records are deep
    try:
        globals()["check_" + sys.argv[1]](Bench(sys.argv[2], sys.argv[3]))
    except Wrong as wrong:
        sys.exit("%s: %s" % (sys.argv[1], wrong))
