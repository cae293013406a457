# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of every module that changes something, one run at a time."""
from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  state_dir:
    description:
      - Folder for the lock, and for records and journal where the module keeps them.
      - C(/var/lib/fleetnet) for root, a folder in the user's state directory for others, when it is not given.
    type: path
  lock_timeout:
    description: >-
      Seconds to wait for another run that changes the same engine or host. Only runs of the same user with the same O(state_dir) on the same host
      see each other.
    type: int
    default: 60
"""
