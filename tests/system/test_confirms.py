"""Changes that go back by themselves: unless they are confirmed, and at once when what they touch worsens."""
import signal
import time

import pytest
from conftest import wait_until
from test_holds import newest, revision

CONFIGURATION = """
regions: [{name: eu, match: ["continent:EU"], default: true}]
networks: [{cidr: 10.1.0.0/16, region: eu}]
monitors: [{name: told, type: external}]
pools:
  - {name: web-eu, region: eu, monitor: told, labels: [ours], endpoints: [{name: eu1, address: 127.0.61.1}, {name: eu2, address: 127.0.61.2}]}
  - {name: web-us, region: eu, monitor: told, endpoints: [{name: us1, address: 127.0.62.1}]}
zones: [{name: gslb.example.com, ns: [ns1.example.net]}]
services:
  - {name: www.gslb.example.com, ttl: 5, pools: [web-eu, web-us]}
"""
NEW = CONFIGURATION.replace("127.0.61.2", "127.0.61.9")
OLD_SET, NEW_SET = {"127.0.61.1", "127.0.61.2"}, {"127.0.61.1", "127.0.61.9"}


def served(g):
    return {a for _ in range(12) for a in g.short("www.gslb.example.com", "10.1.2.0/24")}


def confirms(g):
    return {one["name"]: one for one in g.request("GET", "/v1/confirms")[2]["items"]}


def ctl(g, *arguments, check=True):
    run = g.ctl(*arguments, check=check)
    return run.stdout + run.stderr


def apply(g, text, *arguments, check=True):
    path = g.directory / "new.yaml"
    path.write_text(text)
    return ctl(g, "apply", "-f", path, *arguments, check=check)


def events(g):
    return [(e["target"], e["rollout"]) for e in g.request("GET", "/v1/events?limit=1000")[2]["items"] if "rollout" in e]


def metrics(g):
    return g.request("GET", "/metrics", token=False)[2]


def began(gslbd, within="1h", *arguments):
    g = gslbd()
    g.apply(CONFIGURATION)
    said = apply(g, NEW, "--confirm-within", within, *arguments)
    number = str(revision(g))
    assert f"unless `gslbctl confirm {number}` comes" in said, said
    return g, number


def test_what_nobody_confirms_goes_back_by_itself(gslbd):
    g, number = began(gslbd, "2s")
    assert served(g) == NEW_SET and confirms(g)[number]["state"] == "waiting"
    assert 'gslbd_confirms{state="waiting"} 1' in metrics(g)
    assert g.request("GET", "/ready", token=False)[2]["confirms"] == {"waiting": 1, "stuck": 0}
    wait_until(lambda: not confirms(g), "it goes back")
    assert served(g) == OLD_SET and revision(g) == int(number) + 1
    made = newest(g)
    assert made["author"] == "gslbd" and made["comment"] == f"revision {number} goes back: it was not confirmed within 2s"
    assert sorted((c["kind"], c["key"]) for c in made["changes"]) == [("confirms", number), ("pools", "web-eu")]
    assert events(g) == [(f"confirm/{number}", "waits"), (f"confirm/{number}", "went back")]
    assert 'gslbd_confirms_ended_total{end="went back"} 1' in metrics(g)
    assert g.request("GET", "/v1/configuration")[2]["pools"][0]["endpoints"][1]["address"] == "127.0.61.2"


def test_what_is_confirmed_stays(gslbd):
    g, number = began(gslbd)
    assert "dry run" in ctl(g, "confirm", "--dry-run") and number in confirms(g)
    assert f"revision {number} stays" in ctl(g, "confirm")
    assert not confirms(g) and served(g) == NEW_SET
    assert events(g)[-1] == (f"confirm/{number}", "confirmed")
    status, _, problem = g.request("POST", f"/v1/confirms/{number}/confirm")
    assert status == 404 and "does not wait" in problem["detail"]
    assert "no revision waits" in ctl(g, "confirm", check=False)


def test_it_goes_back_at_once_when_the_condition_holds(gslbd):
    g, number = began(gslbd, "1h", "--abort-if", "down(web-eu) > 1")
    g.ctl("endpoint", "verdict", "web-eu/eu1", "down", "--for", "1h")
    wait_until(lambda: "down(web-eu) is 1" in confirms(g)[number]["figures"], "one is down")
    assert revision(g) == int(number)
    g.ctl("endpoint", "verdict", "web-eu/eu2", "down", "--for", "1h")
    wait_until(lambda: not confirms(g), "it goes back")
    assert newest(g)["comment"] == f"revision {number} goes back: down(web-eu) > 1: down(web-eu) is 2"
    # Nothing healthy is left where it goes back to: that is on record, and hinders nothing.
    assert served(g) == {"127.0.62.1"}


