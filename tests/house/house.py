"""The rules of the house, read from the sources: which way includes go, and how large things get.

Each function gives the list of what breaks its rule, as lines that name the place; an empty list is good."""
import collections
import pathlib
import re

# Rooms from the bottom up, and the folders in them. A folder includes what stands before it, never what stands after; folders
# in one set do not know of each other.
ORDER = [
    {"base"}, {"base/threads"}, {"base/conditions", "base/time_zones"}, {"base/documents"},
    {"geo"},
    {"zones/dns", "zones/store"}, {"zones/monitors", "zones/schedules"}, {"zones/config"}, {"zones/load"}, {"zones/clients"}, {"zones/steering"}, {"zones/answers"}, {"zones/explain", "zones/forecast"},
    {"probes/checks"}, {"probes/prober"}, {"probes/health"},
    {"admin/plans", "admin/states", "admin/views"}, {"admin/traffic"}, {"admin/control"}, {"admin/asking", "admin/rollout"}, {"admin/http"}, {"admin/api", "admin/ctl/screen", "admin/ctl/moving"}, {"admin/ctl"}, {"admin/ctl/look"},
    {"gslbd/answer"}, {"gslbd/limits"}, {"gslbd/serve"}, {"gslbd"},
]
FILES_MOST = 20
LINES_MOST = 500
FUNCTION_MOST = 80


class Tree:
    """The sources below a directory: {path: text} of .c and .h files in rooms."""

    def __init__(self, top, rooms=None):
        top = pathlib.Path(top)
        rooms = rooms or sorted({folder.split("/")[0] for level in ORDER for folder in level})
        files = sorted(path for room in rooms for path in (top / room).rglob("*.[ch]"))
        self.texts = {str(path.relative_to(top)): path.read_text() for path in files}
        self.folders = collections.defaultdict(list)
        for path in self.texts:
            self.folders[folder_of(path)].append(path)

    def includes(self, path):
        """(line, header) of each header of ours that a file includes."""
        for number, line in enumerate(self.texts[path].splitlines(), 1):
            found = re.match(r'#\s*include\s+"([^"]+)"', line)
            if found and found[1] != "config.h":
                yield number, found[1]


def folder_of(path):
    return path.rpartition("/")[0]


def level_of(folder):
    return next((number for number, level in enumerate(ORDER) if folder in level), None)


def wrong_includes(tree):
    """Includes against the order, of what is not there, and folders that the order does not know."""
    wrong = [f"{folder}: the order in tests/house/house.py does not know this folder" for folder in sorted(tree.folders) if level_of(folder) is None]
    for path in tree.texts:
        for line, header in tree.includes(path):
            here, there = level_of(folder_of(path)), level_of(folder_of(header))
            if header not in tree.texts:
                wrong.append(f"{path}:{line}: {header} is not there; includes name the path from the top")
            elif folder_of(path) != folder_of(header) and None not in (here, there) and there >= here:
                wrong.append(f"{path}:{line}: {folder_of(path)} stands below {folder_of(header)} or beside it, and includes {header}")
    return wrong


def circles(graph):
    """Groups of nodes that reach each other, of {node: {node}}: sorted lists of two nodes or more (Tarjan)."""
    index, low, stack, found = {}, {}, [], []

    def visit(node):
        index[node] = low[node] = len(index)
        stack.append(node)
        for other in sorted(graph.get(node, ())):
            if other not in index:
                visit(other)
                low[node] = min(low[node], low[other])
            elif other in stack:
                low[node] = min(low[node], index[other])
        if low[node] == index[node]:
            at = stack.index(node)
            group = sorted(stack[at:])
            del stack[at:]
            if len(group) > 1:
                found.append(group)

    for node in sorted(graph):
        if node not in index:
            visit(node)
    return sorted(found)


def folder_circles(tree):
    graph = collections.defaultdict(set)
    for path in tree.texts:
        graph[folder_of(path)] |= {folder_of(header) for _, header in tree.includes(path)} - {folder_of(path)}
    return ["circle of folders: " + ", ".join(group) for group in circles(graph)]


def code_of(text):
    """A source without comments, literals and preprocessor lines; line breaks stay."""
    text = re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', lambda m: "\n" * m[0].count("\n"), text, flags=re.S)
    return re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", lambda m: "\n" * m[0].count("\n"), text, flags=re.M)


def functions(text):
    """(name, exported, first line, lines) of each function of a source in our layout: its head at the margin, braces alone there."""
    lines = code_of(text).split("\n")
    for end, line in enumerate(lines):
        if line.rstrip() != "}":
            continue
        start = next((i for i in range(end, -1, -1) if lines[i].rstrip() == "{"), None)
        head = start - 1 if start else None
        while head is not None and head > 0 and lines[head][:1] in (" ", "\t"):
            head -= 1
        found = head is not None and re.match(r"(?!(?:enum|struct|union|typedef)\b[^(]*$)([\w *]*?)\b(\w+)\s*\(", lines[head])
        if found:
            yield found[2], "static" not in found[1].split(), head + 1, end - head + 1


def long_functions(tree):
    return [f"{path}:{line}: {name} has {lines} lines; at most {FUNCTION_MOST}"
            for path, text in tree.texts.items() for name, _, line, lines in functions(text) if lines > FUNCTION_MOST]


