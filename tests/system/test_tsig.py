"""Signed questions of every type (RFC 8945): asked by dig, by hand, and by a real BIND that follows a zone as secondary."""
import base64
import hmac
import re
import shutil
import socket
import struct
import subprocess
import time

import pytest

from conftest import free_port, wait_until
from test_transfer import KEYS, OTHER, SECRET, ZONE

NOERROR, FORMERR, NOTAUTH = 0, 1, 9
BADSIG, BADKEY, BADTIME = 16, 17, 18
KEY = b"\x03nsd\x03key\0"
ALGORITHM = b"\x0bhmac-sha256\0"


def digest(secret, *parts):
    return hmac.new(base64.b64decode(secret), b"".join(parts), "sha256").digest()


def signed(kind=1, off=0, fudge=300, key=KEY, secret=SECRET, cut=32, number=77, original=None, more=b""):
    """A question for www.gslb.example.com, and its MAC."""
    asked = b"\x03www\x04gslb\x07example\x03com\0" + struct.pack(">HH", kind, 1)
    original = number if original is None else original
    at = int(time.time()) + off
    when = struct.pack(">HIH", at >> 32, at & 0xffffffff, fudge)
    variables = key + struct.pack(">HI", 255, 0) + ALGORITHM + when + struct.pack(">HH", 0, 0)
    mac = digest(secret, struct.pack(">HHHHHH", original, 0, 1, 0, 0, 0), asked, variables)[:cut]
    data = ALGORITHM + when + struct.pack(">H", len(mac)) + mac + struct.pack(">HHH", original, 0, 0)
    record = key + struct.pack(">HHIH", 250, 255, 0, len(data)) + data
    return struct.pack(">HHHHHH", number, 0, 1, 0, 0, 1 + (more != b"")) + asked + record + more, mac


class Reply:
    """A reply with its TSIG record taken apart, which must be the last one."""

    def __init__(self, wire, key=KEY):
        self.wire, self.rcode = wire, wire[3] & 15
        start = wire.rfind(key + struct.pack(">HHI", 250, 255, 0))
        self.signed = start > 0
        if not self.signed:
            return
        self.before = start
        data = wire[start + len(key) + 10:]
        assert len(data) == struct.unpack(">H", wire[start + len(key) + 8:start + len(key) + 10])[0] and data.startswith(ALGORITHM)
        data = data[len(ALGORITHM):]
        self.when, size = data[:8], struct.unpack(">H", data[8:10])[0]
        self.time, self.fudge = int.from_bytes(data[:6], "big"), int.from_bytes(data[6:8], "big")
        self.mac, rest = data[10:10 + size], data[10 + size:]
        self.original, self.error, other = struct.unpack(">HHH", rest[:6])
        self.other = rest[6:]
        assert len(self.other) == other

    def verify(self, request_mac):
        count = struct.unpack(">H", self.wire[10:12])[0] - 1
        message = struct.pack(">H", self.original) + self.wire[2:10] + struct.pack(">H", count) + self.wire[12:self.before]
        variables = KEY + struct.pack(">HI", 255, 0) + ALGORITHM + self.when + struct.pack(">HH", self.error, len(self.other)) + self.other
        return self.mac == digest(SECRET, struct.pack(">H", len(request_mac)), request_mac, message, variables)


def ask(g, message, tcp=False):
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM if tcp else socket.SOCK_DGRAM) as s:
        s.settimeout(5)
        s.connect(("127.0.0.1", g.port))
        if not tcp:
            s.send(message)
            return s.recv(65535)
        s.sendall(struct.pack(">H", len(message)) + message)
        reply = b""
        while len(reply) < 2 or len(reply) < 2 + struct.unpack(">H", reply[:2])[0]:
            reply += s.recv(65535)
        return reply[2:]


@pytest.fixture
def g(gslbd):
    one = gslbd(KEYS)
    one.apply(ZONE % "{keys: [nsd.key]}")
    return one


def test_rfc8945_5_3_signed_questions_of_any_type_get_signed_replies(g):
    key = f"hmac-sha256:nsd.key:{SECRET}"
    for transport in ("+notcp", "+tcp"):
        for name, kind, text in (("www.gslb.example.com", "A", "192.0.2.11"), ("gslb.example.com", "SOA", "hostmaster"),
                                 ("mail.gslb.example.com", "MX", "mx1"), ("none.gslb.example.com", "A", "NXDOMAIN"),
                                 ("www.gslb.example.com", "ANY", "RFC8482"), ("example.org", "A", "REFUSED")):
            said = g.dig(transport, "-y", key, name, kind)
            assert text in said and "nsd.key." in said and "TSIG" in said and "verify" not in said, said
    said = g.dig("-y", key, "www.gslb.example.com", "+edns", "+nsid", "+subnet=10.1.0.0/16")
    assert "EDNS: version: 0" in said and "TSIG" in said and "verify" not in said, said


