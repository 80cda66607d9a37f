"""How a plan reaches gslb-prober: whole at first, then what is another; through a relay that notes what goes over it."""
import http.client
import http.server
import subprocess
import threading

import pytest

from conftest import PROBER, Endpoint, wait_until

COUNT = 120


class Relay:
    """Stands before the API of a gslbd; notes what was replied to each request for a plan."""

    def __init__(self, g):
        self.g, self.plans, self.cut = g, [], False
        relay = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def forward(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                try:
                    assert not relay.cut
                    up = http.client.HTTPConnection("127.0.0.1", relay.g.api_port, timeout=5)
                    up.request(self.command, self.path, body, {k: v for k, v in self.headers.items() if k.lower() not in ("host", "connection")})
                    reply = up.getresponse()
                    text = reply.read()
                except (OSError, AssertionError, http.client.HTTPException):
                    self.close_connection = True
                    return
                if "/plan" in self.path:
                    relay.plans.append((self.path.partition("?since=")[2], reply.status, len(text)))
                self.send_response(reply.status)
                for name in ("ETag", "Content-Type"):
                    if reply.headers[name]:
                        self.send_header(name, reply.headers[name])
                if reply.status not in (204, 304):
                    self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_GET = do_POST = forward

            def log_message(self, *arguments):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def received(self):
        """(tag that was asked from, bytes) of each plan that went over it"""
        return [(since, size) for since, status, size in self.plans if status == 200]


class Vantage:
    """A gslb-prober."""

    def __init__(self, relay, directory):
        self.relay, self.token = relay, directory / "far.token"
        if not self.token.exists():
            self.token.write_text(relay.g.ctl("token", "create", "far", "--role", "prober", "--prober", "far").stdout)
        self.log_path = directory / "far.log"
        self.log = open(self.log_path, "a")
        self.process = subprocess.Popen([PROBER, "--name", "far", "--server", f"http://127.0.0.1:{relay.server.server_address[1]}", "--token-file", self.token],
                                        stderr=self.log)

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.log.close()


def endpoint(n, port):
    return {"name": f"e{n:03}", "address": f"192.0.2.{n + 1}", "port": port}


def world(port):
    return {"regions": [{"name": "eu", "default": True}], "probers": [{"name": "far"}],
            "monitors": [{"name": "web", "type": "http", "address": "127.0.80.1", "interval": "120s", "timeout": "5s", "rise": 1, "fall": 1}, {"name": "told", "type": "external"}],
            "pools": [{"name": "p", "region": "eu", "monitor": "web", "endpoints": [endpoint(n, port) for n in range(COUNT)]},
                      {"name": "outside", "region": "eu", "monitor": "told", "endpoints": [{"name": "e", "address": "198.51.100.1"}]}]}


def words(g):
    """What far says of each endpoint, and since when."""
    return {e["id"]: (v["state"], v["since"]) for e in g.request("GET", "/v1/health?pool=p&limit=1000")[2]["items"] for v in e["verdicts"] if v["prober"] == "far"}


@pytest.fixture
def far(gslbd, tmp_path):
    """A gslbd whose endpoints a prober behind a relay has all seen once."""
    one, other = Endpoint("127.0.80.1"), Endpoint("127.0.80.1")
    g = gslbd("probes: {enabled: false}\nhealth: {max_down_share: 100}\n")
    status, _, reply = g.request("POST", "/v1/apply", world(one.port))
    assert status == 200, reply
    relay = Relay(g)
    vantage = Vantage(relay, tmp_path)
    wait_until(lambda: len(words(g)) == COUNT, lambda: f"far has seen all endpoints, not {len(words(g))}", 30)
    yield g, relay, vantage, one, other
    if vantage.process.poll() is None:
        vantage.kill()
    relay.server.shutdown()
    one.stop()
    other.stop()


def change(g, n, port):
    status, _, reply = g.request("PUT", f"/v1/pools/p/endpoints/e{n:03}?force", endpoint(n, port))
    assert status == 200, reply


def test_a_change_of_one_check_sends_that_one_and_disturbs_no_other(far):
    g, relay, vantage, one, other = far
    ((since, whole),) = relay.received()
    assert since == "" and one.requests == COUNT
    before = words(g)
    change(g, 7, other.port)
    wait_until(lambda: other.requests == 1, "the check that is another ran")
    wait_until(lambda: words(g)["p/e007"] != before["p/e007"], "and was told")
    (_, (since, size)) = relay.received()
    assert since.startswith("d1-") and size < whole / COUNT * 3 + 400, (size, whole)
    after = words(g)
    assert all(after[e] == before[e] for e in before if e != "p/e007"), "an unchanged check began anew"
    assert one.requests == COUNT, "an unchanged check ran again before its time"

    assert g.request("DELETE", "/v1/pools/p/endpoints/e009?force")[0] == 200
    wait_until(lambda: len(relay.received()) == 3, "the plan is another again")
    assert relay.received()[2][1] < 400
    wait_until(lambda: len(words(g)) == COUNT - 1, "it is told of no more")
    assert one.requests == COUNT
    assert "1 checks are new or others, 0 are gone" in vantage.log_path.read_text()
    assert g.request("GET", "/v1/probers/far/plan")[2]["checks"][0]["id"] == "p/e000"  # whole, for who asks so
    assert "outside/e" not in str(g.request("GET", "/v1/probers/far/plan")[2])


def test_what_changes_nothing_that_is_checked_sends_nothing(far):
    g, relay, _, one, _ = far
    asked = len(relay.plans)
    assert g.request("PATCH", "/v1/pools/p/endpoints/e001?force", {"weight": 50})[0] == 200
    assert g.request("PUT", "/v1/pools/q?force", {"name": "q", "region": "eu", "monitor": "told", "endpoints": [{"name": "e", "address": "192.0.2.2"}]})[0] == 201
    wait_until(lambda: len(relay.plans) > asked + 1, "the prober asked twice more")
    assert len(relay.received()) == 1
    assert one.requests == COUNT


def test_a_prober_that_missed_versions_gets_what_they_come_to(far):
    g, relay, _, one, other = far
    whole = relay.received()[0][1]
    relay.cut = True
    for port in (one.port + 1, other.port):
        for n in range(5):
            change(g, n, port)
    assert g.request("DELETE", "/v1/pools/p/endpoints/e006?force")[0] == 200
    relay.cut = False
    wait_until(lambda: other.requests == 5, "the five ran, as they are now", 30)
    wait_until(lambda: len(words(g)) == COUNT - 1, "the one that is gone is told of no more")
    assert len(relay.received()) == 2 and relay.received()[1][1] < whole / 4
    assert one.requests == COUNT


def restart(g):
    g.process.kill()
    g.process.wait()
    g.log.close()
    g.start(wait_ready=False)


def test_kills_on_either_side_lose_no_change_and_no_check(far, tmp_path):
    g, relay, vantage, one, other = far
    whole = relay.received()[0][1]
    restart(g)
    wait_until(lambda: len(words(g)) == COUNT, "all are told of to the one that was started")
    change(g, 3, other.port)
    wait_until(lambda: other.requests == 1, "the check that is another ran", 30)
    assert relay.received()[-1][1] < whole / 10  # what was to be checked before is the same for both

    relay.cut = True
    change(g, 4, other.port)
    restart(g)  # it knows nothing of the plan before
    relay.cut = False
    wait_until(lambda: other.requests == 2, "the check that is another ran", 30)
    since, size = relay.received()[-1]
    assert since.startswith("d1-") and size > whole / 2, relay.received()
    wait_until(lambda: len(words(g)) == COUNT, "all are told of to the one that was started")
    assert one.requests == COUNT, "an unchanged check ran again"

    vantage.kill()
    change(g, 5, other.port)
    again = Vantage(relay, tmp_path)
    try:
        wait_until(lambda: one.requests == 2 * COUNT - 3 and other.requests == 5, lambda: f"it checks all, as they are now: {one.requests}, {other.requests}", 30)
        assert relay.received()[-1][0] == ""
    finally:
        again.kill()


def test_a_plan_from_which_no_difference_is_known_comes_whole(far):
    g = far[0]
    for since in ("d1-00000000000000010000000000000002", "7", "", "x" * 500):
        status, headers, plan = g.request("GET", f"/v1/probers/far/plan?since={since}")
        assert status == 200 and "gone" not in plan and len(plan["checks"]) == COUNT
    tag = headers["ETag"].strip('"')
    status, _, plan = g.request("GET", f"/v1/probers/far/plan?since={tag}")
    assert status == 200 and plan["gone"] == [] == plan["checks"]
    assert g.request("GET", f"/v1/probers/far/plan?since={tag}", headers={"If-None-Match": headers["ETag"]})[0] == 304
