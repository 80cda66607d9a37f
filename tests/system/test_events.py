"""The history of health over restarts, crashes and a damaged journal."""
import signal

from conftest import wait_until


def world(g, port):
    g.apply(f"""
regions: [{{name: eu, default: true}}]
monitors: [{{name: web, type: tcp, port: {port}, interval: 200ms, timeout: 150ms, fall: 1, rise: 1}}]
pools: [{{name: p, region: eu, monitor: web, endpoints: [{{name: e0, address: 127.0.80.1}}]}}]
""")


def events(g, query=""):
    return g.request("GET", "/v1/events" + query)[2]["items"]


def flip(g, endpoint):
    endpoint.stop()
    g.wait_state("p/e0", "down")
    endpoint.restart()
    g.wait_state("p/e0", "up")


def test_events_are_numbered_on_over_restarts(gslbd, endpoints):
    (one,) = endpoints("127.0.80.1")
    g = gslbd()
    world(g, one.port)
    g.wait_state("p/e0", "up")
    flip(g, one)
    before = events(g)
    assert [e["state"] for e in before] == ["up", "down", "up"]
    g.stop()
    g.start()
    g.wait_state("p/e0", "up")
    after = events(g)
    assert after[:3] == before
    assert [e["number"] for e in after] == [1, 2, 3, 4]
    assert (after[3]["before"], after[3]["state"]) == ("unknown", "up")
    assert events(g, "?limit=1") == after[3:]


def test_a_crash_leaves_what_was_on_disk_and_gives_no_number_twice(gslbd, endpoints):
    (one,) = endpoints("127.0.80.1")
    g = gslbd()
    world(g, one.port)
    g.wait_state("p/e0", "up")
    flip(g, one)
    seen = {e["number"]: e for e in events(g)}
    g.stop(signal.SIGKILL)
    g.start()
    g.wait_state("p/e0", "up")
    for event in events(g):
        assert seen.get(event["number"], event) == event
    assert len(events(g, "?after=" + str(max(seen)))) == 1


def test_a_damaged_journal_is_put_aside_and_gslbd_starts(gslbd, endpoints):
    (one,) = endpoints("127.0.80.1")
    g = gslbd()
    world(g, one.port)
    g.wait_state("p/e0", "up")
    g.stop()
    journal = g.directory / "store" / "journal"
    data = journal / "data.mdb"
    data.write_bytes(data.read_bytes()[:9000])
    g.start()
    g.wait_state("p/e0", "up")
    wait_until(lambda: [e["state"] for e in events(g)] == ["up"], "events are kept again")
    aside = [p for p in journal.parent.iterdir() if p.name.startswith("journal.") and p.name.endswith(".damaged")]
    assert len(aside) == 1 and (aside[0] / "data.mdb").stat().st_size == 9000
    assert g.request("GET", "/ready", token=False)[2]["reasons"] == []
