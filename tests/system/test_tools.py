"""The tools of DNS engineers against a running gslbd: none of them has anything to complain about."""
import json
import re
import shutil
import subprocess

import pytest

from conftest import Gslbd

ZONE = """
regions: [{name: eu, default: true}]
pools: [{name: p, region: eu, answers: 2, endpoints: [192.0.2.11, 192.0.2.12, "2001:db8::11"]}]
zones:
  - name: gslb.example.com
    ns: [ns1.gslb.example.com, ns2.gslb.example.com]
    soa: {refresh: 14400, retry: 3600}
    records:
      - {name: ns1, type: A, data: [10.56.0.1]}
      - {name: ns2, type: A, data: [10.57.0.1]}
services: [{name: www.gslb.example.com, ttl: 300, pools: [p]}]
"""


def run(*command, **more):
    return subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=60, **more)


@pytest.fixture
def served(gslbd):
    g = gslbd()
    g.apply(ZONE)
    return g


def test_delv_follows_an_unsigned_zone(served):
    said = run("delv", "@127.0.0.1", "-p", served.port, "-i", "+nodnssec", "www.gslb.example.com", "A")
    assert "192.0.2.1" in said.stdout and "resolution failed" not in said.stdout + said.stderr, said


def test_drill_and_kdig_read_every_section(served):
    for tool, arguments in (("drill", ["-p", served.port, "@127.0.0.1"]), ("kdig", ["-p", served.port, "@127.0.0.1"])):
        for name, kind, wanted in (("www.gslb.example.com", "AAAA", "2001:db8::11"), ("gslb.example.com", "NS", "ns2.gslb.example.com."),
                                   ("none.gslb.example.com", "A", "SOA"), ("gslb.example.com", "SOA", "14400")):
            said = run(tool, *arguments, name, kind)
            assert wanted in said.stdout and said.returncode == 0 and not re.search("warning|malformed", said.stdout + said.stderr, re.I), said


@pytest.mark.skipif(not shutil.which("dnsperf"), reason="dnsperf is not installed")
@pytest.mark.parametrize("mode", ["udp", "tcp"])
def test_dnsperf_gets_an_answer_to_every_question(served, tmp_path, mode):
    (tmp_path / "questions").write_text("www.gslb.example.com A\nwww.gslb.example.com AAAA\ngslb.example.com SOA\nnone.gslb.example.com A\n")
    said = run("dnsperf", "-s", "127.0.0.1", "-p", served.port, "-d", tmp_path / "questions", "-n", "250", "-c", "4", "-m", mode).stdout
    assert "Queries completed:    1000 (100.00%)" in said and "NOERROR 750 (75.00%), NXDOMAIN 250 (25.00%)" in said, said


@pytest.mark.skipif(not shutil.which("zonemaster-cli"), reason="zonemaster-cli is not installed")
def test_zonemaster_finds_nothing_that_is_gslbds(network, tmp_path):
    n = network({"server": ["10.56.0.1"], "client": ["10.56.0.2"]})
    n.inside("server", "ip", "address", "add", "10.57.0.1/32", "dev", "lo")
    n.inside("client", "ip", "route", "add", "10.57.0.0/24", "via", "10.56.0.1")
    (tmp_path / "g").mkdir()
    g = Gslbd(tmp_path / "g", listen="0.0.0.0:53", prefix=n.within("server")).start()
    try:
        run(*n.within("server"), *g.ctl_command("apply", "-f", "-"), input=ZONE, check=True)
        tests = [word for name in ("basic", "consistency", "nameserver", "syntax", "zone", "connectivity", "delegation") for word in ("--test", name)]
        said = run(*n.within("client"), "zonemaster-cli", "gslb.example.com", "--ns", "ns1.gslb.example.com/10.56.0.1", "--ns", "ns2.gslb.example.com/10.57.0.1",
                   "--no-ipv6", "--level", "INFO", "--json", "--no-progress", *tests)
        found = json.loads(said.stdout)
        found = found.get("results", found) if isinstance(found, dict) else found
        seen = {e["tag"] for e in found}
        assert seen >= {"HAS_NAMESERVERS", "ONE_SOA_SERIAL", "EDNS0_SUPPORT", "AXFR_FAILURE", "NO_RECURSOR", "QNAME_CASE_SENSITIVE", "ARE_AUTHORITATIVE", "ONE_NS_SET"}, seen
        # What comes of a test network with no Internet, not of the server.
        about_the_network = re.compile("_AS|_ASN|IPV6|PREFIX|SAME_AS")
        complaints = [e for e in found if e["level"] in ("WARNING", "ERROR", "CRITICAL") and not about_the_network.search(e["tag"])]
        assert not complaints, complaints
    finally:
        assert g.stop() == 0
