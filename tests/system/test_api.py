"""The admin API and the command line: what goes in comes back, what is wrong changes nothing."""
import concurrent.futures
import json
import re
import socket
import subprocess

from conftest import two_regions, wait_until

PROBLEM = "application/problem+json"


def serving(gslbd):
    g = gslbd(settings="probes: {enabled: true, name: local}\n")
    g.apply(two_regions(9))
    return g


def revision(g):
    return g.request("GET", "/ready", token=False)[2]["revision"]


def test_apply_is_idempotent_and_atomic(gslbd):
    g = serving(gslbd)
    before = revision(g)
    assert "nothing to change" in g.apply(two_regions(9)).stdout
    bad = two_regions(9).replace("fallback: [us]", "fallback: [mars]").replace("ttl: 5", "ttl: ten")
    run = g.apply(bad, check=False)
    assert run.returncode == 1 and "services[0].ttl: expected an integer from 0 to 86400, got \"ten\"" in run.stderr
    run = g.apply(bad.replace("ttl: ten", "ttl: 7"), check=False)
    assert "regions[eu].fallback[0]: refers to regions[mars], which does not exist" in run.stderr
    assert revision(g) == before
    assert "dry run: nothing was changed" in g.ctl("apply", "-f", "-", "--dry-run", stdin=two_regions(10)).stdout
    assert revision(g) == before


def test_what_get_gives_put_takes_back_without_a_change(gslbd):
    g = serving(gslbd)
    before = revision(g)
    for kind in ("regions", "networks", "monitors", "pools", "zones", "services"):
        for item in g.request("GET", f"/v1/{kind}")[2]["items"]:
            key = (item.get("name") or item["cidr"]).replace("/", "%2F")
            status, headers, document = g.request("GET", f"/v1/{kind}/{key}")
            assert status == 200 and headers["ETag"] and document == item
            status, headers, reply = g.request("PUT", f"/v1/{kind}/{key}", document)
            assert (status, reply["changed"], int(headers["Gslbd-Revision"])) == (200, False, before), (kind, key, reply)
    whole = g.ctl("get", "-o", "yaml").stdout
    assert "nothing to change" in g.apply(whole).stdout


def test_items_and_parts_have_the_usual_verbs(gslbd):
    g = serving(gslbd)
    status, headers, reply = g.request("POST", "/v1/monitors", {"name": "m", "type": "tcp", "port": 25})
    assert status == 201 and reply["changed"] and reply["revision"] == revision(g)
    assert g.request("POST", "/v1/monitors", {"name": "m", "type": "tcp", "port": 25})[0] == 409
    assert g.request("DELETE", "/v1/monitors/m")[0] == 200
    assert g.request("GET", "/v1/monitors/m")[0] == 404
    status, _, reply = g.request("DELETE", "/v1/monitors/web")
    assert status == 409 and any(p["path"] == "pools[web-eu].monitor" for p in reply["problems"])
    endpoint = {"name": "eu3", "address": "127.0.61.3", "weight": 7}
    assert g.request("POST", "/v1/pools/web-eu/endpoints", endpoint)[0] == 201
    assert g.request("GET", "/v1/pools/web-eu/endpoints/eu3")[2] == endpoint
    assert g.request("PUT", "/v1/pools/web-eu/endpoints/eu3", {**endpoint, "weight": 8})[0] == 200
    assert [e["name"] for e in g.request("GET", "/v1/pools/web-eu/endpoints")[2]["items"]] == ["eu1", "eu2", "eu3"]
    assert g.request("DELETE", "/v1/pools/web-eu/endpoints/eu3")[0] == 200
    record = {"name": "txt", "type": "TXT", "data": ["\"hello\""]}
    assert g.request("POST", "/v1/zones/gslb.example.com/records", record)[0] == 201
    assert g.dig("+short", "txt.gslb.example.com", "TXT").strip() == '"hello"'
    assert g.request("PUT", "/v1/zones/GSLB.example.com./records/txt/TXT", {"data": ["\"bye\""]})[0] == 200
    assert g.dig("+short", "txt.gslb.example.com", "TXT").strip() == '"bye"'
    assert g.request("DELETE", "/v1/zones/gslb.example.com/records/txt/txt")[0] == 200
    assert "NXDOMAIN" in g.dig("txt.gslb.example.com", "TXT")


