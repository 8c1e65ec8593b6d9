#!/bin/sh
# embed - a file as an array of bytes in C, with a NUL behind
#   embed.sh NAME HEADER FILE
set -eu
LC_ALL=C
export LC_ALL
echo "#include \"$2\""
echo "const unsigned char $1[] = {"
od -An -v -tu1 "$3" | sed "s/[0-9][0-9]*/&,/g"
echo '0};'
