"""docs/openapi.yaml: made of what a gslbd tells of itself and of docs/openapi.in.yaml, which has the words, the replies and the examples."""
import copy
import pathlib
import re

import yaml

TOP = pathlib.Path(__file__).resolve().parents[2]
TEXTS = TOP / "docs" / "openapi.in.yaml"
FILE = TOP / "docs" / "openapi.yaml"
METHODS = ("get", "put", "post", "delete", "patch")
HEAD = "# Made by tests/tools/make-openapi of GET /v1/calls, GET /v1/schema and docs/openapi.in.yaml: change those, and make it again.\n"


class Missing(Exception):
    """What docs/openapi.in.yaml does not say yet."""


def reference(kind, name):
    return {"$ref": f"#/components/{kind}/{name}"}


def camel(text):
    return "".join(word.capitalize() for word in text.split())


def duration(ms):
    return next(f"{ms // unit}{name}" for name, unit in (("d", 86400000), ("h", 3600000), ("m", 60000), ("s", 1000), ("ms", 1)) if ms % unit == 0)


# --- schemas of what the server reads ---

class Schemas:
    """components/schemas, from what the server says of its tables."""

    def __init__(self, texts):
        self.types, self.all = texts["types"], {}

    def add(self, name, described, path):
        """A component of this name; when there is one already it must be the same."""
        made = self.map(described, path)
        assert self.all.setdefault(name, made) == made, f"two schemas are called {name}"
        return reference("schemas", name)

    def map(self, described, path):
        fields = {field["name"]: field for field in described["fields"]}
        out = {"type": "object", "additionalProperties": False}
        required = [name for name, field in fields.items() if field["required"]]
        if required:
            out["required"] = required
        out["properties"] = {name: self.field(field, f"{path}.{name}") for name, field in fields.items()}
        return out

    def item(self, field, path):
        described = field["item"]
        made = self.add(camel(described["name"]), described, path) if field["type"] == "list" else self.map(described, path)
        return {"anyOf": [{"type": "string", "description": f"stands for {{{described['shorthand']}: ...}}"}, made]} if "shorthand" in described else made

    def field(self, field, path):
        kind, bounded = field["type"], "max" in field
        out = {"description": field["help"]} if "help" in field else {}
        if kind == "duration" and bounded:
            out["description"] = f"{out.get('description', 'how long')}; from {duration(field['min'])} to {duration(field['max'])}"
        if path in self.types:
            out |= self.types[path]
        elif kind in ("boolean", "string"):
            out |= {"type": kind} | ({"maxLength": field["max"]} if bounded else {})
        elif kind in ("integer", "number"):
            out |= {"type": kind} | ({"minimum": field["min"], "maximum": field["max"]} if bounded else {})
        elif kind == "duration":
            out |= reference("schemas", "Duration")
        elif kind == "enum":
            out |= {"type": "string", "enum": field["values"]}
        elif kind in ("address", "network"):
            out |= {"type": "string"}
        elif kind == "map":
            out |= self.item(field, path)
        elif kind == "list":
            out |= {"type": "array", "items": self.item(field, path)} | ({"maxItems": field["max"]} if bounded else {})
        elif kind == "strings":
            out |= reference("schemas", "Strings")
        else:
            raise Missing(f"types: {path} is read by a function of its own: say what it takes")
        if "default" in field:
            out["default"] = field["default"]
        return out


def hide(described, *names):
    return described | {"fields": [field for field in described["fields"] if field["name"] not in names]}


def add_kinds(schemas, schema, kinds, texts):
    for kind, described in schema.items():
        schemas.add(camel(described["name"]), hide(described, "hash") if kind == "tokens" else described, kind)
    for name, members in texts["more"].items():
        schemas.all[name]["properties"] |= members
    lists = {kind: {"type": "array", "items": reference("schemas", camel(schema[kind]["name"]))} for kind in kinds}
    schemas.all["Configuration"] = {"type": "object", "additionalProperties": False, "properties": lists | texts["configuration"]}


# --- calls ---

def anonymous(path):
    return re.sub(r"\{(?!kind\})[^}]*\}", "{}", path)


