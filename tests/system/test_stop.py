"""Stopped in the middle of all that it does at once: it ends soon and cleanly, and the store has what was acknowledged."""
import concurrent.futures
import contextlib
import http.client
import itertools
import json
import random
import signal
import threading
import time

import pytest
from conftest import wait_until


def configuration(weight, services=400):
    pools = "".join(f"  - {{name: p{i}, region: {'eu' if i % 2 else 'us'}, endpoints: [{{name: a, address: 192.0.2.1, weight: {weight}}}, {{name: b, address: 192.0.2.2}}]}}\n"
                    for i in range(services * 2))
    names = "".join(f"  - {{name: s{i}.z.example, pools: [p{2 * i}, p{2 * i + 1}]}}\n" for i in range(services))
    return ("regions: [{name: eu, fallback: [us]}, {name: us, default: true}]\nzones: [{name: z.example, ns: [ns1.example.net]}]\n"
            f"networks: [{{cidr: 10.{weight % 200}.0.0/16, region: eu}}]\npools:\n{pools}services:\n{names}")


class Clients:
    """Threads that ask one thing of the API each, over and over, until it is gone."""

    def __init__(self, g):
        self.g, self.token = g, g.token
        self.ended = threading.Event()
        self.acknowledged = 0
        self.done = set()

    def ask(self, kind, method, path, body=None):
        """The status, or None when gslbd is not there any more."""
        connection = http.client.HTTPConnection("127.0.0.1", self.g.api_port, timeout=30)
        with contextlib.closing(connection), contextlib.suppress(OSError, http.client.HTTPException):
            connection.request(method, path, body, {"Authorization": f"Bearer {self.token}", "Content-Type": "application/yaml"})
            reply = connection.getresponse()
            text = reply.read()
            if reply.status == 200:
                self.done.add(kind)
            if method != "GET" and reply.status == 200 and "revision" in (said := json.loads(text)) and "dry" not in path:
                self.acknowledged = max(self.acknowledged, said["revision"])
            return reply.status
        return None

    def repeat(self, kind, ask):
        for i in itertools.count(2):
            if self.ended.is_set():
                return
            ask(kind, i)


@pytest.mark.parametrize("seed", range(4))
def test_it_ends_soon_and_cleanly_whatever_is_under_way(gslbd, seed):
    g = gslbd()
    g.apply(configuration(1))
    backup = g.ctl("backup", "-").stdout
    c = Clients(g)
    many = {
        "apply": lambda kind, i: c.ask(kind, "POST", "/v1/apply", configuration(i)),
        "dry run": lambda kind, i: c.ask(kind, "POST", "/v1/apply?dry_run=true", configuration(i)),
        "small": lambda kind, i: c.ask(kind, "PATCH", f"/v1/pools/p{i % 300}", f"labels: [l{i}]"),
        "drain": lambda kind, i: c.ask(kind, "POST", "/v1/bulk", json.dumps({"select": {"region": "eu"}, "drain": {"for": "1s"}})),
        "restore": lambda kind, i: c.ask(kind, "POST", "/v1/restore", backup),
        "geo": lambda kind, i: c.ask(kind, "POST", "/v1/geo/reload"),
        "configuration": lambda kind, i: c.ask(kind, "GET", "/v1/configuration"),
        "backup": lambda kind, i: c.ask(kind, "GET", "/v1/backup"),
        "metrics": lambda kind, i: c.ask(kind, "GET", "/metrics"),
        "explain": lambda kind, i: c.ask(kind, "GET", f"/v1/explain?name=s{i % 300}.z.example&client=10.1.2.3"),
        "history": lambda kind, i: c.ask(kind, "GET", "/v1/revisions?limit=100"),
    }
    with concurrent.futures.ThreadPoolExecutor(len(many)) as pool:
        try:
            for kind, ask in many.items():
                pool.submit(c.repeat, kind, ask)
            wait_until(lambda: len(c.done) == len(many), lambda: f"each was done once: {set(many) - c.done} were not", 60)
            time.sleep(random.Random(seed).random())  # anywhere in the middle
            g.process.send_signal(signal.SIGTERM)
            assert g.process.wait(30) == 0, g.log_path.read_text()[-6000:]
        finally:
            c.ended.set()
    g.stop()
    g.start()
    assert g.request("GET", "/ready", token=False)[2]["revision"] >= c.acknowledged
