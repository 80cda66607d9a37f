"""Traffic that goes to a pool step by step, driven by gslbd."""
import collections
import signal
import threading
import time

import pytest
from conftest import wait_until
from test_confirms import ctl, events, metrics
from test_holds import newest, revision

WWW = "www.gslb.example.com"
CONFIGURATION = """
regions: [{name: eu, match: ["continent:EU"], default: true}]
networks: [{cidr: 10.1.0.0/16, region: eu}]
monitors: [{name: told, type: external}]
pools:
  - {name: v1, region: eu, monitor: told, endpoints: [{name: a, address: 127.0.61.1}]}
  - {name: v2, region: eu, monitor: told, endpoints: [{name: b, address: 127.0.62.1}]}
zones: [{name: gslb.example.com, ns: [ns1.example.net]}, {name: in.gslb.example.com, ns: [ns1.example.net]}]
services:
  - {name: www.gslb.example.com, ttl: 5, steering: weighted, pools: [{pool: v1, weight: 100}, {pool: v2, weight: 0}]}
  - {name: www.in.gslb.example.com, ttl: 5, steering: weighted, pools: [v1]}
  - {name: geo.gslb.example.com, pools: [v1, v2]}
"""


def shifts(g):
    return {one["name"]: one for one in g.request("GET", "/v1/shifts")[2]["items"]}


def weights(g, name=WWW):
    pools = g.request("GET", f"/v1/services/{name}")[2]["pools"]
    return {one["pool"]: one["weight"] for one in pools}


def begin(g, *arguments, steps="10,50,100", every="1s", name=WWW, check=True):
    return ctl(g, "shift", name, "--to", "v2", "--steps", steps, "--every", every, *arguments, check=check)


@pytest.fixture
def g(gslbd):
    g = gslbd()
    g.apply(CONFIGURATION)
    return g


def test_steps_follow_each_other_one_revision_each(g):
    first = revision(g)
    said = begin(g)
    assert "v2 has 10% now" in said and weights(g) == {"v1": 90, "v2": 10}, said
    wait_until(lambda: not shifts(g), "it is done")
    assert weights(g) == {"v1": 0, "v2": 100}
    assert {a for _ in range(20) for a in g.short(WWW, "10.1.2.0/24")} == {"127.0.62.1"}
    made = g.request("GET", f"/v1/revisions?changes=true&limit={revision(g) - first}")[2]["items"][::-1]
    assert [(one["author"], one["comment"]) for one in made] == [
        ("admin", f"shift of {WWW} to v2: step 1 of 3, 10%"),
        ("gslbd", f"shift of {WWW} to v2: step 2 of 3, 50%"),
        ("gslbd", f"shift of {WWW} to v2: step 3 of 3, 100%"),
        ("gslbd", f"the shift of {WWW} to v2 is done"),
    ]
    assert all(sorted(c["kind"] for c in one["changes"]) == ["services", "shifts"] for one in made[:3])
    assert [word for _, word in events(g)] == ["begins", "step", "step", "done"]
    assert "gslbd_shift_steps_total 2" in metrics(g) and 'gslbd_shifts_ended_total{end="done"} 1' in metrics(g)


def test_answers_have_the_shares(g):
    begin(g, steps="25,100", every="1h")
    got = collections.Counter(a for _ in range(400) for a in g.short(WWW, "10.1.2.0/24"))
    assert 60 < got["127.0.62.1"] < 145, got


def test_kill_9_in_the_middle_makes_no_step_twice_and_loses_none(g):
    begin(g, steps="10,20,30,40,50,60,70,80,90,100", every="1s")
    for _ in range(3):
        time.sleep(0.7)
        g.stop(signal.SIGKILL)
        g.start()
        assert shifts(g)[WWW]["state"] == "running"
    wait_until(lambda: not shifts(g), "it is done", 30)
    steps = [one["comment"].split(": ")[1] for one in g.request("GET", "/v1/revisions?limit=100")[2]["items"][::-1] if "step" in one["comment"]]
    assert steps == [f"step {i + 1} of 10, {10 * (i + 1)}%" for i in range(10)]


