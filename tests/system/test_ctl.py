"""gslbctl against a real gslbd: nothing happens that was not asked, and what happens is told by name."""
import http.server
import json
import os
import pty
import re
import select
import socket
import subprocess
import threading
import time

import pytest

from conftest import CTL, free_port

BASE = """
regions: [{name: eu, fallback: [us]}, {name: us, default: true}]
pools:
  - {name: web-eu, region: eu, endpoints: [{name: eu1, address: 192.0.2.11, weight: 10}, {name: eu2, address: 192.0.2.12, labels: [rack7]}]}
  - {name: web-us, region: us, endpoints: [192.0.2.21]}
zones:
  - {name: gslb.example.com, ns: [ns1.gslb.example.com], records: [{name: ns1, type: A, data: [127.0.0.1]}, {name: w, type: TXT, data: ['"x"']}]}
services: [{name: www.gslb.example.com, pools: [web-eu, web-us]}]
"""


@pytest.fixture
def g(gslbd):
    one = gslbd()
    one.apply(BASE)
    return one


def state(g):
    """All that a change could change."""
    return [g.request("GET", path)[2] for path in ("/v1/configuration", "/v1/drains", "/v1/revisions")] + g.tokens()


# --- options ---

def verbs():
    """All commands, as --help lists them."""
    said = subprocess.run([CTL, "--help"], capture_output=True, text=True, check=True).stdout
    return re.findall(r"^  ((?:[a-z]+)(?: [a-z]+)?)  +", said.split("options:")[0], re.M)


def test_an_option_that_a_command_does_not_take_is_refused(g):
    before = state(g)
    for words, said in ((("region", "drain", "eu", "--prune"), "region drain does not take --prune; it takes --for TIME, --reason TEXT, --at TIME"),
                        (("get", "pools", "--dry-run"), "get does not take --dry-run; it takes --region NAME, --pool NAME, --label LABEL, --defaults"),
                        (("drains", "--limit", "3"), "drains does not take --limit N; it takes --region NAME"), (("commands", "--limit", "3"), "commands does not take --limit N; it takes no options"),
                        (("delete", "service", "www.gslb.example.com", "--for", "3m"), "delete does not take --for TIME"),
                        (("apply", "-f", "x", "--over", "1m"), "apply does not take --over TIME"),
                        (("region", "drain"), "region drain: expected NAME"), (("region", "drain", "eu", "us"), "region drain: expected NAME"),
                        (("region",), "expected region drain, region restore"), (("regain", "x"), 'there is no command "regain"'),
                        (("get", "pools", "--timeout", "soon"), "--timeout: expected a time"), (("get", "pools", "-o", "xml"), "-o: expected table, wide, json, yaml or name")):
        run = g.ctl(*words, check=False)
        assert run.returncode == 2 and said in run.stderr, (words, run)
    assert state(g) == before


def test_help_names_the_options_of_each_command():
    for verb in verbs():
        said = subprocess.run([CTL, *verb.split(), "--help"], capture_output=True, text=True)
        assert said.returncode == 0 and f"usage: gslbctl {verb}" in said.stdout and "example: gslbctl " in said.stdout, said
        assert max(map(len, said.stdout.splitlines())) <= 80, said.stdout
    assert max(map(len, subprocess.run([CTL, "--help"], capture_output=True, text=True).stdout.splitlines())) <= 80
    assert "--reason TEXT" in subprocess.run([CTL, "pool", "drain", "-h"], capture_output=True, text=True).stdout


# --- what the server says ---

class Strange:
    """A server that says the same bytes to everybody; the last byte comes never when it hangs."""

    def __init__(self, reply, hangs=False):
        self.reply, self.hangs = reply, hangs
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.open = []
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                client, _ = self.socket.accept()
            except OSError:
                return
            self.open.append(client)
            client.recv(65536)
            client.sendall(self.reply)
            if not self.hangs:
                client.close()

    def ask(self, tmp_path, *words):
        (tmp_path / "token").write_text("secret\n")
        return subprocess.run([CTL, "-s", f"http://127.0.0.1:{self.port}", "-t", tmp_path / "token", *words], capture_output=True, text=True, timeout=30)

    def close(self):
        for one in [self.socket, *self.open]:
            one.close()


