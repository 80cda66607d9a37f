"""gslbctl status: whether all is as usual, and what is not, on one screen."""
import json
import re
import subprocess
import time

from conftest import PROBER, wait_until

WORLD = """
regions: [{name: eu, fallback: [us]}, {name: us, fallback: [eu], default: true}]
networks: [{cidr: 10.1.0.0/16, region: eu}]
monitors: [{name: told, type: external, external: {when_silent: unknown}}]
pools:
  - {name: web-eu, region: eu, monitor: told, endpoints: [{name: eu1, address: 192.0.2.11}, {name: eu2, address: 192.0.2.12}, {name: eu3, address: 192.0.2.13}]}
  - {name: web-us, region: us, endpoints: [{name: us1, address: 198.51.100.11}]}
zones: [{name: gslb.example.com, ns: [ns1.example.net]}]
services:
  - {name: www.gslb.example.com, pools: [web-eu, web-us]}
  - {name: pay.gslb.example.com, pools: [web-eu]}
  - {name: us.gslb.example.com, pools: [web-us]}
"""


def say(g, endpoint, state):
    g.ctl("endpoint", "verdict", endpoint, state, "--for", "1h")
    g.wait_state(endpoint, state)


def status(g, *words):
    run = g.ctl("status", *words, check=False)
    assert not run.stderr, run
    return run.returncode, run.stdout


def test_all_is_as_usual(gslbd):
    g = gslbd()
    g.apply(WORLD)
    code, text = status(g)
    assert code == 0 and re.match(r"all is as usual, revision \d+ of \S+Z\nservices   3 of 3 as usual\n", text), text
    assert status(g, "www.gslb.example.com")[0] == 0


def test_what_is_not_as_usual_is_named_with_its_reason(gslbd):
    g = gslbd()
    g.apply(WORLD)
    say(g, "web-eu/eu1", "down")
    say(g, "web-eu/eu2", "down")
    code, text = status(g)
    assert code == 4 and "2 have fewer than half of their endpoints up\n    pay.gslb.example.com  1 of 3 up\n      everyone: web-eu\n    www.gslb.example.com  2 of 4 up\n      eu: web-eu\n" in text, text
    say(g, "web-eu/eu3", "down")
    code, text = status(g)
    assert code == 1, "clients of one have nothing"
    assert "1 have nothing that is up, for some clients\n    pay.gslb.example.com  0 of 3 up\n      everyone: what is down: web-eu\n" in text, text
    assert "1 serve some clients from elsewhere\n    www.gslb.example.com  1 of 4 up\n      eu: web-us; web-eu is down\n" in text, text
    assert "us.gslb" not in text
    say(g, "web-eu/eu1", "up")
    say(g, "web-eu/eu2", "up")
    assert status(g)[0] == 0
    g.ctl("region", "drain", "eu", "--for", "30m", "--reason", "new switches", "--force")
    code, text = status(g)
    assert code == 1 and "pay.gslb.example.com  0 of 3 up\n      everyone: drained ones that are up: web-eu\n" in text, text
    assert re.search(r"^drains     1\n    region/eu  in force, until \S+Z \(in (29|30) min\): new switches$", text, re.M), text
    g.ctl("region", "restore", "eu")
    assert status(g)[0] == 0


def test_one_service_tells_whom_it_serves(gslbd):
    g = gslbd()
    g.apply(WORLD)
    def one(name):
        code, text = status(g, name)
        first, *rest = text.splitlines(keepends=True)
        return code, first, {line.strip() for line in rest}

    assert one("www.gslb.example.com") == (0, "www.gslb.example.com  as usual, 4 of 4 up\n", {"eu: web-eu", "us: web-us"})
    g.ctl("pool", "drain", "web-eu", "--force")
    assert one("www.gslb.example.com") == (4, "www.gslb.example.com  elsewhere, 1 of 4 up\n", {"eu: web-us; web-eu is drained", "us: web-us"})
    assert status(g, "PAY.gslb.example.com.")[0] == 1
    run = g.ctl("status", "none.example", check=False)
    assert run.returncode == 1 and "there is no services[none.example]" in run.stderr


