# SQLite: its header and library, which GRDB is built against.

sqlite_version() {
    cat >"$temporary/sqlite.c" <<'END'
#include <sqlite3.h>
#include <stdio.h>
int main(void) { return puts(sqlite3_libversion()) < 0; }
END
    "$(c_compiler)" "$temporary/sqlite.c" -lsqlite3 -o "$temporary/sqlite" >"$temporary/sqlite.log" 2>&1 &&
        "$temporary/sqlite"
}

require_sqlite() {
    state=ok
    if ! sqlite_version >/dev/null; then
        state=installed
        install_packages libsqlite3-dev sqlite || return 1
    fi
    version=$(sqlite_version) || { indented "$temporary/sqlite.log"; return 1; }
    row $state SQLite "$version" "header and library"
}
