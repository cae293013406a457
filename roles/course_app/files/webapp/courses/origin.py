# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What keeps other sites away from the form and foreign content off the page. Holds no state, so replicas agree."""

from __future__ import annotations

import base64
import hashlib
from urllib.parse import urlsplit

FIXED_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # "no-referrer" would make browsers send "Origin: null" with this page's own form.
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}


def content_security_policy(stylesheet):
    digest = base64.b64encode(hashlib.sha256(stylesheet.encode("utf-8")).digest()).decode("ascii")
    return "; ".join(
        (
            "default-src 'none'",
            "style-src 'sha256-%s'" % digest,
            "img-src data:",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )


def is_same_origin(headers):
    """Browsers name the origin of every form they send; programs that are not browsers name none."""
    site = headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = headers.get("Origin")
    if origin is None:
        return True
    try:
        return bool(urlsplit(origin).netloc) and urlsplit(origin).netloc.lower() == headers.get("Host", "").lower()
    except ValueError:
        return False
