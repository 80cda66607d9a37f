"""Every call of the API: dry runs change nothing, what is not known is refused, If-Match holds everywhere; merge patches."""
import json

from conftest import two_regions, wait_until

EXTERNAL = """
monitors: [{name: said, type: external}]
pools:
  - {name: spare, region: us, monitor: said, endpoints: [{name: s1, address: 127.0.63.1}]}
probers: [{name: far}]
"""


def serving(gslbd):
    g = gslbd()
    g.apply(two_regions(9))
    g.apply(EXTERNAL)
    BODIES["POST", "/v1/restore"] = g.ctl("backup", "-").stdout.encode()
    g.request("POST", "/v1/zones/gslb.example.com/records", {"name": "extra", "type": "A", "data": ["127.0.0.2"]})
    g.request("POST", "/v1/tokens", {"name": "looker", "role": "read"})
    g.request("POST", "/v1/pools/web-us/drain", {"reason": "there before"})
    for endpoint in ("web-eu/eu1", "web-eu/eu2", "web-us/us1", "web-us/us2"):
        g.wait_state(endpoint, "down")
    return g


# For the {} of each path, and what is a good body for it.
NAMES = {
    "/v1/revisions/{}/rollback": ("1",), "/v1/revisions/{}/revert": ("3",), "/v1/regions/{}/drain": ("eu",), "/v1/regions/{}/restore": ("eu",),
    "/v1/pools/{}/drain": ("web-eu",), "/v1/pools/{}/restore": ("web-us",),
    "/v1/pools/{}/endpoints/{}/drain": ("web-eu", "eu1"), "/v1/pools/{}/endpoints/{}/restore": ("web-eu", "eu1"),
    "/v1/endpoints/{}/{}/drain": ("web-eu", "eu1"), "/v1/endpoints/{}/{}/restore": ("web-eu", "eu1"),
    "/v1/pools/{}/endpoints/{}/figures": ("web-eu", "eu1"), "/v1/pools/{}/endpoints/{}/verdict": ("spare", "s1"),
    "/v1/pools/{}/endpoints": ("web-eu",), "/v1/pools/{}/endpoints/{}": ("web-eu", "eu1"),
    "/v1/zones/{}/records": ("gslb.example.com",), "/v1/zones/{}/records/{}/{}": ("gslb.example.com", "extra", "A"),
    "/v1/probers/{}/report": ("far",), "/v1/probers/{}/plan": ("far",), "/v1/tokens/{}": ("looker",), "/v1/{kind}": (), "/v1/{kind}/{}": ("www.gslb.example.com",),
    "/v1/health/{}/{}": ("web-eu", "eu1"), "/v1/revisions/{}": ("1",),
}
BODIES = {
    ("POST", "/v1/apply"): {"regions": [{"name": "new"}]},
    ("POST", "/v1/bulk"): {"select": {"pool": "web-eu"}, "weight": 7},
    ("POST", "/v1/tokens"): {"name": "t", "role": "read"},
    ("PUT", "/v1/pools/{}/endpoints/{}/figures"): {"load": 5, "ttl": "1h"},
    ("PUT", "/v1/pools/{}/endpoints/{}/verdict"): {"state": "down", "ttl": "1h"},
    ("POST", "/v1/pools/{}/endpoints"): {"name": "eu9", "address": "127.0.61.9"},
    ("PUT", "/v1/pools/{}/endpoints/{}"): {"address": "127.0.61.9"},
    ("PATCH", "/v1/pools/{}/endpoints/{}"): {"weight": 3},
    ("POST", "/v1/zones/{}/records"): {"name": "txt", "type": "TXT", "data": ["\"x\""]},
    ("PUT", "/v1/zones/{}/records/{}/{}"): {"data": ["127.0.0.9"]},
    ("PATCH", "/v1/zones/{}/records/{}/{}"): {"data": ["127.0.0.9"]},
    ("POST", "/v1/{kind}"): {"name": "other.gslb.example.com", "pools": ["web-eu"]},
    ("PUT", "/v1/{kind}/{}"): {"pools": ["web-us"]},
    ("PATCH", "/v1/{kind}/{}"): {"ttl": 77},
    ("POST", "/v1/probers/{}/report"): None,
}


def calls(g):
    items = g.request("GET", "/v1/calls")[2]["items"]
    assert len(items) > 50
    return items


def url(path):
    wanted = path.count("{}")
    names = NAMES.get(path, ())
    assert len(names) == wanted, f"{path} is new: give it names here"
    path = path.replace("{kind}", "services")
    for name in names:
        path = path.replace("{}", name, 1)
    return path


