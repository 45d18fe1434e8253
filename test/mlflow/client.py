"""Reads a service with MLflow's client, and prints what it got as one JSON object."""

import hashlib
import json
import pathlib
import sys

import mlflow
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException

experiment_name, best, folder = sys.argv[1:]
client = MlflowClient()
out = {"version": mlflow.__version__}

found = client.search_experiments(filter_string=f"name = '{experiment_name}'")
out["experiments"] = [experiment.name for experiment in found]
experiment = client.get_experiment_by_name(experiment_name)
out["sameExperiment"] = client.get_experiment(experiment.experiment_id).name == experiment_name
out["noExperiment"] = client.get_experiment_by_name("there is none")
ids = [experiment.experiment_id]

ordered = client.search_runs(
    ids, "metrics.test_accuracy > 0 AND params.architecture = 'lenet'", order_by=["params.seed DESC"]
)
out["ordered"] = [run.info.run_id for run in ordered]
pages, token = [], None
while True:
    page = client.search_runs(ids, max_results=2, page_token=token)
    pages.append([run.info.run_id for run in page])
    token = page.token
    if not token:
        break
out["pages"] = pages
frame = mlflow.search_runs(experiment_names=[experiment_name], filter_string="status = 'FINISHED'")
out["frame"] = {"rows": len(frame), "accuracies": sorted(frame["metrics.test_accuracy"].tolist())}

run = client.get_run(best)
out["run"] = {
    "name": run.info.run_name,
    "status": run.info.status,
    "metrics": run.data.metrics,
    "params": run.data.params,
    "tags": run.data.tags,
    "dataset": run.inputs.dataset_inputs[0].dataset.name,
}
out["history"] = [[m.step, m.value] for m in client.get_metric_history(best, "validation_loss")]

out["artifacts"] = [artifact.path for artifact in client.list_artifacts(best)]
out["folder"] = [artifact.path for artifact in client.list_artifacts(best, "checkpoints/best")]
path = pathlib.Path(mlflow.artifacts.download_artifacts(f"runs:/{best}/checkpoints/best", dst_path=folder))
sums = dict(reversed(line.split("  ")) for line in (path / "SHA256SUMS").read_text().splitlines())
out["digests"] = {
    name: hashlib.sha256((path / name).read_bytes()).hexdigest() == digest for name, digest in sums.items()
}

out["models"] = len(client.search_registered_models())


def refusal(call):
    try:
        call()
    except MlflowException as error:
        return [error.error_code, str(error)]
    return None


out["refusals"] = {
    "filter": refusal(lambda: client.search_runs(ids, "metrics.test_accuracy LIKE 1")),
    "run": refusal(lambda: client.get_run("there-is-none")),
    "write": refusal(lambda: client.log_metric(best, "x", 1.0)),
}
print(json.dumps(out))
