"""Large replies go in pieces, as fast as their reader takes them: each is of one revision, whatever is changed meanwhile, and one that is not whole shows that."""
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import threading

import pytest

from conftest import wait_until

POOLS = 4000  # some 8 MB of configuration: more than what sockets take by themselves


def world(pools=POOLS):
    """Many pools with long labels, some with a service, and one zone that is larger than a piece."""
    labels = [f"label{i}-" + "x" * 50 for i in range(32)]
    zone = {"name": "z.example", "ns": ["ns1.z.example"], "records": [{"name": "ns1", "type": "A", "data": ["127.0.0.1"]}]
            + [{"name": f"r{i}", "type": "TXT", "data": ['"' + "x" * 100 + '"']} for i in range(2000)]}
    return {"regions": [{"name": "eu", "default": True}],
            "pools": [{"name": f"p{i:05}", "region": "eu", "labels": labels, "endpoints": [{"name": "e", "address": "192.0.2.1", "weight": 1}]} for i in range(pools)],
            "zones": [zone], "services": [{"name": f"s{i}.z.example", "pools": [f"p{i:05}"]} for i in range(0, pools, 5)]}


@pytest.fixture
def g(gslbd):
    one = gslbd()
    status, _, reply = one.request("POST", "/v1/apply", world())
    assert status == 200, reply
    return one


class Reader:
    """A client that takes a reply when it is told to; what it has room for is little."""

    def __init__(self, g, path, version="1.1", more=""):
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
        self.socket.settimeout(20)
        self.socket.connect(("127.0.0.1", g.api_port))
        self.socket.sendall(f"GET {path} HTTP/{version}\r\nHost: localhost\r\nAuthorization: Bearer {g.token}\r\n{more}\r\n".encode())
        self.read = b""
        while b"\r\n\r\n" not in self.read:
            self.read += self.socket.recv(500)
        self.head, self.read = self.read.split(b"\r\n\r\n", 1)

    def take(self, count):
        """At most that many more bytes; whether there are more."""
        while count > 0:
            got = self.socket.recv(min(count, 65536))
            self.read += got
            count -= len(got)
            if not got:
                return False
        return True

    def whole(self):
        """The rest of it, and all out of its chunks; None: it was broken off."""
        while b"\r\n0\r\n\r\n" not in self.read[-7:]:
            try:
                got = self.socket.recv(65536)
            except ConnectionResetError:
                return None
            if not got:
                return None
            self.read += got
        text, rest = b"", self.read
        while True:
            size, rest = rest.split(b"\r\n", 1)
            size = int(size, 16)
            if not size:
                return text
            text, rest = text + rest[:size], rest[size + 2:]


def storm(g, stop, done):
    """Changes what an export passes late and early, one revision after the other; no value is a default, which an apply would not tell from none."""
    connection = http.client.HTTPConnection("127.0.0.1", g.api_port, timeout=30)
    i = 0
    while not stop.is_set():
        i += 1
        name = f"p{(i * 7919) % POOLS:05}"
        for method, path, body in (("PATCH", f"/v1/pools/{name}", {"labels": [f"new{i}"]}), ("PATCH", f"/v1/pools/p{POOLS - 1 - i % 50:05}", {"balance": "hash" if i % 2 else "all"}),
                                   ("PUT", f"/v1/services/new{i % 40}.z.example", {"pools": ["p00000"], "ttl": 100 + i}), ("DELETE", f"/v1/services/s{5 * (i % 400)}.z.example", None),
                                   ("PUT", f"/v1/services/s{5 * (i % 300)}.z.example", {"pools": ["p00001"], "ttl": i % 20 + 1}),
                                   ("PUT", "/v1/zones/z.example/records/r7/TXT", {"name": "r7", "type": "TXT", "data": [f'"{i}"']})):
            connection.request(method, path, json.dumps(body) if body else None,
                               {"Authorization": f"Bearer {g.token}", "Content-Type": "application/json"})
            reply = connection.getresponse()
            reply.read()
            if reply.status // 100 == 2:
                done.append(path)