def state(g):
    """Everything that a call could change."""
    health = g.request("GET", "/v1/health")[2]["items"]
    return json.dumps([
        g.request("GET", "/ready", token=False)[2]["revision"], g.request("GET", "/v1/configuration")[2], g.request("GET", "/v1/drains")[2],
        g.tokens(), g.request("GET", "/v1/events")[2], g.request("GET", "/v1/revisions")[2],
        [{k: v for k, v in e.items() if k in ("id", "drained", "state", "load", "weight_percent")} for e in health]], sort_keys=True)


def changing(g):
    return [c for c in calls(g) if c["changes"]]


def test_a_dry_run_of_every_call_changes_nothing(gslbd):
    g = serving(gslbd)
    before = state(g)
    for call in changing(g):
        assert "dry_run" in call["parameters"], call
        for spelling in ("dry_run", "dry_run=true", "dry_run=True", "dry_run=1", "dry_run=yes", "dry_run=YES"):
            status, _, reply = g.request(call["method"], f"{url(call['path'])}?{spelling}", BODIES.get((call["method"], call["path"]), {}))
            report = call["path"].endswith("/report")
            assert (status < 300) != report, (call, spelling, status, reply)
            assert not isinstance(reply, dict) or "secret" not in reply
        assert state(g) == before, call
        for wrong in ("dry_run=maybe", "dry_run=false", "dry_run=0", "dry-run=true", "dry_run&dry_run"):
            status, _, reply = g.request(call["method"], f"{url(call['path'])}?{wrong}", BODIES.get((call["method"], call["path"]), {}))
            assert status == 400 and "dry_run" in reply["detail"], (call, wrong, status, reply)
        assert state(g) == before, call


def test_the_same_calls_without_a_dry_run_do_change(gslbd):
    """So that the walk above can fail: its bodies are good ones."""
    for call, wanted in ((("POST", "/v1/regions/{}/drain"), True), (("PATCH", "/v1/{kind}/{}"), True), (("PUT", "/v1/pools/{}/endpoints/{}/verdict"), True),
                         (("DELETE", "/v1/{kind}/{}"), True), (("POST", "/v1/revisions/{}/rollback"), False)):
        g = serving(gslbd)
        before = state(g)
        status = g.request(call[0], url(call[1]), BODIES.get(call, {}))[0]
        assert status < 300, call
        assert (state(g) != before) or not wanted, call


def test_an_unknown_parameter_is_refused_by_every_call(gslbd):
    g = serving(gslbd)
    before = state(g)
    for call in calls(g):
        status, _, reply = g.request(call["method"], f"{url(call['path'])}?surprise=1", BODIES.get((call["method"], call["path"]), {}) if call["changes"] else None)
        assert status == 400 and "surprise" in reply["detail"], (call, status, reply)
        assert all(p in reply["detail"] for p in call["parameters"]), (call, reply)
    assert state(g) == before


def test_a_stale_if_match_is_refused_by_every_call(gslbd):
    g = serving(gslbd)
    before = state(g)
    revision = json.loads(before)[0]
    for call in changing(g):
        if call["path"].endswith("/report"):
            continue
        for stale in ('"0123456789abcdef"', f'"r{revision - 1}"', str(revision - 1), f'"r{revision + 1}"'):
            status, _, reply = g.request(call["method"], url(call["path"]), BODIES.get((call["method"], call["path"]), {}), {"If-Match": stale})
            assert status == 412, (call, stale, status, reply)
        for good in (f'"r{revision}"', f"r{revision}", str(revision), f'"x", "r{revision}"'):
            status, _, reply = g.request(call["method"], url(call["path"]) + "?dry_run", BODIES.get((call["method"], call["path"]), {}), {"If-Match": good})
            assert status < 300, (call, good, status, reply)
    assert state(g) == before


def test_an_items_tag_holds_for_drains_and_parts(gslbd):
    g = serving(gslbd)
    for path in ("/v1/regions/eu", "/v1/pools/web-eu", "/v1/pools/web-eu/endpoints/eu1"):
        tag = g.request("GET", path)[1]["ETag"]
        assert g.request("POST", f"{path}/drain", {}, {"If-Match": tag})[0] == 200
        assert g.request("POST", f"{path}/restore", None, {"If-Match": tag})[0] == 200
        assert g.request("POST", f"{path}/drain", {}, {"If-Match": tag[:-2] + 'x"'})[0] == 412
    assert g.request("PUT", "/v1/pools/spare/endpoints/s1/verdict", {"state": "up"}, {"If-Match": '"0"'})[0] == 412


