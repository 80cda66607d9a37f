"""ALIAS with the real programs: a host name at the apex, flattened from a resolver that changes its mind, fails and comes back."""
import ipaddress
import re
import signal
import socket
import struct
import threading
import time

from conftest import free_port, wait_until

APEX = """
regions: [{name: eu, default: true}]
pools:
  - {name: away, region: eu, endpoints: [{name: cdn, address: cdn.example.net}]}
zones:
  - {name: apex.example.com, ns: [ns1.example.org]}
services:
  - {name: apex.example.com, ttl: 30, pools: [away]}
"""


def records(*lines):
    return "zones:\n  - name: example.net\n    ns: [ns1.example.org]\n    soa: {minimum: 1}\n    records:\n" + "".join(
        f"      - {{name: {line}}}\n" for line in ("unused, type: A, data: [192.0.2.200]",) + lines)


def test_a_host_name_at_the_apex_follows_its_resolver_and_outlives_it(gslbd):
    port = free_port()
    resolver = gslbd(listen=f"127.0.0.1:{port}")
    resolver.apply(records("cdn, type: CNAME, ttl: 1, data: [real]", "real, type: A, ttl: 1, data: [192.0.2.1]",
                           "real, type: AAAA, ttl: 1, data: ['2001:db8::1']"))
    g = gslbd(settings=f'resolver: ["127.0.0.1:{port}"]\n')
    g.apply(APEX)

    def answers(kind="A"):
        return g.short("apex.example.com", None, kind)

    wait_until(lambda: answers() == ["192.0.2.1"] and answers("AAAA") == ["2001:db8::1"], lambda: f"found: {answers()}")
    assert "\t1\tIN\tA\t192.0.2.1" in g.dig("apex.example.com", "A"), "the TTL is that of the addresses"
    story = g.ctl("explain", "apex.example.com", "--client", "192.0.2.7").stdout
    assert "Flattened from cdn.example.net: 192.0.2.1, age " in story, story
    # Other addresses, and one family gone.
    resolver.apply(records("cdn, type: A, ttl: 1, data: [192.0.2.2, 192.0.2.3]"))
    wait_until(lambda: sorted(answers()) == ["192.0.2.2", "192.0.2.3"] and answers("AAAA") == [], lambda: f"changed: {answers()}")
    # The name is gone (NXDOMAIN): what was known stays, through a revision, too.
    resolver.apply(records())
    wait_until(lambda: "cdn.example.net: no addresses found" in g.log_path.read_text(), "the resolver says no")
    assert sorted(answers()) == ["192.0.2.2", "192.0.2.3"]
    g.apply(APEX.replace("ttl: 30", "ttl: 20"))
    assert sorted(answers()) == ["192.0.2.2", "192.0.2.3"]
    # Silence changes nothing either.
    assert resolver.stop() == 0
    time.sleep(3)
    assert sorted(answers()) == ["192.0.2.2", "192.0.2.3"]
    again = gslbd(listen=f"127.0.0.1:{port}")
    again.apply(records("cdn, type: A, ttl: 1, data: [192.0.2.4]"))
    wait_until(lambda: answers() == ["192.0.2.4"], lambda: f"it comes back: {answers()}", 30)


def test_addresses_that_nobody_confirms_are_stale_and_then_unknown(gslbd):
    port = free_port()
    resolver = gslbd(listen=f"127.0.0.1:{port}")
    resolver.apply(records("cdn, type: A, ttl: 1, data: [192.0.2.1]"))
    g = gslbd(settings=f'resolver: ["127.0.0.1:{port}"]\nstale_addresses_for: 12s\n')
    g.apply(APEX.replace("ttl: 30", "ttl: 60"))
    wait_until(lambda: g.short("apex.example.com") == ["192.0.2.1"], "found")
    assert "EDE" not in g.dig("apex.example.com", "A") and "gslbd_flattened_names_stale 0" in g.request("GET", "/metrics")[2]
    assert resolver.stop() == 0
    wait_until(lambda: "EDE: 3 (Stale Answer)" in g.dig("apex.example.com", "A"), lambda: g.dig("apex.example.com", "A"))
    assert "\t30\tIN\tA\t192.0.2.1" in g.dig("apex.example.com", "A"), "RFC 8767: a TTL of 30 s"
    assert any("such as cdn.example.net" in r for r in g.request("GET", "/ready")[2]["reasons"]), g.request("GET", "/ready")
    assert "gslbd_flattened_names_stale 1" in g.request("GET", "/metrics")[2]
    assert ", stale: nobody answers for it" in g.ctl("explain", "apex.example.com", "--client", "192.0.2.7").stdout
    wait_until(lambda: "EDE: 22" in g.dig("apex.example.com", "A"), lambda: f"given up: {g.dig('apex.example.com', 'A')}", 30)
    assert "gslbd_flattened_names_stale 0" in g.request("GET", "/metrics")[2] and "gslbd_flattened_names_unknown 1" in g.request("GET", "/metrics")[2]
    assert not g.request("GET", "/ready")[2]["reasons"]