def test_it_goes_back_when_the_condition_holds(g):
    begin(g, "--abort-if", "down(v2) > 0", every="1h")
    assert shifts(g)[WWW]["figures"] == "down(v2) is 0"
    ctl(g, "endpoint", "verdict", "v2/b", "down", "--for", "1h")
    wait_until(lambda: not shifts(g), "it goes back")
    assert g.request("GET", f"/v1/services/{WWW}")[2]["pools"] == [{"pool": "v1", "weight": 100}, {"pool": "v2", "weight": 0}]
    assert newest(g)["comment"] == f"the shift of {WWW} to v2 goes back: down(v2) > 0: down(v2) is 1"
    assert events(g)[-1] == (f"shift/{WWW}", "went back")


def test_it_goes_back_when_the_traffic_fails_to_come(g):
    """Nobody asks: v2 gets nothing, which `for` bears for a while."""
    begin(g, "--abort-if", "rate(pool v2) < 1 for 1s", every="1h")
    wait_until(lambda: not shifts(g), "it goes back")
    assert "rate(pool v2) is 0" in newest(g)["comment"]


def test_the_last_step_is_watched_too(g):
    begin(g, "--abort-if", "down(v2) > 0", steps="100", every="1h")
    assert weights(g) == {"v1": 0, "v2": 100} and shifts(g)[WWW]["state"] == "running"
    ctl(g, "endpoint", "verdict", "v2/b", "down", "--for", "1h")
    wait_until(lambda: not shifts(g), "it goes back")
    assert weights(g) == {"v1": 100, "v2": 0}


def test_pause_resume_and_abort(g):
    begin(g, every="2s")
    assert "dry run" in ctl(g, "shift", "pause", WWW, "--dry-run") and shifts(g)[WWW]["state"] == "running"
    ctl(g, "shift", "pause", WWW)
    ctl(g, "shift", "pause", WWW)  # twice is once
    one = shifts(g)[WWW]
    assert one["state"] == "paused" and one["why"] == 'paused by "admin"' and "next" not in one
    assert f'{WWW}: paused by "admin"' in ctl(g, "shifts")
    g.stop(signal.SIGKILL)
    g.start()
    time.sleep(2.2)
    assert weights(g) == {"v1": 90, "v2": 10}
    ctl(g, "shift", "resume", WWW)
    wait_until(lambda: weights(g)["v2"] == 50, "the next step")
    ctl(g, "shift", "abort", WWW)
    assert not shifts(g) and weights(g) == {"v1": 100, "v2": 0}
    assert [word for _, word in events(g)][-3:] == ["goes on", "step", "aborted"]
    for word in ("pause", "resume", "abort"):
        assert f"there is no shift of services[{WWW}]" in ctl(g, "shift", word, WWW, check=False)


def test_it_stops_when_something_else_changes_the_service(g):
    begin(g, every="1s", steps="10,20,90")
    ctl(g, "set", "service", WWW, "ttl=9")  # of no concern
    ctl(g, "set", "service", WWW, "pools.v2.weight=77")
    changed = revision(g)
    wait_until(lambda: shifts(g)[WWW]["state"] == "stopped", "it stops")
    one = shifts(g)[WWW]
    assert one["why"] == f'"admin" changed the pools of the service in revision {changed}', one
    ready = g.request("GET", "/ready", token=False)[2]
    assert any("rollout: the shift of" in r and "has stopped at 10%" in r for r in ready["reasons"]), ready
    assert 'gslbd_shifts{state="stopped"} 1' in metrics(g)
    time.sleep(1.2)
    assert weights(g) == {"v1": 90, "v2": 77}
    assert "cannot go on" in ctl(g, "shift", "resume", WWW, check=False)
    assert "stays as it is" in ctl(g, "shift", "abort", WWW)
    assert not shifts(g) and weights(g) == {"v1": 90, "v2": 77} and g.request("GET", f"/v1/services/{WWW}")[2]["ttl"] == 9


