# Chromium without a window: tests look at reports and dashboards in it.

chromium_executable() {
    if [ -n "${TRIVET_CHROMIUM:-}" ]; then
        [ -x "$TRIVET_CHROMIUM" ] && echo "$TRIVET_CHROMIUM"
        return
    fi
    for chromium_candidate in "$(command -v chromium || true)" "$(command -v chromium-browser || true)" \
        "$(command -v google-chrome || true)" "$(command -v chromium-headless-shell || true)" \
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"; do
        [ -n "$chromium_candidate" ] && [ -x "$chromium_candidate" ] && { echo "$chromium_candidate"; return 0; }
    done
    return 1
}

require_chromium() {
    state=ok
    if ! chromium_executable >/dev/null; then
        state=installed
        if [ -n "${TRIVET_CHROMIUM:-}" ]; then
            note "TRIVET_CHROMIUM names $TRIVET_CHROMIUM, which is no program"
            return 1
        fi
        # Debian's shell is a third smaller than the browser and needs no libraries for windows. Ubuntu's browser is a snap, and Homebrew has
        # none: there the user installs one.
        install_packages chromium-headless-shell - || return 1
    fi
    executable=$(chromium_executable) || return 1
    version=$("$executable" --version 2>/dev/null | sed -n 's/^[^0-9]*\([0-9.]*\).*/\1/p')
    row $state Chromium "$version" "$executable"
}
