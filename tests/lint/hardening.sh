#!/bin/bash
# hardening.sh BUILD_DIR: what is shipped cannot be written over while it runs: position independent, relocations read-only before
# main(), no executable stack, stack canaries, checked string functions, and plugins that export one symbol.
set -euo pipefail
build=$1
faults=0
fault() { echo "$1"; faults=$((faults + 1)); }

check_elf() {
  local file=$1 name
  name=$(basename "$file")
  local headers dynamic
  headers=$(readelf -hlW "$file")
  dynamic=$(readelf -dW "$file")
  grep -q 'Type: *DYN' <<<"$headers" || fault "$name: not position independent"
  grep -q GNU_RELRO <<<"$headers" || fault "$name: no RELRO"
  grep -qE 'GNU_STACK.* RWE' <<<"$headers" && fault "$name: executable stack"
  grep -qE 'LOAD.* RWE' <<<"$headers" && fault "$name: a segment is writable and executable"
  grep -qE 'BIND_NOW|NOW' <<<"$dynamic" || fault "$name: lazy binding"
  grep -qE 'R(UN)?PATH' <<<"$dynamic" && fault "$name: a library path is built in"
  return 0
}

check_elf "$build/bin/bearerd"
check_elf "$build/bin/bearerctl"
check_elf "$build/bin/bearerd-plugin-check"
check_elf "$build/lib/libbearerd-testing.so"
symbols=$(readelf --dyn-syms -W "$build/bin/bearerd")
grep -q __stack_chk_fail <<<"$symbols" || fault "bearerd: no stack canaries"
if ! grep -q 'CMAKE_BUILD_TYPE:STRING=Debug' "$build/CMakeCache.txt"; then
  grep -qE '_chk@' <<<"$symbols" || fault "bearerd: string functions are not checked"
fi
for plugin in "$build"/lib/bearerd/plugins/*.so; do
  check_elf "$plugin"
  exported=$(nm -D --defined-only "$plugin" | awk '$2 != "A" {print $3}' | sed 's/@@.*//')
  [ "$(wc -l <<<"$exported")" = 1 ] || fault "$(basename "$plugin"): exports more than its entry: $(tr '\n' ' ' <<<"$exported")"
done
[ "$faults" = 0 ] && echo "hardening: ok"
[ "$faults" = 0 ]
