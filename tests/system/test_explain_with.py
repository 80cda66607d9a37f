"""gslbctl explain --with: what a client would get, were a document applied; nothing comes of it."""
import json
import threading
import time

import pytest
from conftest import two_regions, wait_until

WWW = "www.gslb.example.com"
CONFIGURATION = (
    two_regions(9).split("monitors:")[0]
    + """
monitors: [{name: told, type: external}]
pools:
  - {name: web-eu, region: eu, monitor: told, endpoints: [{name: eu1, address: 127.0.61.1}, {name: eu2, address: 127.0.61.2}]}
  - {name: web-us, region: us, monitor: told, endpoints: [{name: us1, address: 127.0.62.1}]}
zones: [{name: gslb.example.com, ns: [ns1.example.net]}]
services: [{name: www.gslb.example.com, ttl: 5, pools: [web-eu, web-us]}]
probers: [{name: p}]
"""
)
NEW = "services: [{name: www.gslb.example.com, ttl: 7, pools: [web-us]}, {name: new.gslb.example.com, pools: [web-eu]}]\n"
BAD = "services:\n  - name: www.gslb.example.com\n    pools: [web-eu, web-mars]\n"


@pytest.fixture
def g(gslbd):
    g = gslbd()
    g.apply(CONFIGURATION)
    return g


def write(tmp_path, text, name="new.yaml"):
    (tmp_path / name).write_text(text)
    return str(tmp_path / name)


def explain(g, file, *more, name=WWW, check=True):
    return g.ctl("explain", name, "--client", "10.1.2.3", "--with", file, *more, check=check)


def revision(g):
    return g.request("GET", "/v1/revisions?limit=1")[2]["items"][0]["number"]


def test_it_tells_what_would_be_another_and_changes_nothing(g, tmp_path):
    before = revision(g)
    said = explain(g, write(tmp_path, NEW)).stdout.splitlines()
    assert said[0] == f"- {WWW} A at revision {before}." and said[1] == f"+ {WWW} A with the document, over revision {before}.", said
    assert any(line.startswith("  Client 10.1.2.3/32 is in") for line in said), said
    gone = [line for line in said if line.startswith("- ")]
    come = [line for line in said if line.startswith("+ ")]
    assert any("Pool web-eu" in line for line in gone) and not any("Pool web-eu" in line for line in come), said
    assert any("Pool web-us" in line and ": used" in line for line in come), said
    assert any("Answer this time: 127.0.62.1, for 7 seconds" in line for line in come), said
    assert revision(g) == before and set(g.short(WWW, "10.1.2.0/24")) <= {"127.0.61.1", "127.0.61.2"}
    told = json.loads(explain(g, write(tmp_path, NEW), "-o", "json").stdout)
    assert told["answer"] == ["127.0.62.1"] and [p["name"] for p in told["pools"]] == ["web-us"], told
    assert told["revision"] == before and [p["name"] for p in told["now"]["pools"]] == ["web-eu", "web-us"], told


def test_health_drains_and_names_are_as_they_are_now(g, tmp_path):
    g.ctl("endpoint", "verdict", "web-eu/eu1", "down", "--for", "1h")
    g.ctl("endpoint", "drain", "web-eu/eu2")
    said = explain(g, write(tmp_path, NEW), name="new.gslb.example.com").stdout.splitlines()
    assert "- Result: the name does not exist (NXDOMAIN)." in said, said  # as it is now
    assert all(line.startswith("+ ") for line in said if "NXDOMAIN" not in line and "at revision" not in line), said
    assert any("eu1 (127.0.61.1), weight 1: down (monitor told)" in line for line in said), said
    assert any("eu2 (127.0.61.2), weight 1: drained" in line for line in said), said
    run = explain(g, write(tmp_path, NEW), name="other.example", check=False)
    assert run.returncode == 1 and 'name: "other.example" lies in none of the zones' in run.stderr, run
    assert "expected a record type" in explain(g, write(tmp_path, NEW), "--type", "NONE", check=False).stderr


def test_a_document_that_changes_nothing_says_so(g, tmp_path):
    said = explain(g, write(tmp_path, CONFIGURATION)).stdout.splitlines()
    assert said[-1] == "nothing would be another for this client", said
    assert not [line for line in said[2:] if line.startswith(("+", "-"))], said


@pytest.mark.parametrize("text", [BAD, "services: [{name: 7, pools: []}]\n", "pools: [\n", "nonsense: []\n", "regions: [{name: eu, default: true, fallback: [moon]}]\n"])
def test_a_document_that_is_bad_has_the_problems_of_a_dry_run(g, tmp_path, text):
    file = write(tmp_path, text)
    dry = g.ctl("apply", "-f", file, "--dry-run", check=False)
    asked = explain(g, file, check=False)
    assert asked.returncode == dry.returncode == 1 and asked.stderr == dry.stderr, (asked, dry)
    assert not asked.stdout


