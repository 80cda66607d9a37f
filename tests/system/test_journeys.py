"""The journeys of docs/operate.md: what the page shows is run, and shows the same."""
import os
import pathlib
import re
import subprocess

import pytest

from conftest import CTL
from places import Place

PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs" / "operate.md"
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


def section(title):
    return re.search(rf"^## {title}$(.*?)(?=^## |\Z)", PAGE.read_text(), re.M | re.S).group(1)


def blocks(language, text):
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.M | re.S)


def steps(text):
    """(who, command, what it shows) of each command of the blocks."""
    found = []
    for line in "".join(blocks("console", text)).splitlines():
        prompt = re.match(r"(\w+)\$ (.*)", line)
        if prompt:
            found.append((*prompt.groups(), []))
        else:
            found[-1][2].append(line)
    return [(who, command, "".join(line + "\n" for line in lines)) for who, command, lines in found]


class People:
    """Each has a directory and a token."""

    def __init__(self, g, directory, roles):
        self.homes, self.g = {}, g
        (directory / "bin").mkdir()
        (directory / "bin" / "gslbctl").symlink_to(CTL)
        self.path = f"{directory / 'bin'}:{os.environ['PATH']}"
        for name, role in roles.items():
            self.homes[name] = directory / name
            self.homes[name].mkdir()
            secret = g.request("POST", "/v1/tokens", {"name": name, "role": role})[2]["secret"]
            (self.homes[name] / "token").write_text(secret)

    def run(self, who, command):
        home = self.homes[who]
        env = {"PATH": self.path, "HOME": str(home), "LANG": "C.UTF-8", "GSLBCTL_TOKEN_FILE": str(home / "token"),
               "GSLBCTL_SERVER": f"http://127.0.0.1:{self.g.api_port}"}
        return subprocess.run(["bash", "-c", command], cwd=home, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              timeout=30).stdout


def plain(text):
    return TIME.sub("TIME", text)


@pytest.mark.parametrize("title,roles", [
    ("Two people edit at once", {"alice": "edit", "bob": "edit"}),
    ("Switch a region off on Friday evening", {"ann": "operate", "carl": "edit"}),
    ("Fewer answers at night", {"ann": "operate", "carl": "edit"}),
    ("What happened last night", {"ann": "operate", "carl": "edit", "queue": "operate"}),
    ("A bad deploy goes back by itself", {"ann": "operate", "carl": "edit"}),
    ("Canary from 1 to 100 percent", {"ann": "operate", "carl": "edit"}),
])
def test_the_page_shows_what_comes(gslbd, tmp_path, monkeypatch, title, roles):
    monkeypatch.setenv("TZDIR", str(tmp_path / "zoneinfo"))
    Place(tmp_path / "zoneinfo", "Europe/Berlin").clock(23)
    g = gslbd()
    text = section(title)
    g.apply(blocks("yaml", text)[0])
    people = People(g, tmp_path, roles)
    told = steps(text)
    assert len(told) > 8 and {who for who, _, _ in told} == roles.keys()
    came = {}  # by the times that the page shows
    for who, command, shown in told:
        said = people.run(who, TIME.sub(lambda time: came.get(time.group(), time.group()), command))
        assert plain(said) == plain(shown), f"{who}$ {command}"
        came |= zip((t.group() for t in TIME.finditer(shown)), (t.group() for t in TIME.finditer(said)))
    assert any("status 1" in shown for _, _, shown in told)  # it shows refusals too
