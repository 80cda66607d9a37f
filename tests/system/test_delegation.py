"""Delegated for real: knot as root and parent, unbound as resolver with client subnets, gslbd as the child, each in a network
namespace of its own, asked through the resolver by clients of two regions."""
import signal
import subprocess
import sys
import textwrap

import pytest

from conftest import Gslbd, wait_until

NAME = "www.gslb.example.com"
HOSTS = {"root": "10.53.0.1", "child": "10.53.0.2", "resolver": "10.53.0.3", "client": "10.53.0.4"}


@pytest.fixture
def internet(network):
    n = network({name: [address] for name, address in HOSTS.items()})
    # clients of two regions: addresses that the resolver reaches through the client host
    for address in ("10.1.0.5", "10.2.0.5"):
        n.inside("client", "ip", "address", "add", f"{address}/32", "dev", "lo")
        n.inside("resolver", "ip", "route", "add", f"{address}/32", "via", HOSTS["client"])
    return n


def write(path, text):
    path.write_text(textwrap.dedent(text))
    return path


def start_root(n, directory):
    soa = "ns 1 3600 600 86400 5"
    write(directory / "root.zone", f"$TTL 60\n. SOA a.root. {soa}\n. NS a.root.\na.root. A 10.53.0.1\nexample.com. NS ns.example.com.\nns.example.com. A 10.53.0.1\n")
    write(directory / "example.zone", f"$ORIGIN example.com.\n$TTL 60\n@ SOA ns {soa}\n@ NS ns\nns A 10.53.0.1\ngslb NS ns1.gslb\nns1.gslb A 10.53.0.2\n")
    for d in ("knot-run", "knot-db"):
        (directory / d).mkdir()
    configuration = write(directory / "knot.conf", f"""\
        server:
          listen: 10.53.0.1@53
          rundir: {directory}/knot-run
        database:
          storage: {directory}/knot-db
        zone:
          - domain: .
            file: {directory}/root.zone
          - domain: example.com
            file: {directory}/example.zone
        """)
    n.start("root", "knotd", "-c", configuration)


def start_resolver(n, directory):
    hints = write(directory / "hints", ". 60 NS a.root.\na.root. 60 A 10.53.0.1\n")
    configuration = write(directory / "unbound.conf", f"""\
        server:
          interface: 10.53.0.3
          access-control: 10.0.0.0/8 allow
          do-daemonize: no
          username: ""
          chroot: ""
          directory: "{directory}"
          pidfile: ""
          use-syslog: no
          root-hints: "{hints}"
          module-config: "subnetcache iterator"
          send-client-subnet: 10.53.0.2
          max-client-subnet-ipv4: 24
          qname-minimisation: yes
          do-not-query-localhost: no
        remote-control:
          control-enable: no
        """)
    n.start("resolver", "unbound", "-d", "-c", configuration)


def start_child(n, directory):
    server = write(directory / "endpoint.py", """\
        import http.server, sys
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200); self.end_headers()
            def log_message(self, *a): pass
        http.server.ThreadingHTTPServer((sys.argv[1], 8080), Handler).serve_forever()
        """)
    servers = {a: n.start("child", sys.executable, server, a) for a in ("127.0.61.1", "127.0.62.1")}
    (directory / "child").mkdir()
    g = Gslbd(directory / "child", listen="10.53.0.2:53", prefix=n.within("child")).start()

    def ctl(*arguments, stdin=None):
        return subprocess.run(n.within("child") + [str(a) for a in g.ctl_command(*arguments)], input=stdin, check=True, capture_output=True, text=True).stdout

    ctl("apply", "-f", "-", stdin="""
regions: [{name: eu, fallback: [us]}, {name: us, fallback: [eu], default: true}]
networks: [{cidr: 10.1.0.0/16, region: eu}, {cidr: 10.2.0.0/16, region: us}]
monitors: [{name: web, type: http, port: 8080, interval: 200ms, timeout: 150ms, rise: 2, fall: 2}]
pools:
  - {name: web-eu, region: eu, monitor: web, endpoints: [{name: eu1, address: 127.0.61.1}]}
  - {name: web-us, region: us, monitor: web, endpoints: [{name: us1, address: 127.0.62.1}]}
zones: [{name: gslb.example.com, ns: [ns1.gslb.example.com], records: [{name: ns1, type: A, data: [10.53.0.2]}]}]
services: [{name: www.gslb.example.com, ttl: 1, pools: [web-eu, web-us]}]
""")
    return g, ctl, servers


def test_clients_behind_a_resolver_get_their_region_and_fail_over_after_the_ttl(internet, tmp_path):
    n = internet
    start_root(n, tmp_path)
    g, ctl, servers = start_child(n, tmp_path)
    try:
        start_resolver(n, tmp_path)

        def asked(client):
            reply = subprocess.run(n.within("client") + ["dig", "@10.53.0.3", "-b", client, "+short", "+tries=1", "+time=2", NAME],
                                   capture_output=True, text=True).stdout
            return reply.split()

        wait_until(lambda: asked("10.1.0.5") == ["127.0.61.1"], "a client of eu gets eu through the resolver", 20)
        wait_until(lambda: asked("10.2.0.5") == ["127.0.62.1"], "a client of us gets us through the resolver")

        servers["127.0.61.1"].terminate()  # the region dies
        wait_until(lambda: asked("10.1.0.5") == ["127.0.62.1"], "eu's client is in us after the TTL")
        assert asked("10.2.0.5") == ["127.0.62.1"]

        ctl("region", "drain", "us", "--for", "10m", "--reason", "test", "--force")  # now nothing usable is left but what is drained or dead
        story = ctl("explain", NAME, "--client", "10.1.0.5")
        assert "drain" in story
        ctl("region", "restore", "us")
        wait_until(lambda: asked("10.2.0.5") == ["127.0.62.1"], "us serves again")
    finally:
        g.process.send_signal(signal.SIGTERM)
        assert g.process.wait(10) == 0
        g.log.close()
