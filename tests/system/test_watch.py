"""Looking again and again: on a terminal the picture is drawn in its place, on a pipe what changes is printed."""
import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time

import pytest

from conftest import CTL, wait_until

POOLS = """
regions: [{name: eu, default: true}]
pools:
  - {name: web-eu, region: eu, endpoints: [{name: eu1, address: 192.0.2.1}, {name: eu2, address: 192.0.2.2}]}
  - {name: web-us, region: eu, endpoints: [{name: us1, address: 192.0.2.3}]}
"""


class Screen:
    """A command on a terminal of its own: the rows that one would see."""

    def __init__(self, command, rows=24, columns=80, environment=None):
        self.pid, self.master = pty.fork()
        if not self.pid:
            os.environ.update({"TERM": "xterm", **(environment or {})})
            os.environ.pop("NO_COLOR", None)
            os.execv(command[0], [str(word) for word in command])
        self.text, self.status = "", None
        self.resize(rows, columns)

    def resize(self, rows, columns):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def read(self):
        while select.select([self.master], [], [], 0)[0]:
            try:
                part = os.read(self.master, 65536).decode()
            except OSError:
                part = ""
            if not part:
                break
            self.text += part
        return self.text

    def picture(self):
        """The rows of the newest picture, without colours."""
        last = self.read().rpartition("\033[H")[2].partition("\033[J")[0]
        return [re.sub(r"\033\[[0-9;?]*[A-Za-z]", "", row) for row in re.split("\r+\n", last)]

    def shows(self, pattern, seconds=15):
        wait_until(lambda: re.search(pattern, "\n".join(self.picture()), re.M), lambda: (pattern, self.picture()), seconds)
        return self.picture()

    def press(self, keys):
        os.write(self.master, keys.encode())

    def end(self):
        """Its exit status."""
        def ended():
            self.read()
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = os.waitstatus_to_exitcode(status)
            return pid
        wait_until(ended, "it ends")
        os.close(self.master)
        return self.status

    def modes(self):
        return termios.tcgetattr(self.master)[3]


@pytest.fixture
def g(gslbd):
    started = gslbd("probes: {enabled: false}\n")
    started.apply(POOLS)
    return started


def pipe(g, *words, **more):
    process = subprocess.Popen(g.ctl_command(*words), stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more)
    for stream in (process.stdout, process.stderr):
        os.set_blocking(stream.fileno(), False)
    process.said, process.errors = "", ""

    def read():
        process.said += (process.stdout.read() or b"").decode()
        process.errors += (process.stderr.read() or b"").decode()
        return process.said

    process.read_all = read
    return process


def test_a_pipe_gets_the_list_and_then_what_comes_and_goes(g):
    watching = pipe(g, "drains", "--watch", "--interval", "100ms")
    wait_until(lambda: "TARGET" in watching.read_all(), "the list")
    g.ctl("pool", "drain", "web-eu", "--reason", "a longer reason than the title")
    wait_until(lambda: re.search(r"^\d{4}-\S+Z \+ pool/web-eu .* a longer reason", watching.read_all(), re.M), lambda: watching.said)
    g.ctl("pool", "drain", "web-us")
    wait_until(lambda: re.search(r"Z \+ pool/web-us ", watching.read_all()), lambda: watching.said)
    g.ctl("pool", "restore", "web-eu")
    wait_until(lambda: re.search(r"Z - pool/web-eu ", watching.read_all()), lambda: watching.said)
    assert len(re.findall(r"web-us", watching.said)) == 1, "what stays is not said again, however wide its columns get"
    watching.send_signal(signal.SIGINT)
    assert watching.wait(5) == 0 and not watching.errors


def test_documents_come_whole_when_they_are_others(g):
    watching = pipe(g, "drains", "-o", "json", "-w", "--interval", "100ms")
    wait_until(lambda: "items" in watching.read_all(), "the document")
    g.ctl("pool", "drain", "web-eu")
    wait_until(lambda: "web-eu" in watching.read_all(), "the next")
    watching.terminate()
    watching.wait(5)
    decoder, documents, rest = json.JSONDecoder(), [], watching.said.strip()
    while rest:
        one, end = decoder.raw_decode(rest)
        documents.append(one)
        rest = rest[end:].strip()
    assert [len(d["items"]) for d in documents] == [0, 1]


def test_a_server_that_goes_and_comes_back_is_shown(g, tmp_path):
    port = g.api_port
    watching = pipe(g, "get", "pools", "--watch", "--interval", "100ms")
    screen = Screen(g.ctl_command("get", "pools", "--watch", "--interval", "100ms"))
    wait_until(lambda: "web-us" in watching.read_all(), "the list")
    screen.shows("^web-us")
    g.stop(signal.SIGKILL)
    wait_until(lambda: watching.read_all() and "gslbctl: " in watching.errors, "that it is gone")
    rows = screen.shows("no good reply since .*")
    assert any(row.startswith("web-us") for row in rows), "what was known stays"
    g.settings.write_text(re.sub(r'admin: .*', f'admin: {{listen: "127.0.0.1:{port}"}}', g.settings.read_text()))
    g.start()
    wait_until(lambda: watching.read_all() and "there are replies again" in watching.errors, "that it is back")
    g.ctl("delete", "pool", "web-us")
    wait_until(lambda: re.search(r"Z - web-us ", watching.read_all()), "that it is gone")
    wait_until(lambda: not any("web-us" in row or "no good reply" in row for row in screen.picture()), "it is drawn anew")
    watching.terminate()
    watching.wait(5)
    screen.press("q")
    assert screen.end() == 0


