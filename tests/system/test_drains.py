"""Drains that begin later, go gradually, and are not replaced without a word."""
import collections
import datetime

from conftest import two_regions, wait_until

BASE = two_regions(9).replace("    monitor: web\n", "")
ANY = "10.1.0.1/32"


def listed(g):
    return {d["name"]: d for d in g.request("GET", "/v1/drains")[2]["items"]}


def test_a_second_drain_of_the_same_is_refused_and_says_whose_the_first_is(gslbd):
    g = gslbd()
    g.apply(BASE)
    g.ctl("token", "create", "alice", "--role", "admin")
    g.ctl("region", "drain", "eu", "--for", "2h", "--reason", "power works")
    until = listed(g)["region/eu"]["until"]
    for dry in ([], ["--dry-run"]):
        said = g.ctl("region", "drain", "eu", "--for", "10s", *dry, check=False)
        assert said.returncode == 1, said
        assert f"drains[region/eu]: is in force already, by admin, until {until}: power works" in said.stderr, said.stderr
    assert listed(g)["region/eu"]["until"] == until
    said = g.ctl("region", "drain", "eu", "--for", "4h", "--reason", "longer", "--replace").stdout
    assert f"replaces the drain by admin until {until}: power works" in said, said
    assert listed(g)["region/eu"]["until"] > until
    g.ctl("endpoint", "drain", "web-us/us1", "--reason", "disk")
    said = g.ctl("bulk", "drain", "--pool", "web-us", "--force", check=False)
    assert said.returncode == 1 and "drains[endpoint/web-us/us1]: is in force already, by admin, until it is restored: disk" in said.stderr
    assert set(listed(g)) == {"region/eu", "endpoint/web-us/us1"}
    said = g.request("POST", "/v1/bulk?force", {"select": {"pool": "web-us"}, "drain": {"replace": True}})
    assert said[0] == 200 and [d["name"] for d in said[2]["replaced"]] == ["endpoint/web-us/us1"]
    g.ctl("region", "restore", "eu")
    g.ctl("region", "drain", "eu", "--force")  # what was restored stands in nobody's way


def test_a_drain_begins_when_it_says_also_over_a_restart(gslbd):
    g = gslbd()
    g.apply(BASE)
    said = g.ctl("region", "drain", "eu", "--at", "3s", "--for", "1h", "--reason", "night").stdout
    assert "drained from 20" in said
    assert listed(g)["region/eu"]["state"] == "waiting"
    assert g.short("www.gslb.example.com", ANY)[0].startswith("127.0.61.")
    g.stop()
    g.start()
    wait_until(lambda: g.short("www.gslb.example.com", ANY)[0].startswith("127.0.62."), "it has begun")
    assert listed(g)["region/eu"]["state"] == "in force"
    table = g.ctl("drains").stdout
    assert table.split("\n")[0].split() == ["TARGET", "STATE", "ANSWERS/S", "SAFE", "BEGIN", "OVER", "END", "BY", "REASON"] and "night" in table
    soon = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    g.ctl("endpoint", "drain", "web-us/us1", "--at", soon)
    assert listed(g)["endpoint/web-us/us1"]["since"].startswith(soon[:-1])
    for bad in ("yesterday", "2020-01-01T00:00:00Z", "9999d"):
        said = g.ctl("endpoint", "drain", "web-us/us2", "--at", bad, check=False)
        assert said.returncode == 1 and "at: expected a time" in said.stderr, said.stderr


def test_a_drain_goes_gradually(gslbd):
    g = gslbd()
    g.apply(BASE)
    g.ctl("endpoint", "drain", "web-eu/eu1", "--over", "1h")
    one = listed(g)["endpoint/web-eu/eu1"]
    assert one["state"] == "going" and one["over"] == "1h" and one["weight_percent"] == 90
    counts = collections.Counter(g.short("www.gslb.example.com", ANY)[0] for _ in range(60))
    assert counts["127.0.61.1"] and counts["127.0.61.2"], counts
    assert "a drain goes: 90% of its weight is left" in g.ctl("explain", "www.gslb.example.com", "--client", "10.1.0.1").stdout
    g.ctl("endpoint", "restore", "web-eu/eu1")
    g.ctl("pool", "drain", "web-eu", "--over", "3s", "--for", "1h")  # the pool that goes gives its share to the next
    seen = set()

    def gone():
        seen.add(listed(g)["pool/web-eu"]["state"])
        return all(g.short("www.gslb.example.com", ANY)[0].startswith("127.0.62.") for _ in range(8)) and "in force" in seen

    wait_until(gone, lambda: seen)
    assert "going" in seen
    said = g.ctl("pool", "drain", "web-us", "--over", "1h", "--for", "10m", check=False)
    assert said.returncode == 1 and "longer than over" in said.stderr


