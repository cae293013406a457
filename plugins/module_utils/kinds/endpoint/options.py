# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Docker's own driver options of an endpoint: what they may be, and since when an engine listens to them."""
from __future__ import annotations

import difflib
import re
import typing as t

from ...core.errors import WishError
from ...values.network import Pairs
from .state import Engine

PREFIX = "com.docker.network."
SYSCTLS = "com.docker.network.endpoint.sysctls"
IFNAME = "com.docker.network.endpoint.ifname"
# Earlier engines accept these and do nothing (seen on 20.10 and 26.1).
SINCE = {SYSCTLS: (27, 0), IFNAME: (28, 0)}
SYSCTL = re.compile(r"net\.(ipv4|ipv6|mpls)\.[a-z]+\.IFNAME\.[a-z0-9_]+=[^=,\s]+\Z")
LINK = re.compile(r"[^\s/:%]{1,15}\Z")


def check_driver_options(options: Pairs, where: str) -> None:
    """:raises WishError: for a name of Docker's that does not exist, and for a value that cannot be"""
    for key, value in options:
        if key.startswith(PREFIX) and key not in SINCE:
            near = difflib.get_close_matches(key, SINCE, 1, 0.8)
            raise WishError("The driver option %s of %s is none that Docker knows; %s." % (
                key, where, "did you mean %s" % near[0] if near else "Docker's own are %s" % " and ".join(sorted(SINCE))))
    _check_sysctls(dict(options).get(SYSCTLS), where)
    name = dict(options).get(IFNAME)
    if name is not None and (not LINK.match(name) or name in (".", "..", "lo")):
        raise WishError("The interface name %r of %s is not possible; choose 1 to 15 characters without spaces and '/', and not lo." % (
            name, where))


def _check_sysctls(text: t.Optional[str], where: str) -> None:
    for setting in text.split(",") if text is not None else ():
        if not SYSCTL.match(setting):
            raise WishError("The kernel setting %r of %s is not possible; write it like net.ipv4.conf.IFNAME.log_martians=1, with the "
                            "word IFNAME for the interface." % (setting, where))


def ignored(options: Pairs, engine: Engine) -> t.Iterator[t.Tuple[str, str]]:
    """:returns: (option, first release that honours it) for what this engine would accept and ignore"""
    for key, _value in options:
        if key in SINCE and engine.before(*SINCE[key]):
            yield key, str(SINCE[key][0])