def test_the_first_look_must_be_good(g):
    for words, status in ((("-t", "/dev/null", "drains"), 2), (("-s", "http://127.0.0.1:1", "drains"), 3), (("get", "pool", "none"), 1),
                          (("drains", "--interval", "1ms"), 2), (("drains", "--interval", "soon"), 2)):
        run = g.ctl(*words, "--watch", check=False)
        assert run.returncode == status and run.stderr.startswith("gslbctl: ") and not run.stdout, run


@pytest.mark.parametrize("how", ["key", "interrupt", "terminate"])
def test_the_terminal_is_left_as_it_was(g, how):
    screen = Screen(g.ctl_command("get", "pools", "--watch", "--interval", "100ms"))
    before = screen.modes()
    screen.shows("^web-us")
    assert not screen.modes() & (termios.ICANON | termios.ECHO) and before & termios.ICANON
    if how == "key":
        screen.press("q")
    elif how == "interrupt":
        screen.press("\x03")
    else:
        os.kill(screen.pid, signal.SIGTERM)
    wait_until(lambda: screen.read().endswith("\033[?25h\033[?1049l"), "it leaves")
    assert screen.modes() == before
    assert screen.end() == (-signal.SIGTERM if how == "terminate" else 0)


def test_it_goes_on_after_it_was_stopped(g):
    script = "set -m; " + " ".join(map(str, g.ctl_command("get", "pools", "--watch", "--interval", "100ms"))) + "; echo left $?; read -r _; fg; echo ended $?"
    screen = Screen(["/bin/bash", "-c", script])
    screen.shows("^web-us")
    screen.press("\x1a")
    wait_until(lambda: "left 148" in screen.read(), lambda: screen.text)
    assert "\033[?25h\033[?1049l" in screen.text and screen.modes() & termios.ICANON
    screen.text = ""
    screen.press("\n")
    screen.shows("^web-us")
    assert not screen.modes() & termios.ICANON
    screen.press("q")
    wait_until(lambda: "ended 0" in screen.read(), lambda: screen.text)
    screen.end()


def test_what_does_not_fit_is_counted_and_nothing_wraps(g):
    g.apply("pools:\n" + "".join(f"  - {{name: pool-{n:02}, region: eu, endpoints: [{{name: a, address: 192.0.2.1}}]}}\n" for n in range(50)))
    screen = Screen(g.ctl_command("get", "pools", "--watch", "--interval", "100ms"), rows=10, columns=40)
    rows = screen.shows(r"^\.\.\. and \d+ lines more$")
    assert len(rows) == 10 and all(len(row) <= 40 for row in rows), rows
    assert rows[-1] == "... and 46 lines more" and rows[-2].startswith("pool-05"), rows
    screen.resize(60, 80)
    rows = screen.shows("^web-us")
    assert len([row for row in rows if row]) == 54 and max(map(len, rows)) > 40
    screen.press("q")
    assert screen.end() == 0


def test_many_lines_are_compared_by_what_they_say(g, tmp_path):
    g.apply("zones: [{name: z.example, ns: [n.z.example], records: [{name: n, type: A, data: [192.0.2.1]}]}]\nservices:\n" +
            "".join(f"  - {{name: s{n}.z.example, steering: failover, pools: [web-eu]}}\n" for n in range(20000)))
    watching = pipe(g, "get", "services", "--watch", "--interval", "100ms")
    wait_until(lambda: watching.read_all().count("\n") == 20001, "the list", 30)
    g.ctl("delete", "service", "s777.z.example")
    wait_until(lambda: re.search(r"Z - s777.z.example ", watching.read_all()), "that it is gone", 30)
    assert watching.said.count("\n") == 20002
    watching.terminate()
    watching.wait(5)


def test_nobody_reads_any_more(g):
    watching = pipe(g, "drains", "--watch", "--interval", "1h")
    wait_until(lambda: "TARGET" in watching.read_all(), "the list")
    watching.stdout.close()
    assert watching.wait(5) == 0, "it does not wait for the next look to notice"


# --- tables ---

def test_colours_are_for_terminals(g):
    assert "\033" not in g.ctl("health").stdout
    assert "\033[1m" in g.ctl("health", "--color", "always").stdout
    screen = Screen(g.ctl_command("health"))
    assert screen.end() == 0 and "\033[1mENDPOINT" in screen.text
    screen = Screen(g.ctl_command("health", "--color", "never"))
    assert screen.end() == 0 and "\033" not in screen.text
    screen = Screen(["/usr/bin/env", "NO_COLOR=1", *g.ctl_command("health")])
    assert screen.end() == 0 and "\033" not in screen.text
    assert g.ctl("health", "--color", "mauve", check=False).returncode == 2


def test_what_others_wrote_controls_no_terminal(g):
    g.ctl("pool", "drain", "web-eu", "--reason", "a\033[2Jb\u009bc\nd")
    table = g.ctl("drains").stdout
    assert "a?[2Jb??c?d" in table and "\033" not in table and table.count("\n") == 2


def test_wide_tables_and_names(g):
    assert "MIN HEALTHY" in g.ctl("get", "pools", "-o", "wide").stdout and "MIN HEALTHY" not in g.ctl("get", "pools").stdout
    assert g.ctl("get", "pools", "-o", "name").stdout.split() == ["web-eu", "web-us"]
    assert g.ctl("get", "endpoints", "-o", "name").stdout.split() == ["web-eu/eu1", "web-eu/eu2", "web-us/us1"]
    assert g.ctl("health", "-o", "name").stdout.split() == ["web-eu/eu1", "web-eu/eu2", "web-us/us1"]
    assert g.ctl("get", "pools", "-o", "xml", check=False).returncode == 2
