# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may import what (docs/architecture.md): walks the syntax tree of plugins/ and fails on a breach."""
from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PLUGINS = ROOT / "plugins"
COLLECTION = "ansible_collections.fleetnet.docker.plugins."
EFFECTS = {"os", "subprocess", "socket", "time", "shutil", "pathlib", "tempfile", "io", "urllib.request", "http"}
PURE_PARTS = {"urllib.parse"}
LONGEST_FILE = 220
# Files longer than that, each with the reason.
LONG_FILES = {}
LONGEST_MODULE_CODE = 60
DOCUMENTED = ("DOCUMENTATION", "EXAMPLES", "RETURN")


def layer(path):
    """:returns: such as ("kinds", "network") or ("modules", "network"), from a path below plugins/"""
    parts = list(Path(path).with_suffix("").parts)
    if parts[0] == "module_utils":
        parts = parts[1:]
    return parts[0], parts[1] if len(parts) > 1 else ""


def imports(path, source):
    """:returns: (line, absolute dotted name) of everything imported, wherever in the file"""
    package = (COLLECTION + ".".join(Path(path).with_suffix("").parts)).split(".")
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[:-node.level]) if node.level else ""
            whole = ".".join(filter(None, (base, node.module)))
            for alias in node.names:
                yield node.lineno, whole + "." + alias.name


def breaches(path, source):
    """:returns: one sentence for each import or word that the layer of this file must not have"""
    where, name = layer(path)
    lines = []
    for number, dotted in imports(path, source):
        reason = _forbidden(where, name, dotted)
        if reason:
            lines.append("%s:%d imports %s: %s" % (path, number, dotted, reason))
    if where != "entry" and where not in ("modules", "doc_fragments") and "check_mode" in source:
        lines.append("%s knows the word check_mode: only entry.py does" % path)
    if where == "modules" and "check_mode" in re.sub(r'(?s)r""".*?"""', "", source):
        lines.append("%s knows the word check_mode outside its documentation: only entry.py does" % path)
    if where not in ("entry", "action") and "AnsibleModule" in source:
        lines.append("%s knows AnsibleModule: only entry.py does" % path)
    if where in ("values", "core", "kinds", "adapters", "modules") and re.search(r"\bimportlib\b|__import__\(", source):
        lines.append("%s imports by a name in a text: AnsiballZ ships only what is imported statically" % path)
    return lines


def _forbidden(where, name, dotted):
    if dotted.startswith(COLLECTION):
        own = dotted[len(COLLECTION):].split(".")
        own = own[1:] if own[0] == "module_utils" else own
        return _forbidden_inside(where, name, own[0], own[1] if len(own) > 1 else "")
    top = dotted.split(".")[0]
    stdlib = top in sys.stdlib_module_names
    if where in ("values", "core", "kinds"):
        effect = top in EFFECTS or ".".join(dotted.split(".")[:2]) in EFFECTS
        if not stdlib or (effect and not dotted.startswith(tuple(PURE_PARTS))):
            return "%s is pure" % where
    if where == "adapters" and top.startswith("ansible"):
        return "adapters know no Ansible"
    if where == "entry" and not stdlib and not dotted.startswith("ansible.module_utils.basic"):
        return "entry knows Ansible's basic module only"
    if where == "modules" and not stdlib:
        return "a module file is wiring"
    return None


ALLOWED = {
    "values": {"values"},
    "core": {"core", "values"},
    "kinds": {"values", "core"},
    "adapters": {"values", "core", "adapters"},
    "entry": {"core"},
    "modules": {"entry", "kinds", "adapters"},
    "action": {"entry", "kinds", "core", "values", "plugin_utils"},
    "plugin_utils": {"plugin_utils"},
    "filter": {"kinds", "core", "values"},
    "lookup": {"kinds", "core", "values"},
    "doc_fragments": set(),
}


def _forbidden_inside(where, name, other, other_name):
    if where == "kinds" and other == "kinds":
        return None if other_name == name else "kinds do not import each other"
    if other not in ALLOWED[where]:
        return "%s may import %s" % (where, ", ".join(sorted(ALLOWED[where])) or "nothing of the collection")
    return None


def kinds_of(path, source):
    return {dotted[len(COLLECTION):].split(".")[2] for _line, dotted in imports(path, source)
            if dotted.startswith(COLLECTION + "module_utils.kinds.")}


def code_lines(source):
    """Lines that are neither empty nor comment nor documentation."""
    documented = set()
    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") in DOCUMENTED:
            documented.update(range(node.lineno, node.end_lineno + 1))
    return [line for number, line in enumerate(source.splitlines(), 1)
            if number not in documented and line.strip() and not line.startswith("#")]


