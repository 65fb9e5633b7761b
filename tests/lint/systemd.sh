#!/bin/sh
# systemd.sh SOURCES UNIT: the units are such that systemd takes them without a word, and the sandbox stays as tight as it is.
set -eu
sources=$(realpath "$1")
unit=$2
highest=15 # 1.5 of systemd-analyze's 10
command -v systemd-analyze >/dev/null || { echo "skipped: no systemd-analyze"; exit 77; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/bin"
for program in bearerd bearerctl; do
  printf '#!/bin/sh\n' >"$work/bin/$program"
  chmod 755 "$work/bin/$program"
done
# The programs need not be installed where the unit will find them.
sed -E "s#^(ExecStart|ExecReload)=.*/(bearerd|bearerctl)#\1=$work/bin/\2#" "$unit" >"$work/bearerd.service"

# Unknown keys are only warned about, so that any word is a fault.
cp "$sources"/*.socket "$work"
said=$(systemd-analyze verify --man=no "$work"/bearerd.service "$work"/*.socket 2>&1) || { echo "$said"; exit 1; }
[ -z "$said" ] || { echo "$said"; exit 1; }
systemd-analyze security --offline=true --no-pager --threshold=$highest "$work/bearerd.service" >"$work/security" || {
  cat "$work/security"
  exit 1
}
tail -1 "$work/security"

grep -q '^RestartPreventExitStatus=64 78$' "$unit"
grep -q '^PrivateUsers=no$' "$unit"
if grep -E '@[A-Z_]+@' "$unit"; then exit 1; fi

# Every group that the unit and the code name is made.
for group in bearerd-proxy bearerd-admin bearerd-observe bearerd-usage; do
  grep -qE "^g $group " "$sources/bearerd.sysusers" || { echo "$group is not made"; exit 1; }
done
if command -v systemd-sysusers >/dev/null; then
  mkdir -p "$work/root/etc"
  systemd-sysusers --root="$work/root" "$sources/bearerd.sysusers" >/dev/null
  grep -q '^bearerd-proxy:.*:bearerd$' "$work/root/etc/group" || { echo "bearerd is not in bearerd-proxy"; exit 1; }
fi
