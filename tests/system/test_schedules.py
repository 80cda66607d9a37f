"""Schedules: weights and enabled by day and hour. The time zone is made by the test, so that an hour begins when it wants."""
import datetime
import os
import signal

import pytest
from conftest import wait_until
from places import Place

NAME, CLIENT = "www.gslb.example.com", "10.1.0.1/32"
CONFIGURATION = """
regions: [{{name: eu, default: true}}, {{name: us}}]
pools:
  - name: web-eu
    region: eu
    {pool}
    endpoints:
      - {{name: eu1, address: 192.0.2.11, weight: 60}}
      - {{name: eu2, address: 192.0.2.12, weight: 60, {endpoint}}}
  - {{name: web-us, region: us, endpoints: [{{name: us1, address: 192.0.2.21}}]}}
zones: [{{name: gslb.example.com, ns: [ns1.example.net]}}]
services: [{{name: www.gslb.example.com, ttl: 0, pools: [web-eu, web-us]}}]
"""
NIGHT = 'schedules: [{from: "22:00", to: "06:00", time_zone: Test/Here, %s}]'


def document(endpoint="weight: 60", pool="balance: round_robin"):
    return CONFIGURATION.format(endpoint=endpoint.replace("weight: 60", "backup: false"), pool=pool)


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.setenv("TZDIR", str(tmp_path / "zoneinfo"))
    return Place(tmp_path / "zoneinfo", "Test/Here")


def answers(g, n=12):
    return {address for _ in range(n) for address in g.short(NAME, CLIENT)}


def events(g):
    return [e for e in g.request("GET", "/v1/events")[2]["items"] if "schedule" in e]


def test_the_answer_turns_at_the_boundary_without_a_revision(gslbd, place):
    g = gslbd()
    place.clock(21, 59, 56)
    g.apply(document(endpoint=NIGHT % "enabled: false"))
    revision = g.request("GET", "/v1/ready")[2]["revision"]
    assert answers(g) == {"192.0.2.11", "192.0.2.12"}
    health = g.request("GET", "/v1/health/web-eu/eu2")[2]
    assert health["enabled"] and health["schedule"]["in_force"] is None
    begins = datetime.datetime.fromisoformat(health["schedule"]["until"].replace("Z", "+00:00"))
    wait_until(lambda: answers(g) == {"192.0.2.11"}, "the schedule has begun")
    late = (datetime.datetime.now(datetime.timezone.utc) - begins).total_seconds()
    assert 0 <= late < 5, late
    text = "daily 22:00-06:00 Test/Here: disabled"
    health = g.request("GET", "/v1/health/web-eu/eu2")[2]
    assert not health["enabled"] and health["schedule"]["in_force"] == text
    ends = datetime.datetime.fromisoformat(health["schedule"]["until"].replace("Z", "+00:00"))
    assert ends - begins == datetime.timedelta(hours=8)
    ready = g.request("GET", "/v1/ready")[2]
    assert ready["schedules_in_force"] == 1 and ready["revision"] == revision
    (event,) = events(g)
    assert (event["target"], event["schedule"], event["detail"]) == ("endpoint/web-eu/eu2", "begins", text)
    assert event["until"] == health["schedule"]["until"]
    assert "schedule begins" in g.ctl("events").stdout and "endpoint/web-eu/eu2" in g.ctl("events").stdout
    story = g.ctl("explain", NAME, "--client", "10.1.0.1").stdout
    assert f"disabled by a schedule; by its schedule: {text}, until {health['schedule']['until']}" in story, story
    assert text in g.ctl("health", "web-eu/eu2").stdout
    assert "schedules: 1 is in force" in g.ctl("ready").stdout


def test_a_start_in_the_middle_of_a_span_has_it_in_force_from_the_first_answer(gslbd, place):
    g = gslbd()
    place.clock(3)
    g.apply(document(pool=NIGHT % "enabled: false"))
    assert answers(g) == {"192.0.2.21"}
    g.stop()
    g.start(wait_ready=False)
    assert answers(g) == {"192.0.2.21"}
    assert "disabled by a schedule" in g.ctl("explain", NAME, "--client", "10.1.0.1").stdout
    (listed,) = g.request("GET", "/v1/schedules")[2]["items"]
    assert listed["target"] == "pool/web-eu" and listed["schedule"]["in_force"] == "daily 22:00-06:00 Test/Here: disabled", listed
    assert "daily 22:00-06:00 Test/Here: disabled" in g.ctl("schedules").stdout
    assert not events(g)  # it began while nobody looked
    g.apply(document(pool="balance: weighted"))
    assert answers(g) == {"192.0.2.11", "192.0.2.12"}


