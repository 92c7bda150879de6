#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes records that no run would write: hostile texts, wrong types, other versions, cut off anywhere.

make_hostile.py DIR: a record DIR/KIND for each kind, and DIR/expected with a line for each: "KIND reported", or
"KIND refused FILE:LINE" with where lanebench must say that the trouble is.
"""
import argparse
import copy
import json
import os
import sys

from make_record import Maker, write_record

# What would be created if a text of a record were ever executed, in the folder in which that happens.
CANARY = "canary"
NAMES = {
    "spaces": "  two  spaces, and one behind ",
    "quotes": "it's \"quoted\" and `touch canary`",
    "double quotes": "''\"\"``\\'\\\"",
    "script": "<script>document.title='canary'</script>",
    "attribute": "\" onmouseover=\"alert(1)\" x='",
    "title": "</title></style></script></svg><script>alert(2)</script>",
    "comment": "<!-- ]]> --> <![CDATA[ &amp; &lt; &#x41; &nosuch; <?xml?>",
    "backslash": "C:\\new\\table\\x41\\",
    "lines": "first\nsecond\r\nthird\ttab\u2028fourth\x85fifth",
    "escapes": "\x1b[31mred\x1b[0m\x1b]0;title\x07 \x7f\x9b31m\x01",
    "shell": "$(touch canary); touch canary | touch canary & `touch canary` > canary",
    "gnuplot": "'.system(\"touch canary\").'",
    "gnuplot command": "\nsystem \"touch canary\"\n!touch canary\nset output 'canary'\n",
    "gnuplot macro": "@canary @{a} {/=40 big} ^{up} _{down} ~a{b} &{c} %s %n %1$s",
    "gnuplot end": "EOD\ne\n$data << EOD\n",
    "spreadsheet": "=cmd|'/c touch canary'!A1",
    "spreadsheet plus": "+1+1,\"x\";@SUM(1)",
    "markdown": "**bold** | cell | [link](javascript:alert(1)) @someone #1 ![x](http://example.com/x) <img src=x>",
    "markdown code": "``` ` ~~~ \n# heading\n- item\n> quote\n---",
    "address": "https://example.com/ www.example.com someone@example.com",
    "Greek": "\u03b4\u03b9\u03b1\u03ba\u03cc\u03c0\u03c4\u03b7\u03c2",
    "Arabic": "\u0645\u0628\u062f\u0651\u0644 \u202egnp.exe\u202c \u2066isolated\u2069 \u200f\u200e",
    "Chinese": "\u4ea4\u6362\u673a \uff21\uff22\uff23",
    "emoji": "\U0001f469\u200d\U0001f4bb\U0001f1e9\U0001f1ea \U0001f600",
    "combining": "Z" + "\u0351\u036b\u0343" * 20 + " e\u0301 \ufeff\u200b\u00ad",
    "beyond": "\ufffe \uffff \ue000 \U0010ffff \U000e0041",
    "long": "long " * 2048,
    "long word": "x" * 10240,
    "empty": "",
    "blank": " ",
    "path": "../../../../tmp/canary",
    "slash": "/",
    "option": "--output=canary",
    "number": "1e308",
    "null": "null",
    "nan": "nan",
}


def hostile_everywhere(value, text):
    """Each text in it replaced, the keys left."""
    if isinstance(value, dict):
        return {key: hostile_everywhere(item, text) for key, item in value.items()}
    if isinstance(value, list):
        return [hostile_everywhere(item, text) for item in value]
    return text if isinstance(value, str) else value


def each_leaf(value, change):
    """A copy in which each number, text, truth and null is what `change` makes of it."""
    if isinstance(value, dict):
        return {key: each_leaf(item, change) for key, item in value.items()}
    if isinstance(value, list):
        return [each_leaf(item, change) for item in value]
    return change(value)


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


class Hostile:
    """The kinds; each method that begins with `make_` makes some with self.add()."""

    def __init__(self, directory):
        self.directory, self.expected = directory, []
        self.maker = Maker()
        self.tests = [self.maker.test(switch=switch, io=io, size=size, repeats=2)
                      for switch in ("veth", "ovs") for io in ("udp", "dpdk") for size in (64, 1500)]
        self.tests.append(self.maker.test(dimension="latency", rate=1000))
        self.trials = [self.maker.object(test, repeat) for repeat in (1, 2) for test in self.tests]
        self.run = {**self.maker.run, "tests": self.tests}

    def add(self, kind, run=None, lines=None, refused=None):
        write_record(os.path.join(self.directory, kind), self.run if run is None else run,
                     self.trials if lines is None else lines)
        self.expected.append("%s %s" % (kind, "refused " + refused if refused else "reported"))

    def spoiled(self, change):
        """Our trials, each with its `test` and `status` kept and the rest as `change` makes it."""
        lines = []
        for trial in copy.deepcopy(self.trials):
            rest = change({key: value for key, value in trial.items() if key not in ("test", "status")})
            lines.append({"test": trial["test"], "status": trial["status"], **rest})
        return lines

    def make_names(self):
        """Every hostile name as that of a switch, an io, a runtime; as reason, flag, key and in the environment."""
        lines, tests = [], []
        for name in NAMES.values():
            test = self.maker.test(switch=name, io=name, runtime=name, neighbour=name, repeats=1, size=64)
            line = self.maker.object(test)
            line["flags"] = [name]
            line["effective"] = hostile_everywhere(line["effective"], name)
            line["cpu"]["interrupts"] = {"0": {name: 1}, name: {name: 2}}
            line["cpu"]["missing"] = {name: name}
            lines.append(line)
            tests.append(test)
        for name, status in zip(NAMES.values(), ["failed", "void", "skipped"] * len(NAMES)):
            test = self.maker.test(size=128, switch=name, repeats=1)
            lines.append({"test": test, "status": status, "reason": name, "remedy": name, "trial": len(lines) + 1,
                          "repeat": 1, "flags": []})
            tests.append(test)
        self.add("names", {**self.run, "tests": tests}, lines)
        self.maker.made = 0
        # One name at a time as everything: a title, a suite, the name of the record.
        for kind in ("script", "title", "quotes", "gnuplot", "escapes", "lines", "Arabic", "beyond", "long", "empty"):
            name = NAMES[kind]
            run = hostile_everywhere({key: value for key, value in self.run.items() if key != "tests"}, name)
            run["catalogue"] = {name: name}
            run["environment"]["versions"] = {name: name}
            self.add("all-" + kind, {**run, "tests": self.tests}, self.trials[:2])
        # What numbers the figures hang on, as texts that are hostile.
        values = list(NAMES.values())
        lines = [self.maker.object(self.maker.test(repeats=1)) for _ in values]
        for line, name in zip(lines, values):
            line["test"].update(size=name, rate=name, burst=name, containers=name, dimension=name, **{name: name})
        self.add("names-of-loads", {**self.run, "tests": [line["test"] for line in lines]}, lines)

    def make_types(self):
        def texts(value):
            return str(value) if is_number(value) else value

        def numbers(value):
            return 7 if isinstance(value, str) else value

        for kind, change in {
            "numbers-as-texts": texts,
            "texts-as-numbers": numbers,
            "null-everywhere": lambda value: None,
            "huge": lambda value: 1e308 if is_number(value) else value,
            "tiny": lambda value: 5e-324 if is_number(value) else value,
            "negative": lambda value: -value if is_number(value) else value,
            "zero": lambda value: 0 if is_number(value) else value,
            "largest-integers": lambda value: 2**63 - 1 if is_number(value) else value,
            "smallest-integers": lambda value: -2**63 if is_number(value) else value,
            "lists": lambda value: [value],
            "objects": lambda value: {"value": value},
            "truths": lambda value: True,
        }.items():
            lines = self.spoiled(lambda rest, change=change: each_leaf(rest, change))
            self.add(kind, each_leaf(self.run, change) | {"schema": 1}, lines)
            # And the parameters themselves.
            for line in lines:
                line["test"] = each_leaf(line["test"], change)
            self.add(kind + "-tests", {**self.run, "tests": [line["test"] for line in lines]}, lines)

    def make_missing(self):
        self.add("no-tests-no-environment", {"schema": 1})
        self.add("nothing-but-status", None, [{"test": {}, "status": status}
                                              for status in ("ok", "void", "failed", "skipped") * 2])
        keys = sorted(self.trials[0])
        lines = [{key: value for key, value in self.trials[0].items() if key not in (missing, "trial")}
                 for missing in keys if missing not in ("test", "status")]
        for part in ("tx", "rx", "latency", "cpu", "effective", "test", "pairs", "samples"):
            for other in (None, [], {}, "", 0, -1, 1.5, True, [None], [[]], [{}], {"": None}):
                if part == "test" and not isinstance(other, dict):
                    continue
                lines.append({**self.trials[1], "trial": len(lines) + 1, part: other})
        self.add("parts-missing", None, lines)
        self.add("run-of-other-types", {key: [] if isinstance(value, dict) else {} for key, value in self.run.items()} |
                 {"schema": 1})
        self.add("empty", None, [])
        self.add("ordinary")
        for status in ("failed", "void", "skipped"):
            self.add("only-" + status, None, [{**trial, "status": status, "reason": "because", "remedy": "do so"}
                                              for trial in self.trials])
        self.add("only-failed-without-figures", None, [
            {"trial": i + 1, "test": test, "repeat": 1, "status": "failed", "reason": "it broke", "remedy": "mend it",
             "flags": [], "started": "2026-01-01T00:00:00Z"} for i, test in enumerate(self.tests)])
        self.add("searches", None, [self.maker.search(test) for test in self.tests])
        self.add("same-trial-many-times", None, [self.trials[0]] * 50)
        for key in ("test", "status"):
            self.add("no-" + key, None, self.trials[:2] + [{k: v for k, v in self.trials[2].items() if k != key}],
                     "trials.jsonl:3:")

    def make_histograms(self):
        def with_buckets(buckets, **figures):
            line = copy.deepcopy(self.trials[0])
            line["trial"] = len(lines) + 1
            line["test"]["switch"] = "kind %d" % len(lines)
            line["latency"]["one_way_ns"].update(figures)
            line["latency"]["one_way_ns"]["histogram"].update(buckets=buckets, **figures)
            lines.append(line)

        lines = []
        for buckets in ([[10, 20, -5]], [[10, 20, 5], [15, 30, 5]], [[20, 10, 5]], [[30, 40, 1], [10, 20, 1]], [], None,
                        [[]], [[1]], [[1, 2]], [[1, 2, 3, 4]], [1, 2, 3], "buckets", [["1", "2", "3"]], [[0, 0, 1]],
                        [[-10, -5, 3]], [[1, 2, 2**63 - 1], [3, 4, 2**63 - 1]], [[2**62, 2**63 - 1, 1]],
                        [[0, 2**63 - 1, 2**53]], [[1.5, 2.5, 3.5]], [[1e308, 1e308, 1e308]], [[10, 20, 0]], {"10": 1},
                        [[10, 20, 5]] * 1000, [[None, None, None]], [[10, 20, True]]):
            with_buckets(buckets)
        with_buckets([[10, 20, 5]], count=0, min=-1, max=2**63 - 1, mean=-1e308)
        with_buckets([[10, 20, 5]], count=-5, p50=30, p90=20, p99=10)
        self.add("histograms", {**self.run, "tests": [line["test"] for line in lines]}, lines)
        line = json.dumps({**self.trials[0], "latency": {"one_way_ns": {"count": 10**6, "histogram": {"buckets": "@"}}}})
        buckets = ",".join("[%d,%d,1]" % (10 * i, 10 * i + 9) for i in range(10**6))
        self.add("million-buckets", None, [line.replace('"@"', "[" + buckets + "]"), self.trials[1]])

    def make_versions(self):
        """What an earlier lanebench wrote, and what a later one may write."""
        test = {"switch": "veth", "io": "udp", "size": 64, "rate": "max", "containers": "1vs1", "dimension": "throughput"}
        self.add("older", {"schema": 1, "lanebench": "0.0.1", "name": "older", "tests": [test]},
                 [{"test": test, "status": "ok", "rx": {"forwarded_pps": 1e5 + i, "packets": 10**5}} for i in range(3)])
        later = copy.deepcopy(self.trials)
        for trial in later:
            trial.update(kind=trial["kind"], flags=["from-the-future"], wonder={"a": [1]})
            trial["test"].update(colour="blue", size=64)
            trial["rx"]["lost_twice"] = 1
        other = {**self.trials[0], "kind": "wonder", "trial": 99}
        self.add("later", {**self.run, "lanebench": "9.0", "wonder": 1, "state": "paused"}, later + [other])
        self.add("newer", {**self.run, "schema": 2}, refused="run.json")
        for number, schema in enumerate((0, -1, "1", 1.0, None, [], 2**62)):
            self.add("schema-%d" % number, {**self.run, "schema": schema}, refused="run.json")
        self.add("foreign", {"version": 3, "benchmark": "another"}, refused="run.json")
        self.add("status-unknown", None, self.trials[:1] + [{**self.trials[1], "status": "great"}], "trials.jsonl:2:")

    def make_broken(self):
        text = [json.dumps(trial) for trial in self.trials[:4]]
        size = len(text[2])
        for cut in (1, 2, 9, size // 4, size // 2, size - 1):
            self.add("cut-inside-at-%d" % cut, None, text[:2] + [text[2][:cut]] + text[3:], "trials.jsonl:3:")
            self.add("cut-off-at-%d" % cut, None, text[:2])
            with open(os.path.join(self.directory, "cut-off-at-%d" % cut, "trials.jsonl"), "a", encoding="utf-8") as file:
                file.write(text[2][:cut])
        run = json.dumps(self.run)
        for cut in (0, 1, 30, len(run) // 2, len(run) - 1):
            self.add("run-cut-at-%d" % cut, run[:cut], refused="run.json")
        for kind, line in {
            "nan": text[2].replace('"repeat": ', '"repeat": NaN, "x": ', 1),
            "infinity": text[2].replace('"repeat": ', '"repeat": Infinity, "x": ', 1),
            "too-large": text[2].replace('"repeat": ', '"repeat": 1e999, "x": ', 1),
            "integer-too-large": text[2].replace('"repeat": ', '"repeat": 99999999999999999999, "x": ', 1),
            "duplicate": text[2].replace('"repeat": ', '"repeat": 1, "repeat": ', 1),
            "deep": text[2].replace('"repeat": ', '"x": ' + "[" * 5000 + "]" * 5000 + ', "repeat": ', 1),
            "nul": text[2].replace('"reason": "', '"reason": "\\u0000', 1),
            "nul-byte": text[2].replace('"reason": "', '"reason": "\0', 1),
            "surrogate": text[2].replace('"reason": "', '"reason": "\\ud800', 1),
            "no-utf-8": text[2].encode().replace(b'"reason": "', b'"reason": "\xff\xfe\xc0\x80', 1),
            "two-in-a-line": text[2] + text[3],
            "list": "[1, 2]", "text": '"trial"', "number": "1", "blank": "", "garbage": b"\x7fELF\x02\x01\x01\0\0",
            "escape": "\x1b]0;title\x07", "name": "[\"\u202e\" \x9b31m",
        }.items():
            self.add("line-" + kind, None, text[:2] + [line] + text[3:], "trials.jsonl:3:")
        self.add("line-not-so-deep", None, [text[0].replace(
            '"repeat": ', '"x": ' + "[" * 1000 + "]" * 1000 + ', "repeat": ', 1)])
        self.add("carriage-returns", None, [line + "\r" for line in text])
        for kind in ("run.json", "trials.jsonl"):
            self.add("without-" + kind, refused=kind)
            os.unlink(os.path.join(self.directory, "without-" + kind, kind))
            self.add("folder-" + kind, refused=kind)
            os.unlink(os.path.join(self.directory, "folder-" + kind, kind))
            os.mkdir(os.path.join(self.directory, "folder-" + kind, kind))

    def make_all(self):
        for method in sorted(dir(self)):
            if method.startswith("make_") and method != "make_all":
                getattr(self, method)()
        with open(os.path.join(self.directory, "expected"), "w", encoding="utf-8") as file:
            file.write("\n".join(self.expected) + "\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Records that try to harm who reads them, into a new directory.")
    parser.add_argument("directory")
    target = parser.parse_args().directory
    if os.path.exists(target) and os.listdir(target):
        sys.exit(f"{target} is there already, and not empty")
    Hostile(target).make_all()
