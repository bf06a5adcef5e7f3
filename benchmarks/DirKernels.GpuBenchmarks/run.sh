#!/usr/bin/env bash
# Times the kernels on this machine's GPU, and PyTorch beside them where python3 has it. Needs no .NET if dirkernels-gpubench was published beside this script:
#   dotnet publish benchmarks/DirKernels.GpuBenchmarks -c Release -r linux-x64 --self-contained -o FOLDER && cp benchmarks/DirKernels.GpuBenchmarks/run.sh FOLDER
# usage: run.sh [OUTPUT-FOLDER] [arguments of dirkernels-gpubench]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
out=${1:-gpu-results}
shift || true
export DOTNET_BUNDLE_EXTRACT_BASE_DIR=${DOTNET_BUNDLE_EXTRACT_BASE_DIR:-${TMPDIR:-/tmp}}
mkdir -p "$out"
sizes=full
for ((i = 1; i < $#; i++)); do
  if [ "${!i}" = --sizes ]; then j=$((i + 1)) && sizes=${!j}; fi
done

if python3 -c 'import torch' 2>/dev/null; then
  python3 "$here/pytorch_reference.py" --sizes "$sizes" --out "$out"
else
  echo "python3 has no torch here: no comparison" >&2
fi

if [ -x "$here/dirkernels-gpubench" ]; then
  "$here/dirkernels-gpubench" --out "$out" "$@"
else
  dotnet run -c Release --project "$here" -- --out "$out" "$@"
fi
