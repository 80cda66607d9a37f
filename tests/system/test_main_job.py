"""The main job, with the real programs: three questions from two regions, death, drain, restart, probers."""
import re
import signal
import subprocess
import time

from conftest import PROBER, two_regions, wait_until

NAME = "www.gslb.example.com"


def all_up(g):
    for e in ("web-eu/eu1", "web-eu/eu2", "web-us/us1", "web-us/us2"):
        g.wait_state(e, "up")


def world(gslbd, endpoints, **options):
    eu1, eu2, us1, us2 = endpoints("127.0.61.1", "127.0.61.2", "127.0.62.1", "127.0.62.2")
    g = gslbd()
    g.apply(two_regions(eu1.port, **options))
    all_up(g)
    return g, eu1, eu2, us1, us2


def answers(g, subnet, times=10):
    return {a for _ in range(times) for a in g.short(NAME, subnet)}


EU, US = {"127.0.61.1", "127.0.61.2"}, {"127.0.62.1", "127.0.62.2"}


def test_each_region_gets_its_own_endpoints_and_the_true_scope(gslbd, endpoints):
    g, *_ = world(gslbd, endpoints)
    assert answers(g, "10.1.2.0/24", 20) == EU
    assert answers(g, "10.2.2.0/24", 20) == US
    assert answers(g, "192.0.2.0/24") <= US  # the default region
    assert "CLIENT-SUBNET: 10.1.2.0/24/16" in g.dig(NAME, "+subnet=10.1.2.0/24")
    scope = int(re.search(r"CLIENT-SUBNET: 192.0.2.0/24/(\d+)", g.dig(NAME, "+subnet=192.0.2.0/24")).group(1))
    assert 0 < scope <= 24  # the default answer is not true for everybody


def test_an_endpoint_killed_leaves_and_comes_back_within_the_bounds(gslbd, endpoints):
    g, eu1, *_ = world(gslbd, endpoints)
    interval, timeout, fall, rise = 0.2, 0.15, 2, 2
    started = time.monotonic()
    eu1.stop()
    wait_until(lambda: g.state("web-eu/eu1") == "down", "eu1 is down")
    assert time.monotonic() - started < interval * fall + timeout + 1  # a second for a busy machine
    assert answers(g, "10.1.0.0/24") == {"127.0.61.2"}
    eu1.restart()
    started = time.monotonic()
    wait_until(lambda: g.state("web-eu/eu1") == "up", "eu1 is up again")
    assert time.monotonic() - started < interval * (rise + 1) + timeout + 1
    assert answers(g, "10.1.0.0/24", 20) == EU


def test_a_dead_region_falls_back_and_all_down_serves_all(gslbd, endpoints):
    g, eu1, eu2, us1, us2 = world(gslbd, endpoints)
    eu1.stop(), eu2.stop()
    wait_until(lambda: answers(g, "10.1.0.0/24", 4) <= US, "eu's clients go to us")
    us1.stop(), us2.stop()
    for e in ("web-us/us1", "web-us/us2"):
        g.wait_state(e, "down")
    assert answers(g, "10.1.0.0/24", 20) == EU  # serve_all: never an empty lie
    assert "EDE: 0 (Other)" in g.dig(NAME, "+subnet=10.1.0.0/24")


def test_a_drained_region_gets_no_queries_with_the_next_query(gslbd, endpoints):
    g, *_ = world(gslbd, endpoints)
    out = g.ctl("region", "drain", "eu", "--for", "10m", "--reason", "test").stdout
    assert "drained until" in out and "in caches until" in out
    assert answers(g, "10.1.0.0/24") <= US
    story = g.ctl("explain", NAME, "--client", "10.1.0.1").stdout
    assert "drain" in story and "web-us" in story
    g.ctl("region", "restore", "eu")
    assert answers(g, "10.1.0.0/24") <= EU
    g.ctl("endpoint", "drain", "web-eu/eu1")
    assert answers(g, "10.1.0.0/24") == {"127.0.61.2"}
    g.ctl("pool", "drain", "web-eu")
    assert answers(g, "10.1.0.0/24") <= US


