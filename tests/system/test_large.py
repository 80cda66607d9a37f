"""Replies about many endpoints: page by page, by filters, and bounded."""
import re

import pytest

from conftest import wait_until


def many(pools, each):
    lines = ["regions: [{name: eu}, {name: us, default: true}]",
             "monitors: [{name: port, type: tcp, port: 9, interval: 200ms, timeout: 150ms, fall: 1, rise: 1}]", "pools:"]
    for p in range(pools):
        ends = ", ".join(f"{{name: e{e}, address: 127.0.{70 + p}.{e + 1}}}" for e in range(each))
        lines.append(f"  - {{name: p{p}, region: {'eu' if p % 2 else 'us'}, labels: [l{p % 3}], "
                     f"{'monitor: port, ' if p == 0 else ''}endpoints: [{ends}]}}")
    lines.append("  - {name: other, region: eu, endpoints: [{name: off, address: 192.0.2.1, enabled: false, labels: [rack7]}]}")
    return "\n".join(lines)


@pytest.fixture
def g(gslbd):
    one = gslbd()
    one.apply(many(4, 5))
    wait_until(lambda: all(one.state(f"p0/e{e}") == "down" for e in range(5)), "the first pool is down")
    return one


def pages(g, path, limit):
    """Ids of each page."""
    after, out = "", []
    while True:
        status, _, reply = g.request("GET", f"{path}{'&' if '?' in path else '?'}limit={limit}{after}")
        assert status == 200, reply
        out.append([one.get("id") or f"{one['pool']}/{one['name']}" for one in reply["items"]])
        if not reply["next"]:
            return out
        after = f"&after={reply['next'].replace('/', '%2F')}"


ALL = ["other/off"] + [f"p{p}/e{e}" for p in range(4) for e in range(5)]


def test_health_comes_page_by_page(g):
    for limit in (1, 2, 5, 20, 21, 22, 1000):
        got = pages(g, "/v1/health", limit)
        assert [one for page in got for one in page] == ALL, limit
        assert all(len(page) == limit for page in got[:-1]) and 0 < len(got[-1]) <= limit
    assert g.request("GET", "/v1/health?limit=10001")[0] == 400 and g.request("GET", "/v1/health?limit=0")[0] == 400


def test_health_has_filters(g):
    for query, wanted in (("pool=p1", ALL[6:11]), ("region=us", ALL[1:6] + ALL[11:16]), ("state=down", ALL[1:6]), ("state=disabled", ALL[:1]),
                          ("label=l1", ALL[6:11]), ("label=rack7", ALL[:1]), ("region=us&state=down", ALL[1:6]), ("region=eu&state=down", []),
                          ("state=not%20monitored", ALL[6:]), ("pool=p0&limit=2&state=up", [])):
        for limit in (2, 1000):
            if "limit" not in query:
                assert [one for page in pages(g, f"/v1/health?{query}", limit) for one in page] == wanted, query
    for wrong, said in (("state=sleepy", "sleepy"), ("pool=none", "pools[none]"), ("region=none", "regions[none]")):
        status, _, reply = g.request("GET", f"/v1/health?{wrong}")
        assert status == 400 and said in reply["detail"], reply


def test_a_page_goes_on_where_what_it_ended_with_is_gone(g):
    first = g.request("GET", "/v1/health?limit=8")[2]
    assert first["next"] == "p1/e1"
    g.request("DELETE", "/v1/pools/p1/endpoints/e1")
    rest = pages(g, f"/v1/health?after={first['next'].replace('/', '%2F')}", 1000)[0]
    assert rest == ["p1/e0", "p1/e2", "p1/e3", "p1/e4"] + ALL[11:]  # its pool again: none is missed
    g.request("DELETE", "/v1/pools/p1")
    assert pages(g, "/v1/health?after=p1%2Fe1", 1000)[0] == ALL[11:]
    assert g.request("GET", "/v1/health?after=zzz%2Fe1")[2]["items"] == []


