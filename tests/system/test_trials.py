"""Changes that are made only when the checks that they bring pass."""
import os
import signal
import subprocess
import time

import pytest
from conftest import SANITIZED, Endpoint, wait_until
from test_confirms import confirms, ctl, events
from test_holds import newest, revision


def configuration(port, addresses, probes=True):
    endpoints = ", ".join(f"{{name: e{i}, address: {a}}}" for i, a in enumerate(addresses))
    return f"""
regions: [{{name: eu, default: true}}]
monitors: [{{name: web, type: http, port: {port}, path: /, interval: 1s, timeout: 500ms, rise: 1, fall: 1}}]
pools: [{{name: web, region: eu, monitor: web, endpoints: [{endpoints}]}}]
zones: [{{name: gslb.example.com, ns: [ns1.example.net]}}]
services: [{{name: www.gslb.example.com, ttl: 5, pools: [web]}}]
"""


@pytest.fixture
def place(gslbd):
    first = Endpoint("127.0.66.1")
    second = Endpoint("127.0.66.2", first.port)
    g = gslbd()
    g.apply(configuration(first.port, [first.address]))
    g.wait_state("web/e0", "up")
    yield g, first, second
    first.stop()
    second.stop()


def apply(g, text, *arguments, check=True):
    path = g.directory / "new.yaml"
    path.write_text(text)
    return ctl(g, "apply", "-f", path, "--check-first", *arguments, check=check)


def start(g, text, query=""):
    status, headers, reply = g.request("POST", f"/v1/apply?check_first{query}", text.encode(), {"Content-Type": "application/yaml"})
    assert status == 202 and headers["Location"] == f"/v1/trials/{reply['trial']['id']}", reply
    return reply["trial"]["id"]


def trial(g, one):
    return g.request("GET", f"/v1/trials/{one}")[2]


def test_what_passes_is_committed_and_only_what_is_new_is_checked(place):
    g, first, second = place
    before = revision(g)
    said = apply(g, configuration(first.port, [first.address, second.address]), "--comment", "one more")
    assert "1 check passed" in said and f"revision {before + 1}" in said, said
    made = newest(g)
    assert made["author"] == "admin" and made["comment"] == "one more"
    [one] = g.request("GET", "/v1/trials")[2]["items"]
    assert one["state"] == "committed" and [c["id"] for c in one["checks"]] == ["web/e1"] and one["revision"] == before + 1
    assert events(g)[-1] == (f"trial/{one['id']}", "committed")
    assert "committed" in ctl(g, "trials")


def test_what_does_not_pass_is_not_committed_and_why_is_told(place):
    g, first, second = place
    second.status = 503
    before = revision(g)
    said = apply(g, configuration(first.port, [first.address, second.address]), "--check-within", "2s", check=False)
    assert "not committed, nothing was changed: 1 of 1 checks did not pass: web/e1 is down" in said and "503" in said, said
    assert revision(g) == before and g.request("GET", "/v1/health/web/e1")[0] == 404
    assert "nothing to change" in apply(g, configuration(first.port, [first.address]))


def test_it_waits_for_an_endpoint_that_comes_up_and_an_address_that_changes_is_new(place):
    g, first, second = place
    second.stop()
    one = start(g, configuration(first.port, [second.address]))
    wait_until(lambda: trial(g, one)["checks"][0]["state"] == "down", "it is seen down")
    assert trial(g, one)["state"] == "checking" and g.request("GET", "/v1/health/web/e0")[2]["state"] == "up"  # of the one that serves
    second.restart()
    wait_until(lambda: trial(g, one)["state"] == "committed", "it is committed")
    assert g.request("GET", "/v1/pools/web")[2]["endpoints"][0]["address"] == second.address


def test_with_confirm_it_is_to_be_confirmed_from_the_commit_on(place):
    g, first, second = place
    said = apply(g, configuration(first.port, [first.address, second.address]), "--confirm-within", "1h", "--abort-if", "down(web) > 1")
    assert list(confirms(g)) == [str(revision(g))]
    until = confirms(g)[str(revision(g))]["until"]
    assert f"goes back by itself at {until}, or at once if down(web) > 1, unless `gslbctl confirm {revision(g)}` comes" in said, said


def test_a_change_of_others_meanwhile_refuses_it(place):
    g, first, second = place
    second.stop()
    one = start(g, configuration(first.port, [first.address, second.address]))
    ctl(g, "set", "pool", "web/e0", "weight=7")
    second.restart()
    ended = wait_until(lambda: (t := trial(g, one))["state"] == "not committed" and t, "it ends")
    assert f'pools[web] was changed by "admin" meanwhile, in revision {revision(g)}' == ended["why"]