def test_a_drain_survives_a_restart_and_ends_by_itself(gslbd, endpoints):
    g, *_ = world(gslbd, endpoints)
    g.ctl("region", "drain", "eu", "--for", "4s", "--reason", "short")
    assert g.stop(signal.SIGKILL) != 0
    g.start()
    assert answers(g, "10.1.0.0/24", 3) <= US
    wait_until(lambda: answers(g, "10.1.0.0/24", 3) <= EU, "the drain ends")
    wait_until(lambda: g.request("GET", "/v1/drains")[2]["items"] == [], "the drain is out of the store")


def test_the_first_answer_after_start_uses_check_results(gslbd, endpoints):
    g, eu1, *_ = world(gslbd, endpoints)
    eu1.stop()
    g.wait_state("web-eu/eu1", "down")
    g.stop()
    g.start()
    assert answers(g, "10.1.0.0/24", 10) == {"127.0.61.2"}


def test_checks_stop_when_the_endpoint_goes(gslbd, endpoints):
    g, eu1, *_ = world(gslbd, endpoints)
    status, _, reply = g.request("DELETE", "/v1/pools/web-eu/endpoints/eu1")
    assert status == 200 and reply["changed"]
    time.sleep(0.3)  # one that was under way may still end
    before = eu1.requests
    time.sleep(1)
    assert eu1.requests == before
    assert answers(g, "10.1.0.0/24") == {"127.0.61.2"}


def test_a_second_vantage_point_is_outvoted_or_breaks_the_tie_up(gslbd, endpoints, tmp_path):
    g, eu1, *_ = world(gslbd, endpoints)
    g.request("POST", "/v1/probers", {"name": "paris"})
    status, _, made = g.request("POST", "/v1/tokens", {"name": "paris", "role": "prober", "prober": "paris"})
    assert status == 201
    token = tmp_path / "token"
    token.write_text(made["secret"])
    log = open(tmp_path / "prober.log", "w")
    prober = subprocess.Popen([PROBER, "--name", "paris", "--token-file", token, "--server", f"http://127.0.0.1:{g.api_port}"], stderr=log)
    try:
        def verdicts():
            return {v["prober"]: v["state"] for v in g.request("GET", "/v1/health/web-eu/eu1")[2]["verdicts"]}
        wait_until(lambda: verdicts() == {"local": "up", "paris": "up"}, "both probers say up")
        eu1.stop()
        wait_until(lambda: verdicts() == {"local": "down", "paris": "down"}, "both probers say down")
        g.wait_state("web-eu/eu1", "down")
    finally:
        prober.terminate()
        assert prober.wait(10) == 0
        log.close()


def test_a_prober_token_speaks_for_its_own_name_only(gslbd):
    g = gslbd()
    for name in ("paris", "rome"):
        g.request("POST", "/v1/probers", {"name": name})
    secret = g.request("POST", "/v1/tokens", {"name": "paris", "role": "prober", "prober": "paris"})[2]["secret"]
    assert g.request("GET", "/v1/probers/paris/plan", token=secret)[0] == 200
    assert g.request("GET", "/v1/probers/rome/plan", token=secret)[0] == 403
    assert g.request("GET", "/v1/pools", token=secret)[0] == 403


def test_sigterm_ends_with_status_0_and_a_taken_port_is_named(gslbd):
    g = gslbd()
    other = subprocess.run([str(a) for a in (g.process.args[0], "-c", g.settings.with_name("other.yaml"))], capture_output=True, text=True)
    assert other.returncode == 1 and "other.yaml" in other.stderr
    bad = g.settings.with_name("bad.yaml")
    bad.write_text("listen: [x]\nworker: 3\nadmin: {listen: 5}\n")
    check = subprocess.run([g.process.args[0], "--check", "-c", bad], capture_output=True, text=True)
    assert check.returncode == 1
    for piece in ("line 1: listen[0]", 'did you mean "workers"', "admin.listen: expected a list"):
        assert piece in check.stderr
    assert g.stop() == 0
