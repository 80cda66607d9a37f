"""Operations beside the configuration: drains over rollbacks, restarts and their end."""
import time

from conftest import two_regions, wait_until

UNMONITORED = two_regions(9).replace("    monitor: web\n", "")


def drains(g):
    return {d["name"] for d in g.request("GET", "/v1/drains")[2]["items"]}


def test_rollback_neither_ends_drains_nor_brings_them_back(gslbd):
    g = gslbd()
    g.apply(UNMONITORED)
    g.ctl("pool", "drain", "web-us", "--reason", "was")
    before = g.request("GET", "/ready", token=False)[2]["revision"]
    g.ctl("pool", "restore", "web-us")
    g.ctl("region", "drain", "eu", "--reason", "in force")
    g.apply(UNMONITORED.replace("ttl: 5", "ttl: 7"))
    status, _, reply = g.request("POST", f"/v1/revisions/{before}/rollback")
    assert status == 200 and [c["kind"] for c in reply["changes"]] == ["services"], reply
    assert drains(g) == {"region/eu"}
    assert set(g.short("www.gslb.example.com", "10.1.2.0/24")) <= {"127.0.62.1", "127.0.62.2"}
    assert " 5 " in " ".join(g.dig("+noall", "+answer", "www.gslb.example.com").split())


def test_rollback_with_drains_leaves_out_those_that_have_ended(gslbd):
    g = gslbd()
    g.apply(UNMONITORED)
    g.ctl("region", "drain", "eu", "--for", "2s")
    g.ctl("pool", "drain", "web-us", "--for", "1h", "--force")
    then = str(g.request("GET", "/v1/ready")[2]["revision"])
    wait_until(lambda: drains(g) == {"pool/web-us"}, lambda: drains(g))
    g.ctl("pool", "restore", "web-us")
    assert g.ctl("rollback", then, "--with-drains", "--force").stdout.startswith("  + drains[pool/web-us]\nrevision ") and drains(g) == {"pool/web-us"}
    g.ctl("region", "drain", "eu", "--reason", "another", "--force")
    assert g.ctl("rollback", then, "--with-drains", "--force").stdout.startswith("  - drains[region/eu]\nrevision ") and drains(g) == {"pool/web-us"}
    assert g.ctl("rollback", then, "--with-drains").stdout.startswith("nothing to change")


EU, US = {"127.0.61.1", "127.0.61.2"}, {"127.0.62.1", "127.0.62.2"}


def served(g, subnet="10.1.2.0/24"):
    return {a for _ in range(12) for a in g.short("www.gslb.example.com", subnet)}


def serial(g):
    return g.dig("+short", "gslb.example.com", "SOA").split()[2]


def test_drains_overlap_survive_restarts_and_changes_and_leave_the_serial_alone(gslbd):
    g = gslbd()
    g.apply(UNMONITORED)
    before = serial(g)
    revision = g.request("GET", "/ready", token=False)[2]["revision"]
    g.ctl("region", "drain", "eu")
    g.ctl("pool", "drain", "web-eu")
    g.ctl("endpoint", "drain", "web-us/us1")
    assert served(g) == {"127.0.62.2"}
    assert g.request("GET", "/ready", token=False)[2]["revision"] == revision + 3
    assert serial(g) == before  # what a transfer holds is the same
    g.ctl("region", "restore", "eu")
    assert served(g) == {"127.0.62.2"}  # the pool is drained still
    g.apply(UNMONITORED.replace("ttl: 5", "ttl: 6"))
    assert served(g) == {"127.0.62.2"}
    g.stop()
    g.start()
    assert served(g) == {"127.0.62.2"} and drains(g) == {"pool/web-eu", "endpoint/web-us/us1"}
    g.ctl("pool", "restore", "web-eu")
    assert served(g) == EU
    assert g.request("POST", "/v1/regions/none/drain", {})[0] == 404


def test_a_drain_ends_by_itself_and_with_its_target(gslbd):
    g = gslbd()
    g.apply(UNMONITORED)
    g.ctl("region", "drain", "eu", "--for", "2s")
    assert served(g) == US
    wait_until(lambda: served(g) == EU, "eu is back")
    wait_until(lambda: not drains(g), "the store has let go of it")
    assert g.request("GET", "/v1/revisions?limit=1")[2]["items"][0]["comment"] == "drain ended"
    g.apply("pools: [{name: extra, region: eu, endpoints: [{name: x, address: 127.0.61.9}]}]")
    for target in (["pool", "drain", "extra"], ["endpoint", "drain", "extra/x"]):
        g.ctl(*target)
        assert g.request("DELETE", "/v1/pools/extra/endpoints/x" if target[0] == "endpoint" else "/v1/pools/extra")[0] == 200
        wait_until(lambda: not drains(g), "what is gone is drained no more")
        g.apply("pools: [{name: extra, region: eu, endpoints: [{name: x, address: 127.0.61.9}]}]")
    g.apply("regions: [{name: late}]")
    g.ctl("region", "drain", "late")
    g.ctl("delete", "region", "late")
    wait_until(lambda: not drains(g), "nor is a region that is gone")


def test_a_drain_ends_on_a_full_disk_with_one_line(small_disk):
    g = small_disk.g
    # so many that their end needs more room than the file's free pages have
    many = ", ".join(f"{{name: e{i}, address: 127.0.70.{i}}}" for i in range(100))
    g.apply(UNMONITORED)
    g.apply(f"pools: [{{name: many, region: eu, endpoints: [{many}]}}]")
    drain = {"select": {"region": "eu"}, "drain": {"for": "4s", "reason": "r" * 500}}
    assert g.request("POST", "/v1/bulk", drain)[0] == 200
    wait_until(lambda: served(g) == US, "eu is drained")
    small_disk.fill_store()
    wait_until(lambda: served(g) == EU, "eu is back all the same")
    mark = g.log_path.read_text().count("error store")
    g.ctl("ready", check=False)
    time.sleep(3)  # the time in which it was tried twelve times
    assert g.log_path.read_text().count("error store") - mark <= 1, g.log_path.read_text()
    assert any("store" in r for r in g.request("GET", "/ready", token=False)[2]["reasons"])
    small_disk.free()
    wait_until(lambda: not drains(g), "the store has let go of them")