def test_a_condition_that_cannot_be_meant_is_refused_and_changes_nothing(gslbd):
    g = gslbd()
    g.apply(CONFIGURATION)
    g.ctl("endpoint", "verdict", "web-eu/eu1", "down", "--for", "1h")
    before = revision(g)
    for condition, said in [
        ("down(web-eu) > ", "abort_if: column 16: expected a number"),
        ("down(web-asia) > 1", 'abort_if: column 6: there is no pool, service, endpoint or region "web-asia"'),
        ("errors(web-eu) > 1", "abort_if: column 8: errors are counted of everything: expected errors()"),
        ("rate(web-eu) < 1", "abort_if holds already, nothing was changed: rate(web-eu) is 0"),
        ("down(pool www.gslb.example.com) > 0", 'there is no pool "www.gslb.example.com"'),
        ("down(web-eu) >= 1", "abort_if holds already, nothing was changed: down(web-eu) is 1"),
    ]:
        assert said in apply(g, NEW, "--confirm-within", "5m", "--abort-if", condition, check=False), condition
    assert "abort_if goes with confirm_within" in apply(g, NEW, "--abort-if", "down(web-eu) > 1", check=False)
    for wrong in ["soon", "0s", "8d"]:
        assert "confirm_within: expected a time from 1s to 7d" in apply(g, NEW, "--confirm-within", wrong, check=False)
    assert revision(g) == before and not confirms(g)
    more = NEW + "  - {name: new.gslb.example.com, pools: [web-us]}\n"  # it names what the change itself makes
    assert "dry run" in apply(g, more, "--dry-run", "--confirm-within", "5m", "--abort-if", "down(new.gslb.example.com) > 0")
    assert revision(g) == before and not confirms(g)
    said = apply(g, more, "--confirm-within", "5m", "--abort-if", "down(new.gslb.example.com) > 0")
    assert "or at once if down(new.gslb.example.com) > 0" in said
    assert apply(g, more, "--confirm-within", "5m").startswith("nothing to change") and len(confirms(g)) == 1


def test_it_survives_kill_9_and_goes_back_at_its_time(gslbd):
    g, number = began(gslbd, "3s")
    g.stop(signal.SIGKILL)
    g.start()
    assert confirms(g)[number]["state"] == "waiting" and served(g) == NEW_SET
    wait_until(lambda: not confirms(g), "it goes back")
    assert served(g) == OLD_SET
    said = apply(g, NEW, "--confirm-within", "1s")
    number = str(revision(g)) if "goes back by itself" in said else None
    g.stop(signal.SIGKILL)
    time.sleep(1.1)  # its time ends while nobody runs
    g.start()
    wait_until(lambda: number not in confirms(g), "it goes back at the start")
    assert served(g) == OLD_SET and newest(g)["comment"].startswith(f"revision {number} goes back")


def test_what_others_changed_since_is_not_undone_and_told(gslbd):
    g, number = began(gslbd, "2s")
    g.ctl("set", "pool", "web-eu/eu2", "address=127.0.61.7")
    g.ctl("set", "service", "www.gslb.example.com", "ttl=7")
    wait_until(lambda: confirms(g)[number]["state"] == "stuck", "it is stuck")
    why = confirms(g)[number]["why"]
    assert "pools[web-eu].endpoints[eu2].address" in why and f"it is \"127.0.61.7\" since revision {int(number) + 1}, by " in why, why
    ready = g.request("GET", "/ready", token=False)[2]
    assert ready["ready"] and any(f"rollout: revision {number} was to go back, and cannot" in r for r in ready["reasons"]), ready
    assert 'gslbd_problem{reason="rollout"} 1' in metrics(g) and 'gslbd_confirms{state="stuck"} 1' in metrics(g)
    assert events(g)[-1] == (f"confirm/{number}", "cannot go back") and "127.0.61.7" in served(g)
    assert f"revision {number} cannot go back" in ctl(g, "confirms")
    g.ctl("set", "pool", "web-eu/eu2", "address=127.0.61.9")  # nothing is in the way any more
    wait_until(lambda: not confirms(g), "it goes back")
    assert served(g) == OLD_SET
    assert g.request("GET", "/v1/services/www.gslb.example.com")[2]["ttl"] == 7  # what it did not change stays


def test_a_second_one_over_the_first_goes_back_first(gslbd):
    g, first = began(gslbd, "2s")
    apply(g, NEW.replace("127.0.61.9", "127.0.61.8"), "--confirm-within", "3s")
    second = str(revision(g))
    assert "expected the number of a revision, one of" in ctl(g, "confirm", check=False)
    wait_until(lambda: not confirms(g), "both go back")
    assert served(g) == OLD_SET and int(second) == int(first) + 1


@pytest.mark.parametrize("how", ["rollback", "revert"])
def test_rollback_and_revert_end_it(gslbd, how):
    g, number = began(gslbd)
    g.ctl(how, number if how == "revert" else str(int(number) - 1))
    assert not confirms(g) and served(g) == OLD_SET and events(g)[-1] == (f"confirm/{number}", "taken back")
    again = revision(g)
    time.sleep(0.6)
    assert revision(g) == again
    g.ctl("rollback", number, "--with-drains")  # brings the change back, and no confirm
    assert served(g) == NEW_SET and not confirms(g)


