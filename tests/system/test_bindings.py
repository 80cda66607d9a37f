"""SVCB and HTTPS of services (RFC 9460) with the real programs: hints follow health, region and drains."""
import json
import re
import subprocess

from conftest import two_regions, wait_until

NAME = "www.gslb.example.com"
EU, US = {"127.0.61.1", "127.0.61.2"}, {"127.0.62.1", "127.0.62.2"}
HTTPS = "https: [{params: 'alpn=h2,h3 port=8443'}], svcb: [{priority: 2, target: www.gslb.example.com, params: alpn=dot}]"


def hints(g, subnet="10.1.0.0/24", kind="HTTPS", times=10):
    found = set()
    for _ in range(times):
        found |= set(re.findall(r"ipv4hint=(\S+)", g.dig("+short", NAME, kind, f"+subnet={subnet}")))
    return found


def scope(g, kind):
    return re.search(r"CLIENT-SUBNET: (\S+)", g.dig(NAME, kind, "+subnet=10.1.7.0/24")).group(1)


def test_rfc9460_hints_follow_health_region_and_drain(gslbd, endpoints):
    eu1, eu2, us1, us2 = endpoints("127.0.61.1", "127.0.61.2", "127.0.62.1", "127.0.62.2")
    g = gslbd()
    g.apply(two_regions(eu1.port).replace("pools: [web-eu, web-us]", f"pools: [web-eu, web-us], {HTTPS}"))
    for e in ("web-eu/eu1", "web-eu/eu2", "web-us/us1", "web-us/us2"):
        g.wait_state(e, "up")
    text = g.dig(NAME, "TYPE65", "+subnet=10.1.0.0/24")
    assert re.search(r"www\.gslb\.example\.com\.\s+5\s+IN\s+HTTPS\s+1 \. alpn=\"h2,h3\" port=8443 ipv4hint=127\.0\.61\.[12]\n", text), text
    assert re.search(r"www\.gslb\.example\.com\.\s+5\s+IN\s+A\s+127\.0\.61\.[12]\n", text), text
    assert hints(g, times=40) == EU and hints(g, "10.2.0.0/24", times=40) == US
    assert hints(g, kind="SVCB") <= EU
    assert scope(g, "HTTPS") == scope(g, "A") == "10.1.7.0/24/16"
    kdig = subprocess.run(["kdig", "@127.0.0.1", "-p", str(g.port), NAME, "HTTPS", "+subnet=10.2.0.0/24"], capture_output=True, text=True, timeout=20)
    assert re.search(r"HTTPS\s+1 \. alpn=h2,h3 port=8443 ipv4hint=127\.0\.62\.", kdig.stdout), kdig.stdout
    eu1.stop()
    wait_until(lambda: hints(g, times=20) == {"127.0.61.2"}, "the hints leave the endpoint that is down")
    g.ctl("region", "drain", "eu", "--reason", "test")
    assert hints(g) <= US
    g.ctl("region", "restore", "eu")
    assert hints(g) == {"127.0.61.2"}


def test_a_service_with_bindings_is_explained_and_comes_back_as_it_was_given(gslbd, endpoints):
    eu1, *_ = endpoints("127.0.61.1", "127.0.61.2", "127.0.62.1", "127.0.62.2")
    g = gslbd()
    g.apply(two_regions(eu1.port).replace("pools: [web-eu, web-us]", f"pools: [web-eu, web-us], {HTTPS}"))
    g.wait_state("web-us/us1", "up")
    story = g.ctl("explain", NAME, "--type", "HTTPS", "--client", "10.2.0.1").stdout
    assert "HTTPS record this time: 1 . alpn=h2,h3 port=8443 ipv4hint=127.0.62." in story, story
    one = json.loads(g.ctl("get", "services", NAME, "-o", "json").stdout)
    assert one["https"] == [{"params": "alpn=h2,h3 port=8443"}], one
    refused = g.apply(two_regions(eu1.port).replace("pools: [web-eu, web-us]", "pools: [web-eu], https: [{params: port=99999}]"), check=False)
    assert refused.returncode and "services[www.gslb.example.com].https[0].params" in refused.stdout + refused.stderr
    assert hints(g) <= EU