def expanded(calls, texts, schema):
    """Every call with its text; {kind} as one call for each kind, with its own names and examples in the text."""
    known = {(key.split()[0], anonymous(key.split()[1])): (key.split()[1], text) for key, text in texts["calls"].items()}
    for call in calls:
        key = call["method"], call["path"]
        if key not in known:
            raise Missing(f"calls: {call['method']} {call['path']} is new: say what it does, what it replies, and give examples")
        path, text = known.pop(key)
        if "kinds" not in call:
            yield call, path, text
        for kind in call.get("kinds", []):
            if kind not in texts["kinds"]:
                raise Missing(f"kinds: {kind} is new: give it examples")
            word = schema[kind]["name"]
            mine = yaml.safe_load(yaml.safe_dump(text).replace("{kind}", kind).replace("{one}", word).replace("{One}", camel(word)).replace("{Kind}", camel(kind)))
            example = texts["kinds"][kind]
            if "path" in mine:
                mine["path"] = {"key": example["key"]}
            if "example" in mine:
                mine["example"] = example[mine["example"]]
            yield call, path.replace("{kind}", kind), mine | {"item": camel(word)}
    if known:
        raise Missing(f"calls: there is no {sorted(known)[0]} any more")


def parameters_of(call, path, text, texts):
    for name in re.findall(r"\{([^}]*)\}", path):
        about = texts["path"].get(name, f"name of the {name}")
        yield {"name": name, "in": "path", "required": True, "description": about, "schema": {"type": "string"}, "example": text["path"][name]}
    for name in call["parameters"]:
        if name not in texts["parameters"]:
            raise Missing(f"parameters: {name} is new: say what it does")
        one = {"name": name, "in": "query"} | copy.deepcopy(texts["parameters"][name]) | text.get("parameters", {}).get(name, {})
        if name == "limit":
            one["schema"]["maximum"] = call["limit_most"]
        yield one if name == "limit" or name in text.get("parameters", {}) else reference("parameters", name)
    if call["changes"]:
        yield reference("parameters", "If-Match")


def body_of(call, text):
    if call["body"] == "none":
        return {}
    if "example" not in text:
        raise Missing(f"calls: {call['method']} {call['path']}: give an example of its body")
    if call["body"] == "backup":
        return {"requestBody": {"required": True, "content": {"text/plain": {"schema": {"type": "string"}, "example": text["example"]}}}}
    if call["method"] == "PATCH":
        made = {"application/merge-patch+json": {"schema": reference("schemas", "MergePatch"), "example": text["example"]}}
        return {"requestBody": {"required": True, "description": f"a merge patch of the {text['item']}", "content": made}}
    name = camel(call["form"]["name"]) + "Request" if "form" in call else text["item"]
    content = {"schema": reference("schemas", name)}
    return {"requestBody": {"required": "form" not in call or any(field["required"] for field in call["form"]["fields"]),
                            "content": {"application/json": content | {"example": text["example"]}, "application/yaml": content}}}


def errors_of(call, path, text):
    yield "400"
    if call["role"]:
        yield from ("401", "403")
    if "{" in path:
        yield "404"
    if call["changes"]:
        yield from ("409", "412", "422", "503", "507")
    if call["body"] != "none":
        yield from ("413", "415")
    yield from (str(status) for status in text.get("errors", ()))


def replies_of(call, path, text):
    out = {}
    for status, what in text["replies"].items():
        headers = {"ETag": reference("headers", "ETag")} if text.get("etag") else {}
        if what == "Change" or str(what).endswith("Change"):
            headers["Gslbd-Revision"] = reference("headers", "Gslbd-Revision")
        kind = "text/plain" if what == "text" else "application/json"
        schema = {"type": "string"} if what == "text" else reference("schemas", what)
        out[str(status)] = {"description": text.get("reply", "done")} | ({"headers": headers} if headers else {}) | (
            {"content": {kind: {"schema": schema}}} if what else {})
    if text.get("etag") and call["method"] == "GET":
        out["304"] = {"description": "If-None-Match has its tag"}
    for status in errors_of(call, path, text):
        out.setdefault(status, reference("responses", status))
    return dict(sorted(out.items()))


