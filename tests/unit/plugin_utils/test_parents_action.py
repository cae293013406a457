# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the task of a parent makes of its two stages: confirmed, refused, cut off, or failed on the host while the timer still runs."""
from __future__ import annotations

import importlib
import sys
from types import ModuleType, SimpleNamespace

import pytest

from ansible_collections.fleetnet.docker.plugins.module_utils.core.errors import ConvergeError

from unit.plugin_utils.test_firewall_action import CONTROLLER, PLUGINS

NAMES = ("macvlan_parent", "firewall")
TRIED = dict(changed=True, unconfirmed=True, pending="t1", path=["198.51.100.2", "50000", "192.0.2.1", "22"], actions=["create link shim-lan0"],
             impact=[], reasons=["parent lan0 is new"])
DONE = dict(changed=True, unconfirmed=False, pending="", actions=["create file x"], impact=[], reasons=[])
FAILED = dict(failed=True, msg="x cannot be written (no space); make room.", rolled_back="true")


@pytest.fixture
def controller(monkeypatch):
    for name, members in CONTROLLER.items():
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
        vars(sys.modules[name]).update(members)
    yield
    for name in [PLUGINS + "plugin_utils.confirmation", *(PLUGINS + "action." + name for name in NAMES)]:
        sys.modules.pop(name, None)


def carried_out(monkeypatch, name, stages, told, answer="", **task):
    """:param stages: what the module answers; :param told: what became of the change on the host, by one look after the other

    :returns: the result, and the commands that the host was given
    """
    plugin = importlib.import_module(PLUGINS + "action." + name)
    looks, given = iter(told), []
    here = plugin.Confirmation
    monkeypatch.setattr(here, "path", lambda self: tuple(TRIED["path"]))
    monkeypatch.setattr(here, "confirm", lambda self, before, probes, until: None)
    monkeypatch.setattr(here, "taken_back", lambda self, token: next(looks))
    monkeypatch.setattr(here, "_run", lambda self, command, sudoable: given.append(command) or answer)
    action = object.__new__(plugin.ActionModule)
    action._task = SimpleNamespace(args=dict(task.pop("args", {})), async_val=task.pop("async_val", 0))
    action._connection = SimpleNamespace(transport="ssh")
    action._stage = lambda stage, params, task_vars: dict(stages[stage])
    action._execute_module = lambda **words: dict(stages["keep"])
    return action.run(task_vars={}), given


@pytest.mark.parametrize("name", NAMES)
def test_confirmed_it_is_one_change(controller, monkeypatch, name):
    done, _given = carried_out(monkeypatch, name, {"try": TRIED, "confirm": DONE}, [])
    assert done["changed"] and not done["unconfirmed"] and done["actions"] == ["create link shim-lan0", "create file x"]
    assert done["reasons"] == ["parent lan0 is new"]


@pytest.mark.parametrize("name", NAMES)
def test_what_fails_while_the_timer_runs_is_taken_back_now(controller, monkeypatch, name):
    done, given = carried_out(monkeypatch, name, {"try": TRIED, "confirm": FAILED}, [None, ("true", "the host took it back")], "armed")
    assert done["failed"] and done["rolled_back"] == "true" and done["msg"] == FAILED["msg"] + " (the host took it back)"
    assert any(command.endswith("/now") for command in given)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("own, told, whole", [("partial", "true", "partial"), ("false", "true", "partial"), ("true", "partial", "partial"),
                                              ("true", "false", "false"), ("partial", "false", "false"), ("true", "true", "true")])
def test_it_is_back_only_where_files_and_what_is_in_force_are_back(controller, monkeypatch, name, own, told, whole):
    reason = ConvergeError("no space", name, own, (), ())
    failed = dict(failed=True, changed=own != "true", msg=str(reason), rolled_back=own)
    done, _given = carried_out(monkeypatch, name, {"try": TRIED, "confirm": failed}, [(told, "the host says so")])
    assert done["failed"] and done["rolled_back"] == whole and done["changed"] == (whole != "true")
    assert "no space" in done["msg"] and "the host says so" in done["msg"]
    assert ("everything is back" in done["msg"]) == (whole == "true")


@pytest.mark.parametrize("name", NAMES)
def test_what_fails_once_the_timer_is_disarmed_stands(controller, monkeypatch, name):
    done, given = carried_out(monkeypatch, name, {"try": TRIED, "confirm": FAILED}, [None])
    assert done == FAILED and not any("now" in command for command in given)


@pytest.mark.parametrize("name", NAMES)
def test_nobody_comes_back_to_confirm_what_runs_on_alone(controller, monkeypatch, name):
    done, _given = carried_out(monkeypatch, name, {}, [], async_val=60)
    assert done["failed"] and done["msg"].startswith("async is refused: ")


def test_a_change_that_is_elsewhere_is_made_at_once(controller, monkeypatch):
    done, _given = carried_out(monkeypatch, "macvlan_parent", {"try": dict(TRIED, unconfirmed=False)}, [])
    assert done["changed"] and done["actions"] == TRIED["actions"]
    trusted, _given = carried_out(monkeypatch, "macvlan_parent", {"keep": DONE}, [], args={"rollback_after": 0})
    assert trusted["actions"] == DONE["actions"]


def test_a_host_that_was_cut_off_takes_it_back(controller, monkeypatch):
    plugin = importlib.import_module(PLUGINS + "action.macvlan_parent")
    clock = iter([0, 29, *range(30, 99)])
    monkeypatch.setattr(plugin.time, "monotonic", lambda: next(clock))
    done, _given = carried_out(monkeypatch, "macvlan_parent", {"try": TRIED}, [("true", "the host took it back")], args={"rollback_after": 30})
    assert done["failed"] and done["rolled_back"] == "true" and not done["changed"]
    assert done["msg"] == "The change was not confirmed: the host could not be reached while it was in force; the host took it back."
