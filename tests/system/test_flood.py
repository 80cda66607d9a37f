"""A flood with forged sources, in network namespaces: what a well-behaved client still gets, and what is sent to those whose addresses were taken."""
import os
import re
import subprocess
import sys

import pytest

from conftest import Gslbd, wait_until
from test_dot import question
from test_limits import ZONE

# Sends queries from forged addresses as fast as it can until its input ends; says how many.
FLOOD = """
import itertools, os, random, socket, struct, sys, threading
to, sources, question = sys.argv[1], sys.argv[2].split(","), bytes.fromhex(sys.argv[3])
raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
packets = []
for n in range(20000):
    source = ".".join(part if part != "*" else str(random.randrange(1, 255)) for part in random.choice(sources).split("."))
    udp = struct.pack(">HHHH", random.randrange(1024, 65536), 53, 8 + len(question), 0) + question
    packets.append(struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 1, 0, 64, 17, 0, socket.inet_aton(source), socket.inet_aton(to)) + udp)
over = threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), over.set()), daemon=True).start()
sent = 0
print("begins", flush=True)
for packet in itertools.cycle(packets):
    try:
        raw.sendto(packet, (to, 0))
        sent += 1
    except OSError:
        pass
    if over.is_set():
        break
print(sent, flush=True)
"""

# A resolver: over UDP, thrice when nothing comes, over TCP when TC says so. Says how many of its questions were answered, and how many by TCP.
RESOLVER = """
import socket, struct, sys
to, question, count, cookie = sys.argv[1], bytes.fromhex(sys.argv[2]), int(sys.argv[3]), sys.argv[4] == "cookie"
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp.connect((to, 53))
udp.settimeout(0.4)
answered = by_tcp = 0
ours = b"clientck"
known = ours


def exactly(stream, n):
    data = b""
    while len(data) < n:
        piece = stream.recv(n - len(data))
        if not piece:
            raise OSError
        data += piece
    return data


for number in range(count):
    message = struct.pack(">H", number) + question[2:]
    if cookie:
        message = message[:10] + b"\\0\\1" + message[12:] + b"\\0" + struct.pack(">HHIHHH", 41, 1232, 0, 4 + len(known), 10, len(known)) + known
    for attempt in range(3):
        try:
            udp.send(message)
            reply = b""
            while reply[:2] != message[:2]:
                reply = udp.recv(4096)
            if cookie and ours in reply:
                known = reply[reply.index(ours):][:24]
            if reply[2] & 2:
                by_tcp += 1
                with socket.create_connection((to, 53), 5) as tcp:
                    tcp.sendall(struct.pack(">H", len(message)) + message)
                    reply = exactly(tcp, struct.unpack(">H", exactly(tcp, 2))[0])
            answered += reply[3] & 15 == 0 and struct.unpack(">H", reply[6:8])[0] == 1
            break
        except OSError:
            pass
print(answered, by_tcp)
"""
QUESTION = question("a.z.example").hex()
COUNT = 400


class Place:
    """A server, a well-behaved client in 10.98.0.0/24, and somebody who forges, who also is the router to all that is far, and goes nowhere."""

    def __init__(self, network, directory, limits, begins=1000):
        self.begins = begins  # limited queries, from which on it is a flood
        self.net = network({"server": ["10.99.0.1"], "client": ["10.99.0.2"], "attacker": ["10.99.0.66"]})
        self.net.inside("server", "ip", "route", "add", "10.98.0.2/32", "dev", "eth0")
        self.net.inside("server", "ip", "route", "add", "default", "via", "10.99.0.66")
        self.net.inside("client", "ip", "address", "add", "10.98.0.2/32", "dev", "eth0")
        self.net.inside("client", "ip", "route", "replace", "10.99.0.0/24", "dev", "eth0", "src", "10.98.0.2")
        self.g = Gslbd(directory, f"limits: {{{limits}}}\n" if limits else "", prefix=self.net.within("server"), listen="10.99.0.1:53", admin="127.0.0.1:8053")
        self.g.start()
        subprocess.run(self.net.within("server") + [str(a) for a in self.g.ctl_command("apply", "-f", "-")], input=ZONE, text=True, check=True, capture_output=True)

    def flooded(self, sources, cookie, forged=QUESTION):
        flood = subprocess.Popen(self.net.within("attacker") + [sys.executable, "-c", FLOOD, "10.99.0.1", sources, forged], stdin=subprocess.PIPE,
                                 stdout=subprocess.PIPE, text=True)
        assert flood.stdout.readline() == "begins\n"
        wait_until(lambda: self.limited() >= self.begins, "the flood is over its limits")
        run = subprocess.run(self.net.within("client") + [sys.executable, "-c", RESOLVER, "10.99.0.1", QUESTION, str(COUNT), cookie], capture_output=True, text=True,
                             timeout=60)
        sent = int(flood.communicate("")[0])
        assert not run.returncode, run.stderr
        return [int(n) for n in run.stdout.split()] + [sent]

    def limited(self):
        return int(re.search(r"^gslbd_limited_total (\d+)$", self.net.inside("server", "curl", "-s", "http://127.0.0.1:8053/metrics").stdout, re.M)[1])


@pytest.fixture
def place(network, tmp_path):
    made = []

    def make(limits):
        made.append(Place(network, tmp_path, limits))
        return made[-1]

    yield make
    for one in made:
        assert one.g.stop() == 0


@pytest.mark.parametrize("sources", ["10.98.0.*", "10.98.0.*,198.18.*.*,203.0.113.*"], ids=["its own network", "its own and others"])
@pytest.mark.parametrize("cookie", ["none", "cookie"])
def test_a_well_behaved_client_keeps_its_answers(place, sources, cookie):
    p = place("answers_per_second: 100, queries_per_second: 1000, burst: 1s")
    answered, by_tcp, sent = p.flooded(sources, cookie)
    limited = p.limited()
    print(f"{answered} of {COUNT} answered, {by_tcp} by TCP, while {sent} forged queries came, {limited} over a limit")
    assert answered >= COUNT * 0.99, (answered, by_tcp, sent)
    if cookie == "cookie":
        assert by_tcp <= COUNT / 10, "who has a cookie needs no TCP"
