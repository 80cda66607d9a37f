"""Health checks against real servers: HTTPS with an authority of our own, statuses, slowness, TCP."""
import http.server
import ssl
import subprocess
import threading
import time

import pytest


@pytest.fixture
def authority(tmp_path):
    """A CA and a certificate for web.example.com signed by it."""
    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], check=True, capture_output=True, cwd=tmp_path)

    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=test CA",
            "-keyout", "ca.key", "-out", "ca.pem")
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=web.example.com", "-keyout",
            "web.key", "-out", "web.csr")
    (tmp_path / "ext").write_text("subjectAltName=DNS:web.example.com\n")
    openssl("x509", "-req", "-in", "web.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", "ext", "-out", "web.pem")
    return tmp_path


class Handler(http.server.BaseHTTPRequestHandler):
    seen = []

    def do_GET(self):
        Handler.seen.append((self.headers.get("Host"), self.headers.get("X-Check"), self.headers.get("User-Agent"), self.path))
        if self.path == "/slow":
            time.sleep(2)
        self.send_response({"/500": 500, "/moved": 302}.get(self.path, 200))
        if self.path == "/moved":
            self.send_header("Location", "/")
        self.end_headers()
        self.wfile.write(b"x" * 200000 if self.path == "/large" else b"ok")

    def log_message(self, *arguments):
        pass


class Quiet(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass  # a refused handshake or a closed connection is what some checks are about


def serve(context=None):
    server = Quiet(("127.0.0.1", 0), Handler)
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    return server


def world(g, monitors):
    text = "regions: [{name: eu, default: true}]\nmonitors:\n"
    text += "".join(f"  - {{name: {name}, interval: 300ms, timeout: 250ms, rise: 1, fall: 1, {rest}}}\n" for name, rest in monitors.items())
    text += "pools:\n" + "".join(f"  - {{name: {name}, region: eu, monitor: {name}, endpoints: [{{name: e, address: 127.0.0.1}}]}}\n" for name in monitors)
    g.apply(text)


def expect(g, wanted):
    for name, (state, reason) in wanted.items():
        g.wait_state(f"{name}/e", state)
        got = g.request("GET", f"/v1/health/{name}/e")[2]
        assert got["reason"] == reason, (name, got)


def test_https_verifies_names_and_authorities(gslbd, authority):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority / "web.pem", authority / "web.key")
    server = serve(context)
    port, ca = server.server_address[1], authority / "ca.pem"
    try:
        g = gslbd()
        world(g, {
            "good": f"type: https, port: {port}, host: web.example.com, tls: {{ca_file: {ca}}}",
            "named": f"type: https, port: {port}, tls: {{ca_file: {ca}, name: web.example.com}}",
            "wrong": f"type: https, port: {port}, host: other.example.com, tls: {{ca_file: {ca}}}",
            "unknown": f"type: https, port: {port}, host: web.example.com",
            "trusting": f"type: https, port: {port}, tls: {{verify: false}}",
        })
        expect(g, {"good": ("up", "ok"), "named": ("up", "ok"), "wrong": ("down", "certificate"), "unknown": ("down", "certificate"),
                   "trusting": ("up", "ok")})
    finally:
        server.shutdown()
        server.server_close()


def test_http_statuses_headers_and_limits(gslbd):
    server = serve()
    port = server.server_address[1]
    Handler.seen.clear()
    try:
        g = gslbd()
        world(g, {
            "plain": f"type: http, port: {port}, path: /, host: www.example.com, headers: {{X-Check: '1'}}",
            "failing": f"type: http, port: {port}, path: /500",
            "expected": f"type: http, port: {port}, path: /500, expect: {{status: [500]}}",
            "moved": f"type: http, port: {port}, path: /moved",
            "slow": f"type: http, port: {port}, path: /slow",
            "large": f"type: http, port: {port}, path: /large",
            "tcp": f"type: tcp, port: {port}",
        })
        expect(g, {"plain": ("up", "ok"), "failing": ("down", "status"), "expected": ("up", "ok"), "moved": ("down", "status"),
                   "slow": ("down", "timeout"), "large": ("up", "ok"), "tcp": ("up", "ok")})
        host, check, agent, _ = next(s for s in Handler.seen if s[3] == "/")
        assert host.startswith("www.example.com") and check == "1" and agent.startswith("gslbd/")
    finally:
        server.shutdown()
        server.server_close()