def long_files(tree):
    return [f"{path}: {text.count(chr(10))} lines; at most {LINES_MOST}" for path, text in tree.texts.items() if text.count("\n") > LINES_MOST]


def full_folders(tree):
    counts = {folder: sum(path.endswith(".c") for path in paths) for folder, paths in tree.folders.items()}
    return [f"{folder}: {count} sources; at most {FILES_MOST}" for folder, count in sorted(counts.items()) if count > FILES_MOST]


def header_rings(tree):
    graph = {path: {header for _, header in tree.includes(path)} for path in tree.texts}
    return ["ring of headers: " + ", ".join(group) for group in circles(graph)]


def uses(tree, paths):
    """{unit: {other unit: why}} within a folder. A unit is a source with the header of its name; it uses another when it includes that
    one's header, or names one of its functions (so private headers that several sources stand behind hide nothing)."""
    units = {path[:-2] for path in paths if path.endswith(".c")}
    owner = {name: path[:-2] for path in paths if path.endswith(".c") for name, exported, _, _ in functions(tree.texts[path]) if exported}
    graph = {unit: {} for unit in sorted(units)}
    for path in paths:
        if path[:-2] not in units:
            continue
        for _, header in tree.includes(path):
            if header[:-2] in units:
                graph[path[:-2]].setdefault(header[:-2], f"includes {header.rpartition('/')[2]}")
        if path.endswith(".c"):
            for word in re.findall(r"(?<![\w.>])[a-z_]\w*\b", code_of(tree.texts[path])):
                if word in owner:
                    graph[path[:-2]][owner[word]] = word
    for unit in graph:
        graph[unit].pop(unit, None)
    return graph


def rings(tree):
    """Units of a folder that need each other."""
    found = []
    for _, paths in sorted(tree.folders.items()):
        graph = uses(tree, paths)
        for group in circles(graph):
            because = (f"{a.rpartition('/')[2]} -> {b.rpartition('/')[2]} ({why})" for a in group for b, why in graph[a].items() if b in group)
            found.append(f"ring of files: {', '.join(group)}: {'; '.join(because)}")
    return found


def twin_tables(tree):
    """Tables of the same names in two places: one begins with all names of the other, three at least."""
    tables = []
    for path, text in tree.texts.items():
        for found in re.finditer(r"\bchar \*const (\w+)\[\w*\] = \{([^;]*)\};", text):
            names = re.findall(r'"((?:\\.|[^"\\])*)"', found[2])
            if len(names) >= 3:
                tables.append((names, f"{path}:{text.count(chr(10), 0, found.start()) + 1}: {found[1]}"))
    tables.sort(key=lambda table: len(table[0]))
    return [f"{place} holds the names of {shorter_place}; keep them once (base/named.h)"
            for at, (names, place) in enumerate(tables) for shorter, shorter_place in tables[:at] if names[:len(shorter)] == shorter]


# What a comment or a document names: a file of a room by its path, also several as {a,b} or *.c.
NAMED_FILE = re.compile(r"(?<![\w/.-])((?:base|geo|zones|probes|admin|gslbd|tests|dist|docs)/[\w./{},*-]*\.(?:[chy1578]|mk|py|md|json|yaml))(?![\w-])")


def missing_files(top):
    """Files of the tree that a source, test, build file or document names and that are not there."""
    top, wrong = pathlib.Path(top), []
    places = [path for pattern in ("*.md", "docs/**/*.md", "*/**/*.[ch]", "*/**/*.py", "*/**/local.mk") for path in top.glob(pattern)]
    for path in sorted(set(places)):
        name = path.relative_to(top)
        if name.parts[0] == "build" or name.name in ("CHANGELOG.md", "test_house.py"):
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            for found in NAMED_FILE.findall(line):
                if not all(any(top.glob(one)) for one in spelled_out(found)):
                    wrong.append(f"{name}:{number}: {found} is not there")
    return wrong


def missing_in_walks(tree, name, text):
    """What docs/architecture.md names and the sources do not have: functions, as `name()` anywhere and as `name` in the walks, and sources
    by their name alone."""
    known = {found for path in tree.texts for found, _, _, _ in functions(tree.texts[path])}
    sources = [pathlib.PurePath(path) for path in tree.texts]
    walks, wrong = False, []
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("## "):
            walks = line.endswith("walks")
        named = set(re.findall(r"\b([a-z]\w*)\(\)", line)) | (set(re.findall(r"`([a-z]+(?:_[a-z0-9]+)+)`", line)) if walks else set())
        wrong += [f"{name}:{number}: there is no function {one}" for one in sorted(named - known)]
        wrong += [f"{name}:{number}: there is no source {one}" for one in re.findall(r"`([\w*]+\.[ch])`", line) if not any(path.match(one) for path in sources)]
    return wrong


def spelled_out(pattern):
    """The patterns that one with {a,b} stands for."""
    found = re.search(r"\{([^{}]*)\}", pattern)
    if not found:
        return [pattern]
    return [one for choice in found[1].split(",") for one in spelled_out(pattern[:found.start()] + choice + pattern[found.end():])]


RULES = [wrong_includes, folder_circles, header_rings, rings, long_functions, long_files, full_folders, twin_tables]
