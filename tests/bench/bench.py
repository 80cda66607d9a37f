"""What benches share: the real programs on loopback, questions, what a process takes."""
import json
import os
import pathlib
import random
import re
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
import urllib.request

TICKS = os.sysconf("SC_CLK_TCK")


def progress(text):
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def end_cleanly():
    """Told to end, it ends by the way on which what was started ends, and what was written goes."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(128 + number))


def started(command, **options):
    """A process that outlives this one in no case. From the main thread: it ends with the one that started it."""
    return subprocess.Popen(["setpriv", "--pdeathsig", "KILL", *command], **options)


class Gslbd:
    def __init__(self, build, work, settings=""):
        self.program, self.ctl_program, self.work = build / "gslbd" / "gslbd", build / "admin" / "gslbctl", work
        work.mkdir()
        (work / "gslbd.yaml").write_text(f'listen: ["127.0.0.1:0"]\nworkers: 1\nstore: {work}/store\nadmin: {{listen: "127.0.0.1:0"}}\n{settings}')
        self.token = work / "store" / "admin.token"
        self.start()

    def start(self, wait_ready=True):
        """Returns when it listens, and has heard of what is checked; `started` is when it was started."""
        self.log = open(self.work / "log", "a")
        self.mark = (self.work / "log").stat().st_size
        self.started = time.monotonic()
        self.process = started([self.program, "-c", self.work / "gslbd.yaml"], stderr=self.log)
        self.port = int(self.said(r"DNS on \S+:(\d+), UDP"))
        self.api = "http://127.0.0.1:" + self.said(r"admin API on \S+:(\d+)\s")
        if wait_ready:
            self.said(r"(ready) at revision")

    def said(self, pattern, seconds=120):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found = re.search(pattern, (self.work / "log").read_text()[self.mark:])
            if found:
                return found.group(1)
            time.sleep(0.005)
        raise SystemExit(f"gslbd did not say {pattern}:\n{(self.work / 'log').read_text()}")

    def ctl(self, *arguments, stdin=None):
        return subprocess.run([self.ctl_program, "-s", self.api, "-t", self.token, *arguments], input=stdin, text=True, check=True, capture_output=True).stdout

    def call(self, method, path, body=None, token=None):
        data = body if isinstance(body, (bytes, type(None))) else json.dumps(body).encode()
        request = urllib.request.Request(self.api + path, method=method, data=data)
        request.add_header("Authorization", f"Bearer {token or self.token.read_text().strip()}")
        request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, timeout=300) as reply:
            text = reply.read()
        return json.loads(text) if text else None

    def stop(self):
        self.process.terminate()
        self.process.wait(60)
        self.log.close()


class Asker:
    """Asks for addresses as fast as answers come."""

    def __init__(self, port):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.connect(("127.0.0.1", port))
        self.socket.settimeout(2)

    def addresses(self, name):
        question = b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0" + struct.pack(">HH", 1, 1)
        self.socket.send(struct.pack(">HHHHHH", random.getrandbits(16), 0, 1, 0, 0, 0) + question)
        reply = self.socket.recv(4096)
        at, found = 12 + len(question), []
        for _ in range(struct.unpack(">H", reply[6:8])[0]):
            found.append(socket.inet_ntoa(reply[at + 12:at + 16]))
            at += 16
        return found


def used(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def resident(pid):
    return int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text()).group(1)) / 1024


def own(pid):
    """What is resident without files that are mapped, whose pages the kernel takes back when it wants to."""
    return int(re.search(r"RssAnon:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text()).group(1)) / 1024


class Listener(threading.Thread):
    """Accepts on every loopback address and counts by second."""

    def __init__(self):
        super().__init__(daemon=True)
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(("0.0.0.0", 0))
        self.socket.listen(4096)
        self.port, self.seconds = self.socket.getsockname()[1], {}

    def run(self):
        while True:
            try:
                self.socket.accept()[0].close()
            except OSError:
                return
            second = int(time.monotonic())
            self.seconds[second] = self.seconds.get(second, 0) + 1


def make_cities(path, share=1):
    subprocess.run([pathlib.Path(__file__).parent / "make_cities", path, str(share)], check=True)
    return path


def address(n):
    return f"127.{1 + n // 62500}.{n // 250 % 250}.{1 + n % 250}"
