"""The store over crashes and full disks."""
import json
import pathlib
import random
import signal
import subprocess
import threading
import time
import urllib.request

from conftest import GSLBD, free_port, two_regions, wait_until


def test_kill_at_any_instant_loses_nothing_acknowledged(gslbd):
    g = gslbd()
    g.apply(two_regions(9))
    rnd = random.Random(1)
    acknowledged = {}
    for round_number in range(10):
        def write():
            n = 0
            while True:
                name = f"r{round_number}-{n}"
                # two documents in one revision: never one of them alone
                body = {"monitors": [{"name": name + "-a", "type": "tcp", "port": 1}, {"name": name + "-b", "type": "tcp", "port": 2}]}
                try:
                    status, _, reply = g.request("POST", "/v1/apply", body, token=token)
                except (OSError, ValueError):
                    return
                if status == 200:
                    acknowledged[name] = reply["revision"]
                n += 1

        token = g.token
        writer = threading.Thread(target=write)
        writer.start()
        time.sleep(rnd.uniform(0.05, 0.4))
        g.stop(signal.SIGKILL)
        writer.join()
        g.start()
    there = {m["name"] for m in g.request("GET", "/v1/monitors?limit=10000")[2]["items"]}
    assert len(acknowledged) > 20
    for name in acknowledged:
        assert {name + "-a", name + "-b"} <= there
    halves = {n[:-2] for n in there if n.startswith("r")}
    assert all({h + "-a", h + "-b"} <= there for h in halves)
    last = max(acknowledged.values())
    assert g.request("GET", f"/v1/revisions/{last}")[0] == 200
    assert g.request("GET", "/ready", token=False)[2]["revision"] >= last


def test_a_full_disk_refuses_the_change_and_goes_on_serving(small_disk):
    g = small_disk.g
    g.apply(two_regions(9))
    filler = "x" * 60000
    refused = None
    for i in range(60):
        status, _, reply = g.request("POST", "/v1/apply", {"monitors": [{"name": f"m{i}", "type": "http", "headers": {"X": filler}}]})
        if status != 200:
            refused = (status, reply, i)
            break
    assert refused and refused[0] == 507, refused
    assert "nothing was changed" in refused[1]["detail"]
    assert g.request("GET", f"/v1/monitors/m{refused[2]}")[0] == 404
    assert g.dig("+short", "gslb.example.com", "SOA")
    ready = g.request("GET", "/ready", token=False)[2]
    assert any("store" in r for r in ready["reasons"])
    g.stop()
    g.start()  # and the store opens
    assert g.request("GET", "/v1/monitors/m0")[0] == 200


def test_a_second_gslbd_on_the_same_store_is_refused_and_told_who_has_it(gslbd):
    g = gslbd()
    settings = g.directory / "second.yaml"
    settings.write_text(g.settings.read_text().replace(str(g.port), str(free_port())))
    second = subprocess.run([GSLBD, "-c", settings], capture_output=True, text=True, timeout=10)
    assert second.returncode == 1
    assert f"belongs to a gslbd that runs (process {g.process.pid})" in second.stderr, second.stderr
    g.apply(two_regions(9))
    g.stop(signal.SIGKILL)  # nothing is left that would keep the next one out
    g.start()
    assert g.request("GET", "/v1/pools/web-eu")[0] == 200


def test_a_damaged_store_is_refused_with_what_to_do(gslbd):
    g = gslbd()
    g.apply(two_regions(9))
    g.stop()
    data = g.store / "data.mdb"
    whole = data.read_bytes()
    for rest in (b"", whole[: len(whole) // 2], b"no store" * 3000):
        data.write_bytes(rest)
        run = subprocess.run([GSLBD, "-c", g.settings], capture_output=True, text=True, timeout=10)
        assert run.returncode == 1 and "damaged" in run.stderr and "backup" in run.stderr, (run.returncode, run.stderr)
    data.write_bytes(whole)
    g.start()
    assert g.request("GET", "/v1/pools/web-eu")[0] == 200


def test_what_can_be_served_of_a_store_that_is_not_valid_is_served(gslbd):
    g = gslbd()
    g.apply(two_regions(9))
    g.stop()
    data = g.store / "data.mdb"
    data.write_bytes(data.read_bytes().replace(b'"type":"http"', b'"type":"none"'))  # as if another version had known that type
    g.start()
    assert g.dig("+short", "ns1.gslb.example.com", "A").split() == ["127.0.0.1"]
    assert set(g.short("www.gslb.example.com", "10.1.2.0/24")) <= {"127.0.61.1", "127.0.61.2"}

    def left_out():
        return [r for r in g.request("GET", "/ready", token=False)[2]["reasons"] if r.startswith("configuration: ")]

    assert any("monitors[web].type" in r for r in left_out()) and any("pools[web-eu].monitor" in r for r in left_out()), left_out()
    # other changes go on; a mistake more is refused, and it alone is named
    assert g.request("PUT", "/v1/regions/ap", {"name": "ap", "fallback": ["eu"]})[0] == 201
    status, _, reply = g.request("PUT", "/v1/regions/ap", {"name": "ap", "fallback": ["none"]})
    assert status == 422 and "regions[ap].fallback" in json.dumps(reply) and "monitors" not in json.dumps(reply), reply
    g.ctl("region", "drain", "eu")
    assert set(g.short("www.gslb.example.com", "10.1.2.0/24")) <= {"127.0.62.1", "127.0.62.2"}
    g.apply(two_regions(9))
    assert left_out() == []
