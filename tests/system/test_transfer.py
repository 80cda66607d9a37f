"""Zone transfers (RFC 5936, RFC 1995) with TSIG (RFC 8945): read by dig, kdig and a real nsd as secondary."""
import base64
import hmac
import pathlib
import re
import shutil
import socket
import struct
import subprocess
import time

import pytest

from conftest import SANITIZED, free_port, wait_until

SECRET = base64.b64encode(b"0123456789abcdef0123456789abcdef").decode()
OTHER = base64.b64encode(b"another secret of 32 bytes......").decode()
KEYS = f"""dns:
  tsig_keys:
    - {{name: nsd.key, secret: "{SECRET}"}}
    - {{name: old.key, algorithm: hmac-sha1, secret: "{SECRET}"}}
    - {{name: long.key, algorithm: hmac-sha512, secret: "{SECRET}"}}
"""
ZONE = """
regions: [{name: eu, default: true}]
pools:
  - {name: p, region: eu, endpoints: [192.0.2.11, {address: 192.0.2.12, enabled: false}, "2001:db8::11"]}
  - {name: c, region: eu, endpoints: [host.example.net]}
zones:
  - name: gslb.example.com
    ns: [ns1.gslb.example.com]
    transfer: %s
    records:
      - {name: ns1, type: A, data: [127.0.0.1], ttl: 300}
      - {name: "*.wild", type: TXT, data: ["a b"]}
      - {name: mail, type: MX, data: ["10 mx1", "20 mx2.example.net."]}
services:
  - {name: www.gslb.example.com, ttl: 5, pools: [p]}
  - {name: cdn.gslb.example.com, pools: [c]}
"""


def transfer(g, *arguments, address="127.0.0.1"):
    return subprocess.run(["dig", f"@{address}", "-p", str(g.port), "gslb.example.com", "AXFR", "+tries=1", "+time=5", *arguments], capture_output=True, text=True).stdout


def metric(g, name):
    return int(re.search(rf"^{name} (\d+)$", g.request("GET", "/metrics")[2], re.M).group(1))


def lines(text):
    return sorted(" ".join(line.split()) for line in text.splitlines() if line and not line.startswith(";"))


WHOLE = """cdn.gslb.example.com. 30 IN CNAME host.example.net.
gslb.example.com. 3600 IN NS ns1.gslb.example.com.
gslb.example.com. SOA
gslb.example.com. SOA
mail.gslb.example.com. 3600 IN MX 10 mx1.gslb.example.com.
mail.gslb.example.com. 3600 IN MX 20 mx2.example.net.
ns1.gslb.example.com. 300 IN A 127.0.0.1
*.wild.gslb.example.com. 3600 IN TXT "a" "b"
www.gslb.example.com. 5 IN A 192.0.2.11
www.gslb.example.com. 5 IN AAAA 2001:db8::11"""


def without_soa(found):
    return [re.sub(r" \d+ IN SOA .*", " SOA", line) for line in found if " TSIG " not in line]


def test_rfc5936_the_whole_zone_goes_to_listed_networks_and_to_nobody_else(gslbd):
    g = gslbd()
    g.apply(ZONE % "{allow: [127.0.0.1]}")
    assert sorted(without_soa(lines(transfer(g)))) == sorted(WHOLE.splitlines())
    ixfr = subprocess.run(["dig", "@127.0.0.1", "-p", str(g.port), "gslb.example.com", "IXFR=1", "+tcp", "+tries=1"], capture_output=True, text=True).stdout
    assert "192.0.2.11" in ixfr  # RFC 1995 4: the whole zone
    g.apply(ZONE % "{allow: [192.0.2.0/24]}")
    assert "Transfer failed" in transfer(g)
    g.apply(ZONE % "{}")
    assert "Transfer failed" in transfer(g)
    assert "Transfer failed" in subprocess.run(["dig", "@127.0.0.1", "-p", str(g.port), "example.org", "AXFR", "+tries=1"], capture_output=True, text=True).stdout
    over_udp = g.dig("+notcp", "+ignore", "gslb.example.com", "AXFR")
    assert "192.0.2.11" not in over_udp
    assert re.search("gslbd_transfers_total [56]", g.request("GET", "/metrics")[2])