def test_a_service_that_goes_takes_its_shift_along(g):
    begin(g, every="1h")
    ctl(g, "delete", "service", WWW)
    wait_until(lambda: shifts(g)[WWW]["state"] == "stopped", "it stops")
    assert "deleted the service" in shifts(g)[WWW]["why"]
    ctl(g, "shift", "abort", WWW)
    assert not shifts(g)


def test_what_cannot_be_shifted_is_refused_and_changes_nothing(g):
    before = revision(g)
    for arguments, said in [
        ((WWW, "--to", "v9", "--steps", "10"), "v9"),
        (("nobody.gslb.example.com", "--to", "v2", "--steps", "10"), "there is no services[nobody.gslb.example.com]"),
        (("geo.gslb.example.com", "--to", "v2", "--steps", "10"), "has steering geo"),
        ((WWW, "--to", "v1", "--steps", "10"), "no pool of services[www.gslb.example.com] but v1 has a weight"),
        ((WWW, "--to", "v2", "--steps", "10,10"), "rising integers"),
        ((WWW, "--to", "v2", "--steps", "10,101"), "rising integers"),
        ((WWW, "--to", "v2", "--steps", "ten"), "rising integers"),
        ((WWW, "--to", "v2", "--steps", "10", "--every", "0s"), "every"),
        ((WWW, "--to", "v2", "--steps", "10", "--abort-if", "down(v2"), "abort_if"),
        ((WWW, "--to", "v2", "--steps", "10", "--abort-if", "down(v9) > 0"), 'there is no pool, service, endpoint or region "v9"'),
        ((WWW, "--to", "v2"), "expected --to POOL and --steps"),
    ]:
        got = ctl(g, "shift", *arguments, check=False)
        assert said in got, (arguments, got)
    assert "dry run" in begin(g, "--dry-run")
    assert revision(g) == before and not shifts(g)
    ctl(g, "set", "service", WWW, "pools.v2.weight=100")
    assert "has 50% of services" in begin(g, check=False)


def test_two_shifts_on_one_service_and_two_zones_one_inside_the_other(g):
    begin(g, every="1h")
    assert f"a shift of services[{WWW}] to v2 is running already, by admin" in begin(g, check=False)
    begin(g, every="1h", name="www.in.gslb.example.com.", steps="30")  # a pool that the service did not have
    assert weights(g, "www.in.gslb.example.com") == {"v1": 70, "v2": 30}
    assert set(shifts(g)) == {WWW, "www.in.gslb.example.com"}
    ctl(g, "shift", "abort", "WWW.in.gslb.example.com")
    assert g.request("GET", "/v1/services/www.in.gslb.example.com")[2]["pools"] == ["v1"] and set(shifts(g)) == {WWW}


def test_who_may(g):
    secrets = {name: g.request("POST", "/v1/tokens", {"name": name, **more})[2]["secret"] for name, more in {
        "ro": {"role": "read"}, "ann": {"role": "operate"}, "ed": {"role": "edit", "zones": ["gslb.example.com"]},
        "inner": {"role": "edit", "zones": ["in.gslb.example.com"]}}.items()}
    body = {"to": "v2", "steps": [10], "every": "1h"}
    for who, wanted in [("ro", 403), ("ann", 403), ("inner", 403), ("ed", 200)]:
        assert g.request("POST", f"/v1/services/{WWW}/shift", body, token=secrets[who])[0] == wanted, who
    assert g.request("POST", f"/v1/services/{WWW}/shift", body, token=False)[0] == 401
    for who, word, wanted in [("ro", "pause", 403), ("inner", "pause", 403), ("ann", "pause", 200), ("ann", "resume", 200), ("ro", "abort", 403), ("ann", "abort", 200)]:
        status, _, reply = g.request("POST", f"/v1/services/{WWW}/shift/{word}", token=secrets[who])
        assert status == wanted, (who, word, reply)
    assert weights(g) == {"v1": 100, "v2": 0}


