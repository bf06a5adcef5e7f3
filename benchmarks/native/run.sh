#!/usr/bin/env bash
# Size, start, memory and speed of the command and the library compiled ahead of time, beside the managed build and ONNX Runtime on the exported model, as the
# rows of a table:
#
#   benchmarks/native/run.sh OUT TABLE TARGET
#
# OUT is what src/publish.sh wrote; TABLE and TARGET a table to train a small model on. Needs gcc, python3 with numpy, and the managed command built
# (dotnet build -c Release src/DirKernels.Cli). Prints "-" where a build does not run on this processor.
set -euo pipefail
cd "$(dirname "$0")/../.."
out=$1 table=$2 target=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
managed=src/DirKernels.Cli/bin/Release/net10.0/dirkernels
gcc -O2 -o "$work/start" benchmarks/native/start.c
gcc -O2 -I src/DirKernels.Native -o "$work/predict" benchmarks/native/predict.c -ldl
"$managed" train "$table" --target "$target" --hidden 64,64 --epochs 3 --out "$work/m.model" > "$work/train.txt"
python=python3
$python -c 'import numpy' 2> "$work/no-numpy" || python=/usr/bin/python3
sed -n '/^network/p' "$work/train.txt"

# Rows: name, size, start (least, median of 20), peak, predict of the table (median of 5), its peak, one row, 4096 rows.
row() { printf '%-26s %10s %7s %7s %7s %9s %7s %9s %9s\n' "$@"; }
size() { stat -L -c %s "$1"; }
command_row() {
  local name=$1 program=$2 bytes=$3 start run
  if start=$("$work/start" 20 "$program" --version 2>/dev/null); then
    run=$("$work/start" 5 "$program" predict "$work/m.model" "$table")
    read -r least median peak <<< "$start"
    read -r _ predicted high <<< "$run"
    row "$name" "$bytes" "$least" "$median" "$peak" "$predicted" "$high" "${4:--}" "${5:--}"
  else
    row "$name" "$bytes" - - - - - - -
  fi
}
row build bytes start median MB predict MB "1 row us" "4096 ms"
read -r one many <<< "$(dotnet run -c Release benchmarks/native/predict.cs -- "$work/m.model")"
command_row managed "$managed" "$(du -cb src/DirKernels.Cli/bin/Release/net10.0/*.dll | tail -1 | cut -f1)" "$one" "$many"
command_row "command, picked" "$out/linux-x64/bin/dirkernels" "$(size "$out/linux-x64/bin/dirkernels")"
for level in v2 v3 v4; do
  program=$out/linux-x64/bin/x86-64-$level/dirkernels
  [ -f "$program" ] && command_row "command, $level" "$program" "$(size "$program")"
done
library() {
  local name=$1 file=$2 times
  times=$("$work/predict" "$file" "$work/m.model" 2>/dev/null) || times="- -"
  read -r one many <<< "$times"
  row "$name" "$(size "$file")" - - - - - "$one" "$many"
}
library "library in C, picked" "$out/linux-x64/lib/libdirkernels.so"
for level in v2 v3 v4; do
  file=$out/linux-x64/lib/glibc-hwcaps/x86-64-$level/libdirkernels.so.1
  grep -qE "avx512f" /proc/cpuinfo || [ $level != v4 ] || { row "library in C, $level" "$(size "$file")" - - - - - - -; continue; }
  [ -f "$file" ] && library "library in C, $level" "$file"
done
if times=$(PYTHONPATH=examples/python DIRKERNELS_LIBRARY=$out/linux-x64/lib/libdirkernels.so $python benchmarks/native/predict.py "$work/m.model"); then
  read -r one many <<< "$times"
  row "library in Python, picked" - - - - - - "$one" "$many"
fi
"$managed" export "$work/m.model" --onnx "$work/m.onnx" > "$work/export.txt"
if times=$(dotnet run -c Release benchmarks/native/onnx.cs -- "$work/m.onnx"); then
  read -r one many <<< "$times"
  row "ONNX Runtime in .NET" - - - - - - "$one" "$many"
fi
for file in "$out"/linux-arm64/bin/dirkernels "$out"/linux-arm64/lib/libdirkernels.so; do
  if [ -f "$file" ]; then row "arm64 $(basename "$file")" "$(size "$file")" - - - - - - -; fi
done
