"""Who is let in at the admin API's door, and what others may cost it: wrong tokens, local users, limits, floods."""
import os
import pathlib
import re
import signal
import socket
import ssl
import subprocess
import tempfile
import threading
import time

import pytest

from conftest import CTL, GSLBD, two_regions, wait_until
from test_doors import alive, ask, connect, read_all

MIB = 1 << 20
ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="becomes other users")


def as_user(name):
    return ["setpriv", f"--reuid={name}", "--clear-groups"]


def with_admin(gslbd, fields, listen='"127.0.0.1:0"'):
    """A gslbd with these fields in the part admin."""
    g = gslbd(wait_ready=False)
    g.stop()
    text = g.settings.read_text()
    g.settings.write_text(text.replace('admin: {listen: "127.0.0.1:0"}', f"admin: {{listen: {listen}{fields}}}"))
    return g.start()


@pytest.fixture
def public_path():
    """A directory that all users see."""
    with tempfile.TemporaryDirectory() as path:
        os.chmod(path, 0o755)
        yield pathlib.Path(path)


def metric(g, name):
    return float(re.search(rf"^gslbd_{name} (\S+)$", g.request("GET", "/metrics", token=False)[2], re.M).group(1))


def test_wrong_tokens_cost_their_sender_time_and_nobody_else(gslbd):
    g = gslbd()
    start = time.monotonic()
    for _ in range(20):
        assert g.request("GET", "/v1/pools", token="gslbd_wrong")[0] == 401
    held = []

    def fail():
        begin = time.monotonic()
        status, headers, reply = g.request("GET", "/v1/pools", token="gslbd_wrong")
        held.append((status, headers["Retry-After"], time.monotonic() - begin))
        assert headers["Connection"] == "close", reply

    threads = [threading.Thread(target=fail) for _ in range(20)]
    for t in threads:
        t.start()
    begin = time.monotonic()
    assert g.request("GET", "/v1/pools")[0] == 200  # who has one is not concerned
    took = time.monotonic() - begin
    for t in threads:
        t.join()
    limited = [one for one in held if one[0] == 429]
    free = int(time.monotonic() - start) + 1  # one more each second
    assert len(limited) >= 20 - free and limited and all(one[1] == "1" and one[2] >= 0.7 for one in limited), held
    assert took < min(one[2] for one in limited), (took, held)
    assert metric(g, "api_tokens_refused_total") == 40
    log = g.log_path.read_text()
    assert "many wrong tokens from 127.0.0.1: each costs it a second" in log and "gslbd_wrong" not in log
    # with a body to come, too: it is not read
    both = "POST /v1/apply HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer x\r\nContent-Length: 5\r\n\r\nGET /live HTTP/1.1\r\n\r\n".encode()
    reply = wait_until(lambda: (said := ask(g, both)).startswith("HTTP/1.1 429 ") and said, "it is one too many")
    assert reply.count("HTTP/1.1") == 1


@ROOT
def test_local_users_need_no_token(gslbd, public_path):
    path = public_path / "admin.sock"
    g = with_admin(gslbd, ", users: [{user: nobody, role: operate}]", listen=f'["127.0.0.1:0", "unix:{path}"]')
    g.apply(two_regions(9))

    def run(*arguments, user=None, token=None):
        command = (as_user(user) if user else []) + [CTL, "-s", f"unix:{path}", *(["-t", token] if token else []), *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=30)

    assert run("get", "pools").returncode == 0 and run("delete", "services", "www.gslb.example.com", "--force").returncode == 0
    assert run("pool", "drain", "web-eu", "--force", user="nobody").returncode == 0
    said = run("delete", "pools", "web-eu", user="nobody")
    assert said.returncode != 0 and 'needs role edit, "unix:nobody" has role operate (403)' in said.stderr, said.stderr
    said = run("get", "pools", user="daemon")
    assert said.returncode != 0 and "among admin.users in the settings (401)" in said.stderr, said.stderr
    token = public_path / "token"
    token.write_text(g.request("POST", "/v1/tokens", {"name": "daemon", "role": "read"})[2]["secret"])
    token.chmod(0o644)
    assert run("get", "pools", user="daemon", token=token).returncode == 0
    assert run("get", "pools", user="nobody", token="/nonexistent").returncode != 0  # who gives one means it
    (public_path / "wrong").write_text("gslbd_wrong\n")
    assert "(401)" in run("get", "pools", token=public_path / "wrong").stderr
    assert g.request("GET", "/v1/pools", token=False)[0] == 401  # over the network all is as before
    authors = {one["author"] for one in g.request("GET", "/v1/revisions")[2]["items"]}
    assert {"unix:root", "unix:nobody", "admin"} <= authors
    assert 'of "unix:nobody" from local user 65534' in g.log_path.read_text()
    curl = subprocess.run(["curl", "-s", "--unix-socket", path, "http://any.example/v1/pools"], capture_output=True, text=True, timeout=20)
    assert '"web-eu"' in curl.stdout  # names lead nobody to it


