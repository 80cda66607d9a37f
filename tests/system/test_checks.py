"""Health checks against real servers: HTTPS with an authority of our own, statuses, slowness, TCP."""
import http.server
import ssl
import threading
import time

from conftest import apply_monitors, expect_health


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


def test_https_verifies_names_and_authorities(gslbd, authority):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority / "web.pem", authority / "web.key")
    server = serve(context)
    port, ca = server.server_address[1], authority / "ca.pem"
    try:
        g = gslbd()
        apply_monitors(g, {
            "good": f"type: https, port: {port}, host: web.example.com, tls: {{ca_file: {ca}}}",
            "named": f"type: https, port: {port}, tls: {{ca_file: {ca}, name: web.example.com}}",
            "wrong": f"type: https, port: {port}, host: other.example.com, tls: {{ca_file: {ca}}}",
            "unknown": f"type: https, port: {port}, host: web.example.com",
            "trusting": f"type: https, port: {port}, tls: {{verify: false}}",
        })
        expect_health(g, {"good": ("up", "ok"), "named": ("up", "ok"), "wrong": ("down", "certificate"), "unknown": ("down", "certificate"),
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
        apply_monitors(g, {
            "plain": f"type: http, port: {port}, path: /, host: www.example.com, headers: {{X-Check: '1'}}",
            "failing": f"type: http, port: {port}, path: /500",
            "expected": f"type: http, port: {port}, path: /500, expect: {{status: [500]}}",
            "moved": f"type: http, port: {port}, path: /moved",
            "slow": f"type: http, port: {port}, path: /slow",
            "large": f"type: http, port: {port}, path: /large",
            "tcp": f"type: tcp, port: {port}",
        })
        expect_health(g, {"plain": ("up", "ok"), "failing": ("down", "status"), "expected": ("up", "ok"), "moved": ("down", "status"),
                   "slow": ("down", "timeout"), "large": ("up", "ok"), "tcp": ("up", "ok")})
        host, check, agent, _ = next(s for s in Handler.seen if s[3] == "/")
        assert host.startswith("www.example.com") and check == "1" and agent.startswith("gslbd/")
    finally:
        server.shutdown()
        server.server_close()