def test_rfc8945_transfers_are_signed_by_the_key_that_is_listed(gslbd):
    g = gslbd(KEYS)
    g.apply(ZONE % "{keys: [nsd.key, long.key]}")
    for key in (f"hmac-sha256:nsd.key:{SECRET}", f"hmac-sha512:long.key:{SECRET}"):
        said = transfer(g, "-y", key)
        assert sorted(without_soa(lines(said))) == sorted(WHOLE.splitlines()), said
        assert "TSIG" in said and "NOERROR" in said and "could not be verified" not in said
    said = subprocess.run(["kdig", "@127.0.0.1", "-p", str(g.port), "gslb.example.com", "AXFR", "-y", f"hmac-sha256:nsd.key:{SECRET}"], capture_output=True, text=True)
    assert "192.0.2.11" in said.stdout and "WARNING" not in said.stdout + said.stderr, said
    assert "Transfer failed" in transfer(g)  # not signed
    assert "Transfer failed" in transfer(g, "-y", f"hmac-sha1:old.key:{SECRET}")  # not listed
    assert re.search("BADKEY|Transfer failed", transfer(g, "-y", f"hmac-sha256:none.key:{SECRET}"))
    assert re.search("BADSIG|Transfer failed", transfer(g, "-y", f"hmac-sha256:nsd.key:{OTHER}"))
    assert re.search("BADKEY|Transfer failed", transfer(g, "-y", f"hmac-sha384:nsd.key:{SECRET}"))
    g.apply(ZONE % "{allow: [192.0.2.0/24], keys: [nsd.key]}")
    assert "Transfer failed" in transfer(g, "-y", f"hmac-sha256:nsd.key:{SECRET}")  # both must hold


def signed_request(at):
    """An AXFR request by nsd.key, made at this time (RFC 8945 4.3)."""
    zone, key, algorithm = b"\x04gslb\x07example\x03com\0", b"\x03nsd\x03key\0", b"\x0bhmac-sha256\0"
    head, asked = struct.pack(">HHHHH", 77, 0, 1, 0, 0), zone + struct.pack(">HH", 252, 1)
    time48 = struct.pack(">HIH", at >> 32, at & 0xffffffff, 300)
    variables = key + struct.pack(">HI", 255, 0) + algorithm + time48 + struct.pack(">HH", 0, 0)
    mac = hmac.new(base64.b64decode(SECRET), head + struct.pack(">H", 0) + asked + variables, "sha256").digest()
    data = algorithm + time48 + struct.pack(">H", len(mac)) + mac + struct.pack(">HHH", 77, 0, 0)
    message = head + struct.pack(">H", 1) + asked + key + struct.pack(">HHIH", 250, 255, 0, len(data)) + data
    return struct.pack(">H", len(message)) + message


def test_rfc8945_a_wrong_clock_is_told_with_the_right_time(gslbd):
    g = gslbd(KEYS)
    g.apply(ZONE % "{keys: [nsd.key]}")
    for off, error in ((0, 0), (-200, 0), (-3600, 18), (3600, 18)):
        with socket.create_connection(("127.0.0.1", g.port), 5) as stream:
            stream.sendall(signed_request(int(time.time()) + off))
            reply = b""
            while len(reply) < 2 or len(reply) < 2 + struct.unpack(">H", reply[:2])[0]:
                reply += stream.recv(65535)
        rcode = reply[5] & 15
        if error:  # signed with the client's time, ours is the other data
            assert rcode == 9 and struct.unpack(">HH", reply[-10:-6]) == (error, 6)
            assert abs(int.from_bytes(reply[-6:], "big") - time.time()) < 10
        else:
            assert rcode == 0 and struct.unpack(">HH", reply[-4:]) == (0, 0)


def test_many_records_are_sent_in_many_messages_and_a_slow_reader_hurts_nobody(gslbd):
    g = gslbd(KEYS)
    records = "".join(f"      - {{name: n{i}, type: A, data: [10.{i >> 16}.{i >> 8 & 255}.{i & 255}]}}\n" for i in range(20000))
    g.apply(f"zones:\n  - name: gslb.example.com\n    ns: [ns1.example.net]\n    transfer: {{keys: [nsd.key]}}\n    records:\n{records}")
    said = transfer(g, "-y", f"hmac-sha256:nsd.key:{SECRET}")
    assert len([line for line in lines(said) if " A 10." in line]) == 20000 and "XFR size: 20003 records" in said, said[-400:]
    slow = socket.create_connection(("127.0.0.1", g.port))
    slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    g.apply("zones:\n  - {name: gslb.example.com, ns: [ns1.example.net], transfer: {allow: [127.0.0.1]}, records: [{name: a, type: A, data: [192.0.2.1]}]}\n")
    slow.sendall(struct.pack(">HHHHHHH", 34, 1, 0, 1, 0, 0, 0) + b"\x04gslb\x07example\x03com\0" + struct.pack(">HH", 252, 1))
    start = time.monotonic()
    assert g.short("a.gslb.example.com") == ["192.0.2.1"] and time.monotonic() - start < 2
    slow.close()


