"""Checks that every prober tries at once, on somebody's word: who finds what, who does not answer and why, and that nobody floods an
endpoint that way."""
import http.server
import itertools
import json
import signal
import subprocess
import threading
import time

import pytest

from conftest import CTL, PROBER, wait_until
from test_probers import HOSTS, NODES, Node, certified, start_nginx, start_prober  # noqa: F401: a fixture
from test_reports import Prober

WORLD = """
regions: [{{name: eu, default: true}}]
probers: [{{name: paris}}, {{name: rome}}]
monitors:
  - {{name: web, type: http, port: {port}, path: /, interval: 60s, timeout: 5s, rise: 1, fall: 2, quorum: any}}
  - {{name: theirs, type: http, port: {port}, path: /, interval: 60s, timeout: 5s, probers: [rome]}}
  - {{name: told, type: external}}
  - {{name: paused, type: http, port: {port}, path: /, enabled: false}}
pools:
  - {{name: web, region: eu, monitor: web, endpoints: [{{name: e, address: 127.0.67.1}}, {{name: off, address: 127.0.67.5, enabled: false}}]}}
  - {{name: theirs, region: eu, monitor: theirs, endpoints: [{{name: e, address: 127.0.67.1}}]}}
  - {{name: told, region: eu, monitor: told, endpoints: [{{name: e, address: 127.0.67.1}}]}}
  - {{name: paused, region: eu, monitor: paused, endpoints: [{{name: e, address: 127.0.67.1}}]}}
  - {{name: bare, region: eu, endpoints: [{{name: e, address: 127.0.67.1}}]}}
zones: [{{name: gslb.example.com, ns: [ns1.example.net]}}]
services: [{{name: www.gslb.example.com, ttl: 5, pools: [web, theirs, told, paused, bare]}}]
"""


class Place:
    """A gslbd with its built-in prober, an endpoint, and real probers where they are started."""

    def __init__(self, g, endpoint, directory):
        self.g, self.endpoint, self.directory, self.probers = g, endpoint, directory, []
        g.apply(WORLD.format(port=endpoint.port))
        g.wait_state("web/e", "up")

    def start(self, name, *servers):
        token = self.directory / f"{name}.token"
        token.write_text(self.g.ctl("token", "create", name, "--role", "prober", "--prober", name).stdout)
        command = [PROBER, "--name", name, "--token-file", token]
        for server in servers or (f"http://127.0.0.1:{self.g.api_port}",):
            command += ["--server", server]
        self.probers.append(subprocess.Popen(command, stderr=open(self.directory / f"{name}.log", "a")))
        wait_until(lambda: name in self.verdicts(), f"{name} has a verdict")
        return self.probers[-1]

    def verdicts(self, endpoint="web/e"):
        return {v["prober"]: v["state"] for v in self.g.request("GET", f"/v1/health/{endpoint}")[2]["verdicts"]}

    def check(self, endpoint="web/e", *more):
        """(exit status, reply, {prober: its part}), when it may be asked for again."""
        for _ in range(300):
            run = self.g.ctl("check", endpoint, "--now", "-o", "json", *more, check=False)
            if "(429)" not in run.stderr:
                break
            time.sleep(0.1)
        reply = json.loads(run.stdout) if run.stdout else run.stderr
        return run.returncode, reply, {one["prober"]: one for one in reply["probers"]} if run.stdout else {}

    def ask(self, endpoint="web/e"):
        pool, name = endpoint.split("/")
        return wait_until(lambda: (said := self.g.request("POST", f"/v1/pools/{pool}/endpoints/{name}/check"))[0] == 202 and said[2], "it may be asked for")["number"]

    def look(self, number, endpoint="web/e"):
        pool, name = endpoint.split("/")
        reply = self.g.request("GET", f"/v1/pools/{pool}/endpoints/{name}/check/{number}")[2]
        return {one["prober"]: one for one in reply["probers"]}


@pytest.fixture
def place(gslbd, endpoints, tmp_path):
    (endpoint,) = endpoints("127.0.67.1")
    p = Place(gslbd(), endpoint, tmp_path)
    yield p
    for process in p.probers:
        process.terminate()
        assert process.wait(20) == 0


