"""What a gslbd takes from probers' reports: made here by hand, as a prober that is dead, late or lies would make them."""
import itertools

from conftest import wait_until

WORLD = """
regions: [{{name: eu, default: true}}]
probers: [{probers}]
monitors:
  - {{name: web, type: tcp, port: {port}, interval: 200ms, timeout: 150ms, rise: 1, fall: 1, quorum: any}}
  - {{name: theirs, type: tcp, port: {port}, interval: 200ms, timeout: 150ms, probers: [local]}}
pools:
  - {{name: p, region: eu, monitor: web, endpoints: [{{name: e, address: 127.0.80.1}}]}}
  - {{name: q, region: eu, monitor: theirs, endpoints: [{{name: e, address: 127.0.80.1}}]}}
"""


class Prober:
    """Reports what it is told to."""

    def __init__(self, g, name, boot=1):
        self.g, self.name, self.boot, self.sequence = g, name, boot, itertools.count(1)
        self.token = g.ctl("token", "create", name, "--role", "prober", "--prober", name).stdout.strip()

    def report(self, sequence=None, **endpoints):
        """p_e="up" or {...}; (status, reply)"""
        verdicts = [{"id": name.replace("_", "/"), "reason": "ok", "since": "2026-01-01T00:00:00Z", **(said if isinstance(said, dict) else {"state": said})}
                    for name, said in sorted(endpoints.items())]
        body = {"prober": self.name, "boot": self.boot, "sequence": sequence or next(self.sequence), "plan_revision": 1, "verdicts": verdicts}
        status, _, reply = self.g.request("POST", f"/v1/probers/{self.name}/report", body, token=self.token)
        return status, reply


def reasons(g):
    return g.request("GET", "/v1/ready")[2]["reasons"]


def test_a_dead_probers_last_word_does_not_keep_a_dead_endpoint(gslbd, endpoints):
    (one,) = endpoints("127.0.80.1")
    g = gslbd()
    g.apply(WORLD.format(port=one.port, probers="{name: far}"))
    far = Prober(g, "far")
    assert far.report(p_e="up")[0] == 204
    one.stop()
    wait_until(lambda: [v["state"] for v in g.request("GET", "/v1/health/p/e")[2]["verdicts"] if v["prober"] == "local"] == ["down"], "local sees the death")
    assert g.state("p/e") == "up"
    g.wait_state("p/e", "down", 8)  # far is silent since
    assert any("far has missed 3 reports" in reason for reason in reasons(g)), reasons(g)
    assert 'gslbd_prober_live{prober="far"} 0' in g.request("GET", "/metrics")[2]
    assert "prober far has missed 3 reports" in g.log_path.read_text()
    assert far.report(p_e="up")[0] == 204
    assert g.state("p/e") == "up" and reasons(g) == []
    assert 'gslbd_prober_live{prober="far"} 1' in g.request("GET", "/metrics")[2]


def test_just_what_its_plan_asks_is_taken_from_a_prober(gslbd, endpoints):
    (one,) = endpoints("127.0.80.1")
    g = gslbd()
    g.apply(WORLD.format(port=one.port, probers="{name: far}"))
    g.wait_state("q/e", "up")
    far = Prober(g, "far")
    drain = {"state": "up", "rtt_us": 9000000, "figures": {"load": 100, "errors": 1, "cpu": 1, "memory": 1, "weight_percent": 0, "admin": "drain"}}
    assert far.report(p_e=drain, q_e=drain)[0] == 204
    for endpoint in ("p/e", "q/e"):  # no figures are read by such monitors, whoever says so
        got = g.request("GET", f"/v1/health/{endpoint}")[2]
        assert not got["drained_by_agent"] and not got["drained"] and "load" not in got, got
    assert [v["prober"] for v in g.request("GET", "/v1/health/q/e")[2]["verdicts"]] == ["local"]


def test_deleted_probers_are_forgotten(gslbd, endpoints):
    (one,) = endpoints("127.0.80.1")
    g = gslbd()
    g.apply(WORLD.format(port=one.port, probers="{name: far}, {name: near}"))
    for prober in (Prober(g, "far"), Prober(g, "near")):
        assert prober.report(p_e="up")[0] == 204
    for path in ("/v1/tokens/far", "/v1/probers/far"):
        assert g.request("DELETE", path)[0] in (200, 204)
    assert sorted(p["name"] for p in g.request("GET", "/v1/health")[2]["probers"]) == ["local", "near"]
    assert 'prober="far"' not in g.request("GET", "/metrics")[2]
    assert [v["prober"] for v in g.request("GET", "/v1/health/p/e")[2]["verdicts"] if v["prober"] == "far"] == []


