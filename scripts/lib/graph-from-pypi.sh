# A graph engine from its Python packages, where no release archive can be had: the wheel holds the engine, but only its
# C++ interface; the source distribution holds the C interface, which is compiled here (half a minute) and linked with
# the wheel's engine.
#
#     libkuzu.so                     the C interface, and stand-ins for the Python symbols that the engine mentions
#     _kuzu.cpython-311-….so         the engine, under the name by which it has to be found

engine_from_pypi() {
    if [ "$system" != Linux ]; then
        note "the Python packages serve Linux only"
        return 1
    fi
    wheel_sum=$(engine_setting WHEEL_SHA256)
    wheel_sum=${wheel_sum:-$(known_checksum "$engine-$engine_version-cp311-$machine.whl" || true)}
    if [ -z "$wheel_sum" ]; then
        note "$engine $engine_version for $machine on PyPI: no checksum is known for it; give one with ${engine_settings}_WHEEL_SHA256"
        return 1
    fi
    source_sum=$(known_checksum "$engine-$engine_version.tar.gz") || return 1
    require_for_pypi || return 1
    work=$temporary/pypi
    rm -rf "$work" && mkdir "$work"
    progress "downloading $engine $engine_version with pip: the wheel and the source distribution"
    pypi_download || return 1
    progress "compiling its C interface (about half a minute)"
    if ! pypi_compile >"$work/log" 2>&1; then
        note "compiling failed:"
        indented "$work/log"
        return 1
    fi
    accept_library "$work/out/$engine_file" || { note "the library that was built: $engine_reason"; return 1; }
    put "$work/out/$wheel_engine" && put "$work/out/$engine_file"
}

require_for_pypi() {
    has python3 && python3 -m pip --version >/dev/null 2>&1 || install_packages "python3 python3-pip" - || return 1
    cxx_compiler >/dev/null || install_packages g++ - || return 1
    has nm || install_packages binutils - || return 1
    has xargs || install_packages findutils -
}

# pip itself refuses a file with another checksum, before it runs anything out of it.
pypi_download() {
    echo "$engine==$engine_version --hash=sha256:$wheel_sum" >"$work/wheel.txt"
    echo "$engine==$engine_version --hash=sha256:$source_sum" >"$work/source.txt"
    pip_download wheel --only-binary=:all: --python-version 311 --implementation cp \
        --platform "manylinux_2_27_$machine" --platform "manylinux_2_28_$machine" || return 1
    # To learn a source distribution's metadata pip runs its build back end. Where that cannot be had in an isolated
    # environment, the one that is installed does.
    pip_download source --no-binary "$engine" || pip_download source --no-binary "$engine" --no-build-isolation || return 1
    wheel=$(find "$work/wheel" -name '*.whl')
    source=$(find "$work/source" -name '*.tar.gz')
    verify "$wheel" "$wheel_sum" && verify "$source" "$source_sum"
}

# pip_download WHAT OPTION…
pip_download() {
    what=$1
    shift
    python3 -m pip --disable-pip-version-check download --quiet --no-deps --require-hashes \
        --requirement "$work/$what.txt" --dest "$work/$what" "$@" >"$work/log" 2>&1 || {
        note "pip could not download the $what:"
        indented "$work/log"
        return 1
    }
}

pypi_compile() {
    mkdir "$work/tree" "$work/out" "$work/objects" && python3 -m zipfile -e "$wheel" "$work/engine" || return 1
    upstream=sdist/$engine-source
    tar -xzf "$source" -C "$work/tree" --strip-components=2 \
        "$upstream/src" "$upstream/cmake/templates" "$upstream/third_party/fast_float" || return 1
    wheel_engine=$(basename "$work/engine/$engine/_$engine_library".*.so)
    cp "$work/engine/$engine/$wheel_engine" "$work/out/" &&
        pypi_configure && pypi_objects && pypi_link && pypi_complete
}