def test_if_match_loses_no_update(gslbd):
    g = serving(gslbd)

    def add_one(_):
        while True:
            _, headers, pool = g.request("GET", "/v1/pools/web-us")
            pool["endpoints"][0]["weight"] = pool["endpoints"][0].get("weight", 0) + 1
            status = g.request("PUT", "/v1/pools/web-us", pool, {"If-Match": headers["ETag"]})[0]
            if status == 200:
                return
            assert status == 412

    with concurrent.futures.ThreadPoolExecutor(4) as workers:
        list(workers.map(add_one, range(20)))
    assert g.request("GET", "/v1/pools/web-us")[2]["endpoints"][0]["weight"] == 20


def test_wrong_requests_get_the_right_status_and_change_nothing(gslbd):
    g = serving(gslbd)
    before = revision(g)
    cases = [
        ("GET", "/v1/pools", None, {}, False, 401), ("GET", "/v1/pools", None, {}, "gslbd_wrong", 401),
        ("GET", "/v1/nothing", None, {}, True, 404), ("GET", "/nothing", None, {}, False, 404),
        ("DELETE", "/v1/apply", None, {}, True, 405), ("PUT", "/v1/pools", {}, {}, True, 405),
        ("POST", "/v1/apply", b"{", {}, True, 400), ("POST", "/v1/apply", b"[]", {}, True, 422),
        ("POST", "/v1/apply", b"x", {"Content-Type": "image/png"}, True, 415),
        ("POST", "/v1/monitors", b'{"name": "m", "type": "tcp", "port": 1, "path": "/' + b"x" * 2000000 + b'"}', {}, True, 413),
        ("PUT", "/v1/pools/web-eu", {"name": "other", "region": "eu"}, {}, True, 422),
        ("PUT", "/v1/pools/web-eu", {"region": "eu", "balence": "weighted"}, {}, True, 422),
        ("PUT", "/v1/pools/web-eu", {"region": "eu"}, {"If-Match": '"0"'}, True, 412),
        ("POST", "/v1/regions/mars/drain", {}, {}, True, 404), ("POST", "/v1/regions/eu/drain", {"for": "soon"}, {}, True, 422),
        ("GET", "/v1/explain?name=www.gslb.example.com&client=x", None, {}, True, 400),
        ("GET", "/v1/pools?limit=0", None, {}, True, 400), ("GET", "/v1/revisions/999", None, {}, True, 404),
    ]
    for method, path, body, headers, token, expected in cases:
        status, got, reply = g.request(method, path, body, headers, token)
        assert status == expected, (method, path, status, reply)
        assert got["Content-Type"] == PROBLEM and reply["status"] == expected and reply["detail"]
    assert revision(g) == before


def test_an_empty_body_in_any_format_ends_nothing(gslbd):
    g = serving(gslbd)
    g.apply("probers: [{name: far}]")
    before = revision(g)
    far = g.request("POST", "/v1/tokens", {"name": "far", "role": "prober", "prober": "far"})[2]["secret"]
    before = revision(g)
    calls = [call for call in g.request("GET", "/v1/calls")[2]["items"] if call.get("body", "none") != "none" and call["method"] != "GET"]
    assert {"/v1/apply", "/v1/explain", "/v1/probers/{}/report", "/v1/restore"} <= {call["path"] for call in calls}
    for call in calls:
        path = call["path"].replace("{kind}", "pools").replace("{}", "far")
        for query in ("?dry_run",) if call["changes"] else ("", "?name=www.gslb.example.com&client=192.0.2.1"):
            for format in ("application/yaml", "application/json", "text/plain"):
                status, _, reply = g.request(call["method"], path + query, b"", {"Content-Type": format}, token=far if call["role"] == "prober" else True)
                assert status < 500, (path, format, status, reply)
    assert g.process.poll() is None and revision(g) == before


