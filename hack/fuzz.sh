#!/usr/bin/env bash
# Runs every fuzz target for the given time ("10s") or number of inputs
# ("1000x"). A tree without targets, or a target that the runner does not know,
# is an error.
set -euo pipefail
time=${1:-10s}
targets=$(grep -rlE '^func Fuzz[A-Za-z0-9_]*\(f \*testing\.F\)' --include='*_test.go' pkg internal cmd || true)
[[ -n "$targets" ]] || { echo "no fuzz targets found" >&2; exit 1; }
for file in $targets; do
	for name in $(sed -nE 's/^func (Fuzz[A-Za-z0-9_]*)\(f \*testing\.F\).*/\1/p' "$file"); do
		echo "fuzzing $name in $(dirname "$file") for $time"
		go test -run '^$' -fuzz "^$name\$" -fuzztime "$time" -fuzzminimizetime 10x "./$(dirname "$file")"
	done
done
