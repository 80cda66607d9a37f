"""What was down and is back, but is kept out until somebody says so or a delay is over: over restarts, with a name at its end."""
import signal
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from conftest import two_regions, wait_until

MANUAL, AUTO = "www.gslb.example.com", "fast.gslb.example.com"
EU, US = {"127.0.61.1", "127.0.61.2"}, {"127.0.62.1", "127.0.62.2"}
CONFIGURATION = (
    two_regions(9).split("monitors:")[0]
    + """
monitors: [{name: told, type: external}]
pools:
  - {name: web-eu, region: eu, monitor: told, labels: [ours], endpoints: [{name: eu1, address: 127.0.61.1}, {name: eu2, address: 127.0.61.2}]}
  - {name: web-us, region: us, monitor: told, endpoints: [{name: us1, address: 127.0.62.1}, {name: us2, address: 127.0.62.2}]}
zones: [{name: gslb.example.com, ns: [ns1.example.net]}]
services:
  - {name: www.gslb.example.com, ttl: 5, pools: [web-eu, web-us], failback: manual}
  - {name: fast.gslb.example.com, ttl: 5, pools: [web-eu, web-us]}
"""
)


def served(g, name=MANUAL):
    return {a for _ in range(12) for a in g.short(name, "10.1.2.0/24")}


def holds(g):
    return {one["name"]: one for one in g.request("GET", "/v1/holds")[2]["items"]}


def written(g):
    return {name for name, one in holds(g).items() if one["written"]}


def say(g, state, *names):
    for name in names:
        g.ctl("endpoint", "verdict", name, state, "--for", "1h")


def bounce(g, *names):
    say(g, "down", *names)
    say(g, "up", *names)


def newest(g):
    return g.request("GET", "/v1/revisions?limit=1&changes=true")[2]["items"][0]


def revision(g):
    return g.request("GET", "/ready", token=False)[2]["revision"]


def held(gslbd, configuration=CONFIGURATION):
    g = gslbd()
    g.apply(configuration)
    bounce(g, "web-eu/eu1", "web-eu/eu2")
    wait_until(lambda: written(g) == {"pool/web-eu"}, "the hold is in the store")
    return g


def metric(g, scope):
    text = g.request("GET", "/metrics", token=False)[2]
    text = text if isinstance(text, str) else str(text)
    return f'gslbd_holds{{scope="{scope}"}} 1' in text


def test_a_hold_is_an_operation_told_everywhere_and_ended_by_a_name(gslbd):
    g = held(gslbd)
    assert served(g) <= US and served(g, AUTO) <= EU  # two services over one pool
    made = newest(g)
    assert made["author"] == "gslbd" and [(c["kind"], c["key"]) for c in made["changes"]] == [("holds", "pool/web-eu")], made
    one = holds(g)["pool/web-eu"]
    assert one["by"] == "gslbd" and "until" not in one and one["since"], one
    status, _, ready = g.request("GET", "/ready", token=False)
    assert status == 200 and ready["ready"] and ready["holds"] == {"pools": 1, "endpoints": 0} and not ready["reasons"], ready
    assert "1 pools and 0 endpoints are back" in g.ctl("ready").stdout
    assert metric(g, "pool") and not metric(g, "endpoint")
    story = g.ctl("explain", MANUAL, "--client", "10.1.0.1").stdout
    assert "held until its failback, since 20" in story and "gslbctl pool failback web-eu" in story, story
    table = g.ctl("holds").stdout
    assert "pool/web-eu" in table and "its failback" in table
    before = revision(g)
    said = g.ctl("pool", "failback", "web-eu", "--dry-run").stdout
    assert "- holds[pool/web-eu]" in said and served(g) <= US and revision(g) == before, said
    g.ctl("pool", "failback", "web-eu")
    assert served(g) <= EU and not holds(g)
    assert newest(g)["author"] == "admin" and newest(g)["changes"][0]["kind"] == "holds"
    before = revision(g)
    g.ctl("pool", "failback", "web-eu")  # nothing is held: nothing changes
    assert revision(g) == before


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_holds_are_in_force_from_the_first_answer_after_a_restart(gslbd, how):
    g = held(gslbd)
    since = holds(g)["pool/web-eu"]["since"]
    for _ in range(2):
        g.stop(how)
        g.start()
        assert served(g) <= US and served(g, AUTO) <= EU
        assert holds(g)["pool/web-eu"]["since"] == since and written(g) == {"pool/web-eu"}
    g.apply(CONFIGURATION.replace("ttl: 5", "ttl: 7"))  # another configuration: held on
    assert served(g) <= US and written(g) == {"pool/web-eu"}
    g.ctl("region", "restore", "eu")
    assert served(g) <= EU
    g.stop(how)
    g.start()
    assert served(g) <= EU and not holds(g)


