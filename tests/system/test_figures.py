"""What endpoints tell of themselves: agents, metrics of Prometheus and HAProxy, pushed verdicts, and monitors made of monitors."""
import http.server
import pathlib
import shutil
import socketserver
import subprocess
import threading

import pytest

from conftest import apply_monitors, expect_health, free_port, wait_until


def serve(server):
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    return server


class Agent:
    """A program that says one line to whoever connects."""

    def __init__(self):
        agent = self
        self.line, self.heard = "up 100%", []

        class Handler(socketserver.BaseRequestHandler):
            def handle(self):
                self.request.settimeout(0.05)
                try:
                    agent.heard.append(self.request.recv(100))
                except OSError:
                    pass
                self.request.sendall(agent.line.encode("latin-1") + b"\n")

        self.server = serve(socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler))
        self.port = self.server.server_address[1]

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def agent():
    one = Agent()
    yield one
    one.stop()


def world(g, monitors, pools):
    """One service www over pool p; monitors and pools as YAML."""
    g.apply(f"""
regions: [{{name: eu, default: true}}]
monitors: {monitors}
pools: {pools}
zones: [{{name: gslb.example.com, ns: [ns1.example.net]}}]
services: [{{name: www.gslb.example.com, pools: [p]}}]
""")


def explain(g):
    return g.ctl("explain", "www.gslb.example.com", "--client", "192.0.2.1").stdout


TIMES = "interval: 200ms, timeout: 150ms, rise: 2, fall: 3"


def test_an_agent_says_state_weight_drain_and_maintenance(gslbd, agent):
    g = gslbd()
    world(g, f"[{{name: a, type: agent, port: {agent.port}, {TIMES}, agent: {{send: \"hello\\n\"}}}}]",
          "[{name: p, region: eu, endpoints: [{name: told, address: 127.0.0.1, weight: 10, monitor: a}, {name: other, address: 192.0.2.2, weight: 10}]}]")
    g.wait_state("p/told", "up")
    assert b"hello\n" in agent.heard
    agent.line = "50%"
    wait_until(lambda: "its agent says 50% of its weight, 33.3%" in explain(g), lambda: explain(g))
    agent.line = "drain"
    wait_until(lambda: "drained by its agent" in explain(g), lambda: explain(g))
    assert g.state("p/told") == "up" and g.short("www.gslb.example.com") == ["192.0.2.2"]
    agent.line = "up"  # no word on drain: it stays
    assert "drained by its agent" in explain(g)
    agent.line = "ready 100%"
    wait_until(lambda: "told (127.0.0.1), weight 10: its agent says 100% of its weight, 50.0%" in explain(g), lambda: explain(g))
    agent.line = "0%"
    wait_until(lambda: g.request("GET", "/v1/health/p/told")[2]["drained_by_agent"], "0% drains")
    agent.line = "100% maint # kernel update"
    g.wait_state("p/told", "down")
    got = g.request("GET", "/v1/health/p/told")[2]
    assert got["reason"] == "maintenance" and "kernel update" in got["detail"]
    agent.line = "ready down # disk full"
    wait_until(lambda: g.request("GET", "/v1/health/p/told")[2]["reason"] == "agent", "it says down")
    agent.line = "up"
    g.wait_state("p/told", "up")
    agent.line = "nonsense"
    g.wait_state("p/told", "down")
    assert g.request("GET", "/v1/health/p/told")[2]["reason"] == "protocol"


def test_what_an_agent_says_need_not_be_utf8(gslbd, agent):
    g = gslbd()
    world(g, f"[{{name: a, type: agent, port: {agent.port}, {TIMES}}}]",
          "[{name: p, region: eu, monitor: a, endpoints: [{name: told, address: 127.0.0.1}]}]")
    g.wait_state("p/told", "up")
    agent.line = "down # disk \xfcberf\xfcllt"
    g.wait_state("p/told", "down")
    for path in "/v1/health", "/v1/events":
        status, _, text = g.request("GET", path, headers={"Accept": "application/yaml"})
        assert status == 200 and "disk ?berf?llt" in text
        assert "disk ?berf?llt" in str(g.request("GET", path)[2])
    assert g.request("GET", "/v1/pools?%ff=1")[0] == 400


def test_an_agent_that_is_not_required_may_be_silent(gslbd):
    g = gslbd()
    apply_monitors(g, {"required": f"type: agent, port: {free_port()}", "soft": f"type: agent, port: {free_port()}, agent: {{required: false}}"})
    expect_health(g, {"required": ("down", "connect_refused"), "soft": ("up", "ok", "Connection refused")})