def test_it_dies_with_the_process_and_says_so(place):
    g, first, second = place
    second.stop()
    before = revision(g)
    one = start(g, configuration(first.port, [first.address, second.address]))
    g.stop(signal.SIGKILL)
    g.start()
    status, _, reply = g.request("GET", f"/v1/trials/{one}")
    assert status == 404 and "its change was not committed" in reply["detail"]
    assert revision(g) == before


def test_it_ends_by_a_word_and_with_gslbd(place):
    g, first, second = place
    second.stop()
    one = start(g, configuration(first.port, [first.address, second.address]))
    assert g.request("DELETE", f"/v1/trials/{one}?dry_run")[2]["state"] == "checking"
    assert g.request("DELETE", f"/v1/trials/{one}")[2]["why"] == 'ended by "admin"'
    another = start(g, configuration(first.port, [first.address, second.address]))
    assert trial(g, another)["state"] == "checking"
    assert g.stop() == 0
    g.start()


def test_gslbctl_shows_one_and_ends_it(place):
    g, first, second = place
    assert "no trial is under way" in ctl(g, "trial", check=False)
    second.stop()
    text = configuration(first.port, [first.address, second.address])
    one = start(g, text, "&comment=more")
    wait_until(lambda: trial(g, one)["checks"][0]["state"] == "down", "it is seen down")
    said = ctl(g, "trial")
    assert f"trial {one} by admin: checking, 0 of 1 checks pass, until 2" in said and "web/e1" in said and "connect_refused" in said, said
    assert ctl(g, "trial", one) == said and one in ctl(g, "complete", "--", "trial", "abort", "").split()
    another = start(g, text)
    assert "2 are under way: expected the id of one" in ctl(g, "trial", "abort", check=False)
    before = revision(g)
    assert "nothing would be changed" in ctl(g, "trial", "abort", one, "--dry-run") and trial(g, one)["state"] == "checking"
    assert f'trial {one}: nothing was changed, ended by "admin"' in ctl(g, "trial", "abort", one)
    assert "cannot be ended any more: it is not committed (409)" in ctl(g, "trial", "abort", one, check=False)
    assert 'not committed, 0 of 1 checks pass\nended by "admin"' in ctl(g, "trial", one)
    assert f"trial {another}:" in ctl(g, "trial", "abort") and revision(g) == before
    assert "there is no trial" in ctl(g, "trial", "abort", "x", check=False) and g.request("DELETE", f"/v1/trials/{one}?dry_run")[0] == 409


def control_seconds(g):
    """The processor time of the control thread."""
    user, system = open(f"/proc/{g.process.pid}/task/{g.process.pid}/stat").read().rsplit(")", 1)[1].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def test_a_trial_of_many_checks_costs_little(gslbd):
    g = gslbd()
    g.apply(configuration(9, ["127.0.66.1"]))
    g.apply("monitors: [{name: connect, type: tcp, port: 9, interval: 10s, timeout: 1s}]")
    pools = [{"name": f"p{i}", "region": "eu", "monitor": "connect", "endpoints": [{"name": f"e{k}", "address": f"127.1.{i}.{k + 1}"} for k in range(200)]}
             for i in range(100)]
    status, _, reply = g.request("POST", "/v1/apply?check_first&check_within=15s", {"pools": pools})
    assert status == 202 and reply["trial"]["count"] == 20000
    before = control_seconds(g)
    time.sleep(10)  # ten reports
    spent = control_seconds(g) - before
    assert spent < (5 if SANITIZED else 1.5), f"{spent:.1f} s of the control thread"
    assert g.request("DELETE", f"/v1/trials/{reply['trial']['id']}")[0] == 200


def test_what_cannot_be_is_refused(place, gslbd, tmp_path):
    g, first, second = place
    before = revision(g)
    text = configuration(first.port, [first.address, second.address])
    assert "check_within: expected a time from 1s to 1h" in apply(g, text, "--check-within", "0s", check=False)
    for way in ((), ("--dry-run",)):  # who forgets --check-first does not want it unchecked
        assert "check_within goes with check_first, nothing was changed" in ctl(g, "apply", "-f", g.directory / "new.yaml", "--check-within", "2s", *way, check=False)
    assert "dry run" in apply(g, text, "--dry-run")
    assert "does not exist" in apply(g, text.replace("pools: [web]", "pools: [wub]"), check=False)
    assert g.request("GET", "/v1/trials")[2]["items"] == [] and revision(g) == before
    second.stop()
    for _ in range(8):
        start(g, text)
    assert "as many changes wait" in apply(g, text, check=False)
    ro = g.request("POST", "/v1/tokens", {"name": "ro", "role": "operate"})[2]["secret"]
    assert g.request("POST", "/v1/apply?check_first", {}, token=ro)[0] == 403
    assert g.request("DELETE", "/v1/trials/x", token=ro)[0] == 403
