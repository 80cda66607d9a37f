"""What takes long is built beside all else: a large configuration, tables of clients."""
import http.client
import itertools
import json
import signal
import socket
import struct
import threading

import pytest

from conftest import wait_until
from test_geo import make

SERVICES = 6000
NAME = "s0.gslb.example.com"
UP, DOWN = "10.0.0.1", "11.0.0.1"


def region(bias):
    return {"regions": [{"name": "eu", "default": True, "location": [50, 8], "bias": bias}]}


def world():
    return {
        **region(0),
        "monitors": [{"name": "said", "type": "external"}],
        "zones": [{"name": "gslb.example.com", "ns": ["ns1.example.net"]}],
        "pools": [{"name": f"p{i}", "region": "eu", "monitor": "said", "balance": "failover", "endpoints": [
            {"name": "a", "address": f"10.{i >> 8}.{i & 255}.1"}, {"name": "b", "address": f"11.{i >> 8}.{i & 255}.1", "priority": 1}]} for i in range(SERVICES)],
        "services": [{"name": f"s{i}.gslb.example.com", "ttl": 0, "pools": [f"p{i}"]} for i in range(SERVICES)],
    }


def served(g):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.settimeout(5)
        name = b"".join(bytes([len(label)]) + label.encode() for label in NAME.split("."))
        s.sendto(struct.pack(">6H", 1, 0, 1, 0, 0, 0) + name + b"\0" + struct.pack(">HH", 1, 1), ("127.0.0.1", g.port))
        return socket.inet_ntoa(s.recv(512)[-4:])


def say(g, state):
    assert g.request("PUT", "/v1/pools/p0/endpoints/a/verdict", {"state": state, "ttl": "1h"})[0] in (200, 204)


class Apply(threading.Thread):
    """A call that is under way."""

    def __init__(self, g, document, query=""):
        super().__init__()
        self.g, self.document, self.query, self.status, self.reply = g, document, query, None, None
        self.start()

    def run(self):
        try:
            self.status, _, self.reply = self.g.request("POST", f"/v1/apply{self.query}", self.document)
        except (OSError, http.client.HTTPException, json.JSONDecodeError):
            pass  # the server is gone

    def is_built(self):
        """Whether it is seen to be built before it is done."""
        while self.is_alive():
            if self.g.request("GET", "/v1/ready")[2]["building"]:
                return True
        return False


def building(g, query=""):
    """An apply that is being built, with what it changes; on a quick machine not each is seen."""
    for bias in itertools.count(1):
        assert bias < 60, "nothing was ever seen to be built"
        a = Apply(g, region(bias), query)
        if a.is_built():
            return a, bias
        a.join()


@pytest.fixture
def g(gslbd):
    g = gslbd("probes: {enabled: false}\n")
    assert g.request("POST", "/v1/apply", world())[0] == 200
    say(g, "up")
    wait_until(lambda: served(g) == UP, "the first is served")
    return g


def test_verdicts_and_drains_take_effect_before_an_apply_is_done_and_stay(g):
    seen = 0
    for _ in range(30):
        a, _ = building(g)
        say(g, "down")
        assert served(g) == DOWN
        say(g, "up")
        assert served(g) == UP
        assert g.request("POST", "/v1/pools/p0/endpoints/a/drain", {"for": "10m", "reason": "test"})[0] in (200, 201)
        assert served(g) == DOWN
        seen += a.is_alive()
        a.join()
        assert a.status == 200 and a.reply["changed"] and served(g) == DOWN
        assert g.request("POST", "/v1/pools/p0/endpoints/a/restore", {})[0] == 200
        assert served(g) == UP
        if seen:
            return
    assert seen, "each apply was done before a drain was"


def test_a_large_document_is_compared_beside_verdicts(g):
    for _ in range(60):
        a = Apply(g, world())  # changes nothing: all that it takes is the comparison
        seen = a.is_built()
        say(g, "down")
        assert served(g) == DOWN
        say(g, "up")
        a.join()
        assert a.status == 200 and not a.reply["changed"] and served(g) == UP
        if seen:
            return
    assert seen, "nothing was ever seen to be compared"


def test_kill_9_in_the_middle_leaves_the_revision_before(g):
    a, bias = building(g)
    before = g.request("GET", "/v1/ready")[2]["revision"]
    g.stop(signal.SIGKILL)
    a.join()
    g.start()
    # Either all of it was written just then, or nothing.
    now = g.request("GET", "/v1/regions/eu")[2].get("bias")
    assert g.request("GET", "/v1/ready")[2]["revision"] - before == (now == bias)
    assert served(g) in (UP, DOWN)
    assert g.request("POST", "/v1/apply", region(90))[0] == 200


def test_sigterm_in_the_middle_ends_it(g):
    a, bias = building(g)
    assert g.stop() == 0
    a.join()
    assert a.status in (200, 507, 503, None)
    g.start()
    now = g.request("GET", "/v1/regions/eu")[2].get("bias")
    assert now == bias if a.status == 200 else True
    assert g.request("POST", "/v1/apply", region(90))[0] == 200


def test_what_is_refused_or_tried_leaves_all_as_it_was(g):
    a, bias = building(g, "?dry_run")
    say(g, "down")
    a.join()
    assert a.status == 200 and a.reply["dry_run"] and served(g) == DOWN
    assert g.request("GET", "/v1/regions/eu")[2].get("bias", 0) != bias
    revision = g.request("GET", "/v1/ready")[2]["revision"]
    pools = [{**p, "endpoints": [{**e, "enabled": False} for e in p["endpoints"]]} for p in world()["pools"]]
    a = Apply(g, {**region(91), "pools": pools})
    say(g, "up")
    a.join()
    assert a.status == 409 and "services would have nothing healthy" in a.reply["detail"]
    ready = g.request("GET", "/v1/ready")[2]
    assert (ready["revision"], ready["building"], served(g)) == (revision, False, UP)


def test_databases_are_reloaded_while_an_endpoint_goes_down_and_comes_back(gslbd, tmp_path):
    db = tmp_path / "country.mmdb"
    make(db, "192.0.2.0,192.0.2.255,DE\n")
    g = gslbd(f"probes: {{enabled: false}}\ngeo: {{database: {db}, watch: 0s}}\n")
    assert g.request("POST", "/v1/apply", world())[0] == 200
    statuses = []

    def reload():
        for _ in range(8):
            statuses.append(g.request("POST", "/v1/geo/reload", {})[0])

    thread = threading.Thread(target=reload)
    thread.start()
    while thread.is_alive():
        for state, address in (("down", DOWN), ("up", UP)):
            say(g, state)
            assert served(g) == address
    assert statuses == [200] * 8 and served(g) == UP
