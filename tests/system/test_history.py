"""What was: revisions and events since a time, by who and what, in bounded pages; what flaps."""
import json
import os
import subprocess

import pytest

WORLD = """
regions: [{name: eu}, {name: us, default: true}]
monitors: [{name: told, type: external}]
pools:
  - {name: web-eu, region: eu, monitor: told, endpoints: [{name: eu1, address: 192.0.2.1}, {name: eu2, address: 192.0.2.2}]}
  - {name: web-us, region: us, monitor: told, endpoints: [{name: us1, address: 192.0.2.3}]}
"""


@pytest.fixture
def g(gslbd):
    started = gslbd()
    started.apply(WORLD)
    return started


def say(g, endpoint, *states):
    for state in states:
        g.ctl("endpoint", "verdict", endpoint, state, "--for", "1h")
        g.wait_state(endpoint, state)


def items(g, *words):
    return json.loads(g.ctl(*words, "-o", "json").stdout)["items"]


def test_revisions_are_asked_for_by_time_author_and_kind(g, tmp_path):
    (tmp_path / "alice").write_text(g.request("POST", "/v1/tokens", {"name": "alice", "role": "edit"})[2]["secret"])
    g.ctl("set", "pool", "web-eu", "balance=weighted", "--comment", "by admin")
    g.ctl("-t", tmp_path / "alice", "set", "pool", "web-us/us1", "weight=7", "--comment", "by alice")
    g.ctl("-t", tmp_path / "alice", "apply", "-f", "-", stdin="probers: [{name: paris}]\n")
    assert [r["comment"] for r in items(g, "revisions", "--author", "alice", "--kinds", "pools")] == ["by alice"]
    assert {r["author"] for r in items(g, "revisions", "--author", "alice", "--since", "yesterday")} == {"alice"}
    assert len(items(g, "revisions", "--kinds", "probers,pools")) == 3 + (g.ctl("revision", "1").stdout.count("pools") == 0)
    assert items(g, "revisions", "--since", "0s") == []
    text = g.ctl("revisions", "--author", "alice", "--kinds", "pools", "--changes").stdout
    assert "by alice: by alice\n  pools[web-us] ~ endpoints[us1].weight" in text or "+ endpoints[us1].weight 7" in text, text
    for words, status, said in ((("--since", "soon"), 2, "--since: expected 2h, 22:00, yesterday"), (("--kinds", "ponies"), 1, 'there is no kind "ponies"'),
                                (("--limit", "0"), 2, "--limit: expected a number")):
        run = g.ctl("revisions", *words, check=False)
        assert run.returncode == status and said in run.stderr, run


def test_times_are_those_of_the_clock_here(g):
    """What is said without an offset is read by gslbctl's own clock, whatever the server's."""
    for zone, count in (("UTC", 1), ("Asia/Tokyo", 1)):
        command = ["date", "+%H:%M"]
        now = subprocess.run(command, env={**os.environ, "TZ": zone}, capture_output=True, text=True).stdout.strip()
        run = subprocess.run(g.ctl_command("revisions", "--since", f"today {now[:2]}:00" if now[3:] != "00" else "2h", "-o", "json"), env={**os.environ, "TZ": zone},
                             capture_output=True, text=True, check=True)
        assert len(json.loads(run.stdout)["items"]) >= count, (zone, now)
    run = subprocess.run(g.ctl_command("revisions", "--since", "2099-01-01", "-o", "json"), capture_output=True, text=True, check=True)
    assert json.loads(run.stdout)["items"] == []


def test_many_revisions_are_paged(g):
    for n in range(130):
        g.ctl("set", "pool", "web-us/us1", f"weight={n + 1}", "--comment", f"weight {n + 1}") if n < 3 else g.request(
            "PATCH", "/v1/pools/web-us/endpoints/us1?comment=x", {"weight": n + 1})
    every = items(g, "revisions", "--since", "1h")
    assert len(every) >= 131 and [r["number"] for r in every] == sorted((r["number"] for r in every), reverse=True)
    assert len(items(g, "revisions", "--since", "1h", "--limit", "125")) == 125 and len(items(g, "revisions")) == 20
    assert [r["comment"] for r in items(g, "revisions", "--kinds", "pools", "--since", "1h") if r["comment"].startswith("weight")] == ["weight 3", "weight 2", "weight 1"]


def test_events_are_asked_for_by_time_and_place(g):
    say(g, "web-eu/eu1", "down", "up", "down")
    say(g, "web-us/us1", "down")

    def events(*words):
        return [(e["endpoint"], e["state"]) for e in items(g, "events", *words) if e.get("state") in ("up", "down")]

    flips = [("web-eu/eu1", "down"), ("web-eu/eu1", "up"), ("web-eu/eu1", "down"), ("web-us/us1", "down")]
    all_since = events("--since", "10m")
    assert all_since == events() and all_since == flips, all_since
    assert set(events("--pool", "web-us")) == {("web-us/us1", "down")} and {e[0] for e in events("--since", "10m", "--region", "eu")} == {"web-eu/eu1"}
    assert {e[1] for e in events("--state", "down")} == {"down"} and events("--since", "0s") == []
    assert events("--pool", "web-eu", "--limit", "1") == [("web-eu/eu1", "down")], "the newest"
    assert g.ctl("events", "--pool", "none", check=False).returncode == 1


def test_what_flaps_is_named(g):
    say(g, "web-eu/eu1", "down", "up", "down", "up", "down", "up")
    say(g, "web-eu/eu2", "down", "up")
    assert [(e["endpoint"], e["down"], e["state"]) for e in items(g, "events", "--flapping", "--since", "1h")] == [("web-eu/eu1", 3, "up")]
    assert g.ctl("events", "--flapping", "--pool", "web-eu").stdout.splitlines()[1].split()[:2] == ["web-eu/eu1", "3"]
    assert items(g, "events", "--flapping", "--pool", "web-us") == []


def test_events_are_found_by_time_among_many(g):
    """The journal is searched by time: a call reads few, and pages follow one another."""
    for n in range(40):
        say(g, "web-eu/eu1", "down" if n % 2 == 0 else "up")
    every = items(g, "events", "--since", "1h")
    middle = every[len(every) // 2]
    d = g.request("GET", f"/v1/events?since={middle['time']}&limit=3")[2]
    assert [e["number"] for e in d["items"]] == [e["number"] for e in every if e["time"] >= middle["time"]][:3] and d["next"]
    assert [e["number"] for e in items(g, "events", "--since", middle["time"])] == [e["number"] for e in every if e["time"] >= middle["time"]]
    assert g.request("GET", "/v1/events?since=soon")[0] == 400
