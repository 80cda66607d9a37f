"""docs/openapi.yaml against a real gslbd: it describes every call, replies are as it says, and wrong bodies are refused by their place."""
import copy
import json
import re

import jsonschema
import pytest

import openapi
from examples import DOCUMENT, OPERATIONS, world  # noqa: F401: a fixture

BASE = {"components": DOCUMENT["components"]}


def strict(schema):
    """A member that a reply's schema does not name is wrong here; clients should let it pass."""
    if isinstance(schema, list):
        return [strict(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    schema = {key: strict(value) for key, value in schema.items()}
    return {"additionalProperties": False} | schema if "properties" in schema and isinstance(schema.get("type"), str) else schema


STRICT = strict(BASE)


def errors(schema, value, base=BASE):
    return [f"{error.json_path}: {error.message}" for error in jsonschema.Draft202012Validator(base | schema).iter_errors(value)]


# --- the file itself ---

def test_the_file_is_what_the_server_says(world):
    assert openapi.FILE.read_text() == openapi.of_server(world.g), "run tests/tools/make-openapi"


def test_every_call_of_the_server_is_in_the_file_and_no_other(world):
    calls = {(call["method"], call["path"].replace("{kind}", kind)): call for call in world.ask("GET", "/v1/calls")["items"] for kind in call.get("kinds", [""])}
    assert len(calls) > 90
    assert {(one.method, openapi.anonymous(one.path)) for one in OPERATIONS} == calls.keys()
    for one in OPERATIONS:
        call = calls[one.method, openapi.anonymous(one.path)]
        assert one.role == call["role"] and one.changes == call["changes"], one
        assert {p["name"] for p in one.parameters if p["in"] == "query"} == set(call["parameters"]), one
        assert (one.schema is None) == (call["body"] == "none"), one
        assert ("If-Match" in {p["name"] for p in one.parameters}) == call["changes"], one


def references(part):
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        for value in part.values():
            yield from references(value)
    elif isinstance(part, list):
        for value in part:
            yield from references(value)


def test_the_file_is_sound():
    assert DOCUMENT["openapi"].startswith("3.1.") and len({one.text["operationId"] for one in OPERATIONS}) == len(OPERATIONS)
    used = set(references(DOCUMENT))
    for one in used:
        found = DOCUMENT
        for step in one.removeprefix("#/").split("/"):
            assert step in found, f"{one} leads nowhere"
            found = found[step]
    told = {f"#/components/{kind}/{name}" for kind in ("schemas", "parameters", "responses", "headers") for name in DOCUMENT["components"][kind]}
    assert told == used & told, "nobody refers to it"
    for name, schema in DOCUMENT["components"]["schemas"].items():
        jsonschema.Draft202012Validator.check_schema(schema)
    tags = {tag["name"] for tag in DOCUMENT["tags"]}
    for one in OPERATIONS:
        assert set(re.findall(r"\{(.*?)\}", one.path)) == {p["name"] for p in one.parameters if p["in"] == "path"}, one
        assert set(one.text["tags"]) <= tags and one.text["summary"], one
        if one.schema:
            assert not errors(one.schema, one.example), one


def test_the_examples_of_replies_can_be_refused():
    """So that the walks below can fail: schemas refuse what is missing, what is more, and what is of another type."""
    change = {"$ref": "#/components/schemas/Change"}
    good = {"revision": 1, "changed": True, "changes": [{"kind": "pools", "key": "x", "action": "update"}]}
    assert not errors(change, good, STRICT)
    for wrong in ({"revision": 1, "changed": True}, good | {"more": 1}, good | {"revision": "1"}, good | {"changes": [{"kind": "pools"}]}):
        assert errors(change, wrong, STRICT), wrong


# --- good calls ---

def check_reply(one, status, headers, reply):
    try:
        content_type, content = one.reply_schema(status)
    except KeyError:
        pytest.fail(f"{one}: the file does not know status {status}: {reply}")
    if not content:
        assert reply == "", one
        return
    assert headers["Content-Type"].startswith(content_type), (one, headers["Content-Type"])
    assert not errors(content["schema"], reply, STRICT), (one, reply)
    for name in one.resolve(one.text["responses"][str(status)]).get("headers", {}):
        assert name in headers or status >= 400, (one, name)


def test_every_call_with_its_example_replies_as_the_file_says(world):
    for one in sorted(OPERATIONS, key=lambda one: not one.path.endswith("/revert")):  # before the others add to the history
        status, headers, reply = world.call(one, one.example)
        assert status < 300, (one, status, reply)
        check_reply(one, status, headers, reply)
        if "ETag" in headers and one.method == "GET":
            assert world.call(one, headers={"If-None-Match": headers["ETag"]})[0] == 304 and "304" in one.text["responses"], one
        world.restore()


def test_what_is_not_there_and_who_may_not_are_told_as_the_file_says(world):
    for one in OPERATIONS:
        without = world.g.request(one.method, one.url(), one.example, token=False)
        assert (without[0] == 401) == (one.role is not None), (one, without)
        check_reply(one, *without)
        if "{" in one.path:
            lost = copy.copy(one)
            lost.parameters = [p | {"example": "nothing-of-this-name" if p["name"] != "revision" else "99999"} if p["in"] == "path" else p for p in one.parameters]
            if one.method == "PUT" and isinstance(one.example, dict) and "name" in one.example:
                continue  # makes it
            status, headers, reply = world.call(lost, one.example)
            assert status == 404, (one, status, reply)
            check_reply(one, status, headers, reply)


def test_what_the_guard_refuses_and_force_does_is_as_the_file_says(world):
    drain = next(one for one in OPERATIONS if one.text["operationId"] == "drainRegion")
    world.ask("POST", "/v1/regions/us/drain")
    refused = world.call(drain, drain.example)
    assert refused[0] == 409 and refused[2]["problems"], refused
    check_reply(drain, *refused)
    forced = world.call(drain, drain.example, force="true")
    assert forced[0] == 200 and forced[2]["forced"], forced
    check_reply(drain, *forced)


# --- wrong bodies ---

def resolved(schema):
    while "$ref" in schema:
        schema = DOCUMENT["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    if "anyOf" in schema:
        return next((resolved(one) for one in schema["anyOf"] if resolved(one).get("type") == "object"), schema)
    return schema


WRONG = ({"surprise": 1}, "wrong value", [["wrong"]], -5, 1.5, True, None)


def wrong_bodies(schema, example, path=""):
    """(what is wrong, the body, the path of what is wrong): each required member missing, each with a value that its schema refuses, and one too many."""
    schema = resolved(schema)
    if schema.get("type") == "array" and isinstance(example, list):
        for index, one in enumerate(example[:1]):
            for what, body, where in wrong_bodies(schema["items"], one, f"{path}[{index}]"):
                yield what, [body, *example[1:]], where
    if schema.get("type") != "object" or not isinstance(example, dict) or "properties" not in schema:
        return
    dot = f"{path}." if path else ""
    yield "a member too many", example | {"surprise": 1}, f"{dot}surprise"
    for name in schema.get("required", []):
        yield f"no {name}", {key: value for key, value in example.items() if key != name}, f"{dot}{name}"
    for name, inner in schema["properties"].items():
        refused = [value for value in WRONG if errors(inner, value)]
        for value in refused:
            yield f"{name}: {json.dumps(value)}", example | {name: value}, f"{dot}{name}"
        if name in example or resolved(inner).get("type") == "object":
            for what, body, where in wrong_bodies(inner, example.get(name, {}), f"{dot}{name}"):
                yield what, example | {name: body}, where


def names(problem, where):
    """Whether a problem is about this place: it, what it holds, or what holds it and the message says which. Of a part, the path is that in its whole."""
    path, leaf = problem["path"], re.split(r"[.\[]", where)[-1].rstrip("]")
    return bool(re.search(rf"(^|\.){re.escape(where)}($|[.\[])", path) or leaf in problem["message"])


def test_every_wrong_body_is_refused_by_its_place(world):
    tried = 0
    before = world.state()
    for one in OPERATIONS:
        if not one.schema or one.method == "PATCH":
            continue
        key = {p["name"] for p in one.parameters if p["in"] == "path"} and one.method == "PUT"
        for what, body, where in wrong_bodies(one.schema, one.example):
            if key and what.startswith("no ") and where in ("name", "type", "cidr"):
                continue  # the path says it
            status, headers, reply = world.call(one, body)
            assert 400 <= status < 500, (one, what, status, reply)
            check_reply(one, status, headers, reply)
            assert any(names(problem, where) for problem in reply.get("problems", [])), (one, what, where, status, reply)
            tried += 1
        assert world.state() == before, one
    assert tried > 1500


def test_every_wrong_patch_is_refused_by_its_place(world):
    before = world.state()
    wholes = {one.path: one for one in OPERATIONS if one.method == "PUT"}
    for one in OPERATIONS:
        if one.method != "PATCH":
            continue
        put = wholes[one.path]
        for name, inner in resolved(put.schema)["properties"].items():
            for value in [value for value in WRONG if value is not None and errors(inner, value)][:2]:
                status, headers, reply = world.call(one, {name: value})
                assert status == 422 and any(names(problem, name) for problem in reply.get("problems", [])), (one, name, value, reply)
                check_reply(one, status, headers, reply)
        assert world.call(one, {"surprise": 1})[0] == 422, one
        assert world.call(one, [1])[0] == 422, one
        assert world.state() == before, one