def test_metrics_of_prometheus_move_clients_and_expire(gslbd):
    class Handler(http.server.BaseHTTPRequestHandler):
        page, fails = {}, False

        def do_GET(self):
            load, total = Handler.page.get(self.client_address[0], (0, 0))
            Handler.page[self.client_address[0]] = (load, total + 50)
            self.send_response(500 if Handler.fails else 200 if self.path == "/metrics" else 404)
            self.end_headers()
            self.wfile.write(f'# TYPE sessions gauge\nsessions{{kind="open"}} {Handler.load[self.server.server_address[0]]}\nrequests_total {total}\n'.encode())

        def log_message(self, *arguments):
            pass

    Handler.load = {"127.0.71.1": 10, "127.0.71.2": 90}
    servers = [serve(http.server.ThreadingHTTPServer(("127.0.71.1", 0), Handler))]
    port = servers[0].server_address[1]
    servers.append(serve(http.server.ThreadingHTTPServer(("127.0.71.2", port), Handler)))
    try:
        g = gslbd()
        world(g, f"[{{name: m, type: metrics, port: {port}, {TIMES}, stale_after: 1s, metrics: {{load: 'sessions{{kind=\"open\"}}', cpu: {{select: requests_total, rate: true, scale: 0.001}}}}}}]",
              "[{name: p, region: eu, balance: least_load, monitor: m, endpoints: [{name: idle, address: 127.0.71.1}, {name: busy, address: 127.0.71.2}]}]")
        wait_until(lambda: "load 10" in explain(g) and "load 90" in explain(g), lambda: explain(g))
        got = g.request("GET", "/v1/health/p/busy")[2]
        assert got["load"] == 90
        wait_until(lambda: g.request("GET", "/v1/health/p/busy")[2].get("cpu", 0) > 0, "the rate of a counter is known")
        wait_until(lambda: "idle (127.0.71.1), weight 1, load 10: serves, 90.0%" in explain(g), lambda: explain(g))
        Handler.load["127.0.71.2"] = "1e40"  # more than a report takes, or a float
        wait_until(lambda: g.request("GET", "/v1/health/p/busy")[2]["load"] == pytest.approx(1e12), lambda: g.request("GET", "/v1/health/p/busy"))
        Handler.fails = True
        g.wait_state("p/busy", "down")
        assert g.request("GET", "/v1/health/p/busy")[2]["reason"] == "status"
        Handler.fails = False
        g.wait_state("p/busy", "up")
    finally:
        for server in servers:
            server.shutdown()
            server.server_close()


