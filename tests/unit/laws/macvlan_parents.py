# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a case's observed.yml to a host in memory: its kernel's links, its files, its engine; and to the world the laws are run on."""
from __future__ import annotations

import re
from pathlib import Path

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.fleetnet.docker.plugins.module_utils.adapters.host_parents import HostParents
from ansible_collections.fleetnet.docker.plugins.module_utils.adapters.netlink_links import NetlinkLinks
from ansible_collections.fleetnet.docker.plugins.module_utils.core import engine as core
from ansible_collections.fleetnet.docker.plugins.module_utils.core.errors import EnvironmentFault
from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.macvlan_parent import kind, state
from ansible_collections.fleetnet.docker.plugins.module_utils.values.hostfile import File, Manager
from ansible_collections.fleetnet.docker.plugins.modules import macvlan_parent as module

from . import networks
from .engine_box import copied
from .kernel_model import KernelModel

KIND = kind
CASES = Path(__file__).parent.parent / "cases" / "macvlan_parent"
SYSFS = Path(__file__).parent.parent / "fixtures" / "sysfs"  # wlan0 is wireless there
JOURNAL_TYPES = state.JOURNAL_TYPES
# Making a host takes longer than copying one, and the laws want the same one hundreds of times.
MADE = {}
SILENT = "The engine does not answer (unix:///var/run/docker.sock); start it."


def completed(params):
    """:returns: the parameters as AnsibleModule hands them to the module: typed, with defaults"""
    found = ArgumentSpecValidator(module.ARGUMENT_SPEC).validate(params)
    assert not found.error_messages, found.error_messages
    return found.validated_parameters


class HostModel:
    """:ivar files: path -> File; :ivar engine: an engine in memory, C(None) where none answers"""

    def __init__(self, observed):
        self.before_change = self.after_change = lambda what: None
        self.kernel = KernelModel(self.change)
        self.files = {}
        self.managers = {name: Manager(name, **row) for name, row in observed.get("managers", {}).items()}
        self.systems = tuple(observed.get("systems", ()))
        self.engine = networks.engine(observed) if observed.get("engine", {}) is not None else None

    def change(self, what, effect, *args):
        self.before_change(what)
        effect(*args)
        self.after_change(what)


class ModelFiles:
    def __init__(self, model):
        self.model = model

    def read(self, paths=None):
        return tuple(self.model.files[path] for path in sorted(self.model.files) if paths is None or path in paths)

    def execute(self, step):
        def effect():
            if step.after is None:
                del self.model.files[step.before.path]
            else:
                self.model.files[step.after.path] = step.after

        self.model.change(str(step), effect)


class ModelWorld(HostParents):
    """The real adapters over the host in memory; it counts the steps it is told to take."""

    def __init__(self, model, _routes=None, _links=None):
        links = NetlinkLinks(lambda: model.kernel, str(SYSFS), "/nonexistent")
        super().__init__(state.Observed, state.Attached, links, ModelFiles(model), self._engine)
        self.model, self.executed = model, []

    def _engine(self):
        if self.model.engine is None:
            raise EnvironmentFault(SILENT)
        return self.model.engine

    def _systems(self):
        return self.model.systems

    def _manager(self, link):
        return self.model.managers.get(link.name, Manager(link.name))

    def execute(self, step):
        self.executed.append(step)
        super().execute(step)


def engine(observed):
    """:param observed: the content of observed.yml; C(declared) lists what the module was asked for before, C(lost) what went since,

    and C(managers_since) who configures links now, where that is another
    """
    observed = observed or {}
    key = repr(observed)
    if key not in MADE:
        MADE[key] = _made(observed)
    model, made = HostModel(observed), MADE[key]
    model.managers.update((name, Manager(name, **row)) for name, row in observed.get("managers_since", {}).items())
    model.kernel.links, model.kernel.routes = copied(made.kernel.links), copied(made.kernel.routes)
    model.kernel.made, model.kernel.lacking, model.files = made.kernel.made, made.kernel.lacking, dict(made.files)
    return model


def _made(observed):
    model = HostModel(observed)
    rows = {"lo": {"loopback": True, "addresses": ["127.0.0.1/8"]}, **(observed.get("links") or {"lan0": {"addresses": ["192.0.2.11/24"]}})}
    for name, row in rows.items():
        row = dict(row or {})
        given = row.pop("addresses", [])
        model.kernel.put(name, **row)
        for text in given:
            model.kernel._addr("add", name, text)
    for row in observed.get("routes", ()):
        model.kernel.routes.append(dict({"gateway": None, "by_kernel": False}, **row))
    for params in observed.get("declared", ()):
        core.converge(kind, kind.desired(completed(params)), ModelWorld(model))
    for name in observed.get("lost", ()):
        model.kernel.remove(name)
    for name, row in (observed.get("changed") or {}).items():
        model.kernel.links[name].update(row)
    for path, text in (observed.get("files") or {}).items():
        model.files[path] = File(path, text)
    model.kernel.lacking = tuple(observed.get("lacking", ()))
    return model


def routes(_observed):
    return None


links = routes


def shuffled(model):
    """The same host, which lists everything in another order."""
    model.kernel.links = dict(reversed(list(model.kernel.links.items())))
    model.kernel.routes.reverse()
    model.files = dict(reversed(list(model.files.items())))
    return model


def portrait(model):
    """By parent, what a person would compare: links, addresses, routes, files. Not made with the code under test."""
    parents = {}
    for name, row in model.kernel.links.items():
        owner = row["parent"] if row["kind"] in ("macvlan", "ipvlan") else name
        shown = {key: sorted(value) if isinstance(value, list) else value for key, value in row.items() if key != "index"}
        shown["routes"] = sorted(str(route) for route in model.kernel.routes if route["interface"] == name)
        parents.setdefault("parent " + owner, {})[name] = shown
    for path, file in model.files.items():
        parents.setdefault("parent " + _owner(path), {})[path] = (file.text, file.mode)
    return {"networks": parents, "containers": {}, "leaked": 0}


def _owner(path):
    """The parent in the name of a file."""
    name = re.sub(r"\.(json|netdev|network|conf|yaml|nmconnection)$", "", path.rsplit("/", 1)[1])
    return re.sub(r"^(\d\d-)?(fleetnet-)?(link-|shim-)?", "", name)


UNRELATED = completed({"link": "zz0", "persist": "none", "state": "absent"})


def turned(params):
    """The same wish, with every list the other way round."""
    rows = params.get("parents")
    changed = dict(params, parents=[turned(row) for row in reversed(rows)]) if rows else dict(params)
    if changed.get("shim"):
        changed["shim"] = {key: list(reversed(value)) if isinstance(value, list) else value for key, value in changed["shim"].items()}
    return changed


def shown(stage):
    """What a fresh look gives, in the words of the diff."""
    observed = stage.world().observe(state.Scope())
    return kind._shown(observed, {link.name for link in observed.links}, set(stage.engine.files))
