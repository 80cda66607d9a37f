"""Steering with the real programs: what time, round trips and an operator's word change in the answers."""
import time

from conftest import two_regions, wait_until

NAME = "www.gslb.example.com"
EU, US = {"127.0.61.1", "127.0.61.2"}, {"127.0.62.1", "127.0.62.2"}


def answers(g, subnet="10.1.0.0/24", times=10):
    return {a for _ in range(times) for a in g.short(NAME, subnet)}


def start(gslbd, endpoints, service):
    eu1, eu2, us1, us2 = endpoints("127.0.61.1", "127.0.61.2", "127.0.62.1", "127.0.62.2")
    g = gslbd()
    g.apply(two_regions(eu1.port).replace("pools: [web-eu, web-us]", f"pools: [web-eu, web-us], {service}"))
    for e in ("web-eu/eu1", "web-eu/eu2", "web-us/us1", "web-us/us2"):
        g.wait_state(e, "up")
    return g, eu1, eu2, us1, us2


def test_manual_failback_waits_for_an_operators_word(gslbd, endpoints):
    g, eu1, eu2, *_ = start(gslbd, endpoints, "failback: manual")
    eu1.stop()
    eu2.stop()
    wait_until(lambda: answers(g) <= US, "the region fails over")
    eu1.restart()
    eu2.restart()
    g.wait_state("web-eu/eu1", "up")
    g.wait_state("web-eu/eu2", "up")
    time.sleep(1.5)  # more than one tick
    assert answers(g) <= US
    assert "held until its failback" in g.ctl("explain", NAME, "--client", "10.1.0.1").stdout
    g.ctl("pool", "restore", "web-eu")
    assert answers(g) <= EU


def test_delayed_failback_comes_by_itself(gslbd, endpoints):
    g, eu1, eu2, *_ = start(gslbd, endpoints, "failback: delayed 2s")
    eu1.stop()
    eu2.stop()
    wait_until(lambda: answers(g) <= US, "the region fails over")
    eu1.restart()
    g.wait_state("web-eu/eu1", "up")
    assert answers(g) <= US
    wait_until(lambda: answers(g) <= EU, "the delay is over")


def test_all_down_says_so_in_an_extended_error(gslbd, endpoints):
    g, *ends = start(gslbd, endpoints, "when_all_down: servfail")
    for e in ends:
        e.stop()
    wait_until(lambda: "SERVFAIL" in g.dig(NAME, "+subnet=10.1.0.0/24"), "all is down")
    assert "EDE" in g.dig(NAME, "+subnet=10.1.0.0/24")


def test_explain_over_dns_tells_those_on_the_list_and_no_others(gslbd, endpoints):
    eu1, *_ = endpoints("127.0.61.1", "127.0.61.2", "127.0.62.1", "127.0.62.2")
    g = gslbd(settings="dns: {explain_to: [127.0.0.1/32]}\n")
    g.apply(two_regions(eu1.port))
    g.wait_state("web-eu/eu1", "up")
    story = g.dig(f"explain.{NAME}", "CH", "TXT", "+subnet=10.1.0.0/24")
    assert "client's region: eu" in story and "pool web-eu in eu serves" in story and "endpoint eu1 (127.0.61.1): 50.0%" in story
    assert "REFUSED" in gslbd(settings="").dig(f"explain.{NAME}", "CH", "TXT")
