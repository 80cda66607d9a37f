"""Nothing happens that was not asked: every call of docs/openapi.yaml and every command of gslbctl with a dry run, a stale If-Match, what it does not
know, and every role."""
import itertools
import json
import os
import shlex
import subprocess
import time

import pytest

from conftest import CTL, wait_until
from examples import OPERATIONS, ROLES, World, may, world  # noqa: F401: world is a fixture

CHANGING = [one for one in OPERATIONS if one.changes]


def is_report(one):
    return one.path.endswith("/report")


# --- every call ---

def test_a_dry_run_of_every_call_changes_nothing(world):
    before = world.state()
    for one in CHANGING:
        for spelling in ("", "true", "True", "1", "yes", "YES"):
            status, _, reply = world.call(one, one.example, dry_run=spelling)
            assert status < 300, (one, spelling, status, reply)
            assert not isinstance(reply, dict) or "secret" not in reply, one
        for wrong in ("maybe", "false", "0"):
            status, _, reply = world.call(one, one.example, dry_run=wrong)
            assert status == 400 and "dry_run" in reply["detail"], (one, wrong, status, reply)
        assert world.state() == before, one


def test_the_same_calls_without_a_dry_run_do_change(world):
    """So that the walks can fail: their calls are good ones."""
    idle = {"acceptHealth", "reloadGeo", "report", "tryCheck"} | {one.text["operationId"] for one in CHANGING if one.path.endswith("/failback")}
    for one in sorted(CHANGING, key=lambda one: not one.path.endswith("/revert")):  # before the others add to the history
        if one.path.endswith("}/restore"):
            world.ask("POST", one.url().removesuffix("restore") + "drain")
        if one.path == "/v1/apply":  # is in force already
            world.ask("DELETE", "/v1/regions/ap")
        before = world.state()
        status, _, reply = world.call(one, one.example)
        assert status < 300, (one, status, reply)
        assert (world.state() == before) == (one.text["operationId"] in idle), one
        world.restore()


def test_what_says_that_it_changes_nothing_changes_nothing(world):
    """A call that changes something and does not say so would be left out of the walks above. That the file has every call that the server
    has is in test_openapi.py; that no kind is without calls is here."""
    kinds = world.ask("GET", "/v1/schema").keys()
    assert {one.path.split("/")[2] for one in OPERATIONS if one.path.startswith("/v1/")} >= kinds
    before = world.state()
    for one in OPERATIONS:
        assert one.changes == (one.method != "GET" and one.text["operationId"] != "explainWith"), one
        if not one.changes:
            status, _, reply = world.call(one, one.example)
            assert status == 200, (one, status, reply)
            assert world.state() == before, one


def test_an_unknown_parameter_is_refused_by_every_call(world):
    before = world.state()
    for one in OPERATIONS:
        for wrong in ("surprise", "dry-run", "Dry_run"):
            status, _, reply = world.call(one, one.example, **{wrong: "1"})
            assert status == 400 and wrong in reply["detail"], (one, status, reply)
            assert all(p["name"] in reply["detail"] for p in one.parameters if p["in"] == "query"), (one, reply)
        assert world.state() == before, one


def test_a_stale_if_match_is_refused_by_every_call(world):
    before = world.state()
    revision = world.revision()
    for one in CHANGING:
        if is_report(one):
            continue  # has a sequence of its own
        for stale in ('"0123456789abcdef"', f'"r{revision - 1}"', str(revision - 1), f'"r{revision + 1}"'):
            status, _, reply = world.call(one, one.example, {"If-Match": stale})
            assert status == 412, (one, stale, status, reply)
        for good in (f'"r{revision}"', f"r{revision}", str(revision), f'"x", "r{revision}"'):
            status, _, reply = world.call(one, one.example, {"If-Match": good}, dry_run="true")
            assert status < 300, (one, good, status, reply)
        assert world.state() == before, one


def ended(world, secrets):
    wait_until(lambda: world.g.request("GET", "/v1/pools", token=secrets["ended"])[0] == 401, "the token ends")


def test_every_call_asks_for_its_role(world):
    secrets = world.make_roles()
    ended(world, secrets)
    before = world.state()
    assert {role for one in OPERATIONS for role in [one.role]} == {None, *ROLES} - ({"prober"} - {one.role for one in OPERATIONS})
    for number, (one, (who, secret)) in enumerate(itertools.product(OPERATIONS, secrets.items())):
        role = who if who in ROLES else None
        dry = {"dry_run": "true"} if one.changes and may(role, one.role) else {}
        sender = f"127.1.{number // 250}.{number % 250 + 1}"  # who sends many tokens that are not known waits
        status, headers, reply = world.call(one, one.example, token=secret, sender=sender, **dry)
        if may(role, one.role):
            assert status < 300, (one, who, status, reply)
        elif role is None:
            assert status == 401 and "WWW-Authenticate" in headers, (one, who, status, reply)
        else:
            assert status == 403 and role in reply["detail"] and one.role in reply["detail"], (one, who, status, reply)
        if not dry:
            assert world.revision() == world.base, (one, who)
    assert world.state() == before


