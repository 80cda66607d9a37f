"""The real programs for system tests: gslbd on free loopback ports, its command line, endpoints that can be switched."""
import contextlib
import http.client
import http.server
import itertools
import json
import os
import pathlib
import random
import re
import signal
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request

import pytest

TOP = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("GSLBD_BUILD", TOP / "build" / "plain"))
GSLBD = BUILD / "gslbd" / "gslbd"
PROBER = BUILD / "probes" / "gslb-prober"
CTL = BUILD / "admin" / "gslbctl"
SANITIZED = GSLBD.exists() and any(word in GSLBD.read_bytes() for word in (b"__asan_init", b"__tsan_init"))

# With sanitizers the doors, the store, health and answers are tried; what these are about is what gslbctl and the guides say.
if SANITIZED:
    collect_ignore = [f"test_{name}.py" for name in ("completion", "guides", "history", "install", "journeys", "openapi", "packages", "status", "tools",
                                                     "top", "watch")]


def wait_until(condition, what, seconds=30):
    """Waits for a condition; fails with the last thing it said."""
    end = time.monotonic() + seconds
    while True:
        last = condition()
        if last:
            return last
        assert time.monotonic() < end, f"it did not happen within {seconds} s: {what() if callable(what) else what}; last: {last!r}"
        time.sleep(0.05)


class Endpoint:
    """An HTTP server on a loopback address that answers with a status and can be stopped."""

    def __init__(self, address, port=0, status=200):
        self.address, self.status, self.requests = address, status, 0
        self.start(port)

    def start(self, port):
        endpoint = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                endpoint.requests += 1
                self.send_response(endpoint.status)
                self.end_headers()
                self.wfile.write(b"ok\n")

            def log_message(self, *arguments):
                pass

        class Server(http.server.ThreadingHTTPServer):
            allow_reuse_address = True
            daemon_threads = True

        self.server = Server((self.address, port), Handler)
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self.thread.start()

    def stop(self):
        if self.server:
            self.server.shutdown()
            self.server.server_close()
            self.server = None

    def restart(self):
        self.start(self.port)


class Sender(urllib.request.HTTPHandler):
    """Opens from an address of this machine."""

    def __init__(self, address):
        super().__init__()
        self.address = address

    def http_open(self, request):
        return self.do_open(lambda host, **more: http.client.HTTPConnection(host, source_address=(self.address, 0), **more), request)


class Gslbd:
    """One gslbd with a store of its own."""

    def __init__(self, directory, settings="", prefix=(), listen=None, admin="127.0.0.1:0"):
        self.directory, self.prefix = directory, list(prefix)
        self.store = directory / "store"
        self.settings = directory / "gslbd.yaml"
        listen = listen or f"127.0.0.1:{free_port()}"
        self.settings.write_text(f'listen: ["{listen}"]\nworkers: 1\nstore: {self.store}\nadmin: {{listen: "{admin}"}}\n' + settings)
        self.log_path = directory / "gslbd.log"
        self.process = None

    def start(self, wait_ready=True):
        self.log = open(self.log_path, "a")
        mark = self.log_path.stat().st_size
        self.process = subprocess.Popen(self.prefix + [GSLBD, "-c", self.settings], stderr=self.log)

        def said(pattern):
            if self.process.poll() is not None:
                raise AssertionError(f"gslbd ended with {self.process.returncode}:\n{self.log_path.read_text()}")
            return re.search(pattern, self.log_path.read_text()[mark:])

        self.port = int(wait_until(lambda: said(r"DNS on \S+:(\d+), UDP"), "gslbd listens").group(1))
        self.api_port = int(wait_until(lambda: said(r"admin API on \S+:(\d+)"), "the API listens").group(1))
        if wait_ready:
            wait_until(lambda: said(r"ready at revision"), "gslbd is ready")
        return self

    def stop(self, number=signal.SIGTERM):
        if self.process and self.process.poll() is None:
            self.process.send_signal(number)
            self.process.wait(30)
        self.log.close()
        return self.process.returncode

    @property
    def token_path(self):
        return self.store / "admin.token"

    @property
    def token(self):
        return self.token_path.read_text().strip()

    def request(self, method, path, body=None, headers=None, token=True, sender="127.0.0.1"):
        """(status, headers, document or text). sender: from which address of this machine."""
        data = body if isinstance(body, (bytes, type(None))) else json.dumps(body).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{self.api_port}{path}", data=data, method=method)
        if token:
            request.add_header("Authorization", f"Bearer {self.token if token is True else token}")
        if data is not None:
            request.add_header("Content-Type", "application/json")
        for name, value in (headers or {}).items():
            request.add_header(name, value)
        try:
            reply = urllib.request.build_opener(Sender(sender)).open(request, timeout=10)
        except urllib.error.HTTPError as error:
            reply = error
        text = reply.read().decode()
        kind = reply.headers.get("Content-Type", "")
        return reply.status, reply.headers, json.loads(text) if "json" in kind else text

    def ctl_command(self, *arguments):
        return [CTL, "-s", f"http://127.0.0.1:{self.api_port}", "-t", self.store / "admin.token", *arguments]

    def ctl(self, *arguments, check=True, stdin=None):
        run = subprocess.run(self.ctl_command(*arguments), capture_output=True, text=True, input=stdin, timeout=60)
        assert not check or run.returncode == 0, f"gslbctl {arguments}: {run.returncode}\n{run.stdout}{run.stderr}"
        return run

    def apply(self, text, check=True):
        return self.ctl("apply", "-f", "-", check=check, stdin=text)

    def dig(self, *arguments):
        run = subprocess.run(["dig", "@127.0.0.1", "-p", str(self.port), "+tries=1", "+time=3", *arguments], capture_output=True, text=True,
                             timeout=20)
        return run.stdout

    def short(self, name, subnet=None, kind="A", *more):
        return self.dig("+short", name, kind, *([f"+subnet={subnet}"] if subnet else []), *more).split()

    def state(self, endpoint):
        return self.request("GET", f"/v1/health/{endpoint}")[2]["state"]

    def tokens(self):
        """All tokens, without what looking at them changes."""
        return [{k: v for k, v in t.items() if k != "last_used"} for t in self.request("GET", "/v1/tokens")[2]["items"]]

    def wait_state(self, endpoint, state, seconds=15):
        wait_until(lambda: self.state(endpoint) == state, f"{endpoint} is {state}", seconds)


