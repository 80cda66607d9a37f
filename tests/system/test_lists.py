"""Lists can be asked for a part of themselves: by the server, page by page, in bounded steps."""
import time

import pytest

WORLD = """
regions: [{name: eu}, {name: us, default: true}]
networks: [{cidr: 10.1.0.0/16, region: eu}, {cidr: 10.2.0.0/16, region: us}]
probers: [{name: paris, region: eu}, {name: nyc, region: us}]
pools:
  - {name: web-eu, region: eu, labels: [web], endpoints: [{name: eu1, address: 192.0.2.1, labels: [rack7]}, {name: eu2, address: 192.0.2.2}]}
  - {name: web-us, region: us, labels: [web], endpoints: [{name: us1, address: 192.0.2.3}]}
  - {name: db, region: eu, endpoints: [{name: only, address: 192.0.2.4}]}
zones: [{name: gslb.example.com, ns: [ns1.example.net]}]
services: [{name: www.gslb.example.com, pools: [web-eu, web-us]}, {name: pay.gslb.example.com, pools: [web-eu]}, {name: us.gslb.example.com, pools: [web-us]}]
"""


@pytest.fixture
def g(gslbd):
    started = gslbd("probes: {enabled: false}\n")
    started.apply(WORLD)
    return started


def names(g, *words):
    return g.ctl(*words, "-o", "name").stdout.split()


def test_a_list_is_asked_for_a_part_of_it(g):
    for words, expected in ((("get", "pools", "--region", "eu"), ["db", "web-eu"]), (("get", "pools", "--label", "web", "--region", "eu"), ["web-eu"]),
                            (("get", "services", "--pool", "web-us"), ["us.gslb.example.com", "www.gslb.example.com"]),
                            (("get", "services", "--region", "eu"), ["pay.gslb.example.com", "www.gslb.example.com"]),
                            (("get", "networks", "--region", "us"), ["10.2.0.0/16"]), (("get", "probers", "--region", "eu"), ["paris"]),
                            (("get", "endpoints", "--label", "rack7"), ["web-eu/eu1"]), (("get", "endpoints", "--pool", "web-us"), ["web-us/us1"]),
                            (("get", "endpoints", "--label", "web"), ["web-eu/eu1", "web-eu/eu2", "web-us/us1"]), (("health", "--region", "us"), ["web-us/us1"])):
        assert names(g, *words) == expected, words


def test_operations_are_asked_for_by_what_they_belong_to(g):
    g.ctl("region", "drain", "us", "--force")
    g.ctl("pool", "drain", "db", "--at", "1h")
    g.ctl("endpoint", "drain", "web-eu/eu1")
    for words, expected in (((), ["endpoint/web-eu/eu1", "pool/db", "region/us"]), (("--region", "us"), ["region/us"]), (("--region", "eu"), ["endpoint/web-eu/eu1", "pool/db"]),
                            (("--pool", "web-eu"), ["endpoint/web-eu/eu1"]), (("--state", "waiting"), ["pool/db"]), (("--label", "web"), ["endpoint/web-eu/eu1"]), (("--label", "rack7"), [])):
        assert names(g, "drains", *words) == expected, words
    assert g.ctl("drains", "--state", "over", check=False).returncode == 1


def test_what_a_kind_does_not_have_is_refused(g):
    for words, said in ((("get", "zones", "--region", "eu"), "region: zones are not told apart by that"), (("get", "pools", "--region", "mars"), "there is no regions[mars]"),
                        (("get", "services", "--label", "web"), "label: services are not"), (("drains", "--pool", "none"), "there is no pools[none]")):
        run = g.ctl(*words, check=False)
        assert run.returncode == 1 and said in run.stderr, run
    assert g.ctl("get", "pool", "db", "--region", "eu", check=False).returncode == 2


def test_a_rare_one_among_many_is_found_in_short_steps(g):
    g.apply("zones: [{name: big.example, ns: [ns1.example.net]}]\npools: [{name: rare, region: eu, endpoints: [192.0.2.9]}]\nservices:\n" +
            "".join(f"  - {{name: s{n:06}.big.example, steering: failover, pools: [{'rare' if n == 59999 else 'db'}]}}\n" for n in range(60000)))
    took = []
    for _ in range(7):
        begin = time.monotonic()
        first = g.request("GET", "/v1/services?pool=rare&limit=100")[2]
        took.append(time.monotonic() - begin)
        assert first["items"] == [] and first["next"], "a page ends where its share of looks does"
    assert min(took) < 0.1, took
    assert names(g, "get", "services", "--pool", "rare") == ["s059999.big.example"]
