# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules on the disk, the unit that loads them before Docker starts, and the one that follows the engine's events."""
from __future__ import annotations

import os
import sys
import typing as t

from ..core.errors import EnvironmentFault
from . import firewall_engine, firewall_follow, iptables, iptables_follow, iptables_load
from .command import run

SYSTEMD = "/run/systemd/system"
UNITS = "/etc/systemd/system"
RULES = firewall_follow.RULES
ELEMENTS = firewall_follow.ELEMENTS
IPTABLES_RULES = iptables_follow.RULES
PROGRAMS = "/usr/local/lib/fleetnet"
LOAD, FOLLOW = "fleetnet-firewall.service", "fleetnet-firewall-follow.service"
WANTED_BY = {LOAD: "sysinit.target", FOLLOW: "multi-user.target"}

# nftables.service flushes everybody's tables when it starts, so ours come after it, and again each time it is reloaded.
LOAD_UNIT = """# Made by fleetnet.docker.firewall
[Unit]
Description=Firewall of this Docker host (fleetnet.docker.firewall)
DefaultDependencies=no
Wants=network-pre.target
After=local-fs.target systemd-modules-load.service nftables.service
Before=network-pre.target docker.service shutdown.target
Conflicts=shutdown.target
PartOf=nftables.service
ReloadPropagatedFrom=nftables.service
RequiresMountsFor=/etc/fleetnet

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=%(load_rules)s
ExecStart=-%(load_elements)s
ExecReload=%(load_rules)s
ExecReload=-%(load_elements)s

[Install]
WantedBy=%(load_wanted_by)s
"""
FOLLOW_UNIT = """# Made by fleetnet.docker.firewall
[Unit]
Description=Keeps the firewall in step with Docker's networks and ports (fleetnet.docker.firewall)
After=%(load)s
StartLimitIntervalSec=0

[Service]
ExecStart=%(follow_events)s
Restart=always
RestartSec=1
NoNewPrivileges=yes

[Install]
WantedBy=%(follow_wanted_by)s
"""


def kept() -> t.Optional[str]:
    """:returns: the text that lies there to be loaded at boot, empty where there is none; C(None) without systemd"""
    return _read(RULES) or _read(IPTABLES_RULES) if os.path.isdir(SYSTEMD) else None


def disorder() -> bool:
    """:returns: whether something of ours lies there that does not load that text at boot, whole and alone, and follow the engine"""
    text = kept()
    if text is None:
        return False
    wanted = dict(_files(iptables.is_for(text)), **{_rules_for(text): text}) if text else {}
    stray = [path for path in _paths() if path not in wanted and path != ELEMENTS and os.path.lexists(path)]
    if not text:
        return bool(stray) or os.path.lexists(ELEMENTS) or any(map(os.path.lexists, _links())) or _follows()
    return (bool(stray) or any(_read(path) != content for path, content in wanted.items())
            or not all(map(os.path.lexists, _links())) or not _follows())


def keep(text: str) -> None:
    """The unit that loads is not started: the rules are in force already, and loading them again would forget their counters."""
    files, ours = _files(iptables.is_for(text)), _rules_for(text)
    try:
        changed = [path for path, wanted in files.items() if _write(path, wanted)]
        _write(ours, text, 0o600)
        for path in _paths():  # with the elements, for they belong to the sets of the former rules
            if path not in files and path != ours:
                _unlink(path)
    except OSError as reason:
        raise EnvironmentFault("The rules cannot be written for the next boot: %s (%s); make room, and run the task again."
                               % (reason.filename, reason.strerror)) from reason
    _systemctl("daemon-reload")
    _systemctl("enable", "--quiet", LOAD, FOLLOW)
    _systemctl("restart" if changed else "start", FOLLOW)


def remove() -> None:
    """The follower first, for it would put a flushed table back."""
    there = [name for name in (FOLLOW, LOAD) if os.path.exists(_unit(name))]
    if there:
        _systemctl("disable", "--quiet", "--now", *there)
    if FOLLOW not in there and _follows():
        _systemctl("stop", FOLLOW)  # somebody took only its file away
    for path in (*_paths(), *_links()):
        _unlink(path)
    for folder in (os.path.dirname(RULES), PROGRAMS):
        try:
            os.rmdir(folder)
        except OSError:
            pass  # somebody else's files are in it
    _systemctl("daemon-reload")


def _paths() -> t.Tuple[str, ...]:
    """Of all that is ever written."""
    return (RULES, IPTABLES_RULES, ELEMENTS, *_files(True))


def _rules_for(text: str) -> str:
    return IPTABLES_RULES if iptables.is_for(text) else RULES


def _follows() -> bool:
    return run(["systemctl", "is-active", "--quiet", FOLLOW]).well


def _files(by_iptables: bool) -> t.Dict[str, str]:
    python = "%s -I -B %s/" % (sys.executable, PROGRAMS)  # -B: nothing is left behind beside the programs
    names = dict(load=LOAD, load_wanted_by=WANTED_BY[LOAD], follow_wanted_by=WANTED_BY[FOLLOW],
                 load_rules="/usr/sbin/nft -f %s" % RULES, load_elements="/usr/sbin/nft -f %s" % ELEMENTS,
                 follow_events=python + "firewall_follow.py")
    modules = [firewall_engine, firewall_follow]
    if by_iptables:
        # Before the engine has started there is no DOCKER-USER, and what is found at run time stands in the text already.
        names.update(load_rules=python + "iptables_load.py --boot %s" % IPTABLES_RULES, load_elements="/bin/true",
                     follow_events=python + "iptables_follow.py")
        modules += [iptables_load, iptables_follow]
    programs = {"%s/%s.py" % (PROGRAMS, module.__name__.rpartition(".")[2]): module.__loader__.get_source(module.__name__)
                for module in modules}
    return {**programs, _unit(LOAD): LOAD_UNIT % names, _unit(FOLLOW): FOLLOW_UNIT % names}


def _unit(name: str) -> str:
    return os.path.join(UNITS, name)


def _links() -> t.List[str]:
    return [os.path.join(UNITS, target + ".wants", name) for name, target in WANTED_BY.items()]


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8") as stream:
            return stream.read()
    except FileNotFoundError:
        return ""


def _write(path: str, text: str, mode: int = 0o644) -> bool:
    """:returns: whether it was another text before; flushed to the disk, whole or not at all"""
    if _read(path) == text:
        return False
    folder = os.path.dirname(path)
    os.makedirs(folder, mode=0o755, exist_ok=True)
    handle = os.open(path + ".new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(path + ".new", path)
    except OSError as reason:
        _unlink(path + ".new")  # a full disk holds a part of it
        reason.filename = path  # writing knows of a number only
        raise
    return True


def _unlink(path: str) -> None:
    try:
        os.unlink(path)
    except FileNotFoundError:
        pass


def _systemctl(*words: str) -> None:
    done = run(["systemctl", *words])
    if not done.well:
        raise EnvironmentFault("systemctl %s fails (%s), so the rules in force would not be there after a restart; see systemctl status."
                               % (" ".join(words), (done.err.strip().splitlines() or ["no reason given"])[0]))
