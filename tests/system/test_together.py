"""Several people change one configuration: what others changed meanwhile is not overwritten, nor taken away with what goes."""
import concurrent.futures
import json
import signal
import socket

import pytest

from conftest import two_regions, wait_until

BASE = two_regions(9).replace("    monitor: web\n", "")  # all count as up, whatever happens


class Person:
    """Somebody with a token of their own."""

    def __init__(self, g, name, directory):
        self.g, self.token = g, directory / f"{name}.token"
        self.secret = g.request("POST", "/v1/tokens", {"name": name, "role": "edit"})[2]["secret"]
        self.token.write_text(self.secret)

    def ctl(self, *arguments, check=True, stdin=None):
        return self.g.ctl("-t", self.token, *arguments, check=check, stdin=stdin)

    def request(self, method, path, body=None):
        return self.g.request(method, path, body, token=self.secret)


@pytest.fixture
def people(gslbd, tmp_path):
    g = gslbd()
    g.apply(BASE)
    return g, Person(g, "alice", tmp_path), Person(g, "bob", tmp_path)


def weight(g, endpoint):
    pool, name = endpoint.split("/")
    return g.request("GET", f"/v1/pools/{pool}/endpoints/{name}")[2].get("weight")


def test_a_document_says_its_revision_and_is_taken_back(people):
    g, alice, _ = people
    text = alice.ctl("get", "-o", "yaml").stdout
    assert text.startswith(f"revision: {g.request('GET', '/v1/ready')[2]['revision']}\n")
    assert "nothing to change" in alice.ctl("apply", "-f", "-", stdin=text).stdout
    assert g.request("GET", "/v1/configuration")[2]["revision"] == g.request("GET", "/v1/ready")[2]["revision"]
    assert "revision" not in g.request("GET", "/v1/pools/web-eu")[2]


def test_what_another_changed_since_is_not_overwritten(people):
    g, alice, bob = people
    text = alice.ctl("get", "-o", "yaml").stdout
    bob.ctl("set", "pool", "web-us/us1", "weight=7")
    theirs = g.request("GET", "/v1/ready")[2]["revision"]
    mine = text.replace("name: eu1\n", "name: eu1\n    weight: 20\n", 1)
    refused = alice.ctl("apply", "-f", "-", check=False, stdin=mine)
    # web-us of her document is as it was before: it would undo what bob did.
    assert refused.returncode == 1 and "others have changed since revision" in refused.stderr, refused
    line = 1 + next(i for i, text in enumerate(mine.split("\n")) if "web-us" in text)
    assert f'pools[web-us]: changed by "bob" at ' in refused.stderr and f"in revision {theirs}, after revision" in refused.stderr, refused
    assert abs(int(refused.stderr.split("line ")[1].split(":")[0].split(",")[0]) - line) <= 3, (line, refused.stderr)
    assert weight(g, "web-us/us1") == 7 and weight(g, "web-eu/eu1") is None
    dry = alice.ctl("apply", "--dry-run", "-f", "-", check=False, stdin=mine)
    assert dry.returncode == 1 and '"bob"' in dry.stderr
    # Alone, what nobody touched is taken; so is all by force.
    only = "\n".join(line for line in mine.split("\n"))
    parts = g.request("GET", "/v1/pools/web-eu")[2]
    parts["endpoints"][0]["weight"] = 20
    revision = int(text.split("\n")[0].split(": ")[1])
    assert alice.request("POST", "/v1/apply", {"revision": revision, "pools": [parts]})[0] == 200
    assert weight(g, "web-eu/eu1") == 20 and weight(g, "web-us/us1") == 7
    # It stands as an edit of her own: the same file again, edited once more, is no conflict with herself.
    parts["endpoints"][0]["weight"] = 30
    assert alice.request("POST", "/v1/apply", {"revision": revision, "pools": [parts]})[0] == 200
    status, _, problem = bob.request("POST", "/v1/apply", {"revision": revision, "pools": [parts, g.request("GET", "/v1/pools/web-us")[2]]})
    assert status == 200 and not problem["changed"]
    parts["endpoints"][0]["weight"] = 31
    status, _, problem = bob.request("POST", "/v1/apply", {"revision": revision, "pools": [parts]})
    assert status == 409 and [p["path"] for p in problem["problems"]] == ["pools[web-eu]"], problem
    assert '"alice"' in problem["problems"][0]["message"]
    forced = alice.ctl("apply", "--force", "-f", "-", stdin=only)
    assert "pools[web-us] - endpoints[us1].weight 7" in forced.stdout, forced
    assert weight(g, "web-us/us1") is None