def test_a_scope_elsewhere_lets_nothing_change(world):
    world.make_token("guest", role="edit", zones=["elsewhere.example"])
    for one in CHANGING:
        drain = one.url().removesuffix("restore") + "drain" if one.path.endswith("}/restore") else None
        if drain:
            world.ask("POST", drain)
        before = world.state()
        status, headers, reply = world.call(one, one.example, token=world.secrets["guest"])
        idle = one.path == "/v1/apply" or one.path.endswith("/failback")  # is in force already; nothing is held
        assert status == (200 if idle else 403), (one, status, reply)
        assert world.state() == before and not (idle and reply["changed"]), one
        if drain:
            world.ask("POST", one.url())


def test_what_operate_may_do_by_bulk_is_operations_alone(world):
    world.make_token("night", role="operate")
    world.make_token("day", role="edit")
    before = world.state()
    for what, needs in (({"drain": {}}, "operate"), ({"restore": True}, "operate"), ({"weight": 5}, "edit"), ({"enabled": False}, "edit")):
        body = {"select": {"label": "rack7"}} | what
        for name, role in (("night", "operate"), ("day", "edit")):
            good = may(role, needs)
            status, _, reply = world.g.request("POST", "/v1/bulk" + ("?dry_run" if good else ""), body, token=world.secrets[name])
            assert status == (200 if good else 403), (body, role, status, reply)
    assert world.state() == before


# --- every command ---

COMMANDS = json.loads(subprocess.run([CTL, "commands", "-o", "json"], capture_output=True, text=True, check=True).stdout)
OPTIONS = {option["name"]: option for command in COMMANDS["items"] for option in command["options"]}
FILES = {
    "gslb.yaml": "regions: [{name: new}]\n",
    "weights.yaml": "endpoints: [{name: eu1, weight: 7}]\n",
    "db.example": "$ORIGIN new.example.\n@ 60 SOA ns1 h 1 2 3 4 5\n@ 60 NS ns1\nns1 60 A 192.0.2.1\n",
    "gdnsd/zones/new.example": "@ SOA ns1 h 1 2 3 4 5\n@ NS ns1\nns1 A 192.0.2.1\n",
    "editor.sh": 'echo "answers: 2" >>"$1"\n',
}


class Shell:
    """Runs gslbctl where the files of its examples are."""

    def __init__(self, directory, world):
        self.directory, self.world = directory, world
        for name, text in FILES.items():
            (directory / name).parent.mkdir(parents=True, exist_ok=True)
            (directory / name).write_text(text)
        self.directories = {"/etc/gdnsd": str(directory / "gdnsd")}

    def run(self, command, *more, secret=True, without=()):
        """The example of its help, with more options. secret: as of Gslbd.request."""
        (self.directory / "token").write_text(self.world.g.token if secret is True else secret or "")
        words = [self.directories.get(word, word) for word in shlex.split(command["example"])[1:] if word not in without]
        environment = os.environ | {"GSLBCTL_SERVER": f"http://127.0.0.1:{self.world.g.api_port}", "GSLBCTL_TOKEN_FILE": str(self.directory / "token"),
                                    "EDITOR": "sh editor.sh", "VISUAL": ""}
        while True:
            said = subprocess.run([CTL, *words, *more], cwd=self.directory, env=environment, capture_output=True, text=True,
                                  stdin=subprocess.DEVNULL, timeout=60)
            if "once a second is as often as may be" not in said.stderr:
                return said
            time.sleep(0.1)  # an endpoint is tried once a second

    def really(self, command, *more, **how):
        return self.run(command, *more, without=("--dry-run",), **how)


@pytest.fixture
def shell(tmp_path, world):
    one = Shell(tmp_path, world)
    assert one.run({"example": "gslbctl backup gslbd.backup"}).returncode == 0
    return one


def options(command):
    return {option["name"] for option in command["options"]}


def changes(command):
    return "dry-run" in options(command)


def well(command, said):
    """status says 4 where something is not as usual: a shift waits in this world. Nor do all probers report."""
    return said.returncode == 0 or command["name"] == "status" and said.returncode == 4 or \
        command["name"] == "check" and said.returncode == 1 and "never reported" in said.stdout


def needs(command):
    """The role that a command asks for."""
    name = command["name"]
    if name in ("commands", "complete") or name.startswith("import "):
        return None
    if name.startswith("token") or name in ("backup", "restore"):
        return "admin"
    if not changes(command):
        return "read"
    operations = name.startswith("shift ") or name.endswith((" drain", " restore", " failback", " verdict", " reload", " accept")) or name == "check"
    return "operate" if operations else "edit"