def test_single_items_can_be_confirmed_too(gslbd):
    g = gslbd()
    g.apply(CONFIGURATION)
    assert "goes back by itself" in ctl(g, "set", "pool", "web-eu/eu2", "address=127.0.61.9", "--confirm-within", "1h")
    status, _, reply = g.request("DELETE", "/v1/services/www.gslb.example.com?confirm_within=2s&force=true")
    assert status == 200 and reply["confirm"]["name"] == str(revision(g)), reply
    assert not g.short("www.gslb.example.com", "10.1.2.0/24")
    wait_until(lambda: len(confirms(g)) == 1, "the service is back")
    assert served(g) == NEW_SET
    status, _, reply = g.request("POST", "/v1/bulk?confirm_within=1h", {"action": "drain"})
    assert status == 400 and "there is no parameter" in reply["detail"]


def test_who_may(gslbd):
    g = gslbd()
    g.apply(CONFIGURATION)
    secrets = {}
    for name, more in {"ann": {"role": "operate"}, "ed": {"role": "edit"}, "scoped": {"role": "edit", "pool_labels": ["ours"]},
                       "other": {"role": "edit", "pool_labels": ["theirs"]}}.items():
        secrets[name] = g.request("POST", "/v1/tokens", {"name": name, **more})[2]["secret"]
    change = {"endpoints": {"eu2": {"address": "127.0.61.9"}}}
    status, _, reply = g.request("PATCH", "/v1/pools/web-eu?confirm_within=1h", change, token=secrets["scoped"])
    assert status == 200, reply
    number = reply["confirm"]["name"]
    for who, wanted in [("ann", 403), ("other", 403), ("scoped", 200)]:
        assert g.request("POST", f"/v1/confirms/{number}/confirm", token=secrets[who])[0] == wanted, who
    assert g.request("POST", f"/v1/confirms/{number}/confirm", token=False)[0] == 401
    assert not confirms(g)


def test_it_is_in_no_backup_and_a_restore_ends_it(gslbd, tmp_path):
    g, number = began(gslbd)
    g.ctl("backup", tmp_path / "all.backup")
    assert "confirms" not in (tmp_path / "all.backup").read_text()
    g.ctl("restore", tmp_path / "all.backup")
    assert not confirms(g) and served(g) == NEW_SET


def test_a_full_disk_delays_it_and_nothing_is_said_to_have_gone_back(small_disk):
    g = small_disk.g

    def large(text, weight):  # more than what is free in the store's file
        many = ", ".join(f"{{name: endpoint-{i}, address: 127.0.70.{i + 1}, weight: {weight}, labels: [label-{i}-{'x' * 40}]}}" for i in range(250))
        return text.replace("pools:\n", f"pools:\n  - {{name: many, region: eu, monitor: told, endpoints: [{many}]}}\n", 1)

    g.apply(large(CONFIGURATION, 1))
    apply(g, large(NEW, 2), "--confirm-within", "4s")
    small_disk.fill_store()
    [one] = confirms(g).values()
    wait_until(lambda: confirms(g)[one["name"]]["state"] == "going back", "its time is over")
    wait_until(lambda: "store" in str(g.request("GET", "/ready", token=False)[2]["reasons"]), "it is told")
    assert "127.0.61.9" in served(g) and 'gslbd_confirms_ended_total{end="went back"} 0' in metrics(g)
    small_disk.free()
    wait_until(lambda: not confirms(g), "it goes back when the store takes it", 30)
    assert served(g) == OLD_SET and 'gslbd_confirms_ended_total{end="went back"} 1' in metrics(g)


def test_what_is_built_whole_goes_back_too(gslbd):
    """Regions and networks are of the builder's thread: what came of it is told later, with its reasons."""
    g = gslbd()
    g.apply(CONFIGURATION)
    g.apply("rules: {regions_serving: 1}\n")
    moved = CONFIGURATION.replace("{cidr: 10.1.0.0/16, region: eu}", "{cidr: 10.9.0.0/16, region: eu}")
    apply(g, moved, "--confirm-within", "2s")
    number = str(revision(g))
    wait_until(lambda: not confirms(g), "it goes back")
    assert newest(g)["comment"].startswith(f"revision {number} goes back")
    assert any(one["cidr"] == "10.1.0.0/16" for one in g.request("GET", "/v1/networks")[2]["items"])
    g.apply("regions: [{name: new}]\n")
    g.ctl("set", "region", "new", "bias=7", "--confirm-within", "2s")
    g.ctl("delete", "region", "new")
    [one] = confirms(g).values()
    wait_until(lambda: confirms(g)[one["name"]]["state"] == "stuck", "what it changed is gone")
    assert "regions[new]" in confirms(g)[one["name"]]["why"]
