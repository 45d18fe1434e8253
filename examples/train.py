"""
Trains a network on a Trainyard service: python3 train.py [dataset]

Needs TRAINYARD_URL and TRAINYARD_API_KEY, Python 3.9 or later, and no packages.
"""

import base64
import hashlib
import json
import os
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid

SERVICE = os.environ.get("TRAINYARD_URL", "http://127.0.0.1:4600").rstrip("/")
KEY = os.environ["TRAINYARD_API_KEY"]
# Statuses of a service that is away or overloaded.
PASSING = (429, 502, 503, 504)


def open_url(method, path, query=None, body=None, headers=None, attempts=5):
    """Sends a request that may safely be sent again, until it is answered."""
    url = SERVICE + path + ("?" + urllib.parse.urlencode(query) if query else "")
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, method=method)
    standard = {"Authorization": "Bearer " + KEY, "Content-Type": "application/json"}
    for name, value in {**standard, **(headers or {})}.items():
        request.add_header(name, value)
    for attempt in range(1, attempts + 1):
        delay = 2 ** (attempt - 1)
        try:
            # Longer than the service holds a request that waits for a job.
            return urllib.request.urlopen(request, timeout=60)
        except urllib.error.HTTPError as error:
            problem = json.loads(error.read() or b"{}") if "json" in error.headers.get("Content-Type", "") else {}
            if error.code not in PASSING or attempt == attempts:
                faults = "".join(f"\n  {each['pointer']}: {each['detail']}" for each in problem.get("errors", []))
                sys.exit(f"{error.code} {problem.get('code', '')}: {problem.get('detail', error.reason)}{faults}")
            delay = int(error.headers.get("Retry-After", delay))
        except OSError as error:
            if attempt == attempts:
                sys.exit(f"cannot reach {SERVICE}: {error}")
        time.sleep(delay)
    raise AssertionError("the last attempt returns or ends the program")


def call(method, path, **options):
    with open_url(method, path, **options) as answer:
        return json.load(answer)


def submit(spec):
    # One key for all attempts: the same job is returned, however often the request arrives.
    return call("POST", "/v1/jobs", body=spec, headers={"Idempotency-Key": str(uuid.uuid4())})


def wait(job_id):
    while True:
        # Answers when the job has ended, at the latest after 30 seconds.
        job = call("GET", f"/v1/jobs/{job_id}", query={"wait": 30})
        if job["terminal"]:
            return job
        time.sleep(1)


def download_best(job_id, file_name):
    digest = hashlib.sha256()
    path = f"/v1/jobs/{job_id}/checkpoints/best/download"
    with open_url("GET", path, query={"format": "safetensors"}) as answer, open(file_name, "wb") as file:
        expected = answer.headers["Repr-Digest"]
        while True:
            block = answer.read(1 << 20)
            if not block:
                break
            digest.update(block)
            file.write(block)
    # RFC 9530 writes it as sha-256=:base64:
    if expected != f"sha-256=:{base64.b64encode(digest.digest()).decode()}:":
        sys.exit(f"{file_name} is not what the service has: download it again")
    return digest.hexdigest()


def main():
    dataset = sys.argv[1] if len(sys.argv) > 1 else "cifar10"
    job_id = submit({"architecture": "lenet", "dataset": dataset, "epochs": 2, "tags": ["example"]})["id"]
    print("submitted", job_id)

    job = wait(job_id)
    if job["state"] != "succeeded":
        failure = job["failure"] or {"message": "by somebody's command", "code": "none"}
        sys.exit(f"{job_id} {job['state']}: {failure['message']} ({failure['code']})")

    for row in call("GET", f"/v1/jobs/{job_id}/metrics")["data"]:
        print(f"epoch {row['epoch']}: validation loss {row['validationLoss']:.4f}, {row['validationAccuracy']:.1%}")

    results = call("GET", f"/v1/jobs/{job_id}/results")
    tested = [each for each in results["classes"] if each["accuracy"] is not None]
    worst = min(tested, key=lambda each: each["accuracy"])
    print(f"test accuracy {results['accuracy']:.2%}; worst class {worst['class']}: {worst['accuracy']:.1%}")

    query = {"filter": f'dataset = "{dataset}" AND tag = example', "sort": "-test.accuracy", "limit": 5}
    for rank, row in enumerate(call("GET", "/v1/results", query=query)["data"], start=1):
        print(f"{rank}. {row['jobId']} {row['testAccuracy']:.2%}")

    file_name = f"{job_id}.safetensors"
    print(f"{file_name} sha256 {download_best(job_id, file_name)}")


if __name__ == "__main__":
    main()