def test_the_example_of_every_command_works(world, shell):
    for command in sorted(COMMANDS["items"], key=lambda command: command["name"] != "revert"):  # before the others add to the history
        if command["name"].endswith(" restore"):
            drain = next(one for one in COMMANDS["items"] if one["name"] == command["name"].replace("restore", "drain"))
            assert shell.really(drain).returncode == 0, drain
        if command["name"] == "restore":
            world.ask("DELETE", "/v1/regions/ap")
        before = world.state()
        said = shell.really(command)
        assert well(command, said), (command["example"], said)
        idle = not changes(command) or command["name"] in ("health accept", "geo reload", "check") or command["name"].endswith(" failback")
        assert (world.state() == before) == idle, (command["example"], said)
        world.restore()


def test_a_dry_run_of_every_command_changes_nothing(world, shell):
    before = world.state()
    for command in COMMANDS["items"]:
        if not changes(command):
            continue
        said = shell.really(command, "--dry-run")
        assert said.returncode == 0, (command["example"], said)
        assert "gslbd_" not in said.stdout, said
        assert world.state() == before, (command["example"], said)
        if "exit-code" in options(command):
            assert "dry run: nothing was changed" in said.stdout or "nothing to change" in said.stdout, (command["example"], said)


def test_a_dry_run_of_part_edits_of_every_kind_changes_nothing(world, shell):
    """The examples are of one kind each."""
    kinds = {kind: world.ask("GET", f"/v1/{kind}") for kind in world.ask("GET", "/v1/schema") if kind not in ("drains", "holds", "confirms", "shifts", "tokens")}
    edits = {"regions": "bias=5", "networks": "region=us", "monitors": "interval=9s", "pools": "balance=hash", "zones": "ttl=77", "services": "ttl=77",
             "probers": "enabled=false", "rules": "regions_serving=2"}
    assert edits.keys() == kinds.keys()
    before = world.state()
    for kind, found in kinds.items():
        name = [] if kind == "rules" else [shlex.quote(found["items"][-1].get("name") or found["items"][-1]["cidr"])]
        for words in ["set", kind, *name, edits[kind]], ["delete", kind, *name]:
            said = shell.run({"example": " ".join(["gslbctl", *words])}, "--dry-run", "--force", "--reason", "a walk")
            refers = words[0] == "delete" and "something else refers to it" in said.stderr
            assert refers or said.returncode == 0 and "dry run: nothing was changed" in said.stdout, (words, said)
            assert world.state() == before, words


def test_a_stale_revision_is_refused_by_every_command(world, shell):
    before = world.state()
    for command in COMMANDS["items"]:
        assert ("if-match" in options(command)) == changes(command), command["name"]
        if not changes(command):
            continue
        for stale in (world.base - 1, world.base + 1):
            said = shell.really(command, "--if-match", str(stale))
            assert said.returncode == 1 and "412" in said.stderr, (command["example"], said)
            assert world.state() == before, (command["example"], said)
        said = shell.really(command, "--if-match", str(world.base), "--dry-run")
        assert said.returncode == 0, (command["example"], said)
    assert world.state() == before


def test_what_a_command_does_not_take_is_refused(world, shell):
    before = world.state()
    for command in COMMANDS["items"]:
        if command["name"] == "complete":
            continue  # what stands behind it is what somebody types
        strange = [["--surprise"], ["-x"]] + [[f"--{name}"] + (["1"] if OPTIONS[name]["takes"] else []) for name in OPTIONS.keys() - options(command)]
        for words in strange:
            said = shell.really(command, *words)
            assert said.returncode == 2 and words[0].strip("-") in said.stderr, (command["example"], words, said)
        if "most" in command:
            said = shell.really(command, *["more"] * (command["most"] + 1))
            assert said.returncode == 2 and "expected" in said.stderr, (command["example"], said)
        assert world.state() == before, command["example"]


def test_no_command_changes_what_is_outside_of_a_scope(world, shell):
    world.make_token("guest", role="edit", zones=["elsewhere.example"])
    before = world.state()
    for command in COMMANDS["items"]:
        if changes(command):
            said = shell.really(command, secret=world.secrets["guest"])
            idle = said.returncode == 0 and "nothing to change" in said.stdout and command["name"].endswith((" restore", " failback", " enable"))
            assert idle or said.returncode == 1 and "403" in said.stderr, (command["example"], said)
            assert world.state() == before, (command["example"], said)


def test_every_command_asks_for_its_role(world, shell):
    secrets = world.make_roles()
    ended(world, secrets)
    before, asked = world.state(), set()
    for command in COMMANDS["items"]:
        for who, secret in secrets.items():
            role = who if who in ROLES else None
            good = may(role, needs(command))
            if who in ("ended", "unknown") and not good and asked.add((command["name"], who)) is None and len(asked) > 16:
                continue  # who sends many such tokens waits; the calls behind were walked through with both
            said = shell.really(command, *(["--dry-run"] if good and changes(command) else []), secret=secret)
            if good:
                assert well(command, said), (command["example"], who, said)
            elif secret is False:
                assert said.returncode == 2 and "token" in said.stderr, (command["example"], who, said)
            else:
                codes = ("(401)", "(429)") if role is None else ("(403)",)
                assert said.returncode == 1 and any(code in said.stderr for code in codes), (command["example"], who, said)
        assert world.state() == before, command["example"]
