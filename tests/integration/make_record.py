#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes records as lanebench run writes them, of any size, without running anything: a line that a real trial wrote
(record_template.json) with other parameters and with figures that fit them, scattered by a seeded generator. The same
arguments make the same bytes.

make_record.py DIR [--trials N] [--repeats K] [--seed S]
"""
import argparse
import itertools
import json
import math
import os
import random

TEMPLATE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "record_template.json")
# What varies, the fastest first; a record takes as many of the combinations as it has tests.
AXES = {
    "switch": ["veth", "linux-bridge", "macvlan", "ovs", "testpmd"],
    "io": ["udp", "udp-mmsg", "raw", "raw-mmsg", "dpdk"],
    "size": [64, 128, 256, 512, 1024, 1280, 1400, 1500],
    "dimension": ["throughput", "latency"],
    "containers": ["1vs1", "2vs2", "4vs4", "8vs8", "16vs16"],
}
PPS = {"udp": 580e3, "udp-mmsg": 720e3, "raw": 490e3, "raw-mmsg": 1.1e6, "dpdk": 5.5e6}
SHARE = {"veth": 1.0, "linux-bridge": 0.93, "macvlan": 0.97, "ovs": 0.6, "testpmd": 0.8}
PERCENTILES = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "p99_9": 0.999, "p99_99": 0.9999}
BUCKETS = "@buckets@"  # stands in a trial for the buckets, until it is text


def load_template():
    with open(TEMPLATE, encoding="utf-8") as file:
        return json.load(file)


def write_record(directory, run, lines):
    """`run` and `lines` are objects, or text (or bytes) that is written as it is."""
    os.makedirs(directory, exist_ok=True)

    def encode(value):
        if isinstance(value, (str, bytes)):
            return value.encode() if isinstance(value, str) else value
        return json.dumps(value, separators=(",", ":")).encode()

    with open(os.path.join(directory, "run.json"), "wb") as file:
        file.write(encode(run) + b"\n")
    with open(os.path.join(directory, "trials.jsonl"), "wb") as file:
        for line in lines:
            file.write(encode(line) + b"\n")


class Latencies:
    """About `packets` latencies of a log-normal distribution with a tail, in the buckets of lanebench (right to 1/128)."""

    def __init__(self, median_ns, packets):
        buckets, low, step = [], 64, 1
        while low < median_ns * 400:
            step = step * 2 if low >= 128 * step else step
            count = round(packets * (self.below(low + step, median_ns) - self.below(low, median_ns)))
            if count:
                buckets.append([low, low + step - 1, count])
            low += step
        self.count = sum(count for _, _, count in buckets)
        mean = sum((low + high) / 2 * count for low, high, count in buckets) / self.count
        extent = {"count": self.count, "min": buckets[0][0], "max": buckets[-1][1], "mean": mean}
        self.figures = {**extent, **{name: self.quantile(buckets, part) for name, part in PERCENTILES.items()},
                        "histogram": {**extent, "buckets": BUCKETS}}
        self.text = json.dumps(buckets, separators=(",", ":"))

    @staticmethod
    def below(value, median):
        distance = math.log(value / median)
        return 0.97 * (1 + math.erf(distance / 0.5)) / 2 + 0.03 * (1 + math.erf((distance - 1.5) / 1.2)) / 2

    def quantile(self, buckets, part):
        seen = 0
        for _, high, count in buckets:
            seen += count
            if seen >= part * self.count:
                return high
        return buckets[-1][1]


class Maker:
    """Makes trials one after the other."""

    def __init__(self, seed=1):
        template = load_template()
        self.trial_text = json.dumps(template["trial"])
        self.search_text = json.dumps(template["search"])
        self.run = template["run"]
        self.random = random.Random(seed)
        self.latencies = {}
        self.made = 0

    def latencies_near(self, median_ns, packets):
        """To make one takes longer than to write it, so a few serve all trials."""
        key = round(math.log(median_ns) * 8), round(math.log(packets) * 20)
        if key not in self.latencies:
            self.latencies[key] = Latencies(math.exp(key[0] / 8), math.exp(key[1] / 20))
        return self.latencies[key]

    def test(self, **parameters):
        return {**json.loads(self.trial_text)["test"], **parameters}

    def line(self, test, repeat=1):
        """A line of trials.jsonl without its newline."""
        trial = json.loads(self.trial_text)
        rng, pairs = self.random, int(str(test["containers"]).split("vs")[0])
        round_trip = test["dimension"] == "latency"
        capacity = PPS.get(test["io"], 1e6) * SHARE.get(test["switch"], 0.5) * 1700 / (1600 + test["size"])
        capacity *= min(pairs, 4) ** 0.5 * rng.gauss(1, 0.02)
        intended = None if test["rate"] == "max" else test["rate"] * pairs
        offered = capacity * max(1, rng.gauss(1, 0.02))
        offered = offered if intended is None else min(intended, offered)
        forwarded = min(offered, capacity)
        latencies = self.latencies_near(9e9 / capacity * (2 if round_trip else 1) * rng.gauss(1, 0.05),
                                        forwarded * test["duration"])
        arrived, seconds = latencies.count, latencies.count / forwarded
        sent = max(arrived, round(offered * seconds))
        self.made += 1
        trial.update(trial=self.made, test=test, repeat=repeat, duration_s=seconds,
                     flags=["disturbed"] if rng.random() < 0.1 else [])
        trial["tx"].update(intended_pps=intended, offered_pps=offered, packets=sent)
        trial["rx"].update(forwarded_pps=forwarded, forwarded_bps=forwarded * test["size"] * 8, packets=arrived,
                           lost=sent - arrived, loss_ratio=(sent - arrived) / sent, switch_dropped=None)
        trial["latency"] = {"round_trip_ns" if round_trip else "one_way_ns": latencies.figures}
        trial["cpu"]["cost"].update(packet_ns=2e9 / capacity, endpoints_ns=1.2e9 / capacity,
                                    rest_ns=0.3e9 / capacity, pps_per_processor=capacity / 2)
        trial["cpu"]["machine"]["busy"] = 0.4 + 1.6 * forwarded / capacity
        trial["samples"] = [{"second": s + 1, "tx_packets": round(offered), "rx_packets": round(forwarded)}
                            for s in range(int(seconds))]
        for key in ("tx", "rx", "latency", "samples"):
            trial["pairs"][0][key] = trial[key]
        return json.dumps(trial, separators=(",", ":")).replace('"' + BUCKETS + '"', latencies.text)

    def object(self, test, repeat=1):
        return json.loads(self.line(test, repeat))

    def search(self, test):
        """The conclusion of a search."""
        line = json.loads(self.search_text)
        self.made += 1
        line.update(trial=self.made, test=test)
        return line


def make_tests(maker, count, repeats):
    combinations = itertools.product(*reversed(AXES.values()))
    for values in itertools.islice(combinations, count):
        test = maker.test(repeats=repeats, **dict(zip(reversed(AXES), values)))
        if test["dimension"] == "latency":
            test.update(rate=1000, burst=1)
        yield test


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("directory")
    parser.add_argument("--trials", type=int, default=100)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    maker = Maker(arguments.seed)
    most = math.prod(map(len, AXES.values())) * arguments.repeats
    if arguments.trials > most:
        parser.error("no more than %d trials of %d repeats" % (most, arguments.repeats))
    tests = list(make_tests(maker, math.ceil(arguments.trials / arguments.repeats), arguments.repeats))
    repeated = ((test, repeat) for repeat in range(1, arguments.repeats + 1) for test in tests)
    maker.run.update(name="made", tests=tests)
    write_record(arguments.directory, maker.run,
                 (maker.line(*trial) for trial in itertools.islice(repeated, arguments.trials)))


if __name__ == "__main__":
    main()
