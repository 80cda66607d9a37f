"""Standing rules: every change is checked against those that stood before it; who breaks one says why, and the history tells."""
import json

from conftest import wait_until

BASE = """
regions: [{name: eu, fallback: [us]}, {name: us, fallback: [eu], default: true}, {name: ap, fallback: [us]}]
pools:
  - {name: web-eu, region: eu, endpoints: [{name: eu1, address: 192.0.2.11}, {name: eu2, address: 192.0.2.12}]}
  - {name: web-us, region: us, endpoints: [{name: us1, address: 192.0.2.21}]}
  - {name: idle-ap, region: ap, endpoints: [{name: ap1, address: 192.0.2.31}]}
zones: [{name: gslb.example.com, ns: [ns1.gslb.example.com], records: [{name: ns1, type: A, data: [127.0.0.1]}]}]
services: [{name: www.gslb.example.com, pools: [web-eu, web-us]}]
"""
RULES = "rules: {regions_serving: 2, drains: {max_for: 24h}}\n"
SAID = "rules.regions_serving: at least 2 regions must serve, and 1 (us) would; now it is 2 (eu, us)"


def ruled(gslbd, rules=RULES):
    g = gslbd()
    g.apply(BASE + rules)
    return g


def newest(g):
    return g.request("GET", "/v1/revisions?changes&limit=1")[2]["items"][0]


def refused(g, *words, said=SAID, stdin=None):
    """With a dry run, and without; with --force alone too."""
    before = newest(g)
    for more in ([], ["--dry-run"], ["--force"], ["--force", "--dry-run"]):
        out = g.ctl(*words, *more, check=False, stdin=stdin)
        assert out.returncode == 1 and "--force --reason TEXT overrides" in out.stderr and said in out.stderr, (words, more, out)
    assert newest(g) == before, words


def test_every_way_to_take_a_region_away_is_refused(gslbd):
    g = ruled(gslbd)
    first = newest(g)["number"]
    refused(g, "region", "drain", "eu", "--for", "1h")
    refused(g, "pool", "drain", "web-eu", "--for", "1h")
    refused(g, "bulk", "drain", "--region", "eu", "--for", "1h")
    refused(g, "region", "drain", "eu", "--at", "2h", "--for", "1h")
    refused(g, "region", "drain", "eu", "--over", "10m", "--for", "1h")
    refused(g, "bulk", "disable", "--region", "eu")
    refused(g, "bulk", "weight", "0", "--region", "eu")
    refused(g, "set", "pool", "web-eu", "enabled=false")
    refused(g, "set", "pool", "web-eu", "min_healthy=3")
    refused(g, "patch", "pool", "web-eu", "-f", "-", stdin="endpoints: {eu1: {enabled: false}, eu2: null}")
    refused(g, "set", "service", "www.gslb.example.com", "pools=[web-us]")
    refused(g, "set", "pool", "web-eu", "region=us")
    refused(g, "apply", "--prune", "-f", "-", stdin=BASE.replace("web-eu, web-us", "web-us").replace("\n  - {name: web-eu", "\n  #") + RULES)
    g.ctl("endpoint", "drain", "web-eu/eu1", "--for", "1h")  # the other serves
    refused(g, "set", "endpoint", "web-eu/eu2", "weight=0")
    refused(g, "endpoint", "drain", "web-eu/eu2", "--for", "1h")
    g.ctl("set", "pool", "idle-ap", "enabled=false")  # nobody uses it
    g.ctl("endpoint", "restore", "web-eu/eu1")
    refused(g, "delete", "service", "www.gslb.example.com", said="at least 2 regions must serve, and 0 would; now it is 2 (eu, us)")
    assert newest(g)["number"] == first + 3


def test_what_goes_gradually_or_soon_is_counted_as_gone(gslbd):
    g = ruled(gslbd, "rules: {regions_serving: 1}\n")
    g.ctl("region", "drain", "eu", "--over", "10m", "--for", "1h")
    refused(g, "set", "pool", "web-us", "enabled=false", said="at least 1 region must serve, and 0 would; now it is 1 (us)")
    refused(g, "region", "drain", "us", "--at", "30m", "--for", "1h", said="and 0 would; now it is 1 (us)")
    g.ctl("region", "drain", "us", "--at", "2h", "--for", "1h")  # the other has ended by then


def test_a_pool_without_weight_does_not_serve(gslbd):
    g = gslbd()
    g.apply(BASE.replace("pools: [web-eu, web-us]", "steering: weighted, pools: [{pool: web-eu, weight: 5}, {pool: web-us, weight: 5}]") + RULES)
    refused(g, "patch", "service", "www.gslb.example.com", "-f", "-", stdin="pools: {web-eu: {weight: 0}}")


