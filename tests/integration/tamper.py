# SPDX-License-Identifier: Apache-2.0
"""Does things to test packets on their way, and counts them. Runs in the network namespace of a switch.

tamper.py relay FROM TO   frames that arrive at FROM go to TO, by the lowest byte of their sequence number: cut short,
                          twice, damaged, never, as another pair's, or 30 ms late
tamper.py inject FROM TO  takes one test frame that arrives at FROM as a pattern, and sends TO frames that are
                          nobody's: other ports, another pair, another trial, noise

Ends at SIGTERM or at the end of its standard input, and prints its counts as JSON."""
import json
import select
import socket
import struct
import sys
import time

ETH_P_ALL = 3
HEADERS = 42  # Ethernet, IPv4, UDP
PORT = struct.pack("!H", 48620)
counts = {}


def crc16(data):
    crc = 0xFFFF
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ 0x1021 if crc & 0x8000 else crc << 1) & 0xFFFF
    return crc


def with_ids(frame, test=None, stream=None):
    """The frame as if it were of another trial or pair: its payload's checksum right, its UDP checksum none."""
    payload = bytearray(frame[HEADERS:])
    if test is not None:
        payload[0:2] = struct.pack("!H", test)
    if stream is not None:
        payload[2:4] = struct.pack("!H", stream)
    payload[16:18] = struct.pack("!H", crc16(payload[:16]))
    return frame[:HEADERS - 2] + bytes(2) + bytes(payload)


def packet_socket(interface):
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    s.setsockopt(socket.SOL_SOCKET, 33, 16 << 20)  # SO_RCVBUFFORCE
    s.bind((interface, ETH_P_ALL))
    return s


def count(what):
    counts[what] = counts.get(what, 0) + 1


def flipped(frame, at):
    return frame[:at] + bytes([frame[at] ^ 0x40]) + frame[at + 1:]


def relay(source, to):
    late = []
    while True:
        ready, _, _ = select.select([source, sys.stdin], [], [], 0.002)
        if late and late[0][0] <= time.monotonic():
            to.send(late.pop(0)[1])
        if source in ready:
            frame, address = source.recvfrom(65535)
            if address[2] == socket.PACKET_OUTGOING or len(frame) < HEADERS + 18:
                continue
            kind = frame[HEADERS + 9] % 8
            if kind == 0:
                count("cut")
                to.send(frame[:-2])
            elif kind == 1:
                count("twice")
                to.send(frame)
                to.send(frame)
            elif kind == 2:
                count("header")
                to.send(flipped(frame, HEADERS + 12))
            elif kind == 3:
                count("body")
                to.send(flipped(frame, len(frame) - 1))
            elif kind == 4:
                count("never")
            elif kind == 5:
                count("other_pair")
                to.send(with_ids(frame, stream=7))
            elif kind == 6:
                count("ip")
                to.send(flipped(frame, 14 + 8))
            else:
                count("late")
                late.append((time.monotonic() + 0.03, frame))
        elif sys.stdin in ready:
            for _, frame in late:
                to.send(frame)
            return


def inject(source, to):
    while True:
        frame, address = source.recvfrom(65535)
        if address[2] != socket.PACKET_OUTGOING and len(frame) >= HEADERS + 18 \
                and frame[36:38] == PORT and frame[HEADERS:HEADERS + 2] != b"\0\0":
            break
    for _ in range(50):
        count("other_port")
        to.send(frame[:34] + struct.pack("!HH", 5353, 5353) + frame[38:HEADERS] + bytes(len(frame) - HEADERS))
        count("other_pair")
        to.send(with_ids(frame, stream=9))
        count("other_trial")
        to.send(with_ids(frame, test=40000))
        count("arp")
        to.send(b"\xff" * 6 + frame[6:12] + b"\x08\x06" + bytes(46))
        time.sleep(0.002)
    sys.stdin.read()


mode, where_from, where_to = sys.argv[1:]
{"relay": relay, "inject": inject}[mode](packet_socket(where_from), packet_socket(where_to))
print(json.dumps(counts))
