# redis-server: only its executable is wanted. Trivet starts private servers of its own on free ports or sockets.

redis_executable() {
    for redis_candidate in "${TRIVET_REDIS_SERVER:-}" "$(command -v redis-server || true)" \
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
        install_redis || return 1
    fi
    executable=$(redis_executable) || return 1
    row $state redis-server "$(redis_version "$executable")" "$executable"
}

# Debian's package starts a service and enables it for the next boot. A service that we caused must not stay: masked
# while it is installed it never starts, disabled it will not at boot. Reached only where redis-server was missing, so
# a service that the user had before is never touched.
install_redis() {
    if [ "$(package_manager)" = apt ] && [ "$(id -u)" = 0 ]; then
        if [ -d /run/systemd/system ]; then
            systemctl mask --quiet redis-server.service
            redis_unit_masked=yes
            install_packages redis-server redis || { unmask_redis; return 1; }
            unmask_redis
            systemctl disable --quiet redis-server.service 2>/dev/null || true
        else
            # Without systemd: packages ask invoke-rc.d, which starts nothing in the single-user run level.
            RUNLEVEL=1 install_packages redis-server redis || return 1
        fi
    else
        install_packages redis-server redis
    fi
}

redis_unit_masked=no
unmask_redis() {
    [ "$redis_unit_masked" = yes ] || return 0
    systemctl unmask --quiet redis-server.service
    redis_unit_masked=no
}