def test_who_breaks_one_says_why_and_the_history_tells(gslbd):
    g = ruled(gslbd)
    g.request("POST", "/v1/tokens", {"name": "ann", "role": "operate"})
    before = newest(g)["number"]
    said = g.ctl("region", "drain", "eu", "--for", "1h", "--force", "--reason", "eu burns", "--dry-run").stdout
    assert f"forced: {SAID}" in said and "dry run" in said and newest(g)["number"] == before
    said = g.ctl("region", "drain", "eu", "--for", "1h", "--force", "--reason", "eu burns").stdout
    assert f"forced: {SAID}" in said
    entry = newest(g)
    assert (entry["author"], entry["reason"], entry["forced"]) == ("admin", "eu burns", [SAID]) and entry["time"]
    assert g.request("GET", f"/v1/revisions/{entry['number']}")[2]["forced"] == [SAID]
    shown = g.ctl("revision", str(entry["number"])).stdout
    assert f"forced: {SAID}\n" in shown and "reason: eu burns\n" in shown
    row = next(line for line in g.ctl("revisions").stdout.splitlines() if line.startswith(str(entry["number"])))
    assert "rules.regions_serving" in row and "eu burns" in row
    assert f'revision {entry["number"]} by "admin" was forced, for eu burns: {SAID}' in g.log_path.read_text()
    # it is below already: what takes nothing more may be done, what takes the last may not
    g.ctl("set", "service", "www.gslb.example.com", "ttl=7")
    assert "forced" not in newest(g)
    refused(g, "set", "pool", "web-us", "enabled=false", said="and 0 would; now it is 1 (us)")
    g.ctl("region", "restore", "eu")
    status, _, reply = g.request("DELETE", "/v1/services/www.gslb.example.com?force=true&reason=it%20moves%20away")
    assert status == 200 and "rules.regions_serving" in reply["forced"][0]
    assert newest(g)["reason"] == "it moves away"
    g.stop()
    g.start()
    assert newest(g)["reason"] == "it moves away"


def test_a_reason_goes_with_force(gslbd):
    g = ruled(gslbd)
    for query in ("reason=why", "force=true&reason=", "reason="):
        status, _, reply = g.request("DELETE", f"/v1/services/www.gslb.example.com?{query}")
        assert status == 400 and "reason" in reply["detail"], (query, reply)
    assert g.ctl("delete", "service", "www.gslb.example.com", "--reason", "why", check=False).returncode == 1
    g.ctl("set", "pool", "idle-ap", "balance=hash", "--force", "--reason", "nothing stands against it")
    assert "reason" not in newest(g) and "forced" not in newest(g)


def test_a_drain_has_an_end_not_too_far_away(gslbd):
    g = ruled(gslbd, "rules: {drains: {max_for: 24h}}\n")
    most = "rules.drains.max_for: a drain lasts at most 1d, and drains[endpoint/web-eu/eu1]"
    refused(g, "endpoint", "drain", "web-eu/eu1", said=f"{most} has no end")
    refused(g, "endpoint", "drain", "web-eu/eu1", "--for", "25h", said=f"{most} lasts 25h")
    refused(g, "bulk", "drain", "--pool", "web-eu", "--for", "2d", said=f"{most} (the first of several) lasts 2d")
    g.ctl("endpoint", "drain", "web-eu/eu1", "--for", "24h", "--at", "30d")
    refused(g, "endpoint", "drain", "web-eu/eu1", "--replace", said=most)
    g.ctl("region", "drain", "eu", "--force", "--reason", "until the new hall stands")
    assert newest(g)["reason"] == "until the new hall stands" and newest(g)["forced"] == [
        "rules.drains.max_for: a drain lasts at most 1d, and drains[region/eu] has no end"]
    with_drain = newest(g)["number"]
    g.ctl("region", "restore", "eu")
    refused(g, "rollback", str(with_drain), "--with-drains", said="drains[region/eu] has no end")


def test_rules_do_not_loosen_themselves(gslbd):
    """What counts are the rules before the change."""
    g = ruled(gslbd)
    weak = BASE.replace("pools: [web-eu, web-us]", "pools: [web-us]")
    for rules in ("rules: {regions_serving: 1}\n", "rules: {}\n"):
        refused(g, "apply", "-f", "-", stdin=weak + rules)
    refused(g, "apply", "--prune", "-f", "-", stdin=weak)
    g.ctl("delete", "rules")
    assert "rules" not in g.request("GET", "/v1/configuration")[2]
    g.ctl("apply", "-f", "-", stdin=weak)
    # one that could not be kept to now binds from the next change on
    g.ctl("set", "rules", "regions_serving=2")
    g.ctl("set", "service", "www.gslb.example.com", "ttl=9")
    refused(g, "set", "pool", "web-us", "enabled=false", said="and 0 would; now it is 1 (us)")
    backup = g.ctl("backup", "-").stdout
    g.ctl("set", "service", "www.gslb.example.com", "pools=[web-eu, web-us]")
    refused(g, "restore", "-", stdin=backup)


