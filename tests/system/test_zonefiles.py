"""Zone files that are imported, read as BIND's named-compilezone reads them."""
import json
import shutil
import subprocess

import pytest

MAIN = r"""$ORIGIN example.test.
$TTL 1h
@ IN SOA ns1 hostmaster ( 2026112101 ; serial
   2h 15m 14d
   60 )
  NS ns1
  NS ns2.other.test.
ns1 A 192.0.2.53
$INCLUDE inc/more.db sub
after A 192.0.2.99   ; origin is as before
   TXT "a;b" "c \"d\" (e)"
$GENERATE 1-20/3 host$ A 10.0.0.$
$GENERATE 0-3 ${16,4,x}.rev 300 IN PTR host-${0,3,d}.example.test.
$GENERATE 1-2 w$ CNAME h-$-x
$GENERATE 8-9 o${0,2,o}-${10,0,X} A 192.0.2.$
long TXT ( "one"
  "two" )
x\.y 5m IN A 192.0.2.7
IN2 IN 7m A 192.0.2.8
$ORIGIN other
@ A 192.0.2.9
$TTL 1w2d
late A 192.0.2.10
"""
MORE = """a A 192.0.2.1
$TTL 5
$ORIGIN deep
b A 192.0.2.2
  AAAA 2001:db8::1
$INCLUDE third.db
"""


def lines(text):
    return sorted(" ".join(line.split()) for line in text.splitlines() if line and not line.startswith(";") and " SOA " not in line.replace("\t", " "))


@pytest.fixture
def files(tmp_path):
    (tmp_path / "inc").mkdir()
    (tmp_path / "main.db").write_text(MAIN)
    (tmp_path / "inc/more.db").write_text(MORE)
    (tmp_path / "inc/third.db").write_text("c MX 10 @\n")
    (tmp_path / "third.db").write_text("c MX 10 @\n")  # BIND looks below its own directory
    return tmp_path


@pytest.mark.skipif(not shutil.which("named-compilezone"), reason="no named-compilezone")
def test_what_is_included_and_generated_is_what_bind_reads(gslbd, files):
    g = gslbd()
    g.ctl("zone", "import", str(files / "main.db"))
    (files / "exported").write_text(g.ctl("zone", "export", "example.test").stdout)
    read = [subprocess.run(["named-compilezone", "-n", "ignore", "-i", "none", "-k", "ignore", "-s", "full", "-o", "-", "example.test", name],
                           cwd=files, capture_output=True, text=True, check=True).stdout for name in ("main.db", "exported")]
    assert lines(read[0]) == lines(read[1])
    assert len(lines(read[0])) > 25


@pytest.mark.parametrize("text, said", [
    ("$INCLUDE nowhere.db\n", "line 2: cannot open"),
    ("$INCLUDE loop.db\n", "expected at most 10 files that include each other"),
    ("$INCLUDE\n", "line 2: expected $ORIGIN NAME"),
    ("$GENERATE 1-3 a$\n", "line 2: expected $GENERATE START-STOP"),
    ("$GENERATE 3-1 a$ A 192.0.2.1\n", "line 2: expected $GENERATE START-STOP"),
    ("$GENERATE 1-3000000000 a$ A 192.0.2.1\n", "line 2: expected a $GENERATE of at most 1000000"),
    ("$GENERATE 1-3 a${-2} A 192.0.2.1\n", "line 2: expected $ or ${OFFSET"),
    ("$GENERATE 1-3 a${0,0,q} A 192.0.2.1\n", "line 2: expected $ or ${OFFSET"),
    ("$TTL soon\n", "line 2: expected $TTL with a time"),
    ("$NEW x\n", "line 2: expected $ORIGIN NAME"),
    ("a A ( 192.0.2.1\n", "line 2: expected a ) that closes"),
    ("a TXT \"open\n", "line 2: expected a \" that closes"),
    ("\n\n$INCLUDE bad.db\n", "bad.db"),
])
def test_what_cannot_be_read_is_told_with_its_line_and_changes_nothing(gslbd, tmp_path, text, said):
    g = gslbd()
    (tmp_path / "loop.db").write_text("$INCLUDE loop.db\n")
    (tmp_path / "bad.db").write_text("x A not-an-address\n$TTL x\n")
    (tmp_path / "main.db").write_text("example.test. SOA ns1.example.net. h.example.net. 1 2 3 4 5\n" + text)
    done = g.ctl("zone", "import", str(tmp_path / "main.db"), check=False)
    assert done.returncode == 1 and said in done.stderr, done.stderr
    assert json.loads(g.ctl("get", "zones", "-o", "json").stdout) == []


def test_a_set_whose_records_stand_apart_is_one_set(gslbd, tmp_path):
    g = gslbd()
    others = "".join(f"n{i} A 192.0.2.9\n" for i in range(3000))
    (tmp_path / "main.db").write_text("$ORIGIN example.test.\n@ SOA ns1.example.net. h.example.net. 1 2 3 4 5\n@ NS ns1.example.net.\n"
                                      f"www 60 A 192.0.2.1\nwww TXT x\n{others}WWW 60 A 192.0.2.2\n")
    g.ctl("zone", "import", str(tmp_path / "main.db"))
    records = json.loads(g.ctl("get", "zones", "example.test", "-o", "json").stdout)["records"]
    assert [r["data"] for r in records if r["name"].lower() == "www"] == [["192.0.2.1", "192.0.2.2"], ['"x"']]
    assert len(records) == 3002
