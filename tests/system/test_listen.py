"""The sockets: who has a port has it alone, and connections live as long as they are used."""
import os
import pathlib
import resource
import signal
import socket
import struct
import subprocess
import time

import pytest

from conftest import GSLBD, wait_until

ASK_A = struct.pack(">HHHHHH", 7, 0, 1, 0, 0, 0) + b"\x01a\x04gslb\x07example\x03com\0" + struct.pack(">HH", 1, 1)
ASK_AXFR = struct.pack(">HHHHHH", 1, 0, 1, 0, 0, 0) + b"\x04gslb\x07example\x03com\0" + struct.pack(">HH", 252, 1)


def framed(message):
    return struct.pack(">H", len(message)) + message


@pytest.mark.parametrize("listen", ["127.0.0.1:%d", "0.0.0.0:%d"])
def test_a_second_gslbd_on_the_same_port_is_refused_and_told_who_has_it(gslbd, tmp_path, listen):
    g = gslbd()
    (tmp_path / "second.yaml").write_text(f'listen: ["{listen % g.port}"]\nstore: {tmp_path}/second\nadmin: {{listen: "127.0.0.1:0"}}\n')
    run = subprocess.run([GSLBD, "-c", tmp_path / "second.yaml"], capture_output=True, text=True, timeout=20)
    assert run.returncode != 0 and f"cannot listen on {listen % g.port} (TCP): Address already in use; gslbd, process {g.process.pid}, has this port" in run.stderr


def test_a_port_that_another_program_has_for_udp_alone_is_refused(gslbd, tmp_path):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind(("127.0.0.1", 0))
        (tmp_path / "g.yaml").write_text(f'listen: ["127.0.0.1:{other.getsockname()[1]}"]\nstore: {tmp_path}/store\nadmin: {{listen: "127.0.0.1:0"}}\n')
        run = subprocess.run([GSLBD, "-c", tmp_path / "g.yaml"], capture_output=True, text=True, timeout=20)
        assert run.returncode != 0 and "(UDP): Address already in use; " in run.stderr and ", process " in run.stderr


def test_nobody_takes_queries_by_reusing_the_address(gslbd):
    g = gslbd()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as thief:
        thief.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with pytest.raises(OSError):
            thief.bind(("127.0.0.1", g.port))


def test_gslbd_starts_again_at_once_on_a_port_of_connections_that_ended(gslbd):
    g = gslbd()
    stream = socket.create_connection(("127.0.0.1", g.port), 5)
    stream.sendall(framed(ASK_A))
    assert stream.recv(100)
    g.stop()  # it ends the connection, so the port is in TIME_WAIT
    stream.close()
    g.start()


def test_an_axfr_that_flows_is_not_cut_at_the_idle_timeout(gslbd):
    g = gslbd("tcp: {idle_timeout: 500ms}\n")
    text = "x" * 250
    records = "".join(f'      - {{name: n{i}, type: TXT, data: [\'"{text}" "{text}"\']}}\n' for i in range(20000))
    g.apply(f"zones:\n  - name: gslb.example.com\n    ns: [ns1.example.net]\n    transfer: {{allow: [127.0.0.1]}}\n    records:\n{records}")
    with socket.socket() as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
        slow.settimeout(5)
        slow.connect(("127.0.0.1", g.port))
        slow.sendall(framed(ASK_AXFR))
        start, got, end = time.monotonic(), bytearray(), False
        while not end and time.monotonic() - start < 30:
            piece = slow.recv(65536)
            assert piece, f"cut after {len(got)} bytes and {time.monotonic() - start:.1f} s"
            got += piece
            if len(got) < 11_000_000:
                time.sleep(max(0, len(got) / 4_000_000 - (time.monotonic() - start)))  # 4 MB/s
            end = got.count(b"\x04gslb\x07example\x03com\0") and len(got) > 10_500_000 and got.endswith(struct.pack(">IIII", 3600, 900, 1209600, 60))
        assert end and time.monotonic() - start > 2, (len(got), time.monotonic() - start)
        slow.settimeout(5)
        assert slow.recv(1) == b""  # and then it is idle


def test_a_peer_that_takes_nothing_of_its_axfr_is_cut(gslbd):
    g = gslbd("tcp: {idle_timeout: 500ms}\n")
    text = "x" * 250
    records = "".join(f'      - {{name: n{i}, type: TXT, data: [\'"{text}" "{text}"\']}}\n' for i in range(20000))
    g.apply(f"zones:\n  - name: gslb.example.com\n    ns: [ns1.example.net]\n    transfer: {{allow: [127.0.0.1]}}\n    records:\n{records}")
    with socket.socket() as stuck:
        stuck.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
        stuck.connect(("127.0.0.1", g.port))
        stuck.sendall(framed(ASK_AXFR))
        wait_until(lambda: "gslbd_tcp_timeouts_total 1" in g.request("GET", "/metrics")[2], "it is cut")


def test_sighup_takes_the_idle_timeout_that_is_enforced_and_the_one_that_is_told(gslbd):
    g = gslbd("tcp: {idle_timeout: 60s}\n")
    with socket.create_connection(("127.0.0.1", g.port), 10) as stream:
        stream.sendall(framed(ASK_A))
        assert stream.recv(100)
        g.settings.write_text(g.settings.read_text().replace("60s", "400ms"))
        g.process.send_signal(signal.SIGHUP)
        start = time.monotonic()
        assert stream.recv(100) == b"" and time.monotonic() - start < 8
    assert "TCP-KEEPALIVE: 0.4" in g.dig("+tcp", "+keepalive", "a.gslb.example.com").replace("TCP KEEPALIVE", "TCP-KEEPALIVE")


def test_clients_per_address_counts_over_all_workers(gslbd):
    g = gslbd("tcp: {clients_per_address: 5}\n")
    g.stop()
    g.settings.write_text(g.settings.read_text().replace("workers: 1", "workers: 4"))
    g.start()
    streams = [socket.create_connection(("127.0.0.1", g.port), 5) for _ in range(40)]

    def served():
        n = 0
        for one in streams:
            one.setblocking(False)
            try:
                n += one.recv(1) != b""
            except BlockingIOError:
                n += 1
            except OSError:
                pass
        return n

    wait_until(lambda: served() == 5, lambda: f"{served()} of 40 are served")
    for one in streams:
        one.close()


def processor_seconds(g):
    fields = pathlib.Path(f"/proc/{g.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_a_client_that_no_descriptor_is_left_for_keeps_no_processor_busy(gslbd):
    g = gslbd()
    g.apply("zones:\n  - {name: gslb.example.com, ns: [ns1.example.net]}\n")
    limits = resource.prlimit(g.process.pid, resource.RLIMIT_NOFILE)
    resource.prlimit(g.process.pid, resource.RLIMIT_NOFILE, (3, limits[1]))
    try:
        with socket.create_connection(("127.0.0.1", g.port)):
            before, start = processor_seconds(g), time.monotonic()
            while time.monotonic() < start + 1:
                assert g.short("gslb.example.com", None, "NS") == ["ns1.example.net."]
            assert processor_seconds(g) - before < 0.5
    finally:
        resource.prlimit(g.process.pid, resource.RLIMIT_NOFILE, limits)
    wait_until(lambda: g.short("gslb.example.com", None, "NS", "+tcp") == ["ns1.example.net."], "TCP is answered again")
