#!/bin/sh
# templates - etc/templates/*/* as a table in C, so that the programs always have
# texts that fit them (notify/template_parts.h)
set -eu
LC_ALL=C
export LC_ALL
cd "$(dirname "$0")/templates"
echo '#include "notify/template_parts.h"'
n=0
for file in */*; do
	echo "static const unsigned char f$n[] = {"
	od -An -v -tu1 "$file" | sed "s/[0-9][0-9]*/&,/g"
	echo '0};'
	n=$((n + 1))
done
echo 'const struct template_builtin template_builtin[] = {'
n=0
for file in */*; do
	echo "{\"${file%%/*}\", \"${file##*/}\", f$n, sizeof(f$n) - 1},"
	n=$((n + 1))
done
echo '{0}};'
