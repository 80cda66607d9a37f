"""What the built programs hold: the prober no configuration, no store and no answers."""
import os
import pathlib
import subprocess

import pytest

import house

TOP = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("GSLBD_BUILD", TOP / "build" / "plain"))
ABOVE_THE_PROBER = ("zones/store", "zones/config", "zones/clients", "zones/steering", "zones/answers", "zones/explain", "probes/health", "admin", "gslbd")


def defined(program):
    listed = subprocess.run(["nm", "--defined-only", "--format=posix", BUILD / program], capture_output=True, text=True, check=True).stdout
    return {line.split()[0] for line in listed.splitlines()}


def exported(*folders):
    tree = house.Tree(TOP)
    return {name: path for path, text in tree.texts.items() if path.endswith(".c") and house.folder_of(path).startswith(folders)
            for name, visible, _, _ in house.functions(text) if visible and name != "main"}


def test_the_prober_links_nothing_of_what_it_does_not_serve():
    above = exported(*ABOVE_THE_PROBER)
    assert {"store_read", "snapshot_build"} <= above.keys() and "store_read" in defined("gslbd/gslbd")
    assert not sorted(f"{name} ({above[name]})" for name in defined("probes/gslb-prober") & above.keys())


def test_the_command_line_links_no_store():
    above = exported("zones/store/store", "zones/clients", "zones/steering", "zones/answers", "zones/explain", "probes/health", "admin/control", "gslbd")
    assert not sorted(f"{name} ({above[name]})" for name in defined("admin/gslbctl") & above.keys())


@pytest.mark.parametrize("arguments", [["answer_bench", "10", "300"], ["scale_bench", "100", "10"]], ids=lambda arguments: arguments[0])
def test_a_bench_still_runs(arguments):
    """Nobody looks at benches while rules for documents change: what they configure must stay valid."""
    program = f"tests/bench/{arguments[0]}"
    subprocess.run(["make", "-s", program], cwd=BUILD, check=True, capture_output=True)
    run = subprocess.run([BUILD / program, *arguments[1:]], capture_output=True, text=True, timeout=60)
    assert run.returncode == 0 and run.stdout, run.stderr