def test_the_configuration_has_a_tag_that_guards_an_apply(gslbd):
    g = serving(gslbd)
    tag = g.request("GET", "/v1/configuration")[1]["ETag"]
    assert g.request("GET", "/v1/configuration", headers={"If-None-Match": tag})[0] == 304
    assert g.request("POST", "/v1/apply", {"regions": [{"name": "one"}]}, {"If-Match": tag})[0] == 200
    assert g.request("POST", "/v1/apply", {"regions": [{"name": "two"}]}, {"If-Match": tag})[0] == 412
    assert g.request("GET", "/v1/regions/two")[0] == 404


def test_patches_are_merged_with_lists_by_name(gslbd):
    g = serving(gslbd)
    status, headers, _ = g.request("PATCH", "/v1/pools/web-eu", {"balance": "hash", "endpoints": [{"name": "eu1", "weight": 20}]},
                                   {"Content-Type": "application/merge-patch+json"})
    assert status == 200
    pool = g.request("GET", "/v1/pools/web-eu")[2]
    assert pool["balance"] == "hash" and pool["endpoints"] == [{"name": "eu1", "address": "127.0.61.1", "weight": 20}, {"name": "eu2", "address": "127.0.61.2"}]
    assert g.request("GET", "/v1/pools/web-eu")[1]["ETag"] == headers["ETag"]
    assert g.request("PATCH", "/v1/pools/web-eu", {"balance": None, "endpoints": {"eu2": None, "eu3": {"address": "127.0.61.3"}, "eu1": {"weight": None}}})[0] == 200
    pool = g.request("GET", "/v1/pools/web-eu")[2]
    assert "balance" not in pool and pool["endpoints"] == [{"name": "eu1", "address": "127.0.61.1"}, {"address": "127.0.61.3", "name": "eu3"}]
    assert g.request("PATCH", "/v1/pools/web-eu/endpoints/eu1", {"weight": 8})[0] == 200
    assert g.request("GET", "/v1/pools/web-eu/endpoints/eu1")[2]["weight"] == 8
    zone = "/v1/zones/gslb.example.com"
    assert g.request("PATCH", zone, {"records": {"ns1/A": {"ttl": 60}, "txt/TXT": {"data": ["\"hi\""]}}})[0] == 200
    assert g.request("GET", zone)[2]["records"] == [{"name": "ns1", "type": "A", "data": ["127.0.0.1"], "ttl": 60},
                                                    {"name": "extra", "type": "A", "data": ["127.0.0.2"]},
                                                    {"data": ["\"hi\""], "name": "txt", "type": "TXT"}]
    assert g.request("PATCH", f"{zone}/records/txt/TXT", {"ttl": 5})[0] == 200
    assert g.request("GET", f"{zone}/records/txt/TXT")[2]["ttl"] == 5
    assert g.request("PATCH", "/v1/services/www.gslb.example.com", {"pools": [{"pool": "web-us", "weight": 3}], "ttl": 9})[0] in (200, 422)
    before = g.request("GET", "/ready", token=False)[2]["revision"]
    for path, patch, expected in (("/v1/pools/nothing", {"balance": "hash"}, 404), ("/v1/pools/web-eu", {"balence": "hash"}, 422), ("/v1/pools/web-eu", [1], 422),
                                  ("/v1/pools/web-eu", {"name": "other"}, 422), ("/v1/pools/web-eu", {"region": None, "monitor": "no"}, 422),
                                  ("/v1/tokens/admin", {"role": "read"}, 405), ("/v1/pools/web-eu/endpoints/eu9", {"weight": 1}, 404),
                                  ("/v1/pools/web-eu/endpoints/eu1", {"name": "x"}, 422)):
        status, _, reply = g.request("PATCH", path, patch)
        assert status == expected, (path, patch, status, reply)
    assert g.request("PATCH", "/v1/pools/web-eu", {"balance": "hash"}, {"If-Match": '"0"'})[0] == 412
    assert g.request("GET", "/ready", token=False)[2]["revision"] == before


def test_limits_and_bodies_are_read_in_one_way(gslbd):
    g = serving(gslbd)
    for path in ("/v1/pools", "/v1/revisions", "/v1/events"):
        for limit in ("0", "-1", "x", "1x", "", "99999999"):
            status, _, reply = g.request("GET", f"{path}?limit={limit}")
            assert status == 400 and reply["detail"].startswith("limit: expected an integer from 1 to "), (path, limit, reply)
        assert g.request("GET", f"{path}?limit=1")[0] == 200
    for path in ("/v1/events?after=x", "/v1/revisions?before=x", "/v1/pools?limit=1&limit=2"):
        assert g.request("GET", path)[0] == 400, path
    assert g.request("POST", "/v1/regions/eu/restore", {"dry_run": True})[0] == 400
    assert g.request("POST", "/v1/regions/eu/drain")[0] == 200