@ROOT
def test_a_socket_goes_with_who_made_it_and_is_not_taken_away(gslbd, tmp_path):
    path = tmp_path / "admin.sock"
    g = with_admin(gslbd, "", listen=f'["127.0.0.1:0", "unix:{path}"]')
    ask_it = ["curl", "-s", "--unix-socket", path, "http://localhost/live"]
    other = tmp_path / "other.yaml"
    other.write_text(f'listen: ["127.0.0.1:0"]\nstore: {tmp_path}/other\nadmin: {{listen: "unix:{path}"}}\n')
    run = subprocess.run([GSLBD, "-c", other], capture_output=True, text=True, timeout=20)
    assert run.returncode != 0 and f"cannot listen on {path} for the admin API: Address already in use" in run.stderr, run.stderr
    assert b'"live":true' in subprocess.run(ask_it, capture_output=True, timeout=20).stdout
    g.stop(signal.SIGKILL)
    assert path.exists()
    g.start()
    assert b'"live":true' in subprocess.run(ask_it, capture_output=True, timeout=20).stdout
    g.stop()
    assert not path.exists()
    path.write_text("somebody's file")
    run = subprocess.run([GSLBD, "-c", other], capture_output=True, text=True, timeout=20)
    assert run.returncode != 0 and path.read_text() == "somebody's file"


def test_settings_of_the_door_are_checked(tmp_path):
    settings = tmp_path / "gslbd.yaml"
    for admin, expected in (("{listen: \"unix:admin.sock\"}", "admin.listen: expected an address and port such as 127.0.0.1:8053, or unix:/run/gslbd/admin.sock"),
                            ("{listen: []}", "admin.listen: expected at least one address and port"),
                            ("{listen: \"0.0.0.0:1\"}", "admin.listen: 0.0.0.0 is not a loopback address"),
                            ("{users: [{user: there-is-none, role: read}]}", "admin.users[0].user: there is no user there-is-none"),
                            ("{users: [{user: root, role: prober}]}", "admin.users[0].role: expected read, operate, edit or admin, got \"prober\""),
                            ("{max_body_mib: 0}", "admin.max_body_mib: expected an integer from 1 to 256"),
                            ("{listen: \"unix:/nonexistent/admin.sock\"}", "cannot make /nonexistent/admin.sock: No such file or directory")):
        settings.write_text(f'listen: ["127.0.0.1:0"]\nstore: {tmp_path}/store\nadmin: {admin}\n')
        run = subprocess.run([GSLBD, "--check", "-c", settings], capture_output=True, text=True, timeout=20)
        assert run.returncode != 0 and expected in run.stdout + run.stderr, (admin, run.stdout, run.stderr)


def test_limits_are_settings(gslbd):
    g = with_admin(gslbd, ", connections: 8, connections_per_address: 5, max_body_mib: 1, request_timeout: 1s")
    open_ones = [connect(g) for _ in range(6)]
    assert read_all(open_ones[5]).startswith(b"HTTP/1.1 429 ")
    for s in open_ones:
        s.close()
    wait_until(lambda: alive(g), "there is room again")
    assert metric(g, "api_connections_refused_total") == 1
    head = f"POST /v1/apply HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {g.token}\r\nContent-Length: "
    reply = ask(g, f"{head}{MIB + 1}\r\n\r\n".encode())
    assert reply.startswith("HTTP/1.1 413 ") and f"at most {MIB} bytes" in reply
    with connect(g) as s:  # fast enough for a slow line, too long in all
        s.sendall(f"{head}{MIB}\r\n\r\n".encode())
        begin = time.monotonic()
        s.settimeout(0.1)
        reply = b""
        while not reply and time.monotonic() - begin < 8:
            try:
                s.sendall(b" " * 4096)
                reply = s.recv(1000)
            except socket.timeout:
                pass
    assert reply.startswith(b"HTTP/1.1 408 ") and b"Retry-After: 1" in reply, reply
    assert alive(g)


