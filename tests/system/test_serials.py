"""Serials of zones: up by one with each change of what a transfer would hold, by nothing else, and never down."""
import signal
import subprocess

ZONES = """
regions: [{name: eu, default: true}, {name: us}]
pools:
  - {name: p, region: eu, endpoints: [{name: a, address: 192.0.2.1}, {name: b, address: 192.0.2.2}]}
  - {name: q, region: us, endpoints: [{name: a, address: 198.51.100.1}]}
zones:
  - {name: one.example, ns: [ns.example.net], records: [{name: t, type: TXT, data: [one]}]}
  - {name: two.example, ns: [ns.example.net]}
services: [{name: www.two.example, pools: [p, q]}]
"""


def serial(g, zone):
    answered = int(g.dig("+short", zone, "SOA").split()[2])
    told = {one["zone"]: one["serial"] for one in g.request("GET", "/v1/serials")[2]["items"]}
    assert told[zone] == answered
    return answered


def both(g):
    return serial(g, "one.example"), serial(g, "two.example")


def test_a_serial_rises_by_one_with_each_change_of_its_zone_alone(gslbd):
    g = gslbd()
    g.apply(ZONES)
    one, two = both(g)
    # what no transfer of either holds
    g.ctl("set", "pool", "p/a", "weight=5")
    g.ctl("pool", "drain", "p", "--reason", "test")
    g.apply("monitors: [{name: m, type: tcp, port: 1}]")
    assert both(g) == (one, two)
    g.ctl("pool", "restore", "p")
    # an endpoint of the pool that a transfer shows, then one of another pool
    g.ctl("set", "pool", "p/b", "enabled=false")
    assert both(g) == (one, two + 1)
    g.ctl("set", "pool", "q/a", "enabled=false")
    assert both(g) == (one, two + 1)
    g.apply("zones: [{name: one.example, ns: [ns.example.net], records: [{name: t, type: TXT, data: [two]}]}]")
    assert both(g) == (one + 1, two + 1)
    # the order of records is no change, a timer is one
    g.apply("zones: [{name: one.example, ns: [ns.example.net], soa: {refresh: 77}, records: [{name: t, type: TXT, data: [two]}]}]")
    assert both(g) == (one + 2, two + 1)


def test_serials_outlive_restarts_deletion_and_rollback(gslbd):
    g = gslbd()
    g.apply(ZONES)
    for text in "abc":
        g.apply(f"zones: [{{name: one.example, ns: [ns.example.net], records: [{{name: t, type: TXT, data: [{text}]}}]}}]")
    one, two = both(g)
    g.stop(signal.SIGKILL)
    g.start()
    assert both(g) == (one, two)
    g.ctl("delete", "zone", "one.example")
    g.ctl("pool", "drain", "p", "--reason", "test")
    g.ctl("rollback", "2")
    assert both(g) == (one + 1, two)  # its contents are others than those of the serial
    g.ctl("rollback", "2")
    assert both(g) == (one + 1, two)


def test_an_import_takes_the_serial_over_and_secondaries_go_on(gslbd, tmp_path):
    g = gslbd()
    g.apply("regions: [{name: eu, default: true}]")
    zone = tmp_path / "zone"
    zone.write_text("$TTL 300\nmoved.example. SOA ns.example.net. host.example.net. 2026112101 3600 900 1209600 60\n"
                    "moved.example. NS ns.example.net.\nwww.moved.example. A 192.0.2.7\n")
    g.ctl("zone", "import", str(zone))
    assert serial(g, "moved.example") == 2026112101
    zone.write_text(zone.read_text().replace("192.0.2.7", "192.0.2.8"))
    g.ctl("zone", "import", str(zone))
    assert serial(g, "moved.example") == 2026112102
    g.ctl("zone", "import", str(zone))
    assert serial(g, "moved.example") == 2026112102
    zone.write_text(zone.read_text().replace("2026112101", "2026112200"))
    g.ctl("zone", "import", str(zone))
    assert serial(g, "moved.example") == 2026112200
    exported = g.ctl("zone", "export", "moved.example").stdout
    assert "2026112200" in exported
    again = tmp_path / "again"
    again.write_text(exported)
    g.ctl("zone", "import", str(again))
    assert serial(g, "moved.example") == 2026112200
    assert subprocess.run(["named-checkzone", "moved.example", again], capture_output=True).returncode == 0


def test_a_dry_run_raises_no_serial(gslbd):
    g = gslbd()
    g.apply(ZONES)
    before = both(g)
    document = "zones: [{name: one.example, ns: [ns.example.net], records: [{name: t, type: TXT, data: [dry]}]}]"
    subprocess.run(g.ctl_command("apply", "--dry-run", "-f", "-"), input=document, text=True, check=True, capture_output=True)
    assert both(g) == before
    g.apply(document)
    assert both(g) == (before[0] + 1, before[1])
