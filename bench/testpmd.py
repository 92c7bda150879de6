# SPDX-License-Identifier: Apache-2.0
"""dpdk-testpmd, driven for the comparison: private directories, no hugepages, no device of the host's, and
counters read through its telemetry socket while it forwards."""
import contextlib
import json
import os
import signal
import socket
import subprocess
import tempfile
import time

from common import SIZE, Failure

PROGRAM = "dpdk-testpmd"
START_S = 10
PATIENCE_S = 20


class Testpmd:
    """One process. Its directory holds its run time files (never /var/run) and its log, and goes with it."""

    def __init__(self, argv):
        self.folder = tempfile.TemporaryDirectory(prefix="lanebench-bench-")
        self.directory = self.folder.name
        self.log = os.path.join(self.directory, "log")
        self.prefix = next(a.split("=")[1] for a in argv if a.startswith("--file-prefix="))
        self.ports = sum(a.startswith("--vdev=") for a in argv)
        self.socket = None
        with open(self.log, "wb") as log:
            # It ends when its standard input does.
            self.process = subprocess.Popen(argv, cwd=self.directory, stdin=subprocess.PIPE, stdout=log, stderr=log,
                                            env={**os.environ, "RUNTIME_DIRECTORY": "."})

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.socket:
            self.socket.close()
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(2)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdin.close()
        self.folder.cleanup()

    def _connect(self):
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            sock.connect(os.path.join(self.directory, "dpdk", self.prefix, "dpdk_telemetry.v2"))
            sock.settimeout(5)
            sock.recv(1024)
        except OSError:
            sock.close()
            raise
        self.socket = sock

    def ask(self, command, port):
        if not self.socket:
            self._connect()
        self.socket.send(f"{command},{port}".encode())
        return json.loads(self.socket.recv(16384))[command]

    def _wait(self, what, done):
        end = time.monotonic() + START_S
        while time.monotonic() < end:
            if self.process.poll() is not None:
                break
            with contextlib.suppress(OSError, KeyError, TypeError):
                if done():
                    return self
            time.sleep(0.002)
        with open(self.log, encoding="utf-8", errors="replace") as log:
            raise Failure(f"{PROGRAM}: not {what}; the end of its log:\n" + "".join(log.readlines()[-15:]))

    def started(self):
        """Its ports are; packets can be forwarded."""
        return self._wait("started", lambda: all(self.ask("/ethdev/info", port)["dev_started"] == 1
                                                 for port in range(self.ports)))

    def connected(self):
        return self._wait("connected", lambda: all(self.ask("/ethdev/link_status", port)["status"] == "UP"
                                                   for port in range(self.ports)))

    def say(self, command):
        """To one that was started with -i."""
        self.process.stdin.write(command.encode() + b"\n")
        self.process.stdin.flush()

    def has_made(self, name):
        return self._wait(f"listening at {name}", lambda: os.path.exists(os.path.join(self.directory, name)))

    def count(self, key):
        """(time, packets of its ports). The time is the middle of question and answer."""
        before = time.monotonic()
        packets = sum(self.ask("/ethdev/stats", port)[key] for port in range(self.ports))
        return (before + time.monotonic()) / 2, packets


def end(processor, devices, mode, burst, ring, *more):
    """A testpmd that is an end of a path, or both: all in one thread."""
    return Testpmd([PROGRAM, f"--lcores=0@{processor},1@{processor}", "--no-shconf", "--no-huge", "-m", "64",
                    "--single-file-segments", "--force-max-simd-bitwidth=512", "--no-pci", "--iova-mode=va",
                    "--file-prefix=end", *(f"--vdev={device}" for device in devices), "--",
                    f"--forward-mode={mode}", "--nb-cores=1", f"--burst={burst}", f"--rxd={ring}", f"--txd={ring}",
                    f"--txpkts={SIZE}", "--total-num-mbufs=8192", "--disable-link-check", "--no-lsc-interrupt",
                    "--no-mlockall", "--no-flush-rx", *more])


def rate(process, key, warmup, seconds):
    """Packets a second that it counts. Where they come so rarely that none does, the time is longer."""
    time.sleep(warmup)
    begin = now = process.count(key)
    while now[1] == begin[1]:
        if now[0] - begin[0] > PATIENCE_S:
            raise Failure(f"{PROGRAM}: no packet in {PATIENCE_S} s")
        time.sleep(seconds)
        now = process.count(key)
    return (now[1] - begin[1]) / (now[0] - begin[0])