def test_gslbctl_shows_all_pages_and_takes_filters(g):
    assert re.findall(r"^(\w+/\w+) ", g.ctl("health").stdout, re.M) == ALL
    assert re.findall(r"^(\w+/\w+) ", g.ctl("health", "--state", "down", "--region", "us").stdout, re.M) == ALL[1:6]
    assert re.findall(r"^(\w+/\w+) ", g.ctl("health", "--limit", "3").stdout, re.M) == ALL[:3]
    refused = g.ctl("health", "--state", "sleepy", check=False)
    assert refused.returncode == 1 and "sleepy" in refused.stderr


def test_gslbctl_puts_pages_together(gslbd):
    g = gslbd()
    pools = ", ".join(f"{{name: p{p}, region: eu, endpoints: [{', '.join(f'10.{p}.{e >> 8}.{e & 255}' for e in range(900))}]}}" for p in range(6))
    g.apply(f"regions: [{{name: eu, default: true}}]\npools: [{pools}]")
    assert len(g.request("GET", "/v1/health")[2]["items"]) == 1000
    assert len(re.findall(r"^p\d/\S+ ", g.ctl("health").stdout, re.M)) == 5400


def test_endpoints_and_records_come_page_by_page(g):
    got = pages(g, "/v1/endpoints", 7)
    assert [one for page in got for one in page] == ALL
    assert [len(page) for page in got] == [11, 10]  # whole pools
    zones = "zones:\n" + "\n".join(f"  - {{name: z{z}.example, ns: [ns.example.net], records: [{{name: a, type: A, data: [192.0.2.1]}}, {{name: b, type: A, data: [192.0.2.1]}}]}}" for z in range(3))
    g.apply(zones)
    first = g.request("GET", "/v1/records?limit=1")[2]
    assert len(first["items"]) == 2 and first["next"] == "z0.example"
    assert len(g.request("GET", f"/v1/records?after={first['next']}")[2]["items"]) == 4


# --- metrics ---

def series(g, query=""):
    text = g.request("GET", f"/metrics{query}", token=False)[2]
    shown = re.findall(r'^gslbd_endpoint_up\{pool="(\w+)",endpoint="(\w+)"\} (\d)', text, re.M)
    left_out = int(re.search(r"^gslbd_endpoints_left_out (\d+)", text, re.M).group(1))
    counts = dict(re.findall(r'^gslbd_endpoints\{state="(\w+)"\} (\d+)', text, re.M))
    return {f"{p}/{e}": up for p, e, up in shown}, left_out, counts, text


def test_metrics_show_the_endpoints_that_are_asked_for(g):
    shown, left_out, counts, text = series(g)
    assert list(shown) == ALL and left_out == 0 and counts["down"] == "5" and sum(map(int, counts.values())) == 21
    assert len(re.findall(r"^gslbd_endpoint_health_changes_total\{", text, re.M)) == 5  # those that are checked
    assert list(series(g, "?endpoints=not_up")[0]) == ALL[1:6]
    g.ctl("endpoint", "drain", "p3/e4")
    shown, _, counts, text = series(g, "?endpoints=not_up")
    assert list(shown) == ALL[1:6] + ["p3/e4"] and shown["p3/e4"] == "1" and "gslbd_endpoints_drained 1\n" in text
    shown, left_out, counts, text = series(g, "?endpoints=none")
    assert shown == {} and left_out == 0 and counts["down"] == "5" and "gslbd_endpoint_drained{" not in text
    assert g.request("GET", "/metrics?endpoints=some", token=False)[0] == 400


def test_metrics_are_bounded_and_count_the_rest(gslbd):
    g = gslbd("metrics: {endpoints_max: 6}\n")
    g.apply(many(4, 5))
    shown, left_out, _, text = series(g)
    assert list(shown) == ALL[:6] and left_out == 15
    assert len(re.findall(r"^gslbd_endpoint_drained\{", text, re.M)) == 6
    wait_until(lambda: series(g, "?endpoints=not_up")[:2] == ({one: "0" for one in ALL[1:6]}, 0), "those that are down are shown")
    quiet = gslbd("metrics: {endpoints: none}\n")
    quiet.apply(many(1, 5))
    assert series(quiet)[0] == {} and len(series(quiet, "?endpoints=all")[0]) == 6
