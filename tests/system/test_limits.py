"""What one network gets: response rate limiting, queries, connections, handshakes, memory; and that real clients lose nothing of it."""
import json
import os
import re
import signal
import socket
import ssl
import struct
import subprocess
import sys
import threading
import time

import pytest

from conftest import SANITIZED, TOP, Gslbd, free_port, wait_until
from test_dot import framed, question, read_reply

ZONE = """
regions: [{name: eu, default: true}]
pools: [{name: web, region: eu, endpoints: [192.0.2.1]}]
zones:
  - name: z.example
    ns: [ns1.z.example]
    records: [{name: ns1, type: A, data: [127.0.0.1]}, {name: a, type: A, data: [192.0.2.7]}, {name: b, type: A, data: [192.0.2.8]},
      {name: "*.wild", type: A, data: [192.0.2.9]}, {name: sub, type: NS, data: [ns.sub.z.example.]}, {name: ns.sub, type: A, data: [192.0.2.10]},
      {name: big, type: TXT, data: [%s]}]
services: [{name: www.z.example, pools: [web]}]
""" % ", ".join(f'"{i}{"x" * 200}"' for i in range(4))
LOOPBACK_TOO = "allow: []"  # by default no limit is for loopback


class Client:
    """Asks from an address, over UDP, and says what came: "answer", "tc" or "nothing"."""

    def __init__(self, g, address, options=b""):
        self.g, self.address, self.options, self.number = g, address, options, 0
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind((address, 0))
        self.udp.connect((g.address, g.port))
        self.udp.settimeout(5)

    def message(self, name, kind=1):
        self.number = (self.number + 1) % 65536
        message = question(name, kind, self.number)
        if self.options is not None:
            message = message[:10] + b"\0\1" + message[12:] + b"\0" + struct.pack(">HHIH", 41, 1232, 0, len(self.options)) + self.options
        return message

    def ask(self, name, kind=1):
        message = self.message(name, kind)
        self.udp.send(message)
        try:
            while True:
                reply = self.udp.recv(4096)
                if reply[:2] == message[:2]:
                    break
        except TimeoutError:
            return "nothing", b""
        assert len(reply) <= 1232
        return "tc" if reply[2] & 2 else "answer", reply

    def kinds(self, names, kind=1):
        got = [self.ask(name, kind)[0] for name in names]
        return {what: got.count(what) for what in set(got)}

    def over_tcp(self, name):
        with socket.create_connection((self.g.address, self.g.port), 5, (self.address, 0)) as tcp:
            tcp.sendall(framed(self.message(name)))
            return read_reply(tcp)


@pytest.fixture
def limited(gslbd):
    """A gslbd with these limits, for loopback too: each 127.0.n.0/24 is a network."""
    def start(limits, more=""):
        g = gslbd(f"limits: {{{LOOPBACK_TOO}, {limits}}}\n{more}")
        g.address = "127.0.0.1"
        g.apply(ZONE)
        return g

    return start


def counter(g, name):
    return int(re.search(rf"^gslbd_{name}_total (\d+)$", g.request("GET", "/metrics")[2], re.M).group(1))


def test_an_answer_too_often_comes_empty_with_tc_and_tcp_has_it(limited):
    g = limited("answers_per_second: 5, burst: 2s")
    one = Client(g, "127.0.1.1")
    got = one.kinds(["a.z.example"] * 100)
    assert 10 <= got["answer"] <= 15 and got["tc"] + got["answer"] == 100, got
    kind, reply = one.ask("a.z.example")
    message = one.message("a.z.example")
    assert kind == "tc" and len(reply) == len(message), "a slip is as long as the query"
    assert reply[3] & 15 == 0 and struct.unpack(">4H", reply[4:12]) == (1, 0, 0, 1) and reply[12:-11] == message[12:-11]
    assert one.over_tcp("a.z.example").endswith(socket.inet_aton("192.0.2.7") + message[-11:])
    # Others in the network are in it with it; other networks and names are not.
    assert Client(g, "127.0.1.200").ask("a.z.example")[0] == "tc"
    assert Client(g, "127.0.2.1").ask("a.z.example")[0] == "answer"
    assert one.ask("b.z.example")[0] == "answer" and one.ask("www.z.example")[0] == "answer"
    told = g.request("GET", "/v1/limits")[2]
    assert told["mode"] == "on" and told["limited"] == told["slipped"] == counter(g, "limited") >= 86 and told["dropped"] == 0
    assert told["busiest"][0]["network"] == "127.0.1.0/24" and told["busiest"][0]["limited"] >= 80
    table = g.ctl("limits").stdout
    assert re.search(r"127\.0\.1\.0/24 +\d+ +\d+", table) and "mode     on" in table
    assert json.loads(g.ctl("limits", "--limit", "1", "-o", "json").stdout)["busiest"][0]["network"] == "127.0.1.0/24"
    wait_until(lambda: "most from 127.0.1.0/24" in g.log_path.read_text(), "the log tells of it")