def test_what_another_added_is_not_pruned_and_what_another_deleted_does_not_come_back(people):
    g, alice, bob = people
    bob.ctl("patch", "pool", "web-us", "-f", "-", stdin="labels: [mine]")
    text = alice.ctl("get", "-o", "yaml").stdout
    bob.request("POST", "/v1/pools", {"name": "new", "region": "eu"})
    refused = alice.ctl("apply", "--prune", "-f", "-", check=False, stdin=text)
    assert refused.returncode == 1 and 'pools[new]: changed by "bob"' in refused.stderr and "would be deleted" in refused.stderr, refused
    assert g.request("GET", "/v1/pools/new")[0] == 200
    bob.ctl("delete", "network", "10.1.0.0/16")
    refused = alice.ctl("apply", "-f", "-", check=False, stdin=text)
    assert refused.returncode == 1 and "networks[10.1.0.0/16]: changed by \"bob\"" in refused.stderr, refused
    assert "pools[" not in refused.stderr
    assert g.request("GET", "/v1/networks/10.1.0.0%2F16")[0] == 404


def test_who_overwrites_what_others_did_keeps_the_guard(people):
    g, alice, bob = people
    text = alice.ctl("get", "-o", "yaml").stdout
    revision = int(text.split("\n")[0].split(": ")[1])
    bob.ctl("set", "pool", "web-eu/eu1", "weight=7")
    pools = [{"name": name, "region": region, "enabled": False, "endpoints": [{"name": f"{region}1", "address": "127.0.61.1"}]}
             for name, region in (("web-eu", "eu"), ("web-us", "us"))]
    mine = json.dumps({"revision": revision, "pools": pools})
    said = alice.ctl("apply", "-f", "-", check=False, stdin=mine)
    assert said.returncode == 1 and '"bob"' in said.stderr and "--overwrite overrides" in said.stderr, said
    said = alice.ctl("apply", "--overwrite", "-f", "-", check=False, stdin=mine)
    assert said.returncode == 1 and "would have nothing healthy; --force overrides" in said.stderr, said
    assert weight(g, "web-eu/eu1") == 7
    assert alice.request("POST", "/v1/apply?overwrite", {"revision": revision, "pools": [pools[0] | {"enabled": True}]})[0] == 200
    assert weight(g, "web-eu/eu1") is None
    said = alice.ctl("apply", "--force", "-f", "-", stdin=mine)
    assert "forced: services[www.gslb.example.com]" in said.stdout


def test_a_document_of_another_store_is_refused(people):
    g, alice, _ = people
    status, _, problem = alice.request("POST", "/v1/apply", {"revision": 999, "regions": [{"name": "new"}]})
    assert status == 409 and "999" in problem["detail"] and "another gslbd" in problem["detail"], problem
    for wrong in (-1, "7", 1.5, None, [1]):
        status, _, problem = alice.request("POST", "/v1/apply", {"revision": wrong, "regions": [{"name": "new"}]})
        assert status == 422 and problem["problems"][0]["path"] == "revision", (wrong, problem)
    assert alice.request("POST", "/v1/apply?force", {"revision": 999, "regions": [{"name": "new"}]})[0] == 200


def test_who_changed_what_is_known_after_a_restart(people):
    g, alice, bob = people
    text = alice.ctl("get", "-o", "yaml").stdout
    bob.ctl("set", "pool", "web-us/us1", "weight=7")
    g.stop()
    g.start()
    refused = alice.ctl("apply", "-f", "-", check=False, stdin=text)
    assert refused.returncode == 1 and 'changed by "bob"' in refused.stderr, refused


# --- pruning ---

def kinds(g):
    return {kind: len(items) for kind, items in g.request("GET", "/v1/configuration")[2].items() if kind != "revision"}