def test_a_silent_prober_is_named(gslbd, tmp_path):
    g = gslbd()
    g.apply("regions: [{name: eu, default: true}]\nprobers: [{name: paris}]\n")
    (tmp_path / "token").write_text(g.request("POST", "/v1/tokens", {"name": "paris", "role": "prober", "prober": "paris"})[2]["secret"])
    prober = subprocess.Popen([PROBER, "--name", "paris", "--token-file", tmp_path / "token", "--server", f"http://127.0.0.1:{g.api_port}"], stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: "probers    2 of 2 report\n" in status(g)[1], lambda: status(g))
    finally:
        prober.kill()
        prober.wait()
    wait_until(lambda: "paris is silent\n" in status(g)[1], lambda: status(g), 60)
    assert status(g)[0] == 4


def test_a_prober_that_never_reported_is_named(gslbd):
    g = gslbd()
    g.apply("regions: [{name: eu, default: true}]\nprobers: [{name: paris}, {name: rome, enabled: false}]\n")
    wait_until(lambda: "probers    1 of 2 report: paris is silent\n" in status(g)[1], lambda: status(g))  # `local` has reported
    assert status(g)[0] == 4
    assert "probers: paris has not reported since gslbd started" in g.ctl("ready", check=False).stdout
    assert 'gslbd_prober_live{prober="paris"} 0' in g.request("GET", "/metrics")[2]
    assert ["paris", "no"] in [line.split() for line in g.ctl("health").stdout.splitlines()]
    g.ctl("delete", "prober", "paris")
    wait_until(lambda: status(g)[0] == 0, lambda: status(g))


def test_the_document_has_it_all_and_its_readers_need_no_more_than_to_read(gslbd, tmp_path):
    g = gslbd()
    g.apply(WORLD)
    g.ctl("pool", "drain", "web-eu", "--force")
    (tmp_path / "token").write_text(g.request("POST", "/v1/tokens", {"name": "r", "role": "read"})[2]["secret"])
    run = g.ctl("-t", tmp_path / "token", "status", "-o", "json", check=False)
    d = json.loads(run.stdout)
    assert run.returncode == 1 and d["services"]["nothing"] == 1 and d["services"]["elsewhere"] == 1 and d["services"]["well"] == 1 and d["next"] is None
    assert [one["name"] for one in d["drains"]] == ["pool/web-eu"]
    (tmp_path / "token").write_text(g.request("POST", "/v1/tokens", {"name": "z", "role": "edit", "zones": ["gslb.example.com"]})[2]["secret"])
    run = g.ctl("-t", tmp_path / "token", "status", check=False)
    assert run.returncode == 1 and "outside of the scope" in run.stderr
    assert g.ctl("-t", tmp_path / "token", "status", "pay.gslb.example.com", check=False).stdout.startswith("pay."), "its own it may see"


def test_it_is_quick_among_very_many_that_are_not_as_usual(gslbd):
    """Each call looks at so many services; none stops what else is to be done."""
    g = gslbd("probes: {enabled: false}\n")
    g.apply(WORLD.replace("services:", "services:\n" + "".join(f"  - {{name: s{n:06}.gslb.example.com, pools: [web-eu, web-us]}}\n" for n in range(100000))))
    begin = time.monotonic()
    code, text = status(g)
    assert code == 0 and "services   100003 of 100003 as usual" in text, text
    assert time.monotonic() - begin < 10
    g.ctl("pool", "drain", "web-eu", "--force")
    took, after, count = [], 0, 0
    while after is not None:
        begin = time.monotonic()
        d = g.request("GET", f"/v1/status?limit=20&after={after}")[2]
        took.append(time.monotonic() - begin)
        after, count = d["next"], count + d["services"]["elsewhere"]
    assert count == 100001 and len(took) > 3, took
    assert sorted(took)[len(took) // 2] < 0.1, took
    code, text = status(g)
    assert code == 1 and text.count("\n") < 90 and "and 99981 more" in text, text
