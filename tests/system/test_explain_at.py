"""gslbctl explain --at: what a client got at another time, with the configuration, drains, holds, schedules and health of then."""
import datetime
import json
import signal
import time

import pytest
from conftest import two_regions, wait_until
from places import Place

WWW = "www.gslb.example.com"
CONFIGURATION = (
    two_regions(9).split("monitors:")[0]
    + """
monitors: [{name: told, type: external}]
pools:
  - {name: web-eu, region: eu, monitor: told, endpoints: [{name: eu1, address: 127.0.61.1}, {name: eu2, address: 127.0.61.2}]}
  - {name: web-us, region: us, endpoints: [{name: us1, address: 127.0.62.1}]}
zones: [{name: gslb.example.com, ns: [ns1.example.net]}]
services:
  - {name: www.gslb.example.com, ttl: 5, pools: [web-eu, web-us]}
  - {name: held.gslb.example.com, ttl: 5, failback: manual, pools: [web-eu, web-us]}
"""
)


def stamp():
    """A time that everything so far lies before and all that comes lies behind; by the clock that gslbd sees."""
    time.sleep(0.01)
    now = datetime.datetime.now(datetime.timezone.utc)
    time.sleep(0.01)
    return now.strftime("%Y-%m-%dT%H:%M:%S.") + f"{now.microsecond // 1000:03d}Z"


def explain(g, at, *more, name=WWW, check=True):
    return g.ctl("explain", name, "--client", "10.1.2.3", "--at", at, *more, check=check)


def told(g, at, **more):
    return json.loads(explain(g, at, "-o", "json", **more).stdout)


def pools(d):
    return {pool["name"]: pool for pool in d["pools"]}


def endpoint(d, pool, name):
    return next(e for e in pools(d)[pool]["endpoints"] if e["name"] == name)


def used(d):
    return [pool["name"] for pool in d["pools"] if pool["used"]]


def say(g, state, *names):
    for name in names:
        g.ctl("endpoint", "verdict", name, state, "--for", "1h")


def heard(g, count):
    """The journal has so many events of health."""
    wait_until(lambda: len([e for e in g.request("GET", "/v1/events?limit=1000")[2]["items"] if "endpoint" in e]) >= count, f"{count} events")


@pytest.fixture
def g(gslbd):
    g = gslbd()
    g.apply(CONFIGURATION)
    say(g, "up", "web-eu/eu1", "web-eu/eu2")
    heard(g, 2)
    return g


def test_the_configuration_of_then_also_behind_a_rollback(g):
    first, number = stamp(), g.request("GET", "/v1/revisions?limit=1")[2]["items"][0]["number"]
    g.apply("services: [{name: www.gslb.example.com, ttl: 9, pools: [web-us]}]\n")
    second = stamp()
    g.ctl("rollback", str(number), "--yes")
    third = stamp()
    g.ctl("delete", "service", "held.gslb.example.com")
    assert [used(told(g, at)) for at in (first, second, third)] == [["web-eu"], ["web-us"], ["web-eu"]]
    assert [told(g, at)["revision"] for at in (first, second, third)] == [number, number + 1, number + 2]
    assert [told(g, at)["ttl"] for at in (first, second)] == [5, 9]
    assert used(told(g, third, name="held.gslb.example.com")) == ["web-eu"]  # is gone by now
    story = explain(g, second).stdout.splitlines()
    assert story[0] == f"{WWW} A at {second}, when revision {number + 1} was in force.", story
    assert any(line.startswith("Health of then is told by events, which are kept since 20") for line in story), story
    assert story[-1] == "GeoIP databases, load figures, round trips and addresses of host names are those of now.", story
    assert g.request("GET", "/v1/revisions?limit=1")[2]["items"][0]["number"] == number + 3  # nothing came of it


