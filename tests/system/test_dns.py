"""The DNS side with real clients, on UDP and TCP, IPv4 and IPv6."""
import socket
import struct
import subprocess

from conftest import wait_until

ZONE = """
zones:
  - name: gslb.example.com
    ns: [ns1.gslb.example.com, ns2.example.net]
    records:
      - {name: ns1, type: A, data: [192.0.2.53]}
      - {name: "@", type: MX, data: [10 mail, 20 mail.example.net.]}
      - {name: alias, type: CNAME, data: [target]}
      - {name: target, type: A, data: [192.0.2.1, 192.0.2.2]}
      - {name: "*.wild", type: TXT, data: ['"one" "two"']}
      - {name: a.deep.name, type: AAAA, data: ["2001:db8::1"]}
      - {name: sub, type: NS, data: [ns.sub]}
      - {name: ns.sub, type: A, data: [192.0.2.99]}
      - {name: old, type: DNAME, data: [new]}
      - {name: x.new, type: A, data: [192.0.2.7]}
      - {name: raw, type: TYPE65280, data: ['\\# 3 010203']}
      - {name: big, type: TXT, data: ["BIG"]}
""".replace("BIG", '", "'.join("a" * 200 + str(i) for i in range(10)))


def serving(gslbd, **more):
    g = gslbd(**more)
    g.apply(ZONE)
    return g


def status_of(text):
    return text.split("status: ")[1].split(",")[0]


def test_zone_contents_are_answered_as_rfc_1034_says(gslbd):
    g = serving(gslbd)
    assert g.short("target.gslb.example.com") == ["192.0.2.1", "192.0.2.2"]
    assert g.short("ALIAS.gslb.example.com") == ["target.gslb.example.com.", "192.0.2.1", "192.0.2.2"]
    assert "10 mail.gslb.example.com." in g.dig("+short", "gslb.example.com", "MX")
    assert g.dig("+short", "any.wild.gslb.example.com", "TXT").strip() == '"one" "two"'
    assert g.short("a.deep.name.gslb.example.com", None, "AAAA") == ["2001:db8::1"]
    assert g.dig("+short", "raw.gslb.example.com", "TYPE65280").strip() == r"\# 3 010203"
    nx = g.dig("nothere.gslb.example.com")
    assert status_of(nx) == "NXDOMAIN" and "SOA" in nx
    ent = g.dig("deep.name.gslb.example.com")
    assert status_of(ent) == "NOERROR" and "ANSWER: 0" in ent and "SOA" in ent
    assert status_of(g.dig("example.org")) == "REFUSED"


def test_delegation_dname_and_the_serial(gslbd):
    g = serving(gslbd)
    referral = g.dig("www.sub.gslb.example.com")
    assert "sub.gslb.example.com.\t3600\tIN\tNS\tns.sub" in referral and "192.0.2.99" in referral and " aa" not in referral.split("flags:")[1][:10]
    assert g.short("x.old.gslb.example.com") == ["new.gslb.example.com.", "x.new.gslb.example.com.", "192.0.2.7"]
    revision = g.request("GET", "/ready", token=False)[2]["revision"]
    assert int(g.dig("+short", "gslb.example.com", "SOA").split()[2]) == revision


def test_tcp_truncation_and_pipelining(gslbd):
    g = serving(gslbd)
    udp = g.dig("big.gslb.example.com", "TXT", "+ignore", "+bufsize=512")
    assert " tc" in udp.split("flags:")[1][:12] and "ANSWER: 0" in udp
    assert "ANSWER: 10" in g.dig("big.gslb.example.com", "TXT", "+tcp")
    query = bytes.fromhex("000100000001000000000000") + b"\x06target\x04gslb\x07example\x03com\x00\x00\x01\x00\x01"
    framed = struct.pack("!H", len(query)) + query
    with socket.create_connection(("127.0.0.1", g.port), timeout=5) as s:
        stream = framed * 50
        for piece in (stream[:1], stream[1:7], stream[7:]):
            s.sendall(piece)
        data = b""
        while len(data) < 50 * 2 or data.count(b"\x06target") < 50:
            more = s.recv(65536)
            assert more, "the connection ended early"
            data += more


