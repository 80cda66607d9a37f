"""GeoIP databases: loaded, reloaded, damaged."""
import pathlib
import signal
import subprocess

from conftest import TOP, wait_until

TOOL = TOP / "dist" / "geoip" / "make-country-db"
CONFIGURATION = """
regions:
  - {name: eu, match: [continent:EU]}
  - {name: us, match: [country:US], default: true}
  - {name: ap, match: [continent:AS]}
networks: [{cidr: 192.0.2.128/25, region: us}]
pools:
  - {name: p-eu, region: eu, endpoints: [192.0.2.1]}
  - {name: p-us, region: us, endpoints: [192.0.2.2]}
  - {name: p-ap, region: ap, endpoints: [192.0.2.3]}
zones: [{name: gslb.example.com, ns: [ns1.example.net]}]
services: [{name: www.gslb.example.com, pools: [p-eu, p-us, p-ap]}]
"""


def make(path, text):
    ranges = pathlib.Path(str(path) + ".ranges")
    ranges.write_text(text)
    subprocess.run([TOOL, path, ranges], check=True, capture_output=True)


def start(gslbd, tmp_path, watch="0s"):
    db = tmp_path / "country.mmdb"
    make(db, "192.0.2.0,192.0.2.255,DE\n198.51.100.0,198.51.100.255,US\n2001:db8:1::,2001:db8:1:ffff:ffff:ffff:ffff:ffff,JP\n")
    g = gslbd(settings=f"geo: {{database: {db}, watch: {watch}}}\n")
    g.apply(CONFIGURATION)
    return g, db


def where(g, subnet):
    return g.short("www.gslb.example.com", subnet)


def test_clients_are_located_by_database_and_networks(gslbd, tmp_path):
    g, _ = start(gslbd, tmp_path)
    assert where(g, "192.0.2.0/25") == ["192.0.2.1"]
    assert where(g, "192.0.2.128/25") == ["192.0.2.2"]  # the operator's network is ahead of GeoIP
    assert where(g, "198.51.100.0/24") == ["192.0.2.2"]
    assert where(g, "2001:db8:1:2::/64") == ["192.0.2.3"]
    assert where(g, "203.0.113.0/24") == ["192.0.2.2"]  # nobody knows it: the default
    assert "CLIENT-SUBNET: 192.0.2.0/25/25" in g.dig("www.gslb.example.com", "+subnet=192.0.2.0/25")
    assert "country" in g.ctl("explain", "www.gslb.example.com", "--client", "192.0.2.1", "-o", "json").stdout


def test_reload_takes_a_new_database_and_keeps_the_old_one_when_it_is_damaged(gslbd, tmp_path):
    g, db = start(gslbd, tmp_path)
    make(db, "192.0.2.0,192.0.2.255,JP\n")
    assert where(g, "192.0.2.0/25") == ["192.0.2.1"]
    g.process.send_signal(signal.SIGHUP)
    wait_until(lambda: where(g, "192.0.2.0/25") == ["192.0.2.3"], "the new database is in force")
    whole = db.read_bytes()
    new = tmp_path / "new"
    for damage in (whole[:len(whole) // 2], b"", b"not a database"):
        new.write_bytes(damage)
        new.rename(db)  # a running program has the old file mapped
        run = g.ctl("geo", "reload", check=False)
        assert run.returncode == 1 and str(db) in run.stderr
        assert where(g, "192.0.2.0/25") == ["192.0.2.3"]
        ready = g.request("GET", "/ready", token=False)[2]
        assert ready["ready"] and any("geo:" in r and "stay in force" in r for r in ready["reasons"])
    new.write_bytes(whole)
    new.rename(db)
    metrics = g.request("GET", "/metrics", token=True)[2]
    assert 'gslbd_problem{reason="geo"} 1' in metrics and 'gslbd_problem{reason="store"} 0' in metrics
    g.ctl("geo", "reload")
    assert 'gslbd_problem{reason="geo"} 0' in g.request("GET", "/metrics", token=True)[2]
    assert g.request("GET", "/ready", token=False)[2]["reasons"] == []


def test_a_file_that_changes_is_taken_by_itself(gslbd, tmp_path):
    g, db = start(gslbd, tmp_path, "200ms")
    new = tmp_path / "new"
    make(new, "192.0.2.0,192.0.2.255,JP\n")
    new.rename(db)
    wait_until(lambda: where(g, "192.0.2.0/25") == ["192.0.2.3"], "the new database is in force")
    new.write_bytes(b"not a database")
    new.rename(db)
    wait_until(lambda: g.request("GET", "/ready", token=False)[2]["reasons"], "the damaged one is told")
    assert where(g, "192.0.2.0/25") == ["192.0.2.3"]
    assert g.ctl("geo", "reload", "--dry-run", check=False).returncode == 1
    db.unlink()
    wait_until(lambda: g.log_path.read_text().count("reload failed") == 2, "that there is none is told too")
    make(db, "192.0.2.0,192.0.2.255,US\n")
    wait_until(lambda: where(g, "192.0.2.0/25") == ["192.0.2.2"], "and the good one taken")
    log = g.log_path.read_text()
    assert g.request("GET", "/ready", token=False)[2]["reasons"] == [] and log.count("reload failed") == 2, log


def test_a_dry_run_takes_nothing_and_the_file_is_taken_all_the_same(gslbd, tmp_path):
    g, db = start(gslbd, tmp_path, "1s")
    new = tmp_path / "new"
    make(new, "192.0.2.0,192.0.2.255,JP\n")
    new.rename(db)
    g.ctl("geo", "reload", "--dry-run")
    wait_until(lambda: where(g, "192.0.2.0/25") == ["192.0.2.3"], "the new database is in force")


def test_a_missing_database_at_start_is_said_and_networks_still_work(gslbd, tmp_path):
    g = gslbd(settings=f"geo: {{database: {tmp_path}/none.mmdb}}\n")
    g.apply(CONFIGURATION)
    assert where(g, "192.0.2.128/25") == ["192.0.2.2"]
    assert any("none.mmdb" in r for r in g.request("GET", "/ready", token=False)[2]["reasons"])


def test_the_real_country_database_knows_real_addresses(gslbd, tmp_path):
    db = tmp_path / "real.mmdb"
    subprocess.run([TOOL, db], check=True, capture_output=True)
    g = gslbd(settings=f"geo: {{database: {db}}}\n")
    g.apply(CONFIGURATION)
    assert where(g, "193.0.0.0/24") == ["192.0.2.1"]  # RIPE NCC, Amsterdam
    assert where(g, "133.11.0.0/16") == ["192.0.2.3"]  # the University of Tokyo
