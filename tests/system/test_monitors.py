"""Each type of monitor against real servers: Redis, gRPC, name servers, TLS, echo requests, programs."""
import getpass
import os
import pathlib
import socket
import socketserver
import ssl
import subprocess
import tempfile
import threading

import pytest

from conftest import apply_monitors, expect_health, free_port, wait_until


def serve(server):
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    return server


def listens(port):
    with socket.socket() as s:
        return s.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def redis(tmp_path):
    port = free_port()
    process = subprocess.Popen(["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path)],
                               stdout=subprocess.DEVNULL)
    wait_until(lambda: listens(port), "redis listens")
    yield port
    process.terminate()
    process.wait(10)


def test_tcp_scripts_talk_to_redis_and_greeters(gslbd, redis):
    class Greeter(socketserver.BaseRequestHandler):
        def handle(self):
            self.request.sendall(b"220 mail.example")
            self.request.sendall(b".com ESMTP\r\n")
            if self.request.recv(100) == b"QUIT\r\n":
                self.request.sendall(b"221 bye\r\n")

    smtp = serve(socketserver.ThreadingTCPServer(("127.0.0.1", 0), Greeter))
    port = smtp.server_address[1]
    try:
        g = gslbd()
        apply_monitors(g, {
            "ping": f'type: tcp, port: {redis}, script: [{{send: "PING\\r\\n"}}, {{expect: "+PONG"}}]',
            "set": f'type: tcp, port: {redis}, script: [{{send: "SET a b\\r\\nGET a\\r\\n"}}, {{expect: "+OK"}}, {{expect: "b"}}]',
            "pang": f'type: tcp, port: {redis}, script: [{{send: "PING\\r\\n"}}, {{expect: "+PANG"}}]',
            "smtp": f'type: tcp, port: {port}, script: [{{expect_regex: "^220 .* ESMTP"}}, {{send_hex: "51554954 0d0a"}}, {{expect: "221"}}]',
            "closed": f'type: tcp, port: {port}, script: [{{expect: "220"}}, {{send: "HELO\\r\\n"}}, {{expect: "250"}}]',
            "mute": f'type: tcp, port: {redis}, script: [{{expect: "hello"}}]',
        })
        expect_health(g, {"ping": ("up", "ok"), "set": ("up", "ok"), "smtp": ("up", "ok"),
                          "pang": ("down", "timeout", 'no "+PANG" in "+PONG..'), "closed": ("down", "body", 'no "250"'),
                          "mute": ("down", "timeout", 'no "hello": it said nothing')})
    finally:
        smtp.shutdown()
        smtp.server_close()


def test_udp_replies_are_looked_into(gslbd):
    class Echo(socketserver.BaseRequestHandler):
        def handle(self):
            self.request[1].sendto(b"you said " + self.request[0], self.client_address)

    echo = serve(socketserver.ThreadingUDPServer(("127.0.0.1", 0), Echo))
    silent = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    silent.bind(("127.0.0.1", 0))
    port = echo.server_address[1]
    try:
        g = gslbd()
        apply_monitors(g, {
            "any": f"type: udp, port: {port}",
            "text": f"type: udp, port: {port}, udp: {{send: ping, expect: said ping}}",
            "hex": f"type: udp, port: {port}, udp: {{send_hex: '00ff', expect_hex: '00ff', expect_regex: '^you'}}",
            "other": f"type: udp, port: {port}, udp: {{send: ping, expect: pong}}",
            "silent": f"type: udp, port: {silent.getsockname()[1]}, udp: {{send: ping}}",
            "nobody": f"type: udp, port: {free_port()}, udp: {{send: ping}}",
        })
        expect_health(g, {"any": ("up", "ok"), "text": ("up", "ok"), "hex": ("up", "ok"), "silent": ("down", "timeout"),
                          "other": ("down", "body", 'no "pong" in "you said ping"'), "nobody": ("down", "connect_refused")})
    finally:
        echo.shutdown()
        echo.server_close()
        silent.close()


def test_icmp_echo_requests_are_answered(gslbd):
    g = gslbd()
    g.apply("""
regions: [{name: eu, default: true}]
monitors: [{name: ping, type: icmp, interval: 300ms, timeout: 250ms, rise: 1, fall: 1}]
pools:
  - name: p
    region: eu
    monitor: ping
    endpoints: [{name: v4, address: 127.0.0.9}, {name: v6, address: "::1"}]
""")
    g.wait_state("p/v4", "up")
    g.wait_state("p/v6", "up")


def test_dns_answers_are_looked_into(gslbd):
    asked = gslbd()
    asked.apply("""
zones:
  - name: example.com
    ns: [ns1.example.com]
    records:
      - {name: ns1, type: A, data: [127.0.0.1]}
      - {name: mail, type: MX, data: [10 mx1, 20 mx2]}
      - {name: big, type: TXT, data: ["a", "b", "c"]}
""")
    port = asked.port
    g = gslbd()
    apply_monitors(g, {
        "soa": f"type: dns, port: {port}, dns: {{name: example.com, type: SOA, min_answers: 1}}",
        "mx": f"type: dns, port: {port}, dns: {{name: MAIL.example.com, type: MX, answers: [20 MX2.example.com.]}}",
        "tcp": f"type: dns, port: {port}, dns: {{name: big.example.com, type: TXT, transport: tcp, min_answers: 3}}",
        "none": f"type: dns, port: {port}, dns: {{name: none.example.com, rcode: NXDOMAIN}}",
        "refused": f"type: dns, port: {port}, dns: {{name: example.org}}",
        "few": f"type: dns, port: {port}, dns: {{name: big.example.com, type: TXT, min_answers: 4}}",
        "other": f"type: dns, port: {port}, dns: {{name: mail.example.com, type: MX, answers: [10 mx9.example.com.]}}",
        "nobody": f"type: dns, port: {free_port()}, dns: {{name: example.com}}",
    })
    expect_health(g, {"soa": ("up", "ok", "NOERROR"), "mx": ("up", "ok"), "tcp": ("up", "ok"), "none": ("up", "ok", "NXDOMAIN"),
                      "refused": ("down", "status", "REFUSED"), "few": ("down", "body", "3 answers"),
                      "other": ("down", "body", "no 10 mx9.example.com."), "nobody": ("down", "connect_refused")})


def make_certificate(authority, name, days):
    """A certificate of the authority that ends in so many days (below 0: it has ended)."""
    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], check=True, capture_output=True, cwd=authority)

    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=web.example.com", "-keyout",
            f"{name}.key", "-out", f"{name}.csr")
    openssl("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", str(days),
            "-extfile", "ext", "-out", f"{name}.pem")