COMMANDS = [["get"], ["get", "pools"], ["get", "pool", "p"], ["health"], ["health", "p/e"], ["explain", "a", "--client", "192.0.2.1"], ["events"], ["ready"], ["revisions"],
            ["revision", "1"], ["rollback", "1"], ["region", "drain", "eu"], ["schema"], ["schema", "pools"], ["tokens"], ["token", "create", "x", "--role", "read"],
            ["token", "delete", "x"], ["drains"], ["schedules"], ["geo", "reload"], ["bulk", "drain", "--pool", "p"], ["delete", "pool", "p"], ["health", "accept"],
            ["zone", "export", "z"], ["set", "pool", "p", "a=1"], ["status"], ["status", "x"], ["top"], ["events", "--since", "1h"], ["events", "--flapping"],
            ["revisions", "--since", "1h", "--changes"], ["drains", "-o", "name"], ["traffic"], ["confirms"], ["shifts"]]


@pytest.mark.parametrize("body", ["<html>It works!</html>", "", "[1]", "nul"])
def test_a_reply_that_is_not_gslbds_is_an_error(tmp_path, body):
    server = Strange(f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}".encode())
    for words in COMMANDS:
        said = server.ask(tmp_path, *words)
        assert said.returncode == 3 and "is not what the admin API of gslbd says" in said.stderr, (words, said)
    server.close()


@pytest.mark.parametrize("body", ['{}', '{"items": 3, "changes": {"a": 1}, "ready": 1, "reasons": 7, "story": "x", "verdicts": 1, "pools": 1, "probers": false}',
                                  '{"items": [1, null, {"name": {}}], "changes": [3, {"fields": [3, {"path": 1}]}], "reasons": [{}], "story": [1], "geo": [[]], "pools": {"fields": [1]}}',
                                  '{"items": [], "next": "x", "ready": true, "drains": [1], "holds": 3, "probers": [2], "services": {"nothing": 1, "items": [3, {"clients": [1, {"served_by": 3}]}]}}'])
def test_a_reply_of_another_shape_crashes_no_command(tmp_path, body):
    server = Strange(f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}".encode())
    for words in COMMANDS:
        said = server.ask(tmp_path, *words)
        assert said.returncode in (0, 1, 3, 4), (words, said)
    server.close()


