# load.sh - what gdb_load.sh and lldb_load.sh share; they source it. $root, $build, $scratch; counts.
# shellcheck shell=sh

root=$(cd "$(dirname "$0")/../.." && pwd)
build=${SCALENE_BUILD:-build}
case $build in
/*) ;;
*) build=$root/$build ;;
esac
SCALENE_BUILD=$build
export SCALENE_BUILD
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

# fails NAME COMMAND...: the status is not 0.
fails()
{
	name=$1
	shift
	if "$@" >/dev/null 2>&1 </dev/null; then
		failed=$((failed + 1))
		echo "FAIL $name: 0 after an error"
	else
		passed=$((passed + 1))
	fi
}

# needs PROGRAM: without it all is skipped.
needs()
{
	command -v "$1" >/dev/null && return
	echo "skip: no $1"
	echo "0 passed, 0 failed, 1 skipped"
	exit 0
}

finish()
{
	echo "$passed passed, $failed failed, 0 skipped"
	[ "$failed" = 0 ]
}