def test_health_of_then_over_a_restart(g):
    up = stamp()
    say(g, "down", "web-eu/eu1", "web-eu/eu2")
    heard(g, 4)
    down = stamp()
    say(g, "up", "web-eu/eu2")
    heard(g, 5)
    half = stamp()
    g.request("GET", "/v1/events")
    time.sleep(1.5)  # kill -9 loses about the last second of events, as the guide says
    g.stop(signal.SIGKILL)
    g.start(wait_ready=False)
    say(g, "up", "web-eu/eu1", "web-eu/eu2")
    heard(g, 7)
    again = stamp()

    def health(at):
        d = told(g, at)
        assert d["health_unknown"] == [] and d["health_since"] < up, d
        return [endpoint(d, "web-eu", name)["health"] for name in ("eu1", "eu2")], used(d)

    assert health(up) == (["up", "up"], ["web-eu"])
    assert health(down) == (["down", "down"], ["web-us"])
    assert health(half) == (["down", "up"], ["web-eu"])
    assert health(again) == (["up", "up"], ["web-eu"])
    assert "Answer this time: 127.0.62.1," in explain(g, down).stdout


def test_drains_and_holds_of_then(g):
    g.ctl("region", "drain", "eu", "--reason", "switches")
    drained = stamp()
    g.ctl("region", "restore", "eu")
    g.ctl("endpoint", "drain", "web-eu/eu1", "--for", "1s")
    short = stamp()
    wait_until(lambda: not g.request("GET", "/v1/drains")[2]["items"], "the drain has ended")
    ended = stamp()
    say(g, "down", "web-eu/eu1", "web-eu/eu2")
    say(g, "up", "web-eu/eu1", "web-eu/eu2")
    wait_until(lambda: [h for h in g.request("GET", "/v1/holds")[2]["items"] if h["written"]], "the hold is written")
    held = stamp()
    g.ctl("pool", "failback", "web-eu")
    wait_until(lambda: not g.request("GET", "/v1/holds")[2]["items"], "it is held no more")
    heard(g, 6)
    d = told(g, drained)
    assert used(d) == ["web-us"] and pools(d)["web-eu"]["reason"] == "drained", d
    assert [endpoint(told(g, at), "web-eu", "eu1")["drained"] for at in (drained, short, ended)] == [True, True, False]
    assert used(told(g, ended)) == used(told(g, held)) == ["web-eu"]
    d = told(g, held, name="held.gslb.example.com")
    assert used(d) == ["web-us"] and pools(d)["web-eu"]["reason"].startswith("is back, but held until its failback, since 20"), d
    assert used(told(g, stamp(), name="held.gslb.example.com")) == used(told(g, ended, name="held.gslb.example.com")) == ["web-eu"]


def test_schedules_and_slow_start_go_by_the_clock_of_then(gslbd, tmp_path, monkeypatch):
    place = Place(tmp_path / "zoneinfo", "Test/Place")
    monkeypatch.setenv("TZDIR", str(tmp_path / "zoneinfo"))
    place.clock(21, 59, 48)
    g = gslbd()
    g.apply(CONFIGURATION)
    say(g, "up", "web-eu/eu1", "web-eu/eu2")
    g.apply(
        "pools: [{name: web-eu, region: eu, monitor: told, slow_start: 8s, endpoints: [\n"
        "  {name: eu1, address: 127.0.61.1, schedules: [{from: '22:00', to: '06:00', time_zone: Test/Place, weight: 7}]},\n"
        "  {name: eu2, address: 127.0.61.2}]}]\n"
    )
    say(g, "down", "web-eu/eu2")
    say(g, "up", "web-eu/eu2")
    came = stamp()
    heard(g, 4)

    def now():
        return json.loads(g.ctl("explain", WWW, "--client", "10.1.2.3", "-o", "json").stdout)

    wait_until(lambda: endpoint(now(), "web-eu", "eu1")["weight"] == 7 and endpoint(now(), "web-eu", "eu2")["slow_start"] == 1, "both are over")
    d = told(g, came)
    assert endpoint(d, "web-eu", "eu1")["weight"] == 1 and endpoint(d, "web-eu", "eu2")["slow_start"] < 0.9, d
    assert "slow start: " in endpoint(d, "web-eu", "eu2")["note"], d
    d = told(g, stamp())
    assert endpoint(d, "web-eu", "eu1")["weight"] == 7 and endpoint(d, "web-eu", "eu2")["slow_start"] == 1, d


