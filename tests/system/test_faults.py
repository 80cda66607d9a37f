"""What the world does to a gslbd while queries flow: each answer goes on, and is right; nothing acknowledged is lost; what cannot be done is refused."""
import contextlib
import os
import pathlib
import random
import resource
import signal
import socket
import struct
import subprocess
import threading
import time

import pytest
from conftest import CTL, GSLBD, SANITIZED, TOP, run, two_regions, wait_until

NAME = "www.gslb.example.com"
EU, US = {"127.0.61.1", "127.0.61.2"}, {"127.0.62.1", "127.0.62.2"}


def without_checks(text):
    return "\n".join(line for line in text.split("\n") if "monitor" not in line and "type: http" not in line)


def question(number, subnet):
    """For an address, with the client's /24."""
    name = b"".join(bytes([len(label)]) + label.encode() for label in NAME.split(".")) + b"\0"
    option = struct.pack(">HHHBB", 8, 7, 1, 24, 0) + bytes(map(int, subnet.split(".")))[:3]
    return struct.pack(">HHHHHH", number, 0, 1, 0, 0, 1) + name + struct.pack(">HH", 1, 1) + b"\0" + struct.pack(">HHIH", 41, 1232, 0, len(option)) + option


def addresses(reply):
    at, found = 12 + len(NAME) + 2 + 4, set()
    for _ in range(struct.unpack(">H", reply[6:8])[0]):
        found.add(socket.inet_ntoa(reply[at + 12:at + 16]))
        at += 16
    return found


class Asked(threading.Thread):
    """Asks from 10.1 and from 10.2 in turn, without end; what comes must be of the set that stands for it just then."""

    def __init__(self, g, patience):
        super().__init__(daemon=True)
        self.right = {"10.1.2.0": EU, "10.2.2.0": US}
        self.patience, self.socket = patience, socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.connect(("127.0.0.1", g.port))
        self.socket.settimeout(patience)
        self.count, self.lost, self.wrong, self.longest, self.ending = 0, 0, [], 0, threading.Event()

    def run(self):
        number = 0
        while not self.ending.is_set():
            number = (number + 1) % 65536
            subnet = ("10.1.2.0", "10.2.2.0")[number % 2]
            start, before = time.monotonic(), self.right[subnet]
            try:
                self.socket.send(question(number, subnet))
                reply = self.socket.recv(4096)
                while struct.unpack(">H", reply[:2])[0] != number:
                    reply = self.socket.recv(4096)
            except OSError:
                self.lost += 1
                continue
            got = addresses(reply)
            self.longest = max(self.longest, time.monotonic() - start)
            self.count += 1
            if not got or not (got <= before or got <= self.right[subnet]):
                self.wrong.append((subnet, got, reply[3] & 15))


@contextlib.contextmanager
def asked(g, patience=3):
    """While it lasts, none is lost and none is wrong."""
    a = Asked(g, patience)
    a.start()
    wait_until(lambda: a.count > 20, "answers come")
    yield a
    before = a.count
    wait_until(lambda: a.count > before + 20 or a.lost, "answers go on")
    a.ending.set()
    a.join()
    assert (a.lost, a.wrong[:5]) == (0, []), (a.lost, a.wrong[:5], a.count)


def reasons(g):
    return g.request("GET", "/ready", token=False)[2]["reasons"]


def put(g, name, size=10):
    return g.request("PUT", f"/v1/zones/{name}.test", {"name": f"{name}.test", "ns": ["ns1.example.net"], "records": [
        {"name": f"r{n}", "type": "TXT", "data": [f'"{n} {"x" * 200}"']} for n in range(size)]})


def drain_and_back(g, a):
    """What is said of endpoints counts at once, whatever else is amiss."""
    a.right["10.1.2.0"] = EU | US
    status, _, reply = g.request("POST", "/v1/regions/eu/drain", {"for": "1h", "reason": "test"})
    assert status == 200, reply
    a.right["10.1.2.0"] = US
    time.sleep(0.2)
    a.right["10.1.2.0"] = EU | US
    assert g.request("POST", "/v1/regions/eu/restore", {})[0] == 200
    a.right["10.1.2.0"] = EU


@contextlib.contextmanager
def immutable(path):
    if os.geteuid() or subprocess.run(["chattr", "+i", path], capture_output=True).returncode:
        pytest.skip("no file can be made immutable here")
    try:
        yield
    finally:
        subprocess.run(["chattr", "-i", path], check=True)