@pytest.mark.parametrize("names, kind", [
    (lambda i: f"n{i}.z.example", "no such names, by zone"), (lambda i: f"n{i}.wild.z.example", "names of a wildcard"),
    (lambda i: f"n{i}.sub.z.example", "names below a delegation"), (lambda i: f"n{i}.elsewhere.example", "refused")])
def test_random_names_are_one_kind_of_answer(limited, names, kind):
    g = limited("answers_per_second: 5, negatives_per_second: 5, errors_per_second: 5, burst: 2s")
    got = Client(g, "127.0.1.1").kinds([names(i) for i in range(60)])
    assert 10 <= got["answer"] <= 15 and got["tc"] >= 45, (kind, got)
    assert Client(g, "127.0.1.1").ask("a.z.example")[0] == "answer"


def test_queries_over_their_rate_are_not_even_looked_up(limited):
    g = limited("queries_per_second: 10, burst: 1s, slip: 0")
    one = Client(g, "127.0.1.1")
    one.udp.settimeout(0.02)
    before = sum(counter(g, f"replies_{what}") for what in ("noerror", "nxdomain", "nodata", "refused"))
    got = one.kinds(f"n{i}.z.example" for i in range(50))
    assert set(got) == {"answer", "nothing"} and 10 <= got["answer"] <= 25
    assert counter(g, "limited_dropped") >= 20 and counter(g, "limited_slipped") == 0
    after = sum(counter(g, f"replies_{what}") for what in ("noerror", "nxdomain", "nodata", "refused"))
    assert after - before == 50 - counter(g, "limited_dropped")


def test_a_client_with_a_cookie_is_not_limited_with_its_network(limited):
    g = limited("answers_per_second: 2, queries_per_second: 20, burst: 5s")
    noisy, polite = Client(g, "127.0.1.1"), Client(g, "127.0.1.2", struct.pack(">HH8s", 10, 8, b"clientck"))
    assert noisy.kinds(["a.z.example"] * 300)["tc"] >= 150
    kind, reply = polite.ask("a.z.example")
    assert kind == "tc", "the first time its address is not proven"
    cookie = reply[reply.index(b"clientck"):][:24]
    polite.options = struct.pack(">HH", 10, 24) + cookie
    for _ in range(40):
        assert noisy.ask("a.z.example")[0] == "tc"
        assert polite.ask("a.z.example")[0] == "answer"
    forged = Client(g, "127.0.1.3", polite.options)
    assert forged.ask("a.z.example")[0] == "tc", "a cookie is good for its own address"
    # A real client that is a flood by itself is one: it has a rate of its own.
    assert polite.kinds(["a.z.example"] * 200).get("tc", 0) >= 50


def test_log_only_counts_and_holds_nothing_back_and_sighup_changes_it(limited):
    g = limited("mode: log_only, answers_per_second: 5, burst: 1s")
    one = Client(g, "127.0.1.1")
    assert one.kinds(["a.z.example"] * 60) == {"answer": 60}
    assert counter(g, "limited") >= 40 and counter(g, "limited_slipped") == counter(g, "limited_dropped") == 0
    written = g.settings.read_text()

    def reread(mode):
        before = g.log_path.read_text().count("read the parts dns and limits")
        g.settings.write_text(written.replace("log_only", mode))
        g.process.send_signal(signal.SIGHUP)
        wait_until(lambda: g.log_path.read_text().count("read the parts dns and limits") > before, "the settings are read")

    reread("on")
    assert one.kinds(["a.z.example"] * 60)["tc"] >= 40
    reread("off")
    limited_before = counter(g, "limited")
    assert one.kinds(["a.z.example"] * 60) == {"answer": 60} and counter(g, "limited") == limited_before


