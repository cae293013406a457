# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the firewall's task returns of its two stages, and when it does not begin."""
from __future__ import annotations

import importlib
import sys
from types import ModuleType, SimpleNamespace

import pytest

from ansible_collections.fleetnet.docker.plugins.module_utils.core.engine import converge
from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.firewall import kind

from unit.kinds.firewall.firewall_host_model import Host, completed
from unit.kinds.firewall.test_firewall_judge import ONLY_WEB, PATHS, PROXIED, PUBLISHED

FAR = "198.51.100.2 50000 192.0.2.1 22"
PLUGINS = "ansible_collections.fleetnet.docker.plugins."
OWN = (PLUGINS + "action.firewall", PLUGINS + "plugin_utils.confirmation")


class AnsibleError(Exception):
    pass


class ActionBase:
    def run(self, tmp=None, task_vars=None):
        return {}


# The controller's own code, once it is imported, has modules in this process warn by other means than they do on a host.
CONTROLLER = {"ansible.errors": dict(AnsibleError=AnsibleError, AnsibleConnectionFailure=type("Failure", (AnsibleError,), {})),
              "ansible.plugins": {}, "ansible.plugins.action": dict(ActionBase=ActionBase), "ansible.plugins.loader": dict(connection_loader=None)}


@pytest.fixture
def plugin(monkeypatch):
    for name, members in CONTROLLER.items():
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
        vars(sys.modules[name]).update(members)
    yield importlib.import_module(OWN[0])
    for name in OWN:
        sys.modules.pop(name)


def answer(host, params, check=False):
    """As entry.py and the module make it."""
    done = converge(kind, kind.desired(params), host, check=check)
    return dict(dict(changed=done.changed, actions=[str(step) for step in done.plan.steps], impact=list(done.plan.impact),
                     reasons=list(done.plan.reasons), pending=done.observed.pending, warnings=list(done.plan.warnings)),
                **kind.left(params, done.observed, check))


@pytest.fixture
def task(plugin, monkeypatch):
    """:returns: runs the task by a connection of which a new one works"""
    def run(host, args, way=FAR, check=False):
        monkeypatch.setattr(plugin.Confirmation, "path", lambda self: tuple(way.split()))
        monkeypatch.setattr(plugin.Confirmation, "confirm", lambda self, before, probes, until: None)
        action = object.__new__(plugin.ActionModule)
        action._task, action._connection = SimpleNamespace(args=args, async_val=0), SimpleNamespace(transport="ssh")
        action._stage = lambda stage, params, task_vars: answer(host, completed(dict(params, confirm=stage)), check)
        return action.run(task_vars={})

    return run


def busy():
    return Host(published=("tcp . 8080",), flows=(PUBLISHED, PROXIED), paths=PATHS)


@pytest.mark.parametrize("after", [30, 0])
def test_what_ends_is_told_as_it_was_foreseen(task, after):
    policy = dict(ONLY_WEB, flush_conntrack=True, rollback_after=after)
    host = busy()
    foreseen, done = (task(host, policy, check=check) for check in (True, False))
    assert done["impact"] == ["tcp from 2001:db8:9::2:50000 to 2001:db8::1:8080 ends"] and done["changed"] and not done["unconfirmed"]
    assert done["reasons"] == ["the firewall is made", "1 connection(s) that the policy denies are there from before"]
    assert {key: foreseen[key] for key in ("impact", "reasons", "actions", "changed")} == {
        key: done[key] for key in ("impact", "reasons", "actions", "changed")}
    assert host.facts["flows"] == (PUBLISHED,)


def test_where_only_connections_are_to_end_the_reason_says_so(task):
    host = busy()
    task(host, ONLY_WEB)
    done = task(host, dict(ONLY_WEB, flush_conntrack=True))
    assert done["reasons"] == ["1 connection(s) that the policy denies are there from before"]
    again = task(host, dict(ONLY_WEB, flush_conntrack=True))
    assert again["reasons"] == ["the firewall is as wanted"] and again["impact"] == [] and not again["changed"]


@pytest.mark.parametrize("way,client,server", [
    ("127.0.0.1 50000 127.0.0.1 22", "127.0.0.1", "127.0.0.1"), ("::1 50000 ::1 22", "::1", "::1"),
    ("192.0.2.1 50000 192.0.2.1 22", "192.0.2.1", "192.0.2.1"), ("fe80::1%eth0 50000 fe80::1%eth0 22", "fe80::1%eth0", "fe80::1%eth0")])
def test_a_connection_that_does_not_leave_the_host_confirms_nothing(task, way, client, server):
    host, probes = busy(), [{"host": "192.0.2.1", "port": 8080}]
    refused = task(host, ONLY_WEB, way)
    assert refused["failed"] and not host.executed and refused["msg"] == (
        "The SSH connection from %s to %s does not leave the host, so it proves nothing; give confirm_probes, or rollback_after 0 to trust the "
        "change." % (client, server))
    assert not task(host, dict(ONLY_WEB, confirm_probes=probes), way).get("failed")
    assert not task(busy(), dict(ONLY_WEB, rollback_after=0), way).get("failed")


@pytest.mark.parametrize("way,anew", [("127.0.0.1 50000 127.0.0.1 22", False), (FAR, True), ("", True), ("198.51.100.2 5 192.0.2.1", True),
                                      ("UNKNOWN 65535 UNKNOWN 65535", True)])
def test_then_the_probes_alone_decide(plugin, monkeypatch, way, anew):
    found, asked = plugin.Confirmation(SimpleNamespace(_connection=SimpleNamespace(transport="ssh")), "firewall", {}), []
    monkeypatch.setattr(found, "_come_in_anew", lambda before, until: asked.append("anew"))
    monkeypatch.setattr(found, "_probe", lambda place, rows, until: asked.append(place) or [])
    found.confirm(way.split(), [{"from": "controller", "host": "192.0.2.1", "port": 80, "expect": True}], 0)
    assert asked == ["anew"] * anew + ["controller"]
