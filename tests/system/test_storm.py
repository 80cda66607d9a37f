"""Many endpoints turned by one report: they are answered first, and told after that, one and all."""
import fcntl
import os
import re
import threading

from conftest import wait_until
from test_reports import Prober

F_SETPIPE_SZ = 1031


def world(g, pools, per_pool):
    """Pools whose first endpoint is served while it is up; monitors are so slow that nothing but reports counts."""
    text = "regions: [{name: eu, default: true}]\nprobers: [{name: far}]\nmonitors: [{name: m, type: tcp, port: 1, interval: 1h, probers: [far]}]\n"
    text += "zones: [{name: gslb.example.com, ns: [ns1.example.net]}]\npools:\n"
    for p in range(pools):
        ends = ", ".join(f"{{name: e{e}, address: 10.{p // 256}.{p % 256}.{e + 1}}}" for e in range(per_pool))
        text += f"  - {{name: p{p}, region: eu, monitor: m, balance: failover, endpoints: [{ends}]}}\n"
    text += "services:\n" + "".join(f"  - {{name: s{p}.gslb.example.com, ttl: 0, pools: [p{p}]}}\n" for p in range(pools))
    g.apply(text)


def states(pools, per_pool, of):
    return {f"p{p}_e{e}": of(e) for p in range(pools) for e in range(per_pool)}


def events_behind(g, number):
    while items := g.request("GET", f"/v1/events?after={number}&limit=10000")[2]["items"]:
        yield from items
        number = items[-1]["number"]


def test_events_and_log_tell_of_each_of_many_changes_at_once(gslbd):
    pools, per_pool = 1300, 20  # more than wait for the journal's disk at a time
    g = gslbd("probes: {enabled: false}\nhealth: {max_down_share: 100}\n", wait_ready=False)
    world(g, pools, per_pool)
    far = Prober(g, "far")
    count = pools * per_pool
    assert far.report(**states(pools, per_pool, lambda e: "up"))[0] == 204
    assert far.report(**states(pools, per_pool, lambda e: "down"))[0] == 204
    wait_until(lambda: len(g.request("GET", f"/v1/events?after={2 * count - 1}")[2]["items"]) == 1, "all is told", 60)
    told = list(events_behind(g, 0))
    assert [e["number"] for e in told] == list(range(1, 2 * count + 1))
    assert all(e["state"] == "up" for e in told[:count]) and all((e["before"], e["state"]) == ("up", "down") for e in told[count:])
    assert len({e["endpoint"] for e in told[:count]}) == len({e["endpoint"] for e in told[count:]}) == count
    lines = re.findall(r"health: (\S+) is (\w+) \(", g.log_path.read_text())
    assert lines == [(e["endpoint"], e["state"]) for e in told]


class SlowLog:
    """Standard error of a gslbd that is read on when it is let."""

    def __init__(self, fifo, path):
        self.fifo, self.path = fifo, path
        os.mkfifo(self.fifo)
        self.read = os.open(self.fifo, os.O_RDONLY | os.O_NONBLOCK)
        fcntl.fcntl(self.read, F_SETPIPE_SZ, 4096)
        os.set_blocking(self.read, True)
        self.goes_on = threading.Event()
        self.goes_on.set()
        self.write = os.open(self.fifo, os.O_WRONLY)  # so that there is no end of it before ours
        threading.Thread(target=self.copy, daemon=True).start()

    def copy(self):
        while data := os.read(self.read, 4096):
            with open(self.path, "ab") as log:
                log.write(data)
            self.goes_on.wait()


def test_answers_do_not_wait_for_a_log_that_nobody_reads(gslbd, tmp_path):
    pools, per_pool = 20, 20
    log = SlowLog(tmp_path / "log", tmp_path / "gslbd0" / "gslbd.log")
    g = gslbd("probes: {enabled: false}\nhealth: {max_down_share: 100}\n", wait_ready=False, prefix=["sh", "-c", f'exec "$@" 2>{log.fifo}', "sh"])
    world(g, pools, per_pool)
    far = Prober(g, "far")
    assert far.report(**states(pools, per_pool, lambda e: "up"))[0] == 204
    wait_until(lambda: len(g.request("GET", "/v1/events?limit=1000")[2]["items"]) == pools * per_pool, "all is told")
    log.goes_on.clear()
    said = []
    sender = threading.Thread(target=lambda: said.append(far.report(**states(pools, per_pool, lambda e: "down" if e < 7 else "up"))[0]))
    sender.start()
    try:
        for p in range(pools):
            wait_until(lambda: g.dig("+short", f"s{p}.gslb.example.com").split() == [f"10.0.{p}.8"], "the others are answered", 5)
    finally:
        log.goes_on.set()
    sender.join()
    assert said == [204]
    wait_until(lambda: len(re.findall(r" is down \(", g.log_path.read_text())) == pools * 7, "all is told")
