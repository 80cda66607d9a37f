"""DNS over TLS (RFC 7858) and clients behind proxies (PROXY protocol, version 2), with the tools people use."""
import os
import re
import shutil
import signal
import socket
import ssl
import struct
import subprocess
import threading
import time

import pytest

from conftest import GSLBD, free_port, wait_until

CONFIGURATION = """
regions: [{name: eu, fallback: [us]}, {name: us, fallback: [eu], default: true}]
networks: [{cidr: 127.0.0.5/32, region: eu}, {cidr: 10.1.0.0/16, region: eu}, {cidr: 10.2.0.0/16, region: us}, {cidr: "2001:db8:1::/48", region: eu}]
pools:
  - {name: web-eu, region: eu, endpoints: [192.0.2.1]}
  - {name: web-us, region: us, endpoints: [192.0.2.2]}
zones: [{name: gslb.example.com, ns: [ns1.gslb.example.com], records: [{name: ns1, type: A, data: [127.0.0.1]}, {name: big, type: TXT, data: ["%s"]}]}]
services: [{name: www.gslb.example.com, ttl: 5, pools: [web-eu, web-us]}]
""" % ("x" * 200)
NAME = "www.gslb.example.com"


def question(name, kind=1, number=0x1234):
    return struct.pack(">HHHHHH", number, 0, 1, 0, 0, 0) + b"".join(bytes([len(l)]) + l.encode() for l in name.split(".")) + b"\0" + struct.pack(">HH", kind, 1)


def framed(message):
    return struct.pack(">H", len(message)) + message


def read_reply(stream):
    def exactly(n):
        data = b""
        while len(data) < n:
            piece = stream.recv(n - len(data))
            assert piece, "the connection ended"
            data += piece
        return data

    return exactly(struct.unpack(">H", exactly(2))[0])


def address_in(reply):
    return socket.inet_ntoa(reply[-4:])


def make_certificate(authority, serial):
    """web.pem anew, with this serial number."""
    subprocess.run(["openssl", "x509", "-req", "-in", "web.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-set_serial", str(serial), "-days", "2", "-extfile", "ext",
                    "-out", "new.pem"], check=True, capture_output=True, cwd=authority)
    os.replace(authority / "new.pem", authority / "web.pem")


@pytest.fixture
def dot(gslbd, authority):
    """A gslbd with DNS over TLS on IPv4 and IPv6; tls_port is the first's."""
    def start(more=""):
        g = gslbd(f'tls: {{listen: ["127.0.0.1:0", "[::1]:0"], certificate: {authority}/web.pem, key: {authority}/web.key}}\n{more}')
        g.tls_ports = re.findall(r"DNS over TLS on \S+:(\d+)\n", g.log_path.read_text())
        g.apply(CONFIGURATION)
        return g

    return start


def client_context(authority, alpn=("dot",)):
    context = ssl.create_default_context(cafile=authority / "ca.pem")
    if alpn:
        context.set_alpn_protocols(list(alpn))
    return context


def connect(g, context, timeout=5):
    return context.wrap_socket(socket.create_connection(("127.0.0.1", int(g.tls_ports[0])), timeout), server_hostname="web.example.com")


def test_rfc7858_kdig_asks_over_tls_with_a_verified_certificate(dot, authority):
    g = dot()
    for address, port in zip(("127.0.0.1", "::1"), g.tls_ports):
        said = subprocess.run(["kdig", f"@{address}", "-p", port, "+tls-ca=" + str(authority / "ca.pem"), "+tls-hostname=web.example.com", "+subnet=10.1.0.0/16",
                               "+padding", NAME], capture_output=True, text=True).stdout
        assert "TLS session (TLS1.3)" in said and "192.0.2.1" in said, said
        assert re.search(r"PADDING: \d+ B", said), said  # RFC 7830, 8467
    wrong = subprocess.run(["kdig", "@127.0.0.1", "-p", g.tls_ports[0], "+tls-ca=" + str(authority / "ca.pem"), "+tls-hostname=other.example.com", NAME],
                           capture_output=True, text=True)
    assert "192.0.2" not in wrong.stdout
    metrics = g.request("GET", "/metrics")[2]
    assert "gslbd_tls_queries_total 2" in metrics and re.search(r"gslbd_tls_handshakes_total [2-9]", metrics)


