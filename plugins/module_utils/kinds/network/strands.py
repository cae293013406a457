# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Containers that could be taken off a network but not put back on it: refused, for not even the way back would help."""
from __future__ import annotations

from ...core.errors import WishError
from ...values.endpoint import Container
from .made import made
from .state import Desired, Observed
from .target import target


def check_strands(desired: Desired, observed: Observed) -> None:
    """:raises WishError: naming the container, and the network that it would need"""
    renewed = {net.name for _wish, net in made(desired, observed)}
    going = {wish.name for wish in desired.wishes if wish.absent}
    # One that this task makes is not there where the way back leads to.
    coming = {net.name for state in observed.remembered for net in state.networks} - going
    for end in target(desired, observed).endpoints if renewed else ():
        box = observed.container(end.container)
        if end.network in renewed and box is not None and box.run.state != "down" and observed.stranded(box, going, coming | {end.network}):
            raise WishError("Container %s could not be put back on network %s, which is to be made anew, for the network it was made on "
                            "(network_mode %s) %s; keep that one, or have the container's owner make it again." % (
                                box.name, end.network, box.network_mode[:64],
                                missing(box, desired)))


def missing(box: Container, desired: Desired) -> str:
    """:returns: why a container's own network is not there for it"""
    asked = {wish.name: wish for wish in desired.wishes}.get(box.network_mode)
    if asked is None:
        return "does not exist"
    return "is removed by this task" if asked.absent else "is only made by this task, and has to be there before"