class Handshakes(socketserver.BaseRequestHandler):
    def handle(self):
        try:
            self.server.context.wrap_socket(self.request, server_side=True).close()
        except OSError:
            pass  # what it is about


def serve_tls(authority, name):
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handshakes)
    server.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.context.load_cert_chain(authority / f"{name}.pem", authority / f"{name}.key")
    return serve(server)


def test_tls_certificates_are_judged(gslbd, authority):
    make_certificate(authority, "long", 90)
    make_certificate(authority, "ended", -1)
    servers = {name: serve_tls(authority, name) for name in ("long", "ended")}
    port = {name: server.server_address[1] for name, server in servers.items()}
    plain = serve(socketserver.ThreadingTCPServer(("127.0.0.1", 0), type("Plain", (socketserver.BaseRequestHandler,), {
        "handle": lambda self: self.request.sendall(b"220 not TLS\r\n")})))
    ca = authority / "ca.pem"
    try:
        g = gslbd()
        apply_monitors(g, {
            "good": f"type: tls, port: {port['long']}, tls: {{ca_file: {ca}, name: web.example.com, min_days_left: 80}}",
            "short": f"type: tls, port: {port['long']}, tls: {{ca_file: {ca}, name: web.example.com, min_days_left: 100}}",
            "wrong": f"type: tls, port: {port['long']}, tls: {{ca_file: {ca}, name: other.example.com}}",
            "address": f"type: tls, port: {port['long']}, tls: {{ca_file: {ca}}}",
            "unknown": f"type: tls, port: {port['long']}, tls: {{name: web.example.com}}",
            "trusting": f"type: tls, port: {port['long']}, tls: {{verify: false}}",
            "ended": f"type: tls, port: {port['ended']}, tls: {{ca_file: {ca}, name: web.example.com}}",
            "plain": f"type: tls, port: {plain.server_address[1]}",
            "nofile": f"type: tls, port: {port['long']}, tls: {{ca_file: /nonexistent}}",
        })
        expect_health(g, {"good": ("up", "ok", "days left"), "short": ("down", "certificate", "days left"),
                          "wrong": ("down", "certificate", "hostname mismatch"), "address": ("down", "certificate", "IP address mismatch"),
                          "unknown": ("down", "certificate"), "trusting": ("up", "ok"), "ended": ("down", "certificate", "expired"),
                          "plain": ("down", "tls", "wrong version number"), "nofile": ("down", "internal")})
    finally:
        for server in (*servers.values(), plain):
            server.shutdown()
            server.server_close()


