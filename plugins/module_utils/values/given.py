# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values of a role's variables: --extra-vars KEY=VALUE gives text, and so does what a template of ansible-core 2.18 makes."""
from __future__ import annotations

import typing as t

TRUE = ("true", "yes", "on", "1")


def flag(value: t.Any) -> bool:
    """What Ansible takes for true, as text too; the roles' argument_specs have seen that it is one of its words."""
    return value.strip().lower() in TRUE if isinstance(value, str) else bool(value)


def number(value: t.Any) -> t.Optional[int]:
    """C(None) where nothing is given; the roles' argument_specs have seen that it is a number."""
    return None if value is None or value == "" else int(value)
