#!/usr/bin/env bash
# Installs the Debian packages that the build and the tests need, when they are missing.
#
# clang, libclang-dev: V4L2 bindings. cmake, g++: zxing-cpp. libfontconfig-dev and a font: Slint. libxkbcommon-dev and the X11
# libraries: the window. libasound2-dev: tones. xvfb: window tests. python3: the auditor's script. golang-go, golang-golang-x-mod-dev: the verifier of another project.
# poppler-utils: PDFs read by another program. chromium: the station's pages in a browser.
# python3-venv, nodejs, npm: the peers of the exchange. openssl, procps: a certificate to check and `kill` for tests.
set -euo pipefail

packages=(clang libclang-dev cmake g++ make pkg-config libfontconfig-dev fonts-dejavu-core libasound2-dev libxkbcommon-dev libxkbcommon-x11-0
  libx11-xcb1 libxcursor1 libxi6 libxrandr2 xvfb python3
  golang-go golang-golang-x-mod-dev openssl procps poppler-utils chromium)

# A python or node from elsewhere is as good; Debian's would only stand beside it.
python3 -c 'import ensurepip, venv' 2>/dev/null || packages+=(python3-venv)
command -v node >/dev/null || packages+=(nodejs)
command -v npm >/dev/null || packages+=(npm)

missing=()
for package in "${packages[@]}"; do
  dpkg-query --show --showformat='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

if ! command -v apt-get >/dev/null; then
  echo "missing: ${missing[*]}; install them with the package manager of this system" >&2
  exit 2
fi
sudo=""
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || { echo "missing: ${missing[*]}; run as root: apt-get install ${missing[*]}" >&2; exit 2; }
  sudo="sudo"
fi
echo "installing: ${missing[*]}" >&2
$sudo apt-get update -qq
DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends "${missing[@]}"