def test_every_prober_tries_at_once_and_it_counts_as_any_other(place):
    place.start("paris")
    status, reply, by = place.check()
    assert by["local"]["answer"] == by["paris"]["answer"] == "passed" and by["local"]["detail"] == "200" and by["paris"]["took_ms"] > 0
    assert by["rome"] == {"prober": "rome", "answer": "silent", "why": "it has never reported"} and status == 1
    assert (reply["passed"], reply["failed"], reply["waiting"], reply["monitor"]) == (2, 0, 0, "web")
    place.start("rome")
    status, reply, by = place.check()
    assert status == 0 and reply["passed"] == 3
    place.endpoint.status = 503  # the next check would come in a minute
    status, reply, by = place.check()
    assert status == 1 and reply["failed"] == 3 and {(one["reason"], one["detail"], one["state"]) for one in by.values()} == {("status", "503", "up")}
    assert place.g.state("web/e") == "up"  # fall: 2
    status, reply, by = place.check()
    assert {one["state"] for one in by.values()} == {"down"} and reply["state"] == "down" and place.g.state("web/e") == "down"
    place.endpoint.status = 200
    assert place.check()[1]["state"] == "up"
    table = wait_until(lambda: (run := place.g.ctl("check", "web/e", "--now", check=False)).returncode == 0 and run.stdout, "once more")
    assert table.split("\n")[0].split() == ["PROBER", "MONITOR", "RESULT", "REASON", "DETAIL", "TOOK", "STATE", "SINCE", "WHY"] and "web/e is up" in table


def test_what_was_changed_just_now_is_tried_as_it_is_now(place):
    place.start("paris")
    place.start("rome")
    for address, answer in (("127.0.67.2", "failed"), ("127.0.67.1", "passed")) * 3:  # nobody listens at the first
        place.g.ctl("set", "pool", "web/e", f"address={address}")
        by = place.check()[2]
        assert {one["answer"] for one in by.values()} == {answer}, (address, by)


def test_what_nobody_can_try_says_why(place):
    for endpoint, why in (("told/e", "is external: no prober checks it"), ("bare/e", "has no monitor"), ("paused/e", "is disabled: its checks are paused"),
                          ("web/off", "it is not checked"), ("web/none", "there is no endpoint")):
        status, said, _ = place.check(endpoint)
        assert status == 1 and why in said, (endpoint, said)
    assert place.g.ctl("check", "web", "--now", check=False).returncode == 2
    assert "expected --now" in place.g.ctl("check", "web/e", check=False).stderr
    assert "--timeout: expected a time" in place.g.ctl("check", "web/e", "--now", "--timeout", "soon", check=False).stderr
    status, reply, by = place.check("theirs/e")  # by rome alone, which is not there
    assert status == 1 and by["local"]["answer"] == by["paris"]["answer"] == "not asked" and by["rome"]["answer"] == "silent"
    place.start("paris")
    status, reply, by = place.check("web/e", "--dry-run")
    assert status == 0 and reply["dry_run"] and {name: one["answer"] for name, one in by.items()} == {"local": "waiting", "paris": "waiting", "rome": "silent"}
    g = place.g
    assert g.request("GET", "/v1/pools/web/endpoints/e/check/12")[0] == g.request("GET", "/v1/pools/web/endpoints/e/check/x")[0] == 404
    read = g.request("POST", "/v1/tokens", {"name": "ro", "role": "read"})[2]["secret"]
    operate = g.request("POST", "/v1/tokens", {"name": "op", "role": "operate"})[2]["secret"]
    assert g.request("POST", "/v1/pools/web/endpoints/e/check", token=read)[0] == 403
    assert g.request("POST", "/v1/pools/web/endpoints/e/check", token=False)[0] == 401
    status, _, reply = g.request("POST", "/v1/pools/web/endpoints/e/check", token=operate)
    assert status == 202 and g.request("GET", f"/v1/pools/web/endpoints/e/check/{reply['number']}", token=read)[0] == 200


def test_nobody_floods_an_endpoint_through_it(place, endpoints):
    place.start("paris")
    before, begin, accepted, refused = place.endpoint.requests, time.monotonic(), 0, 0
    while time.monotonic() - begin < 3 or accepted < 2 or refused < 2:
        status, headers, reply = place.g.request("POST", "/v1/pools/web/endpoints/e/check")
        accepted, refused = accepted + (status == 202), refused + (status == 429)
        assert status == 202 or headers["Retry-After"] == "1" and "once a second" in reply["detail"], (status, reply)
    span = time.monotonic() - begin
    assert accepted <= span + 1, (accepted, refused)
    assert place.endpoint.requests - before <= 2 * (span + 2), "two probers, each once a second"
    text = "".join(f"{{name: e{n}, address: 127.0.68.{n}}}, " for n in range(1, 71))
    place.g.apply(f"pools: [{{name: many, region: eu, monitor: {{name: web, timeout: 50s}}, endpoints: [{text}]}}]")
    replies = [place.g.request("POST", f"/v1/pools/many/endpoints/e{n}/check") for n in range(1, 71)]
    assert [status for status, _, _ in replies].count(429) >= 6 and "as many as may be" in replies[-1][2]["detail"]