def operation(call, path, text, texts):
    out = {"operationId": text["id"], "tags": [text["tag"]], "summary": text["summary"]}
    if "description" in text:
        out["description"] = text["description"]
    out["security"] = [{"token": [call["role"]]}] if call["role"] else []
    parameters = list(parameters_of(call, path, text, texts))
    if text.get("etag") and call["method"] == "GET":
        parameters.append(reference("parameters", "If-None-Match"))
    if parameters:
        out["parameters"] = parameters
    return out | body_of(call, text) | {"responses": replies_of(call, path, text)}


def generate(calls, schema, texts):
    schemas = Schemas(texts)
    kinds = next(call["kinds"] for call in calls if "kinds" in call)
    add_kinds(schemas, schema, kinds, texts)
    paths = {}
    for call, path, text in expanded(calls, texts, schema):
        if "form" in call:
            schemas.add(camel(call["form"]["name"]) + "Request", call["form"], call["form"]["name"])
        paths.setdefault(path, {})[call["method"].lower()] = operation(call, path, text, texts)
    for kind in kinds:
        item = camel(schema[kind]["name"])
        schemas.all[f"{item}List"] = {"type": "object", "required": ["items", "next"],
                                      "properties": {"items": {"type": "array", "items": reference("schemas", item)}, "next": reference("schemas", "Next")}}
    assert not schemas.all.keys() & texts["schemas"].keys(), schemas.all.keys() & texts["schemas"].keys()
    parameters = {name: {"name": name, "in": "query"} | one for name, one in texts["parameters"].items() if name != "limit"}
    components = {"securitySchemes": texts["securitySchemes"], "parameters": parameters | texts["fields"], "headers": texts["headers"],
                  "responses": {str(status): {"description": about, "content": {"application/problem+json": {"schema": reference("schemas", "Problem")}}}
                                for status, about in texts["errors"].items()},
                  "schemas": schemas.all | texts["schemas"]}
    return {"openapi": "3.1.0", "info": texts["info"], "servers": texts["servers"], "tags": texts["tags"], "paths": paths, "components": components}


class Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data):
        return True


def write(document):
    return HEAD + yaml.dump(document, Dumper=Dumper, sort_keys=False, default_flow_style=None, width=140, allow_unicode=True)


def of_server(g):
    """What docs/openapi.yaml must be for this gslbd."""
    texts = yaml.safe_load(TEXTS.read_text())
    return write(generate(g.request("GET", "/v1/calls")[2]["items"], g.request("GET", "/v1/schema")[2], texts))


# --- reading the file ---

class Operation:
    """A call as the file has it."""

    def __init__(self, document, path, method, text):
        self.document, self.path, self.method, self.text = document, path, method.upper(), text
        self.parameters = [self.resolve(one) for one in text.get("parameters", [])]
        self.role = text["security"][0]["token"][0] if text["security"] else None
        content = text.get("requestBody", {}).get("content", {})
        self.content_type, body = next(iter(content.items()), (None, {}))
        self.schema, self.example = body.get("schema"), body.get("example")

    def __repr__(self):
        return f"{self.method} {self.path}"

    def resolve(self, one):
        while "$ref" in one:
            found = self.document
            for step in one["$ref"].removeprefix("#/").split("/"):
                found = found[step]
            one = found | {key: value for key, value in one.items() if key != "$ref"}
        return one

    @property
    def changes(self):
        return any(one["name"] == "dry_run" for one in self.parameters)

    def url(self, **query):
        """Its path with the examples, and those parameters that the file gives an example for."""
        from urllib.parse import quote, urlencode
        path = self.path
        for one in self.parameters:
            if one["in"] == "path":
                path = path.replace("{" + one["name"] + "}", quote(str(one["example"]), safe=""))
        given = {one["name"]: one["example"] for one in self.parameters if one["in"] == "query" and one.get("required")} | query
        return path + ("?" + urlencode(given) if given else "")

    def reply_schema(self, status):
        """The schema of a reply with this status; None: it has no body. KeyError: the file does not know the status."""
        reply = self.resolve(self.text["responses"][str(status)])
        return next(iter(reply["content"].items())) if "content" in reply else (None, None)


def operations(document):
    return [Operation(document, path, method, text) for path, item in document["paths"].items() for method, text in item.items() if method in METHODS]


def load():
    return yaml.load(FILE.read_text(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