def test_several_files_and_standard_input_are_one_document(g, tmp_path):
    one = write(tmp_path, "pools: [{name: web-ap, region: us, endpoints: [127.0.63.1]}]\n", "one.yaml")
    two = write(tmp_path, f"services: [{{name: {WWW}, pools: [web-ap]}}]\n", "two.yaml")
    assert "+ Answer this time: 127.0.63.1" in explain(g, one, "--with", two).stdout
    run = g.ctl("explain", WWW, "--client", "10.1.2.3", "--with", "-", stdin=NEW)
    assert "+ Answer this time: 127.0.62.1" in run.stdout, run
    run = explain(g, one, "--watch", check=False)
    assert run.returncode == 2 and "expected at most one of --at, --with and --watch" in run.stderr, run
    run = explain(g, str(tmp_path / "none.yaml"), check=False)
    assert run.returncode == 2 and "none.yaml" in run.stderr, run


def test_who_may_explain_may_ask_what_would_be(g, tmp_path):
    secrets = {role: g.request("POST", "/v1/tokens", {"name": role, "role": role})[2]["secret"] for role in ("read", "operate")}
    part = g.request("POST", "/v1/tokens", {"name": "part", "role": "edit", "zones": ["gslb.example.com"]})[2]["secret"]
    prober = g.request("POST", "/v1/tokens", {"name": "p", "role": "prober", "prober": "p"})[2]["secret"]
    path = f"/v1/explain?name={WWW}&client=10.1.2.3"

    def asks(secret, method="POST"):
        headers = {"Authorization": f"Bearer {secret}"} if secret else {}
        return g.request(method, path, json.loads('{"services": []}') if method == "POST" else None, headers, token=False)[0]

    assert {role: asks(secret) for role, secret in secrets.items()} == {"read": 200, "operate": 200}
    assert (asks(None), asks(prober)) == (401, 403)
    assert asks(part) == asks(part, "GET") == 403  # history and explanations are not for a part


def test_changes_and_questions_take_turns(g):
    """A flood of questions: each is answered or refused with 503, every change comes through, and gslbd answers all the while."""
    path, seen, going = f"/v1/explain?name={WWW}&client=10.1.2.3", [], threading.Event()
    before = revision(g)

    def ask():
        while not going.is_set():
            seen.append(g.request("POST", path, {"services": [{"name": WWW, "pools": ["web-us"]}]})[0])

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for weight in range(1, 11):
        g.ctl("set", "pool", "web-eu/eu1", f"weight={weight + 1}")
        g.ctl("region", "drain", "us", "--force") if weight % 2 else g.ctl("region", "restore", "us")
        assert g.short(WWW, "10.1.2.0/24")
    wait_until(lambda: 200 in seen, "one is answered")
    going.set()
    for thread in threads:
        thread.join()
    assert set(seen) <= {200, 503} and revision(g) == before + 20, (set(seen), revision(g))


def test_what_gslbd_does_by_itself_goes_before_questions(gslbd):
    """Who asks again and again, each time for as long as a build takes, keeps no change from going back that nobody confirms."""
    g = gslbd("probes: {enabled: false}\n")
    many = range(10000)
    g.apply(json.dumps({
        "regions": [{"name": "eu", "default": True}],
        "pools": [{"name": f"p{i}", "region": "eu", "endpoints": [{"name": "e", "address": f"10.1.{i >> 8}.{i & 255}"}]} for i in many],
        "zones": [{"name": "g.example", "ns": ["ns1.example.net"]}],
        "services": [{"name": f"s{i}.g.example", "pools": [f"p{i}"]} for i in many],
    }))
    going, seen = threading.Event(), []

    def ask():
        while not going.is_set():
            seen.append(g.request("GET", "/v1/explain?name=s7.g.example&client=10.1.2.3&at=0s")[0])
            time.sleep(0.005)

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    wait_until(lambda: 200 in seen, "one is answered")
    g.ctl("set", "pool", "p7/e", "weight=9", "--confirm-within", "1s")
    began = time.monotonic()
    wait_until(lambda: not g.request("GET", "/v1/confirms")[2]["items"], "it has gone back")
    took = time.monotonic() - began
    going.set()
    for thread in threads:
        thread.join()
    assert took < 10 and set(seen) == {200, 503}, (took, set(seen))
    assert "weight" not in g.request("GET", "/v1/pools/p7")[2]["endpoints"][0]
