"""Tokens: roles, ends, last use, the last admin, and what the audit log says."""
import datetime
import re
import time

from conftest import two_regions, wait_until

ORDER = ["read", "operate", "edit", "admin"]


def serving(gslbd, **more):
    g = gslbd(**more)
    g.apply(two_regions(9))
    return g


def make(g, name, role, **more):
    status, _, reply = g.request("POST", "/v1/tokens", {"name": name, "role": role, **more})
    assert status == 201, reply
    return reply["secret"]


def audit(g):
    return [line for line in g.log_path.read_text().splitlines() if " audit: " in line]


def a_path(call):
    path = call["path"].replace("{kind}", "services")
    return re.sub(r"\{\}", "nothing", path)


def revision(g):
    return g.request("GET", "/ready", token=False)[2]["revision"]


def test_every_call_is_refused_to_a_lesser_role_and_says_which_it_needs(gslbd):
    g = serving(gslbd)
    secrets = {role: make(g, f"t-{role}", role) for role in ORDER}
    g.apply("probers: [{name: far}]")
    secrets["prober"] = make(g, "t-prober", "prober", prober="far")
    before = revision(g)
    calls = [c for c in g.request("GET", "/v1/calls")[2]["items"] if c["role"]]
    assert {c["role"] for c in calls} == {"read", "operate", "edit", "admin", "prober"}
    for call in calls:
        needs = call["role"]
        for role, secret in secrets.items():
            may = role in ("admin", "prober") if needs == "prober" else role in ORDER and ORDER.index(role) >= ORDER.index(needs)
            status, _, reply = g.request(call["method"], a_path(call) + ("?dry_run" if call["changes"] else ""), {} if call["changes"] else None, token=secret)
            if may:
                assert status != 401 and (status != 403 or "this needs role" not in reply["detail"]), (call, role, reply)
            else:
                assert status == 403 and reply["detail"] == f'this needs role {needs}, the token "t-{role}" has role {role}', (call, role, reply)
    assert revision(g) == before


def test_an_operator_drains_and_changes_no_configuration(gslbd):
    g = serving(gslbd)
    operate, edit = make(g, "night", "operate"), make(g, "day", "edit")
    for path in ("/v1/regions/eu", "/v1/pools/web-eu", "/v1/pools/web-eu/endpoints/eu1"):
        assert g.request("POST", f"{path}/drain", {}, token=operate)[0] == 200
        assert g.request("POST", f"{path}/restore", token=operate)[0] == 200
    select = {"pool": "web-eu"}
    assert g.request("POST", "/v1/bulk", {"select": select, "drain": {}}, token=operate)[0] == 200
    assert g.request("POST", "/v1/bulk", {"select": select, "restore": True}, token=operate)[0] == 200
    before = g.request("GET", "/v1/configuration")[2]
    for method, path, body in (("POST", "/v1/bulk", {"select": select, "weight": 3}), ("POST", "/v1/bulk", {"select": select, "enabled": False}),
                               ("PATCH", "/v1/pools/web-eu", {"balance": "hash"}), ("DELETE", "/v1/services/www.gslb.example.com", None),
                               ("POST", "/v1/apply", {}), ("POST", "/v1/revisions/1/rollback", None)):
        status, _, reply = g.request(method, path, body, token=operate)
        assert (status, reply["detail"]) == (403, 'this needs role edit, the token "night" has role operate'), (path, reply)
    assert g.request("GET", "/v1/configuration")[2] == before
    assert g.request("POST", "/v1/bulk", {"select": select, "weight": 3}, token=edit)[0] == 200
    assert g.request("GET", "/v1/tokens", token=edit)[0] == 403