class HalfResolver:
    """Says 192.0.2.1 with a TTL of 1 s; for AAAA 2001:db8::1, or SERVFAIL once it fails."""

    def __init__(self):
        self.fails, self.failed = False, 0
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.answer, daemon=True).start()

    def answer(self):
        while True:
            try:
                query, peer = self.socket.recvfrom(4096)
            except OSError:
                return
            question = query[12:query.index(0, 12) + 5]
            kind = struct.unpack(">H", question[-4:-2])[0]
            data = ipaddress.ip_address("192.0.2.1" if kind == 1 else "2001:db8::1").packed
            good = kind == 1 or not self.fails
            self.failed += not good
            record = b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, 1, len(data)) + data
            self.socket.sendto(query[:2] + struct.pack(">HHHHH", 0x8180 if good else 0x8182, 1, good, 0, 0) + question + record * good, peer)


def test_a_family_that_nobody_confirms_is_not_served_for_ever_beside_the_other(gslbd):
    resolver = HalfResolver()
    g = gslbd(settings=f'resolver: ["127.0.0.1:{resolver.port}"]\nstale_addresses_for: 3s\n')
    g.apply(APEX)
    wait_until(lambda: g.short("apex.example.com", None, "AAAA") == ["2001:db8::1"], "found")
    resolver.fails = True
    wait_until(lambda: resolver.failed, "AAAA fails")
    assert g.short("apex.example.com", None, "AAAA") == ["2001:db8::1"], "it stays at first"
    wait_until(lambda: not g.short("apex.example.com", None, "AAAA"), "it is given up", 20)
    assert g.short("apex.example.com") == ["192.0.2.1"]
    resolver.fails = False
    wait_until(lambda: g.short("apex.example.com", None, "AAAA") == ["2001:db8::1"], "found again")
    resolver.socket.close()


def test_a_host_name_that_was_never_found_is_a_server_failure_that_says_why(gslbd):
    g = gslbd(settings=f'resolver: ["127.0.0.1:{free_port()}"]\n')
    g.apply(APEX)
    reply = g.dig("apex.example.com", "A")
    assert "SERVFAIL" in reply and "EDE: 22 (No Reachable Authority)" in reply, reply
    assert "not known yet" in g.ctl("explain", "apex.example.com", "--client", "192.0.2.7").stdout


def test_the_first_answer_after_a_start_uses_what_the_resolver_says(gslbd):
    port = free_port()
    resolver = gslbd(listen=f"127.0.0.1:{port}")
    resolver.apply(records("cdn, type: A, ttl: 60, data: [192.0.2.1]"))
    g = gslbd(settings=f'resolver: ["127.0.0.1:{port}"]\n')
    g.apply(APEX)
    g.stop()
    resolver.process.send_signal(signal.SIGSTOP)
    try:
        g.start(wait_ready=False)
        mark = g.log_path.read_text().rindex("admin API on")
        time.sleep(0.6)
        assert "ready at revision" not in g.log_path.read_text()[mark:]
    finally:
        resolver.process.send_signal(signal.SIGCONT)
    wait_until(lambda: re.search("ready at revision", g.log_path.read_text()[mark:]), "gslbd is ready")
    assert g.short("apex.example.com") == ["192.0.2.1"]
