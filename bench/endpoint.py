# SPDX-License-Identifier: Apache-2.0
"""One endpoint of lanebench without the rest: a sender, told what to do as lanebench tells it (control messages)."""
import contextlib
import json
import os
import subprocess
import time

from common import SIZE, Failure

PROGRAM = "lanebench-endpoint-dpdk"
LEAD_S = 0.05       # from the message to the start that it names
# CLOCK_MONOTONIC itself; lanebench would have measured the scale of the time stamp counter.
CLOCK = {"kind": "monotonic", "ticks0": 0, "ns0": 0, "mult": 1, "shift": 0, "hz": 1e9}


def find(lanebench):
    """Where it lies: built beside the command, or installed."""
    for place in ("../endpoint", "../libexec"):
        path = os.path.join(os.path.dirname(os.path.realpath(lanebench)), place, PROGRAM)
        if os.access(path, os.X_OK):
            return path
    raise Failure(f"there is no {PROGRAM} beside {lanebench}")


def vhost_user(socket, ring):
    return {"kind": "vhost-user", "address": socket, "listens": False, "ring": ring, "queues": 1}


def address(number):
    return {"mac": f"02:00:00:00:00:{number:02x}", "ip": f"198.18.0.{number}", "port": 48620}


class Sender:
    def __init__(self, program, processor, port, burst, io="dpdk"):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, text=True)
        self.burst = burst
        try:
            self.say(type="open", role="sender", io=io, stream=1, rx_stream=1, rx_flows=1, sources=[],
                     ports=[{"port": port, "local": address(1), "peer": address(2)}],
                     memory={"directory": "", "megabytes": 64}, processor=processor, max_frame=SIZE,
                     max_burst=burst, clock=CLOCK, **{"yield": False})
            self.hear("ready")
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """It ends when its standard input does."""
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        try:
            self.process.wait(2)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()

    def say(self, **message):
        self.process.stdin.write(json.dumps(message) + "\n")
        self.process.stdin.flush()

    def hear(self, kind):
        message = json.loads(self.process.stdout.readline() or "{}")
        if message.get("type") != kind:
            raise Failure(f"{PROGRAM}: not {kind}, but {message}")

    def start(self, payload, seconds):
        """As fast as it can, from now on."""
        self.say(type="start", test=2, warmup_test=1, start_ns=time.monotonic_ns() + int(LEAD_S * 1e9), warmup_ns=0,
                 duration_ns=int((seconds + LEAD_S) * 1e9), drain_ns=0,
                 sizes=[{"size": SIZE, "weight": 1}], burst=self.burst, rate=0, payload=payload, flows=1,
                 flow_order="round", seed=0, back=False, cooldown_ns=0, stamp="departure", rx_rate=0, background=0,
                 background_test=0)
