"""What a change would take from clients is told, and refused unless it is meant."""
from conftest import two_regions, wait_until

BASE = two_regions(9) + "  - {name: pay.gslb.example.com, fence: true, pools: [web-eu, web-us]}\n"
BASE = BASE.replace("    monitor: web\n", "")  # nothing is checked: all count as up


def numbers(g):
    return [r["number"] for r in g.request("GET", "/v1/revisions")[2]["items"]]


def test_a_drain_that_leaves_nobody_is_refused_naming_who(gslbd):
    g = gslbd()
    g.apply(BASE)
    before = numbers(g)
    for dry in ([], ["--dry-run"]):
        said = g.ctl("region", "drain", "eu", *dry, check=False)
        assert said.returncode == 1 and "refused: 1 service would have nothing healthy; --force overrides" in said.stderr, said
        assert "services[pay.gslb.example.com]: eu clients -> NOBODY  fence: true" in said.stderr
    status, _, problem = g.request("POST", "/v1/regions/eu/drain?dry_run", {})
    assert status == 409 and [p["path"] for p in problem["problems"]] == ["services[pay.gslb.example.com]"]
    assert numbers(g) == before and g.request("GET", "/v1/drains")[2]["items"] == []
    g.ctl("endpoint", "drain", "web-eu/eu1")  # the other serves
    assert g.ctl("endpoint", "drain", "web-eu/eu2", check=False).returncode == 1
    forced = g.ctl("region", "drain", "eu", "--force").stdout
    assert "forced: services[pay.gslb.example.com]: eu clients -> NOBODY  fence: true" in forced
    # eu's clients had nothing any more; the last region takes all from both services
    said = g.ctl("region", "drain", "us", check=False).stderr
    assert "2 services would have" in said and "services[www.gslb.example.com]: all clients -> NOBODY" in said, said
    assert "services[pay.gslb.example.com]: us clients" in said, said
    g.ctl("region", "restore", "eu")


def test_bulk_edits_and_configurations_are_looked_at_too(gslbd):
    g = gslbd()
    g.apply(BASE)
    first = numbers(g)[0]
    before = numbers(g)

    def refused(*words, stdin=None):
        said = g.ctl(*words, check=False, stdin=stdin)
        assert said.returncode == 1 and "eu clients -> NOBODY" in said.stderr, (words, said)

    refused("bulk", "drain", "--region", "eu")
    refused("bulk", "disable", "--pool", "web-eu")
    refused("set", "pool", "web-eu", "enabled=false")
    refused("apply", "-f", "-", stdin="pools: [{name: web-eu, region: eu, endpoints: []}]")
    refused("apply", "--dry-run", "-f", "-", stdin="pools: [{name: web-eu, region: eu, endpoints: []}]")
    assert g.request("PATCH", "/v1/pools/web-eu", {"enabled": False})[0] == 409
    assert numbers(g) == before
    g.ctl("delete", "endpoint", "web-eu/eu1")
    refused("delete", "endpoint", "web-eu/eu2")
    g.ctl("set", "pool", "web-eu", "enabled=false", "--force")
    emptied = numbers(g)[0]
    g.ctl("rollback", str(first))
    refused("rollback", str(emptied))
    g.ctl("rollback", str(emptied), "--force")
    g.ctl("set", "service", "www.gslb.example.com", "ttl=7")  # what was without before does not count


def test_health_counts_as_it_is(gslbd, endpoints):
    one, two = endpoints("127.0.61.1", "127.0.61.2")
    g = gslbd()
    g.apply(two_regions(one.port))
    g.wait_state("web-us/us1", "down")
    g.wait_state("web-us/us2", "down")
    g.wait_state("web-eu/eu2", "up")
    two.stop()
    g.wait_state("web-eu/eu2", "down")
    said = g.ctl("endpoint", "drain", "web-eu/eu1", check=False)
    assert said.returncode == 1 and "services[www.gslb.example.com]: all clients -> NOBODY" in said.stderr
    two.restart()
    wait_until(lambda: g.ctl("endpoint", "drain", "web-eu/eu1", check=False).returncode == 0, "the other is up again")
