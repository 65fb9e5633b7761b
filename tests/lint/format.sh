#!/bin/bash
# Every C and C++ file is as clang-format leaves it. `format.sh --fix` makes it so.
set -euo pipefail
cd "$(dirname "$0")/../.."
mode=(--dry-run --Werror)
[ "${1:-}" = --fix ] && mode=(-i)
git -c safe.directory="$PWD" ls-files -z -- '*.cpp' '*.hpp' '*.h' '*.c' | xargs -0 -r -P "$(nproc)" -n 16 clang-format-19 "${mode[@]}"
echo "format: ok"