class Storm:
    def __init__(self, g):
        self.stop, self.done = threading.Event(), []
        self.thread = threading.Thread(target=storm, args=(g, self.stop, self.done))

    def __enter__(self):
        self.thread.start()
        wait_until(lambda: len(self.done) > 5, "changes come")
        return self

    def __exit__(self, *_):
        self.stop.set()
        self.thread.join()

    def more(self, count):
        wanted = len(self.done) + count
        wait_until(lambda: len(self.done) >= wanted, "changes come", 60)


def digest_of(g, revision):
    """What the store came to after a revision: the next one says what was before it."""
    status, _, entry = g.request("GET", f"/v1/revisions/{revision + 1}")
    return entry["previous"] if status == 200 else g.request("GET", "/ready", token=False)[2]["digest"]


@pytest.mark.parametrize("accept", ["application/json", "application/yaml"])
def test_an_export_that_is_read_slowly_in_a_storm_is_one_revision_and_comes_to_its_digest(g, accept):
    with Storm(g) as changes:
        reader = Reader(g, "/v1/configuration", more=f"Accept: {accept}\r\n")
        assert b"Transfer-Encoding: chunked" in reader.head, reader.head
        for _ in range(5):
            changes.more(30)
            assert reader.take(500000)
        text = reader.whole()
    assert text is not None
    revision = int(re.search(rb'"r(\d+)"', reader.head)[1])
    assert g.request("GET", "/ready", token=False)[2]["revision"] > revision + 100
    wanted = digest_of(g, revision)
    # What it holds, and nothing else, comes to the digest that the store had then.
    kind = {"Content-Type": accept}
    status, _, reply = g.request("POST", "/v1/apply?prune&force", text, kind)
    assert status == 200, reply
    assert g.request("GET", "/ready", token=False)[2]["digest"] == wanted
    # Byte for byte what nobody disturbs, but for its number.
    again = Reader(g, "/v1/configuration", more=f"Accept: {accept}\r\n").whole()
    assert json.loads(again).keys() == json.loads(text).keys() if "json" in accept else len(again) == len(text) + len(str(reply["revision"])) - len(str(revision))


def test_a_backup_taken_in_a_storm_is_whole_and_restores_what_was(g, gslbd, tmp_path):
    with Storm(g) as changes:
        reader = Reader(g, "/v1/backup")
        for _ in range(5):
            changes.more(30)
            assert reader.take(500000)
        text = reader.whole()
    first = json.loads(text.split(b"\n", 1)[0])
    assert first["digest"] == digest_of(g, first["revision"])
    file = tmp_path / "b"
    file.write_bytes(text)
    other = gslbd()
    said = other.ctl("restore", file)
    assert "warning" not in said.stdout + said.stderr
    # The same once more: no document is another, no serial is.
    assert "nothing to change" in other.ctl("restore", file).stdout


def test_a_backup_does_not_hold_what_waits_to_be_confirmed_and_its_digest_neither(gslbd, tmp_path):
    g = gslbd()
    g.apply("regions: [{name: eu, default: true}]")
    status, _, reply = g.request("POST", "/v1/apply?confirm_within=1h", {"regions": [{"name": "us"}]})
    assert status == 200, reply
    said = g.ctl("backup", tmp_path / "b")
    assert said.stderr == "" and '"confirms"' not in (tmp_path / "b").read_text()


def test_who_hangs_up_in_the_middle_leaves_nothing_behind(g):
    descriptors = f"/proc/{g.process.pid}/fd"
    before = len(os.listdir(descriptors))
    for path in ("/v1/configuration", "/v1/backup", "/v1/configuration?defaults") * 3:
        reader = Reader(g, path)
        reader.take(50000)
        reader.socket.close()
    wait_until(lambda: len(os.listdir(descriptors)) <= before, "connections are gone")
    for i in range(20):  # what is kept for nobody would show: each walk would be given all of it
        assert g.request("PATCH", f"/v1/pools/p{i:05}", {"labels": ["y" * 50]})[0] == 200
    assert g.request("GET", "/v1/configuration")[0] == 200


def test_a_reader_that_stands_still_keeps_nobody_from_his_reply(g):
    stand = [Reader(g, path) for path in ("/v1/configuration", "/v1/backup") * 4]
    for path in ("/v1/configuration", "/v1/configuration?defaults", "/v1/backup"):
        assert g.request("GET", path)[0] == 200
    assert g.request("PATCH", "/v1/pools/p00001", {"balance": "hash"})[0] == 200
    assert all(b"labels" in reader.whole() for reader in stand)


