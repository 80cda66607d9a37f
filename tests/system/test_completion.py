"""Shells complete gslbctl's own commands and options, and names that the server has, and nothing else."""
import json
import os
import pty
import re
import select
import subprocess
import time

import pytest

from conftest import CTL, TOP, wait_until


@pytest.fixture(scope="module")
def table():
    return json.loads(subprocess.run([CTL, "commands", "-o", "json"], capture_output=True, text=True, check=True).stdout)


def complete(*words):
    """What bash offers behind these words; the last is the one that is being typed."""
    script = f"""
. {TOP}/dist/gslbctl.bash
words=("$@") COMP_WORDS=({CTL} "$@") COMP_CWORD=$#
_gslbctl
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
    run = subprocess.run(["bash", "-c", script, "bash", *words], capture_output=True, text=True)
    assert not run.stderr, run
    return set(run.stdout.splitlines()) - {""}


def long_options(options):
    return {"--" + option["name"] for option in options}


def test_the_first_words_are_those_of_the_table(table):
    general = long_options(table["general"])
    assert complete("") == {command["name"].split()[0] for command in table["items"]} | general
    assert complete("roll") == {"rollback"} and complete("--ser") == {"--server"}
    assert complete("--timeout", "5m", "geo", "") >= {"reload"}, "the value of an option is no command"


def test_the_second_words_are_those_of_the_table(table):
    for first in {command["name"].split()[0] for command in table["items"] if " " in command["name"]}:
        second = {command["name"].split()[1] for command in table["items"] if command["name"].startswith(first + " ")}
        assert {word for word in complete(first, "") if not word.startswith("-")} == second, first


def test_every_command_gets_its_own_options_and_no_others(table):
    general = long_options(table["general"])
    for command in table["items"]:
        own = long_options(command["options"])
        assert complete(*command["name"].split(), "x", "--") == own | general, command["name"]


def test_options_with_values_take_the_next_word(table):
    everything = [o for command in table["items"] for o in command["options"]] + table["general"]
    files = {"file", "with", "token-file", "ca-file", "certificate", "key"}
    kinds = {"regions", "networks", "monitors", "pools", "zones", "services", "probers", "rules"}
    known = {"output": {"table", "wide", "json", "yaml", "name"}, "color": {"auto", "always", "never"}, "state": {"up", "down", "unknown", "not\\ monitored", "disabled"},
             "role": {"read", "operate", "edit", "admin", "prober"}, "by": {"service", "region", "pool", "endpoint"}, "sort": {"rate", "answers", "name", "state"},
             "type": {"A", "AAAA", "CNAME", "HTTPS", "SVCB", "MX", "NS", "SOA", "SRV", "TXT"}, "down": {"region/", "pool/", "endpoint/"}, "prune-kind": kinds,
             "kinds": kinds | {"drains", "holds", "confirms", "shifts", "tokens"}}
    for option in everything:
        words = ["--" + option["name"]] + (["-" + option["letter"]] if option["letter"] else [])
        for word in words:
            if option["name"] in known:
                assert complete(word, "") == known[option["name"]]
            elif option["takes"] and option["name"] not in files:
                assert complete("-s", "http://127.0.0.1:1", "apply", word, "") == set(), word
            elif not option["takes"]:
                assert complete("apply", word, "--dry") == {"--dry-run"}, word
            else:
                assert "README.md" in complete("apply", word, f"{TOP}/READ").pop(), word


def test_states_are_those_of_the_command():
    assert complete("drains", "--state", "") == {"waiting", "going", "in\\ force"}
    assert complete("events", "--state", "") == {"up", "down", "unknown"}
    assert complete("health", "--state", "n") == {"not\\ monitored"}
    assert complete("revisions", "--kinds", "pools,s") == {"pools,services", "pools,shifts"}
    assert complete("plan", "--down", "region/eu,p") == {"region/eu,pool/"}


def test_kinds_are_offered_where_one_is_named(gslbd):
    g = gslbd()
    kinds = next(call["kinds"] for call in g.request("GET", "/v1/calls")[2]["items"] if "kinds" in call)
    for command in ("get", "delete", "schema", "set", "patch", "edit"):
        offered = {word + ("" if word.endswith("s") else "s") for word in complete(command, "") if not word.startswith("-")}
        assert offered == set(kinds) | {"rules", "endpoints", "records"}, command
        assert complete("-s", "http://127.0.0.1:1", command, "pool", "p") == set()


# --- names that the server has ---

WORLD = """
regions: [{name: eu}, {name: us, default: true}]
pools:
  - {name: web-eu, region: eu, endpoints: [{name: eu1, address: 192.0.2.1}, {name: eu2, address: 192.0.2.2}]}
  - {name: web-us, region: us, endpoints: [{name: us1, address: 192.0.2.3}]}
  - {name: db, region: eu, endpoints: [{name: only, address: 192.0.2.4}]}
