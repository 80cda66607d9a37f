"""Every example of a configuration in the guides is one that gslbd takes."""
import pathlib
import re

import pytest

DOCS = pathlib.Path(__file__).resolve().parents[2] / "docs"


def examples(name):
    return re.findall(r"^```yaml\n(.*?)^```", (DOCS / name).read_text(), re.M | re.S)


@pytest.mark.parametrize("name", ["health.md"])
def test_every_example_of_a_guide_is_taken(gslbd, name):
    g = gslbd()
    found = examples(name)
    assert len(found) > 5
    for text in found:
        run = g.ctl("apply", "--dry-run", "-f", "-", stdin=text, check=False)
        assert run.returncode == 0, f"{text}\n{run.stdout}{run.stderr}"
