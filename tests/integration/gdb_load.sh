#!/bin/sh
# gdb_load.sh - scalene-gdb and its loader from the build tree, from an installation, through links, and twice.

root=$(cd "$(dirname "$0")/../.." && pwd)
build=${SCALENE_BUILD:-build}
case $build in
/*) ;;
*) build=$root/$build ;;
esac
passed=0 failed=0
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# check NAME EXPECTED COMMAND...: the output contains the text.
check()
{
	name=$1 expected=$2
	shift 2
	output=$("$@" 2>&1 </dev/null)
	case $output in
	*"$expected"*)
		passed=$((passed + 1))
		;;
	*)
		failed=$((failed + 1))
		printf 'FAIL %s: no "%s" in\n%s\n' "$name" "$expected" "$output"
		;;
	esac
}

if ! command -v "${SCALENE_GDB:-gdb}" >/dev/null; then
	echo "skip: no gdb"
	echo "0 passed, 0 failed, 1 skipped"
	exit 0
fi
installed="$scratch/a place/lib/scalene-dbg"
mkdir -p "$installed" "$scratch/a place/bin" "$scratch/links" "$scratch/empty"
cp "$root/scripts/scalene-gdb" "$scratch/a place/bin"
cp "$root/scripts/scalene-gdb.py" "$build/scalene_gdb.abi3.so" "$installed"
ln -s "$scratch/a place/bin/scalene-gdb" "$scratch/links/scalene-gdb"
ln -s "$installed/scalene-gdb.py" "$scratch/links/scalene-gdb.py"
where='python import sys; print("from", sys.modules["scalene_gdb"].__file__)'
none='no process: start one'

SCALENE_BUILD=$build
export SCALENE_BUILD
check "build tree" "from $build/" "$root/scripts/scalene-gdb" -nx -batch -ex "$where"
check "command" "$none" "$root/scripts/scalene-gdb" -nx -batch -ex 'scalene info'
check "installation" "from $installed/" "$scratch/a place/bin/scalene-gdb" -nx -batch -ex "$where"
check "link to the program" "from $installed/" "$scratch/links/scalene-gdb" -nx -batch -ex "$where"
check "link to the loader" "from $installed/" "${SCALENE_GDB:-gdb}" -nx -batch -x "$scratch/links/scalene-gdb.py" -ex "$where"
check "twice" "$none" "$root/scripts/scalene-gdb" -nx -batch -x "$scratch/links/scalene-gdb.py" -ex 'scalene info'
check "arguments" 'is "one_word"' "$root/scripts/scalene-gdb" -nx -batch -ex 'show args' --args /bin/true one_word
check "not built" "scalene is not loaded" env SCALENE_BUILD="$scratch/empty" "$root/scripts/scalene-gdb" -nx -batch
check "no gdb" "SCALENE_GDB" env SCALENE_GDB=/nonexistent "$root/scripts/scalene-gdb" -batch
if "$root/scripts/scalene-gdb" -nx -batch -ex 'scalene info' >/dev/null 2>&1 </dev/null; then
	failed=$((failed + 1))
	echo "FAIL status: 0 after an error"
else
	passed=$((passed + 1))
fi
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" = 0 ]