def test_a_token_ends_and_says_so(gslbd):
    g = serving(gslbd)
    secret = make(g, "short", "read", **{"for": "2s"})
    assert g.request("GET", "/v1/pools", token=secret)[0] == 200
    wait_until(lambda: g.request("GET", "/v1/pools", token=secret)[0] == 401, "the token ends")
    assert 'the token "short" ended at 20' in g.request("GET", "/v1/pools", token=secret)[2]["detail"]
    assert [t["ended"] for t in g.request("GET", "/v1/tokens")[2]["items"] if t["name"] == "short"] == [True]
    g.stop()
    g.start()
    assert g.request("GET", "/v1/pools", token=secret)[0] == 401
    for body, wrong in (({"for": "soon"}, "for: expected a duration such as 30d"), ({"for": "0s"}, "for: expected a duration"),
                        ({"for": "1d", "until": "2099-01-01T00:00:00Z"}, 'for: goes without "until"'),
                        ({"until": "2001-01-01T00:00:00Z"}, "until: is over already"), ({"until": "never"}, "until: expected a time")):
        status, _, reply = g.request("POST", "/v1/tokens", {"name": "x", "role": "read", **body})
        assert status == 422 and wrong in f"{reply['problems'][0]['path']}: {reply['problems'][0]['message']}", (body, reply)


def test_a_token_that_ends_soon_is_told_before(gslbd):
    g = serving(gslbd)
    g.ctl("token", "create", "later", "--role", "read", "--for", "8d")
    assert "tokens:" not in g.ctl("ready").stdout
    g.ctl("token", "create", "sooner", "--role", "read", "--for", "6d")
    said = g.ctl("ready").stdout
    assert "tokens: 1 end within 7 days, the first at 20" in said and "sooner" not in said
    wait_until(lambda: 'the token "sooner" ends at 20' in g.log_path.read_text(), "the log warns")
    assert 'the token "later" ends' not in g.log_path.read_text()
    until = [t["until"] for t in g.request("GET", "/v1/tokens")[2]["items"] if t["name"] == "later"][0]
    left = datetime.datetime.fromisoformat(until.replace("Z", "+00:00")) - datetime.datetime.now(datetime.timezone.utc)
    assert datetime.timedelta(days=7.9) < left < datetime.timedelta(days=8.1)


def test_last_use_is_known_over_a_restart_and_makes_no_revision(gslbd):
    g = serving(gslbd)
    secret = make(g, "watcher", "read")
    make(g, "idle", "read")

    def used():
        return {t["name"]: t.get("last_used") for t in g.request("GET", "/v1/tokens")[2]["items"]}

    assert used()["watcher"] is None
    before = revision(g)
    g.request("GET", "/v1/pools", token=secret)
    last = used()["watcher"]
    assert last and not used()["idle"] and revision(g) == before
    time.sleep(0.01)
    g.request("GET", "/v1/pools", token=secret)
    assert used()["watcher"] > last
    last = used()["watcher"]
    assert "LAST USED" in g.ctl("tokens").stdout and last[:19] in g.ctl("tokens").stdout
    g.stop()
    g.start()
    assert used()["watcher"] == last and revision(g) == before
    # The first use is on disk within a tick, for whoever dies.
    first = make(g, "crash", "read")
    read = (g.store / "data.mdb").read_bytes
    before = [read()]

    def written():
        before.append(read())
        return before[0] != before[-1] == before[-2]

    g.request("GET", "/v1/pools", token=first)
    last = used()["crash"]
    wait_until(written, "the use is noted")
    g.process.kill()
    g.process.wait()
    g.start()
    assert used()["crash"] == last
    # Another token of the same name was not used before.
    g.ctl("token", "delete", "crash")
    make(g, "crash", "read")
    assert used()["crash"] is None


def test_the_last_admin_token_stays(gslbd):
    g = serving(gslbd)
    before = revision(g)
    status, _, reply = g.request("DELETE", "/v1/tokens/admin")
    assert status == 409 and "tokens[admin] is the last one of role admin without an end" in reply["detail"] and "gslbctl token create" in reply["detail"]
    assert g.request("DELETE", "/v1/tokens/admin?dry_run")[0] == 409
    short = make(g, "short", "admin", **{"for": "1d"})
    assert g.request("DELETE", "/v1/tokens/admin", token=short)[0] == 409
    assert revision(g) == before + 1
    second = make(g, "second", "admin")
    assert g.request("DELETE", "/v1/tokens/admin", token=second)[0] == 200
    assert g.request("GET", "/v1/tokens")[0] == 401
    assert g.request("DELETE", "/v1/tokens/second", token=second)[0] == 409