def test_a_reply_that_is_cut_is_an_error_and_says_that_nobody_knows(tmp_path):
    server = Strange(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"revision": 3, ')
    said = server.ask(tmp_path, "pool", "drain", "p")
    assert said.returncode == 3 and "Whether the change was made is not known; gslbctl revisions tells" in said.stderr, said
    said = server.ask(tmp_path, "get", "pools")
    assert said.returncode == 3 and "not known" not in said.stderr, said
    server.close()


def test_a_server_that_hangs_is_left_after_the_time_out(tmp_path):
    server = Strange(b"HTTP/1.1 200 OK\r\n", hangs=True)
    began = time.monotonic()
    said = server.ask(tmp_path, "pool", "drain", "p", "--timeout", "300ms")
    assert said.returncode == 3 and "timed out" in said.stderr.lower() and "not known" in said.stderr and time.monotonic() - began < 10, said
    server.close()


def test_nobody_there_is_an_error_with_its_own_status(tmp_path):
    (tmp_path / "token").write_text("secret\n")
    said = subprocess.run([CTL, "-s", f"http://127.0.0.1:{free_port()}", "-t", tmp_path / "token", "ready"], capture_output=True, text=True, timeout=30)
    assert said.returncode == 3 and "Is gslbd running" in said.stderr, said


def test_help_is_a_word_too():
    for words in ([], ["pool", "drain"], ["bulk"], ["set"]):
        one, other = (subprocess.run([CTL, *way], capture_output=True, text=True) for way in (["help", *words], [*words, "--help"]))
        assert one.returncode == 0 and "gslbctl" in one.stdout and (one.stdout, one.stderr) == (other.stdout, other.stderr), (words, one)
    said = subprocess.run([CTL, "help", "surprise"], capture_output=True, text=True)
    assert said.returncode == 2 and 'no command "surprise"' in said.stderr, said


# --- a terminal ---

def on_terminal(command, answers=(), seconds=30, env=None):
    """Runs a command on a terminal and answers what it asks: (text to wait for, what is typed). Returns (status, all that it said)."""
    pid, fd = pty.fork()
    if pid == 0:
        os.execve(str(command[0]), [str(word) for word in command], {**os.environ, **(env or {})})
    said, answers, end = "", list(answers), time.monotonic() + seconds
    while True:
        assert time.monotonic() < end, said
        if select.select([fd], [], [], 0.1)[0]:
            try:
                piece = os.read(fd, 65536).decode()
            except OSError:
                break
            if not piece:
                break
            said += piece
        if answers and answers[0][0] in said:
            os.write(fd, answers.pop(0)[1].encode())
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    os.close(fd)
    assert not answers, (said, answers)
    return status, said


def test_a_long_apply_shows_progress_on_a_terminal(tmp_path):
    server = Strange(b"HTTP/1.1 200 OK\r\n", hangs=True)
    (tmp_path / "token").write_text("secret\n")
    (tmp_path / "a.yaml").write_text("regions: []\n")
    status, said = on_terminal([CTL, "-s", f"http://127.0.0.1:{server.port}", "-t", tmp_path / "token", "apply", "--yes", "-f", tmp_path / "a.yaml", "--timeout", "3s"])
    assert status == 3 and "waiting for gslbd, 1 s" in said, said
    server.close()


def test_a_zone_import_that_removes_records_asks_on_a_terminal(g, tmp_path):
    file = tmp_path / "db.import"
    file.write_text("$ORIGIN import.example.\n@ 60 SOA ns1 h 1 2 3 4 5\n@ 60 NS ns1\nns1 60 A 192.0.2.1\nwww 60 A 192.0.2.2\n")
    command = g.ctl_command("zone", "import", file)
    status, said = on_terminal(command)  # takes nothing away
    assert status == 0 and "[y/N]" not in said, said
    file.write_text(file.read_text().replace("www 60 A 192.0.2.2\n", "").replace("192.0.2.1", "192.0.2.9"))
    before = state(g)
    for answer in ("n\n", "\n"):
        status, said = on_terminal(command, [("[y/N]", answer)])
        assert status == 1 and "zones[import.example] - records[www A]" in said and "nothing was changed" in said and state(g) == before, said
    status, said = on_terminal(command + ["--dry-run"])
    assert status == 0 and "[y/N]" not in said and state(g) == before, said
    status, said = on_terminal(command, [("[y/N]", "y\n")])
    zone = g.request("GET", "/v1/zones/import.example")[2]
    assert status == 0 and [(r["name"], r["data"]) for r in zone["records"]] == [("ns1", ["192.0.2.9"])], (said, zone)
    file.write_text(file.read_text().replace("ns1 60 A 192.0.2.9\n", "").replace("NS ns1", "NS ns1.example.net."))
    status, said = on_terminal(command + ["--yes"])
    assert status == 0 and "[y/N]" not in said and not g.request("GET", "/v1/zones/import.example")[2].get("records"), said
    assert g.ctl("revision", str(g.request("GET", "/v1/ready")[2]["revision"])).stdout.splitlines()[0].endswith("zone import")


def test_an_apply_that_removes_something_asks_on_a_terminal(g, tmp_path):
    less = tmp_path / "less.yaml"
    less.write_text(BASE.replace("{name: eu1, address: 192.0.2.11, weight: 10}, ", ""))
    command = g.ctl_command("apply", "-f", less)
    before = state(g)
    for answer in ("n\n", "\n"):
        status, said = on_terminal(command, [("[y/N]", answer)])
        assert status == 1 and "pools[web-eu] - endpoints[eu1] 192.0.2.11 weight 10" in said and "nothing was changed" in said and state(g) == before, said
    status, said = on_terminal(command + ["--dry-run"])
    assert status == 0 and "[y/N]" not in said and state(g) == before, said
    status, said = on_terminal(command, [("[y/N]", "y\n")])
    assert status == 0 and [e["name"] for e in g.request("GET", "/v1/pools/web-eu")[2]["endpoints"]] == ["eu2"], said
    g.apply(BASE)
    status, said = on_terminal(command + ["--yes"])
    assert status == 0 and "[y/N]" not in said and len(g.request("GET", "/v1/pools/web-eu")[2]["endpoints"]) == 1, said
    (tmp_path / "more.yaml").write_text(BASE)
    status, said = on_terminal(g.ctl_command("apply", "-f", tmp_path / "more.yaml"))
    assert status == 0 and "[y/N]" not in said, said


def test_going_back_asks_on_a_terminal_when_it_takes_something_away(g, tmp_path):
    start = g.request("GET", "/v1/ready")[2]["revision"]
    g.ctl("backup", tmp_path / "backup")

    def newest():
        return str(g.request("GET", "/v1/ready")[2]["revision"])

    for way in (lambda: ("rollback", str(start))), (lambda: ("revert", newest())), (lambda: ("restore", tmp_path / "backup")):
        for how, answers in ([], [("[y/N]", "y\n")]), (["--yes"], []):
            g.ctl("apply", "-f", "-", stdin="regions: [{name: late}]")
            before, command = state(g), g.ctl_command(*way())
            for answer in ("n\n", "\n"):
                status, said = on_terminal(command, [("[y/N]", answer)])
                assert status == 1 and "- regions[late]" in said and "nothing was changed" in said and state(g) == before, said
            status, said = on_terminal(command + ["--dry-run"])
            assert status == 0 and "[y/N]" not in said and state(g) == before, said
            status, said = on_terminal(command + how, answers)
            assert status == 0 and ("[y/N]" in said) == bool(answers) and g.request("GET", "/v1/regions/late")[0] == 404, said
    status, said = on_terminal(g.ctl_command("revert", newest()))  # takes nothing away
    assert status == 0 and "[y/N]" not in said and "+ regions[late]" in said, said


# --- what changed ---

def test_changes_are_told_by_name_and_removals_first(g):
    said = g.apply(BASE.replace("{name: eu1, address: 192.0.2.11, weight: 10}, {name: eu2, address: 192.0.2.12, labels: [rack7]}",
                                "{name: eu0, address: 192.0.2.10, weight: 5}, {name: eu2, address: 192.0.2.12, weight: 7}")
                   .replace("fallback: [us]", "match: ['country:DE']").replace("""'"x"'""", """'"y"'""")).stdout
    assert sorted(said.split("\n")[:-2]) == sorted([
        "  regions[eu] - fallback[us]", "  pools[web-eu] - endpoints[eu1] 192.0.2.11 weight 10", "  pools[web-eu] - endpoints[eu2].labels[rack7]",
        "  regions[eu] + match[country:DE]", "  pools[web-eu] + endpoints[eu0] 192.0.2.10 weight 5", "  pools[web-eu] + endpoints[eu2].weight 7",
        '  zones[gslb.example.com] - records[w TXT].data["x"]', '  zones[gslb.example.com] + records[w TXT].data["y"]']), said
    signs = [line.split()[1] for line in said.split("\n")[:-2]]
    assert signs == sorted(signs, key="-+".index), said
    number = g.request("GET", "/v1/ready")[2]["revision"]
    told = g.ctl("revision", str(number)).stdout
    assert "  pools[web-eu] - endpoints[eu1] 192.0.2.11 weight 10\n" in told and "  pools[web-eu] + endpoints[eu0] 192.0.2.10 weight 5\n" in told, told
    assert told.startswith(f"revision {number}, 2") and " by admin" in told and "[0]" not in told, told


def test_exit_code_says_whether_anything_differs(g, tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text(BASE)
    assert g.ctl("apply", "-f", path, "--exit-code").returncode == 0
    path.write_text(BASE.replace("weight: 10", "weight: 11"))
    before = state(g)
    assert g.ctl("apply", "-f", path, "--exit-code", "--dry-run", check=False).returncode == 4 and state(g) == before
    assert g.ctl("apply", "-f", path, "--exit-code", check=False).returncode == 4 and state(g) != before
    assert g.ctl("apply", "-f", path, "--exit-code").returncode == 0
    assert g.ctl("apply", "-f", path).returncode == 0


# --- files ---

def test_several_files_and_directories_are_one_document(g, tmp_path):
    parts = tmp_path / "parts"
    parts.mkdir()
    (parts / "a.yaml").write_text("pools: [{name: new-eu, region: new, endpoints: [192.0.2.41]}]\n")
    (parts / "b.yml").write_text("regions: [{name: new}]\n")
    (parts / "c.json").write_text(json.dumps({"pools": [{"name": "new-us", "region": "new", "endpoints": ["192.0.2.42"]}]}))
    (parts / "d.txt").write_text("not: [of it\n")
    (parts / ".e.yaml").write_text("not: [of it\n")
    (tmp_path / "one.yaml").write_text("services: [{name: new.gslb.example.com, pools: [new-eu, new-us]}]\n")
    # The service's pools stand in other files: alone it is refused.
    assert g.ctl("apply", "-f", tmp_path / "one.yaml", check=False).returncode == 1
    before = g.request("GET", "/v1/ready")[2]["revision"]
    said = g.ctl("apply", "-f", tmp_path / "one.yaml", "-f", parts, "-f", "-", stdin="networks: [{cidr: 10.9.0.0/16, region: new}]").stdout
    for item in ("regions[new]", "networks[10.9.0.0/16]", "pools[new-eu]", "pools[new-us]", "services[new.gslb.example.com]"):
        assert f"  + {item}\n" in said, said
    assert g.request("GET", "/v1/ready")[2]["revision"] == before + 1
    assert "nothing to change" in g.ctl("apply", "-f", parts).stdout
    (parts / "z.yaml").write_text("regions: [\n")
    said = g.ctl("apply", "-f", parts, check=False)
    assert said.returncode == 2 and "z.yaml is not valid" in said.stderr, said
    for text, line, words in (("# a\nregions:\n  - name: other\n    match: []\n    bias: []\n", 5, "regions[1].bias: expected"),
                              ("regions:\n- {name: other}\npools:\n- name: new-ap\n  region: nowhere\n", 5, "pools[new-ap].region: refers to regions[nowhere]"),
                              ("rules:\n  drains: {}\n  regions_serving: x\n", 3, "rules.regions_serving: expected an integer")):
        (parts / "z.yaml").write_text(text)
        said = g.ctl("apply", "-f", tmp_path / "one.yaml", "-f", parts, check=False)
        assert said.returncode == 1 and f"  {parts}/z.yaml: line {line}: {words}" in said.stderr, said
    (tmp_path / "empty").mkdir()
    for missing, words in ((tmp_path / "none.yaml", "cannot open"), (tmp_path / "empty", "there is no *.yaml")):
        said = g.ctl("apply", "-f", missing, check=False)
        assert said.returncode == 2 and words in said.stderr, said


# --- parts ---

def test_a_part_is_read_and_deleted_by_its_path(g):
    assert "weight: 10" in g.ctl("get", "pool", "web-eu/eu1").stdout and "weight: 10" in g.ctl("get", "endpoint", "web-eu/eu1").stdout
    assert g.ctl("delete", "endpoint", "web-eu/eu1").stdout.startswith("  pools[web-eu] - endpoints[eu1] 192.0.2.11 weight 10\n")
    assert "records[w TXT]" in g.ctl("delete", "record", "gslb.example.com/w/TXT").stdout
    said = g.ctl("delete", "endpoint", "web-eu/eu1", check=False)
    assert said.returncode == 1 and "there is no endpoints[eu1] in pools[web-eu]" in said.stderr, said
    for kind, name, words in (("endpoint", "web-eu", "expected POOL/ENDPOINT"), ("record", "z/x", "expected ZONE/NAME/TYPE"), ("cellar", "x", 'no kind "cellar"')):
        said = g.ctl("delete", kind, name, check=False)
        assert said.returncode == 2 and words in said.stderr, said


def test_set_changes_members_and_takes_them_out(g):
    assert "  pools[web-eu] ~ endpoints[eu1].weight 10 -> 20\n" in g.ctl("set", "pool", "web-eu/eu1", "weight=20").stdout
    g.ctl("set", "endpoint", "web-eu/eu1", "weight=", "labels=[rack1, rack2]")
    assert g.request("GET", "/v1/pools/web-eu/endpoints/eu1")[2] == {"name": "eu1", "address": "192.0.2.11", "labels": ["rack1", "rack2"]}
    g.ctl("set", "zone", "gslb.example.com", "soa.refresh=7200", "ttl=60")
    zone = g.request("GET", "/v1/zones/gslb.example.com")[2]
    assert zone["ttl"] == 60 and len(zone["records"]) == 2 and zone["soa"]["refresh"] == 7200, zone
    before = state(g)
    for words, status, said in ((("pool", "web-eu/eu1", "weight=ten"), 1, "weight: expected"), (("pool", "web-eu", "=3"), 2, "expected MEMBER=VALUE"),
                                (("pool", "web-eu", "balance"), 2, "expected MEMBER=VALUE"), (("pool", "none", "balance=hash"), 1, "there is no pools[none]")):
        run = g.ctl("set", *words, check=False)
        assert run.returncode == status and said in run.stderr, run
    assert state(g) == before


def test_patch_changes_named_elements_of_lists_alone(g, tmp_path):
    (tmp_path / "p.yaml").write_text("endpoints: [{name: eu2, weight: 3}]\nbalance: hash\n")
    g.ctl("patch", "pool", "web-eu", "-f", tmp_path / "p.yaml")
    pool = g.request("GET", "/v1/pools/web-eu")[2]
    assert pool["balance"] == "hash" and [(e["name"], e.get("weight")) for e in pool["endpoints"]] == [("eu1", 10), ("eu2", 3)], pool


# --- edit ---

def editor(tmp_path, *steps):
    """An editor that makes one replacement after the other, and keeps what it was given."""
    script = tmp_path / "editor"
    script.write_text("#!/usr/bin/python3\nimport pathlib, sys\n"
                      f"steps, here = {list(steps)!r}, pathlib.Path({str(tmp_path)!r})\n"
                      "seen = sorted(here.glob('seen*'))\n"
                      "path = pathlib.Path(sys.argv[1])\n"
                      "(here / f'seen{len(seen)}').write_text(path.read_text())\n"
                      "old, new = steps[len(seen)]\n"
                      "path.write_text(path.read_text().replace(old, new))\n")
    script.chmod(0o755)
    return {**os.environ, "EDITOR": f"{script}", "VISUAL": "", "TMPDIR": str(tmp_path)}


def edit(g, env, *words):
    return subprocess.run(g.ctl_command("edit", *words), capture_output=True, text=True, env=env, timeout=60)


def test_edit_shows_a_mistake_in_place_until_it_is_taken(g, tmp_path):
    said = edit(g, editor(tmp_path, ("weight: 10", "weight: ten"), ("weight: ten", "weight: 30")), "pool", "web-eu")
    assert said.returncode == 0 and "pools[web-eu] ~ endpoints[eu1].weight 10 -> 30" in said.stdout, said
    first, second = ((tmp_path / f"seen{i}").read_text() for i in range(2))
    assert "#!" not in first
    lines = second.split("\n")
    at = next(i for i, line in enumerate(lines) if "weight: ten" in line)
    assert lines[at + 1].startswith("#! ") and "weight: expected" in lines[at + 1], second
    assert not list(tmp_path.glob("gslbctl-*"))


def test_edit_that_changes_nothing_changes_nothing(g, tmp_path):
    before = state(g)
    said = edit(g, editor(tmp_path, ("x", "x")), "pool", "web-eu")
    assert said.returncode == 0 and "nothing was changed" in said.stderr and state(g) == before, said
    (tmp_path / "seen0").unlink()
    said = edit(g, editor(tmp_path, ("weight: 10", "weight: ten"), ("", "")), "pool", "web-eu")
    assert said.returncode == 1 and "since it was refused" in said.stderr and state(g) == before, said
    said = edit(g, {**os.environ, "EDITOR": "false", "VISUAL": ""}, "pool", "web-eu")
    assert said.returncode == 1 and "did not end well" in said.stderr and state(g) == before, said


def test_edit_does_not_overwrite_what_another_changed_meanwhile(g, tmp_path):
    env = editor(tmp_path, ("weight: 10", "weight: 30"))
    script = tmp_path / "both"
    script.write_text(f"#!/bin/sh\n'{CTL}' -s http://127.0.0.1:{g.api_port} -t {g.token_path} pool drain web-us >/dev/null\n"
                      f"curl -fsS -X PUT -H \"Authorization: Bearer {g.token}\" -H 'Content-Type: application/json' "
                      f"-d '{{\"address\": \"192.0.2.12\"}}' http://127.0.0.1:{g.api_port}/v1/pools/web-eu/endpoints/eu2 >/dev/null\n{env['EDITOR']} \"$1\"\n")
    script.chmod(0o755)
    said = edit(g, {**env, "EDITOR": str(script)}, "pool", "web-eu")
    assert said.returncode == 1 and "(412)" in said.stderr, said
    assert g.request("GET", "/v1/pools/web-eu")[2]["endpoints"] == [{"name": "eu1", "address": "192.0.2.11", "weight": 10}, {"address": "192.0.2.12", "name": "eu2"}]


# --- showing ---

def test_tables_show_defaults_and_the_schema_its_bounds(g):
    services = g.ctl("get", "services").stdout.split("\n")
    column = services[0].index("STEERING")
    assert services[1][column:].split()[0] == "geo", services
    told = g.ctl("schema", "pools").stdout
    assert re.search(r"balance \(enum: \w+(, \w+)+, default \w+\)", told), told
    assert re.search(r"answers \(integer from 0 to 16", told), told
    assert json.loads(g.ctl("schema", "pools", "-o", "json").stdout)["name"]


def test_a_configuration_with_defaults_can_be_applied(g):
    text = g.ctl("get", "-o", "yaml", "--defaults").stdout
    assert "steering: geo" in text
    g.apply(text)
    assert "nothing to change" in g.apply(g.ctl("get", "-o", "yaml").stdout).stdout
    assert g.ctl("get", "-o", "yaml", "--defaults").stdout == text
