"""Operations beside the configuration: drains over rollbacks, restarts and their end."""
from conftest import two_regions, wait_until

UNMONITORED = two_regions(9).replace("    monitor: web\n", "")


def drains(g):
    return {d["name"] for d in g.request("GET", "/v1/drains")[2]["items"]}


def test_rollback_neither_ends_drains_nor_brings_them_back(gslbd):
    g = gslbd()
    g.apply(UNMONITORED)
    g.ctl("pool", "drain", "web-us", "--reason", "was")
    before = g.request("GET", "/ready", token=False)[2]["revision"]
    g.ctl("pool", "restore", "web-us")
    g.ctl("region", "drain", "eu", "--reason", "in force")
    g.apply(UNMONITORED.replace("ttl: 5", "ttl: 7"))
    status, _, reply = g.request("POST", f"/v1/revisions/{before}/rollback")
    assert status == 200 and [c["kind"] for c in reply["changes"]] == ["services"], reply
    assert drains(g) == {"region/eu"}
    assert set(g.short("www.gslb.example.com", "10.1.2.0/24")) <= {"127.0.62.1", "127.0.62.2"}
    assert " 5 " in " ".join(g.dig("+noall", "+answer", "www.gslb.example.com").split())
