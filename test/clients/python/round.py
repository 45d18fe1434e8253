"""
What a user does with the client that openapi-python-client makes of the document. Prints what it read as JSON;
../support/round.ts compares it.
"""

import hashlib
import json
import os
import time
from typing import TypeVar

from trainyard_client import AuthenticatedClient
from trainyard_client.api.checkpoints import download_checkpoint, get_checkpoint
from trainyard_client.api.jobs import (
    cancel_job,
    delete_job,
    get_job,
    get_job_metrics,
    get_job_results,
    list_jobs,
    submit_job,
)
from trainyard_client.api.results import list_results
from trainyard_client.models import (
    ActivationLayerInput,
    ActivationLayerInputType,
    CheckpointManifest,
    Conv2DLayer,
    Conv2DLayerInput,
    Conv2DLayerInputPaddingType0,
    Conv2DLayerInputType,
    CustomArchitecture,
    CustomArchitectureInput,
    DatasetChoiceInputType1,
    DenseLayerInput,
    DenseLayerInputType,
    DownloadCheckpointFormat,
    FlattenLayerInput,
    FlattenLayerInputType,
    GetJobMetricsResponse200,
    Job,
    JobSpecInput,
    JobSpecInputRecipeType0,
    JobState,
    ListJobsResponse200,
    ListResultsResponse200,
    MaxPoolLayer,
    MaxPoolLayerInput,
    MaxPoolLayerInputType,
    Problem,
    ResidualLayer,
    ResidualLayerInput,
    ResidualLayerInputType,
    SgdInput,
    SgdInputType,
    SubmittedJob,
    TestResults,
)
from trainyard_client.types import File

T = TypeVar("T")

client = AuthenticatedClient(base_url=os.environ["TRAINYARD_URL"], token=os.environ["TRAINYARD_API_KEY"])


def succeeded(answer: object, kind: type[T]) -> T:
    if isinstance(answer, Problem):
        raise RuntimeError(f"{answer.status} {answer.code}: {answer.detail}")
    if not isinstance(answer, kind):
        raise TypeError(f"expected {kind}, got {answer}")
    return answer


def refused(answer: object) -> dict[str, object]:
    if not isinstance(answer, Problem):
        raise TypeError(f"expected a problem, got {answer}")
    errors = answer.errors or []
    return {"status": answer.status, "code": answer.code, "pointers": [each.pointer for each in errors]}


def wait_for_end(job_id: str) -> Job:
    while True:
        job = succeeded(get_job.sync(job_id, client=client), Job)
        if job.terminal:
            return job
        time.sleep(0.2)


def submit(spec: JobSpecInput) -> str:
    return succeeded(submit_job.sync(client=client, body=spec), SubmittedJob).id


def run_preset() -> dict[str, object]:
    job_id = submit(
        JobSpecInput(
            dataset="stripes",
            architecture="lenet",
            recipe=JobSpecInputRecipeType0.ARTICLE,
            optimizer=SgdInput(type_=SgdInputType.SGD, momentum=0.9),
            learning_rate=0.05,
            epochs=2,
        )
    )
    job = wait_for_end(job_id)
    metrics = succeeded(get_job_metrics.sync(job_id, client=client), GetJobMetricsResponse200)
    results = succeeded(get_job_results.sync(job_id, client=client), TestResults)
    if job.finished_at is None:
        raise RuntimeError("expected the time of the end")
    return {
        "id": job.id,
        "state": job.state,
        "finished": round(job.finished_at.timestamp() * 1000),
        "dataset": job.spec.dataset.name,
        "optimizer": job.spec.optimizer.type_,
        "losses": [row.validation_loss for row in metrics.data],
        "accuracy": results.accuracy,
        "diagonal": [row[label] for label, row in enumerate(results.confusion)],
    }


def run_custom() -> dict[str, object]:
    conv = Conv2DLayerInput(
        type_=Conv2DLayerInputType.CONV2D, filters=4, kernel=3, padding=Conv2DLayerInputPaddingType0.SAME
    )
    inner = Conv2DLayerInput(type_=Conv2DLayerInputType.CONV2D, filters=4, padding=1)
    architecture = CustomArchitectureInput(
        layers=[
            conv,
            ActivationLayerInput(type_=ActivationLayerInputType.ACTIVATION),
            MaxPoolLayerInput(type_=MaxPoolLayerInputType.MAXPOOL),
            ResidualLayerInput(type_=ResidualLayerInputType.RESIDUAL, layers=[inner]),
            FlattenLayerInput(type_=FlattenLayerInputType.FLATTEN),
            DenseLayerInput(type_=DenseLayerInputType.DENSE, units=10),
        ]
    )
    job_id = submit(
        JobSpecInput(
            dataset=DatasetChoiceInputType1(name="stripes", limit=400),
            architecture=architecture,
            epochs=1,
        )
    )
    job = wait_for_end(job_id)
    complete = succeeded(job.spec.architecture, CustomArchitecture).layers
    return {
        "id": job.id,
        "state": job.state,
        "kernel": succeeded(complete[0], Conv2DLayer).kernel,
        "pool": succeeded(complete[2], MaxPoolLayer).size,
        "inner": [layer.type_ for layer in succeeded(complete[3], ResidualLayer).layers],
    }


def read_checkpoint(job_id: str) -> dict[str, object]:
    manifest = succeeded(get_checkpoint.sync(job_id, "best", client=client), CheckpointManifest)
    answer = download_checkpoint.sync(job_id, "best", client=client, format_=DownloadCheckpointFormat.SAFETENSORS)
    data = succeeded(answer, File).payload.read()
    return {
        "epoch": manifest.cursor.epoch,
        "inputShape": manifest.input_shape,
        "bytes": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
    }


def cancel_and_delete() -> dict[str, object]:
    spec = JobSpecInput(dataset="stripes", architecture="lenet", recipe=JobSpecInputRecipeType0.ARTICLE, epochs=500)
    job_id = submit(spec)
    succeeded(cancel_job.sync(job_id, client=client), Job)
    job = wait_for_end(job_id)
    deletion = delete_job.sync_detailed(job_id, client=client)
    return {
        "id": job_id,
        "state": job.state,
        "deletion": deletion.status_code,
        "afterwards": refused(get_job.sync(job_id, client=client)),
    }


def read_history() -> dict[str, object]:
    answer = list_results.sync(client=client, sort="finishedAt")
    page = succeeded(answer, ListResultsResponse200)
    # The generated function reads JSON alone.
    csv = client.get_httpx_client().get("/v1/results", params={"format": "csv", "sort": "finishedAt"})
    return {"jobs": [row.job_id for row in page.data], "csv": csv.text}


preset = run_preset()
custom = run_custom()
ended = cancel_and_delete()
states = [JobState.SUCCEEDED, JobState.RUNNING]
jobs = succeeded(list_jobs.sync(client=client, state=states, limit=10), ListJobsResponse200)
wrong = JobSpecInput(
    dataset="stripes",
    architecture=CustomArchitectureInput(layers=[DenseLayerInput(type_=DenseLayerInputType.DENSE, units=3)]),
    epochs=0,
)
print(
    json.dumps(
        {
            "preset": preset,
            "custom": custom,
            "ended": ended,
            "listed": [job.id for job in jobs.data],
            "checkpoint": read_checkpoint(str(preset["id"])),
            "invalid": refused(submit_job.sync(client=client, body=wrong)),
            "history": read_history(),
        }
    )
)
