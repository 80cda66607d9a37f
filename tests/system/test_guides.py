"""What the guides show is so: every configuration is one that gslbd takes, every shell example runs as it stands."""
import datetime
import os
import re
import subprocess

import pytest
from conftest import CTL, PROBER, TOP

GUIDES = ["README.md", *sorted(f"docs/{path.name}" for path in (TOP / "docs").glob("*.md"))]

# By how a block begins: why it is not run here.
NOT_RUN = {
    "./demo ": "installs packages and builds; CI runs both",
    "./autogen.sh &&": "test_install.py runs it as a plain user",
    "export GSLBCTL_TOKEN_FILE=/tmp/gslbd": "test_install.py runs it as a plain user",
    "sudo apt-get install tor-geoipdb": "installs packages",
    "#!/bin/sh\n# /etc/gslbd/checks/pg-lag": "a program of its own, that asks a replica",
    "kdig @ns1.example.com": "asks a host of its own; test_dot.py does it here",
}

# As a reader's gslbd would be: the quick start's names, and those that the guides use beside them.
WORLD = """
regions: [{name: eu, fallback: [us]}, {name: us, fallback: [eu], default: true}]
networks: [{cidr: 10.1.0.0/16, region: eu}]
monitors: [{name: batch, type: external, external: {when_silent: up}}]
pools:
  - name: web-eu
    region: eu
    endpoints: [{name: eu1, address: 192.0.2.11, weight: 60, labels: [rack7]}, {name: eu2, address: 192.0.2.12, weight: 40}]
  - {name: web-us, region: us, endpoints: [{name: us1, address: 198.51.100.11}]}
  - {name: idle, region: us, balance: least_load, endpoints: [192.0.2.21, 192.0.2.22]}
  - {name: batch-eu, region: eu, monitor: batch, endpoints: [{name: b1, address: 192.0.2.81}]}
zones:
  - name: gslb.example.com
    ns: [ns1.gslb.example.com]
    records: [{name: ns1, type: A, data: [203.0.113.53]}]
    transfer: {allow: [127.0.0.1], keys: [secondary.key]}
services: [{name: www.gslb.example.com, ttl: 30, pools: [web-eu, web-us]}]
"""
KEY = 'dns: {tsig_keys: [{name: secondary.key, algorithm: hmac-sha256, secret: "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="}]}\n'


def blocks(name, language):
    return re.findall(rf"^```{language}\n(.*?)^```", (TOP / name).read_text(), re.M | re.S)


def reason_not_to_run(block):
    return next((reason for start, reason in NOT_RUN.items() if block.startswith(start)), None)


@pytest.mark.parametrize("name", ["docs/health.md"])
def test_every_example_of_a_guide_is_taken(gslbd, name):
    g = gslbd()
    found = blocks(name, "yaml")
    assert len(found) > 5
    for text in found:
        run = g.ctl("apply", "--dry-run", "-f", "-", stdin=text, check=False)
        assert run.returncode == 0, f"{text}\n{run.stdout}{run.stderr}"


def pasted(block, g, directory):
    """The block for this gslbd: its ports and files; a refusal of curl counts, and what stays in the foreground is left after a while."""
    for old, new in (("http://127.0.0.1:8053", f"http://127.0.0.1:{g.api_port}"), ("/var/lib/gslbd/admin.token", str(g.token_path)),
                     ("curl -s", "curl -s --fail-with-body"), ("dig @127.0.0.1", f"dig @127.0.0.1 -p {g.port}"),
                     ("/var/backups", str(directory)), ("2026-11-20", datetime.date.today().isoformat())):
        block = block.replace(old, new)
    return re.sub(r"^(gslb-prober .*|.* --follow)$", r"timeout 2 \1 || [ $? = 124 ]", block, flags=re.M)


@pytest.mark.parametrize("name", [name for name in GUIDES if any(not reason_not_to_run(block) for block in blocks(name, "sh"))])
def test_every_shell_example_runs_as_it_stands(gslbd, tmp_path, name):
    g = gslbd(KEY)
    g.apply(WORLD)
    bin_path = f"{CTL.resolve().parent}:{PROBER.resolve().parent}:{os.environ['PATH']}"
    environment = {**os.environ, "PATH": bin_path, "TOKEN": g.token, "GSLBCTL_SERVER": f"http://127.0.0.1:{g.api_port}",
                   "GSLBCTL_TOKEN_FILE": str(g.token_path)}
    for block in blocks(name, "sh"):
        if reason_not_to_run(block):
            continue
        script = pasted(block, g, tmp_path)
        run = subprocess.run(["bash", "-euo", "pipefail", "-c", script], capture_output=True, text=True, timeout=60, cwd=tmp_path,
                             env=environment, stdin=subprocess.DEVNULL)
        said = run.stdout + run.stderr
        assert run.returncode == 0 and "Transfer failed" not in said, f"{name}:\n{script}\n{said}"
        for drain in g.request("GET", "/v1/drains")[2]["items"]:  # what one example took out is not in the way of the next
            kind, key = drain["name"].split("/", 1)
            g.ctl(kind, "restore", key)


def test_no_example_is_left_out_that_is_not_there():
    every = [block for name in GUIDES for block in blocks(name, "sh")]
    assert [start for start in NOT_RUN if not any(block.startswith(start) for block in every)] == []
