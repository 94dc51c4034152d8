# redis-server: only its executable is wanted. Trivet starts private servers of its own on free ports or sockets.

redis_executable() {
    if [ -n "${TRIVET_REDIS_SERVER:-}" ]; then
        [ -x "$TRIVET_REDIS_SERVER" ] && echo "$TRIVET_REDIS_SERVER"
        return
    fi
    for redis_candidate in "$(command -v redis-server || true)" \
        /usr/bin/redis-server /usr/local/bin/redis-server /opt/homebrew/bin/redis-server; do
        [ -n "$redis_candidate" ] && [ -x "$redis_candidate" ] && { echo "$redis_candidate"; return 0; }
    done
    return 1
}

redis_version() {
    "$1" --version 2>/dev/null | sed -n 's/.* v=\([0-9.]*\).*/\1/p'
}

require_redis() {
    state=ok
    if ! redis_executable >/dev/null; then
        state=installed
        if [ -n "${TRIVET_REDIS_SERVER:-}" ]; then
            # An explicit choice that does not work is an error, not a wish to look elsewhere.
            note "TRIVET_REDIS_SERVER names $TRIVET_REDIS_SERVER, which is no program"
            return 1
        fi
        install_redis || return 1
    fi
    executable=$(redis_executable) || return 1
    row $state redis-server "$(redis_version "$executable")" "$executable"
}

# Debian's package starts a service and enables it for the next boot. A service that we caused must not stay: it is kept
# from starting while it is installed, and disabled for the boot. Reached only where redis-server was missing, so a
# service that the user had before is never touched.
install_redis() {
    if [ "$(package_manager)" != apt ] || [ "$(id -u)" != 0 ]; then
        install_packages redis-server redis
        return
    fi
    if [ -d /run/systemd/system ]; then
        systemctl mask --quiet redis-server.service
        redis_unit_masked=yes
    fi
    # Without systemd, packages ask invoke-rc.d, which starts nothing in the single-user run level.
    RUNLEVEL=1 install_packages redis-server redis
    install_status=$?
    unmask_redis
    # Both ways of starting at boot; it says so where one of them does not exist.
    if has update-rc.d; then update-rc.d redis-server disable >/dev/null 2>&1 || true; fi
    if [ -d /run/systemd/system ]; then systemctl disable --quiet redis-server.service 2>/dev/null || true; fi
    return $install_status
}

redis_unit_masked=no
unmask_redis() {
    [ "$redis_unit_masked" = yes ] || return 0
    systemctl unmask --quiet redis-server.service
    redis_unit_masked=no
}
