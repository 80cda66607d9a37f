"""The tree keeps the rules of the house; and each rule refuses what breaks it. Run by ./check before anything is built."""
import pathlib

import pytest

import house

TOP = pathlib.Path(__file__).resolve().parents[2]
TREE = house.Tree(TOP)

# {rule: [how lines begin]} of what breaks a rule and is known. This list only shrinks: what is not needed any more fails the test.
EXCEPTIONS = {}


@pytest.mark.parametrize("rule", house.RULES, ids=lambda rule: rule.__name__)
def test_the_tree_keeps(rule):
    known = EXCEPTIONS.get(rule, [])
    wrong = rule(TREE)
    assert not [line for line in wrong if not line.startswith(tuple(known))]
    assert not [start for start in known if not any(line.startswith(start) for line in wrong)], "these exceptions are not needed any more"


def test_most_functions_are_found():
    """What finds functions finds (almost) each brace that stands alone at the margin after a head."""
    found = sum(1 for text in TREE.texts.values() for _ in house.functions(text))
    braces = sum(text.split("\n").count("{") for text in TREE.texts.values())
    assert 1000 < braces <= found * 1.01, (found, braces)


def made(tmp_path, **files):
    """A tree of these files: underscores stand for /, two for one; the last is the dot."""
    for name, text in files.items():
        path = tmp_path / name.replace("__", "@").replace("_", "/").replace("@", "_")
        path = path.with_name(path.name[:-1] + "." + path.name[-1])
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return house.Tree(tmp_path)


def test_an_include_upwards_is_refused(tmp_path):
    tree = made(tmp_path, base_ac='\n#include "zones/dns/b.h"\n', zones_dns_bh='#include "base/c.h"\n', base_ch="")
    assert house.wrong_includes(tree) == ["base/a.c:2: base stands below zones/dns or beside it, and includes zones/dns/b.h"]


def test_an_include_of_a_neighbour_in_the_order_is_refused(tmp_path):
    tree = made(tmp_path, zones_store_ac='#include "zones/dns/b.h"\n', zones_dns_bh="")
    assert len(house.wrong_includes(tree)) == 1


def test_an_unknown_folder_and_a_header_that_is_not_there_are_refused(tmp_path):
    tree = made(tmp_path, zones_cellar_ac='#include "b.h"\n')
    wrong = house.wrong_includes(tree)
    assert len(wrong) == 2 and wrong[0].startswith("zones/cellar: ") and wrong[1].startswith("zones/cellar/a.c:1: b.h is not there"), wrong


def test_a_circle_of_folders_is_refused(tmp_path):
    tree = made(tmp_path, zones_dns_ah='#include "zones/store/b.h"\n', zones_store_bh='#include "zones/monitors/c.h"\n', zones_monitors_cc='#include "zones/dns/a.h"\n',
                zones_monitors_ch="")
    assert house.folder_circles(tree) == ["circle of folders: zones/dns, zones/monitors, zones/store"]


def test_a_ring_of_headers_is_refused(tmp_path):
    tree = made(tmp_path, base_ah='#include "base/b.h"\n', base_bh='#include "base/a.h"\n')
    assert house.header_rings(tree) == ["ring of headers: base/a.h, base/b.h"]


def test_a_ring_of_files_by_their_headers_is_refused(tmp_path):
    tree = made(tmp_path, base_ac='#include "base/b.h"\n', base_ah="", base_bc="", base_bh='#include "base/a.h"\n')
    assert house.rings(tree) == ["ring of files: base/a, base/b: a -> b (includes b.h); b -> a (includes a.h)"]


def test_a_ring_of_files_behind_one_private_header_is_refused(tmp_path):
    tree = made(tmp_path, base_ac='#include "base/all.h"\nvoid one(void)\n{\n        two();\n}\n', base_allh="void one(void), two(void);\n",
                base_bc='#include "base/all.h"\nvoid\ntwo(void)\n{\n        one();\n}\n')
    assert house.rings(tree) == ["ring of files: base/a, base/b: a -> b (two); b -> a (one)"]


def test_the_word_in_a_comment_a_text_or_a_member_makes_no_ring(tmp_path):
    tree = made(tmp_path, base_ac='void one(void)\n{\n        two();\n}\n', base_bc='void two(void)\n{\n        /* one */\n        say("one", it->one);\n}\n')
    assert house.rings(tree) == []


def test_what_is_too_long_is_refused(tmp_path):
    body = "        step();\n"
    tree = made(tmp_path, base_ac="static int long_one(int a,\n                    int b)\n{\n" + body * 77 + "}\n\nint good(void)\n{\n" + body * 77 + "}\n", base_bh="\n" * 501)
    assert house.long_functions(tree) == ["base/a.c:1: long_one has 81 lines; at most 80"]
    assert house.long_files(tree) == ["base/b.h: 501 lines; at most 500"]


def test_a_full_folder_is_refused(tmp_path):
    tree = made(tmp_path, **{f"base_a{number}c": "" for number in range(21)}, geo_ah="")
    assert house.full_folders(tree) == ["base: 21 sources; at most 20"]


def test_two_tables_of_the_same_names_are_refused(tmp_path):
    tree = made(tmp_path, base_ac='const char *const all[] = {"one", "two",\n        "three", NULL};\n', base_bc='static const char *const mine[] = {"one", "two", "three", "four"};\n',
                base_cc='static const char *const other[] = {"two", "three", "one"};\n')
    assert house.twin_tables(tree) == ["base/b.c:1: mine holds the names of base/a.c:1: all; keep them once (base/named.h)"]


def test_files_that_are_named_are_there():
    assert not house.missing_files(TOP)


def test_a_file_that_is_named_and_not_there_is_refused(tmp_path):
    made(tmp_path, base_ac="/* See base/a.c and base/gone.c, or base/{a,b}.c,\n * which zones/*.c call. */\n")
    assert house.missing_files(tmp_path) == ["base/a.c:1: base/gone.c is not there", "base/a.c:1: base/{a,b}.c is not there", "base/a.c:2: zones/*.c is not there"]


def test_what_the_walks_name_is_there():
    name = "docs/architecture.md"
    text = (TOP / name).read_text()
    assert "\n## Four walks\n" in text
    assert not house.missing_in_walks(TREE, name, text)


def test_a_function_or_source_that_a_walk_names_and_is_not_there_is_refused(tmp_path):
    tree = made(tmp_path, base_ac="static int one_step(int a)\n{\n        return a;\n}\n")
    text = "`when_set` by gone()\n## Two walks\n`one_step` (`a.c`, `*.c`), one_step(), `two_steps` (`b.c`)\n## Words\n`when_set`\n"
    assert house.missing_in_walks(tree, "walks.md", text) == [
        "walks.md:1: there is no function gone", "walks.md:3: there is no function two_steps", "walks.md:3: there is no source b.c"]
