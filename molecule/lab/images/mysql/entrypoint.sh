#!/bin/sh
# Same settings as the official image: MYSQL_ROOT_PASSWORD, MYSQL_ROOT_HOST, MYSQL_DATABASE, MYSQL_USER,
# MYSQL_PASSWORD, each also as *_FILE; MYSQL_ALLOW_EMPTY_PASSWORD; /docker-entrypoint-initdb.d/*.sql and *.sh run once.
# Secrets go through standard input only, never through an argument list or the log.
set -eu

data=/var/lib/mysql
unfinished=$data/.initialising

say() { printf '%s [entrypoint] %s\n' "$(date -u +%FT%TZ)" "$*"; }
fail() { say "error: $*" >&2; exit 1; }

# The value of $1, or the content of the file that $1_FILE names.
setting() {
    eval "value=\${$1:-} file=\${$1_FILE:-}"
    if [ -n "$value" ] && [ -n "$file" ]; then
        fail "both $1 and $1_FILE are set; unset one of them."
    elif [ -n "$file" ]; then
        [ -r "$file" ] || fail "$1_FILE names $file, which cannot be read."
        value=$(cat "$file")
    fi
    printf '%s' "$value"
}

quoted() { printf "'%s'" "$(printf '%s' "$1" | sed "s/\\\\/\\\\\\\\/g; s/'/''/g")"; }
# shellcheck disable=SC2016 # the backquotes are MySQL's
identifier() { printf '`%s`' "$(printf '%s' "$1" | sed 's/`/``/g')"; }
as_mysql="setpriv --reuid=mysql --regid=mysql --init-groups"
as_root() { mysql --protocol=socket --user=root --batch "$@"; }

accounts() {
    echo 'SET @@SESSION.SQL_LOG_BIN=0;'
    if [ -n "$database" ]; then
        echo "CREATE DATABASE IF NOT EXISTS $(identifier "$database");"
    fi
    if [ -n "$user" ]; then
        echo "CREATE USER $(quoted "$user")@'%' IDENTIFIED BY $(quoted "$password");"
        if [ -n "$database" ]; then
            echo "GRANT ALL ON $(identifier "$database").* TO $(quoted "$user")@'%';"
        fi
    fi
    if [ "$root_host" != localhost ]; then
        echo "CREATE USER 'root'@$(quoted "$root_host") IDENTIFIED BY $(quoted "$root_password");"
        echo "GRANT ALL ON *.* TO 'root'@$(quoted "$root_host") WITH GRANT OPTION;"
    fi
}

# Last, so that nothing before it needs the password; until then only this container's socket is open.
lock_root() {
    echo 'SET @@SESSION.SQL_LOG_BIN=0;'
    echo "ALTER USER 'root'@'localhost' IDENTIFIED BY $(quoted "$root_password");"
}

initialise() {
    root_password=$(setting MYSQL_ROOT_PASSWORD)
    root_host=$(setting MYSQL_ROOT_HOST)
    root_host=${root_host:-%}
    database=$(setting MYSQL_DATABASE)
    user=$(setting MYSQL_USER)
    password=$(setting MYSQL_PASSWORD)
    [ -n "$root_password" ] || [ -n "${MYSQL_ALLOW_EMPTY_PASSWORD:-}" ] ||
        fail "no root password: set MYSQL_ROOT_PASSWORD_FILE to a file that holds one, or MYSQL_ALLOW_EMPTY_PASSWORD."

    touch "$unfinished"
    say "initialising $data"
    $as_mysql mysqld --initialize-insecure
    $as_mysql mysqld --skip-networking --mysqlx=OFF &
    server=$!
    for _ in $(seq 300); do
        mysqladmin --user=root --silent ping >/dev/null 2>&1 && break
        kill -0 "$server" 2>/dev/null || fail "the server ended while it was being set up; see the lines above."
        sleep 0.1
    done
    accounts | as_root
    for script in /docker-entrypoint-initdb.d/*; do
        case "$script" in
            *.sql) say "running $script"; as_root ${database:+"$database"} <"$script" ;;
            *.sh) say "running $script"; sh "$script" ;;
            *) [ ! -e "$script" ] || say "ignoring $script, which is neither .sql nor .sh" ;;
        esac
    done
    if [ -n "$root_password" ]; then lock_root | as_root; fi
    kill "$server"
    wait "$server"
    rm "$unfinished"
    say "initialised"
}

case "${1:-mysqld}" in -*) set -- mysqld "$@" ;; esac
if [ "$1" = mysqld ]; then
    chown mysql:mysql "$data" /var/run/mysqld
    if [ -e "$unfinished" ]; then
        say "a former start ended in the middle of initialising; beginning again"
        find "$data" -mindepth 1 -delete
    fi
    [ -d "$data/mysql" ] || initialise
    unset MYSQL_ROOT_PASSWORD MYSQL_PASSWORD
    exec $as_mysql "$@"
fi
exec "$@"
