# SPDX-License-Identifier: Apache-2.0
"""Through the kernel: lanebench beside iperf3 and sockperf, over a veth pair.

Packets forwarded are counted by the kernel where they arrive (UDP InDatagrams of the receiving namespace) for the
other tools, and by lanebench's own receiver, which checks every byte, for lanebench.
"""
import os
import re
import shutil
import statistics
import subprocess
import time

from common import SIZE, figure, ratio, run

PAYLOAD = SIZE - 42
PORT = 49000


class Link:
    """Two network namespaces joined by a veth pair, for the tools that bring none of their own."""

    def __init__(self):
        self.names = [f"lbbench-{os.getpid()}-{end}" for end in "ab"]
        self.addresses = ["198.19.255.1", "198.19.255.2"]

    def __enter__(self):
        a, b = self.names
        run("ip", "netns", "add", a)
        run("ip", "netns", "add", b)
        run("ip", "-n", a, "link", "add", "lb0", "type", "veth", "peer", "name", "lb0", "netns", b)
        for name, address in zip(self.names, self.addresses):
            run("ip", "-n", name, "address", "add", f"{address}/30", "dev", "lb0")
            run("ip", "-n", name, "link", "set", "lb0", "up")
        return self

    def __exit__(self, *_):
        for name in self.names:
            subprocess.run(["ip", "netns", "delete", name], capture_output=True)

    def command(self, end, processor, *argv):
        return ["ip", "netns", "exec", self.names[end], "taskset", "-c", str(processor), *argv]

    def datagrams(self):
        rows = [line.split() for line in run("ip", "netns", "exec", self.names[1], "cat", "/proc/net/snmp").splitlines()
                if line.startswith("Udp:")]
        return int(dict(zip(rows[0], rows[1]))["InDatagrams"])


def forwarded_by(link, processors, seconds, server, client):
    """Starts the server in one namespace and the client in the other; packets a second that arrived."""
    receiver = subprocess.Popen(link.command(1, processors[1], *server), stdout=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL)
    try:
        time.sleep(0.5)
        before = link.datagrams()
        run(*link.command(0, processors[0], *client))
        return (link.datagrams() - before) / seconds
    finally:
        receiver.terminate()
        receiver.wait()


def iperf3(link, processors, seconds):
    return forwarded_by(link, processors, seconds, ["iperf3", "-s", "-1", "-p", str(PORT)],
                        ["iperf3", "-c", link.addresses[1], "-p", str(PORT), "-u", "-b", "0", "-l", str(PAYLOAD),
                         "-t", str(seconds)])


def sockperf_throughput(link, processors, seconds):
    return forwarded_by(link, processors, seconds, ["sockperf", "server", "-i", link.addresses[1], "-p", str(PORT)],
                        ["sockperf", "throughput", "-i", link.addresses[1], "-p", str(PORT), "-m", str(PAYLOAD),
                         "-t", str(seconds)])


