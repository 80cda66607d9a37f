"""Backup and restore of a store that is in use."""
import hashlib
import json
import re
import socket
import threading

from conftest import two_regions, wait_until

MORE = """
monitors: [{name: said, type: external}]
pools: [{name: spare, region: us, monitor: said, labels: [rack7], endpoints: [{name: s1, address: 127.0.63.1, weight: 7}]}]
zones: [{name: other.example, ns: [ns1.other.example], records: [{name: ns1, type: A, data: [127.0.0.1]}, {name: text, type: TXT, data: ['"a\\"b ü"']}]}]
services: [{name: api.gslb.example.com, ttl: 9, pools: [spare]}]
probers: [{name: far, region: eu}]
"""


def used(gslbd):
    """A node with a past: revisions, serials, a drain, tokens."""
    g = gslbd()
    g.apply(two_regions(9))
    g.apply(MORE)
    for pool in ("web-eu", "web-us"):
        g.ctl("set", "pool", pool, "balance=all")
    for ttl in range(10, 40):
        g.ctl("set", "service", "api.gslb.example.com", f"ttl={ttl}")
    for i in range(5):
        g.ctl("set", "zone", "other.example", f"ttl={100 + i}")
    g.ctl("pool", "drain", "web-us", "--reason", "power", "--for", "2h")
    g.ctl("token", "create", "watcher", "--role", "read", "--for", "30d")
    return g


def serials(g):
    return {name: int(g.short(name, None, "SOA")[2]) for name in ("gslb.example.com", "other.example")}


def state(g):
    return [g.ctl("get", "-o", "yaml").stdout, g.request("GET", "/v1/drains")[2], [t for t in g.tokens() if t["name"] != "admin"]]


def answers(g):
    return [sorted(g.short(name, subnet)) for name in ("www.gslb.example.com", "api.gslb.example.com") for subnet in ("10.1.0.0/24", "10.2.0.0/24")] + [
        g.short("text.other.example", None, "TXT")]


def revision(g):
    return g.request("GET", "/ready", token=False)[2]["revision"]


def without_revision(text):
    return re.sub(r"^revision: .*\n", "", text, flags=re.M)


def test_a_restored_node_is_as_the_one_that_was_backed_up(gslbd, tmp_path):
    old = used(gslbd)
    secret = old.request("POST", "/v1/tokens", {"name": "ci", "role": "edit"})[2]["secret"]
    file = tmp_path / "b"
    assert old.ctl("backup", file).stdout == f"{file}: {file.stat().st_size} bytes, whole\n"
    assert file.stat().st_mode & 0o777 == 0o600
    new = gslbd()
    new.ctl("restore", file)
    wanted, got = state(old), state(new)
    assert without_revision(got[0]) == without_revision(wanted[0]) and got[1:] == wanted[1:]
    wait_until(lambda: answers(new) == answers(old), "both know that nobody is there")
    assert serials(new) == serials(old)
    assert revision(new) == revision(old) + 1
    # Tokens of the backup work, and so does the node's own; the other node's own does not.
    assert new.request("GET", "/v1/pools", token=secret)[0] == 200
    assert new.request("GET", "/v1/pools")[0] == 200 and new.request("GET", "/v1/pools", token=old.token)[0] == 401
    # The same again changes nothing, and what the restored one is backed up as is the same.
    assert "nothing to change" in new.ctl("restore", file).stdout
    again = tmp_path / "again"
    new.ctl("backup", again)
    rest = [[line for line in f.read_text().splitlines()[1:-1] if '"key":"admin"' not in line] for f in (file, again)]
    assert rest[0] == rest[1]
    new.stop()
    new.start()
    assert state(new)[1:] == wanted[1:] and serials(new) == serials(old)


def test_numbers_never_fall(gslbd, tmp_path):
    g = used(gslbd)
    file = tmp_path / "b"
    g.ctl("backup", file)
    before, was = state(g)[0], revision(g)
    for i in range(5):
        g.ctl("set", "zone", "other.example", f"ttl={500 + i}")
    g.ctl("delete", "service", "api.gslb.example.com")
    later = serials(g)
    g.ctl("restore", file)
    assert revision(g) == was + 7 and without_revision(state(g)[0]) == without_revision(before)
    assert serials(g)["other.example"] == later["other.example"] + 1
    # A node that was configured anew has low serials; the backup's raise them, though no document differs.
    fresh = gslbd()
    fresh.apply(state(g)[0].replace("revision:", "# revision:"))
    g.ctl("backup", file)
    low = revision(fresh), serials(fresh)
    told = [line for line in fresh.ctl("restore", file, "--dry-run").stdout.splitlines() if not line.startswith("traffic:")]
    assert told[-2:] == ["  numbers of revisions and zones go on above those of the backup", "dry run: nothing was changed"], told
    assert fresh.ctl("restore", file, "--dry-run", "--exit-code", check=False).returncode == 4 and (revision(fresh), serials(fresh)) == low
    fresh.ctl("restore", file)
    assert serials(fresh) == serials(g) and revision(fresh) > revision(g)
    # No document differs, and numbers alone are raised: that is a revision, and is told as one.
    lower = gslbd()
    fresh.ctl("backup", file)
    lower.ctl("restore", file)
    high = tmp_path / "high"
    lines = file.read_text().splitlines(keepends=True)[:-1]
    head = json.loads(lines[0])
    lines[0] = json.dumps(head | {"revision": head["revision"] + 50}, separators=(",", ":")) + "\n"
    digest = hashlib.sha256("".join(lines).encode()).hexdigest()
    high.write_text("".join(lines) + f'{{"lines":{len(lines)},"sha256":"{digest}"}}\n')
    for more, end in ((["--dry-run"], "dry run: nothing was changed"), ([], f"revision {head['revision'] + 51}")):
        said = lower.ctl("restore", high, *more).stdout
        assert said == f"  numbers of revisions and zones go on above those of the backup\n{end}\n", said
    assert revision(lower) == head["revision"] + 51
    assert lower.ctl("restore", high).stdout.startswith("nothing to change")


