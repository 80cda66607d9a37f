"""Configurations of other servers, taken over: what gslbd answers of them beside what the other server itself answers."""
import json
import shutil
import subprocess
import time

import pytest
from conftest import CTL, TOP, free_port, wait_until

CONFIG = """
options => { listen => 127.0.0.1:%(port)d, zones_default_ttl => 7200, run_dir => "%(dir)s/run", state_dir => "%(dir)s/state" }
service_types => {
  web => { plugin => http_status, port => 8080, url_path => /up, vhost => www.example.com, ok_codes => [ 200, 301 ],
           interval => 5, timeout => 2, up_thresh => 2, down_thresh => 3, ok_thresh => 2 }
  smtp => { plugin => tcp_connect, port => 25 } # every ten seconds
  fixed => { plugin => static, state => UP }
}
plugins => {
  geoip => {
    maps => {
      prod => {
        geoip2_db => "%(dir)s/country.mmdb"
        datacenters => [us, eu, ap]
        map => { EU => { default => [eu, us, ap], CH => [us, eu], GB => [eu, ap, us] }, AS => [ap, us, eu] }
        nets => { 10.1.0.0/16 => [ eu, us ], 10.2.0.0/16 => ap, 10.3.0.0/16 => [us, eu, ap] }
      }
      other => { datacenters => [eu, us], nets => $include{geoip/other.nets} }
    }
    resources => {
      www => {
        map => prod, service_types => up
        dcmap => { us => { lb1 => 192.0.2.1, lb2 => 192.0.2.2, }, eu => [ 192.0.2.11, 192.0.2.12 ], ap => 192.0.2.21 }
      }
      shop => { map => other, dcmap => { eu => %%weighted!shop-eu, us => { plugin => simplefo, primary => 192.0.2.31, secondary => 192.0.2.32 } } }
      gone => { map => other, dcmap => { eu => { service_types => down, a => 192.0.2.91 }, us => 192.0.2.92 } }
    }
  }
  weighted => {
    shop-eu => { lb1 = [ 192.0.2.41, 3 ], lb2 = [ 192.0.2.42, 1 ] }
    cn => { a = [ a.example.net., 1 ], b = [ b.example.net., 1 ] }
  }
  multifo => { up_thresh => 0.4, both => { addrs_v4 => [ 192.0.2.51, 192.0.2.52 ], addrs_v6 => { a => 2001:db8::51 } } }
  simplefo => { pair => { primary => 192.0.2.61, secondary => 192.0.2.62 } }
  metafo => { resources => { chain => { datacenters => [one, two], dcmap => { one => 192.0.2.71, two => [ 192.0.2.72, 192.0.2.73 ] } } } }
  static => { plain => 192.0.2.81 }
}
"""
ZONE = """@ SOA ns1 hostmaster ( 7 7200 30M 3D 900 )
@ NS ns1
ns1 A 192.0.2.53
www 300/30 DYNA geoip!www
www MX 10 mail.example.net.
www-us 60 DYNA geoip!www/us
shop 120/120 DYNA geoip!shop
gone 30 DYNA geoip!gone
cdn 20 DYNC weighted!cn
both 30 DYNA multifo!both
pair 30 DYNA simplefo!pair
chain 30 DYNA metafo!chain
plain 30 DYNA static!plain
$ORIGIN sub
static A 192.0.2.99
late.@Z 60 TXT "x"
$INCLUDE ../more deep
"""
NAMES = ["www", "www-us", "shop", "gone", "cdn", "both", "pair", "chain", "plain", "static.sub", "late", "inner.deep.sub", "ns1", ""]
CLIENTS = ["10.1.7.0/24", "10.2.7.0/24", "10.3.7.0/24", "10.4.7.0/24", "10.5.7.0/24", "198.51.100.0/24", "203.0.113.0/24", "192.0.2.0/25", "8.8.8.0/24"]


