#!/usr/bin/env bash
# Runs the executor's tests and the conformance cases on an addon that is built with AddressSanitizer and
# UndefinedBehaviorSanitizer, once for each instruction set that this processor has. The first error that a sanitizer
# reports ends the process, and so fails the test. Arguments go to vitest.
set -euo pipefail
cd "$(dirname "$0")/../../.."
make -s -j2 -C packages/executor-native/native sanitize

runtime=$(${CXX:-g++} -print-file-name=libasan.so)
if [ "$runtime" = libasan.so ]; then
  echo "${CXX:-g++} has no libasan.so: install the sanitizers' libraries of this compiler (Debian: libgcc-12-dev)" >&2
  exit 1
fi

# Node itself is not instrumented, so the runtime has to be loaded before anything else.
# detect_leaks=0: Node, V8 and oneDNN leave memory to the exit of the process on purpose, and so does our engine.
build="$PWD/packages/executor-native/native/build/sanitize"
run() {
  TRAINYARD_ISA=$1 TRAINYARD_NATIVE_BUILD="$build" TRAINYARD_REQUIRE_NATIVE=1 \
    LD_PRELOAD="$runtime" ASAN_OPTIONS=detect_leaks=0 UBSAN_OPTIONS=print_stacktrace=1 \
    node node_modules/vitest/vitest.mjs run --silent=passed-only "${@:2}"
}

best=$(node -p "/\((\w+)\)$/.exec(require('./packages/executor-native/native/build/trainyard_native.node').version)[1]")
for isa in baseline avx2 avx512; do
  echo "== AddressSanitizer and UndefinedBehaviorSanitizer: $isa"
  if [ "$isa" = "$best" ]; then
    run "$isa" packages/executor-native test/conformance/native "$@"
    break
  fi
  run "$isa" executor-native/test/{executor,fuseConvPool,winograd} test/conformance/native/ops "$@"
done
