#!/usr/bin/env bash
# Trains a network on a Trainyard service: bash train.sh [dataset]
# Needs TRAINYARD_URL and TRAINYARD_API_KEY, curl 7.76 or later, and openssl for the digest.
set -euo pipefail

service=${TRAINYARD_URL:-http://127.0.0.1:4600}
dataset=${1:-cifar10}

# Prints the answer; on an error, the problem and its remedy go to standard error. curl sends again what failed in
# passing: 408, 429 and 5xx, with the pause that Retry-After asks for, and broken connections.
call() {
  curl --silent --show-error --fail-with-body --retry 4 --retry-connrefused \
    --header "Authorization: Bearer $TRAINYARD_API_KEY" "$@"
}

# The first value of a text or a number in JSON; a program with more to read uses jq.
field() { grep -o "\"$1\":\"\?[^\",}]*" | head -n 1 | sed 's/^[^:]*:"\?//'; }

# One key for all attempts: the same job is returned, however often the request arrives.
key=$(openssl rand -hex 16)
id=$(call "$service/v1/jobs" --header 'Content-Type: application/json' --header "Idempotency-Key: $key" \
  --data "{\"architecture\": \"lenet\", \"dataset\": \"$dataset\", \"epochs\": 2, \"tags\": [\"example\"]}" | field id)
echo "submitted $id"

# Answers when the job has ended, at the latest after 30 seconds.
job=
until [ "$(field terminal <<< "$job")" = true ]; do
  sleep 1
  job=$(call "$service/v1/jobs/$id?wait=30")
done
state=$(field state <<< "$job")
if [ "$state" != succeeded ]; then
  call "$service/v1/jobs/$id/logs?tail=5" >&2
  echo "$id $state" >&2
  exit 1
fi

# A row an epoch.
call "$service/v1/jobs/$id/metrics?format=csv"

echo "test accuracy $(call "$service/v1/jobs/$id/results" | field accuracy)"

# The best runs of this example in the history.
call --get "$service/v1/results" --data-urlencode "filter=dataset = \"$dataset\" AND tag = example" \
  --data-urlencode 'sort=-test.accuracy' --data limit=5 --data format=csv

# RFC 9530 writes the digest as sha-256=:base64:
file=$id.safetensors
call "$service/v1/jobs/$id/checkpoints/best/download?format=safetensors" --output "$file" --dump-header "$file.headers"
expected=$(sed -n 's/^repr-digest: sha-256=:\([^:]*\):.*/\1/Ip' "$file.headers")
rm "$file.headers"
if [ "$(openssl dgst -sha256 -binary "$file" | openssl base64)" != "$expected" ]; then
  echo "$file is not what the service has: download it again" >&2
  exit 1
fi
echo "$file sha256 $(openssl dgst -sha256 -r "$file" | cut -d ' ' -f 1)"