def test_rfc7301_alpn_is_dot_or_nothing(dot, authority):
    g = dot()
    with connect(g, client_context(authority)) as stream:
        assert stream.selected_alpn_protocol() == "dot" and stream.version() in ("TLSv1.2", "TLSv1.3")
    with connect(g, client_context(authority, None)) as stream:
        stream.sendall(framed(question(NAME)))
        assert address_in(read_reply(stream)) == "192.0.2.2"
    with pytest.raises(ssl.SSLError):
        connect(g, client_context(authority, ("h2",)))
    old = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{g.tls_ports[0]}", "-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"], input=b"", capture_output=True)
    assert b"Cipher is (NONE)" in old.stdout + old.stderr or old.returncode


def test_rfc7766_pipelined_queries_over_tls_are_all_answered(dot, authority):
    g = dot()
    with connect(g, client_context(authority)) as stream:
        for first in range(0, 3000, 300):  # one thread: Python's TLS loses bytes when two share a connection
            numbers = list(range(first, first + 300))
            stream.sendall(b"".join(framed(question("big.gslb.example.com", 16, n)) for n in numbers))
            assert sorted(struct.unpack(">H", read_reply(stream)[:2])[0] for _ in numbers) == numbers


def test_a_certificate_is_replaced_under_load_without_a_failed_query(dot, authority):
    g = dot()
    context, stop, failures, counts = client_context(authority), threading.Event(), [], [0, 0]

    def short_lived():
        while not stop.is_set():
            try:
                with connect(g, context) as stream:
                    stream.sendall(framed(question(NAME)))
                    assert address_in(read_reply(stream)) == "192.0.2.2"
                    counts[0] += 1
            except Exception as error:  # any failure is one too many
                failures.append(repr(error))

    def long_lived():
        try:
            with connect(g, context) as stream:
                while not stop.is_set():
                    stream.sendall(framed(question(NAME)))
                    assert address_in(read_reply(stream)) == "192.0.2.2"
                    counts[1] += 1
        except Exception as error:
            failures.append(repr(error))

    def serial():
        with connect(g, context) as stream:
            return int(stream.getpeercert()["serialNumber"], 16)

    threads = [threading.Thread(target=t) for t in (short_lived, short_lived, long_lived, long_lived)]
    for t in threads:
        t.start()
    try:
        for number in (1001, 1002, 1003):
            make_certificate(authority, number)
            g.process.send_signal(signal.SIGHUP)
            wait_until(lambda: serial() == number, f"certificate {number} is in force")
        (authority / "web.pem").write_text("no certificate\n")
        g.process.send_signal(signal.SIGHUP)
        wait_until(lambda: "the certificate read before stays in force" in g.log_path.read_text(), "a broken file is told")
        assert serial() == 1003
        assert any("tls:" in reason for reason in g.request("GET", "/v1/ready")[2]["reasons"])
        make_certificate(authority, 1004)
        g.process.send_signal(signal.SIGHUP)
        wait_until(lambda: serial() == 1004 and not g.request("GET", "/v1/ready")[2]["reasons"], "the next good one is taken")
    finally:
        stop.set()
        for t in threads:
            t.join()
    assert not failures and min(counts) > 10, (failures[:3], counts)


def test_rfc9210_half_a_handshake_and_silence_end_by_the_idle_timeout(dot, authority):
    g = dot("tcp: {idle_timeout: 1s}\n")
    half = socket.create_connection(("127.0.0.1", int(g.tls_ports[0])), 5)
    half.sendall(b"\x16\x03\x01")
    silent = connect(g, client_context(authority))
    for stream in (half, silent):
        start = time.monotonic()
        assert stream.recv(10) == b""
        assert time.monotonic() - start < 4
        stream.close()
    plain = socket.create_connection(("127.0.0.1", int(g.tls_ports[0])), 5)
    plain.sendall(framed(question(NAME)))
    try:
        assert plain.recv(100)[:1] in (b"", b"\x15")  # at most an alert
    except ConnectionResetError:
        pass
    plain.close()
    wait_until(lambda: re.search(r"gslbd_tls_failures_total [1-9]", g.request("GET", "/metrics")[2]), "failures are counted")


def test_settings_of_tls_that_cannot_work_are_named(gslbd, authority):
    with pytest.raises(AssertionError, match="web.pem2"):
        gslbd(f'tls: {{listen: ["127.0.0.1:0"], certificate: {authority}/web.pem2, key: {authority}/web.key}}\n')
    with pytest.raises(AssertionError, match="ca.key"):
        gslbd(f'tls: {{listen: ["127.0.0.1:0"], certificate: {authority}/web.pem, key: {authority}/ca.key}}\n')