def test_other_sites_read_nothing_in_a_browser(gslbd):
    g = gslbd()
    for method, path in (("OPTIONS", "/v1/pools"), ("GET", "/v1/pools"), ("GET", "/metrics"), ("GET", "/ready"), ("OPTIONS", "*"), ("POST", "/v1/apply")):
        reply = ask(g, f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nOrigin: https://evil.example\r\n"
                       f"Access-Control-Request-Method: PUT\r\nAuthorization: Bearer {g.token}\r\n\r\n".encode())
        assert reply.startswith("HTTP/1.1 ") and "access-control" not in reply.lower(), reply


def test_nothing_that_follows_an_error_is_a_request(gslbd):
    g = gslbd()
    smuggled = "GET /live HTTP/1.1\r\nHost: localhost\r\n\r\n"
    lines = "".join(f"X-{i}: y\r\n" for i in range(10000))
    for request, status in ((f"GET /live HTTP/1.1\r\nHost: localhost\r\n{lines}\r\n{smuggled}", 431),
                            (f"GET /live HTTP/1.1\r\nHost: localhost\r\nX: {'y' * 100000}\r\n\r\n{smuggled}", 431),
                            (f"GET /live HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n{smuggled}", 400),
                            (f"GET /live HTTP/1.1\r\nHost: localhost\nX: y\r\n\r\n{smuggled}", 400),
                            (f"GET /live HTTP/1.1\r\nHost: localhost\r\nX\0: y\r\n\r\n{smuggled}", 400),
                            (f"GET /live HTTP/1.1\r\nHost: localhost\r\nX : y\r\n\r\n{smuggled}", 400),
                            (f"POST /v1/apply HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n{smuggled}", 400),
                            (f"POST /v1/apply HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999\r\n\r\n{smuggled}", 401)):
        reply = ask(g, request.encode())
        assert reply.startswith(f"HTTP/1.1 {status} ") and reply.count("HTTP/1.1 ") == 1, (request[:100], reply)
    pipelined = ask(g, (smuggled * 50 + "GET /live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n" + smuggled).encode())
    assert pipelined.count("HTTP/1.1 200 ") == 51


def test_floods_and_slow_readers_leave_room_for_others(gslbd):
    g = gslbd()
    g.apply(two_regions(9))
    idle = []
    for i in range(600):  # from many addresses, each below its limit
        s = socket.socket()
        s.bind((f"127.0.1.{1 + i % 200}", 0))
        s.connect(("127.0.0.1", g.api_port))
        idle.append(s)
    assert alive(g) and g.request("PATCH", "/v1/pools/web-eu", {"labels": ["x"]})[0] == 200
    slow = []
    for _ in range(40):  # they ask for much and read nothing
        s = socket.socket()
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        s.connect(("127.0.0.1", g.api_port))
        s.sendall(f"GET /v1/schema HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {g.token}\r\n\r\n".encode() * 20)
        slow.append(s)
    begin = time.monotonic()
    assert alive(g) and g.request("PATCH", "/v1/pools/web-eu", {"labels": ["y"]})[0] == 200
    assert time.monotonic() - begin < 3
    for s in idle + slow:
        s.close()


def sign(directory, ca, name, subject, *lines):
    """A key and a certificate of this subject, signed by the authority."""
    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], check=True, capture_output=True, cwd=directory)

    (directory / f"{name}.ext").write_text("\n".join(lines) + "\n")
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", subject, "-keyout", f"{name}.key", "-out", f"{name}.csr")
    openssl("x509", "-req", "-in", f"{name}.csr", "-CA", f"{ca}.pem", "-CAkey", f"{ca}.key", "-CAcreateserial", "-days", "2", "-extfile", f"{name}.ext",
            "-out", f"{name}.pem")