def test_every_refusal_and_change_is_in_the_audit_log(gslbd):
    g = serving(gslbd)
    reader = make(g, "looker", "read")
    edit = make(g, "ed", "edit")
    mark = len(audit(g))
    for _ in range(30):  # more than strangers get
        g.request("DELETE", "/v1/pools/web-eu", token=reader)
    lines = audit(g)[mark:]
    assert len(lines) == 30
    assert 'refused DELETE /v1/pools/web-eu of "looker" from 127.0.0.1: 403, this needs role edit, the token "looker" has role read' in lines[0]
    mark = len(audit(g))
    g.request("PATCH", "/v1/pools/web-eu", {"balance": "hash"}, {"If-Match": '"0"'}, token=edit)
    g.request("DELETE", "/v1/regions/eu", token=edit)
    g.request("PATCH", "/v1/pools/web-eu?dry_run", {"balance": "hash"}, token=edit)
    status, _, reply = g.request("PATCH", "/v1/pools/web-eu?comment=why", {"balance": "hash"}, token=edit)
    assert status == 200
    g.request("POST", "/v1/health/accept", {}, token=edit)
    g.request("GET", "/v1/pools", token=False)
    g.request("GET", "/v1/pools", token="gslbd_wrong")
    lines = [line.split(" audit: ")[1] for line in audit(g)[mark:]]
    assert lines[0].startswith('refused PATCH /v1/pools/web-eu of "ed" from 127.0.0.1: 412, it has changed meanwhile')
    assert lines[1].startswith('refused DELETE /v1/regions/eu of "ed" from 127.0.0.1: 409, ')
    assert lines[2:] == [f'revision {reply["revision"]} by "ed": 1 change: why', f'PATCH /v1/pools/web-eu of "ed" from 127.0.0.1: revision {reply["revision"]}',
                         'POST /v1/health/accept of "ed" from 127.0.0.1: done',
                         "refused GET /v1/pools from 127.0.0.1: 401, expected a valid token: Authorization: Bearer SECRET",
                         "refused GET /v1/pools from 127.0.0.1: 401, the token is not known"]
    for secret in (reader, edit, g.token):
        assert secret not in g.log_path.read_text()


SCOPED = """
pools:
  - {name: ours, region: eu, labels: ["team:web"], endpoints: [{name: o1, address: 127.0.64.1}, {name: o2, address: 127.0.64.2}]}
zones:
  - {name: other.example, ns: [ns1.other.example], records: [{name: ns1, type: A, data: [127.0.0.1]}]}
  - {name: sub.gslb.example.com, ns: [ns1.gslb.example.com]}
services:
  - {name: a.other.example, pools: [web-us]}
  - {name: deep.sub.gslb.example.com, pools: [web-us]}
"""


