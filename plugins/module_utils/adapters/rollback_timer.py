# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A timer on the host that undoes a change unless it is disarmed: it lives on when the session, or the controller, is gone.

Any kind can use it whose change may cut the way the controller came by: arm before the change, change, let the controller come in
anew, disarm. It lies in /run, so a reboot forgets it, and what is persistent is still the old state then.
"""
from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import typing as t
import uuid
from dataclasses import asdict, dataclass

from ..core.errors import EnvironmentFault
from . import rollback_program
from .command import run

FOLDER = "/run/fleetnet/rollback"
SYSTEMD = "/run/systemd/system"
READY_SECONDS = 10.0
SECONDS_BETWEEN_LOOKS = 0.02


@dataclass(frozen=True)
class Command:
    """What the timer runs, without a shell; C(may_fail) where its failure means that there was nothing to undo.

    :param thing: what it puts back by itself, whatever else is put back; empty where commands hang together
    """

    argv: t.Tuple[str, ...]
    input: str = ""
    may_fail: bool = False
    thing: str = ""


class RollbackTimer:
    """:param name: of what is changed, such as firewall; one timer for each name"""

    def __init__(self, name: str, folder: str = FOLDER):
        self._name, self._folder = name, os.path.join(folder, name)

    def pending(self) -> str:
        """:returns: the token of the timer that runs, or an empty text"""
        return next(iter(self._armed()), "")

    def undo(self) -> t.Tuple[str, ...]:
        """:returns: what the timer that runs gives its commands to read, of those that read something; nothing without a timer"""
        return tuple(order["input"] for order in self._commands_of(self._armed()) if order["input"])

    def arm(self, seconds: float, commands: t.Iterable[Command], stacked: bool = False) -> str:
        """Returns when the timer runs. Where one runs already, the new one takes its commands over: what that would put back is
        what was there before anybody changed anything. A thing that it says nothing of was as it is now.

        :param stacked: these take back only what came after a timer that runs was armed, so all of them go before its own

        :raises EnvironmentFault: where no process can be started that outlives this one
        """
        former = self._armed()
        orders = self._commands_of(former)
        known = {order.get("thing", "") for order in orders}
        if stacked:
            orders[:0] = [asdict(command) for command in commands]
        else:
            orders += [asdict(command) for command in commands if not known or "" not in known and command.thing not in known | {""}]
        token = "%s-%s" % (format(time.time_ns(), "x"), uuid.uuid4().hex[:8])  # sorts by age
        self._prepare(token)
        self._write("armed-" + token, json.dumps({"seconds": seconds, "commands": orders}))
        try:
            self._start(token)
            self._wait_until_ready(token)
        except EnvironmentFault:
            self._remove("armed-" + token)
            self._remove("program-%s.py" % token)
            raise
        for old in former:
            self._remove("armed-" + old)
        return token

    def disarm(self) -> None:
        """:raises EnvironmentFault: where the timer was faster"""
        removed = [self._remove("armed-" + token) for token in self._armed()]  # each of them, not only up to the first
        if not any(removed):
            raise EnvironmentFault("The roll-back timer was faster, and the host has taken the change back; run the task again, with a larger "
                                   "rollback_after where the host or the way to it is slow.")

    def forget(self) -> None:
        """Leaves nothing of timers that ran before; one that runs still takes away itself what is its own."""
        self._tidy()
        rollback_program.vanish(self._folder)

    def _tidy(self) -> None:
        try:
            names = os.listdir(self._folder)
        except (FileNotFoundError, PermissionError):
            return
        running = tuple(token + end for token in self._armed() for end in ("", ".py"))
        for name in names:
            if not name.endswith(running):
                self._remove(name)

    def _prepare(self, token: str) -> None:
        """The program bears the timer's name, for a former one takes its own away when it ends."""
        source = rollback_program.__loader__.get_source(rollback_program.__name__)
        try:
            self._tidy()
            for last in (False, True):
                os.makedirs(self._folder, mode=0o700, exist_ok=True)
                try:
                    self._write("program-%s.py" % token, source)
                    break
                except FileNotFoundError:  # a former timer ends just now, and took the empty folder away
                    if last:
                        raise
        except OSError as reason:
            raise EnvironmentFault("The roll-back timer cannot be armed in %s (%s); become root, or make room in /run."
                                   % (self._folder, reason.strerror)) from reason

    def _start(self, token: str) -> None:
        program = [sys.executable, "-I", os.path.join(self._folder, "program-%s.py" % token), self._folder, token]
        if not os.path.isdir(SYSTEMD):
            # Ansible's run_command waits for the end; the timer has to outlive the module.
            subprocess.Popen(program, stdin=subprocess.DEVNULL,  # pylint: disable=ansible-bad-function
                             stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL, start_new_session=True, cwd="/")
            return
        # A unit of its own: where sessions are cleaned up, a process that a session left behind would be ended with it.
        done = run(["systemd-run", "--quiet", "--collect", "--unit=fleetnet-rollback-%s-%s" % (self._name, token), *program])
        if not done.well:
            raise EnvironmentFault("systemd-run cannot start the roll-back timer (%s), and without one nothing is changed; see systemctl status."
                                   % (done.err.strip() or "systemd-run is missing"))

    def _wait_until_ready(self, token: str) -> None:
        until = time.monotonic() + READY_SECONDS
        while not os.path.exists(os.path.join(self._folder, "ready-" + token)):
            if time.monotonic() > until:
                raise EnvironmentFault("The roll-back timer did not start within %g s, and without it nothing is changed; see whether %s can "
                                       "run programs." % (READY_SECONDS, sys.executable))
            time.sleep(SECONDS_BETWEEN_LOOKS)

    def _armed(self) -> t.List[str]:
        try:
            names = os.listdir(self._folder)
        except (FileNotFoundError, PermissionError):
            return []
        return sorted(name[len("armed-"):] for name in names if name.startswith("armed-"))

    def _commands_of(self, tokens: t.Iterable[str]) -> t.List[t.Dict[str, t.Any]]:
        for token in tokens:
            try:
                with open(os.path.join(self._folder, "armed-" + token), encoding="utf-8") as stream:
                    return json.load(stream)["commands"]
            except FileNotFoundError:
                pass  # it fires just now
        return []

    def _write(self, name: str, text: str) -> None:
        path = os.path.join(self._folder, name)
        # A name that the timer does not look for, until the file is whole.
        handle = os.open(os.path.join(self._folder, "new-" + name), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
        os.replace(os.path.join(self._folder, "new-" + name), path)

    def _remove(self, name: str) -> bool:
        try:
            os.unlink(os.path.join(self._folder, name))
            return True
        except FileNotFoundError:
            return False