def test_prune_covers_a_kind_whose_section_is_gone(people):
    g, alice, _ = people
    alice.request("POST", "/v1/monitors", {"name": "unused", "type": "tcp", "port": 1})
    before = kinds(g)
    document = g.request("GET", "/v1/configuration")[2]
    del document["networks"], document["revision"]
    document["monitors"] = [m for m in document["monitors"] if m["name"] != "unused"]
    assert "nothing to change" in alice.ctl("apply", "-f", "-", stdin=json.dumps(document)).stdout
    said = alice.ctl("apply", "--prune", "--dry-run", "-f", "-", stdin=json.dumps(document)).stdout
    assert "- networks[10.1.0.0/16]" in said and "- monitors[unused]" in said and kinds(g) == before, said
    only = alice.ctl("apply", "--prune-kind", "monitors", "-f", "-", stdin=json.dumps(document)).stdout
    assert "- monitors[unused]" in only and "networks" not in only
    assert kinds(g) == {**before, "monitors": 1}
    alice.ctl("apply", "--prune", "-f", "-", stdin=json.dumps(document))
    assert "networks" not in kinds(g) and g.request("GET", "/v1/tokens/alice", token=True)[0] == 200


def test_pruning_by_an_empty_document_is_an_accident(people):
    g, alice, _ = people
    before = kinds(g)
    for text in ("{}", "pools: []"):
        refused = alice.ctl("apply", "--prune", "-f", "-", check=False, stdin=text)
        assert refused.returncode == 1 and "would delete the whole configuration" in refused.stderr, refused
    status, _, problem = alice.request("POST", "/v1/apply?prune_kind=pool", {})
    assert status == 400 and '"pool"' in problem["detail"], problem
    for wrong in ("tokens", "drains", "", "pools,"):
        assert alice.request("POST", f"/v1/apply?prune_kind={wrong}", {})[0] == 400, wrong
    assert kinds(g) == before
    alice.ctl("apply", "--prune-kind", "services", "-f", "-", stdin="{}")
    assert "services" not in kinds(g) and "pools" in kinds(g)
    alice.ctl("apply", "--prune", "--force", "-f", "-", stdin="{}")
    assert kinds(g) == {}


# --- defaults ---

EVERY_KIND = """
regions: [{name: eu, match: [continent:EU], fallback: [us]}, {name: us, default: true}]
networks: [{cidr: 10.1.0.0/16, region: eu}, {cidr: "2001:db8::/48", region: us}]
monitors:
  - {name: web, type: http, path: /up}
  - {name: webs, type: https}
  - {name: port, type: tcp, port: 22}
  - {name: told, type: external}
  - {name: script, type: tcp, port: 6379, script: [{send: "PING"}, {expect: "PONG"}]}
  - {name: echo, type: udp, port: 7, udp: {send: ping, expect: ping}}
  - {name: ping, type: icmp}
  - {name: question, type: dns, dns: {name: a.example}}
  - {name: certificate, type: tls, tls: {min_days_left: 14}}
  - {name: cart, type: grpc, port: 50051, grpc: {service: shop.Cart}}
  - {name: agent, type: agent, port: 9777}
  - {name: several, type: composite, composite: {of: [web, port]}}
  - {name: sessions, type: metrics, port: 8404, path: "/stats;csv", metrics: {format: haproxy_csv, load: "app/BACKEND:scur"}}
pools:
  - {name: web-eu, region: eu, monitor: web, endpoints: [192.0.2.1, {name: b, address: 192.0.2.2, monitor: {path: /b}}]}
  - {name: web-us, region: us, monitor: {name: web, interval: 7s}, balance: hash, min_healthy: 50%, endpoints: [{address: "2001:db8::1"}]}
  - {name: scored, region: us, balance: score, endpoints: [{address: host.example}]}
zones:
  - {name: gslb.example.com, ns: [ns1.gslb.example.com], records: [{name: ns1, type: A, data: [127.0.0.1]}, {name: t, type: TXT, data: ['"x"']}]}
services:
  - {name: www.gslb.example.com, pools: [web-eu, {pool: web-us}]}
  - {name: w.gslb.example.com, steering: weighted, pools: [{pool: web-eu, weight: 3}, {pool: web-us, weight: 1}]}
probers: [{name: far, region: us}, {name: near}]
"""