def test_who_does_not_answer_is_named_and_why(network, certified, tmp_path):  # noqa: F811
    n = network(HOSTS)
    a = Node(n, "a", tmp_path / "a", certified)
    try:
        start_nginx(n, "e1", tmp_path / "e1", certified)
        a.ctl("apply", "-f", "-", stdin="""
regions: [{name: eu, default: true}]
probers: [{name: p1}, {name: p2}, {name: p3}]
monitors:
  - {name: web, type: http, interval: 60s, timeout: 2s, rise: 1, fall: 3}
  - {name: slow, type: http, path: /slow, interval: 60s, timeout: 8s, rise: 1, fall: 3}
pools:
  - {name: p, region: eu, monitor: web, endpoints: [{name: e1, address: 10.54.0.21}]}
  - {name: slow, region: eu, monitor: slow, endpoints: [{name: e1, address: 10.54.0.21}]}
""")
        for name in ("p1", "p2", "p3"):
            start_prober(n, name, [a], tmp_path, certified)
        wait_until(lambda: a.said("p/e1") == {"p1": "up", "p2": "up", "p3": "up"}, "all see it")

        def check(endpoint, *more):
            command = [CTL, "-s", f"https://{NODES['a']}:8053", "--ca-file", a.authority / "ca.pem", "-t", a.g.token_path, "check", endpoint, "--now", "-o", "json", *more]
            while True:
                run = subprocess.run(n.within("a") + [str(word) for word in command], capture_output=True, text=True)
                if "(429)" not in run.stderr:
                    return run.returncode, {one["prober"]: one for one in json.loads(run.stdout)["probers"]}

        def connections():
            return subprocess.run(n.within("e1") + ["ss", "-Htn"], check=True, capture_output=True, text=True).stdout

        assert {name: one["answer"] for name, one in check("p/e1")[1].items()} == {"p1": "passed", "p2": "passed", "p3": "passed"}
        n.inside("p1", "ip", "route", "add", "unreachable", "10.54.0.21/32")  # one sees another truth
        status, by = check("p/e1")
        assert status == 1 and (by["p1"]["answer"], by["p2"]["answer"], by["p3"]["answer"]) == ("failed", "passed", "passed")
        assert (by["p1"]["reason"], by["p1"]["detail"]) == ("unreachable", "No route to host") and by["p1"]["state"] == "up", by
        n.inside("p2", "ip", "link", "set", "eth1", "down")  # one is cut off from gslbd while it is waited for
        status, by = check("p/e1")
        assert by["p2"]["answer"] == "silent" and "it has not reported for" in by["p2"]["why"] and by["p3"]["answer"] == "passed", by
        status, by = check("slow/e1", "--timeout", "2s")  # takes longer than that
        assert status == 1 and by["p3"]["answer"] == "waiting", by
        n.inside("p2", "ip", "link", "set", "eth1", "up")
        wait_until(lambda: check("p/e1")[1]["p2"]["answer"] == "passed", "it is back", 40)

        asking = threading.Thread(target=lambda: answers.append(check("slow/e1", "--timeout", "60s")))
        answers = []
        wait_until(lambda: "10.54.0.13" not in connections(), "p3 is done with what it was asked for before")
        asking.start()
        wait_until(lambda: "POST /v1/pools/slow/endpoints/e1/check" in a.g.log_path.read_text(), "it is asked for")
        wait_until(lambda: "10.54.0.13" in connections(), "p3 tries it")
        a.ctl("token", "delete", "p3")
        a.ctl("delete", "prober", "p3")
        asking.join()
        status, by = answers[0]
        assert by["p3"]["answer"] == "gone" and by["p1"]["answer"] == "failed" and by["p2"]["reason"] in ("timeout", "ok"), by
    finally:
        a.stop()


def test_an_older_prober_goes_on_as_before_and_is_named(place):
    old = Prober(place.g, "paris")  # says nothing of tries, whatever it is told
    assert old.report(web_e="up")[0] == 204
    number = place.ask()
    status, reply = old.report(web_e="up")
    assert status == 200 and reply == {"try": [{"id": "web/e", "number": int(number)}]}

    def named():
        assert old.report(web_e="down")[0] in (200, 204)
        return (answer := place.look(number)["paris"])["answer"] == "older" and answer

    assert "older gslb-prober" in wait_until(named, "it is named")["why"]
    assert place.verdicts()["paris"] == "down"  # its reports count
    assert wait_until(lambda: old.report(web_e="down")[0] == 204, "nobody asks it any more")


