#!/bin/sh
# First-boot enrolment: makes the kiosk's ledger with the origin that its configuration names, once. It never touches a folder that
# is there already.
#
#   enrol.sh /etc/kiosk/kiosk.toml
#
# HOSPITAL_KEY, or /etc/kiosk/hospital.key: the 32 bytes of the hospital's key, brought for this hour and taken away again. Without it
# `ledger init` makes one, which belongs off this device at once.
set -eu

config=${1:?usage: enrol.sh KIOSK.TOML}
kiosk=${KIOSK:-/usr/bin/kiosk}
ledger=${LEDGER:-/usr/bin/ledger}
key=${HOSPITAL_KEY:-/etc/kiosk/hospital.key}

# One key of the file's head, without its quotes; tables such as [device] come after it.
value() {
  sed -n "/^\[/q; s/^[[:space:]]*$1[[:space:]]*=[[:space:]]*\"\([^\"]*\)\".*/\1/p" "$config" | head -n 1
}

[ -r "$config" ] || { echo "enrol: $config: cannot be read" >&2; exit 2; }
origin=$(value origin)
folder=$(value ledger)
[ -n "$origin" ] || { echo "enrol: $config: no line origin = \"...\"" >&2; exit 2; }
[ -n "$folder" ] || { echo "enrol: $config: no line ledger = \"...\"" >&2; exit 2; }
case $folder in
  /*) ;;
  *) folder=$(dirname "$config")/$folder ;;
esac
if [ -e "$folder" ] && [ -n "$(ls -A "$folder" 2>/dev/null)" ]; then
  echo "enrol: $folder is there already; nothing is made" >&2
  exit 0
fi

umask 077
if [ -r "$key" ]; then
  "$ledger" init "$folder" --origin "$origin" --hospital-key "$key"
else
  "$ledger" init "$folder" --origin "$origin"
  echo "enrol: a hospital key was made in $folder/keys; move it off this device now" >&2
fi
"$ledger" verify "$folder"
"$kiosk" check-config --places "$config" || echo "enrol: the ledger is made; the configuration still has faults, see above" >&2