FILES = sorted(path.relative_to(PLUGINS) for path in PLUGINS.rglob("*.py"))
# What roles run on their hosts; joined with the folder of the plugins an absolute path stays what it is.
ON_TARGETS = sorted(ROOT.glob("roles/*/files/*.py"))
MODULES = [path for path in FILES if path.parts[0] == "modules"]


def read(path):
    return (PLUGINS / path).read_text(encoding="utf-8")


@pytest.mark.parametrize("path", FILES, ids=str)
def test_layers(path):
    assert not breaches(path, read(path))


@pytest.mark.parametrize("path", FILES + ON_TARGETS, ids=str)
def test_python_3_9_can_read_it(path):
    """Targets have Python 3.9 or later, and what runs here may be newer."""
    ast.parse(read(path), feature_version=(3, 9))


@pytest.mark.parametrize("path", [path for path in FILES if path.parts[0] != "modules"], ids=str)
def test_files_are_short(path):
    assert len(read(path).splitlines()) <= LONGEST_FILE or str(path) in LONG_FILES


@pytest.mark.parametrize("path", [path for path in FILES if path.parts[0] == "filter"], ids=str)
def test_a_filter_imports_when_it_is_used(path):
    """Ansible loads every filter of a collection in each worker that needs one, and a task has a worker for each host."""
    for node in ast.parse(read(path)).body:
        for name in [alias.name for alias in getattr(node, "names", ())]:
            assert getattr(node, "module", None) == "__future__" or name in sys.stdlib_module_names, name


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_module_files_are_wiring(path):
    assert len(code_lines(read(path))) <= LONGEST_MODULE_CODE
    assert len(kinds_of(path, read(path))) <= 1


def test_long_files_exist_and_are_long():
    assert all(len(read(name).splitlines()) > LONGEST_FILE and reason for name, reason in LONG_FILES.items())


BAD = {
    "module_utils/core/x.py": ("import os", "from time import sleep", "import docker", "from ..adapters import lock",
                               "from ..kinds.network import kind"),
    "module_utils/values/x.py": ("import subprocess", "import socket", "from ..core import plan", "from pathlib import Path"),
    "module_utils/kinds/network/x.py": ("from ..swarm import kind", "from ...adapters import lock", "import ansible.errors",
                                        "def f():\n    import os", "from ...entry import run", "check_mode = 1"),
    "module_utils/kinds/firewall.py": ("from .network import kind", "from . import network"),
    "module_utils/adapters/x.py": ("from ..kinds.network import state", "from ansible.module_utils.basic import AnsibleModule",
                                   "import importlib", "def f(check_mode): pass"),
    "module_utils/entry.py": ("from .kinds.network import kind", "from .adapters import lock", "import docker"),
    "modules/x.py": ("import docker", "import requests", "from ansible.module_utils.basic import AnsibleModule",
                     "from ansible_collections.fleetnet.docker.plugins.module_utils.core import engine",
                     "def f(module): return module.check_mode"),
    "filter/x.py": ("from ansible_collections.fleetnet.docker.plugins.module_utils.adapters import lock",),
}
GOOD = {
    "module_utils/kinds/network/x.py": "from . import state\nfrom ...core import plan\nfrom ...values import link\nimport json",
    "module_utils/kinds/firewall.py": "from ..core import plan\nfrom urllib.parse import urlsplit",
    "module_utils/adapters/x.py": "import os\nimport docker\nfrom ..core.errors import FleetError\nfrom . import lock",
    "modules/x.py": 'DOCUMENTATION = r"""\ncheck_mode: full\n"""\n'
                    "from ansible_collections.fleetnet.docker.plugins.module_utils import entry\n",
}


@pytest.mark.parametrize("path,source", [(path, source) for path, sources in BAD.items() for source in sources])
def test_a_breach_is_seen(path, source):
    assert breaches(path, source)


@pytest.mark.parametrize("path", GOOD)
def test_what_is_allowed_is_let_through(path):
    assert not breaches(path, GOOD[path])


def test_two_kinds_in_one_module_are_seen():
    base = "from ansible_collections.fleetnet.docker.plugins.module_utils.kinds."
    assert kinds_of("modules/x.py", base + "network import kind\n" + base + "swarm import kind") == {"network", "swarm"}


def test_code_is_counted_without_documentation():
    assert code_lines('# c\nDOCUMENTATION = r"""\na\n"""\n\nx = 1\n') == ["x = 1"]
