"""What calls of the API have in common: tags, merge patches, limits. test_walk.py walks all of them."""
from conftest import two_regions

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
    g.request("POST", "/v1/zones/gslb.example.com/records", {"name": "extra", "type": "A", "data": ["127.0.0.2"]})
    g.request("POST", "/v1/tokens", {"name": "looker", "role": "read"})
    g.request("POST", "/v1/pools/web-us/drain", {"reason": "there before"})
    for endpoint in ("web-eu/eu1", "web-eu/eu2", "web-us/us1", "web-us/us2"):
        g.wait_state(endpoint, "down")
    return g


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