def test_those_allowed_and_by_default_loopback_have_no_limits(gslbd):
    g = gslbd("limits: {answers_per_second: 1, queries_per_second: 1, burst: 1s}\n")
    g.address = "127.0.0.1"
    g.apply(ZONE)
    assert Client(g, "127.0.1.1").kinds(["a.z.example"] * 200) == {"answer": 200}
    assert json.loads(g.ctl("limits", "-o", "json").stdout)["limited"] == 0


def test_the_guide_shows_the_defaults(gslbd, tmp_path):
    """Whoever copies the part gets what is there without it: a bound of it is refused with the default in its place."""
    text = re.search(r"```yaml\n(limits:.*?)```", (TOP / "docs" / "security.md").read_text(), re.S)[1]
    fields = dict(re.findall(r"^  (\w+): ([^#\n]+?) *(?:#.*)?$", text, re.M))
    source = (TOP / "gslbd" / "settings_limits.c").read_text() + (TOP / "gslbd" / "settings.c").read_text()
    defaults = dict(re.findall(r'INT\("(\w+)", settings_(?:limits|tcp), \w+, (\d+)', source))
    assert len(defaults) >= 13 and {name: fields.get(name) for name in defaults} == defaults
    g = gslbd(text)
    assert json.loads(g.ctl("limits", "-o", "json").stdout)["mode"] == "on"


def test_settings_that_mean_nothing_are_refused_by_place(gslbd, tmp_path):
    from conftest import GSLBD
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("limits: {mode: maybe, ipv4_prefix: 33, slip: -1, allow: [10.0.0.1/8], burst: 2h}\ndns: {max_udp: {ipv4: 511, ipv6: 1233}}\n")
    said = subprocess.run([GSLBD, "--check", "-c", wrong], capture_output=True, text=True).stderr
    for place in ("limits.mode", "limits.ipv4_prefix", "limits.slip", "limits.allow[0]", "limits.burst", "dns.max_udp.ipv4", "dns.max_udp.ipv6"):
        assert f"{place}: expected" in said or f"{place} (line" in said or place in said, (place, said)


# --- what is not answered at all ---

def udp_packet(source, source_port, to, port, payload):
    """An IPv4 packet with any source."""
    udp = struct.pack(">HHHH", source_port, port, 8 + len(payload), 0) + payload
    head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 1, 0, 64, socket.IPPROTO_UDP, 0, socket.inet_aton(source), socket.inet_aton(to))
    return head + udp


@pytest.mark.skipif(os.geteuid() != 0, reason="forging needs root")
@pytest.mark.parametrize("listen", ["127.0.0.1:0", "0.0.0.0:0"])
def test_port_0_replies_and_ourselves_get_nothing(gslbd, listen):
    g = gslbd(listen=listen)
    g.address = "127.0.0.1"
    g.apply(ZONE)
    message = question("a.z.example")
    reply = message[:2] + b"\x80\0" + message[4:]
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW) as raw:
        def send(source, port, payload=message, to="127.0.0.1"):
            raw.sendto(udp_packet(source, port, to, g.port, payload), (to, 0))

        send("127.0.1.1", 0)
        wait_until(lambda: counter(g, "udp_source_refused") == 1, "port 0 is refused")
        send("127.0.0.1", g.port)
        wait_until(lambda: counter(g, "udp_source_refused") == 2, "our own address is refused")
        send("127.0.1.1", 40000, reply)
        wait_until(lambda: counter(g, "udp_dropped") == 1, "a reply is dropped")
        send("127.0.0.1", g.port + 1 if g.port < 65535 else 1024)
        wait_until(lambda: counter(g, "replies_noerror") == 1, "others are answered")
        send("127.0.0.9", g.port)  # somebody else with our port is somebody
        wait_until(lambda: counter(g, "replies_noerror") == 2, "others with our port are answered")
    assert counter(g, "udp_source_refused") == 2
    ours = listen.startswith("0")  # then 127.0.0.9 is where we listen, too: we hear our own reply, and drop it
    wait_until(lambda: counter(g, "udp_dropped") == 1 + ours, "nothing else is dropped")