def test_a_tcp_client_that_dribbles_is_ended_and_others_are_served(gslbd):
    g = gslbd(settings="tcp: {idle_timeout: 500ms, clients: 8, clients_per_address: 8}\n")
    g.apply(ZONE)
    slow = [socket.create_connection(("127.0.0.1", g.port), timeout=5) for _ in range(8)]
    for s in slow:
        s.sendall(b"\x00")
    assert g.short("target.gslb.example.com", None, "A", "+tcp") == ["192.0.2.1", "192.0.2.2"] or \
        wait_until(lambda: g.short("target.gslb.example.com", None, "A", "+tcp"), "a place becomes free", 5)
    for s in slow:
        s.settimeout(5)
        try:
            assert s.recv(1) == b""
        except ConnectionResetError:
            pass
        s.close()


def test_ipv6_and_wildcard_listeners_answer_from_the_address_asked(gslbd):
    g = serving(gslbd, listen="[::1]:0")
    run = subprocess.run(["dig", "@::1", "-p", str(g.port), "+short", "target.gslb.example.com"], capture_output=True, text=True)
    assert run.stdout.split() == ["192.0.2.1", "192.0.2.2"]
    h = serving(gslbd, listen="0.0.0.0:0")
    run = subprocess.run(["dig", "@127.0.0.77", "-p", str(h.port), "+short", "target.gslb.example.com"], capture_output=True, text=True)
    assert run.stdout.split() == ["192.0.2.1", "192.0.2.2"]  # dig refuses a reply from another address


def test_edns_client_subnet_in_every_malformed_form_is_formerr(gslbd):
    g = serving(gslbd)
    # RFC 7871 6: family, SOURCE, SCOPE, address
    for option in ("0001210000000000", "000118010a0000", "00011800", "000118000a00000a", "000109000aff", "000318000a0000", "0001"):
        reply = g.dig("target.gslb.example.com", f"+ednsopt=8:{option}")
        assert status_of(reply) == "FORMERR", option
    good = g.dig("target.gslb.example.com", "+ednsopt=8:000118000a0000")
    assert status_of(good) == "NOERROR" and "CLIENT-SUBNET: 10.0.0.0/24/0" in good
    assert "CLIENT-SUBNET: 0.0.0.0/0/0" in g.dig("target.gslb.example.com", "+subnet=0")


def test_edns_versions_opcodes_and_classes(gslbd):
    g = serving(gslbd, settings="dns: {nsid: node7, version: none of yours, server_id: seven}\n")
    assert status_of(g.dig("target.gslb.example.com", "+edns=1", "+noednsnegotiation")) == "BADVERS"
    assert status_of(g.dig("target.gslb.example.com", "+opcode=notify")) == "NOTIMP"
    assert status_of(g.dig("target.gslb.example.com", "+opcode=update")) == "NOTIMP"
    assert 'node7' in g.dig("target.gslb.example.com", "+nsid")
    assert "none of yours" in g.dig("version.bind", "CH", "TXT")
    assert "seven" in g.dig("id.server", "CH", "TXT")
    assert "RFC8482" in g.dig("target.gslb.example.com", "ANY")


def test_kdig_and_drill_take_the_answers(gslbd):
    g = serving(gslbd)
    kdig = subprocess.run(["kdig", "@127.0.0.1", "-p", str(g.port), "target.gslb.example.com", "+subnet=10.0.0.0/8"], capture_output=True, text=True)
    assert "192.0.2.1" in kdig.stdout and "WARNING" not in kdig.stdout + kdig.stderr
    drill = subprocess.run(["drill", "-p", str(g.port), "target.gslb.example.com", "@127.0.0.1"], capture_output=True, text=True)
    assert "192.0.2.2" in drill.stdout
