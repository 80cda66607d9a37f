"""What a change touches on its way: nothing that is answered, before it is in force, and never if it is not."""
from conftest import wait_until
from test_alias import records

WORLD = """
regions: [{name: eu, default: true}]
monitors: [{name: said, type: external}]
zones: [{name: gslb.example.com, ns: [ns1.example.net]}]
"""


def test_a_dry_run_that_ends_checks_takes_no_endpoint_up(gslbd):
    g = gslbd()
    g.apply(WORLD + """
pools: [{name: p, region: eu, monitor: said, balance: all, endpoints: [{name: a, address: 192.0.2.1}, {name: b, address: 192.0.2.2}]}]
services: [{name: www.gslb.example.com, pools: [p]}]
""")
    assert g.request("PUT", "/v1/pools/p/endpoints/a/verdict", {"state": "down"})[0] in (200, 204)
    wait_until(lambda: g.short("www.gslb.example.com") == ["192.0.2.2"], "a is out")
    pool = g.request("GET", "/v1/pools/p")[2]
    del pool["monitor"]
    assert g.request("PUT", "/v1/pools/p?dry_run", pool)[0] == 200
    assert g.short("www.gslb.example.com") == ["192.0.2.2"]
    assert g.state("p/a") == "down"


def test_a_dry_run_of_a_service_inside_another_keeps_addresses_of_host_names(gslbd):
    resolver = gslbd()
    resolver.apply(records("cdn, type: A, ttl: 3600, data: [192.0.2.1]"))
    g = gslbd(settings=f'resolver: ["127.0.0.1:{resolver.port}"]\n')
    g.apply(WORLD + """
pools:
  - {name: cdn, region: eu, endpoints: [{name: a, address: cdn.example.net}]}
  - {name: inner, region: eu, service: in.gslb.example.com}
services:
  - {name: in.gslb.example.com, pools: [cdn]}
  - {name: gslb.example.com, pools: [inner], ttl: 30}
""")
    wait_until(lambda: g.short("gslb.example.com") == ["192.0.2.1"], "the host name is known")
    inner = g.request("GET", "/v1/services/in.gslb.example.com")[2]
    inner["steering"] = "random"
    for path in ("?dry_run", ""):
        assert g.request("PUT", f"/v1/services/in.gslb.example.com{path}", inner)[0] == 200
        assert g.short("gslb.example.com") == ["192.0.2.1"], path or "in force"
