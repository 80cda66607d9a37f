"""What the built programs hold: the prober no configuration, no store and no answers."""
import os
import pathlib
import subprocess

import house

TOP = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("GSLBD_BUILD", TOP / "build" / "plain"))
ABOVE_THE_PROBER = ("zones/store", "zones/config", "zones/steering", "zones/answers", "zones/explain", "probes/health", "admin", "gslbd")


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
    above = exported("zones/store/store", "zones/steering", "zones/answers", "zones/explain", "probes/health", "admin/control", "gslbd")
    assert not sorted(f"{name} ({above[name]})" for name in defined("admin/gslbctl") & above.keys())