def test_certificates_of_clients_have_roles(gslbd, authority):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=other CA",
                    "-keyout", "other.key", "-out", "other.pem"], check=True, capture_output=True, cwd=authority)
    client = "extendedKeyUsage=clientAuth"
    sign(authority, "ca", "ann", "/CN=ann", client)
    sign(authority, "ca", "ci", "/O=ci", client, "subjectAltName=DNS:ci.example.com,email:ops@example.com")
    sign(authority, "ca", "stranger", "/CN=anna", client)
    sign(authority, "ca", "server", "/CN=ann", "extendedKeyUsage=serverAuth")
    sign(authority, "other", "forged", "/CN=ann", client)
    g = with_admin(gslbd, f", tls: {{certificate: {authority}/web.pem, key: {authority}/web.key, client_authority: {authority}/ca.pem, "
                          "clients: [{name: ann, role: read}, {name: ci.example.com, role: edit}]}", listen='"127.0.0.1:0"')

    def curl(path, *more, who=None):
        shown = ["--cert", f"{authority}/{who}.pem", "--key", f"{authority}/{who}.key"] if who else []
        run = subprocess.run(["curl", "-s", "-w", "%{http_code}", "--cacert", authority / "ca.pem", "--connect-to", f"web.example.com:443:127.0.0.1:{g.api_port}",
                              *shown, *more, f"https://web.example.com{path}"], capture_output=True, text=True, timeout=20)
        return run.stdout[-3:]

    assert curl("/live") == "200" and curl("/v1/pools") == "401"
    assert curl("/v1/pools", who="ann") == "200" and curl("/v1/pools", who="ci") == "200"
    assert curl("/v1/apply", "-d", "{}", who="ann") == "403" and curl("/v1/apply", "-d", '{"regions": [{"name": "eu", "default": true}]}', who="ci") == "200"
    assert curl("/v1/pools", who="stranger") == "401"
    assert curl("/live", who="server") == "000" and curl("/live", who="forged") == "000"
    # a token that is given counts; a page in a browser needs one
    assert curl("/v1/tokens", "-H", f"Authorization: Bearer {g.token}", who="ann") == "200"
    assert curl("/v1/pools", "-H", "Authorization: Bearer gslbd_wrong", who="ann") == "401"
    for line in ("Origin: https://evil.example", "Sec-Fetch-Site: cross-site", "Origin: null"):
        assert curl("/v1/apply", "-d", "{}", "-H", line, who="ci") == "401"
    assert curl("/v1/pools", "-H", "Sec-Fetch-Site: none", who="ann") == "200"
    log = g.log_path.read_text()
    assert 'POST /v1/apply of "cert:ci.example.com" from 127.0.0.1' in log and 'refused POST /v1/apply of "cert:ann"' in log

    def ctl(*arguments, who):
        return subprocess.run([CTL, "-s", f"https://web.example.com:{g.api_port}", "--ca-file", authority / "ca.pem", "--certificate", f"{authority}/{who}.pem",
                               "--key", f"{authority}/{who}.key", *arguments], capture_output=True, text=True, timeout=20)

    said = ctl("get", "regions", who="ann")
    if "Could not resolve" not in said.stderr:
        assert said.returncode == 0, said.stderr
    # a session of one is none of another's
    context = ssl.create_default_context(cafile=authority / "ca.pem")
    context.load_cert_chain(authority / "ann.pem", authority / "ann.key")
    request = b"GET /v1/pools HTTP/1.1\r\nHost: web.example.com\r\nConnection: close\r\n\r\n"
    with context.wrap_socket(connect(g), server_hostname="web.example.com") as s:
        s.sendall(request)
        assert read_all(s).startswith(b"HTTP/1.1 200 ")
        session = s.session
    bare = ssl.create_default_context(cafile=authority / "ca.pem")
    with bare.wrap_socket(connect(g), server_hostname="web.example.com") as s:
        s.sendall(request)
        assert read_all(s).startswith(b"HTTP/1.1 401 ")
    with context.wrap_socket(connect(g), server_hostname="web.example.com", session=session) as s:
        assert not s.session_reused
        s.sendall(request)
        assert read_all(s).startswith(b"HTTP/1.1 200 ")


def test_clients_need_an_authority(tmp_path, authority):
    settings = tmp_path / "gslbd.yaml"
    for tls, expected in (("clients: [{name: ann, role: read}]", "admin.tls.client_authority: expected who signs the certificates of clients"),
                          ("client_authority: /nonexistent/ca.pem", "admin.tls: /nonexistent/ca.pem: No such file or directory")):
        settings.write_text(f'listen: ["127.0.0.1:0"]\nstore: {tmp_path}/store\nadmin: {{tls: {{certificate: {authority}/web.pem, key: {authority}/web.key, {tls}}}}}\n')
        run = subprocess.run([GSLBD, "--check", "-c", settings], capture_output=True, text=True, timeout=20)
        assert run.returncode != 0 and expected in run.stdout + run.stderr, (tls, run.stdout, run.stderr)