def test_overlapping_listeners_and_missing_certificates_are_seen_before_the_start(tmp_path, authority):
    for plain, tls, certificate, said in (("127.0.0.1:5853", "127.0.0.1:5853", "web.pem", "without TLS already"), ("0.0.0.0:5853", "127.0.0.1:5853", "web.pem", "without TLS already"),
                                          ("127.0.0.1:5853", "127.0.0.1:5854", "none.pem", "none.pem"), ("127.0.0.1:5853", "127.0.0.1:5854", "web.pem", None)):
        path = tmp_path / "settings.yaml"
        path.write_text(f'listen: ["{plain}"]\nstore: {tmp_path}/store\ntls: {{listen: ["{tls}"], certificate: {authority}/{certificate}, key: {authority}/web.key}}\n')
        run = subprocess.run([GSLBD, "--check", "-c", path], capture_output=True, text=True)
        assert (run.returncode == 0) == (said is None) and (said or "") in run.stderr, run


# --- proxies ---

SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"


def header(source, family=socket.AF_INET, command=1, version=2, extra=b"", length=None):
    addresses = socket.inet_pton(family, source) + socket.inet_pton(family, "192.0.2.53" if family == socket.AF_INET else "2001:db8::53") + struct.pack(">HH", 4000, 53)
    body = addresses + extra
    return SIGNATURE + bytes([version << 4 | command, 0x11 if family == socket.AF_INET else 0x21]) + struct.pack(">H", len(body) if length is None else length) + body


def ask_behind(port, head, pieces=False):
    with socket.create_connection(("127.0.0.1", port), 5) as stream:
        data = head + framed(question(NAME))
        for at in range(0, len(data), 7 if pieces else len(data)):
            stream.sendall(data[at:at + (7 if pieces else len(data))])
            if pieces:
                time.sleep(0.01)
        try:
            return address_in(read_reply(stream))
        except (AssertionError, ConnectionResetError):
            return None


def test_proxy_protocol_v2_names_the_client(gslbd):
    g = gslbd("tcp: {proxies: [127.0.0.0/8], idle_timeout: 1s}\n")
    g.apply(CONFIGURATION)
    assert ask_behind(g.port, header("10.1.2.3")) == "192.0.2.1"
    assert ask_behind(g.port, header("10.2.2.3")) == "192.0.2.2"
    assert ask_behind(g.port, header("2001:db8:1::5", socket.AF_INET6)) == "192.0.2.1"
    assert ask_behind(g.port, header("10.1.2.3", extra=b"\x04\x00\x05hello"), pieces=True) == "192.0.2.1"  # what else the proxy tells is left out
    assert ask_behind(g.port, SIGNATURE + b"\x20\x00\x00\x00") == "192.0.2.2"  # LOCAL: the proxy itself, a client of the default region
    bad = [b"", header("10.1.2.3", version=1), header("10.1.2.3", command=2), header("10.1.2.3", length=4), header("10.1.2.3", length=5000),
           b"PROXY TCP4 10.1.2.3 192.0.2.53 4000 53\r\n", SIGNATURE + b"\x21\x11\x00\x00"]
    for head in bad:
        assert ask_behind(g.port, head) is None, head
    with socket.create_connection(("127.0.0.1", g.port), 5) as slow:
        slow.sendall(header("10.1.2.3")[:20])
        start = time.monotonic()
        assert slow.recv(10) == b"" and time.monotonic() - start < 4
    assert re.search(r"gslbd_proxy_refused_total [6-9]", g.request("GET", "/metrics")[2])


def test_without_being_listed_nobody_is_a_proxy(gslbd):
    g = gslbd("tcp: {proxies: [192.0.2.0/24], idle_timeout: 1s}\n")
    g.apply(CONFIGURATION)
    assert ask_behind(g.port, header("10.1.2.3")) is None  # a length of 3338 that never comes
    assert ask_behind(g.port, b"") == "192.0.2.2"