def test_rfc8945_5_3_2_a_reply_that_is_too_long_with_its_signature_is_cut_and_signed(gslbd):
    g = gslbd(KEYS)
    data = ", ".join(f'\'"{"t" * 90}{i:02}"\'' for i in range(4))
    g.apply(f"zones: [{{name: gslb.example.com, ns: [ns1.example.net], records: [{{name: long, type: TXT, data: [{data}]}}]}}]")
    key = f"hmac-sha256:nsd.key:{SECRET}"
    assert " tc" not in g.dig("+notcp", "+noedns", "+ignore", "long.gslb.example.com", "TXT")
    said = g.dig("+notcp", "+noedns", "+ignore", "-y", key, "long.gslb.example.com", "TXT")
    assert " tc" in said and "ANSWER: 0" in said and "TSIG" in said and "verify" not in said, said
    said = g.dig("+noedns", "-y", key, "long.gslb.example.com", "TXT")  # goes on over TCP
    assert "ANSWER: 4" in said and "TSIG" in said and "verify" not in said, said


@pytest.mark.parametrize("tcp", [False, True])
def test_rfc8945_4_3_3_the_fudge_of_the_request_is_in_its_digest(g, tcp):
    for fudge, off, error in ((60, 0, 0), (600, 0, 0), (600, -400, 0), (60, -100, BADTIME), (60, 100, BADTIME), (300, 0, 0)):
        request, mac = signed(fudge=fudge, off=off)
        reply = Reply(ask(g, request, tcp))
        assert (reply.rcode, reply.error) == (NOTAUTH if error else NOERROR, error), (fudge, off)
        assert reply.verify(mac), (fudge, off)
    request, mac = signed(fudge=0)
    reply = Reply(ask(g, request, tcp))
    assert reply.error in (0, BADTIME) and reply.verify(mac)  # a second may have gone by


def test_rfc8945_5_2_what_is_wrong_is_told(g):
    request, mac = signed(off=-3600, fudge=120)
    reply = Reply(ask(g, request))
    assert (reply.rcode, reply.error, reply.fudge) == (NOTAUTH, BADTIME, 120) and reply.verify(mac)
    assert abs(reply.time - (time.time() - 3600)) < 10 and abs(int.from_bytes(reply.other, "big") - time.time()) < 10
    reply = Reply(ask(g, signed(secret=OTHER)[0]))
    assert (reply.rcode, reply.error, reply.mac, reply.other) == (NOTAUTH, BADSIG, b"", b"")
    stranger = b"\x04none\x03key\0"
    reply = Reply(ask(g, signed(key=stranger)[0]), key=stranger)
    assert (reply.rcode, reply.error, reply.mac) == (NOTAUTH, BADKEY, b"")
    assert b"\xc0\x00\x02\x0b" not in reply.wire  # no answer goes along


def test_rfc8945_5_2_2_1_macs_may_be_cut_to_half(g):
    for cut, rcode in ((16, NOERROR), (31, NOERROR), (15, FORMERR), (0, FORMERR)):
        request, mac = signed(cut=cut)
        reply = Reply(ask(g, request))
        assert reply.rcode == rcode and reply.signed == (rcode == NOERROR), cut
        assert rcode or reply.verify(mac)


def test_rfc8945_5_1_the_signature_is_the_last_record(g):
    request, _ = signed(more=b"\0" + struct.pack(">HHIH", 41, 1232, 0, 0))  # OPT behind it
    reply = Reply(ask(g, request))
    assert reply.rcode == FORMERR and not reply.signed


def test_rfc8945_4_2_a_forwarder_may_have_changed_the_id(g):
    request, mac = signed(number=4711, original=77)
    reply = Reply(ask(g, request))
    assert reply.wire[:2] == struct.pack(">H", 4711) and reply.rcode == NOERROR and reply.verify(mac)


def test_bind_with_a_key_is_a_secondary_and_follows_changes(g, tmp_path):
    zone = (ZONE % "{keys: [nsd.key]}").replace("    ns:", "    soa: {refresh: 1, retry: 1}\n    ns:")
    g.apply(zone)
    port = free_port()
    (tmp_path / "named.conf").write_text(f"""
options {{
    directory "{tmp_path}"; pid-file none; session-keyfile none;
    listen-on port {port} {{ 127.0.0.1; }}; listen-on-v6 {{ none; }};
    recursion no; notify no; allow-transfer {{ none; }}; dnssec-validation no;
}};
controls {{ }};
key "nsd.key" {{ algorithm hmac-sha256; secret "{SECRET}"; }};
zone "gslb.example.com" {{
    type secondary; file "{tmp_path}/gslb.zone"; masterfile-format text;
    primaries port {g.port} {{ 127.0.0.1 key nsd.key; }};
    min-refresh-time 1; max-refresh-time 1; min-retry-time 1; max-retry-time 1;
}};
""")
    log = tmp_path / "named.log"
    with open(log, "w") as out:
        named = subprocess.Popen([shutil.which("named") or "/usr/sbin/named", "-g", "-n", "1", "-c", tmp_path / "named.conf"], stdout=out, stderr=out)
    try:
        def asked(name, kind="A"):
            return subprocess.run(["dig", "@127.0.0.1", "-p", str(port), "+short", "+tries=1", "+time=1", name, kind], capture_output=True, text=True).stdout.split("\n")[0]

        wait_until(lambda: asked("www.gslb.example.com") == "192.0.2.11", log.read_text, 20)
        assert asked("ns1.gslb.example.com") == "127.0.0.1"
        g.apply(zone.replace("data: [127.0.0.1]", "data: [127.0.0.9]"))
        wait_until(lambda: asked("ns1.gslb.example.com") == "127.0.0.9", log.read_text, 30)
        assert not re.search("tsig verify failure|expected a TSIG", log.read_text()), log.read_text()
    finally:
        named.terminate()
        named.wait(10)
