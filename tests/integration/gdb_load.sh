#!/bin/sh
# gdb_load.sh - scalene-gdb and its loader from the build tree, from an installation, through links, and twice.

# shellcheck source=/dev/null disable=SC2154 # $root, $build, $scratch
. "$(dirname "$0")/load.sh"
needs "${SCALENE_GDB:-gdb}"
installed="$scratch/a place/lib/scalene-dbg"
mkdir -p "$installed" "$scratch/a place/bin" "$scratch/links" "$scratch/empty"
cp "$root/scripts/scalene-gdb" "$scratch/a place/bin"
cp "$root/scripts/scalene-gdb.py" "$build/scalene_gdb.abi3.so" "$installed"
ln -s "$scratch/a place/bin/scalene-gdb" "$scratch/links/scalene-gdb"
ln -s "$installed/scalene-gdb.py" "$scratch/links/scalene-gdb.py"
where='python import sys; print("from", sys.modules["scalene_gdb"].__file__)'
none='no process: start one'

check "build tree" "from $build/" "$root/scripts/scalene-gdb" -nx -batch -ex "$where"
check "command" "$none" "$root/scripts/scalene-gdb" -nx -batch -ex 'scalene info'
check "installation" "from $installed/" "$scratch/a place/bin/scalene-gdb" -nx -batch -ex "$where"
check "link to the program" "from $installed/" "$scratch/links/scalene-gdb" -nx -batch -ex "$where"
check "link to the loader" "from $installed/" "${SCALENE_GDB:-gdb}" -nx -batch -x "$scratch/links/scalene-gdb.py" -ex "$where"
check "twice" "$none" "$root/scripts/scalene-gdb" -nx -batch -x "$scratch/links/scalene-gdb.py" -ex 'scalene info'
check "arguments" 'is "one_word"' "$root/scripts/scalene-gdb" -nx -batch -ex 'show args' --args /bin/true one_word
check "not built" "scalene is not loaded" env SCALENE_BUILD="$scratch/empty" "$root/scripts/scalene-gdb" -nx -batch
check "no gdb" "SCALENE_GDB" env SCALENE_GDB=/nonexistent "$root/scripts/scalene-gdb" -batch
fails "status" "$root/scripts/scalene-gdb" -nx -batch -ex 'scalene info'
finish
