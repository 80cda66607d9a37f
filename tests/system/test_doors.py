"""The admin API's door: who has no token, who dribbles, who asks ambiguously, who sends too much; and no reply is lost."""
import os
import re
import resource
import signal
import socket
import ssl
import subprocess
import threading
import time

import pytest

from conftest import GSLBD, two_regions, wait_until

MIB = 1 << 20


def connect(g):
    s = socket.create_connection(("127.0.0.1", g.api_port), timeout=20)
    return s


def read_all(s):
    data = b""
    try:
        while True:
            piece = s.recv(65536)
            if not piece:
                return data
            data += piece
    except ConnectionResetError:
        return data


def ask(g, request):
    """What comes back for these bytes until the connection ends."""
    with connect(g) as s:
        s.sendall(request)
        return read_all(s).decode()


def resident_mib(g):
    text = open(f"/proc/{g.process.pid}/status").read()
    return int(re.search(r"VmHWM:\s+(\d+)", text).group(1)) // 1024


def descriptors(g):
    return len(os.listdir(f"/proc/{g.process.pid}/fd"))


def alive(g):
    return g.request("GET", "/live", token=False)[0] == 200


def test_ambiguous_requests_are_refused(gslbd):
    g = gslbd()
    host = "Host: 127.0.0.1\r\n"
    authorization = f"Authorization: Bearer {g.token}\r\n"
    bad = {
        "two lengths": f"POST /v1/apply HTTP/1.1\r\n{host}Content-Length: 2\r\nContent-Length: 2\r\n\r\n{{}}",
        "two lengths in one": f"POST /v1/apply HTTP/1.1\r\n{host}Content-Length: 2, 2\r\n\r\n{{}}",
        "length and coding": f"POST /v1/apply HTTP/1.1\r\n{host}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "bare LF": "GET /live HTTP/1.1\nHost: 127.0.0.1\n\n",
        "LF in a field": "GET /live HTTP/1.1\r\nHost: 127.0.0.1\nX: y\r\n\r\n",
        "NUL": "GET /live HTTP/1.1\r\nHost: 127.0.0.1\r\nX: a\0b\r\n\r\n",
        "space before the colon": f"GET /live HTTP/1.1\r\n{host}X : y\r\n\r\n",
        "folded": f"GET /live HTTP/1.1\r\n{host}X: y\r\n z\r\n\r\n",
        "no host": "GET /live HTTP/1.1\r\n\r\n",
        "two hosts": f"GET /live HTTP/1.1\r\n{host}{host}\r\n",
        "signed length": f"POST /v1/apply HTTP/1.1\r\n{host}Content-Length: +2\r\n\r\n{{}}",
        "bad chunk": f"POST /v1/apply HTTP/1.1\r\n{host}{authorization}Transfer-Encoding: chunked\r\n\r\n2 \r\n{{}}\r\n0\r\n\r\n",
        "long chunk": f"POST /v1/apply HTTP/1.1\r\n{host}{authorization}Transfer-Encoding: chunked\r\n\r\n2\r\n{{}}}}\r\n0\r\n\r\n",
    }
    for what, request in bad.items():
        reply = ask(g, request.encode())
        assert reply.startswith("HTTP/1.1 400 ") and "application/problem+json" in reply, (what, reply)
    assert ask(g, f"POST /v1/apply HTTP/1.1\r\n{host}Transfer-Encoding: gzip\r\n\r\n".encode()).startswith("HTTP/1.1 501 ")
    assert ask(g, f"GET /{'x' * 20000} HTTP/1.1\r\n{host}\r\n".encode()).startswith("HTTP/1.1 431 ")
    # what is good goes, in pieces too, and two requests on one connection
    chunked = f"POST /v1/apply HTTP/1.1\r\n{host}{authorization}Transfer-Encoding: chunked\r\n\r\n1;x=y\r\n{{\r\n1\r\n}}\r\n0\r\nA: b\r\n\r\n"
    with connect(g) as s:
        for i in range(0, len(chunked), 7):
            s.sendall(chunked[i:i + 7].encode())
        s.sendall(f"GET http://127.0.0.1/live HTTP/1.1\r\nHost: other\r\nConnection: close\r\n\r\n".encode())
        reply = read_all(s).decode()
    assert reply.count("HTTP/1.1 200 OK") == 2 and '"live":true' in reply, reply


