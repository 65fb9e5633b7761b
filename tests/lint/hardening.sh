#!/bin/bash
# hardening.sh FOLDER, of a build or of unpacked packages: what is shipped cannot be written over while it runs: position independent, relocations read-only before
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

if [ -d "$build/usr" ]; then
  daemon=$build/usr/sbin/bearerd programs=$build/usr/bin
  libraries=$(echo "$build"/usr/lib/*/bearerd)
  libraries=${libraries%/bearerd}
else
  daemon=$build/bin/bearerd programs=$build/bin libraries=$build/lib
fi
check_elf "$daemon"
check_elf "$programs/bearerctl"
check_elf "$programs/bearerd-plugin-check"
check_elf "$libraries/libbearerd-testing.so"
symbols=$(readelf --dyn-syms -W "$daemon")
grep -q __stack_chk_fail <<<"$symbols" || fault "bearerd: no stack canaries"
if ! grep -qs 'CMAKE_BUILD_TYPE:STRING=Debug' "$build/CMakeCache.txt"; then
  grep -qE '_chk@' <<<"$symbols" || fault "bearerd: string functions are not checked"
fi
for plugin in "$libraries"/bearerd/plugins/*.so; do
  check_elf "$plugin"
  exported=$(nm -D --defined-only "$plugin" | awk '$2 != "A" {print $3}' | sed 's/@@.*//')
  [ "$(wc -l <<<"$exported")" = 1 ] || fault "$(basename "$plugin"): exports more than its entry: $(tr '\n' ' ' <<<"$exported")"
done
[ "$faults" = 0 ] && echo "hardening: ok"
[ "$faults" = 0 ]