GRPC_SERVER = """
import concurrent.futures, sys, grpc
states = {b"": 1, b"\\x0a\\x04shop": 1, b"\\x0a\\x04cart": 2}
def check(request, context):
    if request not in states:
        context.abort(grpc.StatusCode.NOT_FOUND, "unknown service")
    return bytes([8, states[request]])
handlers = {"Check": grpc.unary_unary_rpc_method_handler(check, request_deserializer=bytes, response_serializer=bytes)}
server = grpc.server(concurrent.futures.ThreadPoolExecutor(4))
server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("grpc.health.v1.Health", handlers),))
plain = server.add_insecure_port("127.0.0.1:0")
key, certificate = (open(name, "rb").read() for name in sys.argv[1:])
tls = server.add_secure_port("127.0.0.1:0", grpc.ssl_server_credentials([(key, certificate)]))
server.start()
print(plain, tls, flush=True)
server.wait_for_termination()
"""


def test_grpc_health_is_asked_for(gslbd, authority):
    server = subprocess.Popen(["/usr/bin/python3", "-c", GRPC_SERVER, authority / "web.key", authority / "web.pem"], stdout=subprocess.PIPE, text=True)
    try:
        plain, tls = server.stdout.readline().split()
        ca = authority / "ca.pem"
        g = gslbd()
        apply_monitors(g, {
            "server": f"type: grpc, port: {plain}",
            "shop": f"type: grpc, port: {plain}, grpc: {{service: shop}}",
            "cart": f"type: grpc, port: {plain}, grpc: {{service: cart}}",
            "none": f"type: grpc, port: {plain}, grpc: {{service: none}}",
            "tls": f"type: grpc, port: {tls}, grpc: {{tls: true, service: shop}}, tls: {{ca_file: {ca}, name: web.example.com}}",
            "wrong": f"type: grpc, port: {tls}, grpc: {{tls: true}}, tls: {{ca_file: {ca}, name: other.example.com}}",
            "nobody": f"type: grpc, port: {free_port()}",
        })
        expect_health(g, {"server": ("up", "ok", "SERVING"), "shop": ("up", "ok"), "cart": ("down", "status", "NOT_SERVING"),
                          "none": ("down", "status", "grpc-status 5 unknown service"), "tls": ("up", "ok", "SERVING"),
                          "wrong": ("down", "certificate"), "nobody": ("down", "connect_refused")})
    finally:
        server.kill()
        server.wait(10)
        server.stdout.close()


def write_program(directory, name, text, mode=0o755):
    path = directory / name
    path.write_text("#!/bin/sh\n" + text)
    path.chmod(mode)


