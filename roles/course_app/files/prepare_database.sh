#!/bin/sh
# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Runs inside MySQL's container: sh -s DATABASE USER PASSWORD_FILE < prepare_database.sh
# Makes what is missing, and says in one word whether it had to. The password only travels through pipes.
set -eu
database=$1 user=$2 password_file=$3

in_option_file() { sed 's/[\\"]/\\&/g' "$password_file"; }
in_sql() { sed "s/\\\\/\\\\\\\\/g; s/'/''/g" "$password_file"; }

as() {
    account=$1
    shift
    mysql --defaults-extra-file=/dev/fd/3 --batch --skip-column-names "$@" 3<<OPTIONS
[client]
user=$account
password="$(in_option_file)"
OPTIONS
}

# The image's own settings say where the server's socket is; the client alone may look for it elsewhere.
before_it_has_one() { mysql --user=root --skip-password; }

made=unchanged

if ! refused=$(echo 'SELECT 1' | as root 2>&1); then
    if ! echo 'SELECT 1' | before_it_has_one >/dev/null 2>&1; then
        echo "refused: $refused"
        exit 3
    fi
    before_it_has_one <<SQL
ALTER USER 'root'@'localhost' IDENTIFIED BY '$(in_sql)';
SQL
    made=changed
fi

found=$(as root <<SQL
SELECT (SELECT COUNT(*) FROM information_schema.tables
        WHERE table_schema = '$database' AND table_name = 'course_details')
     + (SELECT COUNT(*) FROM mysql.user WHERE user = '$user' AND host = '%')
     + (SELECT COUNT(*) FROM information_schema.table_privileges
        WHERE grantee = "'$user'@'%'" AND table_schema = '$database' AND table_name = 'course_details'
          AND privilege_type IN ('SELECT', 'INSERT'));
SQL
)
if [ "$found" != 4 ] || ! echo 'SELECT 1' | as "$user" "$database" >/dev/null 2>&1; then
    as root <<SQL
CREATE DATABASE IF NOT EXISTS \`$database\` CHARACTER SET utf8mb4;
CREATE TABLE IF NOT EXISTS \`$database\`.course_details (
    course_name VARCHAR(200) NOT NULL,
    course_id VARCHAR(32) NOT NULL PRIMARY KEY
) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_as_ci;
CREATE USER IF NOT EXISTS '$user'@'%' IDENTIFIED BY '$(in_sql)';
ALTER USER '$user'@'%' IDENTIFIED BY '$(in_sql)';
GRANT SELECT, INSERT ON \`$database\`.course_details TO '$user'@'%';
SQL
    made=changed
fi
echo "$made"
