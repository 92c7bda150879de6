#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks that each published value that shall stand beside a test has such a test in the suite that it names.

published.py PUBLISHED.csv PLANS: in the folder PLANS, SUITE.json is what run --dry-run --json says of the suite SUITE.
"""
import csv
import json
import os
import sys

FIELDS = {"source", "title", "machine", "match", "suite", "figure", "value", "low", "high", "note"}
# What a paper that says nothing of it had not: as src/report/published.c has it.
SPECIAL = ["topology", "direction", "flows", "switch-quota", "endpoint-quota", "switch-place", "switch-in", "neighbour"]
DEFAULT = {"topology": "pairs", "direction": "one-way", "flows": 1, "switch-quota": "none", "endpoint-quota": "none",
           "switch-place": "pinned", "switch-in": "host", "neighbour": "none"}


def number(text):
    units = {"%": 0.01, "k": 1e3, "M": 1e6, "G": 1e9}
    try:
        return float(text[:-1]) * units[text[-1]] if text[-1] in units else float(text)
    except ValueError:
        return text


def beside(row, test):
    for name in row.keys() - FIELDS:
        wanted = number(row[name]) if row[name] else DEFAULT[name] if name in SPECIAL else None
        if wanted is not None and test[name] != wanted:
            return False
    return all(test[name] == DEFAULT[name] for name in SPECIAL if name not in row)


wrong = 0
with open(sys.argv[1], encoding="utf-8", newline="") as file:
    for line, row in enumerate(csv.DictReader(file), 2):
        if row["match"] == "none":
            continue
        path = os.path.join(sys.argv[2], row["suite"] + ".json")
        tests = []
        if os.path.exists(path):
            with open(path, encoding="utf-8") as plan:
                tests = [json.loads(one)["test"] for one in plan]
        if not any(beside(row, test) for test in tests):
            print("line %d: no test of %s is that of %s" % (line, row["suite"], row["source"]), file=sys.stderr)
            wrong += 1
sys.exit(wrong > 0)
