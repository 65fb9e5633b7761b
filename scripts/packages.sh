# shellcheck shell=bash disable=SC2034
# The Debian packages that this project uses, kept here once. Sourced by scripts/demo and scripts/test.
#   may_install GROUP…    makes sure that installing is possible
#   need GROUP…           installs what is missing of these groups

packages_build=(ca-certificates cmake g++ libboost-dev libexpected-dev libgmock-dev libgtest-dev libpoco-dev libre2-dev
  libsimdjson-dev libssl-dev libsqlite3-dev libsystemd-dev ninja-build node-llhttp pkg-config prometheus-cpp-dev rapidjson-dev)
packages_demo=(curl jq nginx-light)
packages_test=(apache2-bin caddy ccache curl git glewlwyd haproxy jq lua-socket man-db mandoc nginx-light openssl prometheus python3
  python3-yaml redis-server sqlite3 systemd wrk zsh)
# debhelper and what judges a package.
packages_package=(debhelper dpkg-dev fakeroot lintian)
# A systemd of its own in a container.
packages_system=(debootstrap dpkg-dev systemd-container)
packages_clang=(clang-19 clang-format-19 clang-tidy-19 libclang-rt-19-dev)
# Wanted only where there is no node yet: another source's nodejs brings its own npm.
packages_node=(nodejs npm)

is_installed() {
  [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

missing_packages() {
  local group package
  for group in "$@"; do
    if [ "$group" = node ] && command -v node >/dev/null && command -v npm >/dev/null; then continue; fi
    local -n packages="packages_$group"
    for package in "${packages[@]}"; do is_installed "$package" || echo "$package"; done
  done
}

# Asks for sudo's password here, where a person can see it, when something must be installed.
may_install() {
  local -a missing
  mapfile -t missing < <(missing_packages "$@")
  [ ${#missing[@]} -gt 0 ] && [ "$(id -u)" != 0 ] || return 0
  command -v sudo >/dev/null || { echo "neither root nor sudo here: install ${missing[*]}" >&2; return 1; }
  sudo -v
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# In a subshell, for the trap.
need() (
  mapfile -t missing < <(missing_packages "$@")
  [ ${#missing[@]} -gt 0 ] || return 0
  echo "installing ${missing[*]}"
  # A package's service must not start here: it would take ports, and nobody asked for it.
  policy=/usr/sbin/policy-rc.d
  if [ ! -e "$policy" ]; then
    trap 'as_root rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
    as_root chmod 755 "$policy"
  fi
  as_root apt-get update -q -o DPkg::Lock::Timeout=600 &&
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends \
      -o DPkg::Lock::Timeout=600 "${missing[@]}"
)