def test_missing_metrics_are_named(gslbd):
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"a 1\n" if self.path != "/large" else b"a 1\n" * 400000)

        def log_message(self, *arguments):
            pass

    server = serve(http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler))
    port = server.server_address[1]
    try:
        g = gslbd()
        apply_monitors(g, {"there": f"type: metrics, port: {port}, metrics: {{load: a}}", "missing": f"type: metrics, port: {port}, metrics: {{load: a, cpu: b}}",
                           "large": f"type: metrics, port: {port}, path: /large, metrics: {{load: a}}"})
        expect_health(g, {"there": ("up", "ok"), "missing": ("down", "body", "no b"), "large": ("down", "body", "larger than")})
        for bad, said in (("metrics: {}", "at least one of load"), ("", 'needs "metrics"'), ("metrics: {format: haproxy_csv, load: scur}", "PROXY/SERVER:COLUMN")):
            run = g.apply(f"monitors: [{{name: x, type: metrics, {bad}}}]", check=False)
            assert run.returncode == 1 and said in run.stderr, run.stderr
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def haproxy(tmp_path, agent):
    """A haproxy with a backend of one server that it asks the agent about, and its statistics."""
    port, stats = free_port(), free_port()
    backend = serve(http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler))
    (tmp_path / "haproxy.cfg").write_text(f"""
global
    maxconn 100
defaults
    mode http
    timeout client 5s
    timeout server 5s
    timeout connect 1s
frontend web
    bind 127.0.0.1:{port}
    default_backend app
backend app
    server s1 127.0.0.1:{backend.server_address[1]} weight 100 agent-check agent-port {agent.port} agent-inter 200ms
listen stats
    bind 127.0.0.1:{stats}
    stats enable
    stats uri /stats
""")
    program = shutil.which("haproxy") or "/usr/sbin/haproxy"
    process = subprocess.Popen([program, "-db", "-f", tmp_path / "haproxy.cfg"], stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    yield process, port, stats
    process.terminate()
    process.wait(10)
    backend.shutdown()
    backend.server_close()


@pytest.mark.skipif(not pathlib.Path("/usr/sbin/haproxy").exists(), reason="haproxy is not installed")
def test_haproxy_and_gslbd_hear_the_same_of_an_agent(gslbd, haproxy, agent):
    process, port, stats = haproxy
    g = gslbd()
    world(g, f"[{{name: csv, type: metrics, port: {stats}, path: '/stats;csv', {TIMES}, metrics: {{format: haproxy_csv, load: 'app/s1:weight', errors: 'app/BACKEND:scur'}}}},"
             f" {{name: a, type: agent, port: {agent.port}, {TIMES}}}]",
          "[{name: p, region: eu, endpoints: [{name: h, address: 127.0.0.1, monitor: csv}, {name: told, address: 127.0.0.1, port: 8080, weight: 100, monitor: a}]}]")

    def weights():
        h, told = (g.request("GET", f"/v1/health/p/{name}")[2] for name in ("h", "told"))
        return h.get("load"), told.get("weight_percent"), told["drained"], told["state"]

    for line, wanted in (("30% ready", (30, 30, False, "up")), ("75%", (75, 75, False, "up")), ("maxconn:5 100%", (100, 100, False, "up"))):
        agent.line = line
        wait_until(lambda: weights() == wanted, lambda: f"{line}: {weights()}")
    agent.line = "drain"
    wait_until(lambda: weights()[2:] == (True, "up"), "drained")
    agent.line = "ready"
    wait_until(lambda: weights()[2:] == (False, "up"), "ready again")


def test_external_verdicts_come_over_the_api_and_expire(gslbd):
    g = gslbd()
    world(g, "[{name: x, type: external}, {name: strict, type: external, external: {when_silent: down}}, {name: t, type: tcp, port: 1, interval: 1h}]",
          "[{name: p, region: eu, endpoints: [{name: e, address: 192.0.2.1, monitor: x}, {name: s, address: 192.0.2.2, monitor: strict}]},"
          " {name: q, region: eu, endpoints: [{name: e, address: 127.0.0.1, monitor: t}]}]")
    assert g.state("p/e") == "unknown"
    wait_until(lambda: g.state("p/s") == "down", "silence is down where it is said to be")
    assert g.request("GET", "/v1/health/p/s")[2]["reason"] == "silent"
    assert g.short("www.gslb.example.com") == ["192.0.2.1"]
    g.ctl("endpoint", "verdict", "p/e", "down", "--for", "2s", "--reason", "disk full")
    got = g.request("GET", "/v1/health/p/e")[2]
    assert (got["state"], got["reason"], got["detail"], got["prober"]) == ("down", "said", "disk full", "admin")
    g.ctl("endpoint", "verdict", "p/s", "up")
    assert g.short("www.gslb.example.com") == ["192.0.2.2"]
    wait_until(lambda: g.state("p/e") == "unknown", "the word expires", 10)
    run = g.ctl("endpoint", "verdict", "q/e", "up", check=False)
    assert run.returncode == 1 and "not of type external" in run.stderr
    assert g.request("PUT", "/v1/pools/p/endpoints/none/verdict", {"state": "up"})[0] == 404
    assert g.request("PUT", "/v1/pools/p/endpoints/e/verdict", {"state": "maybe"})[0] == 422


def test_a_composite_needs_enough_of_its_parts(gslbd, endpoints, agent):
    (web,) = endpoints("127.0.0.1")
    gone = free_port()
    g = gslbd()
    times = "interval: 300ms, timeout: 250ms, rise: 1, fall: 1"
    g.apply(f"""
regions: [{{name: eu, default: true}}]
monitors:
  - {{name: web, type: http, port: {web.port}, {times}}}
  - {{name: gone, type: tcp, port: {gone}, {times}}}
  - {{name: agent, type: agent, port: {agent.port}, {times}, agent: {{required: false}}}}
  - {{name: gateway, type: tcp, address: 127.0.0.9, port: {web.port}, {times}}}
  - {{name: all, type: composite, {times}, composite: {{of: [web, agent]}}}}
  - {{name: both, type: composite, {times}, composite: {{of: [web, gone]}}}}
  - {{name: any, type: composite, {times}, composite: {{of: [web, gone], need: any}}}}
  - {{name: two, type: composite, {times}, composite: {{of: [web, gone, agent], need: 2}}}}
  - {{name: front, type: composite, {times}, composite: {{of: [any, gateway]}}}}
pools:
""" + "".join(f"  - {{name: {name}, region: eu, monitor: {name}, endpoints: [{{name: e, address: 127.0.0.1}}]}}\n" for name in ("all", "both", "any", "two", "front")))
    expect_health(g, {"all": ("up", "ok", "2 of 2"), "both": ("down", "parts", "gone: connect_refused"), "any": ("up", "ok", "1 of 2"),
                      "two": ("up", "ok", "2 of 3"), "front": ("down", "parts", "gateway: connect_refused")})
    agent.line = "drain 40%"
    wait_until(lambda: g.request("GET", "/v1/health/all/e")[2]["drained_by_agent"], "what the agent says goes through")
    agent.line = "ready down"
    expect_health(g, {"all": ("down", "parts", "agent: agent ready down")})
    web.stop()
    expect_health(g, {"any": ("down", "parts"), "two": ("down", "parts")})
    for bad, said in (("{of: [none]}", "refers to monitors[none]"), ("{of: [loop]}", "not in a circle"), ("{of: []}", "at least one monitor"),
                      ("{of: [web], need: 2}", "expected at most 1"), ("{of: [web], need: most}", "expected all, any")):
        run = g.apply(f"monitors: [{{name: loop, type: composite, composite: {bad}}}]", check=False)
        assert run.returncode == 1 and said in run.stderr, run.stderr
    run = g.ctl("delete", "monitor", "gone", check=False)
    assert run.returncode == 1 and "composite.of" in run.stderr, run.stderr