def test_a_scoped_token_changes_and_sees_its_part_alone(gslbd):
    g = serving(gslbd)
    g.apply(SCOPED)
    secret = make(g, "web", "edit", zones=["GSLB.example.com."], pool_labels=["team:web"])

    def ask(method, path, body=None):
        return g.request(method, path, body, token=secret)

    # What is its own.
    for method, path, body in (("PATCH", "/v1/pools/ours", {"balance": "hash"}), ("PUT", "/v1/services/new.gslb.example.com", {"pools": ["ours"]}),
                               ("POST", "/v1/zones/gslb.example.com/records", {"name": "t", "type": "TXT", "data": ['"x"']}),
                               ("POST", "/v1/pools/ours/endpoints/o1/drain", {}), ("POST", "/v1/pools/ours/endpoints/o1/restore", None),
                               ("POST", "/v1/pools", {"name": "fresh", "labels": "team:web", "region": "us", "endpoints": []}), ("DELETE", "/v1/pools/fresh", None),
                               ("POST", "/v1/bulk", {"select": {"pool": "ours"}, "weight": 4}),
                               ("POST", "/v1/apply", {"services": [{"name": "new.gslb.example.com", "ttl": 9, "pools": ["ours"]}]}),
                               ("GET", "/v1/pools/ours", None), ("GET", "/v1/zones/gslb.example.com", None), ("GET", "/v1/regions", None), ("GET", "/v1/schema", None)):
        status, _, reply = ask(method, path, body)
        assert status < 300, (method, path, reply)
    assert [p["name"] for p in ask("GET", "/v1/pools")[2]["items"]] == ["ours"]
    assert [s["name"] for s in ask("GET", "/v1/services")[2]["items"]] == ["new.gslb.example.com", "www.gslb.example.com"]
    assert {k: [i["name"] for i in v] for k, v in ask("GET", "/v1/configuration")[2].items() if isinstance(v, list) and v} == {
        "regions": ["eu", "us"], "pools": ["ours"], "zones": ["gslb.example.com"], "services": ["new.gslb.example.com", "www.gslb.example.com"]}
    # What is not, named; and nothing changes.
    before, was = g.request("GET", "/v1/configuration")[2], revision(g)
    for method, path, body, named in (
            ("PATCH", "/v1/pools/web-eu", {"balance": "hash"}, "pools[web-eu]"), ("PATCH", "/v1/pools/ours", {"labels": ["other"]}, "pools[ours]"),
            ("PATCH", "/v1/pools/web-eu", {"labels": ["team:web"]}, "pools[web-eu]"), ("DELETE", "/v1/services/a.other.example", None, "services[a.other.example]"),
            ("PATCH", "/v1/services/deep.sub.gslb.example.com", {"ttl": 3}, "services[deep.sub.gslb.example.com]"),
            ("PATCH", "/v1/zones/gslb.example.com", {"ttl": 5}, "zones[gslb.example.com]"), ("PATCH", "/v1/regions/us", {"fallback": []}, "regions[us]"),
            ("POST", "/v1/zones/other.example/records", {"name": "t", "type": "TXT", "data": ['"x"']}, "zones[other.example]"),
            ("POST", "/v1/pools/web-eu/drain?force", {}, "pool/web-eu"), ("POST", "/v1/regions/eu/drain?force", {}, "region/eu"),
            ("POST", "/v1/bulk?force", {"select": {"region": "eu"}, "weight": 5}, "pools[web-eu]"),
            ("POST", "/v1/apply?force", {"pools": [], "services": [{"name": "new.gslb.example.com", "ttl": 8, "pools": ["ours"]}, {"name": "b.other.example", "pools": ["ours"]}]},
             "services[b.other.example]"), ("POST", "/v1/revisions/2/rollback?force", None, "[")):
        status, _, reply = ask(method, path, body)
        assert status == 403 and any(named in p["path"] for p in reply["problems"]), (method, path, status, reply)
    for path in ("/v1/pools/web-eu", "/v1/services/a.other.example", "/v1/zones/other.example", "/v1/monitors/web", "/v1/revisions", "/v1/health/web-eu/eu1",
                 "/v1/health", "/v1/drains", "/v1/endpoints", "/v1/records", "/v1/events"):
        status, _, reply = ask("GET", path)
        assert status == 403 and f'{path} is outside of the scope of the token "web"' == reply["detail"], (path, reply)
    for verb, body in (("shift", {"to": "ours"}), ("shift/pause", None), ("shift/resume", None), ("shift/abort", None)):
        status, _, reply = ask("POST", f"/v1/services/a.other.example/{verb}", body)
        assert status == 403 and "outside of the scope" in reply["detail"] and "steering" not in str(reply), (verb, reply)
    assert ask("GET", "/v1/monitors")[2]["items"] == [] and ask("POST", "/v1/health/accept", {})[0] == 403 and ask("POST", "/v1/geo/reload")[0] == 403
    assert g.request("GET", "/v1/configuration")[2] == before and revision(g) == was
    assert any('refused PATCH /v1/pools/web-eu of "web"' in line for line in audit(g))
    # Pruning keeps what is others'.
    status, _, reply = ask("POST", "/v1/apply?prune&force", {"services": [{"name": "www.gslb.example.com", "ttl": 5, "pools": ["web-eu", "web-us"]}]})
    assert status == 200, reply
    assert [s["name"] for s in g.request("GET", "/v1/services")[2]["items"]] == ["a.other.example", "deep.sub.gslb.example.com", "www.gslb.example.com"]
    for body in ({"role": "admin", "zones": ["x.example"]}, {"role": "read", "zones": ["a..b"]}):
        assert g.request("POST", "/v1/tokens", {"name": "x", **body})[0] == 422