zones: [{name: gslb.example.com, ns: [ns1.example.net]}]
services: [{name: www.gslb.example.com, pools: [web-eu, web-us]}, {name: pay.gslb.example.com, pools: [web-eu]}]
"""


@pytest.fixture
def world(gslbd):
    g = gslbd("probes: {enabled: false}\n")
    g.apply(WORLD)
    return g


def offered(g, *words):
    return g.ctl("complete", "--", *words).stdout.split()


def test_names_come_from_the_server(world):
    for words, names in ((("get", "pool", ""), ["db", "web-eu", "web-us"]), (("pool", "drain", "we"), ["web-eu", "web-us"]), (("get", "services", "w"), ["www.gslb.example.com"]),
                         (("region", "restore", ""), ["eu", "us"]), (("explain", "p"), ["pay.gslb.example.com"]), (("zone", "export", ""), ["gslb.example.com"]),
                         (("health", "web-e"), ["web-eu/"]), (("endpoint", "drain", "web-eu/"), ["web-eu/eu1", "web-eu/eu2"]), (("health", "db/o"), ["db/only"]),
                         (("drains", "--pool", "d"), ["db"]), (("delete", "endpoint", "web-us/"), ["web-us/us1"]), (("set", "pool", "web-e"), ["web-eu"]),
                         (("shift", "www.gslb.example.com", "--to", "d"), ["db"]), (("traffic", "--service", "p"), ["pay.gslb.example.com"]), (("revisions", "--author", ""), ["admin"]),
                         (("plan", "--down", "region/eu,endpoint/web-us/"), ["region/eu,endpoint/web-us/us1"]), (("plan", "--down", "region/eu,region/u"), ["region/eu,region/us"]),
                         (("token", "create", "x", "--zone", "other,g"), ["other,gslb.example.com"]), (("rollback", ""), ["2", "1"]), (("revision", "3"), []),
                         (("set", "pool", "web-eu", "bal"), ["balance="]), (("set", "endpoint", "web-eu/eu1", "wei"), ["weight="]), (("set", "pool", "web-eu/eu1", "a=1", "wei"), ["weight="]),
                         (("set", "record", "gslb.example.com/x/A", "tt"), ["ttl="]), (("set", "rules", "regions_s"), ["regions_serving="]),
                         (("get", "pool", "nothing"), []), (("token", "delete", "adm"), ["admin"]), (("token", "create", "adm"), []), (("endpoint", "verdict", "db/only", "d"), ["down"])):
        assert [word for word in offered(world, *words) if not word.startswith("-")] == names, words
    port = world.api_port
    words = ["-s", f"http://127.0.0.1:{port}", "-t", str(world.token_path), "get", "pool", "d"]
    assert subprocess.run([CTL, "complete", "--", *words], capture_output=True, text=True).stdout.split() == ["db"], "the server of the line is asked"


def test_what_is_under_way_is_offered_to_who_ends_it(world):
    world.ctl("set", "pool", "db", "failback=auto", "--confirm-within", "1h")
    revision = str(world.request("GET", "/v1/ready")[2]["revision"])
    world.ctl("set", "service", "www.gslb.example.com", "steering=weighted")
    world.ctl("shift", "www.gslb.example.com", "--to", "web-us", "--steps", "60,100", "--every", "1h")
    assert offered(world, "confirm", "1", "--dr") == ["--dry-run"] and revision in offered(world, "confirm", "")
    for word in ("pause", "resume", "abort"):
        assert offered(world, "shift", word, "w") == ["www.gslb.example.com"] and offered(world, "shift", word, "p") == []
    assert offered(world, "trial", "abort", "a") == []


def test_who_may_see_nothing_is_offered_nothing(world, tmp_path):
    (tmp_path / "token").write_text("wrong\n")
    for more in (("-t", str(tmp_path / "token")), ("-t", "/nowhere"), ("-s", "http://127.0.0.1:1")):
        run = world.ctl("complete", "--", *more, "get", "pool", "")
        assert "web" not in run.stdout and run.stderr == "", run


def test_names_are_found_quickly_among_many(world):
    world.apply("zones: [{name: big.example, ns: [ns1.example.net]}]\nservices:\n" +
                "".join(f"  - {{name: s{n:06}.big.example, steering: failover, pools: [db]}}\n" for n in range(100000)))
    names = offered(world, "explain", "s0500")
    assert names[0] == "s050000.big.example" and len(names) == 100
    assert offered(world, "explain", "s099999") == ["s099999.big.example"]
    assert len(offered(world, "explain", "s")) == 200, "as many as help"
    for prefix in ("s000000", "s05000", "s099999", "x"):
        took = []
        for _ in range(7):  # the least: what it costs, whatever else the machine does
            begin = time.monotonic()
            world.request("GET", f"/v1/services?limit=200&prefix={prefix}")
            took.append(time.monotonic() - begin)
        assert min(took) < 0.05, (prefix, took)


def typed(shell, g, line, expected):
    """An interactive shell in which somebody types a line and a tab."""
    pid, master = pty.fork()
    if not pid:
        os.environ.update({"TERM": "dumb", "PATH": f"{CTL.parent}:{os.environ['PATH']}", "GSLBCTL_SERVER": f"http://127.0.0.1:{g.api_port}",
                           "GSLBCTL_TOKEN_FILE": str(g.token_path), "PS1": "ready> ", "ZDOTDIR": "/nonexistent", "INPUTRC": "/dev/null"})
        os.execvp(shell[0], shell)
    said = ""

    def read():
        nonlocal said
        while select.select([master], [], [], 0)[0]:
            try:
                said += os.read(master, 65536).decode(errors="replace")
            except OSError:
                return said
        return said

    begin = {"bash": f". {TOP}/dist/gslbctl.bash\n",
             "zsh": f"autoload -U compinit; compinit -u -D; _gslbctl() {{ . {TOP}/dist/gslbctl.zsh }}; compdef _gslbctl gslbctl\n"}[shell[0]]
    os.write(master, (begin + "echo go''on\n").encode())
    wait_until(lambda: "goon" in read(), lambda: said)
    os.write(master, (line + "\t").encode())
    try:
        wait_until(lambda: re.search(expected, read().rpartition("goon")[2].replace("\x07", "")), lambda: (expected, said))
    finally:
        os.kill(pid, 9)
        os.waitpid(pid, 0)
        os.close(master)


@pytest.mark.parametrize("shell", [["bash", "--norc", "-i"], ["zsh", "-f", "-i"]], ids=lambda shell: shell[0])
def test_a_tab_completes_in_a_real_shell(world, shell):
    for line, expected in (("gslbctl pool drain d", "drain db "), ("gslbctl expl", "explain "), ("gslbctl health db/", "health db/only "),
                           ("gslbctl health d", "health db/"), ("gslbctl get pool web-", "web-eu +web-us|web-eu\r\n" if shell[0] == "zsh" else "get pool web-"),
                           (f"gslbctl apply -f {TOP}/READ", "README.md "), ("gslbctl region drain eu --rea", "--reason ")):
        typed(shell, world, line, expected)


def test_a_tab_completes_in_fish(world):
    def fish(line):
        run = subprocess.run(["fish", "-c", f"source {TOP}/dist/gslbctl.fish; complete -C '{line}'"], capture_output=True, text=True, check=True,
                             env={**os.environ, "PATH": f"{CTL.parent}:{os.environ['PATH']}", "GSLBCTL_SERVER": f"http://127.0.0.1:{world.api_port}",
                                  "GSLBCTL_TOKEN_FILE": str(world.token_path)})
        return run.stdout.split()

    assert fish("gslbctl pool drain d") == ["db"] and fish("gslbctl get pool web-") == ["web-eu", "web-us"]
    assert fish("gslbctl health web-eu/") == ["web-eu/eu1", "web-eu/eu2"] and "explain" in fish("gslbctl ex")
    assert any(word.endswith("README.md") for word in fish(f"gslbctl apply -f {TOP}/READ"))