def test_slow_readers_of_a_large_zone_hold_a_bounded_amount_of_memory(gslbd):
    g = gslbd("tcp: {clients_per_address: 1000}\n")
    text = "x" * 250
    records = "".join(f"      - {{name: r{i}, type: TXT, data: ['\"{text}\"', '\"y{text}\"', '\"z{text}\"']}}\n" for i in range(20000))
    g.apply(f"zones:\n  - name: gslb.example.com\n    ns: [ns1.example.net]\n    transfer: {{allow: [127.0.0.1]}}\n    records:\n{records}")
    question = struct.pack(">HHHHHHH", 34, 1, 0, 1, 0, 0, 0) + b"\x04gslb\x07example\x03com\0" + struct.pack(">HH", 252, 1)
    readers = []
    try:
        for _ in range(48):
            reader = socket.socket()
            reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            reader.connect(("127.0.0.1", g.port))
            reader.sendall(question)
            readers.append(reader)
        wait_until(lambda: metric(g, "gslbd_transfers_total") == 48, "all have asked")
        resident = int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{g.process.pid}/status").read_text()).group(1)) // 1024
        cut = metric(g, "gslbd_transfers_cut_total")
        assert 10 < cut < 40 and (resident < 800 or SANITIZED), (cut, resident)
        assert "ns1.example.net." in g.dig("gslb.example.com", "NS", "+short", "+tcp")
    finally:
        for reader in readers:
            reader.close()
    wait_until(lambda: "XFR size: 60003 records" in transfer(g), "there is room again")


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_nsd_is_a_secondary_and_follows_changes(gslbd, tmp_path, address):
    listen = f"[{address}]:0" if ":" in address else f"{address}:0"
    g = gslbd(KEYS, listen=listen)
    zone = (ZONE % "{keys: [nsd.key]}").replace("    ns:", "    soa: {refresh: 1, retry: 1}\n    ns:")
    g.apply(zone)
    port = free_port()
    (tmp_path / "nsd.conf").write_text(f"""
server:
    ip-address: 127.0.0.1@{port}
    port: {port}
    username: ""
    chroot: ""
    zonesdir: "{tmp_path}"
    database: ""
    pidfile: "{tmp_path}/nsd.pid"
    xfrdfile: "{tmp_path}/xfrd.state"
    xfrdir: "{tmp_path}"
    zonelistfile: "{tmp_path}/zone.list"
    server-count: 1
    verbosity: 2
    logfile: "{tmp_path}/nsd.log"
remote-control:
    control-enable: no
key:
    name: nsd.key
    algorithm: hmac-sha256
    secret: "{SECRET}"
zone:
    name: gslb.example.com
    zonefile: gslb.zone
    request-xfr: AXFR {address}@{g.port} nsd.key
    min-refresh-time: 1
    min-retry-time: 1
""")
    nsd = subprocess.Popen([shutil.which("nsd") or "/usr/sbin/nsd", "-d", "-c", tmp_path / "nsd.conf"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        def asked(name, kind="A"):
            return subprocess.run(["dig", "@127.0.0.1", "-p", str(port), "+short", "+tries=1", "+time=1", name, kind], capture_output=True, text=True).stdout.split("\n")[0]

        def log():
            return (tmp_path / "nsd.log").read_text() if (tmp_path / "nsd.log").exists() else ""

        wait_until(lambda: asked("www.gslb.example.com") == "192.0.2.11", log, 20)
        assert asked("mail.gslb.example.com", "MX") == "10 mx1.gslb.example.com."
        g.apply(zone.replace("data: [127.0.0.1]", "data: [127.0.0.9]"))
        wait_until(lambda: asked("ns1.gslb.example.com") == "127.0.0.9", log, 30)
        serial = asked("gslb.example.com", "SOA").split()[2]
        assert serial == str(g.request("GET", "/v1/ready")[2]["revision"])
    finally:
        nsd.terminate()
        nsd.wait(10)


def test_keys_that_are_none_are_refused_by_name(gslbd):
    for keys, said in (('{name: k, secret: "nothing!"}', "secret: expected 1 to 64 bytes in base64"), ('{name: k, secret: ""}', "base64"),
                       ("{name: a..b, secret: AAAA}", "tsig_keys"), ("{name: k, algorithm: md5, secret: AAAA}", "one of hmac-sha1")):
        with pytest.raises(AssertionError, match=said):
            gslbd(f"dns: {{tsig_keys: [{keys}]}}\n")
    g = gslbd()
    run = g.apply("zones: [{name: a.example, ns: [ns1.example.net], transfer: {allow: [192.0.2.1/24]}}]", check=False)
    assert run.returncode == 1 and "transfer.allow[0]" in run.stderr
