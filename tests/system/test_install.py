"""What `make install` leaves behind, and the README's first steps as a plain user takes them."""
import os
import pathlib
import re
import shutil
import subprocess

import pytest
from conftest import BUILD, TOP


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """Where DESTDIR is, and the prefix below it."""
    destination = tmp_path_factory.mktemp("install")
    run = subprocess.run(["make", "-s", "install", f"DESTDIR={destination}"], cwd=BUILD, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
    prefix = re.search(r"^prefix = (.*)$", (BUILD / "Makefile").read_text(), re.M).group(1)
    return destination, prefix


def test_the_unit_is_installed_and_its_paths_follow_the_prefix(installed):
    destination, prefix = installed
    unit = destination / prefix.lstrip("/") / "lib/systemd/system/gslbd.service"
    text = unit.read_text()
    program = re.search(r"^ExecStart=(\S+) -c (\S+)$", text, re.M)
    assert (destination / program.group(1).lstrip("/")).is_file() and program.group(1).startswith(prefix)
    assert program.group(2).startswith(prefix)
    keys = re.search(r"^LoadCredential=tls:(\S+)$", text, re.M).group(1)
    assert (destination / keys.lstrip("/")).stat().st_mode & 0o777 == 0o700
    assert not re.findall(r"@\w+@", text), "what configure puts in"
    if shutil.which("systemd-analyze"):
        copy = destination / "gslbd.service"
        copy.write_text(text.replace(prefix + "/sbin", str(destination) + prefix + "/sbin"))
        run = subprocess.run(["systemd-analyze", "verify", "--man=no", copy], capture_output=True, text=True)
        said = [line for line in (run.stdout + run.stderr).splitlines() if "gslbd.service" in line]
        assert not said, said
        run = subprocess.run(["systemd-analyze", "security", "--offline=true", copy], capture_output=True, text=True)
        exposure = re.search(r"exposure level for gslbd.service: ([\d.]+)", run.stdout)
        assert exposure and float(exposure[1]) < 1.5, run.stdout


def test_open_files_are_raised_to_what_clients_need_or_it_says_so(gslbd):
    g = gslbd("tcp: {clients: 1000}\n", prefix=["prlimit", "--nofile=1024:4096"])
    limits = pathlib.Path(f"/proc/{g.process.pid}/limits").read_text()
    assert int(re.search(r"Max open files\s+(\d+)", limits).group(1)) >= 2000
    assert "open files" not in g.log_path.read_text()
    g = gslbd("tcp: {clients: 3000}\n", prefix=["prlimit", "--nofile=1024:2048"])
    assert re.search(r"tcp.clients is 3000, which with all else needs \d+ open files; this process may have 2048", g.log_path.read_text())


def blocks(language, text):
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.M | re.S)


def section(title):
    return re.search(rf"^## {title}$(.*?)^## ", (TOP / "README.md").read_text(), re.M | re.S).group(1)


# In namespaces of its own the installed programs stand at their prefix and /tmp is empty: every line runs as the README has it.
ROOM = """
set -e
mkdir -p {prefix}
mount --bind {destination}{prefix} {prefix}
mount -t tmpfs -o mode=1777 tmpfs /tmp
ip link set lo up
exec setpriv --reuid=65534 --regid=65534 --clear-groups env -i HOME=/tmp LANG=C.UTF-8 \
    PATH=/usr/local/bin:/usr/bin:/bin:/usr/local/games:/usr/games bash -eu
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="namespaces need root")
def test_the_quick_start_runs_block_by_block_as_written(installed):
    destination, prefix = installed
    if prefix != "/usr/local":
        pytest.skip("the README installs to /usr/local")
    first, *rest = blocks("sh", section("Quick start"))
    second = "".join(rest)
    make, first = first.split("\n", 1)
    assert make.startswith("./autogen.sh && ./configure && make && sudo make install")  # done above
    health = blocks("yaml", section("Health checks"))[0]
    waiting = "until curl -sf http://127.0.0.1:8053/ready >/tmp/ready; do sleep 0.05; done\n"
    script = f"""
trap 'kill $(jobs -p)' EXIT
{first}
{waiting}
{second}
echo ---
gslbctl apply -f - <<'YAML'
{health}
YAML
gslbctl get pools web-eu -o json
"""
    run = subprocess.run(["unshare", "--mount", "--net", "bash", "-c", ROOM.format(destination=destination, prefix=prefix)], input=script,
                         capture_output=True, text=True, timeout=60)
    if "unshare" in run.stderr and "not permitted" in run.stderr:
        pytest.skip("this machine makes no namespaces")
    assert run.returncode == 0, run.stdout + run.stderr
    asked, applied = run.stdout.split("---\n")
    addresses = re.findall(r"^[0-9.]+$", asked, re.M)
    assert addresses[0] in ("192.0.2.11", "192.0.2.12") and addresses[1:] == ["198.51.100.11", "198.51.100.11"], run.stdout
    assert re.search(r'"weight": *60', applied) and '"eu2"' in applied, applied
