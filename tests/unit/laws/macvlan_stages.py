# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Parents that are tried and confirmed on a host in memory, whose roll-back timer carries out the commands that it was armed with."""
from __future__ import annotations

import json
from dataclasses import replace

from pyroute2.netlink.exceptions import NetlinkError

from ansible_collections.fleetnet.docker.plugins.module_utils.adapters import link_commands, rollback_timer
from ansible_collections.fleetnet.docker.plugins.module_utils.core import engine as core
from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.macvlan_parent import kind
from ansible_collections.fleetnet.docker.plugins.module_utils.values.hostfile import File
from ansible_collections.fleetnet.docker.plugins.module_utils.values.link import Way

from . import macvlan_parents as home
from .engine_box import copied
from .kernel_model import NUMBERS, PROMISCUOUS, UP
from .stage import TextJournal

WAY = Way("192.0.2.1", "192.0.2.11", "lan0")
FLAGS = {"up": (UP, UP), "down": (0, UP), "on": (PROMISCUOUS, PROMISCUOUS), "off": (0, PROMISCUOUS)}


class Timer(rollback_timer.RollbackTimer):
    """The real one, with its folder in memory, and no process: it fires when it is told to.

    :ivar kept: name -> text of the files in its folder; :ivar errors: what the program would tell of commands that failed
    """

    def __init__(self, model):
        super().__init__("macvlan_parent", "/nonexistent")
        self.model, self.kept, self.errors = model, {}, []

    def fire(self):
        for token in self._armed():
            orders = self._commands_of([token])
            self._remove("armed-" + token)
            for order in orders:
                try:
                    self._carry_out(order["argv"], order["input"])
                except (KeyError, ValueError, NetlinkError) as reason:
                    self.errors += [] if order["may_fail"] else ["%s: %s" % (" ".join(order["argv"]), reason)]

    def _prepare(self, token):
        pass

    _start = _wait_until_ready = _prepare

    def _armed(self):
        return sorted(name[len("armed-"):] for name in self.kept if name.startswith("armed-"))

    def _commands_of(self, tokens):
        return next((json.loads(self.kept["armed-" + token])["commands"] for token in tokens), [])

    def _write(self, name, text):
        self.kept[name] = text

    def _remove(self, name):
        return self.kept.pop(name, None) is not None

    def _carry_out(self, argv, text):
        """What iproute2 and the two programs for files make of a command, past the hooks for faults: it runs beside the module."""
        files, words = self.model.files, list(argv)
        if words[:2] == ["rm", "-f"]:
            files.pop(words[2], None)
        elif words[0] == "tee":
            files[words[1]] = replace(files.get(words[1], File(words[1], "")), text=text)
        else:
            family = words.pop(1) if words[1] in ("-4", "-6") else ""
            assert words[0] == link_commands.IP and bool(family) == (words[1] == "route"), argv
            getattr(self, "_" + "_".join(words[1:3]))(*words[3:])

    def _index(self, name):
        return self.model.kernel.links[name]["index"]

    def _link_add(self, *words):
        told = dict(zip(words[::2], words[1::2]))
        how = {"ifname": told["name"], "kind": told["type"], "link": self._index(told["link"])}
        if told["type"] == "vlan":
            how["vlan_id"] = int(told["id"])
        else:
            how[told["type"] + "_mode"] = told["mode"] if told["type"] == "macvlan" else NUMBERS.index(told["mode"])
        self.model.kernel._link_add(how)

    def _link_del(self, _dev, name):
        self.model.kernel.remove(name)

    def _link_set(self, _dev, name, *words):
        how = {"mtu": int(words[1])} if words[0] == "mtu" else dict(zip(("flags", "change"), FLAGS[words[-1]]))
        self.model.kernel._link_set(dict(how, index=self._index(name)))

    def _address_del(self, text, _dev, name):
        self.model.kernel._addr("del", name, text)

    def _address_replace(self, text, _dev, name):
        if text not in self.model.kernel.links[name]["addresses"]:
            self.model.kernel._addr("add", name, text)

    def _route_del(self, subnet, *words):
        told = dict(zip(words[::2], words[1::2]))
        here = {"subnet": subnet, "interface": told["dev"], "gateway": told.get("via"), "by_kernel": False}
        self.model.kernel.routes.remove(here)

    def _route_replace(self, subnet, *words):
        told = dict(zip(words[::2], words[1::2]))
        kernel = self.model.kernel
        kernel.routes = [route for route in kernel.routes if route["subnet"] != subnet or route["by_kernel"]]
        kernel._route("add", told["dev"], subnet, told.get("via"))


class Guard:
    """As parents_guard.py, for an SSH connection that comes in through lan0."""

    def __init__(self, model):
        self.model, self.timer = model, Timer(model)
        self.pending = self.timer.pending

    def way(self):
        return WAY

    def execute(self, step):
        if step.phase == "disarm":
            self.model.change(str(step), self.timer.disarm)
        else:
            self.model.change(str(step), self.timer.arm, 30, link_commands.back(step.after.steps, step.after.routes, str), True)


class Host:
    """:param observed: as the content of a case's observed.yml; :ivar changes: how many changes there were since the watch began"""

    def __init__(self, observed):
        self.observed, self.model = observed, home.engine(observed)
        self.guard = Guard(self.model)
        self.journal = TextJournal(home.JOURNAL_TYPES)
        self.changes = 0

    def twin(self):
        """:returns: another host that is as this one is now"""
        made = Host(self.observed)
        kernel, mine = made.model.kernel, self.model.kernel
        kernel.links, kernel.routes, kernel.made = copied(mine.links), copied(mine.routes), mine.made
        made.model.files = dict(self.model.files)
        made.guard.timer.kept, made.journal.texts = dict(self.guard.timer.kept), dict(self.journal.texts)
        return made

    def stage(self, params, name, check=False):
        world = home.ModelWorld(self.model)
        world._guard = self.guard
        return core.converge(kind, kind.desired(dict(params, confirm=name)), world, self.journal, check=check)

    def both(self, params):
        """As the action plugin does."""
        if self.left(params, self.stage(params, "try"))["unconfirmed"]:
            self.stage(params, "confirm")

    def left(self, params, outcome, foreseen=False):
        return kind.left(dict(params, confirm="try"), outcome.observed, foreseen)

    def watch(self, when, act):
        """:param act: called with the number of each change; :param when: before_change or after_change"""
        self.calm()
        self.changes = 0

        def begin(what):
            self.changes += 1
            if when == "before_change":
                act(self.changes)

        self.model.before_change = begin
        if when == "after_change":
            self.model.after_change = lambda what: act(self.changes)

    def calm(self):
        self.model.before_change = self.model.after_change = lambda what: None

    def time_is_up(self):
        """The timer fires, if one runs."""
        self.guard.timer.fire()
        assert not self.guard.timer.errors

    @property
    def tidy(self):
        """Whether nothing is left to be done: no timer, and nothing in the journal."""
        return not self.guard.pending() and not self.journal.texts and not self.journal.aside

    def portrait(self):
        return home.portrait(self.model)["networks"]
