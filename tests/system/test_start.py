"""A start: who waits for checks, and who does not."""
import socket
import time

import pytest

from conftest import Endpoint, free_port, wait_until

WORLD = """
regions: [{{name: eu, default: true}}]
monitors:
  - {{name: quick, type: http, port: {port}, interval: 5s, timeout: 1s, rise: 1, fall: 1}}
  - {{name: slow, type: http, port: {port}, interval: 5s, timeout: 3s, rise: 1, fall: 1}}
pools:
  - {{name: nest, region: eu, service: slow.gslb.example.com}}
  - {{name: quick, region: eu, monitor: quick, balance: failover, endpoints: [{{name: dead, address: 127.0.81.1}}, {{name: alive, address: 127.0.81.2}}]}}
  - {{name: slow, region: eu, monitor: slow, endpoints: [{{name: hangs, address: 127.0.81.3}}]}}
zones: [{{name: gslb.example.com, ns: [ns1.example.net], records: [{{name: static, type: A, data: [192.0.2.1]}}]}}]
services:
  - {{name: quick.gslb.example.com, ttl: 5, pools: [quick]}}
  - {{name: slow.gslb.example.com, ttl: 5, pools: [slow]}}
  - {{name: through.gslb.example.com, ttl: 5, pools: [nest]}}
"""


def asked(g, name):
    """The addresses, [] without a reply."""
    return [line for line in g.dig("+short", "+time=1", name).split("\n") if line and not line.startswith(";")]


@pytest.fixture
def world(gslbd):
    """A gslbd that starts again over this world: one endpoint dead, one alive, one that takes connections and says nothing."""
    port = free_port()
    alive = Endpoint("127.0.81.2", port)
    hanging = socket.create_server(("127.0.81.3", port))
    g = gslbd()
    g.apply(WORLD.format(port=port))
    assert g.stop() == 0
    yield g
    alive.stop()
    hanging.close()


def test_a_hanging_endpoint_delays_its_own_services_alone(world):
    g = world
    begin = time.monotonic()
    g.start(wait_ready=False)
    assert g.short("static.gslb.example.com") == ["192.0.2.1"]
    assert "SOA" in g.dig("gslb.example.com", "SOA")
    assert time.monotonic() - begin < 2.5
    wait_until(lambda: asked(g, "quick.gslb.example.com"), "the service whose checks are done", 3)
    assert g.request("GET", "/v1/ready")[2]["ready"] is False
    assert "no servers could be reached" in g.dig("slow.gslb.example.com", "+time=1") or g.request("GET", "/v1/ready")[2]["ready"]
    wait_until(lambda: "ready at revision" in g.log_path.read_text().rsplit("starts", 1)[1], "it is ready", 6)
    assert g.short("slow.gslb.example.com") == ["127.0.81.3"]  # down, as everything is: serve_all
    assert g.short("through.gslb.example.com") == ["127.0.81.3"]


def test_a_waiting_service_says_so_over_tcp_and_in_explanations(world):
    g = world
    g.start(wait_ready=False)
    reply = g.dig("slow.gslb.example.com", "+tcp")
    assert "status: SERVFAIL" in reply and "EDE: 14 (Not Ready)" in reply, reply
    assert "status: SERVFAIL" in g.dig("through.gslb.example.com", "+tcp")
    assert "first checks" in g.ctl("explain", "slow.gslb.example.com", "--client", "192.0.2.1").stdout


def test_no_answer_after_a_start_is_from_before_the_first_checks(world):
    g = world
    for _ in range(3):
        g.start(wait_ready=False)
        first = wait_until(lambda: asked(g, "quick.gslb.example.com"), "the first answer", 4)
        assert first == ["127.0.81.2"]
        g.stop()


def test_the_manager_of_services_hears_that_it_is_ready_alive_and_stops(gslbd, tmp_path):
    manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    manager.settimeout(10)
    manager.bind(str(tmp_path / "notify"))
    g = gslbd(prefix=["env", f"NOTIFY_SOCKET={tmp_path}/notify", "WATCHDOG_USEC=100000"])
    heard = [manager.recv(100)]
    while heard.count(b"WATCHDOG=1") < 3 or b"READY=1" not in heard:
        heard.append(manager.recv(100))
    assert g.stop() == 0
    while heard[-1] != b"STOPPING=1":
        heard.append(manager.recv(100))
    assert set(heard) == {b"READY=1", b"WATCHDOG=1", b"STOPPING=1"}


def test_a_watchdog_of_another_process_or_a_foolish_one_is_not_fed(gslbd, tmp_path):
    manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    manager.settimeout(10)
    manager.bind(str(tmp_path / "notify"))
    for environment in (["WATCHDOG_USEC=50000", "WATCHDOG_PID=1"], ["WATCHDOG_USEC=soon"], ["WATCHDOG_USEC=0"]):
        g = gslbd(prefix=["env", f"NOTIFY_SOCKET={tmp_path}/notify", *environment])
        assert manager.recv(100) == b"READY=1"
        for _ in range(10):
            g.dig("www.example.com")
        assert g.stop() == 0
        assert manager.recv(100) == b"STOPPING=1"