def test_replies_over_udp_are_no_longer_than_max_udp_of_their_family(gslbd):
    port = free_port()
    g = gslbd("dns: {max_udp: {ipv4: 600, ipv6: 1000}}\n")
    g.apply(ZONE)
    assert "flags: qr aa tc" in g.dig("+ignore", "+bufsize=4096", "big.z.example", "TXT")
    assert "flags: qr aa rd;" in g.dig("+bufsize=4096", "a.z.example")
    six = gslbd("dns: {max_udp: {ipv4: 600, ipv6: 1000}}\n", listen=f"[::1]:{port}")
    six.apply(ZONE)
    run = subprocess.run(["dig", "@::1", "-p", str(port), "+ignore", "+bufsize=4096", "big.z.example", "TXT"], capture_output=True, text=True).stdout
    assert "flags: qr aa rd;" in run and 600 < int(re.search(r"MSG SIZE +rcvd: (\d+)", run).group(1)) <= 1000, run


# --- TCP and TLS ---

def open_tcp(g, source, port=None):
    return socket.create_connection(("127.0.0.1", port or g.port), 5, (source, 0))


def is_open(stream):
    """Whether it answers, or at least is not closed."""
    try:
        stream.sendall(framed(question("a.z.example")))
        return bool(read_reply(stream))
    except (OSError, AssertionError):
        return False


def test_connections_are_bounded_by_network_over_all_workers(gslbd):
    g = gslbd(f"limits: {{{LOOPBACK_TOO}}}\ntcp: {{clients_per_address: 6, clients_per_network: 10, idle_timeout: 60s}}\n")
    g.settings.write_text(g.settings.read_text().replace("workers: 1", "workers: 2"))
    g.stop()
    g.start()
    g.apply(ZONE)
    same = [open_tcp(g, "127.0.1.1") for _ in range(8)]
    assert sum(is_open(s) for s in same) == 6
    others = [open_tcp(g, f"127.0.1.{n}") for n in range(2, 10)]
    assert sum(is_open(s) for s in others) == 4
    assert is_open(open_tcp(g, "127.0.2.1")), "another network"
    assert counter(g, "tcp_refused") == 6
    for stream in same + others:
        stream.close()
    wait_until(lambda: is_open(open_tcp(g, "127.0.1.1")), "what was closed makes room")


def test_handshakes_are_bounded_by_network_and_in_all(gslbd, authority):
    g = gslbd(f"limits: {{{LOOPBACK_TOO}, burst: 10s}}\ntcp: {{tls_handshakes: 1, tls_handshakes_per_network: 1, idle_timeout: 60s}}\n"
              f'tls: {{listen: ["127.0.0.1:0"], certificate: {authority}/web.pem, key: {authority}/web.key}}\n')
    g.apply(ZONE)
    port = int(re.search(r"DNS over TLS on \S+:(\d+)\n", g.log_path.read_text())[1])
    context = ssl.create_default_context(cafile=authority / "ca.pem")

    def handshakes(source):
        good = 0
        for _ in range(30):
            try:
                with context.wrap_socket(open_tcp(g, source, port), server_hostname="web.example.com"):
                    good += 1
            except OSError:
                pass
        return good

    first, second = handshakes("127.0.1.1"), handshakes("127.0.1.2")
    assert 10 <= first <= 20 and second <= 10, (first, second)
    assert handshakes("127.0.2.1") <= 10, "there are no more in all"
    assert counter(g, "tls_refused") >= 40
    assert is_open(open_tcp(g, "127.0.1.1")), "plain TCP is not concerned"


def test_memory_for_slow_readers_is_bounded_and_others_are_served(gslbd):
    g = gslbd("tcp: {memory_mib: 2, clients_per_address: 1000, idle_timeout: 60s}\n")
    g.apply(ZONE)
    batch = framed(question("big.z.example", 16)) * 2000
    slow = []
    for _ in range(40):  # each would hold 256 KiB of replies that it does not read, beside what the system holds
        stream = open_tcp(g, "127.0.0.1")
        stream.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        stream.setblocking(False)
        try:
            stream.send(batch)
        except BlockingIOError:
            pass
        slow.append(stream)

    def press():
        for stream in slow:
            try:
                stream.send(batch)
            except OSError:
                pass
        return counter(g, "tcp_memory_cut") >= 10

    wait_until(press, "slow readers are cut off")
    good = open_tcp(g, "127.0.0.1")
    for _ in range(200):
        good.sendall(framed(question("big.z.example", 16)))
        assert len(read_reply(good)) > 800
    for stream in slow:
        stream.close()