def test_ready_tells_of_drains(gslbd):
    g = gslbd()
    g.apply(BASE)
    assert "drains" not in g.ctl("ready").stdout
    g.ctl("region", "drain", "us", "--at", "2h", "--for", "1h")
    g.ctl("endpoint", "drain", "web-eu/eu1", "--over", "1h")
    g.ctl("endpoint", "drain", "web-us/us1")
    assert "\n  drains: 2 in force, 1 waiting; `gslbctl drains` lists them\n" in g.ctl("ready").stdout
    ready = g.request("GET", "/ready", token=False)[2]
    assert (ready["drains_in_force"], ready["drains_waiting"]) == (2, 1), ready
    g.ctl("endpoint", "restore", "web-us/us1")
    g.ctl("region", "restore", "us")
    assert "drains: 1 in force, 0 waiting" in g.ctl("ready").stdout


def test_a_drain_shorter_than_the_ttl_says_so(gslbd):
    g = gslbd()
    g.apply(BASE.replace("ttl: 5", "ttl: 300"))
    said = g.ctl("region", "drain", "eu", "--for", "1m").stdout
    assert "warning: it ends 1m after it begins, before all clients have left: answers are kept for 300 s" in said, said
    assert "warning" not in g.ctl("region", "drain", "eu", "--for", "10m", "--replace").stdout


def test_drains_that_come_count_for_the_guard(gslbd):
    g = gslbd()
    g.apply(BASE)
    g.ctl("region", "drain", "us", "--at", "2h", "--for", "1h")
    g.ctl("region", "drain", "eu", "--for", "1h")  # has ended before us is drained
    assert g.ctl("region", "drain", "eu", "--for", "3h", "--replace", check=False).returncode == 1
    assert g.ctl("region", "drain", "eu", "--replace", check=False).returncode == 1
    g.ctl("region", "drain", "eu", "--at", "4h", "--replace")  # us is back by then


def test_drains_tell_when_the_machines_can_go(gslbd):
    g = gslbd()
    g.apply("""
regions: [{name: eu, default: true}]
pools:
  - {name: a, region: eu, endpoints: [{name: one, address: 192.0.2.1}]}
  - {name: b, region: eu, endpoints: [{name: two, address: 192.0.2.2}]}
  - {name: around, region: eu, service: inner.gslb.example.com}
zones: [{name: gslb.example.com, ns: [ns1.example.net]}]
services:
  - {name: inner.gslb.example.com, ttl: 1, steering: failover, pools: [a, b]}
  - {name: outer.gslb.example.com, ttl: 3, pools: [around]}
""")

    def drain():
        [one] = g.request("GET", "/v1/drains")[2]["items"]
        return one

    def asked():
        for _ in range(10):
            g.short("inner.gslb.example.com")
        return drain()

    g.ctl("pool", "drain", "a", "--at", "1h")
    one = wait_until(lambda: (d := asked())["rate"] > 0.5 and d, "answers carry it")
    assert one["state"] == "waiting" and not one["safe"] and one["ttl"] == 3, one  # of the service that leads to it through another
    assert one["safe_after"] > one["since"]
    reply = g.request("POST", "/v1/pools/a/drain", {"replace": True})[2]
    assert reply["ttl"] == 3 and reply["safe_after"] == drain()["safe_after"], reply
    assert not drain()["safe"] and drain()["state"] == "in force"
    wait_until(lambda: drain()["safe"], "nobody gets it any more", 60)
    assert drain()["rate"] <= 0.1
    assert g.ctl("drains").stdout.splitlines()[0].split() == ["TARGET", "STATE", "ANSWERS/S", "SAFE", "BEGIN", "OVER", "END", "BY", "REASON"]