def test_a_store_that_takes_no_writes_any_more(gslbd):
    g = gslbd()
    g.apply(without_checks(two_regions(9)))
    assert put(g, "before")[0] == 201
    with asked(g) as a:
        with immutable(g.store / "data.mdb"):
            status, _, reply = put(g, "during")
            assert status == 507 and "nothing was changed" in reply["detail"], reply
            assert any(r.startswith("store") for r in reasons(g)), reasons(g)
            status, _, reply = g.request("POST", "/v1/regions/eu/drain", {"for": "1h", "reason": "test"})
            assert status == 507, reply
        assert put(g, "after")[0] == 201
        wait_until(lambda: not reasons(g), "it is ready again")
        drain_and_back(g, a)
    g.stop()
    g.start()
    assert [g.request("GET", f"/v1/zones/{z}.test")[0] for z in ("before", "during", "after")] == [200, 404, 200]


def test_a_limit_on_the_size_of_files_is_a_full_disk(gslbd):
    g = gslbd()
    g.apply(without_checks(two_regions(9)))
    with asked(g):
        size = (g.store / "data.mdb").stat().st_size
        resource.prlimit(g.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
        refused = next(reply for n in range(200) for status, _, reply in [put(g, f"z{n}", 400)] if status != 201)
        assert refused["status"] == 507 and "nothing was changed" in refused["detail"], refused
        resource.prlimit(g.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        assert put(g, "after")[0] == 201
    assert g.process.poll() is None


@pytest.mark.skipif(SANITIZED, reason="a sanitizer takes more address space than the limit")
def test_a_full_map_of_the_store(gslbd):
    g = gslbd(prefix=["prlimit", "--as=1000000000"])  # then the map is the smallest: 64 MiB
    g.apply(without_checks(two_regions(9)))
    with asked(g) as a:
        done, refused = [], None
        for n in range(200):
            status, _, reply = put(g, f"z{n}", 5000)
            if status != 201:
                refused = reply
                break
            done.append(f"z{n}.test")
        assert refused and refused["status"] == 507 and "nothing was changed" in refused["detail"], refused
        assert len(done) > 3 and any(r.startswith("store") for r in reasons(g)), reasons(g)
        for zone in done[:3]:
            assert g.request("GET", f"/v1/zones/{zone}")[0] == 200
        a.right["10.1.2.0"] = EU | US
    g.stop()
    g.start()
    assert [g.request("GET", f"/v1/zones/{zone}")[0] for zone in done] == [200] * len(done)
    assert g.request("GET", f"/v1/zones/z{len(done)}.test")[0] == 404


def test_a_geoip_database_that_is_cut_and_swapped_while_it_is_in_use(gslbd, tmp_path):
    database, good = tmp_path / "country.mmdb", tmp_path / "good.mmdb"
    ranges = tmp_path / "ranges"
    ranges.write_text("167837696,167903231,DE\n167903232,167968767,US\n")  # 10.1.0.0/16, 10.2.0.0/16
    run(TOP / "dist/geoip/make-country-db", good, ranges)
    database.write_bytes(good.read_bytes())
    g = gslbd(f"geo: {{database: {database}, watch: 0s}}\n")
    text = without_checks(two_regions(9)).replace("name: eu, ", "name: eu, match: [country:DE], ").replace("name: us, ", "name: us, match: [country:US], ")
    g.apply("\n".join(line for line in text.split("\n") if "networks" not in line and "cidr" not in line))

    def look():
        """Whatever would read the file: explain, a new table of clients, a check of the database."""
        assert g.request("GET", f"/v1/explain?name={NAME}&type=A&client=10.1.2.3")[0] == 200
        status, _, reply = g.request("PUT", "/v1/regions/ap", {"name": "ap", "match": ["country:JP"], "location": [random.randrange(90), 1]})
        assert status in (200, 201), reply

    with asked(g):
        for broken in (b"", good.read_bytes()[:200], random.Random(1).randbytes(5000), good.read_bytes()[:-100] + bytes(100)):
            with open(database, "r+b") as f:  # the same file, not another of its name
                f.truncate(len(broken))
                f.write(broken)
            look()
            status, _, reply = g.request("POST", "/v1/geo/reload", {})
            assert status >= 400 or broken[:200] == good.read_bytes()[:200], (status, reply)
            look()
            (tmp_path / "new").write_bytes(good.read_bytes())
            (tmp_path / "new").rename(database)
            status, _, reply = g.request("POST", "/v1/geo/reload", {})
            assert status == 200, reply
            look()
        wait_until(lambda: not reasons(g), "it is ready again")


CLOCK = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
static volatile long *seconds;
static int (*real)(clockid_t, struct timespec *);
__attribute__((constructor)) static void begin(void)
{
        seconds = mmap(0, sizeof(*seconds), PROT_READ, MAP_SHARED, open(getenv("CLOCK_OFFSET"), O_RDONLY), 0);
        real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
}
int clock_gettime(clockid_t id, struct timespec *t)
{
        int code = real(id, t);
        if (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE)
                t->tv_sec += *seconds;
        return code;
}
"""


@pytest.mark.skipif(SANITIZED, reason="a sanitizer wants to be the first library")
def test_a_clock_that_is_put_on_and_back_by_a_day(gslbd, endpoints, tmp_path):
    offset = tmp_path / "offset"
    offset.write_bytes(struct.pack("q", 0))
    (tmp_path / "clock.c").write_text(CLOCK)
    run("gcc", "-shared", "-fPIC", "-o", tmp_path / "clock.so", tmp_path / "clock.c")
    port = endpoints("127.0.61.1", "127.0.61.2", "127.0.62.1", "127.0.62.2")[0].port
    g = gslbd(prefix=["env", f"LD_PRELOAD={tmp_path}/clock.so", f"CLOCK_OFFSET={offset}"])
    g.apply(two_regions(port))
    for endpoint in ("web-eu/eu1", "web-eu/eu2", "web-us/us1", "web-us/us2"):
        g.wait_state(endpoint, "up")

    def step(days):
        with open(offset, "r+b") as f:
            f.write(struct.pack("q", days * 86400))

    def quiet():
        return [e for e in g.request("GET", "/v1/events?limit=1000")[2]["items"] if e["state"] != "up"]

    before = len(quiet())
    with asked(g) as a:
        step(-1)
        time.sleep(2)
        drain_and_back(g, a)
        a.right["10.1.2.0"] = EU | US
        assert g.request("POST", "/v1/regions/eu/drain", {"for": "1h", "reason": "test"})[0] == 200
        a.right["10.1.2.0"] = US
        step(1)  # its end is over
        a.right["10.1.2.0"] = EU | US
        wait_until(lambda: g.request("GET", "/v1/drains")[2]["items"] == [], "the drain has ended")
        time.sleep(1)
        a.right["10.1.2.0"] = EU
        drain_and_back(g, a)
        step(0)
        time.sleep(2)
        assert put(g, "later")[0] == 201
        assert len(quiet()) == before, "no endpoint is another by the clock on the wall"
    assert reasons(g) == []


@pytest.mark.skipif(SANITIZED, reason="a sanitizer takes more address space than the limit")
def test_memory_that_ends(gslbd):
    g = gslbd()
    g.apply(without_checks(two_regions(9)))
    large = {"zones": [{"name": f"z{z}.test", "ns": ["ns1.example.net"], "records": [
        {"name": f"r{n}", "type": "A", "data": [f"192.0.2.{n % 250}"]} for n in range(500)]} for z in range(100)]}
    with asked(g) as a:
        taken = 4096 * int(pathlib.Path(f"/proc/{g.process.pid}/statm").read_text().split()[0])
        for room in (4, 8, 16):
            resource.prlimit(g.process.pid, resource.RLIMIT_AS, (taken + (room << 20), resource.RLIM_INFINITY))
            status, _, reply = g.request("POST", "/v1/apply", large)
            assert g.process.poll() is None, g.log_path.read_text()
            assert status in (200, 503, 507), (room, status, reply)
            assert g.request("GET", "/v1/zones/z1.test")[0] == (200 if status == 200 else 404)
            if status == 200:
                break
        drain_and_back(g, a)
        resource.prlimit(g.process.pid, resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        status, _, reply = g.request("POST", "/v1/apply", large)
        assert status == 200, reply


def test_an_api_that_is_flooded(gslbd):
    g = gslbd()
    g.apply(without_checks(two_regions(9)))
    flooding = threading.Event()

    def flood(n):
        rnd = random.Random(n)
        heads = (b"GET /v1/configuration HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer wrong\r\n\r\n", b"GET /live HTTP/1.1\r\nHost: localhost\r\n\r\n" * 50,
                 rnd.randbytes(3000), b"POST /v1/apply HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n")
        while not flooding.is_set():
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", g.api_port), timeout=1) as s:
                s.sendall(rnd.choice(heads))
                s.recv(4096)

    with asked(g):
        threads = [threading.Thread(target=flood, args=(n,)) for n in range(30)]
        for t in threads:
            t.start()
        time.sleep(5)
        flooding.set()
        for t in threads:
            t.join()
        wait_until(lambda: g.ctl("status", check=False).returncode == 0, "the API answers again")


def test_a_stop_of_ten_seconds(gslbd, endpoints):
    port = endpoints("127.0.61.1", "127.0.61.2", "127.0.62.1", "127.0.62.2")[0].port
    g = gslbd()
    g.apply(two_regions(port))
    for endpoint in ("web-eu/eu1", "web-eu/eu2", "web-us/us1", "web-us/us2"):
        g.wait_state(endpoint, "up")
    events = len(g.request("GET", "/v1/events?limit=1000")[2]["items"])
    with asked(g, patience=20) as a:
        os.kill(g.process.pid, signal.SIGSTOP)
        time.sleep(10)
        os.kill(g.process.pid, signal.SIGCONT)
        start, before = time.monotonic(), a.count
        wait_until(lambda: a.count > before, "answers come")
        first = time.monotonic() - start
        drain_and_back(g, a)
        time.sleep(2)
        assert len(g.request("GET", "/v1/events?limit=1000")[2]["items"]) == events, "no endpoint is down because nobody could look"
    print(f"first answer {first * 1000:.0f} ms after the stop")
    assert first < 1


def test_death_and_the_first_answer_after_it(gslbd):
    g = gslbd()
    text = without_checks(two_regions(9))
    g.apply(text + "".join(f"  - {{name: s{n}.gslb.example.com, pools: [web-eu, web-us]}}\n" for n in range(5000)))
    took = []
    for n in range(3):
        assert put(g, f"z{n}")[0] == 201
        g.stop(signal.SIGKILL)
        start = time.monotonic()
        g.start(wait_ready=False)
        with asked(g):
            took.append(time.monotonic() - start)
            assert all(g.request("GET", f"/v1/zones/z{m}.test")[0] == 200 for m in range(n + 1))
    print("from kill -9 to the first answers, 5,000 services:", ", ".join(f"{1000 * t:.0f} ms" for t in took))
    assert min(took) < 5


def test_an_interface_that_goes_and_comes_back(network, tmp_path):
    net = network({"server": ["10.77.0.1"], "client": ["10.77.0.2"]})
    settings = tmp_path / "gslbd.yaml"
    settings.write_text(f'listen: ["10.77.0.1:53", "0.0.0.0:5353"]\nworkers: 1\nstore: {tmp_path}/store\nadmin: {{listen: "127.0.0.1:8053"}}\n')
    process = net.start("server", GSLBD, "-c", settings)
    ctl = [*net.within("server"), CTL, "-s", "http://127.0.0.1:8053", "-t", tmp_path / "store/admin.token"]
    wait_until(lambda: subprocess.run([*ctl, "status"], capture_output=True).returncode == 0, "gslbd listens")
    subprocess.run([*ctl, "apply", "-f", "-"], input=without_checks(two_regions(9)), text=True, check=True, capture_output=True)

    def ask(port):
        reply = subprocess.run([*net.within("client"), "dig", "@10.77.0.1", "-p", str(port), "+short", "+tries=1", "+time=1", "+subnet=10.1.2.0/24", NAME],
                               capture_output=True, text=True).stdout
        return set(reply.split()) if reply.startswith("127.") else set()

    for off, on in ((["link", "set", "eth0", "down"], ["link", "set", "eth0", "up"]),
                    (["address", "del", "10.77.0.1/24", "dev", "eth0"], ["address", "add", "10.77.0.1/24", "dev", "eth0"])):
        assert ask(53) <= EU and ask(53) and ask(5353) <= EU and ask(5353)
        net.inside("server", "ip", *off)
        assert not ask(53) and not ask(5353)
        net.inside("server", "ip", *on)
        wait_until(lambda: ask(53) and ask(5353), "answers come again")
        assert ask(53) <= EU
    assert process.poll() is None


def test_pages_of_the_store_that_are_damaged(gslbd):
    g = gslbd()
    g.apply(without_checks(two_regions(9)))
    for n in range(5):
        assert put(g, f"z{n}", 50)[0] == 201
    g.stop()
    data, rnd = g.store / "data.mdb", random.Random(1)
    whole = data.read_bytes()
    for n in range(12):
        page = n * (len(whole) // 4096) // 12 * 4096
        data.write_bytes(whole[:page] + rnd.randbytes(4096) + whole[page + 4096:])
        try:
            g.start(wait_ready=False)
        except AssertionError:  # it is refused, with what to do
            assert g.process.returncode == 1 and "damaged" in g.log_path.read_text()[-2000:], (page, g.log_path.read_text()[-2000:])
            continue
        assert "status: " in g.dig("gslb.example.com", "SOA")
        assert g.stop() == 0, page  # nobody needs that page, or what stands on it is left out
    data.write_bytes(whole.replace(b"127.0.62.1", b"127.0.62.7"))  # a document that is another, and is one all the same
    check = subprocess.run([GSLBD, "--check", "-c", g.settings], capture_output=True, text=True)
    assert "documents are not as gslbd wrote them" in check.stderr, check
    data.write_bytes(whole)
    g.start()
    assert set(g.short(NAME, "10.2.2.0/24")) <= US
