#!/usr/bin/env bash
# Builds the command and the shared library ahead of time, for each instruction set, with what picks the best of them:
#
#   src/publish.sh OUT [command] [library] [v2] [v3] [v4] [arm64]
#
# OUT/linux-x64/bin/dirkernels             starts the best of bin/x86-64-v2, -v3, -v4 for the processor
# OUT/linux-x64/lib/libdirkernels.so       passes calls on to the best of lib/glibc-hwcaps/x86-64-v2, -v3, -v4
# OUT/linux-x64/include/dirkernels.h
# OUT/linux-arm64/...                      one build, if a cross compiler is there (gcc-aarch64-linux-gnu, libc6-dev-arm64-cross)
#
# Without further words: everything but arm64. Needs the .NET SDK and gcc.
set -euo pipefail
cd "$(dirname "$0")/.."
[ $# -ge 1 ] || { sed -n '2,12s/^# \{0,1\}//p' "$0" >&2; exit 2; }
out=$1
shift
parts="" levels=""
for word in "$@"; do
  case $word in
    command|library) parts="$parts $word" ;;
    v2|v3|v4|arm64) levels="$levels $word" ;;
    *) echo "publish.sh: '$word' is none of command, library, v2, v3, v4, arm64" >&2; exit 2 ;;
  esac
done
parts=${parts:-command library} levels=${levels:-v2 v3 v4}
mkdir -p "$out"
out=$(cd "$out" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
soname=libdirkernels.so.1

# gcc is made for one target and knows no option to name it, which clang needs and the SDK passes.
cross_linker() {
  printf '#!/usr/bin/env bash\nexec aarch64-linux-gnu-gcc "${@/#--target=*/-g}"\n' > "$work/aarch64-gcc"
  chmod +x "$work/aarch64-gcc"
}

# Publishes a project to a folder; the rest are properties. What it builds on the way goes to a folder of its own, beside that of the ordinary build.
publish() {
  local project=$1 runtime=$2 to=$3
  shift 3
  dotnet publish "src/$project" -c Release -r "$runtime" -o "$to" -m:1 -nodeReuse:false -p:UseSharedCompilation=false --nologo -v quiet --artifacts-path "$work/artifacts" "$@"
}

# Publishes one part for one level; the rest are further properties.
build() {
  local part=$1 level=$2 runtime=linux-x64 set bin lib
  shift 2
  if [ "$level" = arm64 ]; then
    runtime=linux-arm64 set=armv8-a bin=$out/linux-arm64/bin lib=$out/linux-arm64/lib
  else
    set=x86-64-$level bin=$out/linux-x64/bin/x86-64-$level lib=$out/linux-x64/lib/glibc-hwcaps/x86-64-$level
  fi

  if [ "$part" = command ]; then
    publish DirKernels.Cli "$runtime" "$work/command" -p:CpuOnly=true -p:PublishAot=true -p:IlcInstructionSet="$set" "$@"
    install -D "$work/command/dirkernels" "$bin/dirkernels"
  else
    publish DirKernels.Native "$runtime" "$work/library" -p:IlcInstructionSet="$set" "$@"
    install -D -m 644 "$work/library/DirKernels.Native.so" "$lib/$soname"
    install -D -m 644 src/DirKernels.Native/dirkernels.h "$out/$runtime/include/dirkernels.h"
  fi
}

for level in $levels; do
  for part in $parts; do
    echo "== $part, $level"
    if [ "$level" = arm64 ]; then
      cross_linker
      build "$part" arm64 -p:CppCompilerAndLinker="$work/aarch64-gcc" -p:ObjCopyName=aarch64-linux-gnu-objcopy
    else
      build "$part" "$level"
    fi
  done
done

# What picks.
if [ -d "$out/linux-x64/bin" ]; then
  gcc -O2 -s -Wall -Wextra -Werror -o "$out/linux-x64/bin/dirkernels" src/DirKernels.Cli/launcher.c
fi
if [ -d "$out/linux-x64/lib" ]; then
  # The version that the builds give their functions, so that a program may be linked with either.
  echo 'V1.0 { global: dk_*; local: *; };' > "$work/versions"
  gcc -O2 -s -Wall -Wextra -Werror -fPIC -shared -Wl,-soname,$soname -Wl,-z,nodelete -Wl,--version-script="$work/versions" -o "$out/linux-x64/lib/$soname" src/DirKernels.Native/loader.c -ldl
fi
for lib in "$out"/linux-*/lib; do
  [ -d "$lib" ] && ln -sf $soname "$lib/libdirkernels.so"
done
find "$out" -type f -printf '%P %s bytes\n' | sort
