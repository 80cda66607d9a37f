"""Probers in network namespaces of their own, reporting over HTTPS: partitions by `ip link`, endpoints that are nginx, two gslbd at
once, and round trips for steering by latency."""
import http.server
import json
import subprocess
import threading
import time

import pytest

from conftest import CTL, PROBER, Gslbd, wait_until

NODES = {"a": "10.55.0.1", "b": "10.55.0.2"}
HOSTS = {"a": [None, NODES["a"]], "b": [None, NODES["b"]], "p1": ["10.54.0.11", "10.55.0.11"], "p2": ["10.54.0.12", "10.55.0.12"],
         "p3": ["10.54.0.13", "10.55.0.13"], "e1": ["10.54.0.21"], "e2": ["10.54.0.22"]}
TIMES = "interval: 300ms, timeout: 250ms, rise: 1, fall: 2"


class Node:
    """A gslbd in a namespace, with its admin API over HTTPS."""

    def __init__(self, network, name, directory, authority):
        self.network, self.name, self.authority = network, name, authority
        directory.mkdir()
        certificate = f"tls: {{certificate: {authority}/web.pem, key: {authority}/web.key}}"
        self.g = Gslbd(directory, "probes: {enabled: false}\n", listen="127.0.0.1:0", prefix=network.within(name))
        text = self.g.settings.read_text().replace('admin: {listen: "127.0.0.1:0"}', f'admin: {{listen: "{NODES[name]}:8053", {certificate}}}')
        self.g.settings.write_text(text)
        self.g.start()

    def ctl(self, *arguments, stdin=None):
        command = [CTL, "-s", f"https://{NODES[self.name]}:8053", "--ca-file", self.authority / "ca.pem", "-t", self.g.token_path, *arguments]
        return subprocess.run(self.network.within(self.name) + [str(a) for a in command], input=stdin, check=True, capture_output=True, text=True).stdout

    def health(self, endpoint):
        return json.loads(self.ctl("health", endpoint, "-o", "json"))

    def said(self, endpoint):
        """{prober: state}"""
        return {v["prober"]: v["state"] for v in self.health(endpoint)["verdicts"]}

    def stop(self):
        assert self.g.stop() == 0, self.g.log_path.read_text()


