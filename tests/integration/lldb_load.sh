#!/bin/sh
# lldb_load.sh - scalene-lldb from the build tree, from an installation, through a link, and the plugin by itself, twice.

# shellcheck source=/dev/null disable=SC2154 # $root, $build, $scratch
. "$(dirname "$0")/load.sh"
lldb=${SCALENE_LLDB:-lldb}
needs "$lldb"
installed="$scratch/a \"place\"/lib/scalene-dbg"
mkdir -p "$installed" "$scratch/a \"place\"/bin" "$scratch/links" "$scratch/empty" "$scratch/home"
cp "$root/scripts/scalene-lldb" "$scratch/a \"place\"/bin"
cp "$build/scalene-lldb.so" "$installed"
ln -s "$scratch/a \"place\"/bin/scalene-lldb" "$scratch/links/scalene-lldb"
HOME=$scratch/home
export HOME
none='no process'

check "command" "$none" "$root/scripts/scalene-lldb" -x -b -o 'scalene info'
check "installation" "$none" "$scratch/a \"place\"/bin/scalene-lldb" -x -b -o 'scalene info'
check "link to the program" "$none" "$scratch/links/scalene-lldb" -x -b -o 'scalene info'
check "plugin alone" "$none" "$lldb" -x -b -o "plugin load $build/scalene-lldb.so" -o 'scalene info'
check "twice" "$none" "$root/scripts/scalene-lldb" -x -b -o "plugin load $build/scalene-lldb.so" -o 'scalene info'
echo "plugin load $build/scalene-lldb.so" >"$HOME/.lldbinit"
check "init file" "$none" "$lldb" -b -o 'scalene info'
rm "$HOME/.lldbinit"
check "arguments" "one_word" "$root/scripts/scalene-lldb" -x -b -o 'settings show target.run-args' -- /bin/true one_word
cp "$root/scripts/scalene-lldb" "$scratch/empty"
check "not built" "scalene-lldb: no scalene-lldb.so" env SCALENE_BUILD="$scratch/empty" "$scratch/empty/scalene-lldb" -b
check "no lldb" "SCALENE_LLDB" env SCALENE_LLDB=/nonexistent "$root/scripts/scalene-lldb" -b
fails "status" "$root/scripts/scalene-lldb" -x -b -o 'scalene info'
if [ -n "$(ls -A "$HOME")" ]; then
	failed=$((failed + 1))
	echo "FAIL left behind: $(ls -A "$HOME")"
else
	passed=$((passed + 1))
fi
finish
