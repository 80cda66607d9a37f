"""What a change does to traffic, told before it is made: held against the traffic that follows."""
import collections
import random

import load
import pytest
from test_geo import make
from test_traffic import SHOP, WORLD, WWW, asked

from conftest import wait_until

REGIONS = ("eu", "us", "ap")
SERVICES = 50
CLIENTS = 10000
QUESTIONS = 20000
WITHIN = 0.01


def geography(moved):
    """A GeoIP file: 100.64.0.0/10 in stripes of /16 over three countries; `moved`: the first stripes are another's."""
    lines = []
    for i in range(64):
        country = ("DE", "US", "JP")[i % 3 if i >= moved else (i + 1) % 3]
        lines.append(f"100.{64 + i}.0.0,100.{64 + i}.255.255,{country}")
    return "\n".join(lines) + "\n"


def configuration(port):
    """Three regions; each of 50 services has a pool of its own in two of them, and one that they share. Balance and steering differ."""
    text = f"""
regions:
  - {{name: eu, match: [country:DE], fallback: [us, ap]}}
  - {{name: us, match: [country:US], fallback: [eu, ap], default: true}}
  - {{name: ap, match: [country:JP], fallback: [us, eu]}}
networks:
  - {{cidr: 100.70.0.0/16, region: ap}}
monitors:
  - {{name: alive, type: tcp, port: {port}, interval: 200ms, timeout: 150ms, rise: 1, fall: 1}}
zones: [{{name: gslb.example.com, ns: [ns1.example.net]}}]
pools:
  - {{name: checked, region: us, monitor: alive, endpoints: [{{name: c1, address: 127.0.93.1, weight: 30}}, {{name: c2, address: 127.0.93.2, weight: 70}}]}}
"""
    address = 0
    for r, region in enumerate(REGIONS):
        for p in range(20):
            ends = []
            for e in range(1 + (p + r) % 3):
                address += 1
                ends.append(f"{{name: e{e}, address: 198.18.{address // 250}.{address % 250 + 1}, weight: {10 + 7 * (e + p)}}}")
            balance = ("weighted", "weighted", "hash", "random", "failover")[p % 5]
            text += f"  - {{name: {region}{p}, region: {region}, balance: {balance}, endpoints: [{', '.join(ends)}]}}\n"
    text += "services:\n"
    for s in range(SERVICES):
        steering = ("geo", "geo", "failover", "weighted")[s % 4]
        pools = [f"{region}{(s * 7 + r) % 20}" for r, region in enumerate(REGIONS)]
        pools.insert(1, "checked")
        text += f"  - {{name: s{s}.gslb.example.com, steering: {steering}, pools: [{', '.join(pools)}]}}\n"
    return text


def questions():
    """The same multiset each time: few services are asked for most, as few clients ask most."""
    chance = random.Random(13)
    clients = [f"100.{chance.randrange(64, 128)}.{chance.randrange(256)}.0/24" for _ in range(CLIENTS)]
    services = chance.choices(range(SERVICES), [1 / (s + 1) for s in range(SERVICES)], k=QUESTIONS)
    return [(f"s{s}.gslb.example.com", chance.choice(clients)) for s in services]


class Shares:
    """What part of the answers goes to which region, pool and endpoint, by what was answered."""

    def __init__(self, g):
        self.of = {}
        for pool in g.request("GET", "/v1/pools?limit=1000")[2]["items"]:
            for e in pool.get("endpoints", []):
                self.of[e["address"]] = (pool["region"], pool["name"], f"{pool['name']}/{e['name']}")

    def measured(self, counts):
        total, sums = sum(counts.values()), [collections.Counter() for _ in range(3)]
        for (_, address), count in counts.items():
            for i in range(3):
                sums[i][self.of[address][i]] += count / total
        return sums

    @staticmethod
    def foretold(traffic):
        assert traffic["left_out"]["pools"] == 0
        return [{one[name]: one["after"]["share"] for one in traffic[names]}
                for name, names in (("region", "regions"), ("pool", "pools"), ("endpoint", "endpoints"))]


def hold_against(what, foretold, measured):
    for kind, said, seen in zip(("region", "pool", "endpoint"), foretold, measured):
        for name in seen:
            if kind == "endpoint" and name not in said and seen[name] < WITHIN:
                continue  # beyond the hundred that are told
            assert said.get(name, 0) == pytest.approx(seen[name], abs=WITHIN), f"{what}: {kind} {name}"


def dry(g, method, path, body=None):
    status, _, reply = g.request(method, path + ("&" if "?" in path else "?") + "dry_run=true", body)
    assert "traffic" in reply, (status, reply)
    return reply["traffic"]


