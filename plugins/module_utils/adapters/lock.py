# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run at a time per engine: a file lock that ends with its process, however that ends."""
from __future__ import annotations

import fcntl
import hashlib
import os
import pwd
import time
import typing as t
from contextlib import contextmanager

from ..core.errors import EnvironmentFault

STEP_SECONDS = 0.1
# Of every module that changes something; the fragment one_run documents them.
RUN_SPEC = dict(state_dir=dict(type="path"), lock_timeout=dict(type="int", default=60))


def engine_lock(path: str, engine_id: t.Callable[[], str], seconds: float, purpose: str):
    """:param seconds: how long to wait for another run; :param purpose: what this run does, shown to others who wait

    :returns: a function that gives a context manager, which gives a sentence where it had to wait
    """

    @contextmanager
    def held():
        name = "lock-%s" % hashlib.sha256(engine_id().encode("utf-8")).hexdigest()[:16]
        handle = _open(path, name)
        try:
            waited = _wait(handle, seconds)
            os.ftruncate(handle, 0)
            os.pwrite(handle, _holder(purpose).encode("utf-8"), 0)
            yield waited
        finally:
            os.close(handle)

    return held


def _open(path: str, name: str) -> int:
    try:
        os.makedirs(path, mode=0o700, exist_ok=True)
        return os.open(os.path.join(path, name), os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as reason:
        raise EnvironmentFault(
            "The lock cannot be made in %s (%s); run as root, or set state_dir to a folder of your own." % (path, reason.strerror)
        ) from reason


def _holder(purpose: str) -> str:
    """What others read who wait: the process, what it does, for whom, since when."""
    try:
        user = pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        user = "uid %d" % os.geteuid()
    person = os.environ.get("SUDO_USER")
    return "process %d (%s, run by %s%s since %s)" % (
        os.getpid(), purpose, user, " for %s" % person if person and person != user else "", time.strftime("%Y-%m-%d %H:%M:%S"))


def _wait(handle: int, seconds: float) -> t.Optional[str]:
    begun = time.monotonic()
    holder = ""
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return "this run waited %.1f s for %s" % (time.monotonic() - begun, holder) if holder else None
        except BlockingIOError:
            holder = os.pread(handle, 200, 0).decode("utf-8", "replace") or "another run"
            if time.monotonic() >= begun + seconds:
                raise EnvironmentFault(
                    "Another run changes this engine: %s still holds the lock after %g s; wait for it, or raise lock_timeout."
                    % (holder, seconds)
                ) from None
            time.sleep(STEP_SECONDS)
