# Nothing that was downloaded is used before its SHA-256 is known to be right.

# known_checksum FILE: prints the checksum that `checksums.txt` has for a file of this name; fails without one.
known_checksum() {
    awk -v name="$1" '$2 == name { print $1; found = 1 } END { exit !found }' "$library_scripts/checksums.txt"
}

sha256() {
    if command -v sha256sum >/dev/null 2>&1; then
        sha256sum "$1" | cut -d ' ' -f 1
    else
        shasum -a 256 "$1" | cut -d ' ' -f 1
    fi
}

# verify FILE SHA256
verify() {
    verify_actual=$(sha256 "$1")
    [ "$verify_actual" = "$2" ] && return 0
    note "$(basename "$1") has SHA-256 $verify_actual, not the expected $2: refused"
    return 1
}