def test_plan_foretells_the_traffic_that_follows(gslbd, endpoints, tmp_path):
    one, _ = endpoints("127.0.93.1", "127.0.93.2")
    database, new = tmp_path / "country.mmdb", tmp_path / "new.mmdb"
    make(database, geography(0))
    g = gslbd(settings=f"geo: {{database: {database}, watch: 0s}}\n")
    g.apply(configuration(one.port))
    g.wait_state("checked/c1", "up")
    g.wait_state("checked/c2", "up")
    all_questions = questions()
    shares = Shares(g)
    measured = [shares.measured(load.ask(g.port, all_questions))]

    def change(what, plan, do, effect=lambda: None):
        before, traffic = measured[-1], plan()
        was = {one["pool"]: one["before"]["share"] for one in traffic["pools"]}
        for name, share in before[1].items():
            assert was.get(name, 0) == pytest.approx(share, abs=WITHIN), f"before {what}: pool {name}"
        do()
        effect()
        measured.append(shares.measured(load.ask(g.port, all_questions)))
        hold_against(what, Shares.foretold(traffic), measured[-1])
        return traffic

    def item(method, path, body):
        return lambda: dry(g, method, path, body), lambda: g.request(method, path, body)

    network = {"cidr": "100.70.0.0/16", "region": "eu"}
    moved = change("a network moves", *item("PUT", "/v1/networks/100.70.0.0%2F16", network))
    assert 0.005 < moved["moved"]["share"] < 0.05
    override = {"overrides": [{"networks": ["100.72.0.0/14"], "regions": ["ap"]}]}
    change("an override comes", *item("PATCH", "/v1/services/s0.gslb.example.com", override))
    ends = {"endpoints": {"e0": {"weight": 90}, "e1": {"weight": 10}}}
    path = next(f"/v1/pools/{p['name']}" for p in g.request("GET", "/v1/pools?limit=1000")[2]["items"]
                if p.get("balance", "weighted") == "weighted" and len(p["endpoints"]) == 2 and p["name"] in ("eu0", "us1", "ap2", "eu6", "us6", "ap6"))
    weights = change("weights change", *item("PATCH", path, ends))
    assert weights["moved"]["share"] > 0

    def swap():
        new.rename(database)
        g.ctl("geo", "reload")

    make(new, geography(20))
    old = tmp_path / "old.mmdb"

    def plan_geo():
        database.rename(old)
        old.with_suffix(".copy").write_bytes(new.read_bytes())
        old.with_suffix(".copy").rename(database)
        return dry(g, "POST", "/v1/geo/reload")

    assert change("a GeoIP file is swapped", plan_geo, swap)["moved"]["share"] > 0.1
    change("a region is drained", lambda: dry(g, "POST", "/v1/regions/eu/drain", {}), lambda: g.request("POST", "/v1/regions/eu/drain", {}))
    change("a region is restored", lambda: dry(g, "POST", "/v1/regions/eu/restore"), lambda: g.request("POST", "/v1/regions/eu/restore"))
    change("an endpoint dies", lambda: g.request("GET", "/v1/plan?down=endpoint/checked/c1")[2]["traffic"], one.stop,
           lambda: g.wait_state("checked/c1", "down"))


def test_a_drain_tells_who_goes_where(gslbd):
    g = gslbd()
    g.apply(WORLD)
    asked(g, WWW, "10.2.7.0/24", 300)
    asked(g, SHOP, "10.1.7.0/24", 100)
    run = g.ctl("region", "drain", "us", "--dry-run", check=False)
    assert run.returncode == 1 and "would have nothing healthy" in run.stderr
    assert f"  {WWW}   us clients -> web-eu   2 of 2 up   +" in run.stdout
    assert f"  {SHOP}   eu clients -> NOBODY   +" in run.stdout
    assert "75.0% of " in run.stdout
    traffic = dry(g, "POST", "/v1/regions/us/drain", {})
    assert traffic["nobody"]["after"]["share"] == 0.25 and traffic["moved"]["share"] == 0.75
    assert {one["pool"]: one["after"]["share"] for one in traffic["pools"]} == {"web-eu": 0.75, "web-us": 0.25}  # serve_all: what is drained serves
    assert g.request("GET", "/v1/drains")[2]["items"] == []
    assert set(g.short(WWW, "10.2.7.0/24")) == {"198.51.100.21"}