def test_a_prober_that_starts_again_is_heard_whatever_its_clock_says(gslbd, endpoints):
    (one,) = endpoints("127.0.80.1")
    g = gslbd()
    g.apply(WORLD.format(port=one.port, probers="{name: far}"))
    far = Prober(g, "far", boot=1 << 50)
    assert far.report(p_e="up")[0] == 204
    far.boot = 7
    assert far.report(sequence=1, p_e="down")[0] == 204
    assert {v["prober"]: v["state"] for v in g.request("GET", "/v1/health/p/e")[2]["verdicts"]}["far"] == "down"
    far.boot = 1 << 50
    status, reply = far.report(sequence=99, p_e="up")
    assert status == 409, reply


def test_events_tell_long_names_whole(gslbd):
    g = gslbd()
    pool, endpoint = "p" * 100, "e" * 100
    g.apply(f"""
regions: [{{name: eu, default: true}}]
monitors: [{{name: later, type: external}}]
pools: [{{name: {pool}, region: eu, monitor: later, endpoints: [{{name: {endpoint}, address: 192.0.2.1}}]}}]
""")
    status, _, reply = g.request("PUT", f"/v1/pools/{pool}/endpoints/{endpoint}/verdict", {"state": "down", "ttl": "1m"})
    assert status in (200, 204), reply
    assert g.request("GET", "/v1/events")[2]["items"][-1]["endpoint"] == f"{pool}/{endpoint}"


def test_accepting_nothing_does_nothing_and_what_is_accepted_says_until_when(gslbd):
    g = gslbd("health: {max_down_share: 50, window: 30s}\n", wait_ready=False)
    endpoints = ", ".join(f"{{name: e{i}, address: 192.0.2.{i + 1}}}" for i in range(12))
    g.apply(f"""
regions: [{{name: eu, default: true}}]
probers: [{{name: far}}]
monitors: [{{name: web, type: tcp, port: 1, interval: 1h, probers: [far]}}]
pools: [{{name: p, region: eu, monitor: web, endpoints: [{endpoints}]}}]
""")
    far = Prober(g, "far")
    far.report(**{f"p_e{i}": "up" for i in range(12)})
    assert g.request("POST", "/v1/health/accept", {})[2] == {"accepted": 0}
    assert "nothing is held: nothing was accepted" in g.ctl("health", "accept").stdout
    assert "gslbd_health_brake_off_until_seconds 0\n" in g.request("GET", "/metrics")[2]
    far.report(**{f"p_e{i}": "down" for i in range(12)})
    assert "gslbd_health_held 12" in g.request("GET", "/metrics")[2]
    assert g.request("POST", "/v1/health/accept", {"for": "1m"})[2] == {"accepted": 12}
    assert any("the brake on correlated failures holds nothing until" in reason for reason in reasons(g))
    assert "gslbd_health_brake_off_until_seconds 0\n" not in g.request("GET", "/metrics")[2]


def test_a_plan_is_sent_again_only_when_its_checks_are_others(gslbd, endpoints):
    (one,) = endpoints("127.0.80.1")
    g = gslbd()
    g.apply(WORLD.format(port=one.port, probers="{name: far}, {name: near}"))
    far, near = Prober(g, "far"), Prober(g, "near")

    def fetch(prober, tag=None):
        return g.request("GET", f"/v1/probers/{prober.name}/plan", headers={"If-None-Match": tag} if tag else {}, token=prober.token)

    status, headers, plan = fetch(far)
    assert status == 200 and [c["id"] for c in plan["checks"]] == ["p/e"]  # q/e is for local alone
    assert fetch(far, headers["ETag"])[0] == fetch(near, headers["ETag"])[0] == 304
    g.apply("services: []\nzones: [{name: other.example.com, ns: [ns1.example.net]}]")
    assert fetch(far, headers["ETag"])[0] == 304  # a revision without a word on checks
    g.apply(f"monitors: [{{name: web, type: tcp, port: {one.port}, interval: 300ms, timeout: 150ms}}]")
    status, again, plan = fetch(far, headers["ETag"])
    assert status == 200 and again["ETag"] != headers["ETag"] and plan["monitors"][0]["interval"] == "300ms"
    assert plan["revision"] == g.request("GET", "/v1/ready")[2]["revision"]
