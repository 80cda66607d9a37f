"""Merge patches at their edges: names that change, go, come and are written otherwise; what they refuse."""
import pytest

BASE = """
regions: [{name: eu, match: [continent:EU, continent:AF], fallback: [us]}, {name: us, default: true}]
networks: [{cidr: 10.1.0.0/16, region: eu}, {cidr: "2001:db8::/48", region: us}]
monitors: [{name: web, type: http, headers: {X-One: "1", X-Two: "2"}}]
pools:
  - {name: web-eu, region: eu, labels: [a, b], endpoints: [{name: eu1, address: 192.0.2.11, weight: 10}, 192.0.2.12]}
  - {name: web-us, region: us, endpoints: [{name: us1, address: 192.0.2.21}]}
zones:
  - name: gslb.example.com
    ns: [ns1.gslb.example.com]
    records:
      - {name: ns1, type: A, data: [127.0.0.1]}
      - {name: text, type: TXT, data: ['"one"', '"two"']}
      - {name: text, type: A, data: [127.0.0.2]}
      - {name: long.gslb.example.com., type: A, data: [127.0.0.3]}
services: [{name: www.gslb.example.com, pools: [web-eu, {pool: web-us, weight: 3}], steering: weighted}]
"""


@pytest.fixture
def g(gslbd):
    one = gslbd()
    one.apply(BASE)
    return one


def patch(g, path, body, status=200):
    before = g.request("GET", "/v1/ready")[2]["revision"]
    got, _, reply = g.request("PATCH", f"/v1/{path}", body)
    assert got == status, (path, body, reply)
    after = g.request("GET", "/v1/ready")[2]["revision"]
    assert after == before + (status == 200 and reply["changed"]), reply
    return g.request("GET", f"/v1/{path}")[2] if status == 200 else reply


POOL, ZONE = "pools/web-eu", "zones/gslb.example.com"


def names(pool):
    return [e if isinstance(e, str) else e.get("name", e["address"]) for e in pool["endpoints"]]


def test_an_element_is_renamed_and_an_item_is_not(g):
    pool = patch(g, POOL, {"endpoints": {"eu1": {"name": "first"}}})
    assert pool["endpoints"][0] == {"name": "first", "address": "192.0.2.11", "weight": 10}
    pool = patch(g, POOL, {"endpoints": {"192.0.2.12": {"name": "second"}}})
    assert names(pool) == ["first", "second"]
    reply = patch(g, POOL, {"endpoints": {"first": {"name": "second"}}}, 422)
    assert any("endpoints" in p["path"] and "second" in p["message"] for p in reply["problems"]), reply
    assert patch(g, POOL, {"name": None, "labels": []})["name"] == "web-eu"  # the path says it anyway
    for path, body in ((POOL, {"name": "other"}), (f"{POOL}/endpoints/first", {"name": "x"}), ("networks/10.1.0.0%2F16", {"cidr": "10.2.0.0/16"}),
                       (f"{ZONE}/records/text/TXT", {"type": "A"}), (ZONE, {"name": "other.example"})):
        patch(g, path, body, 422)


def test_null_takes_out_and_what_is_not_there_needs_no_taking_out(g):
    pool = patch(g, POOL, {"labels": None, "endpoints": {"eu1": {"weight": None}, "192.0.2.12": None, "never": None}, "balance": None})
    assert pool == {"name": "web-eu", "region": "eu", "endpoints": [{"name": "eu1", "address": "192.0.2.11"}]}
    assert patch(g, "monitors/web", {"headers": {"X-One": None}})["headers"] == {"X-Two": "2"}
    assert "default" not in patch(g, "regions/us", {"default": None})
    reply = patch(g, POOL, {"region": None}, 422)
    assert "region" in str(reply["problems"]), reply


def test_a_list_of_words_is_replaced(g):
    assert patch(g, POOL, {"labels": ["c"]})["labels"] == ["c"]
    assert patch(g, "regions/eu", {"match": ["country:DE"]})["match"] == ["country:DE"]
    assert patch(g, "pools/web-us", {"endpoints": ["192.0.2.29"]})["endpoints"] == ["192.0.2.29"]
    assert patch(g, ZONE, {"records": {"text/TXT": {"data": ['"three"']}}})["records"][1]["data"] == ['"three"']


def test_maps_beside_plain_names_are_refused(g):
    """They could replace the list or be merged into it."""
    for path, body in ((POOL, {"endpoints": [{"name": "eu1", "weight": 5}, "192.0.2.13"]}), ("services/www.gslb.example.com", {"pools": ["web-eu", {"pool": "web-us"}]})):
        reply = patch(g, path, body, 422)
        assert reply["problems"][0]["path"] in ("endpoints", "pools") and "merged by name" in reply["problems"][0]["message"], reply
    assert patch(g, "services/www.gslb.example.com", {"pools": ["web-us"]})["pools"] == ["web-us"]