def sockperf_ping_pong(link, processors, seconds, *options):
    """Median round trip in microseconds."""
    server = subprocess.Popen(link.command(1, processors[1], "sockperf", "server", "-i", link.addresses[1], "-p",
                                           str(PORT), *options), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        time.sleep(0.5)
        text = run(*link.command(0, processors[0], "sockperf", "ping-pong", "-i", link.addresses[1], "-p", str(PORT),
                                 "-m", str(PAYLOAD), "-t", str(seconds), "--full-rtt", *options))
        return float(re.search(r"percentile 50\.000\s*=\s*([0-9.]+)", text).group(1))
    finally:
        server.terminate()
        server.wait()


class Kernel:
    title = "Through the kernel"

    def __init__(self, lanebench, seconds):
        self.lanebench = lanebench
        self.seconds = seconds
        usable = lanebench.processors
        self.processors = usable[-2:] if len(usable) >= 2 else usable * 2
        self.base = ["--runtime", "netns", "-V", "veth", "-P", str(SIZE), "-w", "300ms", "-t", f"{seconds}s"]
        self.rates, self.times = {}, {}
        self.paced, self.between, self.up, self.down = [], [], [], []

    def missing(self):
        for tool in ("iperf3", "sockperf"):
            if not shutil.which(tool):
                return f"{tool} is not installed; remedy: scripts/install-packages bench"
        return None

    def prepare(self):
        pass

    def forwarded(self, *options):
        return self.lanebench.one(*self.base, "-R", "max", "-B", "32", *options)["rx"]["forwarded_pps"]

    def round_trip(self, *options):
        trial = self.lanebench.one(*self.base, "-D", "latency", "-B", "1", "-R", "max", *options)
        return trial["latency"]["round_trip_ns"]["p50"] / 1000

    def contenders(self, link):
        where = (link, self.processors, self.seconds)
        for name, measure in (
                ("iperf3 UDP", lambda: iperf3(*where)),
                ("sockperf throughput", lambda: sockperf_throughput(*where)),
                ("lanebench udp", lambda: self.forwarded("-I", "udp")),
                ("lanebench udp-mmsg", lambda: self.forwarded("-I", "udp-mmsg")),
                ("lanebench raw", lambda: self.forwarded("-I", "raw")),
                ("lanebench raw-mmsg", lambda: self.forwarded("-I", "raw-mmsg")),
                ("lanebench raw-mmsg, payload headers",
                 lambda: self.forwarded("-I", "raw-mmsg", "--payload", "headers"))):
            yield name, self.rates, measure
        for name, measure in (
                ("sockperf ping-pong", lambda: sockperf_ping_pong(*where)),
                ("sockperf ping-pong, non-blocking", lambda: sockperf_ping_pong(*where, "--nonblocked")),
                ("lanebench udp", lambda: self.round_trip("-I", "udp")),
                ("lanebench raw", lambda: self.round_trip("-I", "raw"))):
            yield name, self.times, measure

    def round(self):
        with Link() as link:
            for name, figures, measure in self.contenders(link):
                figures.setdefault(name, []).append(measure())
        trial = self.lanebench.one(*self.base, "-I", "raw", "-R", "100k", "-B", "1")
        self.paced += [abs(second["tx_packets"] / 100e3 - 1) for second in trial["samples"]]
        record = self.lanebench.trials("--runtime", "lxc", "-V", "linux-bridge", "-I", "udp", "-P", "64,128,256,512",
                                       "-R", "10k", "-w", "0", "-t", "200ms")
        self.between += [t["setup_s"] for t in record["trials"][1:]]
        self.up += [t["up_s"] for t in record["run"]["testbeds"]]
        self.down += [t["down_s"] for t in record["run"]["testbeds"]]

    def show(self):
        print(f"\n{self.title}: {SIZE} B frames over veth, processors {self.processors}\n\nForwarded, kpps, one sender "
              "and one receiver, as fast as they can")
        for name, values in self.rates.items():
            print(f"  {name:42} {figure(values, 1e-3)}")
        print("Round trip at burst 1, median, us")
        for name, values in self.times.items():
            print(f"  {name:42} {figure(values, 1, 2)}")

    def check(self, checks):
        rates, times = self.rates, self.times
        for ours, theirs in (("udp", "iperf3 UDP"), ("udp", "sockperf throughput"), ("raw-mmsg", "lanebench udp")):
            value = ratio(rates["lanebench " + ours], rates[theirs])
            checks.add(f"{ours} / {theirs.removeprefix('lanebench ')}, above 1", value, value > 1)
        for theirs in ("sockperf ping-pong", "sockperf ping-pong, non-blocking"):
            value = ratio(times["lanebench udp"], times[theirs])
            checks.add(f"round trip udp / {theirs}, at or below 1", value, value <= 1)
        value = statistics.median(self.paced)
        checks.add("paced at 100 kpps: each second off 100,000 packets by (median), at or below 0.001", value,
                   value <= 0.001)
        value = statistics.median(self.between)
        checks.add("linux-bridge: from test to test beside the trial (median), s, below 0.05", value, value < 0.05)
        value = statistics.median(self.up) + statistics.median(self.down)
        checks.add("linux-bridge, two LXC containers: up and down (median), s, below 0.5", value, value < 0.5)
