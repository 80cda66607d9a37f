"""gslbctl top: live traffic and health."""
import re

import pytest

from conftest import wait_until
from test_watch import Screen

WORLD = """
regions: [{name: eu, default: true}]
monitors: [{name: told, type: external, external: {when_silent: up}}]
pools:
  - {name: web, region: eu, monitor: told, endpoints: [{name: a, address: 192.0.2.1}, {name: b, address: 192.0.2.2}]}
  - {name: few, region: eu, endpoints: [{name: c, address: 192.0.2.3}]}
zones: [{name: z.example, ns: [ns1.example.net]}]
services: [{name: www.z.example, pools: [web]}, {name: api.z.example, pools: [few]}]
"""


@pytest.fixture
def g(gslbd):
    started = gslbd()
    started.apply(WORLD)
    for _ in range(9):
        started.dig("www.z.example")
    started.dig("api.z.example")
    wait_until(lambda: sum(i["answers"] for i in started.request("GET", "/v1/traffic?since=5m")[2]["items"]) >= 10 or
               len(started.request("GET", "/v1/traffic?since=5m")[2]["items"]) == 2, "it is counted", 90)
    return started


def names(text):
    return [row.split()[0] for row in text.splitlines() if re.match(r"\S+\.example|\S+/\S+ |web |few ", row)]


def test_it_is_shown_on_a_terminal_and_keys_choose(g):
    screen = Screen(g.ctl_command("top", "--interval", "200ms"))
    screen.shows(r"^SERVICE +Q/S +SHARE +UP +STATE")
    screen.shows("^www.z.example")
    wait_until(lambda: names("\n".join(screen.picture()))[:1] == ["www.z.example"], lambda: screen.picture(), 30)
    screen.press("N")
    wait_until(lambda: names("\n".join(screen.picture())) == ["api.z.example", "www.z.example"], lambda: screen.picture())
    g.ctl("endpoint", "verdict", "web/a", "down", "--for", "1h")
    screen.press("p")
    screen.shows(r"^web +.* 1/2 +little")
    screen.press("e")
    screen.press("H")
    screen.shows(r"^web/a .*down")
    wait_until(lambda: names("\n".join(screen.picture()))[0] == "web/a", lambda: screen.picture())
    screen.press("c")
    screen.shows(r"^CLIENTS OF")
    screen.resize(24, 40)
    wait_until(lambda: max(map(len, screen.picture())) <= 40, lambda: screen.picture())
    screen.press("q")
    assert screen.end() == 0 and screen.text.endswith("\033[?25h\033[?1049l")


def test_elsewhere_it_prints_once(g):
    text = g.ctl("top", "--by", "pool", "--sort", "name").stdout
    assert names(text) == ["few", "web"] and "\033" not in text and re.match(r"\d+\.\d q/s  revision \d+", text), text
    assert {i["service"]: (i["state"], i["up"], i["endpoints"]) for i in g.request("GET", "/v1/traffic?since=5m")[2]["items"]} == {
        "www.z.example": ("well", 2, 2), "api.z.example": ("well", 1, 1)}
    for words in (("--by", "colour"), ("--sort", "age"), ("--interval", "never")):
        assert g.ctl("top", *words, check=False).returncode == 2
