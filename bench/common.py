# SPDX-License-Identifier: Apache-2.0
"""What all sections of the comparison share: programs run, lanebench itself, figures and their verdicts."""
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

SIZE = 64           # frame bytes without FCS
ATTEMPTS = 3


class Failure(Exception):
    """Says what and why; ends the comparison."""


def run(*argv, **kwargs):
    return subprocess.run(argv, check=True, capture_output=True, text=True, **kwargs).stdout


class Lanebench:
    """The program under test, on the processors that the other tools get, too."""

    def __init__(self, program, processors):
        self.program = os.path.abspath(program)
        self.processors = processors

    def argv(self, *options):
        return [self.program, "run", "-q", "--processors", ",".join(map(str, self.processors)), *options]

    def why_not(self, *options):
        """None, or why tests with these options cannot run here."""
        with tempfile.TemporaryDirectory(prefix="lanebench-bench-") as folder:
            result = subprocess.run(self.argv("-o", os.path.join(folder, "r"), "--json", "-w", "0", "-t", "10ms",
                                              "--runtime", "netns", *options), capture_output=True, text=True)
        if not result.stdout:
            return result.stderr.strip()
        trial = json.loads(result.stdout.splitlines()[0])
        return None if trial["status"] == "ok" else f"{trial['reason']}; remedy: {trial['remedy']}"

    def trials(self, *options):
        """The record. lanebench itself says when something disturbed a trial (void): then all are done again."""
        for _ in range(ATTEMPTS):
            record = self._record(options)
            bad = [trial for trial in record["trials"] if trial["status"] != "ok"]
            if not bad:
                return record
            if any(trial["status"] != "void" for trial in bad):
                break
            print(f"  again: {bad[0]['reason']}", file=sys.stderr)
        raise Failure(f"lanebench {' '.join(options)}: a trial is {bad[0]['status']}: {bad[0]['reason']}")

    def _record(self, options):
        with tempfile.TemporaryDirectory(prefix="lanebench-bench-") as folder:
            record = os.path.join(folder, "r")
            result = subprocess.run(self.argv("-o", record, *options), capture_output=True, text=True)
            if not os.path.exists(os.path.join(record, "trials.jsonl")):
                raise Failure(result.stderr.strip())
            return json.loads(run(self.program, "report", record, "--format", "json"))

    def one(self, *options):
        return self.trials(*options)["trials"][0]

    def first_trial_s(self, *options):
        """From the start of the program to what it says of its first trial, which is the shortest there is."""
        with tempfile.TemporaryDirectory(prefix="lanebench-bench-") as folder:
            begin = time.monotonic()
            with subprocess.Popen(self.argv("-o", os.path.join(folder, "r"), "--json", "-w", "0", "-t", "10ms",
                                            *options), stdout=subprocess.PIPE, text=True) as process:
                line = process.stdout.readline()
                seconds = time.monotonic() - begin
                process.communicate()
        trial = json.loads(line)
        if trial["status"] != "ok":
            raise Failure(f"lanebench {' '.join(options)}: the trial is {trial['status']}: {trial['reason']}")
        return seconds


class Checks:
    """What lanebench is to reach: printed line by line, and whether all of it was reached."""

    def __init__(self):
        self.lines = []

    def add(self, text, value, reached):
        self.lines.append((text, value, reached))

    def show(self):
        print("\nWhat lanebench is to reach")
        for text, value, reached in self.lines:
            print(f"  {text:84} {value:9.5f}  {'reached' if reached else 'NOT REACHED'}")
        return all(reached for _, _, reached in self.lines)


def figure(values, scale=1.0, digits=1):
    values = [v * scale for v in values]
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f}..{max(values):.{digits}f})"


def ratios(ours, theirs):
    """Round by round: what slows the machine for a round falls on both sides of it."""
    return [a / b for a, b in zip(ours, theirs)]


def ratio(ours, theirs):
    return statistics.median(ratios(ours, theirs))
