# SPDX-License-Identifier: Apache-2.0
"""Past the kernel: lanebench's endpoints beside dpdk-testpmd as both ends, through the same switch, over the same
kind of port, on the same processors, with the same rings.

The switch of the plain tools is started with the very arguments with which lanebench starts it (read from the
process). It is a testpmd, too, so that nothing but the ends differs.
"""
import os
import statistics
import subprocess
import tempfile
import time

import endpoint
from common import SIZE, Failure, figure, ratio, ratios
from testpmd import PROGRAM, Testpmd, end, rate

RING = 1024         # lanebench's default; packets in each ring of a port, on both sides
BURST = 32
WARMUP = 0.3
VIRTIO = f"queue_size={RING},mrg_rxbuf=0,in_order=1"                      # what lanebench's endpoints ask for
MEMIF = f"socket-abstract=no,rsize={RING.bit_length() - 1},bsize=2048"

# Contenders
HEADERS = "lanebench, payload headers"
FULL = "lanebench, payload full"
FLOWGEN = "testpmd flowgen, both ends in one thread"

SENDER, RECEIVER = "sender", "receiver"


def child_arguments(parent, program):
    """The argument vector of a child of this process that runs this program with devices, or None."""
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/stat", encoding="utf-8") as stat:
                if int(stat.read().rpartition(")")[2].split()[1]) != parent:
                    continue
            with open(f"/proc/{pid}/cmdline", "rb") as cmdline:
                argv = cmdline.read().decode().split("\0")[:-1]
        except OSError:
            continue
        if argv and os.path.basename(argv[0]) == program and any(a.startswith("--vdev=") for a in argv):
            return argv
    return None


def switch_arguments(lanebench, options):
    """Those with which lanebench starts its switch for these tests."""
    argv = None
    with tempfile.TemporaryDirectory(prefix="lanebench-bench-") as folder:
        with subprocess.Popen(lanebench.argv("-o", os.path.join(folder, "r"), "-t", "1s", *options),
                              stdout=subprocess.DEVNULL) as process:
            while not argv and process.poll() is None:
                argv = child_arguments(process.pid, PROGRAM)
                time.sleep(0.005)
    if not argv:
        raise Failure(f"lanebench has not started {PROGRAM}")
    return argv


class Path:
    """What lies between the two ends, for the plain tools: a context, with a device for each end."""

    plain = "testpmd txonly to rxonly"

    def __init__(self, title, switch):
        self.title = title
        self.switch = switch        # as lanebench calls it
        self.processors = {}        # of sender and receiver, as lanebench chose them
        self.rates = {}
        self.times = {}


class ThroughTestpmd(Path):
    def __init__(self, argv):
        super().__init__("through testpmd", "testpmd")
        self.argv = argv

    def __enter__(self):
        self.process = Testpmd(self.argv).__enter__()
        self.process.has_made("port1").started()
        return self

    def __exit__(self, *_):
        self.process.__exit__()

    def device(self, role, number=0):
        port = os.path.join(self.process.directory, "port0" if role == SENDER else "port1")
        return f"net_virtio_user{number},path={port},{VIRTIO}"


class ToTestpmd(ThroughTestpmd):
    """The same port of the same switch, which only counts what it gets: a sender by itself."""

    plain = "testpmd txonly"

    def __init__(self, argv):
        super().__init__(["--forward-mode=rxonly" if a.startswith("--forward-mode=") else a for a in argv])
        self.title = "to a testpmd that drops it (rxonly)"

    def socket(self):
        return os.path.join(self.process.directory, "port0")


class OverMemif(Path):
    def __init__(self):
        super().__init__("over memif, no switch", "memif")

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="lanebench-bench-")
        return self

    def __exit__(self, *_):
        self.folder.cleanup()

    def device(self, role, number=0):
        """The receiver listens, the sender shares the memory in which its packets lie: as with lanebench."""
        socket = os.path.join(self.folder.name, "memif")
        return f"net_memif{number},socket={socket},{MEMIF}," + \
            ("role=client,zero-copy=yes" if role == SENDER else "role=server")