def test_rules_are_one_document(gslbd):
    g = ruled(gslbd)
    rules = {"regions_serving": 2, "drains": {"max_for": "24h"}}
    status, headers, got = g.request("GET", "/v1/rules")
    assert (status, got) == (200, rules)
    first = newest(g)["number"]
    assert g.request("GET", "/v1/configuration")[2]["rules"] == rules
    assert g.request("GET", "/v1/schema")[2]["rules"]["fields"][0]["name"] == "regions_serving"
    assert json.loads(g.ctl("get", "rules", "-o", "json").stdout) == rules
    assert "max_for: 24h" in g.ctl("get", "rule").stdout
    g.ctl("apply", "--prune", "-f", "-", stdin=g.ctl("get", "--defaults").stdout)
    g.ctl("apply", "--prune", "-f", "-", stdin=g.ctl("get").stdout)
    assert newest(g)["number"] == first  # both are the same
    assert g.ctl("set", "rules", "regions_serving=1").stdout.splitlines()[0] == "  rules ~ regions_serving 2 -> 1"
    assert g.request("PATCH", "/v1/rules", {"drains": None}, {"If-Match": headers["ETag"]})[0] == 412
    assert g.request("PATCH", "/v1/rules", {"drains": None})[0] == 200
    assert g.request("GET", "/v1/rules?defaults")[2] == {"regions_serving": 1, "drains": {}}
    g.ctl("revert", str(first + 1))
    assert g.request("GET", "/v1/rules")[2]["regions_serving"] == 2
    g.ctl("rollback", str(first))
    assert g.request("GET", "/v1/rules")[2] == rules
    for body, said in (({"regions_serving": -1}, "regions_serving"), ({"regions": 1}, "regions"), ({"drains": {"max_for": "0s"}}, "drains.max_for"), ([], "")):
        status, _, reply = g.request("PUT", "/v1/rules", body)
        assert status == 422 and reply["problems"][0]["path"].endswith(said), (body, reply)
    said = g.ctl("apply", "-f", "-", stdin="rules: [{regions_serving: 1}]", check=False)
    assert said.returncode == 1 and "rules: expected a map" in said.stderr
    assert g.request("PUT", "/v1/rules", {"regions_serving": 1})[0] == 200
    said = g.ctl("delete", "rules").stdout
    assert said.startswith("  - rules regions_serving 1\nrevision ") or said.startswith("  rules - regions_serving 1\nrevision "), said
    assert g.ctl("set", "rules", "regions_serving=1", "drains.max_for=24h", "--dry-run").stdout.startswith("  rules + regions_serving 1\n  rules + drains max_for 24h\n")
    assert g.request("GET", "/v1/rules")[:3:2] == (200, {})
    assert g.ctl("delete", "rules").stdout.startswith("nothing to change")
    g.ctl("patch", "rules", "-f", "-", stdin="drains: {max_for: 1h}")
    assert g.request("GET", "/v1/rules")[2] == {"drains": {"max_for": "1h"}}
    for words in (("get", "rules", "x"), ("delete", "rules", "x"), ("edit", "rules", "x"), ("set", "rules"), ("set", "rules", "x"), ("delete", "pool")):
        assert g.ctl(*words, check=False).returncode == 2, words


def test_health_counts_as_it_is(gslbd, endpoints):
    one, two = endpoints("127.0.64.1", "127.0.64.2")
    g = gslbd()
    g.apply(f"""
regions: [{{name: eu, fallback: [us]}}, {{name: us, default: true}}]
monitors: [{{name: web, type: http, port: {one.port}, path: /health, interval: 200ms, timeout: 150ms, rise: 1, fall: 1}}]
pools:
  - {{name: web-eu, region: eu, monitor: web, endpoints: [{{name: eu1, address: 127.0.64.1}}]}}
  - {{name: web-us, region: us, monitor: web, endpoints: [{{name: us1, address: 127.0.64.2}}]}}
zones: [{{name: gslb.example.com, ns: [ns1.gslb.example.com], records: [{{name: ns1, type: A, data: [127.0.0.1]}}]}}]
services: [{{name: www.gslb.example.com, when_all_down: serve_all, pools: [web-eu, web-us]}}]
rules: {{regions_serving: 1}}
""")
    g.wait_state("web-eu/eu1", "up")
    g.wait_state("web-us/us1", "up")
    g.ctl("region", "drain", "eu", "--dry-run")
    two.stop()
    g.wait_state("web-us/us1", "down")
    said = g.ctl("region", "drain", "eu", check=False)
    assert said.returncode == 1 and "1 service would have nothing healthy, and 1 rule would be broken; --force --reason TEXT overrides" in said.stderr
    assert "at least 1 region must serve, and 0 would; now it is 1 (eu)" in said.stderr
    two.restart()
    wait_until(lambda: g.ctl("region", "drain", "eu", check=False).returncode == 0, "us serves again")
