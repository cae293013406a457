# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Overlays between two engines: what is on the wire when one is encrypted, and when it is not."""
from __future__ import annotations

import pytest

from lan import box, capture, drop, network, ping, remove
from machine import run
from pair import SECOND, WIRE, Pair

pytestmark = pytest.mark.kernel("vxlan")
PATTERN = "5e"
TEXT = bytes.fromhex(PATTERN) * 16


@pytest.fixture(scope="module")
def pair():
    both = Pair()
    try:
        both.join()
        yield both
    finally:
        both.end()


@pytest.fixture
def overlay(pair):
    """Makes an overlay with a container on each engine. :returns: the second one's address"""
    def make(**params):
        network("over", driver="overlay", attachable=True, ipam_config=[{"subnet": "10.44.0.0/24"}], **params)
        box("near", "over")
        box("far", "over", engine=SECOND)
        return run("docker", *SECOND, "inspect", "--format", "{{.NetworkSettings.Networks.over.IPAddress}}", "far")

    yield make
    drop("far", engine=SECOND)
    drop("near")
    remove("over")


def test_a_plain_overlay_is_vxlan_that_anybody_can_read(overlay):
    address = overlay()
    assert not run("ip", "xfrm", "state")
    with capture(WIRE, TEXT) as seen:
        assert ping("near", address, "-s", "256", "-p", PATTERN)
    assert seen.vxlan and seen.readable and not seen.esp, vars(seen)


@pytest.mark.kernel("esp")
def test_an_encrypted_overlay_is_esp_that_nobody_can_read(overlay):
    address = overlay(driver_options={"encrypted": ""})
    with capture(WIRE, TEXT) as seen:
        assert ping("near", address, "-s", "256", "-p", PATTERN)
    assert seen.esp >= 2 and not seen.readable and not seen.vxlan, vars(seen)
    states = run("ip", "xfrm", "state")
    assert "src 203.0.113.1 dst 203.0.113.2" in states and "src 203.0.113.2 dst 203.0.113.1" in states and "proto esp" in states
    assert "proto esp" in run("ip", "-n", "second", "xfrm", "state")
