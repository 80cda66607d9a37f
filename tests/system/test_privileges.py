"""What gslbd gives away once its sockets are bound, and that it goes on without."""
import os
import pathlib
import re
import signal
import socket
import subprocess

import pytest

from conftest import GSLBD, SANITIZED, wait_until
from test_dot import CONFIGURATION, NAME, framed, question, read_reply

root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
NET_RAW = 1 << 13


def status(g, thread=None):
    text = pathlib.Path(f"/proc/{g.process.pid}/task/{thread or g.process.pid}/status").read_text()
    return dict(re.findall(r"^(\w+):\s*(.*)$", text, re.M))


def privileges(g):
    return g.request("GET", "/v1/ready")[2]["privileges"]


@pytest.fixture
def as_nobody(gslbd, tmp_path):
    """A gslbd that root starts and that becomes nobody, whose way to its store is open to it."""
    def start(more=""):
        for path in (tmp_path, *tmp_path.parents):
            if path.stat().st_uid == os.geteuid() and path != pathlib.Path("/"):
                path.chmod(path.stat().st_mode | 0o011)
        (tmp_path / "gslbd0").mkdir(mode=0o755, exist_ok=True)
        (tmp_path / "gslbd0").rmdir()
        return gslbd(f"user: nobody\n{more}")

    return start


@root
@pytest.mark.skipif(SANITIZED, reason="who looks for leaks at the end must be able to trace the process")
def test_root_binds_and_then_is_somebody_else_with_no_rights(as_nobody):
    g = as_nobody()
    mine = status(g)
    assert set(mine["Uid"].split()) == {"65534"} and set(mine["Gid"].split()) == {"65534"} and mine["Groups"].strip() in ("", "65534")
    assert int(mine["CapPrm"], 16) == int(mine["CapEff"], 16) == NET_RAW, "pings of monitors"
    assert int(mine["CapBnd"], 16) & ~NET_RAW == 0 and mine["NoNewPrivs"] == "1"
    assert privileges(g)["user"] == "nobody" and privileges(g)["capabilities"] and privileges(g)["no_new_privs"]
    assert g.store.stat().st_uid == 65534
    g.apply(CONFIGURATION)
    assert g.short(NAME, "10.2.0.0/16") == ["192.0.2.2"]
    g.stop()
    g.start()
    assert g.short(NAME, "10.2.0.0/16") == ["192.0.2.2"], "it opens the store that it made"


@root
def test_a_store_of_somebody_else_is_named_with_what_to_do(gslbd, tmp_path):
    g = gslbd()
    assert g.stop() == 0
    g.settings.write_text("user: nobody\n" + g.settings.read_text())
    run = subprocess.run([GSLBD, "-c", g.settings], capture_output=True, text=True, timeout=20)
    assert run.returncode == 1 and f"store: nobody cannot write into {g.store}: chown -R nobody it" in run.stderr
    g.settings.write_text(g.settings.read_text().replace("user: nobody\n", ""))
    g.start()


@pytest.mark.parametrize("settings, says", [
    ("user: nobody-of-that-name\n", "user: there is no user nobody-of-that-name"),
    pytest.param("user: nobody\nprobes: {exec: {directory: /usr/bin, user: daemon}}\n", "user: probes.exec.user is another, which needs root: daemon", marks=root)])
def test_users_that_cannot_be_are_refused(tmp_path, settings, says):
    path = tmp_path / "gslbd.yaml"
    path.write_text(f'{settings}listen: ["127.0.0.1:0"]\nstore: {tmp_path}/store\nadmin: {{listen: "127.0.0.1:0"}}\n')
    run = subprocess.run([GSLBD, "-c", path], capture_output=True, text=True, timeout=20)
    assert run.returncode == 1 and says in run.stderr
    check = subprocess.run([GSLBD, "--check", "-c", path], capture_output=True, text=True, timeout=20)
    assert check.returncode == 1 and says in check.stderr
    assert not (tmp_path / "store").exists()


def landlock_is_there():
    import ctypes
    return ctypes.CDLL(None).syscall(444, None, 0, 1) > 0


@pytest.mark.skipif(not landlock_is_there(), reason="this kernel has no Landlock")
def test_what_is_written_beside_the_store_and_the_token_is_nothing(gslbd, tmp_path):
    """That the kernel holds it is base/landlock_test's; here: that gslbd has it, and can do all its work with it."""
    g = gslbd(f"geo: {{database: {tmp_path}/none.mmdb}}\n")
    assert privileges(g)["landlock"] is True
    g.apply(CONFIGURATION)
    assert g.ctl("backup", str(tmp_path / "b")).returncode == 0
    assert g.ctl("token", "create", "one", "--role", "read").returncode == 0
    g.stop()
    g.start()
    assert g.short(NAME, "10.1.0.0/16") == ["192.0.2.1"] and privileges(g)["landlock"] is True


def test_programs_of_monitors_are_without_it(gslbd):
    g = gslbd("probes: {exec: {directory: /usr/bin, user: root}}\n" if os.geteuid() == 0 else "probes: {exec: {directory: /usr/bin}}\n")
    assert privileges(g)["landlock"] is False and privileges(g)["no_new_privs"] is False


def threads(g):
    """{thread: whether seccomp holds}"""
    return {int(t): status(g, t)["Seccomp"] == "2" for t in os.listdir(f"/proc/{g.process.pid}/task")}


@pytest.mark.skipif(SANITIZED, reason="sanitizers make calls of their own")
def test_workers_are_confined_to_their_calls_and_serve_all_transports(gslbd, authority):
    g = gslbd(f'tls: {{listen: ["127.0.0.1:0"], certificate: {authority}/web.pem, key: {authority}/web.key}}\ntcp: {{idle_timeout: 300ms}}\n')
    g.apply(CONFIGURATION)
    assert privileges(g)["seccomp"] is True
    held = threads(g)
    assert sum(held.values()) == 2 and not held[g.process.pid], "a worker of UDP and one of TCP"
    port = re.search(r"DNS over TLS on \S+:(\d+)\n", g.log_path.read_text())[1]
    for _ in range(3):
        assert g.short(NAME, "10.1.0.0/16") == ["192.0.2.1"]
        assert g.short(NAME, "10.1.0.0/16", "A", "+tcp") == ["192.0.2.1"]
        kdig = subprocess.run(["kdig", "@127.0.0.1", "-p", port, "+tls", "+short", "+subnet=10.1.0.0/16", NAME], capture_output=True, text=True, timeout=20)
        assert kdig.stdout.split() == ["192.0.2.1"], kdig.stderr
    idle = socket.create_connection(("127.0.0.1", g.port), 5)
    assert idle.recv(10) == b"", "it is closed when its time is over"
    streams = [socket.create_connection(("127.0.0.1", g.port), 5) for _ in range(100)]
    for stream in streams:
        stream.sendall(framed(question(NAME)))
    for stream in streams:
        assert read_reply(stream)
        stream.close()
    g.process.send_signal(signal.SIGHUP)
    g.apply(CONFIGURATION.replace("192.0.2.1", "192.0.2.9"))
    wait_until(lambda: g.short(NAME, "10.1.0.0/16") == ["192.0.2.9"], "it goes on")


def test_each_can_be_switched_off_by_name(gslbd):
    g = gslbd("harden: {capabilities: false, no_new_privs: false, landlock: false, seccomp: false}\n")
    told = privileges(g)
    assert [told[name] for name in ("capabilities", "no_new_privs", "landlock", "seccomp")] == [False] * 4
    assert not any(threads(g).values()) and status(g)["NoNewPrivs"] == "0"
