# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of the collection on a host: found by their names, written whole or not at all, checked by the system that reads them."""
from __future__ import annotations

import glob
import os
import tempfile
import typing as t

from ..core.errors import EnvironmentFault
from ..core.plan import Step
from ..values.hostfile import File


class HostFiles:
    """:param state_folder: where relative paths lie; :param patterns: which files are the collection's own, relative ones too

    :param check: (path, path of the new text) -> why the system that reads the file would refuse it, or an empty text
    :param gone: told the path of each file that was removed
    :param root: for tests; everything but the state folder lies under it
    """

    def __init__(self, state_folder: str, patterns: t.Iterable[str], check: t.Callable[[str, str], str], root: str = "",
                 gone: t.Callable[[str], None] = lambda path: None):
        self._state_folder, self._patterns, self._check, self._root = state_folder, tuple(patterns), check, root
        self._gone = gone

    def read(self, paths: t.Optional[t.Iterable[str]] = None) -> t.Tuple[File, ...]:
        """:param paths: C(None) for all of the collection's own"""
        wanted = self._own() if paths is None else sorted(paths)
        return tuple(file for file in map(self._read, wanted) if file)

    def _own(self) -> t.List[str]:
        found = [(place, pattern) for pattern in self._patterns for place in glob.glob(self.place(pattern))
                 if os.path.isfile(place)]
        return sorted({self._path(place, pattern) for place, pattern in found})

    def place(self, path: str) -> str:
        return self._root + path if path.startswith("/") else os.path.join(self._state_folder, path)

    def _path(self, place: str, pattern: str) -> str:
        return place[len(self._root):] if pattern.startswith("/") else os.path.relpath(place, self._state_folder)

    def _read(self, path: str) -> t.Optional[File]:
        try:
            with open(self.place(path), encoding="utf-8", errors="surrogateescape") as stream:
                return File(path, stream.read(), os.fstat(stream.fileno()).st_mode & 0o777)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as reason:
            raise EnvironmentFault("File %s cannot be read (%s); run the task as root (become: true)." % (
                self.place(path), reason.strerror)) from reason

    def execute(self, step: Step) -> None:
        place = self.place(step.thing.path)
        try:
            if step.after is None:
                self._remove(place)
                self._gone(step.before.path)
            else:
                self._write(place, step.after)
        except OSError as reason:
            raise EnvironmentFault("%s cannot be %s (%s); make room, or run the task as root (become: true)." % (
                place, "removed" if step.after is None else "written", reason.strerror)) from reason

    def _write(self, place: str, file: File) -> None:
        os.makedirs(os.path.dirname(place), mode=0o755 if file.path.startswith("/") else 0o700, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=os.path.dirname(place), prefix=".fleetnet-new-")
        try:
            with os.fdopen(handle, "w", encoding="utf-8", errors="surrogateescape") as stream:
                stream.write(file.text)
                os.fchmod(stream.fileno(), file.mode)
            refused = self._check(file.path, temporary)
            if refused:
                raise EnvironmentFault("%s is refused by the system that is to read it: %s" % (place, refused))
            os.replace(temporary, place)
        except BaseException:
            os.unlink(temporary)
            raise

    def _remove(self, place: str) -> None:
        os.unlink(place)
        folder = os.path.dirname(place)
        if folder.endswith((".network.d", "network-online.target.d")) and not os.listdir(folder):
            os.rmdir(folder)