def test_plan_is_a_dry_run_of_files(gslbd, tmp_path):
    g = gslbd()
    g.apply(WORLD)
    asked(g, WWW, "10.1.7.0/24", 200)
    new = tmp_path / "new.yaml"
    new.write_text("services: [{name: www.gslb.example.com, pools: [web-us]}]")
    said = g.ctl("plan", "-f", str(new)).stdout
    assert "dry run: nothing was changed" in said and "100.0% of" in said and f"{WWW}   eu clients -> web-us   1 of 1 up" in said
    assert g.ctl("plan", "-f", str(new), "--exit-code", check=False).returncode == 4
    said = g.ctl("plan", "--down", "pool/web-eu").stdout
    assert f"{WWW}   eu clients -> web-us" in said
    assert "pool web-eu" in said and "100.0% -> 0.0%" in said
    assert g.ctl("plan", "--down", "pool/web-eu", "--exit-code").returncode == 0
    for output in "table", "json":  # with --exit-code a script hears of those who would have nobody
        assert g.ctl("plan", "--down", "region/eu,region/us", "--exit-code", "-o", output, check=False).returncode == 4
    assert g.ctl("plan", "--down", "pool/nothing", check=False).returncode == 1
    for words in ((), ("--down", "pool/web-eu", "-f", "x")):
        run = g.ctl("plan", *words, check=False)
        assert run.returncode == 2 and "plan: expected -f FILE or --down WHAT" in run.stderr, run


def test_every_dry_run_tells(gslbd):
    g = gslbd()
    g.apply(WORLD)
    asked(g, WWW, "10.1.7.0/24", 100)
    apply = {"pools": [{"name": "web-eu", "region": "eu", "endpoints": [{"name": "eu1", "address": "192.0.2.11", "weight": 75}]}]}
    for method, path, body in (("POST", "/v1/apply", apply), ("PATCH", "/v1/pools/web-eu/endpoints/eu2", {"enabled": False}),
                               ("DELETE", "/v1/pools/web-eu/endpoints/eu2", None), ("POST", "/v1/pools/web-eu/endpoints/eu2/drain", {}),
                               ("POST", "/v1/bulk", {"select": {"cidr": "192.0.2.12/32"}, "enabled": False})):
        traffic = dry(g, method, path, body)
        assert traffic["moved"]["share"] == pytest.approx(0.25, abs=1e-4), (method, path)
        assert {one["endpoint"]: one["after"]["share"] for one in traffic["endpoints"]}["web-eu/eu1"] == pytest.approx(1), (method, path)
    (gone,) = dry(g, "DELETE", f"/v1/services/{WWW}")["moves"]
    assert (gone["service"], gone["from"], gone["to"], gone["answered"]) == (WWW, "web-eu", None, False)
    g.ctl("endpoint", "drain", "web-eu/eu2")
    assert dry(g, "POST", "/v1/pools/web-eu/endpoints/eu2/restore")["moved"]["share"] == pytest.approx(0.25, abs=1e-4)
    g.apply("services: [{name: www.gslb.example.com, pools: [web-us]}]")
    number = g.request("GET", "/v1/revisions")[2]["items"][1]["number"]
    assert dry(g, "POST", f"/v1/revisions/{number}/rollback")["moved"]["share"] == 1


def test_a_change_that_moves_too_much_is_refused(gslbd):
    g = gslbd()
    g.apply(WORLD + "rules: {max_traffic_moved: 30%}\n")
    asked(g, WWW, "10.1.7.0/24", 60)
    asked(g, SHOP, "10.1.7.0/24", 40)
    moves_all = "services: [{name: www.gslb.example.com, pools: [web-us]}]"
    run = g.apply(moves_all, check=False)
    assert run.returncode == 1 and "rules.max_traffic_moved: at most 30% of all traffic may move at once, and 60.0% of the last hour's would" in run.stderr
    run = g.ctl("region", "drain", "eu", check=False)
    assert run.returncode == 1 and "rules.max_traffic_moved" in run.stderr
    g.ctl("set", "pool", "web-eu/eu1", "weight=25")  # 60 % of a quarter
    g.ctl("apply", "-f", "-", "--force", "--reason", "it is night", stdin=moves_all)
    assert "forced" in str(g.request("GET", "/v1/revisions")[2]["items"][0])
    g.ctl("set", "service", WWW, "pools=[web-eu,web-us]", "--force", "--reason", "back")
    g.ctl("region", "drain", "eu", "--force", "--reason", "it burns")
    g.ctl("region", "restore", "eu")  # whatever comes back may
    for wrong in ("0%", "101%", "40", '""', "40.5%"):
        assert "percentage" in g.apply(f"rules: {{max_traffic_moved: {wrong}}}", check=False).stderr, wrong


def test_an_endpoint_that_would_pass_its_max_load_is_named(gslbd):
    g = gslbd()
    g.apply(WORLD.replace("weight: 75}", "weight: 75, max_load: 80}"))
    asked(g, WWW, "10.1.7.0/24", 400)
    g.request("PUT", "/v1/pools/web-eu/endpoints/eu1/figures", {"load": 70, "ttl": "60s"})
    wait_until(lambda: dry(g, "POST", "/v1/pools/web-eu/endpoints/eu2/drain", {})["over_max_load"], "its load is known")
    over = dry(g, "POST", "/v1/pools/web-eu/endpoints/eu2/drain", {})["over_max_load"]
    assert over[0]["endpoint"] == "web-eu/eu1" and over[0]["then"] > 80