class Bypass:
    title = "Past the kernel"

    def __init__(self, lanebench, seconds):
        self.lanebench = lanebench
        self.seconds = seconds
        self.common = ["--runtime", "netns", "-I", "dpdk", "-P", str(SIZE), "--ring", str(RING), "--hugepages", "none"]
        self.testpmd = self.memif = None
        self.first, self.between, self.up, self.down = [], {}, [], []

    def missing(self):
        return self.lanebench.why_not("-V", "testpmd", "-I", "dpdk")

    def prepare(self):
        self.ovs_missing = self.lanebench.why_not("-V", "ovs", "-I", "dpdk")
        self.testpmd = ThroughTestpmd(switch_arguments(self.lanebench, [*self.common, "-V", "testpmd"]))
        self.memif = OverMemif()
        self.alone = ToTestpmd(self.testpmd.argv)
        self.endpoint = endpoint.find(self.lanebench.program)

    # ---- lanebench ----

    def trial(self, path, *options):
        trial = self.lanebench.one(*self.common, "-V", path.switch, "-R", "max", "-w", f"{WARMUP}s", "-t",
                                   f"{self.seconds}s", *options)
        ends = trial["cpu"]["endpoints"]
        path.processors = {SENDER: ends[0]["processor"], RECEIVER: ends[1]["processor"]}
        return trial

    def forwarded(self, path, payload):
        return self.trial(path, "-B", str(BURST), "--payload", payload)["rx"]["forwarded_pps"]

    def round_trip(self, path):
        """The mean: all that the other side's count of packets can tell."""
        return self.trial(path, "-D", "latency", "-B", "1")["latency"]["round_trip_ns"]["mean"] / 1000

    # ---- testpmd at both ends ----

    def end(self, path, role, mode, burst, *more):
        return end(path.processors[role], [path.device(role)], mode, burst, RING, *more)

    def plain_forwarded(self, path):
        with path, self.end(path, RECEIVER, "rxonly", BURST) as receiver:
            receiver.started()
            with self.end(path, SENDER, "txonly", BURST) as sender:
                sender.started().connected()
                return rate(receiver, "ipackets", WARMUP, self.seconds)

    def plain_round_trip(self, path):
        """
        One packet, whose MAC addresses both ends swap before they send it back: every packet that comes back is a
        round trip. The sender polls once before it makes the packet: a memif has no buffers for what comes back
        until then.
        """
        with path, self.end(path, RECEIVER, "macswap", 1) as reflector:
            reflector.started()
            with self.end(path, SENDER, "macswap", 1, "-i") as sender:
                sender.started().connected()
                for command in ("start", "stop", "start tx_first 1"):
                    sender.say(command)
                return 1e6 / rate(sender, "ipackets", WARMUP, self.seconds)

    def plain_one_thread(self, path):
        """Both ends in one thread, which need not give way to each other; packets cross in both directions."""
        with path, end(path.processors[RECEIVER], [path.device(SENDER, 0), path.device(RECEIVER, 1)], "flowgen",
                       BURST, RING) as both:
            both.started().connected()
            return rate(both, "ipackets", WARMUP, self.seconds)

    # ---- a sender by itself; the switch counts ----

    def sent(self, path, payload):
        seconds = WARMUP + self.seconds
        with path, endpoint.Sender(
                self.endpoint, path.processors[SENDER], endpoint.vhost_user(path.socket(), RING), BURST) as sender:
            sender.start(payload, 2 * seconds)
            return rate(path.process, "ipackets", endpoint.LEAD_S + WARMUP, self.seconds)

    def plain_sent(self, path):
        with path, self.end(path, SENDER, "txonly", BURST) as sender:
            sender.started().connected()
            return rate(path.process, "ipackets", WARMUP, self.seconds)

    # ---- rounds ----

    def contenders(self, path):
        if path is self.alone:
            path.processors = self.testpmd.processors
            yield HEADERS, path.rates, lambda: self.sent(path, "headers")
            yield FULL, path.rates, lambda: self.sent(path, "full")
            yield path.plain, path.rates, lambda: self.plain_sent(path)
            return
        yield HEADERS, path.rates, lambda: self.forwarded(path, "headers")
        yield FULL, path.rates, lambda: self.forwarded(path, "full")
        yield path.plain, path.rates, lambda: self.plain_forwarded(path)
        if self.shared(path):
            yield FLOWGEN, path.rates, lambda: self.plain_one_thread(path)
        yield "lanebench", path.times, lambda: self.round_trip(path)
        yield "testpmd macswap, one packet to and fro", path.times, lambda: self.plain_round_trip(path)

    def paths(self):
        return self.testpmd, self.alone, self.memif

    @staticmethod
    def shared(path):
        return len(set(path.processors.values())) == 1

    def round(self):
        for path in self.paths():
            for name, figures, measure in self.contenders(path):
                try:
                    figures.setdefault(name, []).append(measure())
                except Failure as failure:
                    raise Failure(f"{name} {path.title}: {failure}") from failure
        self.startup()

    def startup(self):
        short = ["--runtime", "lxc", "-I", "dpdk"]
        switches = ["testpmd"]
        if not self.ovs_missing:
            switches.append("ovs")
            self.first.append(self.lanebench.first_trial_s(*short, "-V", "ovs"))
        for switch in switches:
            record = self.lanebench.trials(*short, "-V", switch, "-P", "64,128,256,512", "-R", "10k", "-w", "0", "-t",
                                           "200ms")
            self.between.setdefault(switch, []).extend(t["setup_s"] for t in record["trials"][1:])
            if switch == "testpmd":
                self.up += [t["up_s"] for t in record["run"]["testbeds"]]
                self.down += [t["down_s"] for t in record["run"]["testbeds"]]

    # ---- what came of it ----

    def show(self):
        print(f"\n{self.title}: {SIZE} B frames, rings of {RING}, bursts of {BURST}, no hugepages")
        for path in self.paths():
            self.show_path(path)
        print("\nTestbeds, seconds")
        if self.ovs_missing:
            print(f"  left out: ovs ({self.ovs_missing})")
        else:
            print(f"  {'ovs: from nothing to the end of 10 ms':42} {figure(self.first, 1, 3)}")
        for switch, values in self.between.items():
            print(f"  {switch + ': from test to test beside the trial':42} {figure(values, 1, 3)}")
        print(f"  {'testpmd, two LXC containers: up':42} {figure(self.up, 1, 3)}")
        print(f"  {'testpmd, two LXC containers: down':42} {figure(self.down, 1, 3)}")

    def show_path(self, path):
        sender, receiver = path.processors[SENDER], path.processors[RECEIVER]
        if path is self.alone:
            where = f"sender on processor {sender}"
        elif self.shared(path):
            where = f"both ends on processor {sender}"
        else:
            where = f"sender on processor {sender}, receiver on {receiver}"
        print(f"\nForwarded {path.title}, Mpps; {where}")
        for name, values in path.rates.items():
            print(f"  {name:42} {figure(values, 1e-6, 3)}")
        if path.times:
            print(f"Round trip {path.title}, burst 1, mean, us")
        for name, values in path.times.items():
            print(f"  {name:42} {figure(values, 1, 2)}")
        print("Ratios, round by round")
        full, headers, plain = (path.rates[name] for name in (FULL, HEADERS, path.plain))
        print(f"  {'payload headers / testpmd':42} {figure(ratios(headers, plain), 1, 2)}")
        print(f"  {'payload full / payload headers':42} {figure(ratios(full, headers), 1, 2)}")
        if path.times:
            print(f"  {'round trip / that of testpmd':42} {figure(ratios(*path.times.values()), 1, 4)}")

    def check(self, checks):
        """memif is not in here: without a switch's work, what lanebench does more than testpmd is all there is."""
        for path in (self.testpmd, self.alone):
            value = ratio(path.rates[HEADERS], path.rates[path.plain])
            checks.add(f"{path.title}: payload headers / {path.plain}, at or above 1", value, value >= 1)
        value = ratio(*self.testpmd.times.values())
        checks.add("through testpmd: round trip / testpmd's, at or below 1", value, value <= 1)
        if self.first:
            value = statistics.median(self.first)
            checks.add("from nothing to the first packet over OVS-DPDK (median), s, below 2", value, value < 2)
        for switch, values in self.between.items():
            value = statistics.median(values)
            checks.add(f"{switch}: from test to test beside the trial (median), s, below 0.05", value, value < 0.05)