def test_what_a_rule_refuses_pauses_it_and_it_goes_on_when_it_may(g):
    g.apply("regions: [{name: us}]\npools: [{name: v2, region: us, monitor: told, endpoints: [{name: b, address: 127.0.62.1}]}]\n")
    for other in ("www.in.gslb.example.com", "geo.gslb.example.com"):
        ctl(g, "delete", "service", other)
    begin(g, steps="50,100", every="1s")
    g.apply("rules: {regions_serving: 2}\n")
    wait_until(lambda: shifts(g)[WWW]["state"] == "paused", "it waits for somebody")
    assert "rules" in shifts(g)[WWW]["why"] and weights(g) == {"v1": 50, "v2": 50}, shifts(g)
    ctl(g, "set", "rules", "regions_serving=1")
    ctl(g, "shift", "resume", WWW)
    wait_until(lambda: not shifts(g), "it is done")
    assert weights(g) == {"v1": 0, "v2": 100}


def test_questions_meanwhile_are_all_answered(g):
    wrong, stop = [], threading.Event()

    def ask():
        while not stop.is_set():
            if not set(g.short(WWW, "10.1.2.0/24")) <= {"127.0.61.1", "127.0.62.1"}:
                wrong.append(1)

    thread = threading.Thread(target=ask)
    thread.start()
    begin(g, steps="10,20,30,40,100", every="1s")
    wait_until(lambda: not shifts(g), "it is done", 20)
    stop.set()
    thread.join()
    assert not wrong


def test_it_is_in_no_backup_and_not_rolled_back_to(g, tmp_path):
    begin(g, every="1h")
    at = revision(g)
    ctl(g, "backup", tmp_path / "all.backup")
    assert "shifts" not in (tmp_path / "all.backup").read_text()
    ctl(g, "rollback", str(at - 1), "--with-drains")
    wait_until(lambda: shifts(g)[WWW]["state"] == "stopped", "the rollback stopped it")
    ctl(g, "shift", "abort", WWW)
    ctl(g, "rollback", str(at), "--with-drains")
    assert not shifts(g) and weights(g) == {"v1": 90, "v2": 10}


def test_status_tells_of_it(g):
    assert g.ctl("status", check=False).returncode == 0
    begin(g, every="1h")
    run = g.ctl("status", check=False)
    assert run.returncode == 4 and f"shifts     1\n    {WWW}  running, until " in run.stdout and "v2 has 10%" in run.stdout, run
    ctl(g, "shift", "pause", WWW)
    assert 'paused, until somebody lets it go on, or ends it: v2 has 10%; paused by "admin"' in g.ctl("status", check=False).stdout


def test_many_at_once_keep_their_time(g):
    """A hundred services, one revision a step each, and every step is made once."""
    many = [f"s{n}.gslb.example.com" for n in range(100)]
    g.apply("services:\n" + "".join(f"  - {{name: {name}, steering: weighted, pools: [v1]}}\n" for name in many))
    for name in many:
        status, _, reply = g.request("POST", f"/v1/services/{name}/shift", {"to": "v2", "steps": [10, 100], "every": "5s"})
        assert status == 200, reply
    wait_until(lambda: not shifts(g), "all are done", 90)
    made = [one["comment"] for one in g.request("GET", "/v1/revisions?limit=1000")[2]["items"] if one["author"] == "gslbd"]
    for name in many:
        assert made.count(f"shift of {name} to v2: step 2 of 2, 100%") == 1 and made.count(f"the shift of {name} to v2 is done") == 1