def test_where_events_do_not_reach_it_says_so(g):
    g.stop()
    for file in (g.store / "journal").iterdir():
        file.unlink()
    before = stamp()
    g.start(wait_ready=False)
    say(g, "down", "web-eu/eu1")
    heard(g, 1)
    d = told(g, before)
    assert d["health_unknown"] == ["web-eu/eu1", "web-eu/eu2"] and d["health_since"] > before, d
    story = explain(g, before).stdout
    assert "No event tells how these were then, they are taken as they are now: web-eu/eu1, web-eu/eu2." in story, story
    assert endpoint(d, "web-eu", "eu1")["health"] == "down", d


def test_forms_of_the_time(g):
    time.sleep(1.1)  # the last form has whole seconds
    at, local = stamp(), datetime.datetime.now()
    for form in (at, "0s", "1ms", local.strftime("%Y-%m-%d %H:%M:%S")):
        run = explain(g, form, check=False)
        assert run.returncode == 0, (form, run)
    status, _, reply = g.request("GET", f"/v1/explain?name={WWW}&client=10.1.2.3&at=0s")
    assert status == 200 and reply["revision"] == 2 and "at" in reply, reply


@pytest.mark.parametrize(
    "form,status,words",
    [
        ("2000-01-01", 1, "at: expected a time from 20"),
        ("1970-01-01T00:00:00Z", 1, "the oldest that is kept; got 1970-01-01T00:00:00.00"),
        ("2999-01-01T00:00:00Z", 1, 'at: expected a time that lies behind, got "2999'),
        ("yesterday 25:00", 2, "--at: expected 2h, 22:00, yesterday"),
        ("", 2, "--at: expected 2h"),
    ],
)
def test_a_time_that_cannot_be_explained_is_one_clear_error(g, form, status, words):
    run = explain(g, form, check=False)
    assert run.returncode == status and words in run.stderr and not run.stdout, run
    assert len([line for line in run.stderr.splitlines() if "expected" in line]) == 1, run


def test_what_the_api_refuses(g):
    path = f"/v1/explain?name={WWW}&client=10.1.2.3"
    status, _, reply = g.request("GET", path + "&at=tomorrow")
    assert status == 400 and "at: expected a time such as" in reply["detail"], reply
    assert g.request("POST", path + "&at=1s", {})[0] == 400  # one or the other
    assert g.request("GET", f"/v1/explain?name=other.example&client=10.1.2.3&at={stamp()}")[0] == 400
    secret = g.request("POST", "/v1/tokens", {"name": "r", "role": "read"})[2]["secret"]
    assert g.request("GET", path + "&at=0s", None, {"Authorization": f"Bearer {secret}"}, token=False)[0] == 200
    assert g.request("GET", path + "&at=0s", token=False)[0] == 401
    run = explain(g, "1s", "--watch", check=False)
    assert run.returncode == 2 and "expected at most one of --at, --with and --watch" in run.stderr, run


def test_it_answers_while_changes_come_and_ends_with_gslbd(g):
    at = stamp()
    for weight in range(2, 8):
        g.ctl("set", "pool", "web-us/us1", f"weight={weight}")
        assert endpoint(told(g, at), "web-us", "us1")["weight"] == 1
        assert endpoint(told(g, stamp()), "web-us", "us1")["weight"] == weight
    g.stop()
    g.start(wait_ready=False)
    assert endpoint(told(g, at), "web-us", "us1")["weight"] == 1
