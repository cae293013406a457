# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The narrow seam for running commands: never through a shell, in the C locale, with a bounded time."""
from __future__ import annotations

import os
import subprocess
import typing as t
from dataclasses import dataclass

from ..core.errors import EnvironmentFault

SECONDS = 60
FOLDERS = "/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin"


@dataclass(frozen=True)
class Done:
    """:param code: C(None) where there is no such command"""

    code: t.Optional[int]
    out: str = ""
    err: str = ""

    @property
    def well(self) -> bool:
        return self.code == 0


def run(argv: t.Sequence[str], given: str = "", seconds: float = SECONDS) -> Done:
    """:raises EnvironmentFault: when the command does not end in time"""
    environment = dict(os.environ, LC_ALL="C", PATH=FOLDERS)
    try:
        # What Ansible would have called instead is for entry.py alone.
        done = subprocess.run(list(argv), input=given, stdout=subprocess.PIPE, stderr=subprocess.PIPE,  # pylint: disable=ansible-bad-function
                              env=environment, universal_newlines=True, timeout=seconds, check=False)
    except (FileNotFoundError, PermissionError):
        return Done(None)
    except subprocess.TimeoutExpired:
        raise EnvironmentFault("%s did not end within %d s; see what holds it, and run the task again." % (argv[0], seconds)) from None
    ended = "it was ended by signal %d" % -done.returncode if done.returncode < 0 else ""
    return Done(done.returncode, done.stdout, done.stderr or ended)
