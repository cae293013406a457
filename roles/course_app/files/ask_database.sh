#!/bin/sh
# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Runs inside MySQL's container: sh -s DATABASE PASSWORD_FILE SQL < ask_database.sh
# Asks MySQL itself, past the web app. The password only travels through a pipe.
set -eu
mysql --defaults-extra-file=/dev/fd/3 --batch --skip-column-names --execute "$3" "$1" 3<<OPTIONS
[client]
user=root
password="$(sed 's/[\\"]/\\&/g' "$2")"
OPTIONS
