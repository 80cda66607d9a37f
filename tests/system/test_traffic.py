"""How much goes where: counted from what is answered, by name, over restarts, in metrics."""
import re
import signal

import load
import pytest

from conftest import wait_until

WORLD = """
regions:
  - {name: eu, fallback: [us]}
  - {name: us, fallback: [eu], default: true}
networks:
  - {cidr: 10.1.0.0/16, region: eu}
  - {cidr: 10.2.0.0/16, region: us}
pools:
  - name: web-eu
    region: eu
    endpoints: [{name: eu1, address: 192.0.2.11, weight: 75}, {name: eu2, address: 192.0.2.12, weight: 25}]
  - name: web-us
    region: us
    endpoints: [{name: us1, address: 198.51.100.21}]
zones:
  - name: gslb.example.com
    ns: [ns1.gslb.example.com]
    records: [{name: ns1, type: A, data: [127.0.0.1]}]
services:
  - {name: www.gslb.example.com, pools: [web-eu, web-us]}
  - {name: shop.gslb.example.com, pools: [web-us]}
"""
WWW, SHOP = "www.gslb.example.com", "shop.gslb.example.com"


def asked(g, name, prefix, count, kind=1):
    return load.ask(g.port, [(name, prefix, kind)] * count)


def traffic(g, query=""):
    """{name: answers}, and the whole reply."""
    by = re.search("by=([a-z]+)", query)
    d = g.request("GET", "/v1/traffic" + query)[2]
    return {item[by.group(1) if by else "service"]: item["answers"] for item in d["items"]}, d


def test_answers_are_counted_by_service_region_pool_and_endpoint(gslbd):
    g = gslbd()
    g.apply(WORLD)
    eu = asked(g, WWW, "10.1.7.0/24", 400)
    asked(g, WWW, "10.2.7.0/24", 100)
    asked(g, SHOP, "10.1.7.0/24", 50)
    g.dig("ns1.gslb.example.com")
    g.short(WWW, "10.2.1.0/24", "A", "+tcp")
    assert traffic(g)[0] == {WWW: 501, SHOP: 50}
    assert traffic(g, "?by=region")[0] == {"eu": 450, "us": 101}
    assert traffic(g, "?by=pool")[0] == {"web-eu": 400, "web-us": 151}
    assert traffic(g, f"?by=pool&service={WWW}")[0] == {"web-eu": 400, "web-us": 101}
    assert traffic(g, "?by=service&region=eu")[0] == {WWW: 400, SHOP: 50}
    counted, d = traffic(g, "?by=endpoint&pool=web-eu")
    assert counted == {"web-eu/eu1": eu[WWW, "192.0.2.11"], "web-eu/eu2": eu[WWW, "192.0.2.12"]}
    assert d["answers"] == 400 and d["dropped"] == 0 and sum(item["share"] for item in d["items"]) == pytest.approx(1)
    assert traffic(g, "?by=endpoint&limit=1")[1]["left_out"] == 2
    assert g.ctl("traffic", "-o", "name", "--limit", "1").stdout == WWW + "\n"
    assert re.search(r"^551 answers since \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ, ", g.ctl("traffic").stdout, re.M)


def test_what_no_endpoint_answers_is_told_apart(gslbd):
    g = gslbd()
    g.apply(WORLD)
    asked(g, WWW, "10.1.7.0/24", 30, 28)  # no endpoint has an IPv6 address: that is not traffic
    assert traffic(g)[0] == {}
    g.apply(WORLD.replace("shop.gslb.example.com, pools: [web-us]", "shop.gslb.example.com, pools: [web-us], when_all_down: nodata"))
    g.ctl("pool", "drain", "web-us", "--force")
    asked(g, SHOP, "10.1.7.0/24", 20)
    assert traffic(g, f"?by=pool&service={SHOP}")[0] == {None: 20}


def test_rates_follow_and_forget(gslbd):
    g = gslbd()
    g.apply(WORLD)
    asked(g, WWW, "10.1.7.0/24", 2000)
    wait_until(lambda: traffic(g)[1]["rate"] > 50, "what was asked just now is smoothed over ten seconds")
    peak = traffic(g)[1]["rate"]
    wait_until(lambda: traffic(g)[1]["rate"] < peak * 0.8, "nobody asks any more")


def test_minutes_are_kept_over_restarts(gslbd):
    g = gslbd()
    g.apply(WORLD)
    asked(g, WWW, "10.1.7.0/24", 300)
    before = traffic(g, "?by=endpoint")[0]
    g.stop()
    g.start()
    assert traffic(g, "?by=endpoint")[0] == before
    asked(g, SHOP, "10.2.7.0/24", 100)
    assert traffic(g)[0] == {WWW: 300, SHOP: 100}
    g.stop(signal.SIGKILL)  # the minute under way is lost, no more
    g.start()
    assert traffic(g)[0] == {WWW: 300}


def test_numbers_of_what_is_gone_count_for_nobody_else(gslbd):
    g = gslbd()
    g.apply(WORLD)
    asked(g, SHOP, "10.1.7.0/24", 40)
    g.ctl("delete", "service", SHOP)
    for i in range(5):
        g.apply(f"services: [{{name: new{i}.gslb.example.com, pools: [web-us]}}]")
    assert set(wait_until(lambda: SHOP not in traffic(g)[0] and traffic(g)[0] or {None: 0}, "it is gone")) <= {None}


def metric(g, name):
    text = g.request("GET", "/metrics", token=False)[2]
    return {labels: int(value) for labels, value in re.findall(name + r"\{(.*?)\} (\d+)", text)}


def test_metrics_count_on_and_never_go_back(gslbd):
    g = gslbd()
    g.apply(WORLD)
    asked(g, WWW, "10.1.7.0/24", 100)
    # The busiest get series of their own when a minute ends; until then they are others.
    first = metric(g, "gslbd_answers_total")
    assert sum(first.values()) == 100
    assert sum(metric(g, "gslbd_endpoint_answers_total").values()) == 100
    asked(g, WWW, "10.2.7.0/24", 50)
    second = metric(g, "gslbd_answers_total")
    assert sum(second.values()) == 150 and all(second[labels] >= value for labels, value in first.items())


def test_bad_questions_are_refused(gslbd):
    g = gslbd()
    for query, place in ("?by=colour", "by"), ("?since=yesterday", "since"), ("?since=25h", "since"), ("?service=..", "service"):
        status, _, d = g.request("GET", "/v1/traffic" + query)
        assert status == 400 and place in str(d["problems"]), d
