# shellcheck shell=bash
# build PRESET [TARGET…]: configures and builds, with the compiler cache where there is one. After scripts/progress.sh.

jobs=${TEST_JOBS:-$(nproc)}
logs=$PWD/build/logs
# One folder for every build of this tree, so that a file is compiled once whatever it is built for.
export CCACHE_NOHASHDIR=1 CCACHE_BASEDIR=$PWD

configure() {
  local -a launcher=()
  if command -v ccache >/dev/null; then
    launcher=(-DCMAKE_C_COMPILER_LAUNCHER=ccache -DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
  fi
  cmake --preset "$1" "${launcher[@]}"
}

build() {
  local preset=$1
  shift
  local -a targets=()
  [ $# = 0 ] || targets=(--target "$@")
  quietly "$preset: configuring" "$logs/$preset-configure.log" configure "$preset" &&
    quietly "$preset: building" "$logs/$preset-build.log" cmake --build "build/$preset" -j "$jobs" "${targets[@]}"
}