def test_a_hold_ends_when_the_pool_is_down_again_or_nobody_holds_it_or_it_is_gone(gslbd):
    g = held(gslbd)
    say(g, "down", "web-eu/eu1", "web-eu/eu2")
    wait_until(lambda: not holds(g) and newest(g)["author"] == "gslbd" and "new" not in newest(g)["changes"][0], "it is out of the store")
    say(g, "up", "web-eu/eu1", "web-eu/eu2")
    wait_until(lambda: written(g) == {"pool/web-eu"}, "it is held anew")
    g.apply(CONFIGURATION.replace(", failback: manual", ""))
    assert served(g) <= EU
    wait_until(lambda: not holds(g), "nobody holds it")
    g.apply(CONFIGURATION)
    assert served(g) <= EU and not holds(g)
    bounce(g, "web-eu/eu1", "web-eu/eu2")
    wait_until(lambda: written(g) == {"pool/web-eu"}, "held")
    g.apply(CONFIGURATION.replace("[web-eu, web-us]", "[web-us]"))
    g.ctl("delete", "pool", "web-eu")
    wait_until(lambda: not holds(g) and "holds" in str(newest(g)["changes"]), "it is gone")


def test_a_delay_tells_its_end_and_goes_on_over_a_restart(gslbd):
    g = gslbd()
    g.apply(CONFIGURATION.replace("failback: manual", "failback: delayed 10s"))
    bounce(g, "web-eu/eu1", "web-eu/eu2")
    wait_until(lambda: written(g) == {"pool/web-eu"}, "held")
    assert holds(g)["pool/web-eu"]["until"] > holds(g)["pool/web-eu"]["since"]
    g.stop(signal.SIGKILL)
    g.start()
    assert served(g) <= US
    wait_until(lambda: served(g) <= EU, "the delay is over")
    wait_until(lambda: not holds(g) and newest(g)["author"] == "gslbd" and "holds" in str(newest(g)["changes"]), "and out of the store")


PER_ENDPOINT = CONFIGURATION.replace(", failback: manual", "").replace("labels: [ours],", "labels: [ours], failback: manual,")


def test_an_endpoint_stays_out_until_confirmed_while_enough_others_serve(gslbd):
    g = gslbd()
    g.apply(PER_ENDPOINT)
    bounce(g, "web-eu/eu1")
    wait_until(lambda: written(g) == {"endpoint/web-eu/eu1"}, "held")
    assert served(g) == {"127.0.61.2"}
    assert g.request("GET", "/v1/health/web-eu/eu1")[2]["hold_since"] and "hold_since" in g.ctl("health", "web-eu/eu1").stdout
    assert "hold_since" not in g.request("GET", "/v1/health/web-eu/eu2")[2]
    assert "gslbctl endpoint failback web-eu/eu1" in g.ctl("explain", MANUAL, "--client", "10.1.0.1").stdout
    assert metric(g, "endpoint") and not metric(g, "pool")
    say(g, "down", "web-eu/eu2")  # nothing else is up: it serves rather than nobody, and its region is not left
    assert served(g) == {"127.0.61.1"}
    assert "too few others are up" in g.ctl("explain", MANUAL, "--client", "10.1.0.1").stdout
    say(g, "up", "web-eu/eu2")
    wait_until(lambda: written(g) == {"endpoint/web-eu/eu1", "endpoint/web-eu/eu2"}, "both held")
    assert served(g) == EU
    g.stop(signal.SIGKILL)
    g.start()
    assert served(g) == EU and set(holds(g)) == {"endpoint/web-eu/eu1", "endpoint/web-eu/eu2"}
    g.ctl("endpoint", "failback", "web-eu/eu2")
    assert served(g) == {"127.0.61.2"} and set(holds(g)) == {"endpoint/web-eu/eu1"}
    g.ctl("bulk", "restore", "--label", "ours")
    assert served(g) == EU and not holds(g) and newest(g)["author"] == "admin"