def test_a_newer_prober_says_nothing_that_an_older_gslbd_does_not_know(tmp_path):
    plan = {"revision": 1, "monitors": [{"name": "web", "type": "tcp", "port": 9, "interval": "60s", "timeout": "1s"}],
            "checks": [{"id": "p/e", "monitor": 0, "address": "127.0.67.9", "port": 9}]}
    reports, script = [], []

    class Handler(http.server.BaseHTTPRequestHandler):
        """Knows nothing of tries, but for what a script says in between."""

        def do_GET(self):
            self.reply(200, json.dumps(plan).encode())

        def do_POST(self):
            reports.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            status, body = script.pop(0) if script and reports[-1]["verdicts"] else (204, b"")
            self.reply(422 if status == 204 and "tried" in reports[-1] else status, body)

        def reply(self, status, body):
            self.send_response(status)
            self.send_header("Content-Length", len(body))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    (tmp_path / "token").write_text("x\n")
    process = subprocess.Popen([PROBER, "--name", "paris", "--token-file", tmp_path / "token", "--server", f"http://127.0.0.1:{server.server_address[1]}"],
                               stderr=open(tmp_path / "log", "w"))
    try:
        wait_until(lambda: len(reports) > 3 and reports[-1]["verdicts"], "it reports")
        assert not any("tried" in one for one in reports)
        for foreign in (b"{", b"[]", b'{"try": 7}', b'{"try": [{"id": 3, "number": 1}]}', b'{"try": [{"id": "p/e", "number": -1}]}', b'{"more": 1}', b"\xff\xfe",
                        json.dumps({"try": [{"id": "p/e", "number": 1}] * 65}).encode()):
            script.append((200, foreign))
        wait_until(lambda: not script, "it has read all that", 30)
        assert process.poll() is None and not any("tried" in one for one in reports)
        script += [(200, json.dumps({"try": [{"id": "p/e", "number": 5}, {"id": "none/such", "number": 6}, {"id": "p/e", "number": 5}]}).encode())] * 3
        told = wait_until(lambda: next((one["tried"] for one in reports if any(t["done"] for t in one.get("tried", []))), None), "it tells what came of it")
        assert [(t["id"], t["number"], t["done"]) for t in told] == [("p/e", 5, True), ("none/such", 6, False), ("p/e", 5, True)] and told[0]["reason"] == "connect_refused"
        count = wait_until(lambda: not script and len(reports), "the script is over")
        wait_until(lambda: len(reports) > count + 3 and not any("tried" in one for one in reports[-2:]), "it speaks of tries no more, and goes on", 40)
    finally:
        process.terminate()
        assert process.wait(20) == 0
        server.shutdown()
        server.server_close()


def test_reports_that_lie_about_tries_are_taken_for_what_they_are(place):
    liar, sequence = Prober(place.g, "paris"), itertools.count(1000)

    def report(tried, name="paris"):
        body = {"prober": name, "boot": 1, "sequence": next(sequence), "plan_revision": 1, "verdicts": [], "tried": tried}
        return place.g.request("POST", f"/v1/probers/{name}/report", body, token=liar.token)

    def said(**more):
        return {"id": "web/e", "number": 1, "done": True, "reason": "ok"} | more

    for bad in ("x", {}, [7], [said(number=0)], [said(number=-1)], [said(reason="fine")], [said(done="yes")], [{"id": "web/e"}], [said(id="x" * 401)], [said(took_us=-1)],
                [said(more=1)], [said()] * 65):
        assert report(bad)[0] == 422, bad
    assert report([said(number=2 ** 63 - 1, id="no/such", detail="x" * 5000), said(id="\x1b[31m")])[0] == 204
    before = place.g.state("web/e")
    number = place.ask("theirs/e")
    assert report([said(id="theirs/e", number=int(number))])[0] == 204  # it is not for this prober, which was not told
    assert place.look(number, "theirs/e")["paris"]["answer"] == "not asked"
    number = place.ask()
    assert report([said(number=int(number))])[0] == 200  # guessed before it was told: not taken
    assert place.look(number)["paris"]["answer"] == "waiting"
    assert report([said(number=int(number)), said(number=int(number), reason="status")], "rome")[0] == 403
    assert report([said(number=int(number), detail="\x1b[31mred" + "y" * 500, took_us=2 ** 32 - 1)])[0] == 204
    answer = place.look(number)["paris"]
    assert answer["answer"] == "passed" and len(answer["detail"]) < 80 and place.g.state("web/e") == before
    assert report([said(number=int(number), reason="status")])[0] == 204
    assert place.look(number)["paris"]["answer"] == "passed"  # said is said


def test_what_is_asked_for_ends_with_gslbd_and_nothing_is_left(place):
    place.start("paris")
    number = place.ask()
    place.g.stop(signal.SIGKILL)
    port = place.g.api_port
    place.g.settings.write_text(place.g.settings.read_text().replace("127.0.0.1:0", f"127.0.0.1:{port}"))
    place.g.start()
    assert place.g.request("GET", f"/v1/pools/web/endpoints/e/check/{number}")[0] == 404
    wait_until(lambda: place.verdicts().get("paris") == "up", "it reports again", 30)
    assert place.check()[2]["paris"]["answer"] == "passed"
    place.ask()
    assert place.g.stop() == 0  # in the middle of one
    place.g.start()