def test_a_connection_goes_on_behind_a_reply_in_pieces_and_old_clients_get_it_to_the_end(g):
    connection = http.client.HTTPConnection("127.0.0.1", g.api_port, timeout=30)
    token = {"Authorization": f"Bearer {g.token}"}
    texts = []
    for method in ("GET", "HEAD", "GET"):
        connection.request(method, "/v1/configuration", headers=token)
        reply = connection.getresponse()
        texts.append(reply.read())
        assert reply.status == 200 and reply.getheader("Transfer-Encoding") == "chunked" and reply.getheader("ETag")
    assert texts[0] == texts[2] and not texts[1] and len(texts[0]) > 1000000
    connection.request("GET", "/v1/configuration", headers=token | {"If-None-Match": reply.getheader("ETag")})
    reply = connection.getresponse()
    assert reply.status == 304 and not reply.read()
    old = Reader(g, "/v1/configuration", "1.0")
    assert b"chunked" not in old.head and b"Content-Length" not in old.head and b"Connection: close" in old.head
    while old.take(65536):
        pass
    assert old.read == texts[0]
    # What is one piece says how long it is.
    connection.request("GET", "/metrics?endpoints=none")
    reply = connection.getresponse()
    assert reply.getheader("Content-Length") == str(len(reply.read()))


def test_series_of_many_endpoints_come_in_pieces_whole_and_in_order(gslbd):
    g = gslbd("metrics: {endpoints: all, endpoints_max: 100000}")
    pools = [{"name": f"p{i:04}", "region": "eu", "endpoints": [{"name": f"e{j}", "address": f"192.0.2.{j}"} for j in range(50)]} for i in range(1200)]
    assert g.request("POST", "/v1/apply", {"regions": [{"name": "eu", "default": True}], "pools": pools})[0] == 200
    reader = Reader(g, "/metrics")
    assert b"chunked" in reader.head
    reader.take(10000)
    assert g.request("DELETE", "/v1/pools/p1100")[0] == 200  # it has not had its turn
    lines = reader.whole().decode().splitlines()
    for metric in ("endpoint_up", "endpoint_drained"):
        found = [i for i, line in enumerate(lines) if line.startswith(f"gslbd_{metric}{{")]
        assert len(found) in (59950, 60000) and found[-1] - found[0] + 1 == len(found), metric
        assert len(set(lines[i] for i in found)) == len(found)
    assert len([line for line in lines if line.startswith("gslbd_endpoint_drained{")]) == 59950
    assert lines[-1].startswith("gslbd_process_cpu_seconds_total") and len(set(line for line in lines if line.startswith("# TYPE"))) == len(
        [line for line in lines if line.startswith("# TYPE")])


def test_killed_in_the_middle_shows_and_nothing_half_is_written(g, tmp_path):
    file = tmp_path / "b"
    file.write_text("the one before")
    reader = Reader(g, "/v1/configuration")
    relay = Relay(g.api_port)
    for arguments in (("backup", file), ("get", "-o", "yaml"), ("get", "-o", "json")):
        run = subprocess.run([g.ctl_command()[0], "-s", f"http://127.0.0.1:{relay.port}", "-t", g.store / "admin.token", *arguments], capture_output=True, text=True,
                             timeout=60)
        assert run.returncode == 3 and run.stdout == "" and run.stderr, (arguments, run)
    assert file.read_text() == "the one before" and os.listdir(tmp_path).count("b.new") == 0
    relay.close()
    os.kill(g.process.pid, signal.SIGKILL)
    assert reader.whole() is None
    g.process.wait()


class Relay:
    """Between a client and gslbd: lets the first 300 kB of a reply through, then both sides lose each other."""

    def __init__(self, port):
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port, self.to = self.listening.getsockname()[1], port
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            try:
                client = self.listening.accept()[0]
            except OSError:
                return
            with client, socket.create_connection(("127.0.0.1", self.to)) as server:
                server.sendall(client.recv(65536))
                left = 300000
                while left > 0:
                    part = server.recv(min(left, 65536))
                    client.sendall(part)
                    left -= len(part)

    def close(self):
        self.listening.close()