def test_slow_senders_and_half_open_connections_end(gslbd, authority):
    g = gslbd(f'tcp: {{idle_timeout: 500ms}}\ntls: {{listen: ["127.0.0.1:0"], certificate: {authority}/web.pem, key: {authority}/web.key}}\n')
    g.apply(ZONE)
    port = int(re.search(r"DNS over TLS on \S+:(\d+)\n", g.log_path.read_text())[1])
    silent, no_hello, half_hello = open_tcp(g, "127.0.0.1"), open_tcp(g, "127.0.0.1", port), open_tcp(g, "127.0.0.1", port)
    half_hello.sendall(b"\x16\x03\x01\x02\x00\x01\x00")
    slow, message = open_tcp(g, "127.0.0.1"), framed(question("a.z.example"))
    end = time.monotonic() + 5
    for byte in message:  # a byte now and then does not keep it open
        try:
            slow.send(bytes([byte]))
        except OSError:
            break
        assert time.monotonic() < end
        time.sleep(0.1)
    else:
        pytest.fail("a slow sender was waited for")
    for stream in (silent, no_hello, half_hello):
        stream.settimeout(5)
        assert stream.recv(100) == b""
    wait_until(lambda: counter(g, "tcp_timeouts") == 4, "all four timed out")


def test_tls_is_not_renegotiated(gslbd, authority):
    g = gslbd(f'tls: {{listen: ["127.0.0.1:0"], certificate: {authority}/web.pem, key: {authority}/web.key}}\n')
    g.apply(ZONE)
    port = re.search(r"DNS over TLS on \S+:(\d+)\n", g.log_path.read_text())[1]
    run = subprocess.run(["openssl", "s_client", "-tls1_2", "-connect", f"127.0.0.1:{port}", "-CAfile", authority / "ca.pem", "-alpn", "dot"], input="R\n",
                         capture_output=True, text=True, timeout=20)
    assert "RENEGOTIATING" in run.stdout + run.stderr and "no renegotiation" in run.stderr, run.stdout[-500:] + run.stderr
    assert counter(g, "tls_handshakes") == 1


def resident(g):
    return int(re.search(r"VmRSS:\s+(\d+) kB", open(f"/proc/{g.process.pid}/status").read())[1]) * 1024


HOLDER = """
import resource, socket, ssl, sys
port, count, ca = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
context = ssl.create_default_context(cafile=ca) if ca else None
question = bytes.fromhex(sys.argv[4])
held = []
for n in range(count):
    stream = socket.create_connection(("127.0.0.1", port), 10, (f"127.0.{n // 100}.{n % 100 + 1}", 0))
    if context:
        stream = context.wrap_socket(stream, server_hostname="web.example.com")
    stream.sendall(question)
    stream.recv(4096)
    held.append(stream)
print("held", flush=True)
sys.stdin.read()
"""


@pytest.mark.skipif(SANITIZED, reason="a sanitizer takes memory of its own")
@pytest.mark.parametrize("tls, count, most", [(False, 10000, 6 << 10), (True, 1500, 30 << 10)])
def test_an_idle_connection_costs_little(gslbd, authority, tls, count, most):
    """Each has asked once, and now keeps silent."""
    g = gslbd("tcp: {clients: 11000, idle_timeout: 10m, tls_handshakes: 0}\n"
              f'tls: {{listen: ["127.0.0.1:0"], certificate: {authority}/web.pem, key: {authority}/web.key}}\n')
    g.apply(ZONE)
    port = int(re.search(r"DNS over TLS on \S+:(\d+)\n", g.log_path.read_text())[1]) if tls else g.port
    if int(re.search(r"Max open files +\d+ +(\d+)", open(f"/proc/{g.process.pid}/limits").read())[1]) < count + 500:
        pytest.skip("this machine gives not as many descriptors")
    with socket.create_connection(("127.0.0.1", g.port)):
        pass
    before = resident(g)
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, str(port), str(count), str(authority / "ca.pem") if tls else "", framed(question("a.z.example")).hex()],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout.readline() == "held\n"
        each = (resident(g) - before) / count
        print(f"{each:.0f} bytes a connection")
        assert each <= most
        g.address = "127.0.0.1"
        assert Client(g, "127.0.0.1").kinds(["a.z.example"] * 500) == {"answer": 500}
    finally:
        holder.communicate("")


# --- amplification ---

