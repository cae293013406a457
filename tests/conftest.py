# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes ansible_collections.fleetnet.docker importable from a clone that lies anywhere.

A link in a folder of its own stands for the installed collection; ansible-test has the real thing already.
"""
from __future__ import annotations

import atexit
import gc
import importlib.util
import os
import shutil
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def _importable() -> bool:
    try:
        return importlib.util.find_spec("ansible_collections.fleetnet.docker.plugins.module_utils") is not None
    except ImportError:
        return False


def _link() -> str:
    """:returns: a collections path with this clone in it"""
    folder = tempfile.mkdtemp(prefix="fleetnet-collections-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.makedirs(os.path.join(folder, "ansible_collections", "fleetnet"))
    os.symlink(ROOT, os.path.join(folder, "ansible_collections", "fleetnet", "docker"))
    return folder


if os.path.basename(os.path.dirname(os.path.dirname(ROOT))) == "ansible_collections":
    COLLECTIONS = os.path.dirname(os.path.dirname(os.path.dirname(ROOT)))
else:
    COLLECTIONS = _link()
sys.path.insert(0, COLLECTIONS)
# Another copy (an installed one) must not be tested in place of this clone.
for module in [name for name in sys.modules if name.split(".")[0] == "ansible_collections"]:
    del sys.modules[module]
if not _importable():
    raise RuntimeError("ansible_collections.fleetnet.docker cannot be imported from %s" % COLLECTIONS)


def pytest_collection_finish():
    """What was imported and collected stays until the end: looking through it for garbage again and again took a tenth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