def raw(g, text):
    with socket.create_connection(("127.0.0.1", g.api_port), timeout=5) as s:
        s.sendall(text)
        return s.recv(65536).decode(errors="replace")


def test_requests_that_could_smuggle_are_refused(gslbd):
    g = serving(gslbd)
    assert " 400 " in raw(g, b"POST /v1/apply HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n{}")
    assert " 400 " in raw(g, b"POST /v1/apply HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
    assert g.request("GET", "/live", token=False)[0] == 200


def test_roles_are_kept(gslbd):
    g = serving(gslbd)
    secrets = {role: g.request("POST", "/v1/tokens", {"name": role, "role": role})[2]["secret"] for role in ("read", "operate")}
    assert g.request("GET", "/v1/pools", token=secrets["read"])[0] == 200
    assert g.request("POST", "/v1/regions/eu/drain", {}, token=secrets["read"])[0] == 403
    assert g.request("POST", "/v1/regions/eu/drain", {}, token=secrets["operate"])[0] == 200
    assert g.request("GET", "/v1/tokens", token=secrets["operate"])[0] == 403
    assert "hash" not in json.dumps(g.request("GET", "/v1/tokens")[2])
    assert "sha256" not in json.dumps(g.request("GET", "/v1/revisions?changes=true")[2])
    assert (g.store / "admin.token").stat().st_mode & 0o777 == 0o600


def test_history_and_rollback(gslbd):
    g = serving(gslbd)
    first = revision(g)
    g.apply(two_regions(9).replace("ttl: 5", "ttl: 9"))
    entry = g.request("GET", f"/v1/revisions/{first + 1}")[2]
    assert entry["author"] == "admin" and entry["changes"][0]["old"]["ttl"] == 5 and entry["changes"][0]["new"]["ttl"] == 9
    reply = g.request("POST", f"/v1/revisions/{first}/rollback")[2]
    assert reply["revision"] == first + 2
    assert g.request("GET", "/v1/services/www.gslb.example.com")[2]["ttl"] == 5


def test_a_pool_that_contains_a_service_says_what_to_drain(gslbd):
    g = serving(gslbd)
    g.apply("""pools: [{name: inner, region: eu, service: www.gslb.example.com}]
services: [{name: outer.gslb.example.com, pools: [inner]}]
""")
    assert g.short("outer.gslb.example.com", "10.1.0.0/24")[0].startswith("127.0.61.")
    status, _, reply = g.request("POST", "/v1/pools/inner/drain", {})
    assert status == 409 and "drain the pools of that service" in reply["detail"]


def test_pushed_load_figures_steer_and_expire(gslbd):
    g = serving(gslbd)
    g.apply("pools: [{name: web-eu, region: eu, balance: least_load, endpoints: [{name: eu1, address: 127.0.61.1}, {name: eu2, address: 127.0.61.2}]}]")

    def share():
        return sum(g.short("www.gslb.example.com", "10.1.0.0/24") == ["127.0.61.2"] for _ in range(20))

    def push(endpoint, **figures):
        return g.request("PUT", f"/v1/pools/web-eu/endpoints/{endpoint}/figures", figures)[0]

    assert push("eu1", load=95, ttl="3s") == 204 and push("eu2", load=5, ttl="3s") == 204
    wait_until(lambda: share() >= 15, "the idle endpoint gets most")
    assert g.request("GET", "/v1/health/web-eu/eu1")[2]["load"] == 95
    wait_until(lambda: "load" not in g.request("GET", "/v1/health/web-eu/eu1")[2], "the figure is not known any more")
    assert push("eu3", load=1) == 404 and push("eu1", load="much") == 422 and push("eu1", lode=1) == 422


def test_bulk_edits_are_one_revision(gslbd):
    g = serving(gslbd)
    g.apply("""pools:
  - {name: web-eu, region: eu, labels: [rack1], endpoints: [{name: eu1, address: 127.0.61.1, labels: [old]}, 127.0.61.2]}
  - {name: web-us, region: us, endpoints: [{name: us1, address: 127.0.62.1, labels: [old]}, {name: us2, address: 127.0.62.2}]}
""")
    before = revision(g)

    def drained():
        return {d["name"] for d in g.request("GET", "/v1/drains")[2]["items"]}

    status, _, reply = g.request("POST", "/v1/bulk", {"select": {"label": "old"}, "drain": {"for": "1h", "reason": "x"}})
    assert status == 200 and reply["endpoints"] == ["web-eu/eu1", "web-us/us1"] and revision(g) == before + 1
    assert drained() == {"endpoint/web-eu/eu1", "endpoint/web-us/us1"}
    assert g.short("www.gslb.example.com", "10.1.0.0/24") == ["127.0.61.2"]
    assert g.request("POST", "/v1/bulk", {"select": {"label": "old", "region": "us"}, "restore": True})[0] == 200
    assert drained() == {"endpoint/web-eu/eu1"}
    g.ctl("bulk", "weight", "9", "--cidr", "127.0.61.0/24")
    assert [e["weight"] for e in g.request("GET", "/v1/pools/web-eu/endpoints")[2]["items"]] == [9, 9]
    g.ctl("bulk", "disable", "--label", "rack1")
    assert g.short("www.gslb.example.com", "10.1.0.0/24")[0].startswith("127.0.62.")
    before = revision(g)
    for body, expected in (({"select": {}, "weight": 1}, 422), ({"select": {"pool": "web-eu"}}, 422), ({"select": {"region": "mars"}, "weight": 1}, 422),
                           ({"select": {"pool": "web-eu"}, "weight": 1, "restore": True}, 422), ({"select": {"label": "none"}, "weight": 1}, 404),
                           ({"select": {"pool": "web-eu"}, "drain": {"for": "soon"}}, 422)):
        assert g.request("POST", "/v1/bulk", body)[0] == expected, body
    reply = g.request("POST", "/v1/bulk", {"select": {}, "weight": 1, "drain": {"for": "soon"}})[2]
    assert [one["path"] for one in reply["problems"]] == ["", "select", "drain.for"], reply
    assert revision(g) == before


def test_metrics_are_prometheus_text(gslbd):
    g = serving(gslbd)
    g.short("www.gslb.example.com", "10.1.0.0/24")
    text = g.request("GET", "/metrics", token=False)[2]
    for piece in ("gslbd_udp_queries_total ", 'gslbd_endpoint_up{pool="web-eu",endpoint="eu1"} ', "gslbd_revision ", "gslbd_build_info"):
        assert piece in text
    assert "\ngslbd_ecs_queries_total 1\n" in text
    longest = float(re.search(r"\ngslbd_control_longest_seconds (\S+)\n", text).group(1))
    assert 0 < longest < 10  # it has answered calls, none of which takes long
    for line in text.splitlines():
        assert line.startswith("#") or len(line.rsplit(" ", 1)) == 2


def test_zone_files_go_in_and_out(gslbd, tmp_path):
    g = serving(gslbd)
    zone = tmp_path / "zone"
    zone.write_text("""$ORIGIN example.org.
$TTL 300
@ SOA ns1 hostmaster 5 3600 600 86400 60
@ NS ns1
ns1 A 192.0.2.1
www 60 A 192.0.2.2
www 60 A 192.0.2.3
_sip._tcp SRV 1 2 5060 www
txt TXT "a b" "c;d"
@ CAA 0 issue "ca.example.net"
svc HTTPS 1 . alpn=h2 ipv4hint=192.0.2.2
""")
    assert "zones[example.org]" in g.ctl("zone", "import", str(zone)).stdout
    assert g.short("www.example.org") == ["192.0.2.2", "192.0.2.3"]
    exported = tmp_path / "exported"
    exported.write_text(g.ctl("zone", "export", "example.org").stdout)
    assert subprocess.run(["named-checkzone", "example.org", exported], capture_output=True).returncode == 0
    read = subprocess.run(["ldns-read-zone", exported], capture_output=True, text=True)
    assert read.returncode == 0 and "5060 www.example.org." in read.stdout
    again = tmp_path / "again"
    again.write_text(exported.read_text())
    assert "nothing to change" in g.ctl("zone", "import", str(again)).stdout
