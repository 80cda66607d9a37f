"""EDNS options of the running server, asked by dig, which is not ours."""
import signal
import threading
import re
import subprocess

from conftest import wait_until, GSLBD
from test_dns import serving, status_of

NAME = "target.gslb.example.com"
FLEET = 'dns: {cookies: {secrets: ["000102030405060708090A0b0c0d0e0f", "101112131415161718191a1b1c1d1e1f"], require: always}}\n'
ROTATED = 'dns: {cookies: {secrets: ["202122232425262728292a2b2c2d2e2f", "000102030405060708090a0b0c0d0e0f"], require: always}}\n'


def cookie_of(text):
    return re.search(r"COOKIE: ([0-9a-f]{48}) \(good\)", text).group(1)


def test_rfc9018_a_cookie_of_one_server_is_good_at_another_with_the_secret_and_at_no_other(gslbd):
    one, two, other = serving(gslbd, settings=FLEET), serving(gslbd, settings=ROTATED), serving(gslbd, settings="dns: {cookies: {require: always}}\n")
    refused = one.dig("+cookie=0102030405060708", "+nobadcookie", NAME)
    assert status_of(refused) == "BADCOOKIE" and "ANSWER: 0" in refused
    cookie = cookie_of(refused)
    assert cookie.startswith("0102030405060708" "01000000")
    assert status_of(one.dig(f"+cookie={cookie}", "+nobadcookie", NAME)) == "NOERROR"
    assert status_of(two.dig(f"+cookie={cookie}", "+nobadcookie", NAME)) == "NOERROR"
    assert status_of(other.dig(f"+cookie={cookie}", "+nobadcookie", NAME)) == "BADCOOKIE"


def test_rfc7873_dig_gets_its_answer_where_cookies_are_required(gslbd):
    g = serving(gslbd, settings=FLEET)
    assert g.short(NAME) == ["192.0.2.1", "192.0.2.2"]  # dig asks again with the cookie it got
    assert "Truncated" in g.dig("+nocookie", NAME)  # and over TCP without one
    assert g.short(NAME, None, "A", "+nocookie") == ["192.0.2.1", "192.0.2.2"]


def test_rfc7828_rfc9567_rfc5001_options_say_what_is_configured(gslbd):
    g = serving(gslbd, settings="dns: {nsid: node-7, report_agent: er.example.net}\ntcp: {idle_timeout: 5s}\n")
    text = g.dig("+tcp", "+keepalive", "+nsid", NAME)
    assert re.search(r"TCP.KEEPALIVE: 5\.0 secs", text, re.I), text
    assert '("node-7")' in text
    # er.example.net in wire form
    assert "02 65 72 07 65 78 61 6d 70 6c 65 03 6e 65 74 00" in text, text


def test_rfc7873_settings_that_are_no_secret_are_refused_without_repeating_them(tmp_path):
    settings = tmp_path / "gslbd.yaml"
    settings.write_text("dns: {report_agent: '.', cookies: {secrets: [c0ffee], require: sometimes}}\n")
    run = subprocess.run([GSLBD, "--check", "-c", settings], capture_output=True, text=True, timeout=20)
    assert run.returncode != 0
    assert "dns.cookies.secrets[0]: expected a secret of 32 hexadecimal digits" in run.stderr and "c0ffee" not in run.stderr
    assert "dns.cookies.require" in run.stderr and "dns.report_agent" in run.stderr


def test_rfc9018_secrets_are_rotated_without_a_restart_under_load(gslbd):
    g = serving(gslbd, settings=FLEET)
    cookie = cookie_of(g.dig("+cookie=0102030405060708", "+nobadcookie", NAME))
    stop, failed = threading.Event(), []

    def ask():
        while not stop.is_set():
            if status_of(g.dig(f"+cookie={cookie}", "+nobadcookie", NAME)) != "NOERROR":
                failed.append(1)

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for t in threads:
        t.start()
    try:
        written = g.settings.read_text()
        g.settings.write_text(written.replace(FLEET, ROTATED))  # the old secret is the second now
        g.process.send_signal(signal.SIGHUP)
        wait_until(lambda: "read the parts dns and limits" in g.log_path.read_text(), "the settings are read again")
        new = cookie_of(g.dig("+cookie=1112131415161718", "+nobadcookie", NAME))
        assert status_of(g.dig(f"+cookie={new}", "+nobadcookie", NAME)) == "NOERROR"
    finally:
        stop.set()
        for t in threads:
            t.join()
    assert not failed
    g.settings.write_text(written.replace(FLEET, ROTATED.replace(', "000102030405060708090a0b0c0d0e0f"', "")))  # and now it is gone
    g.process.send_signal(signal.SIGHUP)
    wait_until(lambda: status_of(g.dig(f"+cookie={cookie}", "+nobadcookie", NAME)) == "BADCOOKIE", "the old secret is not known any more")
    g.settings.write_text(written.replace(FLEET, "dns: {cookies: {secrets: [short]}}\n"))
    g.process.send_signal(signal.SIGHUP)
    wait_until(lambda: "its parts dns and limits stay as they were read before" in g.log_path.read_text(), "what is not valid is told")
    assert status_of(g.dig(f"+cookie={new}", "+nobadcookie", NAME)) == "NOERROR"
