# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What lies on the disk and is loaded at boot, where it is not what it should be, and where nothing may be written."""
from __future__ import annotations

import pytest

from ansible_collections.fleetnet.docker.plugins.module_utils.core.errors import ConvergeError

from unit.kinds.firewall.firewall_host_model import Trouble
from unit.kinds.firewall.firewall_stages import GONE, NEW, actions, furnished, left, stage, whole
from unit.laws.test_firewall_laws import OLD, at


def test_what_is_loaded_at_boot_is_put_right_where_only_that_is_wrong():
    host = furnished()
    host.disk = host.disk.replace("published default", "published changed")
    tried = stage(host, OLD, "try")
    assert not tried.changed and left(OLD, tried)["unconfirmed"]
    done = stage(host, OLD, "confirm")
    assert actions(done) == ["persist the rules that are loaded at boot"]
    assert done.plan.reasons == ("what is loaded at boot is not what is wanted",)


@pytest.mark.parametrize("name", ["keep", "try"])
@pytest.mark.parametrize("in_force", [True, False], ids=["in force", "only on the disk"])
@pytest.mark.parametrize("text", [True, False], ids=["with rules", "only units"])
def test_what_lies_on_the_disk_and_is_not_in_order_goes_too(name, in_force, text):
    host = furnished()
    host.disorder, host.disk = True, host.disk if text else ""
    if not in_force:
        host.listing, host.rules = "", []
    stage(host, GONE, name)
    if name == "try":
        assert left(GONE, stage(host, GONE, "try"))["unconfirmed"]
        stage(host, GONE, "confirm")
    assert not host.disorder
    host.reboot()
    assert whole(host) == ("", [], "", None) and not stage(host, GONE, "keep").changed


def test_what_lies_on_the_disk_and_is_not_in_order_is_put_right():
    host = furnished()
    host.disorder = True
    assert actions(stage(host, OLD, "keep")) == ["persist the rules that are loaded at boot"]
    assert not host.disorder and not stage(host, OLD, "keep").changed


@pytest.mark.parametrize("when", ["before_step", "after_step"])
@pytest.mark.parametrize("disorder", [False, True])
@pytest.mark.parametrize("params", [NEW, GONE], ids=["another", "absent"])
def test_a_fault_without_a_timer_leaves_the_disk_as_it_was(when, disorder, params):
    phases = [step.phase for step in stage(furnished(), params, "keep", check=True).plan.steps]
    for number in range(1, len(phases) + 1):
        host = furnished()
        host.disorder = disorder
        before = whole(host)
        setattr(host, when, at(number, Trouble("refused")))
        with pytest.raises(ConvergeError) as caught:
            stage(host, params, "keep")
        assert caught.value.rolled_back == "true" and whole(host) == before
        # What nobody has touched is not put right on the way back either.
        assert host.disorder == (disorder and "persist" not in phases[:number - (when == "before_step")])


def test_without_a_timer_what_would_put_the_rules_back_goes_before_them():
    assert [step.phase for step in stage(furnished(), GONE, "keep").plan.steps] == ["persist", "load", "take", "take"]


def test_without_systemd_nothing_is_written_and_the_task_says_so():
    host = furnished()
    host.disk = None
    tried = stage(host, NEW, "try")
    assert "There is no systemd on this host" in tried.plan.warnings[0]
    stage(host, NEW, "confirm")
    assert host.disk is None
