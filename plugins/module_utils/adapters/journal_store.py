# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Journal entries as files: written before the first destructive step, gone after verification.

Readable by their owner only; flushed to the disk, for a power cut is a kill like any other.
"""
from __future__ import annotations

import hashlib
import os
import tempfile
import time
import typing as t
from contextlib import contextmanager

from ..core.errors import EnvironmentFault
from ..core.journal import Entry, JournalError, decode, encode

SYSTEM_FOLDER = "/var/lib/fleetnet"
SUFFIX = ".json"


def folder(override: t.Optional[str] = None) -> str:
    """:returns: C(/var/lib/fleetnet) for root, else a folder in the user's state directory"""
    if override:
        return override
    if os.geteuid() == 0:
        return SYSTEM_FOLDER
    state = os.environ.get("XDG_STATE_HOME") or os.path.expanduser("~/.local/state")
    return os.path.join(state, "fleetnet")


class JournalStore:
    """:param kind: the kind's name, part of each file's; :param engine_id: asked only where files exist or are written"""

    def __init__(self, path: str, kind: str, types: t.Iterable[type], engine_id: t.Callable[[], str]):
        self._path, self._kind, self._types, self._engine_id = path, kind, tuple(types), engine_id

    def read(self) -> t.Tuple[Entry, ...]:
        return tuple(self._load(path) for path in self.files(self._kind))

    def files(self, kind: str) -> t.List[str]:
        """:returns: what stopped runs of a kind left for this engine"""
        listed = [name for name in self._listed() if name.endswith(SUFFIX)]
        if not listed:
            return []
        own = "%s-%s-" % (kind, self._key())
        return sorted(os.path.join(self._path, name) for name in listed if name.startswith(own))

    def _listed(self) -> t.List[str]:
        try:
            return os.listdir(self._path)
        except FileNotFoundError:
            return []
        except OSError as reason:
            raise EnvironmentFault(
                "The folder for the journal %s cannot be read (%s); run as root, or set state_dir to a folder of your own."
                % (self._path, reason.strerror)
            ) from reason

    def write(self, entry: Entry) -> None:
        try:
            os.makedirs(self._path, mode=0o700, exist_ok=True)
            self._write(encode(entry), self._file(entry))
            self._sync_folder()
        except OSError as reason:
            raise EnvironmentFault(
                "The journal cannot be written in %s (%s), and without it a killed run would lose endpoints; make room, or "
                "set state_dir." % (self._path, reason.strerror)
            ) from reason

    def _write(self, text: str, path: str) -> None:
        handle, temporary = tempfile.mkstemp(dir=self._path, prefix=".new-")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as stream:
                stream.write(text)
                stream.flush()
                os.fsync(stream.fileno())
            os.replace(temporary, path)
        except OSError:
            os.unlink(temporary)
            raise

    def clear(self, entry: Entry) -> None:
        try:
            os.unlink(self._file(entry))
            self._sync_folder()
        except FileNotFoundError:
            pass

    def set_aside(self, entry: Entry) -> str:
        """:returns: where a copy of it lies, which no run reads"""
        aside = "%s.set-aside-%d" % (self._file(entry), int(time.time()))
        try:
            self._write(encode(entry), aside)
        except OSError as reason:
            raise EnvironmentFault("What a stopped run left cannot be kept in %s (%s); make room." % (aside, reason.strerror)) from reason
        return aside

    def _load(self, path: str) -> Entry:
        try:
            with open(path, encoding="utf-8") as stream:
                return decode(stream.read(), self._types)
        except (JournalError, OSError, UnicodeDecodeError) as reason:
            raise EnvironmentFault(
                "The journal %s of a run that was stopped cannot be read (%s); look at it, then move it away." % (path, reason)
            ) from reason

    def _file(self, entry: Entry) -> str:
        digest = hashlib.sha256(entry.name.encode("utf-8")).hexdigest()[:16]
        return os.path.join(self._path, "%s-%s-%s%s" % (self._kind, self._key(), digest, SUFFIX))

    def _key(self) -> str:
        return hashlib.sha256(self._engine_id().encode("utf-8")).hexdigest()[:16]

    def once_finished(self, kind: str, lock: t.Callable) -> t.Callable:
        """:returns: the lock, which refuses where a stopped run of another kind waits to be finished; before it is held, one may be at it"""

        @contextmanager
        def held():
            with lock() as waited:
                for path in self.files(kind):
                    raise EnvironmentFault(
                        "A run of module %s that was stopped left the journal %s; run module %s again, for whatever %s, so that it puts right "
                        "what it left, and then this task." % (kind, path, kind, kind))
                yield waited

        return held

    def _sync_folder(self) -> None:
        handle = os.open(self._path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
