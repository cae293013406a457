# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What changes of links do about being confirmed: the way that this run came in by, and the roll-back timer."""
from __future__ import annotations

import shutil
import typing as t

from ..core.errors import EnvironmentFault
from ..core.plan import Step
from ..values import addresses
from ..values.link import Way
from . import link_commands, ssh_path
from .command import FOLDERS
from .netlink_links import NetlinkLinks
from .rollback_timer import RollbackTimer

NAME = "macvlan_parent"


class ParentsGuard:
    """:param seconds: until the roll-back timer fires; :param place: where the path of a file lies"""

    def __init__(self, seconds: float, links: NetlinkLinks, place: t.Callable[[str], str]):
        self._seconds, self._links, self._place = seconds, links, place
        self._timer = RollbackTimer(NAME)

    def pending(self) -> str:
        return self._timer.pending()

    def way(self) -> t.Optional[Way]:
        """:returns: C(None) where no SSH connection leads here"""
        ends = ssh_path.ends()
        try:
            client, server = (addresses.address(text.partition("%")[0]) for text in ends[::2])
        except ValueError:  # nobody came in; or by no socket of sshd's own, which it calls UNKNOWN
            return None
        return Way(client=client, server=server, link=self._links.towards(ends[0]))

    def execute(self, step: Step) -> None:
        """:raises EnvironmentFault: where nothing could take a change back, or it was taken back already"""
        if step.phase == "disarm":
            self._timer.disarm()
            return
        if shutil.which(link_commands.IP, path=FOLDERS) is None:
            raise EnvironmentFault("The roll-back timer needs the command ip, which this host does not have; install iproute2, or set "
                                   "rollback_after to 0 to trust the change.")
        self._timer.arm(self._seconds, link_commands.back(step.after.steps, step.after.routes, self._place), stacked=True)
