# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which changes may cut the way to the host, and in which order they are tried, confirmed and kept."""
from __future__ import annotations

import pytest

from ansible_collections.fleetnet.docker.plugins.module_utils.core import engine as core
from ansible_collections.fleetnet.docker.plugins.module_utils.core.errors import ConvergeError, EnvironmentFault
from ansible_collections.fleetnet.docker.plugins.module_utils.core.plan import Step
from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.macvlan_parent import kind, way
from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.macvlan_parent.state import Observed
from ansible_collections.fleetnet.docker.plugins.module_utils.values.link import Link, Route, Way

from unit.laws import macvlan_parents as home

CAME = Way("203.0.113.5", "192.0.2.11", "lan0.50")
HOST = Observed(links=(Link("lan0", master="bond0"), Link("bond0"), Link("lan0.50", "vlan", "bond0", 50), Link("lan9"),
                       Link("lan7", addresses=("192.0.2.11/24",)), Link("lan8", leased=("192.0.2.11/24",)),
                       Link("lan6", addresses=("192.0.2.12/24",))), way=CAME)
SHIM = Link("s", "macvlan", "lan9", addresses=("198.51.100.2/32",))


@pytest.mark.parametrize("thing, expected", [
    (Link("lan0.50", "vlan", "bond0", 50, mtu=1400), True),
    (Link("bond0", promiscuous=True), True),
    (Link("lan0", promiscuous=True), True),
    (Link("s", "macvlan", "lan0.50"), True),
    (SHIM, False),
    (Link("lan7", promiscuous=True), True),
    (Link("lan8", promiscuous=True), True),
    (Link("s", "macvlan", "lan7"), True),
    (Link("lan6", promiscuous=True), False),
    (Link("s", "macvlan", "lan9", addresses=("203.0.113.9/24",)), True),
    (Route("203.0.113.0/28", "s"), True),
    (Route("203.0.113.16/28", "s"), False),
    (Route("2001:db8::/32", "s"), False),
])
def test_what_touches_the_way(thing, expected):
    assert way.touches([Step(None, thing)], HOST) is expected
    assert way.touches([Step(thing, None)], HOST) is expected


class Guard:
    def __init__(self, link):
        self.link, self.token = link, ""

    def way(self):
        return Way("192.0.2.1", "192.0.2.11", self.link)

    def pending(self):
        return self.token

    def execute(self, step):
        self.token = "1" if step.phase == "arm" else ""


def run(model, guard, params, check=False):
    world = home.ModelWorld(model)
    world._guard = guard
    outcome = core.converge(kind, kind.desired(home.completed(params)), world, check=check)
    return [str(step) for step in outcome.plan.steps], kind.left(home.completed(params), outcome.observed, check)


@pytest.fixture
def model():
    return home.engine({"links": {"lan0": {"addresses": ["192.0.2.11/24"]}, "lan9": {}}, "systems": ["networkd"]})


WISH = {"link": "lan0", "shim": {"addresses": ["192.0.2.190"]}}


def test_tried_then_confirmed_is_what_check_mode_showed(model):
    guard = Guard("lan0")
    _steps, foreseen = run(model, guard, dict(WISH, confirm="try"), check=True)
    tried, left = run(model, guard, dict(WISH, confirm="try"))
    assert tried[0] == "arm the roll-back timer" and left["unconfirmed"] and not any(path.startswith("/etc") for path in model.files)
    done, left = run(model, guard, dict(WISH, confirm="confirm"))
    assert done[-1] == "disarm the roll-back timer" and not left["unconfirmed"] and any(path.startswith("/etc") for path in model.files)
    assert tried + done == foreseen["actions"]
    assert all(step.split()[1] in ("file", "the") for step in done)
    assert run(model, guard, dict(WISH, confirm="try"))[0] == []


@pytest.mark.parametrize("number", range(1, 5))
def test_what_cannot_be_written_is_still_taken_back(model, number):
    """The way is proven by then; but a host whose files were not written would come back without what is in force."""
    guard, seen = Guard("lan0"), []
    run(model, guard, dict(WISH, confirm="try"))
    links = sorted(model.kernel.links)

    def fail(what):
        seen.append(what)
        if len(seen) == number:
            raise EnvironmentFault("no room")

    model.before_change = fail
    with pytest.raises(ConvergeError) as failed:
        run(model, guard, dict(WISH, confirm="confirm"))
    assert failed.value.rolled_back == "true" and guard.token == "1"
    assert sorted(model.kernel.links) == links and not any(path.startswith("/etc") for path in model.files)


def test_where_the_timer_is_faster_nothing_brings_the_links_back(model):
    guard = Guard("lan0")
    before = sorted(model.kernel.links)
    run(model, guard, dict(WISH, confirm="try"))

    def late(step):
        del model.kernel.links["shim-lan0"]
        guard.token = ""
        raise EnvironmentFault("The roll-back timer was faster.")

    guard.execute = late
    with pytest.raises(ConvergeError):
        run(model, guard, dict(WISH, confirm="confirm"))
    assert sorted(model.kernel.links) == before and not any(path.startswith("/etc") for path in model.files)


def test_elsewhere_it_is_done_at_once(model):
    guard = Guard("lan0")
    tried, left = run(model, guard, {"link": "lan9", "shim": {"addresses": ["198.51.100.2"]}, "confirm": "try"})
    assert "arm the roll-back timer" not in tried and not left["unconfirmed"] and any(path.startswith("/etc") for path in model.files)


def test_only_what_touches_the_way_is_held_back(model):
    rows = [WISH, {"link": "lan9", "shim": {"addresses": ["198.51.100.2"]}}]
    tried, _left = run(model, Guard("lan0"), {"parents": rows, "confirm": "try"})
    assert tried.index("create file /etc/systemd/network/05-fleetnet-shim-lan9.netdev") < tried.index("arm the roll-back timer")
    assert "create file /etc/systemd/network/05-fleetnet-shim-lan0.netdev" not in tried


def test_what_was_taken_back_cannot_be_confirmed(model):
    guard = Guard("lan0")
    with pytest.raises(EnvironmentFault, match="The roll-back timer was faster"):
        run(model, guard, dict(WISH, confirm="confirm"))


def test_a_try_that_fails_leaves_no_timer(model):
    guard = Guard("lan0")

    def fail(what):
        if what.startswith("addr add"):
            model.before_change = lambda what: None
            raise OSError("no")

    model.before_change = fail
    with pytest.raises(ConvergeError) as failed:
        run(model, guard, dict(WISH, confirm="try"))
    assert failed.value.rolled_back == "true" and guard.token == ""


@pytest.mark.parametrize("number", range(1, 5))
@pytest.mark.parametrize("when", ["before_change", "after_change"])
def test_a_try_that_takes_longer_than_the_timer_is_taken_back(model, when, number):
    """On a slow host: what is changed behind it would never be taken back."""
    guard, seen, before = Guard("lan0"), [], home.portrait(model)

    def late(what):
        seen.append(what)
        if len(seen) == number:
            guard.token = ""

    setattr(model, when, late)
    with pytest.raises(ConvergeError) as failed:
        run(model, guard, dict(WISH, confirm="try"))
    assert str(failed.value).startswith("parent lan0: The roll-back timer was faster than this run, so nothing would have taken the change back; ")
    assert failed.value.rolled_back == "true" and home.portrait(model) == before and guard.token == ""
