"""The Debian packages: built of what `make dist` gives, clean to lintian, installed, upgraded and purged on a file system over this machine's."""
import os
import pathlib
import shutil
import subprocess

import pytest
from conftest import BUILD, TOP

CONFIGURED = subprocess.run([BUILD / "config.status", "--config"], capture_output=True, text=True).stdout
pytestmark = [
    pytest.mark.skipif("sanitizers" in CONFIGURED, reason="packages are built without sanitizers"),
    pytest.mark.skipif(not shutil.which("dh") or not shutil.which("lintian"), reason="no debhelper or lintian"),
]


def run(command, cwd=None, **more):
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, **more)
    assert done.returncode == 0, f"{command}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
    return done.stdout


@pytest.fixture(scope="module")
def packages(tmp_path_factory):
    """Where the .deb files and .changes are."""
    place = tmp_path_factory.mktemp("packages")
    run(["make", "-s", "dist", f"DISTDIR={place}"], cwd=BUILD)
    tarball = next(BUILD.glob("gslbd-*.tar.xz"))
    run(["tar", "xf", tarball], cwd=place)
    tarball.unlink()
    tree = next(place.glob("gslbd-*/"))
    assert not (tree / ".git").exists()
    environment = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
    run(["dpkg-buildpackage", "-b", "-us", "-uc"], cwd=tree, env={**environment, "DEB_BUILD_OPTIONS": f"parallel={os.cpu_count()} noautodbgsym"})
    return place


def test_lintian_finds_nothing(packages):
    changes = next(packages.glob("*.changes"))
    done = subprocess.run(["lintian", "--fail-on", "error,warning", "--pedantic", changes], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert not [line for line in done.stdout.splitlines() if line[:2] in ("E:", "W:")]


# A tmpfs over the root of this machine, seen by these processes alone, with a network and processes of its own.
ROOM = """
set -eu
mkdir -p {room}
mount -t tmpfs tmpfs {room}
mkdir {room}/up {room}/work {room}/root
mount -t overlay overlay -o lowerdir=/,upperdir={room}/up,workdir={room}/work {room}/root
mount -t proc proc {room}/root/proc
mount --rbind /dev {room}/root/dev
mount -t tmpfs tmpfs {room}/root/run
mount -t tmpfs tmpfs {room}/root/tmp
mkdir {room}/root/tmp/packages
cp {packages}/*.deb {script} {room}/root/tmp/packages/
printf '#!/bin/sh\\nexit 101\\n' >{room}/root/usr/sbin/policy-rc.d
chmod +x {room}/root/usr/sbin/policy-rc.d
ip link set lo up
exec chroot {room}/root env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive bash -eu /tmp/packages/script
"""

LIFE = r"""
cd /tmp/packages
say() { echo "== $*"; }
command_of() { sed -n "s/^$1=//p" /lib/systemd/system/gslbd.service; }
serve() { # as the unit has it
	setpriv --reuid="$(command_of User)" --regid="$(command_of User)" --init-groups --ambient-caps=+net_bind_service --inh-caps=+net_bind_service \
		$(command_of ExecStart) 2>/tmp/log &
	server=$!
	for i in $(seq 600); do
		curl -sf -o /dev/null http://127.0.0.1:8053/ready && return
		kill -0 $server || { cat /tmp/log; exit 1; }
		sleep 0.1
	done
	cat /tmp/log; exit 1
}
halt() { kill $server; wait $server; }

say install
dpkg -i ./*.deb
id gslbd
[ "$(stat -c '%a %U' /etc/gslbd/tls)" = '700 root' ]
[ "$(stat -c '%a %U' /var/lib/gslbd)" = '700 gslbd' ]
[ -L /etc/systemd/system/multi-user.target.wants/gslbd.service ]
man -w 5 gslbd.yaml 5 gslb.yaml 8 gslbd 8 gslb-prober 1 gslbctl >/dev/null
gslbd --check -c /etc/gslbd/gslbd.yaml
[ "$(dpkg-query -W -f '${Conffiles}\n' gslbd | grep -c /etc/gslbd/gslbd.yaml)" = 1 ]

say serve
serve
printf 'regions: [{name: eu, default: true}]\npools: [{name: web, region: eu, endpoints: [{address: 192.0.2.1}]}]\nzones: [{name: g.example, ns: [ns.example.net]}]\nservices: [{name: www.g.example, pools: [web]}]\n' |
	gslbctl apply -f -
[ "$(dig @127.0.0.1 +short www.g.example)" = 192.0.2.1 ]
[ "$(ps -o user= -p $server)" = gslbd ]
halt

say upgrade
echo '# mine' >>/etc/gslbd/gslbd.yaml
dpkg -i --force-confold ./*.deb
tail -n 1 /etc/gslbd/gslbd.yaml | grep -qx '# mine'
serve
[ "$(dig @127.0.0.1 +short www.g.example)" = 192.0.2.1 ]
halt

say remove
dpkg -r gslbd gslbctl gslb-prober
[ -e /etc/gslbd/gslbd.yaml ] && [ -e /var/lib/gslbd/data.mdb ] && [ ! -e /usr/sbin/gslbd ]
say purge
dpkg -P gslbd gslbctl gslb-prober
for left in /etc/gslbd /var/lib/gslbd /usr/share/doc/gslbd /lib/systemd/system/gslbd.service /usr/sbin/gslbd /usr/bin/gslbctl; do
	[ ! -e $left ] || { echo "left: $left"; exit 1; }
done
say done
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="namespaces need root")
def test_installed_served_from_upgraded_and_purged(packages, tmp_path):
    script = tmp_path / "script"
    script.write_text(LIFE)
    room = ROOM.format(room=tmp_path / "room", packages=packages, script=script)
    done = subprocess.run(["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "bash", "-c", room], capture_output=True, text=True)
    assert done.returncode == 0 and done.stdout.endswith("== done\n"), done.stdout[-3000:] + done.stderr[-3000:]


def test_the_manual_pages_of_both_files_are_what_the_schema_tells():
    done = subprocess.run([TOP / "tests/tools/make-man", "--check"], capture_output=True, text=True, env={**os.environ, "GSLBD_BUILD": str(BUILD)})
    assert done.returncode == 0, done.stderr


def test_the_settings_that_are_installed_are_good(tmp_path):
    text = (TOP / "dist/gslbd.yaml").read_text().replace("/var/lib/gslbd", str(tmp_path)).replace(":53\"", ":0\"").replace(":8053", ":0")
    settings = pathlib.Path(tmp_path / "gslbd.yaml")
    settings.write_text(text)
    done = subprocess.run([BUILD / "gslbd/gslbd", "--check", "-c", settings], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