@pytest.fixture
def gslbd(tmp_path):
    """A function that starts a gslbd; all are stopped at the end, and must end cleanly."""
    started = []
    numbers = itertools.count()

    def start(settings="", wait_ready=True, **more):
        directory = tmp_path / f"gslbd{next(numbers)}"
        directory.mkdir()
        started.append(Gslbd(directory, settings, **more))
        return started[-1].start(wait_ready)

    yield start
    for one in started:
        if one.process.poll() is None:
            status = one.stop()
            assert status == 0, one.log_path.read_text()


@pytest.fixture
def endpoints():
    """A function that starts endpoints on distinct loopback addresses and one port."""
    started = []

    def start(*addresses, port=None):
        for address in addresses:
            started.append(Endpoint(address, port or (started[0].port if started else 0)))
        return started[-len(addresses):]

    yield start
    for one in started:
        one.stop()


def two_regions(port, interval="200ms", timeout="150ms", fall=2, rise=2):
    """eu and us with two endpoints each; 10.1/16 is eu, 10.2/16 is us."""
    return f"""
regions:
  - {{name: eu, fallback: [us]}}
  - {{name: us, fallback: [eu], default: true}}
networks:
  - {{cidr: 10.1.0.0/16, region: eu}}
  - {{cidr: 10.2.0.0/16, region: us}}
monitors:
  - {{name: web, type: http, port: {port}, interval: {interval}, timeout: {timeout}, rise: {rise}, fall: {fall}}}
pools:
  - name: web-eu
    region: eu
    monitor: web
    endpoints: [{{name: eu1, address: 127.0.61.1}}, {{name: eu2, address: 127.0.61.2}}]
  - name: web-us
    region: us
    monitor: web
    endpoints: [{{name: us1, address: 127.0.62.1}}, {{name: us2, address: 127.0.62.2}}]
zones:
  - name: gslb.example.com
    ns: [ns1.gslb.example.com]
    records: [{{name: ns1, type: A, data: [127.0.0.1]}}]
services:
  - {{name: www.gslb.example.com, ttl: 5, pools: [web-eu, web-us]}}
"""


class SmallDisk:
    """A gslbd, and its store on a disk of 1 MiB."""

    def __init__(self, path, g):
        self.filler, self.g = path / "filler", g

    def fill(self):
        with open(self.filler, "wb", buffering=0) as f, contextlib.suppress(OSError):
            while True:
                f.write(bytes(4096))

    def fill_store(self):
        """The pages that are free in the store's file too."""
        self.fill()
        large = {"monitors": [{"name": "m", "type": "http", "headers": {"X": "y" * 60000}}]}
        wait_until(lambda: self.g.request("POST", "/v1/apply", large)[0] == 507, "the store is full")

    def free(self):
        self.filler.unlink()


@pytest.fixture
def small_disk(tmp_path, gslbd):
    disk = tmp_path / "disk"
    disk.mkdir()
    if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk], capture_output=True).returncode:
        pytest.skip("a small disk cannot be mounted here")
    try:
        g = gslbd(wait_ready=False)
        g.stop()
        g.settings.write_text(g.settings.read_text().replace(str(g.store), str(disk / "store")))
        g.store = disk / "store"
        g.start()
        yield SmallDisk(disk, g)
        assert g.stop() == 0
    finally:
        subprocess.run(["umount", "--lazy", disk], check=True)


