#!/bin/sh
# Memasang Titian dari stik ini, tanpa internet.  /  Installs Titian from this stick, without internet.
#
#   sudo sh install.sh
#
# Yang sudah terpasang dan cukup baru dibiarkan; diulang, tidak ada yang berubah.
# What is installed and new enough is left alone; repeated, it changes nothing.
set -eu
here=$(cd "$(dirname "$0")" && pwd)

fail() { # status, Indonesian, English
    printf '%s\n%s\n' "$2" "$3" >&2
    exit "$1"
}

[ "$(id -u)" = 0 ] || fail 77 "Jalankan sebagai root: sudo sh $0" "Run it as root: sudo sh $0"

kit=$(cat "$here/architecture")
box=$(dpkg --print-architecture)
[ "$kit" = "$box" ] || fail 65 \
    "Kit ini untuk $kit, kotak ini $box. Ambil kit untuk $box." \
    "This kit is for $kit, this box is $box. Take the kit for $box."

(cd "$here" && sha256sum --quiet -c SHA256SUMS) || fail 65 \
    "Berkas di stik ini rusak atau tidak lengkap; belum ada yang dipasang. Salin ulang kitnya." \
    "Files on this stick are damaged or missing; nothing was installed. Copy the kit again."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# A stick's name may hold blanks, which a sources list cannot.
ln -s "$here" "$work/kit"
echo "deb [trusted=yes] file:$work/kit ./" >"$work/sources.list"
mkdir -p "$work/lists/partial" "$work/archives/partial"

# Only this stick is asked: other sources would wait for a line that is not there.
from_stick() {
    apt-get -qq -y -o "Dir::Etc::SourceList=$work/sources.list" -o Dir::Etc::SourceParts=/dev/null \
        -o "Dir::State::Lists=$work/lists" -o "Dir::Cache=$work" -o "Dir::Cache::Archives=$work/archives" \
        -o APT::Sandbox::User=root -o Dpkg::Use-Pty=0 "$@"
}

from_stick update
# shellcheck disable=SC2046  # one word for each package
DEBIAN_FRONTEND=noninteractive from_stick install $(cat "$here/packages")

printf '%s\n%s\n' "Terpasang. Lanjutkan dengan: sudo titian setup" "Installed. Go on with: sudo titian setup"