def test_a_configuration_of_every_kind_with_its_defaults_changes_nothing(gslbd):
    g = gslbd()
    g.apply(EVERY_KIND)
    plain = g.request("GET", "/v1/configuration")[2]
    assert set(plain) == {"revision", "regions", "networks", "monitors", "pools", "zones", "services", "probers"}
    for form in ("yaml", "json"):
        text = g.ctl("get", "-o", form, "--defaults").stdout
        assert len(text) > 2 * len(g.ctl("get", "-o", form).stdout)
        same = g.ctl("apply", "--prune", "--exit-code", "-f", "-", stdin=text, check=False)
        assert same.returncode == 0 and "nothing to change" in same.stdout, same
    assert g.request("GET", "/v1/configuration")[2] == plain
    # What is another than the default still counts, and so does a default over another value.
    changed = g.ctl("apply", "-f", "-", stdin=text.replace('"path": "/up"', '"path": "/"')).stdout
    assert "monitors[web] ~ path /up -> /" in changed, changed


def test_a_revision_of_files_is_the_oldest(people, tmp_path):
    g, alice, bob = people
    revision = g.request("GET", "/v1/ready")[2]["revision"]
    bob.ctl("set", "pool", "web-us/us1", "weight=7")
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "a.yaml").write_text(f"revision: {revision + 1}\npools: [{{name: web-us, region: us}}]\n")
    (tmp_path / "d" / "b.yaml").write_text(f"revision: {revision}\nregions: [{{name: more}}]\n")
    refused = alice.ctl("apply", "-f", tmp_path / "d", check=False)
    assert refused.returncode == 1 and "pools[web-us]: changed by" in refused.stderr, refused


# --- going back ---

def drains(g):
    return sorted(one["name"] for one in g.request("GET", "/v1/drains")[2]["items"])


def test_rollback_takes_drains_along_only_when_told(people):
    g, alice, _ = people
    start = g.request("GET", "/v1/ready")[2]["revision"]
    alice.ctl("region", "drain", "eu", "--for", "1h", "--reason", "mine")
    alice.ctl("set", "pool", "web-us/us1", "weight=7")
    alice.ctl("rollback", str(start))
    assert weight(g, "web-us/us1") is None and drains(g) == ["region/eu"]
    said = alice.ctl("rollback", str(start), "--with-drains", "--dry-run").stdout
    assert "- drains[region/eu]" in said and drains(g) == ["region/eu"], said
    alice.ctl("rollback", str(start), "--with-drains")
    assert drains(g) == []
    alice.ctl("rollback", str(start + 1), "--with-drains")
    assert drains(g) == ["region/eu"] and g.request("GET", "/v1/tokens/alice")[0] == 200
    assert g.request("GET", "/v1/explain?name=www.gslb.example.com&client=10.1.0.1")[2]
    answers = g.short("www.gslb.example.com", "10.1.0.1/32")
    assert answers and answers[0].startswith("127.0.62."), answers


def change(person, *words):
    """The revision that it made."""
    return int(person.ctl(*words).stdout.split("revision ")[1].split()[0])


def test_revert_undoes_one_revision_alone(people):
    g, alice, bob = people
    first = change(alice, "set", "pool", "web-eu/eu1", "weight=10")
    change(bob, "set", "pool", "web-eu/eu2", "weight=20")
    change(bob, "set", "pool", "web-eu/eu1", "priority=1")
    change(bob, "set", "service", "www.gslb.example.com", "ttl=9")
    before = g.request("GET", "/v1/configuration")[2]
    dry = alice.ctl("revert", str(first), "--dry-run").stdout
    assert dry == "  pools[web-eu] - endpoints[eu1].weight 10\ndry run: nothing was changed\n", dry
    assert g.request("GET", "/v1/configuration")[2] == before
    tag = f'"r{before["revision"] - 1}"'
    assert g.request("POST", f"/v1/revisions/{first}/revert", None, {"If-Match": tag})[0] == 412
    made = change(alice, "revert", str(first))
    assert weight(g, "web-eu/eu1") is None and weight(g, "web-eu/eu2") == 20
    assert g.request("GET", "/v1/pools/web-eu/endpoints/eu1")[2]["priority"] == 1
    assert g.request("GET", "/v1/services/www.gslb.example.com")[2]["ttl"] == 9
    assert g.request("GET", f"/v1/revisions/{made}")[2]["comment"] == f"revert revision {first}"
    assert "nothing to change" in alice.ctl("revert", str(first)).stdout
    change(alice, "revert", str(made))
    assert weight(g, "web-eu/eu1") == 10


