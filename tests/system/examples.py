"""The configuration that the examples of docs/openapi.yaml and of gslbctl's help stand in: what they name is there, and what they change can be
taken back."""
import json
import time

import pytest

import openapi
from conftest import wait_until

DOCUMENT = openapi.load()
OPERATIONS = openapi.operations(DOCUMENT)
TOKENS = {"grafana": {"role": "read"}, "paris": {"role": "prober", "prober": "paris"}}
ROLES = ("read", "operate", "edit", "admin", "prober")


def may(role, needed):
    """Whether a token of this role (None: no token) may make a call that needs this one (None: open to all)."""
    if needed is None or role == "admin":
        return True
    if role is None or "prober" in (role, needed):
        return role == needed
    return ROLES.index(role) >= ROLES.index(needed)


class World:
    """A gslbd in that configuration."""

    def __init__(self, gslbd):
        self.g = gslbd()
        self.ask("POST", "/v1/apply", next(one.example for one in OPERATIONS if one.path == "/v1/apply"))
        self.secrets = {}
        for name in TOKENS:
            self.make_token(name, **TOKENS[name])
        while self.revision() < 13:  # the help speaks of revisions 11 and 12; each can be undone by itself
            self.ask("POST", "/v1/regions", {"name": f"region{self.revision() + 1}"})
        # There to be deleted, and to be confirmed.
        self.waiting = self.ask("PUT", "/v1/rules?confirm_within=7d", {"regions_serving": 0})["confirm"]["name"]
        self.make_shifts()
        bad = {"pools": [{"name": "tried", "region": "eu", "monitor": "web", "endpoints": [{"name": "t1", "address": "127.0.0.1", "port": 1}]}]}
        self.trial = self.ask("POST", "/v1/apply?check_first&check_within=1h", bad)["trial"]["id"]
        self.g.wait_state("shop/s1", "down")
        self.number = self.ask("POST", "/v1/pools/shop/endpoints/s1/check")["number"]
        self.base, self.known = self.revision(), set(TOKENS) | {"admin"}

    def make_shifts(self):
        """One that runs, and one that waits."""
        wait_until(self.shifts_know, "gslbd sees which shifts have been changed by others")
        is_now = {one["name"]: one["state"] for one in self.ask("GET", "/v1/shifts")["items"]}
        for name, state in {"moving.gslb.example.com": "running", "waiting.gslb.example.com": "paused"}.items():
            if is_now.get(name) == state:
                continue
            if name in is_now:
                self.ask("POST", f"/v1/services/{name}/shift/abort")
            pools = [{"pool": "web-eu", "weight": 100}, {"pool": "canary", "weight": 0}]
            self.ask("PUT", f"/v1/services/{name}", {"steering": "weighted", "pools": pools})
            self.ask("POST", f"/v1/services/{name}/shift", {"to": "canary", "steps": [10, 100], "every": "7d"})
            wait_until(lambda: self.has_begun(name), "the first step is in force")
            if state == "paused":
                self.ask("POST", f"/v1/services/{name}/shift/pause")

    def share(self, service):
        """Of the pool canary, in percent."""
        weights = {one["pool"]: one.get("weight", 1) for one in self.ask("GET", f"/v1/services/{service}")["pools"]}
        return 100 * weights.get("canary", 0) // (sum(weights.values()) or 1)

    def shifts_know(self):
        shifts = self.ask("GET", "/v1/shifts")["items"]
        return all(one["state"] == "stopped" or self.share(one["name"]) == one["percent"] for one in shifts)

    def has_begun(self, service):
        """gslbd makes the first step by itself: a revision of its own."""
        return self.share(service) == 10 and self.ask("GET", "/v1/revisions?limit=1")["items"][0]["number"] == self.revision()

    def make_token(self, name, **more):
        self.secrets[name] = self.ask("POST", "/v1/tokens", {"name": name} | more)["secret"]

    def make_roles(self):
        """{who: secret}: a token of each role, none (False), one that has ended, one that nobody made."""
        for role in ("read", "operate", "edit", "admin"):
            self.make_token(f"a-{role}", role=role)
        self.make_token("short", role="admin", **{"for": "1s"})
        self.base, self.known = self.revision(), self.known | {f"a-{role}" for role in ROLES} | {"short"}
        return {role: self.secrets[f"a-{role}"] for role in ("read", "operate", "edit", "admin")} | {
            "prober": self.secrets["paris"], "nobody": False, "ended": self.secrets["short"], "unknown": "gslbd_" + "0" * 64}

    def ask(self, method, path, body=None):
        status, _, reply = self.g.request(method, path, body)
        assert status < 300, (method, path, status, reply)
        return reply

    def revision(self):
        return self.ask("GET", "/v1/ready")["revision"]

    def call(self, operation, body=None, headers=None, token=True, sender="127.0.0.1", **query):
        headers = dict(headers or {})
        if body is not None and operation.content_type:
            headers["Content-Type"] = operation.content_type
        if operation.content_type == "text/plain":
            body = body.encode()
        url = operation.url(**query)
        if operation.path.startswith("/v1/confirms/{"):
            url = url.replace("/14/", f"/{self.waiting}/")
        if operation.path.startswith("/v1/trials/{"):
            url = url.replace("/1f2e3d4c5b6a", f"/{self.trial}")
        if operation.path.endswith("/check/{number}"):
            url = url.replace("/123456789", f"/{self.number}")
        while True:
            said = self.g.request(operation.method, url, body, headers, token, sender)
            if said[0] != 429 or not operation.path.endswith("/check"):
                return said
            time.sleep(0.1)  # an endpoint is tried once a second

    def state(self):
        """Everything that a call could change but when a token was used."""
        shown = [self.ask("GET", path) for path in ("/v1/configuration", "/v1/drains", "/v1/events", "/v1/revisions?limit=1000")]
        health = [{k: v for k, v in one.items() if k in ("id", "drained", "state", "load", "weight_percent")} for one in self.ask("GET", "/v1/health")["items"]]
        return json.dumps([self.revision(), *shown, [{k: v for k, v in one.items() if k != "ended"} for one in self.g.tokens()], health], sort_keys=True)

    def restore(self):
        """What an example changed is taken back."""
        if self.revision() == self.base:
            return
        for drain in self.ask("GET", "/v1/drains")["items"]:
            scope, name = drain["name"].split("/", 1)
            self.ask("POST", f"/v1/{scope}s/{name}/restore")
        self.ask("POST", f"/v1/revisions/{self.base}/rollback")
        names = {one["name"] for one in self.ask("GET", "/v1/tokens")["items"]}
        for name in names - self.known:
            self.ask("DELETE", f"/v1/tokens/{name}")
        for name in TOKENS.keys() - names:
            self.make_token(name, **TOKENS[name])
        if not self.ask("GET", "/v1/confirms")["items"]:
            self.waiting = self.ask("POST", "/v1/regions?confirm_within=7d", {"name": f"waiting{self.revision()}"})["confirm"]["name"]
        self.make_shifts()
        self.base = self.revision()


@pytest.fixture
def world(gslbd):
    return World(gslbd)