def test_a_dry_run_shows_the_difference_by_name_and_changes_nothing(gslbd, tmp_path):
    g = used(gslbd)
    file = tmp_path / "b"
    g.ctl("backup", file)
    g.ctl("delete", "service", "api.gslb.example.com")
    g.ctl("set", "pool", "spare/s1", "weight=9")
    g.apply("regions: [{name: new}]")
    before, was = state(g), revision(g)
    said = g.ctl("restore", file, "--dry-run").stdout
    for line in ("- regions[new]", "+ services[api.gslb.example.com]", "pools[spare] ~ endpoints[s1].weight 9 -> 7", "dry run: nothing was changed"):
        assert line in said, said
    assert state(g) == before and revision(g) == was
    g.ctl("restore", file)
    assert revision(g) == was + 1


def test_a_restore_is_one_revision_that_can_be_gone_back_from(gslbd, tmp_path):
    old = used(gslbd)
    file = tmp_path / "b"
    old.ctl("backup", file)
    new = gslbd()
    new.apply("regions: [{name: mine, default: true}]")
    here, number = state(new)[0], revision(new)
    new.ctl("restore", file, "--comment", "moved")
    entry = new.request("GET", f"/v1/revisions/{revision(new)}")[2]
    assert entry["comment"] == "moved" and entry["follows"] == number and entry["author"] == "admin"
    said = new.ctl("rollback", str(number + 1), check=False)
    assert said.returncode == 1 and "there is no revision" in said.stderr, said
    new.ctl("rollback", str(number))
    assert without_revision(state(new)[0]) == without_revision(here)


def test_what_is_no_whole_backup_is_refused_and_changes_nothing(gslbd, tmp_path):
    g = used(gslbd)
    good = g.ctl("backup", "-").stdout.encode()
    before, was = state(g), revision(g)
    first, rest = good.split(b"\n", 1)
    for text, why in ((b"", "this is no backup of gslbd"), (b"regions: []\n", "this is no backup of gslbd"), (good[:-1], "the backup is cut"),
                      (good[:len(good) // 2], "the backup is cut"), (good[:20], "first line"), (good + b"\n", "the backup is cut"),
                      (good.replace(b'"weight":7', b'"weight":8'), "the backup is damaged"), (good + good, "the backup is damaged"),
                      (first.replace(b'backup":1', b'backup":2') + b"\n" + rest, "use the gslbd that made it, or a newer one"),
                      (re.sub(rb'"store_format":\d+', b'"store_format":99', first) + b"\n" + rest, "use the gslbd that made it, or a newer one")):
        status, _, reply = g.request("POST", "/v1/restore", text)
        assert status == 422 and why in reply["detail"] and "nothing was changed" in reply["detail"], (text[:60], reply)
        assert revision(g) == was
    for at in range(0, len(good), 97):
        broken = bytearray(good)
        broken[at] ^= 1
        assert g.request("POST", "/v1/restore", bytes(broken))[0] == 422, at
    file = tmp_path / "cut"
    file.write_bytes(good[:-5])
    said = g.ctl("restore", file, check=False)
    assert said.returncode == 1 and "the backup is cut" in said.stderr
    assert state(g) == before and revision(g) == was


def test_backup_and_restore_need_role_admin(gslbd):
    g = used(gslbd)
    secret = g.request("POST", "/v1/tokens", {"name": "ed", "role": "edit"})[2]["secret"]
    assert g.request("GET", "/v1/backup", token=secret)[0] == 403
    assert g.request("POST", "/v1/restore", b"", token=secret)[0] == 403
    status, _, reply = g.request("POST", "/v1/restore?dry_run", g.ctl("backup", "-").stdout.encode(), {"If-Match": '"r1"'})
    assert status == 412, reply


def test_a_restore_loses_no_query(gslbd, tmp_path):
    g = used(gslbd)
    file = tmp_path / "b"
    g.ctl("backup", file)
    stop, asked, lost = threading.Event(), [0], []
    question = b"".join(bytes([len(label)]) + label.encode() for label in "www.gslb.example.com".split(".")) + b"\0\0\1\0\1"

    def ask():
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.connect(("127.0.0.1", g.port))
            s.settimeout(5)
            while not stop.is_set():
                asked[0] += 1
                number = (asked[0] & 0xffff).to_bytes(2, "big")
                s.send(number + b"\0\0\0\1\0\0\0\0\0\0" + question)
                try:
                    reply = s.recv(512)
                except OSError as error:
                    lost.append(repr(error))
                    continue
                # the number asked, NOERROR, both answers: 127.0.61.x or 127.0.62.x
                if reply[:2] != number or reply[3] & 15 or reply[6:8] != b"\0\2" or reply[-4:-1] not in (b"\x7f\0\x3d", b"\x7f\0\x3e"):
                    lost.append(reply)

    thread = threading.Thread(target=ask)
    thread.start()
    for i in range(5):
        g.ctl("set", "service", "www.gslb.example.com", f"ttl={20 + i}")
        g.ctl("restore", file)
    stop.set()
    thread.join()
    assert not lost and asked[0] > 20, (asked, lost[:3])