def test_revert_says_what_stands_in_the_way(people):
    g, alice, bob = people
    first = change(alice, "set", "pool", "web-eu/eu1", "weight=10", "priority=1")
    second = change(bob, "set", "pool", "web-eu/eu1", "weight=20")
    third = change(alice, "set", "pool", "web-eu/eu1", "priority=2")
    refused = alice.ctl("revert", str(first), check=False)
    assert refused.returncode == 1 and "later revisions changed the same, nothing was changed" in refused.stderr, refused
    assert f'pools[web-eu].endpoints[eu1].weight: revision {first} made it 10, it is 20 since revision {second}, by "bob" at ' in refused.stderr, refused
    assert f'pools[web-eu].endpoints[eu1].priority: revision {first} made it 1, it is 2 since revision {third}, by "alice" at ' in refused.stderr, refused
    gone = change(bob, "delete", "endpoint", "web-eu/eu1")
    refused = alice.ctl("revert", str(first), check=False)
    assert f'pools[web-eu].endpoints[eu1]: revision {first} made it ' in refused.stderr and f'it is gone since revision {gone}, by "bob"' in refused.stderr, refused
    alice.ctl("revert", str(gone))
    assert [e["name"] for e in g.request("GET", "/v1/pools/web-eu")[2]["endpoints"]] == ["eu1", "eu2"]


def test_revert_of_what_was_made_and_deleted(people):
    g, alice, bob = people
    made = int(g.request("POST", "/v1/pools", {"name": "new", "region": "eu", "endpoints": ["192.0.2.9"]})[2]["revision"])
    status, _, reply = bob.request("PATCH", "/v1/services/www.gslb.example.com", {"pools": ["web-eu", "new"]})
    used = reply["revision"]
    refused = alice.ctl("revert", str(made), check=False)
    assert refused.returncode == 1 and "something else refers to it" in refused.stderr and "services[www.gslb.example.com]" in refused.stderr, refused
    alice.ctl("revert", str(used))
    gone = change(alice, "revert", str(made))
    assert g.request("GET", "/v1/pools/new")[0] == 404
    alice.ctl("revert", str(gone))
    assert g.request("GET", "/v1/pools/new")[2]["endpoints"] == ["192.0.2.9"]
    drained = change(bob, "pool", "drain", "web-eu")
    for number, status in ((drained, 409), (999, 404), (0, 404), ("x", 404)):
        got, _, problem = alice.request("POST", f"/v1/revisions/{number}/revert")
        assert got == status, (number, got, problem)
    assert drains(g) == ["pool/web-eu"]


def test_changes_that_come_at_once_are_each_a_revision_and_none_is_lost(people):
    g, *_ = people
    before = g.request("GET", "/v1/ready")[2]["revision"]
    names = [f"p{i}" for i in range(24)]

    def change(i):
        pool = {"name": names[i], "region": "eu", "endpoints": [{"name": "e", "address": f"192.0.2.{i + 1}"}]}
        made = g.request("PUT", f"/v1/pools/{names[i]}", pool)
        drained = g.request("POST", f"/v1/pools/{names[i]}/drain?force", {"reason": "new"})
        return made, drained

    with concurrent.futures.ThreadPoolExecutor(12) as together:
        said = list(together.map(change, range(len(names))))
    statuses = [(made[0], drained[0]) for made, drained in said]
    assert set(statuses) == {(201, 200)}, statuses
    revisions = sorted(reply[2]["revision"] for both in said for reply in both)
    assert revisions == list(range(before + 1, before + 1 + 2 * len(names)))
    assert {d["name"] for d in g.request("GET", "/v1/drains")[2]["items"]} == {f"pool/{name}" for name in names}
    g.stop(signal.SIGKILL)
    g.start()
    assert g.request("GET", "/v1/ready")[2]["revision"] == revisions[-1]
    assert {p["name"] for p in g.request("GET", "/v1/pools")[2]["items"]} >= set(names)


def test_who_leaves_before_the_reply_has_made_the_change_all_the_same(people):
    g, *_ = people
    for i in range(20):
        with socket.create_connection(("127.0.0.1", g.api_port)) as s:
            body = json.dumps({"reason": f"left {i}", "replace": True}).encode()
            s.sendall(b"POST /v1/pools/web-eu/drain?force HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " +
                      g.token.encode() + b"\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
    wait_until(lambda: "left 19" in str(g.request("GET", "/v1/drains")[2]["items"]), "the last drain")
    assert g.request("POST", "/v1/pools/web-eu/restore")[0] == 200
    assert not g.request("GET", "/v1/drains")[2]["items"]