def test_the_same_in_other_words_is_no_change(g):
    """A value where a list of one is meant, a word where a map is, a duration in other units."""
    patch(g, "monitors/web", {"interval": "60s"})
    patch(g, "pools/web-us", {"endpoints": ["192.0.2.29"], "labels": "x"})
    before = g.request("GET", "/v1/revisions")[2]["items"][0]["number"]
    for words in (("set", "record", "gslb.example.com/ns1/A", "data=127.0.0.1"), ("set", "record", "gslb.example.com/ns1/A", "data=[127.0.0.1]"),
                  ("set", "zone", "gslb.example.com", "ns=ns1.gslb.example.com"), ("set", "monitor", "web", "interval=1m"), ("set", "pool", "web-us", "labels=[x]"),
                  ("set", "service", "www.gslb.example.com", "pools={web-eu: {}}")):
        assert g.ctl(*words).stdout.startswith("nothing to change"), words
    for path, change in (("pools/web-us", {"endpoints": [{"address": "192.0.2.29"}]}), ("services/www.gslb.example.com", {"pools": [{"pool": "web-eu"}, {"pool": "web-us", "weight": 3}]})):
        document = g.request("GET", f"/v1/{path}")[2] | change
        status, _, reply = g.request("PUT", f"/v1/{path}", document)
        assert status == 200 and not reply["changed"], reply
        status, _, reply = g.request("POST", "/v1/apply", {path.split("/")[0]: [document]})
        assert status == 200 and not reply["changed"], reply
    assert g.request("GET", "/v1/revisions")[2]["items"][0]["number"] == before
    assert not g.ctl("set", "record", "gslb.example.com/ns1/A", "data=127.0.0.2").stdout.startswith("nothing")
    assert not g.ctl("set", "monitor", "web", "interval=61s").stdout.startswith("nothing")


def test_an_unknown_name_is_added_when_it_is_whole(g):
    assert names(patch(g, POOL, {"endpoints": {"eu3": {"address": "192.0.2.13"}}})) == ["eu1", "192.0.2.12", "eu3"]
    assert names(patch(g, POOL, {"endpoints": [{"name": "eu4", "address": "192.0.2.14"}, {"name": "eu3", "weight": 7}]})) == ["eu1", "192.0.2.12", "eu3", "eu4"]
    for typo in ({"eu11": {"weight": 5}}, {"192.0.2.99": {"weight": 5}}, {"eu1": 5}, {"eu9": []}):
        reply = patch(g, POOL, {"endpoints": typo}, 422)
        assert "endpoints" in reply["problems"][0]["path"], reply
    service = patch(g, "services/www.gslb.example.com", {"pools": {"web-eu": {"weight": 9}}})
    assert service["pools"] == [{"pool": "web-eu", "weight": 9}, {"pool": "web-us", "weight": 3}]
    reply = patch(g, "services/www.gslb.example.com", {"pools": {"web-au": {"weight": 9}}}, 422)
    assert "web-au" in str(reply["problems"]), reply


def test_records_are_told_by_owner_and_type_however_written(g):
    for key in ("text/TXT", "TEXT/txt", "text.gslb.example.com./TXT"):
        records = patch(g, ZONE, {"records": {key: {"ttl": len(key)}}})["records"]
        assert [r.get("ttl") for r in records] == [None, len(key), None, None], (key, records)
    records = patch(g, ZONE, {"records": [{"name": "long", "type": "A", "data": ["127.0.0.9"]}, {"name": "@", "type": "TXT", "data": ['"apex"']}]})["records"]
    assert records[3] == {"name": "long", "type": "A", "data": ["127.0.0.9"]} and len(records) == 5
    records = patch(g, ZONE, {"records": {"long/A": None, "gslb.example.com./TXT": None, "text/A": None}})["records"]
    assert [(r["name"], r["type"]) for r in records] == [("ns1", "A"), ("text", "TXT")]
    assert patch(g, f"{ZONE}/records/TEXT/txt", {"ttl": 1})["ttl"] == 1
    for body in ({"records": {"text": {"ttl": 5}}}, {"records": {"text/": {"ttl": 5}}}, {"records": {"/A": {"data": ["127.0.0.1"]}}}):
        patch(g, ZONE, body, 422)


def test_kinds_with_other_keys(g):
    assert patch(g, "networks/10.1.0.0%2F16", {"region": "us"}) == {"cidr": "10.1.0.0/16", "region": "us"}
    assert patch(g, "networks/2001:DB8:0::%2F48", {"region": "eu"})["region"] == "eu"
    assert patch(g, "zones/GSLB.example.COM.", {"ttl": 77})["ttl"] == 77
    patch(g, "networks/10.9.0.0%2F16", {"region": "us"}, 404)


def test_a_patch_that_changes_nothing_makes_no_revision(g):
    before = g.request("GET", "/v1/ready")[2]["revision"]
    for path, body in ((POOL, {}), (POOL, {"endpoints": {}}), (POOL, {"endpoints": {"eu1": {}, "192.0.2.12": {}}}), (POOL, {"labels": ["a", "b"]}),
                       (POOL, {"balance": None}), (f"{POOL}/endpoints/eu1", {"weight": 10}), (ZONE, {"records": {"text/TXT": {}}}),
                       ("networks/10.1.0.0%2F16", {"region": "eu"})):
        patch(g, path, body)
        now = g.request("GET", "/v1/ready")[2]["revision"]
        assert now == before, (path, body)


def test_a_patch_that_is_not_valid_says_where(g):
    before = g.request("GET", "/v1/configuration")[2]
    for path, body, place in ((POOL, {"endpoints": {"eu1": {"weight": "ten"}}}, "endpoints[0].weight"), (POOL, {"wieght": 1}, "wieght"),
                              ("monitors/web", {"headers": {"X-One": 5}}, "headers"), (ZONE, {"records": {"ns1/A": {"data": ["x"]}}}, "records[0].data[0]"),
                              ("regions/eu", {"fallback": ["nowhere"]}, "fallback"), (f"{POOL}/endpoints/eu1", {"address": 7}, "endpoints[0].address")):
        reply = patch(g, path, body, 422)
        assert any(place in p["path"] for p in reply["problems"]), (place, reply)
    for body in ([], "text", 5):
        patch(g, POOL, body, 422)
    assert g.request("GET", "/v1/configuration")[2] == before