def test_only_names_of_this_server_are_answered(gslbd):
    g = gslbd()

    def status(host, server=None):
        return ask(server or g, f"GET /metrics HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode()).split()[1]

    for host in ("127.0.0.1", f"127.0.0.1:{g.api_port}", "localhost", "LOCALHOST.:80", "[::1]:80", "a.localhost"):
        assert status(host) == "200", host
    for host in ("rebound.example", "127.0.0.1.example", "192.0.2.1", "xlocalhost", ""):
        assert status(host) == "421", host
    g.stop()
    text = g.settings.read_text()
    g.settings.write_text(text.replace('admin: {', 'admin: {hosts: [gslbd.example.com], '))
    g.start()
    assert status("GSLBD.example.com:1") == "200" and status("rebound.example") == "421"


def test_a_body_without_a_token_is_not_kept(gslbd):
    g = gslbd()
    before = resident_mib(g)
    sent = []

    def send():
        with connect(g) as s:
            s.sendall(b"POST /v1/apply HTTP/1.1\r\nHost: localhost\r\nContent-Length: 125829120\r\n\r\n")
            count = 0
            try:
                for _ in range(120):
                    s.sendall(b" " * MIB)
                    count += 1
            except OSError:
                pass
            sent.append((count, read_all(s)[:12]))

    threads = [threading.Thread(target=send) for _ in range(6)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert len(sent) == 6 and all(count < 30 for count, _ in sent), sent
    assert resident_mib(g) - before < 30
    run = subprocess.run(["curl", "-s", "-i", "-H", "Expect: 100-continue", "--data-binary", "@-", f"http://127.0.0.1:{g.api_port}/v1/apply"],
                         input=b" " * 5000000, capture_output=True, timeout=20)
    assert run.stdout.startswith(b"HTTP/1.1 401 ") and b"application/problem+json" in run.stdout


def test_bodies_have_a_budget_and_memory_that_ends_ends_the_request(gslbd):
    if b"__asan_init" in GSLBD.read_bytes() or b"__tsan_init" in GSLBD.read_bytes():
        pytest.skip("a sanitizer takes more address space than the limit")
    g = gslbd(prefix=["prlimit", f"--as={1024 * MIB}"])
    head = f"POST /v1/apply HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer {g.token}\r\nContent-Length: {120 * MIB}\r\n\r\n".encode()
    replies = []

    def send(body):
        with connect(g) as s:
            s.settimeout(60)
            try:
                s.sendall(head)
                for _ in range(120):
                    s.sendall(body)
            except OSError:
                pass
            replies.append(read_all(s).split(b"\r\n")[0].decode())

    threads = [threading.Thread(target=send, args=(b" " * MIB,)) for _ in range(6)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert any(" 503 " in r for r in replies) and all(r == "" or " 503 " in r or " 400 " in r for r in replies), replies
    assert g.process.poll() is None and alive(g)
    # a body that takes many times its size to work on
    big = b'{"zones":[' + b"0," * (15 * MIB) + b"0]}"
    status = subprocess.run(["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "-H", f"Authorization: Bearer {g.token}", "--data-binary", "@-",
                             f"http://127.0.0.1:{g.api_port}/v1/apply"], input=big, capture_output=True, timeout=100).stdout
    assert status == b"503", status
    assert g.process.poll() is None and alive(g) and "ANSWER: 0" in g.dig("example.com")
    g.apply(two_regions(9))


def big_zone(mib):
    """A document of about so many MiB, whose last line is wrong: it costs to read and changes nothing."""
    line = b'  - {name: "host%07d", type: A, ttl: 60, data: [192.0.2.1]}\n'
    return (b"zones:\n- name: big.example\n  ns: [ns.example.net]\n  records:\n" +
            b"".join(line % i for i in range(mib * MIB // len(line % 0))) + b"nonsense: 1\n")


def test_others_go_on_while_large_bodies_are_read(gslbd):
    g = gslbd()
    g.apply(two_regions(9))
    body, took, stop = big_zone(8), [], threading.Event()

    def upload():
        while not stop.is_set():
            begin = time.monotonic()
            status = subprocess.run(["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "-H", f"Authorization: Bearer {g.token}", "-H",
                                     "Content-Type: application/yaml", "--data-binary", "@-", f"http://127.0.0.1:{g.api_port}/v1/apply"],
                                    input=body, capture_output=True, timeout=100).stdout
            took.append((status, time.monotonic() - begin))

    threads = [threading.Thread(target=upload) for _ in range(3)]
    for t in threads:
        t.start()
    calls, changes = [], []
    while len(took) < 4:
        begin = time.monotonic()
        assert alive(g)
        calls.append(time.monotonic() - begin)
        begin = time.monotonic()
        assert g.request("PATCH", "/v1/pools/web-eu", {"labels": [f"l{len(changes)}"]})[0] == 200
        changes.append(time.monotonic() - begin)
    stop.set()
    for t in threads:
        t.join()
    assert {status for status, _ in took} == {b"422"}, took
    one = min(seconds for _, seconds in took)  # a body alone, at the best
    assert len(changes) > 10 and sorted(calls)[len(calls) // 2] < one / 4 and sorted(changes)[len(changes) // 2] < one / 4, (one, calls, changes)


def test_a_reply_that_was_earned_is_sent_before_the_end(gslbd):
    g = gslbd()
    g.apply(two_regions(9))
    replies = []

    token = g.token.encode()

    def change(i):
        body = b'{"labels": ["l%d"]}' % i
        try:
            with connect(g) as s:
                s.sendall(b"PATCH /v1/pools/web-eu HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer " + token +
                          b"\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
                replies.append((i, read_all(s).split(b"\r\n")[0]))
        except OSError:
            pass  # it came too late

    threads = [threading.Thread(target=change, args=(i,)) for i in range(30)]
    for t in threads:
        t.start()
    g.process.send_signal(signal.SIGTERM)
    for t in threads:
        t.join()
    assert g.process.wait(20) == 0
    log = g.log_path.read_text()
    made = len(re.findall(r"audit: revision \d+ by \"admin\"", log)) - 1
    good = sum(b" 200 " in reply for _, reply in replies)
    assert good == made, (good, made, replies, log[-3000:])


def test_dribblers_and_idlers_end(gslbd):
    g = gslbd()
    first = descriptors(g)
    open_ones = [connect(g) for _ in range(40)]
    for s in open_ones:
        s.sendall(b"GET /live HTTP/1.1\r\n")
    wait_until(lambda: descriptors(g) >= first + 40, "they are connected")
    end = time.monotonic() + 25
    while time.monotonic() < end and descriptors(g) > first + 2:
        for s in open_ones:
            try:
                s.send(b"X")
            except OSError:
                pass
        time.sleep(0.3)
    assert descriptors(g) <= first + 2, "a byte now and then must not keep a connection"
    assert read_all(open_ones[0]).startswith(b"HTTP/1.1 408 ")
    for s in open_ones:
        s.close()


def test_a_dribbled_handshake_ends(gslbd, authority):
    g = gslbd_tls(gslbd, authority)
    context = ssl.create_default_context(cafile=authority / "ca.pem")
    context.check_hostname = False
    with context.wrap_socket(connect(g)) as s:
        s.sendall(b"GET /live HTTP/1.1\r\nHost: any.example\r\nConnection: close\r\n\r\n")
        assert read_all(s).startswith(b"HTTP/1.1 200 ")
    with connect(g) as s:
        s.sendall(b"\x16\x03\x01\x02\x00\x01")
        start = time.monotonic()
        try:
            while time.monotonic() - start < 25:
                s.send(b"\x00")
                s.settimeout(0.3)
                try:
                    if not s.recv(100):
                        break
                except socket.timeout:
                    pass
        except OSError:
            pass
        assert time.monotonic() - start < 20


def gslbd_tls(gslbd, authority):
    g = gslbd(wait_ready=False)
    g.stop()
    text = g.settings.read_text()
    g.settings.write_text(text.replace("admin: {", f"admin: {{tls: {{certificate: {authority}/web.pem, key: {authority}/web.key}}, "))
    return g.start()


def test_connections_have_limits_and_are_told(gslbd):
    g = gslbd()
    open_ones = [connect(g) for _ in range(70)]
    refused = 0
    for s in open_ones[64:]:
        reply = read_all(s).decode()
        assert reply.startswith("HTTP/1.1 429 ") and "Retry-After: 1" in reply and "application/problem+json" in reply
        refused += 1
    assert refused == 6
    for s in open_ones:
        s.close()
    wait_until(lambda: alive(g), "there is room again")


def test_no_descriptors_left_is_no_storm(gslbd):
    g = gslbd()
    limit = descriptors(g) + 5
    resource.prlimit(g.process.pid, resource.RLIMIT_NOFILE, (limit, limit))
    mark = g.log_path.stat().st_size
    open_ones = [connect(g) for _ in range(30)]
    for s in open_ones:
        s.sendall(b"GET /live HTTP/1.1\r\nHost: localhost\r\n\r\n")
    wait_until(lambda: "cannot accept" in g.log_path.read_text()[mark:], "it says so")
    time.sleep(2)
    assert g.log_path.stat().st_size - mark < 10000
    stat = open(f"/proc/{g.process.pid}/stat").read().rsplit(")", 1)[1].split()
    assert int(stat[11]) + int(stat[12]) < 200, "it does not spin"
    for s in open_ones:
        s.close()
    wait_until(lambda: alive(g), "it serves again")


def test_no_reply_is_lost_while_the_server_works(gslbd):
    g = gslbd()
    text = two_regions(9)
    with connect(g) as waiting:
        waiting.sendall(b"GET /live HTTP/1.1\r\nHost: localhost\r\n")
        # The server stands still for longer than any deadline: stopped, as it is while it works.
        os.kill(g.process.pid, signal.SIGSTOP)
        try:
            with connect(g) as s:
                s.sendall(f"POST /v1/apply HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {g.token}\r\nContent-Type: application/yaml\r\n"
                          f"Connection: close\r\nContent-Length: {len(text)}\r\n\r\n{text}".encode())
                time.sleep(12)
                os.kill(g.process.pid, signal.SIGCONT)
                assert read_all(s).startswith(b"HTTP/1.1 200 ")
        finally:
            os.kill(g.process.pid, signal.SIGCONT)
        waiting.sendall(b"Connection: close\r\n\r\n")
        assert read_all(waiting).startswith(b"HTTP/1.1 200 ")


def test_refused_tokens_are_logged_within_bounds(gslbd):
    g = gslbd()
    for _ in range(24):
        assert g.request("GET", "/v1/pools", token="gslbd_wrong")[0] in (401, 429)
    log = g.log_path.read_text()
    assert 1 <= log.count("refused GET /v1/pools from 127.0.0.1: 401, the token is not known") <= 20
    assert "gslbd_wrong" not in log


def test_a_single_token_needs_admin_as_the_list_does(gslbd):
    g = gslbd()
    secret = g.request("POST", "/v1/tokens", {"name": "looker", "role": "read"})[2]["secret"]
    assert g.request("GET", "/v1/tokens", token=secret)[0] == 403
    assert g.request("GET", "/v1/tokens/admin", token=secret)[0] == 403
    assert g.request("GET", "/v1/tokens/looker")[2].items() >= {"name": "looker", "role": "read"}.items()
