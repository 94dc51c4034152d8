# Compilers. Swift's toolchain brings clang; a system's own one is taken first, because it fits the system's libraries.

c_compiler() {
    first_of cc clang gcc || beside_swift clang
}

cxx_compiler() {
    first_of g++ clang++ c++ || beside_swift clang++
}

first_of() {
    for name; do
        if has "$name"; then
            command -v "$name"
            return 0
        fi
    done
    return 1
}

beside_swift() {
    has swift || return 1
    beside=$(dirname "$(command -v swift)")/$1
    [ -x "$beside" ] && echo "$beside"
}