def test_new_time_zone_data_is_taken_by_a_reload_and_what_is_spoilt_is_not(gslbd, place):
    g = gslbd()
    place.clock(12)
    g.apply(document(endpoint=NIGHT % "enabled: false"))
    place.clock(23)
    g.process.send_signal(signal.SIGHUP)
    wait_until(lambda: answers(g) == {"192.0.2.11"}, "the new clocks are taken")
    assert "the time zone Test/Here is another now" in g.log_path.read_text()
    place.file.write_bytes(b"TZif2 and nothing else")
    g.process.send_signal(signal.SIGHUP)
    wait_until(lambda: "it stays as it was read before" in g.log_path.read_text(), "the reload is told")
    assert answers(g) == {"192.0.2.11"}
    g.ctl("set", "pool", "web-eu/eu1", "weight=5")  # other changes go on
    assert answers(g) == {"192.0.2.11"}


def test_a_schedule_whose_time_zone_is_gone_is_left_out_and_its_endpoint_serves(gslbd, place):
    g = gslbd()
    place.clock(23)
    g.apply(document(endpoint=NIGHT % "enabled: false"))
    g.stop()
    place.file.unlink()
    g.start()
    assert answers(g) == {"192.0.2.11", "192.0.2.12"}
    (reason,) = g.request("GET", "/v1/ready")[2]["reasons"]
    assert reason.startswith('configuration: pools[web-eu].endpoints[1].schedules[0].time_zone: there is no time zone "Test/Here"'), reason
    g.ctl("set", "service", NAME, "ttl=1")  # what has nothing to do with it can be changed
    said = g.ctl("set", "pool", "web-eu", "balance=random", check=False)
    assert said.returncode == 1 and "there is no time zone" in said.stderr
    assert answers(g) == {"192.0.2.11", "192.0.2.12"}


def test_an_unknown_time_zone_is_one_error_that_names_its_place(gslbd):
    g = gslbd()
    said = g.apply(document(endpoint=(NIGHT % "weight: 1").replace("Test/Here", "Europe/Berlni")), check=False)
    assert said.returncode == 1
    assert said.stderr.count("time zone") == 1, said.stderr
    assert 'endpoints[1].schedules[0].time_zone: there is no time zone "Europe/Berlni"; expected a name such as' in said.stderr, said.stderr
    pool = {"name": "p", "region": "eu", "schedules": [{"time_zone": "../etc/passwd", "enabled": False}]}
    g.apply("regions: [{name: eu}]")
    status, _, problem = g.request("POST", "/v1/pools", pool)
    assert status == 422 and problem["problems"][0]["path"] == "schedules[0].time_zone", problem


def test_the_guard_looks_at_what_is_in_force(gslbd, place):
    g = gslbd()
    place.clock(23)
    g.apply(document(endpoint=NIGHT % "enabled: false").replace("pools: [web-eu, web-us]", "pools: [web-eu]"))
    said = g.ctl("endpoint", "drain", "web-eu/eu1", check=False)
    assert said.returncode == 1 and "would have nothing healthy" in said.stderr, said.stderr
    said = g.ctl("set", "pool", "web-eu/eu1", "enabled=false", check=False)
    assert said.returncode == 1 and "would have nothing healthy" in said.stderr, said.stderr
    night = '[{"from": "22:00", "to": "06:00", "time_zone": "Test/Here", "enabled": false}]'
    said = g.ctl("set", "pool", "web-eu/eu1", f"schedules={night}", check=False)
    assert said.returncode == 1 and "would have nothing healthy" in said.stderr, said.stderr
    place.clock(12)
    g.process.send_signal(signal.SIGHUP)
    wait_until(lambda: answers(g) == {"192.0.2.11", "192.0.2.12"}, "it is noon")
    g.ctl("endpoint", "drain", "web-eu/eu1")


def test_rules_look_at_what_is_in_force(gslbd, place):
    g = gslbd()
    place.clock(23)
    g.apply(document(pool=NIGHT % "enabled: false") + "rules: {regions_serving: 1}\n")
    said = g.ctl("region", "drain", "us", check=False)
    assert said.returncode == 1 and "regions_serving" in said.stderr, said.stderr


def test_a_change_of_schedules_is_shown_by_name(gslbd):
    g = gslbd()
    g.apply(document())
    said = g.apply(document(endpoint='schedules: [{days: [sun], time_zone: UTC, weight: 5}]')).stdout
    assert "pools[web-eu]" in said and "endpoints[eu2].schedules" in said and "weight" in said, said