@pytest.fixture
def certified(authority):
    """The authority's certificate is for the nodes' addresses."""
    (authority / "ext").write_text("subjectAltName=" + ",".join(f"IP:{address}" for address in NODES.values()) + "\n")
    subprocess.run(["openssl", "x509", "-req", "-in", "web.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", "ext", "-out",
                    "web.pem"], check=True, capture_output=True, cwd=authority)
    subprocess.run(["openssl", "x509", "-req", "-in", "web.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "-1", "-out", "ended.pem"],
                   check=True, capture_output=True, cwd=authority)
    return authority


def start_nginx(network, name, directory, authority=None):
    directory.mkdir()
    tls = f"listen 443 ssl; ssl_certificate {authority}/ended.pem; ssl_certificate_key {authority}/web.key;" if authority else ""
    (directory / "nginx.conf").write_text(f"""
daemon off;
master_process off;
pid {directory}/pid;
error_log {directory}/error;
events {{}}
http {{
  access_log off;
  client_body_temp_path {directory}/body; proxy_temp_path {directory}/proxy; fastcgi_temp_path {directory}/fcgi;
  uwsgi_temp_path {directory}/uwsgi; scgi_temp_path {directory}/scgi;
  server {{
    listen 80;
    {tls}
    location /slow {{ limit_rate 1; return 200 "state: ready, but slowly\n"; }}
    location / {{ return 200 "state: ready\\n"; }}
    location /500 {{ return 500; }}
  }}
}}
""")
    return network.start(name, "nginx", "-p", directory, "-c", directory / "nginx.conf")


CONFIGURATION = """
regions: [{{name: eu, default: true}}]
probers: [{{name: p1}}, {{name: p2}}, {{name: p3}}]
monitors:
  - {{name: web, type: http, {TIMES}, expect: {{body: ready}}}}
  - {{name: failing, type: http, path: /500, {TIMES}}}
  - {{name: wrong, type: http, {TIMES}, expect: {{body: busy}}}}
  - {{name: slow, type: http, path: /slow, {TIMES}}}
  - {{name: ended, type: https, host: web.example.com, tls: {{ca_file: {CA}}}, {TIMES}}}
pools:
  - {{name: p, region: eu, monitor: web, endpoints: [{{name: e1, address: 10.54.0.21}}, {{name: e2, address: 10.54.0.22}}]}}
  - {{name: more1, region: eu, monitor: web, endpoints: [10.54.0.22]}}
  - {{name: more2, region: eu, monitor: web, endpoints: [10.54.0.22]}}
  - {{name: more3, region: eu, monitor: web, endpoints: [10.54.0.22]}}
  - {{name: failing, region: eu, endpoints: [{{name: it, address: 10.54.0.21, monitor: failing}}]}}
  - {{name: wrong, region: eu, endpoints: [{{name: it, address: 10.54.0.21, monitor: wrong}}]}}
  - {{name: slow, region: eu, endpoints: [{{name: it, address: 10.54.0.21, monitor: slow}}]}}
  - {{name: ended, region: eu, endpoints: [{{name: it, address: 10.54.0.21, monitor: ended}}]}}
"""


def start_prober(network, name, nodes, directory, authority):
    command = [PROBER, "--name", name, "--ca-file", authority / "ca.pem"]
    for node in nodes:
        token = directory / f"{name}.{node.name}.token"
        token.write_text(node.ctl("token", "create", name, "--role", "prober", "--prober", name))
        command += ["--server", f"https://{NODES[node.name]}:8053", "--token-file", token]
    return network.start(name, *command)


def test_partitions_take_nothing_down_but_what_most_see_down(network, certified, tmp_path):
    n = network(HOSTS)
    a = Node(n, "a", tmp_path / "a", certified)
    try:
        nginx = {name: start_nginx(n, name, tmp_path / name, certified) for name in ("e1", "e2")}
        a.ctl("apply", "-f", "-", stdin=CONFIGURATION.format(TIMES=TIMES, CA=certified / "ca.pem"))
        for name in ("p1", "p2", "p3"):
            start_prober(n, name, [a], tmp_path, certified)
        wait_until(lambda: a.said("p/e1") == a.said("p/e2") == {"p1": "up", "p2": "up", "p3": "up"}, "all probers see all endpoints")
        for name, reason in {"failing": "status", "wrong": "body", "slow": "timeout", "ended": "certificate"}.items():
            wait_until(lambda: (a.health(f"{name}/it")["state"], a.health(f"{name}/it")["reason"]) == ("down", reason), f"{name} is down: {reason}")

        n.inside("p1", "ip", "link", "set", "eth0", "down")  # one is cut off from the endpoints
        wait_until(lambda: a.said("p/e1")["p1"] == "down", "p1 sees e1 down")
        n.inside("p2", "ip", "link", "set", "eth0", "down")  # most are: they see nothing at all, so it is them
        wait_until(lambda: [p["trusted"] for p in json.loads(a.ctl("health", "-o", "json"))["probers"]].count(False) == 2, "both are distrusted")
        assert a.health("p/e1")["state"] == a.health("p/e2")["state"] == "up"
        for name in ("p1", "p2"):
            n.inside(name, "ip", "link", "set", "eth0", "up")
        wait_until(lambda: a.said("p/e1") == {"p1": "up", "p2": "up", "p3": "up"}, "the links are back")
        for name in ("p1", "p2"):  # most are cut off from one endpoint
            n.inside(name, "ip", "route", "add", "blackhole", "10.54.0.21/32")
        wait_until(lambda: a.health("p/e1")["state"] == "down", "most see it down")
        assert a.health("p/e2")["state"] == "up"
        for name in ("p1", "p2"):
            n.inside(name, "ip", "route", "delete", "blackhole", "10.54.0.21/32")
        wait_until(lambda: a.said("p/e1") == {"p1": "up", "p2": "up", "p3": "up"}, "it is back")

        n.inside("p3", "ip", "link", "set", "eth1", "down")  # one is cut off from gslbd, and goes on checking
        nginx["e1"].terminate()
        wait_until(lambda: a.health("p/e1")["state"] == "down", "the two that report see the death")
        assert a.said("p/e1")["p3"] == "up"  # its last word
        n.inside("p3", "ip", "link", "set", "eth1", "up")
        wait_until(lambda: a.said("p/e1")["p3"] == "down", "it catches up", 30)
        start_nginx(n, "e1", tmp_path / "e1again")
        wait_until(lambda: a.said("p/e1") == {"p1": "up", "p2": "up", "p3": "up"}, "all see it again", 30)
    finally:
        a.stop()


def test_one_prober_reports_to_two_gslbd_and_a_dead_one_does_not_delay_the_other(network, certified, tmp_path):
    n = network(HOSTS)
    nodes = [Node(n, name, tmp_path / name, certified) for name in ("a", "b")]
    try:
        nginx = start_nginx(n, "e1", tmp_path / "e1", certified)
        for node in nodes:
            node.ctl("apply", "-f", "-", stdin=CONFIGURATION.format(TIMES=TIMES, CA=certified / "ca.pem"))
        start_prober(n, "p1", nodes, tmp_path, certified)
        wait_until(lambda: nodes[0].said("p/e1") == nodes[1].said("p/e1") == {"p1": "up"}, "both hear of it")
        n.inside("b", "ip", "link", "set", "eth1", "down")
        nginx.terminate()
        wait_until(lambda: nodes[0].said("p/e1") == {"p1": "down"}, "the other hears of the death")
        n.inside("b", "ip", "link", "set", "eth1", "up")
        wait_until(lambda: nodes[1].said("p/e1") == {"p1": "down"}, "the one that was cut off catches up", 30)
    finally:
        for node in nodes:
            node.stop()


def latency_world(g, near, far, port):
    g.apply(f"""
regions: [{{name: here, default: true}}, {{name: there}}]
monitors: [{{name: web, type: http, port: {port}, interval: 500ms, timeout: 450ms, rise: 1, fall: 3}}]
pools:
  - {{name: far, region: there, monitor: web, endpoints: [{{name: e, address: {far}}}]}}
  - {{name: near, region: here, monitor: web, endpoints: [{{name: e, address: {near}}}]}}
zones: [{{name: gslb.example.com, ns: [ns1.example.net]}}]
services: [{{name: www.gslb.example.com, ttl: 5, steering: latency, pools: [far, near]}}]
""")


def test_latency_steering_prefers_the_near_endpoint(gslbd):
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            if self.server.server_address[0] == "127.0.90.2":
                time.sleep(0.2)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *arguments):
            pass

    near = http.server.ThreadingHTTPServer(("127.0.90.1", 0), Handler)
    far = http.server.ThreadingHTTPServer(("127.0.90.2", near.server_address[1]), Handler)
    for server in (near, far):
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        g = gslbd()
        latency_world(g, "127.0.90.1", "127.0.90.2", near.server_address[1])
        wait_until(lambda: g.short("www.gslb.example.com") == ["127.0.90.1"], "the near one serves")
        story = g.ctl("explain", "www.gslb.example.com", "--client", "192.0.2.1").stdout
        assert "by round trips" in story, story
    finally:
        for server in (near, far):
            server.shutdown()
            server.server_close()


def test_latency_steering_prefers_the_endpoint_without_200_ms_of_netem(network, tmp_path):
    n = network({"node": ["10.54.0.1"], "e1": ["10.54.0.21"], "e2": ["10.54.0.22"]})
    if subprocess.run(n.within("e2") + ["tc", "qdisc", "add", "dev", "eth0", "root", "netem", "delay", "200ms"], capture_output=True).returncode:
        pytest.skip("this kernel has no netem")
    for name in ("e1", "e2"):
        start_nginx(n, name, tmp_path / name)
    (tmp_path / "g").mkdir()
    g = Gslbd(tmp_path / "g", prefix=n.within("node")).start()

    def inside(command, stdin=None):
        return subprocess.run(n.within("node") + [str(a) for a in command], input=stdin, check=True, capture_output=True, text=True).stdout

    class Inside:
        @staticmethod
        def apply(text):
            inside(g.ctl_command("apply", "-f", "-"), text)

    try:
        latency_world(Inside, "10.54.0.21", "10.54.0.22", 80)
        wait_until(lambda: inside(["dig", "@127.0.0.1", "-p", str(g.port), "+short", "www.gslb.example.com"]).split() == ["10.54.0.21"], "the near one serves")
    finally:
        assert g.stop() == 0