@pytest.fixture
def directory(tmp_path):
    for name in ("zones", "geoip", "run", "state"):
        (tmp_path / name).mkdir()
    (tmp_path / "geoip/other.nets").write_text("10.4.0.0/16 => [ us, eu ] ; a comment\n10.5.0.0/16 => eu")
    (tmp_path / "zones/example.com").write_text(ZONE)
    (tmp_path / "more").write_text("$TTL 5\ninner A 192.0.2.98\n")
    ranges = tmp_path / "ranges"
    ranges.write_text("192.0.2.0,192.0.2.127,DE\n198.51.100.0,198.51.100.255,CH\n203.0.113.0,203.0.113.255,JP\n8.8.8.0,8.8.8.255,US\n")
    subprocess.run([TOP / "dist/geoip/make-country-db", tmp_path / "country.mmdb", ranges], check=True, capture_output=True)
    return tmp_path


def take(*arguments):
    return subprocess.run([CTL, "import", *arguments], capture_output=True, text=True)


def answers(port, name, kind, subnet, times):
    """How often each set of records came: {sorted records with TTL: count}."""
    out = {}
    batch = "".join(f"{name}.example.com. {kind} +subnet={subnet}\n" if name else f"example.com. {kind} +subnet={subnet}\n" for _ in range(times))
    run = subprocess.run(["dig", "@127.0.0.1", "-p", str(port), "-f", "-", "+noall", "+answer", "+comments", "+tries=2"], input=batch,
                         capture_output=True, text=True, timeout=60)
    for reply in run.stdout.split(";; ->>HEADER<<-")[1:]:
        records = frozenset(" ".join(line.split()) for line in reply.splitlines() if line and not line.startswith(";") and "IN" in line)
        out[records] = out.get(records, 0) + 1
    assert sum(out.values()) == times, run.stdout[-2000:]
    return out


@pytest.mark.skipif(not shutil.which("gdnsd"), reason="no gdnsd")
def test_gdnsd_and_what_its_files_became_answer_the_same(gslbd, directory):
    port = free_port()
    (directory / "config").write_text(CONFIG % {"port": port, "dir": directory})
    done = take("gdnsd", str(directory))
    assert done.returncode == 0, done.stderr
    g = gslbd(settings=f"geo: {{database: {directory}/country.mmdb}}\n")
    g.apply(done.stdout)
    other = subprocess.Popen(["gdnsd", "-c", str(directory), "start"], stdout=subprocess.DEVNULL, stderr=(directory / "log").open("w"))
    try:
        wait_until(lambda: subprocess.run(["dig", "@127.0.0.1", "-p", str(port), "+short", "+tries=1", "+time=1", "ns1.example.com"],
                                          capture_output=True, text=True).stdout == "192.0.2.53\n", (directory / "log").read_text())
        for name in NAMES:
            for subnet in CLIENTS if name in ("www", "shop", "gone") else CLIENTS[:1]:
                for kind in ("A", "AAAA", "MX", "TXT", "NS"):
                    if (name, subnet) == ("gone", "10.5.7.0/24"):
                        continue  # its only datacenter is down: gdnsd serves it, gslbd another one, as the report says
                    if name == "cdn" and kind in ("MX", "TXT", "NS"):
                        continue  # the report: gdnsd gives its CNAME for every type
                    times = 40 if kind == "A" or name == "cdn" else 1
                    theirs, ours = answers(port, name, kind, subnet, times), answers(g.port, name, kind, subnet, times)
                    assert set(theirs) == set(ours), (name, kind, subnet)
                    for records in theirs:
                        if times > 1 and len(theirs) > 1:  # of 40 with a share of a quarter
                            assert abs(theirs[records] - ours[records]) <= 24, (name, subnet, theirs, ours)
    finally:
        other.terminate()
        other.wait()