AMPLIFYING = """
regions: [{name: eu, default: true}]
pools:
  - {name: one, region: eu, endpoints: [192.0.2.1]}
  - {name: eight, region: eu, balance: all, endpoints: [%s]}
zones:
  - name: z.example
    ns: [ns1.z.example, ns2.z.example]
    records: [{name: ns1, type: A, data: [192.0.2.53]}, {name: ns2, type: A, data: [192.0.2.54]}, {name: a, type: A, data: [192.0.2.7]},
      {name: s, type: NS, data: [ns1.s.z.example., ns2.s.z.example.]}, {name: ns1.s, type: A, data: [192.0.2.10]}, {name: ns2.s, type: A, data: [192.0.2.11]},
      {name: t, type: TXT, data: [%s]}]
services:
  - {name: w.z.example, pools: [one]}
  - {name: e.z.example, pools: [eight]}
""" % (", ".join(f"192.0.2.{n}" for n in range(20, 28)), ", ".join(f'"{i}{"x" * 213}"' for i in range(5)))

# {what docs/security.md calls it: the question}
AMPLIFIED = {
    "a service, one address": ("w.z.example", 1), "a service, eight addresses": ("e.z.example", 1), "a record": ("a.z.example", 1),
    "no such name": ("n.z.example", 1), "no such data": ("a.z.example", 28), "a delegation with two name servers": ("x.s.z.example", 1),
    "ANY": ("a.z.example", 255), "NS of a zone": ("z.example", 2), "SOA of a zone": ("z.example", 6), "not our zone": ("a.example.org", 1),
    "CHAOS, refused": ("version.bind", (16, 3)), "a zone transfer, refused": ("z.example", 252),
}


def measured(g):
    """{answer: (bytes of the query, of the reply)}, of the query that gets most for its bytes: with EDNS or without."""
    found = {}

    def note(what, client, message):
        client.udp.send(message)
        sizes = len(message), len(client.udp.recv(4096))
        if what not in found or sizes[1] / sizes[0] > found[what][1] / found[what][0]:
            found[what] = sizes

    def ask(what, client, name, kind=1):
        kind, klass = kind if isinstance(kind, tuple) else (kind, 1)
        message = client.message(name, kind)
        end = message.index(b"\0", 12) + 5
        note(what, client, message[:end - 2] + struct.pack(">H", klass) + message[end:])

    for client in (Client(g, "127.0.1.1", None), Client(g, "127.0.1.1")):
        for what, asked in AMPLIFIED.items():
            ask(what, client, *asked)
    plain, edns = Client(g, "127.0.1.1", None), Client(g, "127.0.1.1")
    note("malformed", plain, question("a.z.example")[:20])
    note("another opcode", plain, question("a.z.example")[:2] + b"\x20" + question("a.z.example")[3:])
    message = edns.message("a.z.example")
    note("an EDNS version that there is not", edns, message[:-5] + b"\1" + message[-4:])
    ask("a record, to a client that asks for a cookie", Client(g, "127.0.1.1", struct.pack(">HH8s", 10, 8, b"clientck")), "a.z.example")
    ask("the largest that there can be: as a record has it", edns, "t.z.example", 16)
    noisy = {"over a limit": Client(g, "127.0.2.1"), "over a limit, to a client that asks for a cookie": Client(g, "127.0.3.1", struct.pack(">HH8s", 10, 8, b"clientck"))}
    for what, client in noisy.items():
        while client.ask("a.z.example")[0] == "answer":
            pass
        ask(what, client, "a.z.example")
    return found


def test_what_the_guide_says_of_amplification_is_so(limited):
    g = limited("answers_per_second: 50, burst: 1s")
    g.apply(AMPLIFYING)
    text = (TOP / "docs" / "security.md").read_text()
    written = {what: (int(bytes_in), int(bytes_out), float(factor))
               for what, bytes_in, bytes_out, factor in re.findall(r"^\| ([^|]+?) \| (\d+) \| (\d+) \| ([\d.]+) \|$", text, re.M)}
    found = {what: (*sizes, round(sizes[1] / sizes[0], 1)) for what, sizes in measured(g).items()}
    assert written == found, "\n".join(f"| {what} | {i} | {o} | {f} |" for what, (i, o, f) in found.items())
    assert max(o for _, o, _ in found.values()) <= 1232
    assert found["over a limit"][2] == 1.0
