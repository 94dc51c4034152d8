# What the bootstrap says: one aligned row for each thing, progress for what takes long.

# row STATE NAME VERSION DETAIL
row() {
    [ "$1" = ok ] && [ "$quiet" = yes ] && return 0
    printf '%-9s  %-12s  %-8s  %s\n' "$1" "$2" "$3" "$(home_as_tilde "$4")"
}

# progress TEXT…: to standard error, because it is no result.
progress() {
    printf '           … %s\n' "$*" >&2
}

# note TEXT…: why something was passed over.
note() {
    printf '           - %s\n' "$*" >&2
}

# shellcheck disable=SC2088 # a tilde to read, not to expand
home_as_tilde() {
    case $1 in
    "$HOME"/*) printf '~/%s\n' "${1#"$HOME"/}" ;;
    *) printf '%s\n' "$1" ;;
    esac
}

# last_line FILE: of those that say something.
last_line() {
    sed -n '/[^[:space:]]/h; ${ g; s/^[[:space:]]*//; p; }' "$1"
}

# indented FILE: the end of a failed step's output.
indented() {
    tail -n 15 "$1" | sed 's/^/             /' >&2
}
