# The system's package managers. Without the right to install, what is missing is collected into the one command that
# the user has to run.

packages_to_ask_for=

has() {
    command -v "$1" >/dev/null 2>&1
}

package_manager() {
    if [ "$system" = Darwin ] && has brew; then
        echo brew
    elif has apt-get; then
        echo apt
    else
        echo none
    fi
}

# install_packages APT_NAMES BREW_NAMES: fails when they are not installed afterwards. A dash: no such package.
install_packages() {
    case $(package_manager) in
    apt)
        [ "$1" = - ] && return 1
        if [ "$(id -u)" != 0 ]; then
            packages_to_ask_for="$packages_to_ask_for $1"
            return 1
        fi
        progress "installing $1 (apt)"
        # The lists of a fresh machine may be empty or old.
        apt_install "$1" || { apt-get update >"$temporary/apt.log" 2>&1 && apt_install "$1"; } || {
            indented "$temporary/apt.log"
            return 1
        }
        ;;
    brew)
        [ "$2" = - ] && return 1
        progress "installing $2 (Homebrew)"
        # shellcheck disable=SC2086 # a list of names
        HOMEBREW_NO_AUTO_UPDATE=1 brew install $2 >"$temporary/brew.log" 2>&1 || {
            indented "$temporary/brew.log"
            return 1
        }
        ;;
    none)
        packages_to_ask_for="$packages_to_ask_for $1"
        return 1
        ;;
    esac
}

apt_install() {
    # shellcheck disable=SC2086 # a list of names
    DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        -o DPkg::Lock::Timeout=300 $1 >"$temporary/apt.log" 2>&1
}

# The command for the user, when something could not be installed.
remedy() {
    case $(package_manager) in
    apt) echo "sudo apt-get update && sudo apt-get install -y$packages_to_ask_for" ;;
    brew) echo "see the messages above" ;;
    none)
        if [ "$system" = Darwin ]; then
            echo "install Homebrew (https://brew.sh) and run this again"
        else
            echo "install, with your system's package manager, what Debian calls$packages_to_ask_for"
        fi
        ;;
    esac
}