def test_the_report_says_of_each_thing_what_it_became(directory):
    (directory / "config").write_text(CONFIG % {"port": 53, "dir": directory} + "")
    done = take("gdnsd", str(directory), "-o", "json")
    report = {(line["place"], line["was"]): line for line in json.loads(done.stdout)["report"]}
    assert report["config: plugins.geoip.resources.www.dcmap.us", "geoip!www-us"]["became"] == "pool www-us with 2 endpoints"
    assert report["zones/example.com:4", "www.example.com. DYNA geoip!www"]["equal"] == "same"
    assert report["zones/example.com:4", "www.example.com., TTL 300/30"]["equal"] == "near"
    assert report["config: service_types.web", "ok_thresh"]["equal"] == "near"
    assert [line for line in report.values() if "another one serves" in line["became"]]
    document = json.loads(done.stdout)["document"]
    monitors = {m["name"]: m for m in document["monitors"]}
    assert monitors["web"] == {"name": "web", "type": "http", "port": 8080, "path": "/up", "host": "www.example.com", "expect": {"status": [200, 301]},
                               "interval": "5s", "timeout": "2s", "rise": 2, "fall": 3}
    assert monitors["smtp"]["timeout"] == "5s" and monitors["smtp"]["rise"] == 20
    assert "fixed" not in monitors


def test_what_has_no_equal_is_told_and_the_exit_status_says_so(directory):
    (directory / "config").write_text("""plugins => { reflect => {}, weighted => { w => { multi => true, g => { a => [192.0.2.1, 2], b => [192.0.2.2, 1] } } },
        geoip => { maps => { m => { datacenters => [one], map => { EU => { FR => { Paris => [one] } } } } },
                   resources => { r => { map => m, skip_first => true, dcmap => { one => 192.0.2.3 } } } } }""")
    (directory / "zones/example.com").write_text("@ SOA a. b. 1 2 3 4 5\n@ NS ns.example.net.\nme DYNA reflect!both\nw DYNA weighted!w\nr DYNA geoip!r\n")
    done = take("gdnsd", str(directory))
    assert done.returncode == 4
    assert "! zones/example.com:3: me.example.com. DYNA reflect!both\n    -> gslbd has no plugin reflect" in done.stderr
    assert "Paris\n    -> no match" in done.stderr and "skip_first has no equal" in done.stderr
    assert "~ config: plugins.weighted.w" in done.stderr


@pytest.mark.parametrize("config, said", [
    ("plugins => {", "expected }, got the end"),
    ("plugins = { a = [ 1, 2 }", "expected a text"),
    ('a => "open', 'expected a text that ends with "'),
    ("a => b a => c", '"a" stands twice'),
    ("a b", "expected => or =, got"),
    ("a => $include{nowhere}", "cannot include"),
    ("$include{config}", "at most 16 deep"),
    ("a => " + "[" * 100, "fewer values in each other"),
    ("a => \\999", "expected a text"),
    ("plugins => { geoip => { maps => { m => { map => {} } } } }", "expected datacenters"),
    ("plugins => { geoip => { maps => { m => { datacenters => [a], nets => { ten => a } } } } }", "expected a network such as"),
    ("plugins => { weighted => { w => { a => 192.0.2.1 } } }", "expected [ ADDRESS, WEIGHT ]"),
])
def test_what_cannot_be_read_is_one_clear_error(directory, config, said):
    (directory / "config").write_text(config)
    (directory / "zones/example.com").write_text("@ SOA a. b. 1 2 3 4 5\n@ NS ns.example.net.\nw DYNA weighted!w\n")
    begun = time.monotonic()
    done = take("gdnsd", str(directory))
    assert done.returncode == 1 and said in done.stderr and not done.stdout, done.stderr
    assert time.monotonic() - begun < 30


def test_a_zone_file_that_is_not_valid_is_named_with_its_line(directory):
    (directory / "config").write_text("")
    (directory / "zones/example.com").write_text("@ SOA a. b. 1 2 3 4 5\n@ NS ns.example.net.\nx A nowhere\n")
    done = take("gdnsd", str(directory))
    assert done.returncode == 1 and "line 3: zones/example.com: " in done.stderr, done.stderr
