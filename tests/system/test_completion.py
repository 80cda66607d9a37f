"""bash completes gslbctl's own commands and options, and nothing else."""
import json
import subprocess

import pytest

from conftest import CTL, TOP


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
    return set(run.stdout.split())


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
    files = {"file", "token-file", "ca-file"}
    for option in everything:
        words = ["--" + option["name"]] + (["-" + option["letter"]] if option["letter"] else [])
        for word in words:
            if option["name"] == "output":
                assert complete(word, "") == {"table", "json", "yaml"}
            elif option["takes"] and option["name"] not in files:
                assert complete("apply", word, "") == set(), word
            elif not option["takes"]:
                assert complete("apply", word, "--dry") == {"--dry-run"}, word
            else:
                assert "README.md" in complete("apply", word, f"{TOP}/READ").pop(), word


def test_kinds_are_offered_where_one_is_named(gslbd):
    g = gslbd()
    kinds = next(call["kinds"] for call in g.request("GET", "/v1/calls")[2]["items"] if "kinds" in call)
    for command in ("get", "delete", "schema", "set", "patch", "edit"):
        offered = {word + ("" if word.endswith("s") else "s") for word in complete(command, "") if not word.startswith("-")}
        assert offered == set(kinds) | {"rules", "endpoints", "records"}, command
        assert complete(command, "pool", "p") == set()
