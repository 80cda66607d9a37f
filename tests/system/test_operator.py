"""What an operator asks at each step: what will it do, what happened, why not, what next?"""
import re
import subprocess

import pytest
from conftest import PROBER, run, two_regions


def test_a_refused_deletion_names_who_refers_to_it_and_guesses_nothing(gslbd):
    g = gslbd()
    g.apply(two_regions(9) + "probers: [{name: paris}]\n")
    g.ctl("token", "create", "paris", "--role", "prober", "--prober", "paris")
    for what, who in (("pool web-eu", "services[www.gslb.example.com].pools[0]: refers to pools[web-eu]\n"),
                      ("prober paris", "tokens[paris].prober: refers to probers[paris]\n")):
        refused = g.ctl("delete", *what.split(), "--dry-run", check=False)
        assert refused.returncode == 1 and "something else refers to it" in refused.stderr and who in refused.stderr, refused.stderr
    # Where it never was, the near name is worth having.
    refused = g.apply("networks: [{cidr: 10.9.0.0/16, region: ue}]\n", check=False)
    assert "refers to regions[ue], which does not exist; did you mean" in refused.stderr, refused.stderr


def test_explain_tells_the_revision_that_a_drain_made(gslbd):
    g = gslbd()
    g.apply(two_regions(9))
    drained = re.search(r"revision (\d+)", g.ctl("region", "drain", "eu").stdout).group(1)
    told = g.ctl("explain", "www.gslb.example.com", "--client", "10.1.2.3").stdout
    assert f"at revision {drained}." in told and "drained" in told, told
    assert f"ready, revision {drained}\n" in g.ctl("ready").stdout


def test_endpoints_and_records_are_kinds_to_get(gslbd):
    g = gslbd()
    g.apply(two_regions(9))
    g.ctl("set", "pool", "web-eu/eu2", "weight=7")
    rows = [line.split() for line in g.ctl("get", "endpoints").stdout.splitlines()]
    assert rows[0] == ["POOL", "NAME", "ADDRESS", "WEIGHT", "ENABLED"]
    assert ["web-eu", "eu1", "127.0.61.1", "1", "yes"] in rows and ["web-eu", "eu2", "127.0.61.2", "7", "yes"] in rows
    rows = [line.split() for line in g.ctl("get", "record").stdout.splitlines()]
    assert rows[0] == ["ZONE", "NAME", "TYPE", "TTL", "DATA"] and rows[1] == ["gslb.example.com", "ns1", "A", "zone's", "127.0.0.1"]
    assert "weight: 7" in g.ctl("get", "endpoints", "-o", "yaml").stdout
    assert "endpoints, records, regions" in g.ctl("get", "nothing", check=False).stderr


def test_a_token_that_is_not_taken_says_which_and_what_to_give(gslbd, tmp_path):
    g = gslbd()
    (tmp_path / "other").write_text("gslbd_0\n")
    refused = g.ctl("get", "-t", tmp_path / "other", check=False)
    assert refused.returncode == 1 and f"The token in {tmp_path}/other is none of this gslbd's" in refused.stderr, refused.stderr
    assert "--token-file" in refused.stderr and "--server" in refused.stderr


def test_a_prober_says_why_it_cannot_read_its_token(tmp_path):
    (tmp_path / "empty").touch()
    for name, why in (("none", "No such file or directory"), ("empty", "it is empty")):
        ended = subprocess.run([PROBER, "--name", "paris", "--token-file", tmp_path / name, "--server", "http://127.0.0.1:1"],
                               capture_output=True, text=True, timeout=20)
        assert ended.returncode == 1 and ended.stderr == f"gslb-prober: cannot read a token from {tmp_path / name}: {why}\n", ended.stderr


def test_what_was_restored_but_stands_in_something_drained_says_so(gslbd):
    g = gslbd()
    g.apply(two_regions(9))
    g.ctl("region", "drain", "eu", "--for", "10m")
    g.ctl("pool", "drain", "web-eu")
    g.ctl("endpoint", "drain", "web-eu/eu1")
    said = g.ctl("endpoint", "restore", "web-eu/eu1").stdout
    assert "still out of answers: pool/web-eu is drained until it is restored\n" in said, said
    assert re.search(r"still out of answers: region/eu is drained until 2\S+Z\n", said), said
    said = g.ctl("pool", "restore", "web-eu").stdout
    assert "still out of answers: region/eu" in said and "pool/web-eu is" not in said, said
    assert "still out" not in g.ctl("region", "restore", "eu").stdout


def test_tables_fit_a_terminal_with_what_is_long_at_the_end(gslbd):
    g = gslbd()
    g.apply(two_regions(9))
    g.wait_state("web-eu/eu1", "down")
    g.ctl("region", "drain", "eu", "--reason", "a reason that is long " * 5)
    for command, last in (("health", "DETAIL"), ("events", "DETAIL"), ("drains", "REASON"), ("revisions", "COMMENT")):
        lines = g.ctl(command).stdout.split("\n\n")[0].splitlines()
        assert lines[0].endswith(last), lines[0]
        assert lines[0].index(last) < 95 and not re.search(r"\d\.\d{3}Z", "\n".join(lines)), lines
    assert "until it is restored" not in g.ctl("drains").stdout and "it is restored" in g.ctl("drains").stdout


def test_help_fits_eighty_columns(gslbd):
    g = gslbd()
    assert [line for line in g.ctl("--help").stdout.splitlines() if len(line) > 80] == []


def test_a_geoip_reload_says_that_it_was_dry_and_that_there_is_nothing_to_load(gslbd):
    g = gslbd()
    assert "no GeoIP database is configured" in g.ctl("geo", "reload").stdout
    assert "dry run: nothing was changed" in g.ctl("geo", "reload", "--dry-run").stdout


def test_a_full_disk_is_told_once(small_disk):
    g = small_disk.g
    small_disk.fill()
    refused = g.ctl("apply", "-f", "-", stdin=two_regions(9), check=False)
    assert refused.returncode == 1 and refused.stderr.count("nothing was changed") == 1, refused.stderr
    assert "No space left on device; free some disk space" in refused.stderr
    small_disk.free()
    g.apply(two_regions(9))


@pytest.mark.parametrize("text, said", [
    ("pools: [{name: p, region: eu, endpoints: [{address: 192.0.2.1, waight: 1}]}]", "unknown field of an endpoint; did you mean \"weight\"?"),
    ("pools: [{name: p, regoin: eu}]", "unknown field of a pool; did you mean \"region\"?")])
def test_an_unknown_field_is_told_in_english(gslbd, text, said):
    assert said in gslbd().apply(text, check=False).stderr