def test_an_endpoint_may_say_otherwise_than_its_pool(gslbd):
    g = gslbd()
    g.apply(PER_ENDPOINT.replace("name: eu1, address", "name: eu1, failback: delayed 2s, address").replace("name: eu2, address", "name: eu2, failback: auto, address"))
    bounce(g, "web-eu/eu2")
    assert served(g) == EU
    bounce(g, "web-eu/eu1")
    assert served(g) == {"127.0.61.2"} and "until" in holds(g)["endpoint/web-eu/eu1"]
    wait_until(lambda: served(g) == EU, "the delay is over")
    wait_until(lambda: not holds(g), "and it is held no more")
    bounce(g, "web-eu/eu1")
    assert served(g) == {"127.0.61.2"}
    g.apply(PER_ENDPOINT.replace("failback: manual", "failback: auto"))
    assert served(g) == EU
    for wrong in ("later", "delayed", "1"):
        said = g.ctl("set", "pool", "web-eu", f"failback={wrong}", check=False)
        assert said.returncode == 1 and "expected auto, manual, or delayed" in said.stderr, said.stderr


def test_min_healthy_decides_how_many_others_are_enough(gslbd):
    g = gslbd()
    three = "{name: eu3, address: 127.0.61.3}, {name: eu1, address: 127.0.61.1}"
    g.apply(PER_ENDPOINT.replace("{name: eu1, address: 127.0.61.1}", three).replace("failback: manual,", "failback: manual, min_healthy: 2,"))
    bounce(g, "web-eu/eu1")
    assert served(g) == {"127.0.61.2", "127.0.61.3"}
    bounce(g, "web-eu/eu2")  # one alone is not enough
    assert served(g) == {"127.0.61.1", "127.0.61.2", "127.0.61.3"}


def test_a_thousand_that_come_back_are_a_revision_a_tick(gslbd):
    g = gslbd()
    names = [f"p{i}" for i in range(1000)]
    pools = "\n".join(f"  - {{name: {n}, region: eu, monitor: told, endpoints: [{{name: e, address: 127.1.{i // 250}.{i % 250 + 1}}}]}}" for i, n in enumerate(names))
    services = "\n".join(f"  - {{name: {n}.gslb.example.com, pools: [{n}, web-us], failback: manual}}" for n in names)
    head, tail = CONFIGURATION.split("zones:")
    g.apply(head + pools + "\nzones:" + tail + services)
    def tell(state):
        def one(n):
            assert g.request("PUT", f"/v1/pools/{n}/endpoints/e/verdict", {"state": state, "ttl": "1h"})[0] == 204
        with ThreadPoolExecutor(4) as workers:
            list(workers.map(one, names))
    tell("down")
    before, began = revision(g), time.monotonic()
    tell("up")
    ticks = 4 * (time.monotonic() - began) + 4
    wait_until(lambda: len(written(g)) == 1000, "all are held", 30)
    assert 1 <= revision(g) - before <= ticks  # what comes in one tick is one revision
    g.ctl("region", "restore", "eu")
    assert not holds(g) and newest(g)["count"] == 1000 and newest(g)["author"] == "admin"


