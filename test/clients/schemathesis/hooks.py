"""Keeps the requests away from other hosts, and from the dataset that the jobs need; sends bodies of uploads.
Leads half of the valid requests to jobs that exist, and has half of the valid jobs accepted: a drawn id hardly ever
exists, and a drawn spec is hardly ever one that can be trained."""

import os
from typing import Any
from urllib.parse import urlsplit
from zlib import crc32

import schemathesis
from schemathesis import Case, GenerationMode, HookContext

LOCAL = "localhost:9"
DATASET = "cifar10"
JOBS = os.environ["TRAINYARD_FUZZ_JOBS"].split(",")

# Fields of any value that the document allows: whatever is drawn for them, the job is accepted.
FREE_FIELDS = ("name", "experiment", "tags", "notes", "priority", "seed", "maxAttempts")

# Bodies of uploads are bytes; the tool knows this of fewer media types than there are.
schemathesis.serializer.alias("application/offset+octet-stream", "application/octet-stream")


@schemathesis.hook
def before_call(context: HookContext, case: Case, kwargs: dict[str, Any]) -> None:
    operation = case.operation.definition.raw.get("operationId")
    if operation in ("deleteDataset", "renameDataset") and case.path_parameters.get("name") == DATASET:
        case.path_parameters["name"] = "absent"
    if operation == "createImport" and isinstance(case.body, dict) and isinstance(case.body.get("url"), str):
        case.body["url"] = at_this_machine(case.body["url"])
    draw = crc32(repr((operation, case.path_parameters, case.body)).encode())
    # The tool follows the job of a webhook's delivery, which a test delivery does not have, to /v1/jobs/None.
    if case.path.startswith("/v1/jobs/{id}") and case.path_parameters.get("id") in (None, "None"):
        case.path_parameters["id"] = JOBS[draw // 2 % len(JOBS)]
    if case.meta is None or case.meta.generation.mode is not GenerationMode.POSITIVE or draw % 2 == 0:
        return
    if case.path.startswith("/v1/jobs/{id}"):
        case.path_parameters["id"] = JOBS[draw // 2 % len(JOBS)]
    if operation == "submitJob" and isinstance(case.body, dict):
        free = {key: value for key, value in case.body.items() if key in FREE_FIELDS}
        case.body = {"architecture": "lenet", "learningRate": 0.01, "batchSize": 20, "epochs": 1, **free}
        case.query.pop("dryRun", None)


def at_this_machine(url: str) -> str:
    """The URL with a port of this machine where nothing answers; what is no URL stays as it is."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    return parts._replace(netloc=LOCAL).geturl() if parts.netloc else url
