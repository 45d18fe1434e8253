#!/usr/bin/env bash
# Tests and measures the executor on a GPU, and writes the results to <folder>/gpu.md. The epochs of the trained recipe
# go to a CSV file beside it.
#
#   test/gpu/run.sh <folder>
#
# Needs an NVIDIA GPU, a PyTorch that $PYTHON (default: python3) imports, g++, make, Node, and this checkout after
# `npm run build`, with its node_modules. Needs no registry and no network.
#
# TRAINYARD_GPU_DEVICE   default cuda:0; torch:cpu runs every part on a CPU, with fewer and shorter measurements
# TRAINYARD_CIFAR10      the archive that airbench94 trains on; without it, that part is skipped
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1
out=${1:?usage: test/gpu/run.sh <folder>}
device=${TRAINYARD_GPU_DEVICE:-cuda:0}
python=${PYTHON:-python3}
export TRAINYARD_PYTHON="$python" TRAINYARD_TEST_DEVICE="$device" NO_COLOR=1
mkdir -p "$out"
report="$out/gpu.md"
failures=0

# part <title> <command…>: runs the command and appends its output to the report. Continues after a failure.
part() {
  local title=$1 started=$SECONDS code=0 outcome="succeeded" output
  shift
  echo "== $title" >&2
  output=$("$@" 2>&1) || code=$?
  if [ $code != 0 ]; then outcome="FAILED with exit code $code"; fi
  {
    printf '\n## %s\n\n%s: %s after %d s\n\n~~~\n' "$title" "$*" "$outcome" $((SECONDS - started))
    printf '%s\n' "$output" | tail -n 60
    printf '~~~\n'
  } >>"$report"
  if [ $code != 0 ]; then
    failures=$((failures + 1))
    printf '%s\n' "$output" | tail -n 20 >&2
  fi
}

machine() {
  nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader || echo 'no nvidia-smi'
  "$python" - <<'PYTHON' ||
import torch
print("PyTorch", torch.__version__, "CUDA", torch.version.cuda, "cuDNN", torch.backends.cudnn.version())
PYTHON
    echo "no PyTorch for $python"
  g++ --version | head -n 1
  node --version
}

# bench <model> <batch> <precision>
bench() {
  node bench/dist/training/main.js --device "$device" --model "$1" --batch "$2" --precision "$3" \
    --rounds "$rounds" --seconds "$seconds"
}

if [ "$device" = torch:cpu ]; then
  rounds=1 seconds=0.1 models=(lenet:20) recipe=lenet short=(--epochs 1 --limit 400)
else
  rounds=5 seconds=1 models=(vgg6:64 vgg6:512 airbench94:1024) recipe=airbench94 short=()
fi

printf '# Measured on %s\n' "$device" >"$report"
part 'The machine' machine
part 'Build' make -s -C packages/executor-native/native -f torch.mk -j "$(nproc)" PYTHON="$python"
part 'Conformance' node node_modules/vitest/vitest.mjs run test/conformance/torch
for model in "${models[@]}"; do
  for precision in fp32 tf32 bf16; do
    part "${model%:*}, batch ${model#*:}, $precision" bench "${model%:*}" "${model#*:}" "$precision"
  done
done
if [ -n "${TRAINYARD_CIFAR10:-}" ]; then
  part "$recipe to its end" node bench/dist/accuracy/main.js --device "$device" --recipe "$recipe" --precision bf16 \
    --out "$out" "${short[@]}"
fi
echo "$report: $failures parts failed" >&2
[ $failures = 0 ]
