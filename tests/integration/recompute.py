#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Computes from two records, by itself, what lanebench compare says in JSON: medians, exact p values with ties, the
bootstrap with the same random numbers, adjusted p values, verdicts. Exits with an error where they differ.

recompute.py BASE NEW COMPARISON.json
"""
import json
import math
import statistics
import sys
from fractions import Fraction

PATHS = {"forwarded_pps": "rx.forwarded_pps", "loss_ratio": "rx.loss_ratio", "cpu_packet_ns": "cpu.cost.packet_ns",
         "cpu_switch_busy": "cpu.switch.busy", "cpu_machine_busy": "cpu.machine.busy"}
RESAMPLES, CUT = 9999, 250


def figure(trial, name):
    kind = "round_trip_ns" if trial["test"]["dimension"] == "latency" else "one_way_ns"
    value = trial
    for key in PATHS.get(name, "latency.%s.%s" % (kind, name[len("latency_"):-len("_ns")])).split("."):
        value = value.get(key) if isinstance(value, dict) else None
    return value


def key(test):
    return json.dumps({name: value for name, value in test.items() if name != "repeats"}, sort_keys=True)


def read(directory):
    trials = {}
    with open(directory + "/trials.jsonl", encoding="utf-8") as file:
        for line in file:
            trial = json.loads(line)
            trials.setdefault(key(trial["test"]), {})[trial["repeat"]] = trial
    return {test: [trial for trial in each.values() if trial["status"] == "ok"] for test, each in trials.items()}


def rank_test(a, b):
    """Of all ways to deal the ranks out, as whole numbers: which are as far from the mean as what was found."""
    every = sorted(a + b)
    ranks = [every.index(x) * 2 + every.count(x) + 1 for x in a + b]  # doubled: equal ones share the mean
    mean = len(a) * (len(every) + 1)
    distance = abs(sum(ranks[:len(a)]) - mean)
    ways = [{0: 1}] + [{} for _ in a]
    for rank in ranks:
        for drawn in range(len(a), 0, -1):
            for total, count in ways[drawn - 1].items():
                ways[drawn][total + rank] = ways[drawn].get(total + rank, 0) + count
    far = sum(count for total, count in ways[-1].items() if abs(total - mean) >= distance)
    return float(Fraction(far, sum(ways[-1].values())))


def adjust(p):
    order, least, adjusted = sorted(range(len(p)), key=p.__getitem__), 1.0, [0.0] * len(p)
    for i in reversed(range(len(p))):
        least = min(least, p[order[i]] * len(p) / (i + 1))
        adjusted[order[i]] = least
    return adjusted


def splitmix():
    state, mask = 0, 2 ** 64 - 1
    while True:
        state = (state + 0x9e3779b97f4a7c15) & mask
        z = ((state ^ (state >> 30)) * 0xbf58476d1ce4e5b9) & mask
        z = ((z ^ (z >> 27)) * 0x94d049bb133111eb) & mask
        yield (z ^ (z >> 31)) >> 32


def bootstrap(new, base, by_difference):
    numbers, values = splitmix(), []
    for _ in range(RESAMPLES):
        drawn = [statistics.median([group[next(numbers) * len(group) >> 32] for _ in group]) for group in (new, base)]
        values.append(drawn[0] - drawn[1] if by_difference else drawn[0] / drawn[1] - 1)
    values.sort()
    return values[CUT - 1], values[-CUT]


def same(told, computed):
    assert math.isclose(told, computed, rel_tol=1e-9, abs_tol=1e-12), (told, computed)


def check(comparison, base, new):
    """Checks what is of this comparison alone. Returns p where it takes part in the family."""
    for side, samples in ("base", base), ("new", new):
        assert comparison[side]["n"] == len(samples)
        for name, of in ("median", statistics.median), ("min", min), ("max", max):
            same(comparison[side][name], of(samples))
    if min(len(base), len(new)) < 2:
        assert comparison["p"] is None
        return None
    p = rank_test(new, base)
    same(comparison["p"], p)
    if comparison["interval"]:
        low, high = bootstrap(new, base, comparison["figure"] == "loss_ratio")
        same(comparison["interval"]["low"], low)
        same(comparison["interval"]["high"], high)
    could = 2 / math.comb(len(base) + len(new), len(base)) <= 0.05
    return p if could and comparison["verdict"] != "incomparable" else None


def main():
    base, new, checked = read(sys.argv[1]), read(sys.argv[2]), 0
    with open(sys.argv[3], encoding="utf-8") as file:
        document = json.load(file)
    for each in document["sets"]:
        family = []
        for comparison in each["comparisons"]:
            if comparison["verdict"] == "missing":
                continue
            samples = [[x for x in (figure(trial, comparison["figure"]) for trial in side[key(comparison["test"])])
                        if x is not None] for side in (base, new)]
            p = check(comparison, *samples)
            family += [(comparison, p)] if p is not None else []
            checked += 1
        for (comparison, _), adjusted in zip(family, adjust([p for _, p in family])):
            same(comparison["p_adjusted"], adjusted)
            low, high = ((comparison["interval"] or {}).get(end, math.nan) for end in ("low", "high"))
            real = adjusted <= 0.05 and comparison["change"] != 0 and not low <= 0 <= high
            assert real or comparison["verdict"] not in ("worse", "better"), comparison
            assert not real or comparison["why"] or comparison["verdict"] in ("worse", "better"), comparison
    assert checked, "nothing was compared"
    print("%d comparisons" % checked)


if __name__ == "__main__":
    main()
