# Upstream's release archive: the engine's library ready made.

engine_from_archive() {
    case $system-$machine in
    Linux-*) archive=lib$engine_library-linux-$machine.tar.gz ;;
    Darwin-*)
        [ "$engine_macos" = machine ] && engine_macos=$machine
        archive=lib$engine_library-osx-$engine_macos.tar.gz
        ;;
    *) return 1 ;;
    esac
    archive_sum=$(engine_setting ARCHIVE_SHA256)
    archive_sum=${archive_sum:-$(known_checksum "v$engine_version/$archive" || true)}
    if [ -z "$archive_sum" ]; then
        note "$archive $engine_version: no checksum is known for it; give one with ${engine_settings}_ARCHIVE_SHA256"
        return 1
    fi
    progress "downloading $archive $engine_version from its release"
    base=$(engine_setting ARCHIVE_BASE)
    base=${base:-https://github.com/$engine_repository/releases/download}
    if ! download "$base/v$engine_version/$archive" "$temporary/$archive"; then
        note "not reachable: $(last_line "$temporary/download.log")"
        return 1
    fi
    verify "$temporary/$archive" "$archive_sum" || return 1
    rm -rf "$temporary/archive" && mkdir "$temporary/archive"
    tar -xzf "$temporary/$archive" -C "$temporary/archive" || return 1
    unpacked=$(find "$temporary/archive" -name "$engine_file" | head -n 1)
    [ -n "$unpacked" ] && accept_library "$unpacked" || {
        note "$archive: $engine_reason"
        return 1
    }
    put "$unpacked"
}

# download URL FILE
download() {
    if has curl; then
        curl --fail --silent --show-error --location --connect-timeout 10 --retry 1 --output "$2" "$1"
    elif has wget; then
        wget --quiet --timeout=10 --tries=2 --output-document="$2" "$1"
    else
        echo "neither curl nor wget is installed" >&2
        return 1
    fi 2>"$temporary/download.log"
}