def free_port():
    """A port that nobody has on any address, for TCP and UDP, and that the kernel gives to no client: dig shares the port
    that it is given with who has it, and then hears its own question."""
    least = int(pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    while True:
        port = random.randrange(10000, least) if least > 11000 else random.randrange(61000, 65536)
        with socket.socket() as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
            try:
                tcp.bind(("0.0.0.0", port))
                udp.bind(("0.0.0.0", port))
            except OSError:
                continue
            return port


@pytest.fixture
def authority(tmp_path):
    """A CA and a certificate for web.example.com signed by it."""
    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], check=True, capture_output=True, cwd=tmp_path)

    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=test CA",
            "-keyout", "ca.key", "-out", "ca.pem")
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=web.example.com", "-keyout",
            "web.key", "-out", "web.csr")
    (tmp_path / "ext").write_text("subjectAltName=DNS:web.example.com\n")
    openssl("x509", "-req", "-in", "web.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", "ext", "-out", "web.pem")
    return tmp_path


def apply_monitors(g, monitors):
    """A pool per monitor, with one endpoint e on 127.0.0.1 that it checks: {name: fields}."""
    text = "regions: [{name: eu, default: true}]\nmonitors:\n"
    text += "".join(f"  - {{name: {name}, interval: 300ms, timeout: 250ms, rise: 1, fall: 1, {rest}}}\n" for name, rest in monitors.items())
    text += "pools:\n" + "".join(f"  - {{name: {name}, region: eu, monitor: {name}, endpoints: [{{name: e, address: 127.0.0.1}}]}}\n" for name in monitors)
    g.apply(text)


def expect_health(g, wanted):
    """Waits until each pool's endpoint has this state and reason, and a detail with this text."""
    for name, (state, reason, *detail) in wanted.items():
        last = []

        def is_so():
            last[:] = [g.request("GET", f"/v1/health/{name}/e")[2]]
            got = last[0]
            return got["state"] == state and got["reason"] == reason and (not detail or detail[0] in got["detail"])

        wait_until(lambda: is_so() or None, lambda: f"{name} is {state}, {reason} {detail}: {last}")


def run(*arguments, **more):
    return subprocess.run(arguments, check=True, capture_output=True, text=True, **more)


class Network:
    """Hosts as namespaces, {name: [address, ...]}: the first addresses are on one bridge (eth0), the second on another (eth1), and so on; None
    is not on it. Everything started in them ends with it."""

    def __init__(self, directory, hosts):
        self.directory, self.processes, self.names = directory, [], []
        self.prefix = f"g{os.getpid() % 100000}"
        self.namespace("bridge")
        for name in hosts:
            self.namespace(name)
        for number in range(max(len(addresses) for addresses in hosts.values())):
            self.inside("bridge", "ip", "link", "add", f"br{number}", "type", "bridge")
            self.inside("bridge", "ip", "link", "set", f"br{number}", "up")
            for name, addresses in hosts.items():
                if number < len(addresses) and addresses[number]:
                    self.connect(name, number, addresses[number])

    def connect(self, name, number, address):
        device = f"eth{number}"
        run("ip", "link", "add", device, "netns", self.prefix + name, "type", "veth", "peer", "name", f"{name}{number}", "netns", self.prefix + "bridge")
        self.inside("bridge", "ip", "link", "set", f"{name}{number}", "master", f"br{number}", "up")
        self.inside(name, "ip", "address", "add", f"{address}/24", "dev", device)
        self.inside(name, "ip", "link", "set", device, "up")

    def namespace(self, name):
        run("ip", "netns", "add", self.prefix + name)
        self.names.append(name)
        self.inside(name, "ip", "link", "set", "lo", "up")
        return self.prefix + name

    def within(self, name):
        return ["ip", "netns", "exec", self.prefix + name]

    def inside(self, name, *arguments):
        return run(*self.within(name), *arguments)

    def start(self, name, *arguments):
        log = open(self.directory / f"{name}-{len(self.processes)}.log", "w")
        process = subprocess.Popen(self.within(name) + [str(a) for a in arguments], stdout=log, stderr=log)
        self.processes.append((process, log))
        return process

    def close(self):
        for process, log in reversed(self.processes):
            if process.poll() is None:
                process.terminate()
                try:
                    process.wait(5)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait(5)
            log.close()
        for name in self.names:
            subprocess.run(["ip", "netns", "delete", self.prefix + name], capture_output=True)


@pytest.fixture
def network(tmp_path):
    """A function that makes a Network of hosts."""
    if os.geteuid() != 0 or subprocess.run(["ip", "netns", "add", f"probe{os.getpid()}"], capture_output=True).returncode:
        pytest.skip("this user or machine makes no network namespaces")
    run("ip", "netns", "delete", f"probe{os.getpid()}")
    made = []

    def make(hosts):
        made.append(Network(tmp_path, hosts))
        return made[-1]

    yield make
    for one in made:
        one.close()