@pytest.mark.skipif(not (shutil.which("haproxy") or os.path.exists("/usr/sbin/haproxy")), reason="haproxy is not installed")
def test_haproxy_in_front_of_tcp_and_tls(dot, authority, tmp_path):
    g = dot("tcp: {proxies: [127.0.0.1]}\n")
    tcp, tls = free_port(), free_port()
    (tmp_path / "haproxy.cfg").write_text(f"""
defaults
    mode tcp
    timeout client 5s
    timeout server 5s
    timeout connect 1s
listen tcp
    bind 127.0.0.1:{tcp}
    server gslbd 127.0.0.1:{g.port} send-proxy-v2
listen tls
    bind 127.0.0.1:{tls}
    server gslbd 127.0.0.1:{g.tls_ports[0]} send-proxy-v2
""")
    program = shutil.which("haproxy") or "/usr/sbin/haproxy"
    process = subprocess.Popen([program, "-db", "-f", tmp_path / "haproxy.cfg"], stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    try:
        def asked(port, *more):
            return subprocess.run(["kdig", "@127.0.0.1", "-p", str(port), "+short", "+timeout=2", "+retry=0", *more, NAME], capture_output=True, text=True).stdout.split()

        verified = ["+tls-ca=" + str(authority / "ca.pem"), "+tls-hostname=web.example.com"]
        wait_until(lambda: asked(tcp, "+tcp") == ["192.0.2.2"], "haproxy passes TCP on")
        assert asked(tcp, "+tcp", "-b", "127.0.0.5") == ["192.0.2.1"]  # located by the address that haproxy tells
        assert asked(tls, *verified) == ["192.0.2.2"] and asked(tls, *verified, "-b", "127.0.0.5") == ["192.0.2.1"]
        assert asked(g.port, "+tcp") == []  # whoever is listed must say for whom
    finally:
        process.terminate()
        process.wait(10)


# --- limits of TCP and TLS, over IPv4 and IPv6 ---

@pytest.fixture(params=["tcp4", "tcp6", "tls4", "tls6"])
def reach(request, gslbd, authority):
    """(a gslbd with these limits, a function that connects to it) over one transport and family."""
    def start(limits, prefix=()):
        six, tls = request.param.endswith("6"), request.param.startswith("tls")
        address = "::1" if six else "127.0.0.1"
        listen = "[::1]:0" if six else "127.0.0.1:0"
        g = gslbd(f'tcp: {{{limits}}}\ntls: {{listen: ["{listen}"], certificate: {authority}/web.pem, key: {authority}/web.key}}\n', listen=listen, prefix=prefix)
        g.apply(CONFIGURATION)
        port = int(re.search(r"DNS over TLS on \S+:(\d+)\n", g.log_path.read_text()).group(1)) if tls else g.port
        context = client_context(authority)

        def connect_to():
            stream = socket.create_connection((address, port), 5)
            return context.wrap_socket(stream, server_hostname="web.example.com") if tls else stream

        return g, connect_to

    return start


def asks(stream):
    try:
        stream.sendall(framed(question(NAME)))
        return address_in(read_reply(stream)) == "192.0.2.2"
    except (AssertionError, OSError):
        return False


def opened(connect_to):
    try:
        return connect_to()
    except OSError:
        return None


def test_rfc7766_6_2_2_one_client_gets_so_many_connections_and_no_more(reach):
    g, connect_to = reach("clients_per_address: 3")
    streams = [connect_to() for _ in range(3)]
    assert all(asks(s) for s in streams)
    more = opened(connect_to)
    assert more is None or not asks(more)
    streams[0].close()
    wait_until(lambda: (s := opened(connect_to)) and asks(s), "there is room again")
    assert all(asks(s) for s in streams[1:])


def test_rfc9210_4_3_under_pressure_the_longest_silent_connection_makes_room(reach):
    g, connect_to = reach("clients: 4, clients_per_address: 100, idle_timeout: 60s")  # with one worker 5 at once
    streams = [connect_to() for _ in range(5)]
    assert all(asks(s) for s in streams)
    new = connect_to()
    assert asks(new) and not asks(streams[0]) and asks(streams[4])


def test_rfc7766_7_pipelined_queries_are_answered_in_one_connection(reach):
    g, connect_to = reach("idle_timeout: 5s")
    with connect_to() as stream:
        stream.sendall(b"".join(framed(question(NAME, number=n)) for n in range(100)))
        assert sorted(struct.unpack(">H", read_reply(stream)[:2])[0] for _ in range(100)) == list(range(100))


def test_rfc9210_a_shortage_of_descriptors_is_survived(reach):
    g, connect_to = reach("clients: 4096, clients_per_address: 4096, idle_timeout: 60s", prefix=["prlimit", "--nofile=80"])
    streams = [opened(connect_to) for _ in range(120)]
    new = opened(connect_to)
    wait_until(lambda: any(asks(s) for s in (opened(connect_to),) if s) or None, "it goes on answering")
    for s in (*streams, new):
        if s:
            s.close()
    wait_until(lambda: (s := opened(connect_to)) and asks(s), "all is well afterwards")