# The header that upstream's build fills in; the numbers are those of every released build.
pypi_configure() {
    mkdir -p "$work/configured/common" &&
        sed -e 's/@[A-Z]*_PAGE_SIZE_LOG2@/12/' -e 's/@[A-Z]*_VECTOR_CAPACITY_LOG2@/11/' \
            -e 's/@[A-Z]*_NODE_GROUP_SIZE_LOG2@/17/' -e 's/@[A-Z]*_MAX_SEGMENT_SIZE_LOG2@/18/' \
            -e 's/@[A-Z]*_DEFAULT_REL_STORAGE_DIRECTION@/BOTH_REL_STORAGE/' \
            "$work/tree/cmake/templates/system_config.h.in" >"$work/configured/common/system_config.h" || return 1
    # A number that is not known here must not become somebody else's default.
    if grep '@[A-Z_0-9]*@' "$work/configured/common/system_config.h" | grep -v '^ \*'; then return 1; fi
    # Only for compilers without the header: put first, it would hide theirs.
    mkdir "$work/stand-ins" || return 1
    echo '#include <format>' | "$(cxx_compiler)" -std=c++20 -fsyntax-only -x c++ - 2>/dev/null ||
        cp "$library_scripts/stand-ins/format" "$work/stand-ins/"
}

pypi_objects() {
    {
        ls "$work"/tree/src/c_api/*.cpp
        echo "$work/tree/src/common/types/int128_t.cpp"
        echo "$work/tree/src/common/types/value/recursive_rel.cpp"
        echo "$library_scripts/$engine-definitions.cpp"
    } >"$work/sources"
    # shellcheck disable=SC2016 # $1… are the inner shell's
    xargs -P "$(getconf _NPROCESSORS_ONLN)" -n 1 sh -c '
        "$1" -std=c++20 -O2 -DNDEBUG -fPIC -fvisibility=hidden -I"$0/stand-ins" \
            -I"$0/configured" -I"$0/tree/src/include" -I"$0/tree/third_party/fast_float/include" \
            -c "$2" -o "$0/objects/$(basename "$2" .cpp).o"
    ' "$work" "$(cxx_compiler)" <"$work/sources"
}

pypi_link() {
    # The engine was built as a Python extension and mentions Python's symbols. They are reached only through its Python
    # face, which nobody uses here, but the loader wants them to exist.
    nm -D --undefined-only "$work/out/$wheel_engine" | sed -n 's/.* \(_\{0,1\}Py[A-Za-z0-9_]*\).*/\1/p' >"$work/python"
    sed 's/.*/__attribute__((visibility("default"))) void *&[64];/' "$work/python" >"$work/python.c"
    "$(c_compiler)" -fPIC -c "$work/python.c" -o "$work/objects/python.o" || return 1
    echo "{ global: ${engine_library}_*; Py*; _Py*; local: *; };" >"$work/exports"
    # $ORIGIN is the loader's; -z defs makes a missing definition an error here and not at the user's first call.
    # shellcheck disable=SC2016
    (cd "$work/out" && "$(cxx_compiler)" -shared -o "$engine_file" ../objects/*.o "./$wheel_engine" \
        -Wl,-soname,"$engine_file" -Wl,-z,defs -Wl,-rpath,'$ORIGIN' -Wl,--version-script=../exports)
}

# Every function that the header declares is there.
pypi_complete() {
    nm -D --defined-only "$work/out/$engine_file" | awk '{ print $3 }' | sort -u >"$work/have"
    grep -o "${engine_library}_[a-z0-9_]*(" "$work/tree/src/include/c_api/$engine_library.h" | tr -d '(' |
        sort -u >"$work/want"
    comm -13 "$work/have" "$work/want" >"$work/lacking"
    [ ! -s "$work/lacking" ] || { echo "functions are lacking:"; cat "$work/lacking"; return 1; }
}
