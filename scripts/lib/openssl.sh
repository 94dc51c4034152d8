# The openssl command makes the certificates of the TLS tests.

require_openssl() {
    state=ok
    if ! has openssl; then
        state=installed
        install_packages openssl openssl && has openssl || return 1
    fi
    row $state openssl "$(openssl version | cut -d ' ' -f 2)" "$(command -v openssl)"
}
