# A graph engine's library, by the first rung that works: one that is installed; Homebrew on macOS; upstream's release
# archive; the parts published on PyPI. Whatever its source, it is accepted only after check-graph-engine has used it.

# require_graph_engines: every row of graph-engines.txt, and reports each that can't be had.
require_graph_engines() {
    while read -r engine engine_library engine_version engine_repository engine_macos engine_settings; do
        case $engine in '' | '#'*) continue ;; esac
        # Not standard input: a package manager would read the table.
        require_graph_engine </dev/null || engine_lacking
    done <"$library_scripts/graph-engines.txt"
}

# One is what everything runs on where none is named; the others matter to the tests, which run on each, and to whoever names them.
engine_lacking() {
    if [ "$engine" = "${TRIVET_GRAPH_ENGINE:-ladybug}" ] || [ "$tests" = yes ] || [ -n "$(engine_setting LIBRARY)" ]; then
        lacking "lib$engine_library" "the graph engine"
    else
        row missing "lib$engine_library" - "another graph engine; what doesn't ask for it runs without"
    fi
}

require_graph_engine() {
    engine_file=lib$engine_library.$library_extension
    if find_graph_engine; then
        row ok "lib$engine_library" "$engine_version" "$engine_found"
        return 0
    fi
    engine_chosen=$(engine_setting LIBRARY)
    if [ -n "$engine_chosen" ]; then
        # An explicit choice that does not work is an error, not a wish to look elsewhere.
        note "${engine_settings}_LIBRARY names $engine_chosen: $engine_reason"
        return 1
    fi
    for rung in homebrew archive pypi; do
        if "engine_from_$rung" && find_graph_engine; then
            row installed "lib$engine_library" "$engine_version" "$engine_found"
            return 0
        fi
    done
    return 1
}

# engine_setting NAME: what the environment says for this engine, such as TRIVET_KUZU_LIBRARY; nothing if nothing.
engine_setting() {
    eval "printf '%s' \"\${${engine_settings}_$1:-}\""
}

# find_graph_engine: sets engine_found, or engine_reason when it fails.
find_graph_engine() {
    engine_reason="no $engine_file found"
    engine_chosen=$(engine_setting LIBRARY)
    if [ -n "$engine_chosen" ]; then
        accept_library "$engine_chosen"
        return
    fi
    for folder in "$prefix" /usr/local/lib /opt/homebrew/lib /usr/lib /usr/lib64 "/usr/lib/$machine-linux-gnu"; do
        [ -e "$folder/$engine_file" ] || continue
        accept_library "$folder/$engine_file" && return 0
        note "$folder/$engine_file: $engine_reason"
    done
    return 1
}

# accept_library FILE: it works and has the version that our declarations were written for.
accept_library() {
    if ! checked_version=$(check_library "$1"); then
        engine_reason=$(last_line "$temporary/check.log")
        engine_reason=${engine_reason:-it crashed at its first use}
        return 1
    fi
    if [ "$checked_version" != "$engine_version" ]; then
        engine_reason="version $checked_version, wanted $engine_version"
        return 1
    fi
    engine_found=$1
}

check_library() {
    checker=$temporary/check-graph-engine
    if [ ! -x "$checker" ]; then
        "$(c_compiler)" -std=gnu11 "$library_scripts/check-graph-engine.c" -o "$checker" -ldl \
            2>"$temporary/check.log" || return 1
    fi
    mkdir "$temporary/check"
    check_status=0
    "$checker" "$1" "${engine_library}_" "$temporary/check" 2>"$temporary/check.log" || check_status=1
    rm -rf "$temporary/check"
    return $check_status
}

# put FILE: into the prefix, complete or not at all.
put() {
    mkdir -p "$prefix"
    put_name=$(basename "$1")
    cp "$1" "$prefix/.$put_name.$$" && chmod 644 "$prefix/.$put_name.$$" &&
        mv -f "$prefix/.$put_name.$$" "$prefix/$put_name"
}

engine_from_homebrew() {
    [ "$(package_manager)" = brew ] || return 1
    install_packages - "$engine"
}
