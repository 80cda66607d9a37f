"""`gslbd --check` tells all that a start would refuse or go without, and changes nothing."""
import os
import pathlib
import socket
import subprocess
import tempfile

import pytest
from conftest import GSLBD, two_regions

NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]


def check(directory, store, listen="127.0.0.1:0", admin="127.0.0.1:0", more="", token_file=None, prefix=()):
    path = directory / "checked.yaml"
    token = f", token_file: {token_file}" if token_file else ""
    path.write_text(f'listen: ["{listen}"]\nworkers: 1\nstore: {store}\nadmin: {{listen: "{admin}"{token}}}\n{more}')
    run = subprocess.run([*prefix, GSLBD, "--check", "-c", path], capture_output=True, text=True, timeout=20)
    return run.returncode, run.stdout + run.stderr


def test_check_looks_at_all_that_a_start_needs(tmp_path):
    store = tmp_path / "store"
    assert check(tmp_path, store)[0] == 0
    assert not store.exists()  # it is made at the first start
    status, said = check(tmp_path, store, more="geo: {database: /nowhere.mmdb}\n")
    assert status == 1 and "geo.database" in said and "/nowhere.mmdb" in said, said
    status, said = check(tmp_path, store, admin="0.0.0.0:0")
    assert status == 1 and "admin.listen" in said and "is not a loopback address" in said, said
    status, said = check(tmp_path, store / "deep" / "er")
    assert status == 1 and f"store: cannot make {store}/deep/er: No such file" in said, said
    status, said = check(tmp_path, store, token_file=tmp_path / "no" / "token")
    assert status == 1 and f"admin.token_file: cannot write {tmp_path}/no/token: No such file" in said, said
    status, said = check(tmp_path, store, more="tls: {listen: [127.0.0.1:0], certificate: /no.pem, key: /no.key}\n")
    assert status == 1 and "tls: /no.pem: No such file or directory" in said, said
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        there = f"127.0.0.1:{taken.getsockname()[1]}"
        status, said = check(tmp_path, store, admin=there)
        assert status == 1 and "admin.listen" in said, said
        status, said = check(tmp_path, store, listen=there)
        assert status == 1 and there in said, said


@pytest.mark.skipif(os.geteuid() != 0, reason="needs another user's directory")
def test_check_tells_what_its_user_cannot_write():
    if subprocess.run([*NOBODY, "test", "-x", GSLBD], check=False).returncode:
        pytest.skip("nobody may not look into this tree")
    # where everybody may look, unlike a test's own directory
    with tempfile.TemporaryDirectory() as name:
        top = pathlib.Path(name)
        top.chmod(0o755)
        (top / "store").mkdir()
        status, said = check(top, top / "store", prefix=NOBODY)
        assert status == 1 and f"store: cannot write into {top}/store: Permission denied; check who owns" in said, said
        status, said = check(top, top / "new", prefix=NOBODY)
        assert status == 1 and f"store: cannot make {top}/new: Permission denied" in said, said
        (top / "store").chmod(0o777)
        status, said = check(top, top / "store", token_file=top / "token", prefix=NOBODY)
        assert status == 1 and f"admin.token_file: cannot write {top}/token: Permission denied" in said, said
        assert check(top, top / "store", prefix=NOBODY)[0] == 0


def test_check_looks_at_the_store_also_beside_the_gslbd_that_runs_on_it(gslbd):
    g = gslbd()
    g.apply(two_regions(9))
    status, said = check(g.directory, g.store, listen=f"127.0.0.1:{g.port}", admin=f"127.0.0.1:{g.api_port}")
    assert status == 0 and f"process {g.process.pid}" in said and "ports were not tried" in said, said
    g.stop()
    data = g.store / "data.mdb"
    whole = data.read_bytes()
    data.write_bytes(whole.replace(b'"type":"http"', b'"type":"none"'))
    status, said = check(g.directory, g.store)
    assert status == 1 and "served without" in said and "monitors[web].type" in said, said
    data.write_bytes(whole.replace(b'"127.0.0.1"', b'"127.0.0.2"'))  # good as it stands, and not as it was written
    status, said = check(g.directory, g.store)
    assert status == 0 and "WARNING: the digest of the store is " in said, said
    data.write_bytes(whole[: len(whole) // 2])
    status, said = check(g.directory, g.store)
    assert status == 1 and "damaged" in said, said
    data.write_bytes(whole)
    assert check(g.directory, g.store)[0] == 0


def test_debug_tells_what_goes_through_each_door(gslbd):
    g = gslbd("log: {level: debug}\n")
    g.apply(two_regions(9))
    g.ctl("region", "drain", "eu")
    log = g.log_path.read_text()
    assert "debug control: revision 2: pools[web-eu] is set" in log and "drains[region/eu] is set" in log, log