def test_programs_run_in_a_box_and_only_when_allowed(gslbd, tmp_path):
    programs = tmp_path / "programs"
    programs.mkdir(mode=0o755)
    write_program(programs, "good", 'echo "$GSLBD_ENDPOINT $GSLBD_ADDRESS:$GSLBD_PORT $1"\n')
    write_program(programs, "bad", "echo too many sessions\nexit 3\n")
    write_program(programs, "silent", "exit 4\n")
    write_program(programs, "slow", f"echo $$ >&1\nsleep 1000 & echo $! >/dev/null; wait\n")
    write_program(programs, "writes", f"echo spoiled >{tmp_path}/spoiled || exit 9\n")
    write_program(programs, "open", "exit 0\n", 0o757)
    write_program(programs, "closed", "exit 0\n", 0o644)
    write_program(programs, "environment", "test -z \"$HOME$SECRET\" && test $(ls /proc/self/fd | wc -l) -le 4\n")
    monitors = {
        "good": "type: exec, port: 7, exec: {program: good, arguments: [\"a; b\"]}",
        "bad": "type: exec, exec: {program: bad}",
        "silent": "type: exec, exec: {program: silent}",
        "slow": "type: exec, exec: {program: slow}",
        "writes": "type: exec, exec: {program: writes}",
        "open": "type: exec, exec: {program: open}",
        "closed": "type: exec, exec: {program: closed}",
        "missing": "type: exec, exec: {program: missing}",
        "environment": "type: exec, exec: {program: environment}",
    }
    os.environ["SECRET"] = "x"
    try:
        g = gslbd(f"probes: {{exec: {{directory: {programs}, user: {getpass.getuser()}}}}}\n")
    finally:
        del os.environ["SECRET"]
    apply_monitors(g, monitors)
    expect_health(g, {"good": ("up", "ok", "good/e 127.0.0.1:7 a; b"), "bad": ("down", "status", "too many sessions"),
                      "silent": ("down", "status", "exit status 4"), "slow": ("down", "timeout"), "writes": ("down", "status"),
                      "open": ("down", "internal", "written by anyone"), "closed": ("down", "status", "exit status 126"),
                      "missing": ("down", "internal", "No such file"), "environment": ("up", "ok")})
    assert not (tmp_path / "spoiled").exists() or (tmp_path / "spoiled").read_text() == ""
    apply_monitors(g, {"good": "enabled: false, type: tcp, port: 1", **{name: "enabled: false, type: tcp, port: 1" for name in monitors if name != "good"}})
    wait_until(lambda: "sleep" not in children(g.process.pid), "what hung is killed")
    off = gslbd()
    apply_monitors(off, {"good": "type: exec, exec: {program: good}"})
    expect_health(off, {"good": ("down", "internal", "runs no programs")})


@pytest.mark.skipif(os.geteuid() != 0, reason="only root changes the user")
def test_no_program_outlives_a_gslbd_that_is_killed(gslbd):
    with tempfile.TemporaryDirectory() as name:
        programs = pathlib.Path(name)
        programs.chmod(0o755)  # "nobody" looks into it
        write_program(programs, "slow", "exec sleep 1000\n")
        g = gslbd(f"probes: {{exec: {{directory: {programs}, user: nobody}}}}\n", wait_ready=False)
        g.apply("regions: [{name: eu, default: true}]\nmonitors: [{name: slow, type: exec, interval: 60s, timeout: 60s, exec: {program: slow}}]\n"
                "pools: [{name: slow, region: eu, monitor: slow, endpoints: [192.0.2.1]}]\n")

        def sleepers():
            listed = subprocess.run(["ps", "-o", "pid=,user=,comm=", "--ppid", str(g.process.pid)], capture_output=True, text=True).stdout
            return [int(line.split()[0]) for line in listed.splitlines() if line.split()[1:] == ["nobody", "sleep"]]
        wait_until(sleepers, "the program runs as nobody")
        pid = sleepers()[0]
        g.process.kill()
        g.process.wait()
        wait_until(lambda: not pathlib.Path(f"/proc/{pid}").exists(), "it goes with gslbd")


def children(pid):
    return subprocess.run(["ps", "--ppid", str(pid), "-o", "args="], capture_output=True, text=True).stdout


def test_exec_settings_that_are_not_safe_are_refused(gslbd, tmp_path):
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o777)
    from conftest import GSLBD
    for setting, said in ((f"directory: {tmp_path}/open", "can be written by anyone"), ("directory: relative", "absolute path"),
                          (f"directory: {tmp_path}, user: nobody-of-that-name", "cannot become"),
                          *([(f"directory: {tmp_path}", "expected who runs the programs")] if os.geteuid() == 0 else [])):
        path = tmp_path / "settings.yaml"
        path.write_text(f"listen: [\"127.0.0.1:0\"]\nstore: {tmp_path}/store\nprobes: {{exec: {{{setting}}}}}\n")
        run = subprocess.run([GSLBD, "--check", "-c", path], capture_output=True, text=True)
        assert run.returncode != 0 and said in run.stderr and "probes.exec" in run.stderr, run
