#!/bin/sh
# lint - clang-format (has the last word on format) and clang-tidy
#
# Called by `make lint` with the compiler's flags in CFLAGS. LINT names the
# files to look at (all).
set -u
cd "$(dirname "$0")/.." || exit 1
: "${LINT:=$(git ls-files '*.c' '*.h')}"
failed=0
# shellcheck disable=SC2086
if command -v clang-format >/dev/null; then
	clang-format --dry-run -Werror $LINT || failed=1
else
	echo "clang-format is not installed"
fi
if command -v clang-tidy >/dev/null; then
	for file in $LINT; do
		case $file in
		*.c) echo "$file" ;;
		esac
	done | xargs -P 2 -n 8 sh -c 'clang-tidy --quiet "$@" -- \
	    $(echo "$CFLAGS" | tr " " "\n" | awk "was == \"-isystem\" ||
		/^-(I|D|std|isystem)/ { print } { was = \$0 }") \
	    2>/dev/null; exit 0' sh
else
	echo "clang-tidy is not installed"
fi
exit $failed
