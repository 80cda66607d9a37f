"""Health that does not surprise: the brake on correlated failures, the circuit breaker, events."""
import subprocess
import time

from conftest import Endpoint, wait_until


def world(g, port, count, monitor=""):
    endpoints = ", ".join(f"{{name: e{i}, address: 127.0.80.{i + 1}}}" for i in range(count))
    g.apply(f"""
regions: [{{name: eu, default: true}}]
monitors: [{{name: web, type: tcp, port: {port}, interval: 200ms, timeout: 150ms, rise: 1, fall: 2, {monitor}}}]
pools: [{{name: p, region: eu, monitor: web, answers: 16, endpoints: [{endpoints}]}}]
zones: [{{name: gslb.example.com, ns: [ns1.example.net]}}]
services: [{{name: www.gslb.example.com, ttl: 5, pools: [p]}}]
""")


def test_too_many_deaths_at_once_are_held_until_accepted(gslbd):
    g = gslbd("health: {max_down_share: 50, window: 30s}\n")
    everywhere = Endpoint("0.0.0.0")
    try:
        world(g, everywhere.port, 12)
        wait_until(lambda: all(e["state"] == "up" for e in g.request("GET", "/v1/health")[2]["items"]), "all are up")
        everywhere.stop()
        wait_until(lambda: len([e for e in g.request("GET", "/v1/health")[2]["items"] if e.get("held")]) == 12, "all are held")
        assert len(g.short("www.gslb.example.com")) == 12
        assert "gslbd_health_held 12" in g.request("GET", "/metrics")[2]
        assert any("would go down at once" in reason for reason in g.request("GET", "/v1/ready")[2]["reasons"])
        assert "would go down at once: that is held" in g.log_path.read_text()
        assert "held" in g.ctl("health").stdout
        said = g.ctl("health", "accept", "--for", "1m", "--reason", "the rack burns").stdout
        assert "12 held changes are accepted" in said
        assert all(e["state"] == "down" for e in g.request("GET", "/v1/health")[2]["items"])
        everywhere.restart()
        wait_until(lambda: all(e["state"] == "up" for e in g.request("GET", "/v1/health")[2]["items"]), "all are up again")
    finally:
        everywhere.stop()


def test_what_comes_back_is_on_trial(gslbd, endpoints):
    good, flaky = endpoints("127.0.80.1", "127.0.80.2")
    g = gslbd()
    world(g, good.port, 2, "breaker: {half_open: 5, for: 2s}")
    g.wait_state("p/e1", "up")
    flaky.stop()
    g.wait_state("p/e1", "down")
    flaky.restart()
    g.wait_state("p/e1", "up")

    def explain():
        return g.ctl("explain", "www.gslb.example.com", "--client", "192.0.2.1").stdout

    assert "half-open: on trial with 5% of its weight" in explain()
    assert g.request("GET", "/v1/health/p/e1")[2]["half_open_percent"] == 5
    wait_until(lambda: "half-open" not in explain(), "the trial ends")
    flaky.stop()
    g.wait_state("p/e1", "down")
    flaky.restart()
    g.wait_state("p/e1", "up")
    flaky.stop()  # it fails its trial
    g.wait_state("p/e1", "down")
    flaky.restart()
    wait_until(lambda: g.request("GET", "/v1/health/p/e1")[2]["reason"] == "breaker", "it waits")
    g.wait_state("p/e1", "up")


def test_events_tell_the_cause_and_how_long_the_state_before_lasted(gslbd, endpoints):
    (one,) = endpoints("127.0.80.1")
    g = gslbd()
    world(g, one.port, 1)
    g.wait_state("p/e0", "up")
    follow = subprocess.Popen(g.ctl_command("events", "--follow"), stdout=subprocess.PIPE, text=True)
    try:
        time.sleep(0.5)  # so that the state lasts a while
        one.stop()
        g.wait_state("p/e0", "down")
        reply = g.request("GET", "/v1/events")[2]
        up, down = reply["items"]
        assert (up["before"], up["state"], down["before"], down["state"]) == ("unknown", "up", "up", "down")
        assert down["reason"] == "connect_refused" and down["prober"] == "local" and down["lasted_ms"] >= 500
        assert reply["next"] is None
        first = g.request("GET", "/v1/events?after=0&limit=1")[2]
        assert first["items"] == [up] and first["next"] == "1"
        assert g.request("GET", "/v1/events?after=1")[2]["items"] == [down]
        assert g.request("GET", "/v1/events?after=2")[2]["items"] == []
        one.restart()
        g.wait_state("p/e0", "up")
        metrics = g.request("GET", "/metrics")[2]
        assert 'gslbd_endpoint_health_changes_total{pool="p",endpoint="e0"} 2' in metrics
        assert "gslbd_endpoint_down_seconds_total" in metrics
        seen = []
        while not any("connect_refused" in line for line in seen) or not seen[-1].split()[2:3] == ["up"]:
            seen.append(follow.stdout.readline())
            assert seen[-1], seen
    finally:
        follow.kill()
        follow.wait(10)
        follow.stdout.close()


def test_every_state_says_why(gslbd, endpoints):
    (one,) = endpoints("127.0.80.1")
    g = gslbd()
    world(g, one.port, 1)
    g.wait_state("p/e0", "up")
    g.apply(f"monitors: [{{name: web, type: tcp, port: {one.port}, interval: 200ms, timeout: 150ms, fall: 2, rise: 1, enabled: false}}]")
    one.stop()
    got = g.request("GET", "/v1/health/p/e0")[2]
    assert (got["state"], got["reason"], got["paused"]) == ("up", "paused", True)
    g.apply("""
monitors: [{name: never, type: tcp, port: 1, interval: 1h, before_first_check: down}, {name: later, type: external}]
pools:
  - {name: q, region: eu, endpoints: [{name: free, address: 192.0.2.1}, {name: off, address: 192.0.2.2, enabled: false}]}
  - {name: r, region: eu, monitor: {name: never, probers: [nobody]}, endpoints: [{name: e, address: 192.0.2.3}]}
  - {name: s, region: eu, monitor: later, endpoints: [{name: e, address: 192.0.2.4}]}
""")
    states = {e["id"]: (e["state"], e.get("reason")) for e in g.request("GET", "/v1/health")[2]["items"]}
    assert states["q/free"] == ("not monitored", None) and states["q/off"] == ("disabled", None)
    assert states["r/e"] == ("down", "not_yet") and states["s/e"] == ("unknown", "silent")