def test_who_may_end_holds(gslbd):
    g = held(gslbd)

    def token(name, *more):
        return g.request("POST", "/v1/tokens", {"name": name, **dict(more)})[2]["secret"]
    path = "/v1/pools/web-eu/failback"

    def end(secret, dry=True):
        return g.request("POST", path + ("?dry_run" if dry else ""), headers={"Authorization": f"Bearer {secret}"}, token=False)[0]
    assert end(token("reads", ("role", "read"))) == 403
    assert end(token("other", ("role", "operate"), ("pool_labels", ["theirs"]))) == 403
    assert end(token("ours", ("role", "operate"), ("pool_labels", ["ours"]))) == 200
    assert written(g) == {"pool/web-eu"}
    carl = token("carl", ("role", "operate"))
    tag = {"Authorization": f"Bearer {carl}", "If-Match": "1"}
    assert g.request("POST", path, headers=tag, token=False)[0] == 412 and written(g) == {"pool/web-eu"}
    assert end(carl, dry=False) == 200
    assert not holds(g) and newest(g)["author"] == "carl" and served(g) <= EU


def test_rollback_prune_and_export_leave_holds_alone(gslbd):
    g = gslbd()
    g.apply(CONFIGURATION)
    start = revision(g)
    bounce(g, "web-eu/eu1", "web-eu/eu2")
    wait_until(lambda: written(g) == {"pool/web-eu"}, "held")
    during = revision(g)
    g.apply(CONFIGURATION.replace("ttl: 5", "ttl: 6"))
    for way in ((), ("--with-drains",)):
        g.ctl("rollback", str(start), *way)
        assert written(g) == {"pool/web-eu"} and served(g) <= US
    assert "holds" not in g.request("GET", "/v1/configuration")[2]
    g.ctl("apply", "-f", "-", "--prune", "--yes", stdin=CONFIGURATION)
    assert written(g) == {"pool/web-eu"}
    g.ctl("pool", "restore", "web-eu")
    g.ctl("rollback", str(during), "--with-drains")
    assert not holds(g) and served(g) <= EU
    said = g.ctl("apply", "-f", "-", check=False, stdin="holds: [{name: pool/web-eu, since: 2026-01-01T00:00:00Z}]")
    assert said.returncode == 1 and "unknown kind" in said.stderr, said.stderr


def test_a_backup_brings_its_holds(gslbd, tmp_path):
    g = held(gslbd)
    g.ctl("backup", str(tmp_path / "with"))
    g.ctl("pool", "failback", "web-eu")
    g.ctl("backup", str(tmp_path / "without"))
    g.ctl("restore", str(tmp_path / "with"))
    assert written(g) == {"pool/web-eu"} and served(g) <= US
    g.ctl("restore", str(tmp_path / "without"))
    assert not holds(g) and served(g) <= EU


def test_a_hold_is_in_force_while_the_disk_is_full_and_written_later(small_disk):
    g = small_disk.g
    many = ", ".join(f"{{name: e{i}, address: 127.0.70.{i + 1}}}" for i in range(200))
    g.apply(CONFIGURATION.replace("pools:\n", f"pools:\n  - {{name: many, region: eu, monitor: told, failback: manual, endpoints: [{many}]}}\n", 1))
    small_disk.fill_store()
    bounce(g, *[f"many/e{i}" for i in range(200)], "web-eu/eu1", "web-eu/eu2")
    assert served(g) <= US and len(holds(g)) == 201
    wait_until(lambda: "store" in str(g.request("GET", "/ready", token=False)[2]["reasons"]), "it is told")
    assert not written(g)
    g.ctl("pool", "failback", "web-eu")  # an operator's word is in force all the same
    assert served(g) <= EU and "pool/web-eu" not in holds(g)
    assert '"admin" says so' in g.log_path.read_text()
    small_disk.free()
    wait_until(lambda: len(written(g)) == 200, "the store has them")
