// What a user does with the client that oapi-codegen makes of the document. Prints what it read as JSON;
// ../support/round.ts compares it.
package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"
	"time"

	"example.com/round/trainyard"
)

type object = map[string]any

var ctx = context.Background()

func must[T any](value T, err error) T {
	if err != nil {
		log.Panic(err)
	}
	return value
}

func check(err error) {
	if err != nil {
		log.Panic(err)
	}
}

func pointer[T any](value T) *T { return &value }

// The parsed body of the expected status; a nil pointer means another status.
func succeeded[T any](body *T, response *http.Response, raw []byte) *T {
	if body == nil {
		log.Panicf("%s: %s", response.Status, raw)
	}
	return body
}

func refused(problem *trainyard.Problem) object {
	if problem == nil {
		log.Panic("expected a problem")
	}
	pointers := []string{}
	if problem.Errors != nil {
		for _, fault := range *problem.Errors {
			pointers = append(pointers, fault.Pointer)
		}
	}
	return object{"status": problem.Status, "code": problem.Code, "pointers": pointers}
}

func waitForEnd(client *trainyard.ClientWithResponses, id string) *trainyard.Job {
	for {
		answer := must(client.GetJobWithResponse(ctx, id, nil))
		job := succeeded(answer.JSON200, answer.HTTPResponse, answer.Body)
		if job.Terminal {
			return job
		}
		time.Sleep(200 * time.Millisecond)
	}
}

func submit(client *trainyard.ClientWithResponses, spec trainyard.JobSpecInput) string {
	answer := must(client.SubmitJobWithResponse(ctx, nil, spec))
	return succeeded(answer.JSON202, answer.HTTPResponse, answer.Body).Id
}

// The tests' dataset and a preset.
func presetSpec(epochs int32) trainyard.JobSpecInput {
	spec := trainyard.JobSpecInput{
		Dataset: &trainyard.DatasetChoiceInput{},
		Recipe:  pointer(trainyard.JobSpecInputRecipeArticle),
		Epochs:  &epochs,
	}
	check(spec.Dataset.FromDatasetChoiceInput0("stripes"))
	check(spec.Architecture.FromArchitectureInput0("lenet"))
	return spec
}

func runPreset(client *trainyard.ClientWithResponses) object {
	spec := presetSpec(2)
	spec.LearningRate = pointer(0.05)
	var optimizer trainyard.OptimizerInput1
	check(optimizer.FromSgdInput(trainyard.SgdInput{Momentum: pointer(0.9)}))
	spec.Optimizer = &trainyard.OptimizerInput{}
	check(spec.Optimizer.FromOptimizerInput1(optimizer))
	id := submit(client, spec)
	job := waitForEnd(client, id)
	metrics := must(client.GetJobMetricsWithResponse(ctx, id, nil))
	losses := []float64{}
	for _, row := range succeeded(metrics.JSON200, metrics.HTTPResponse, metrics.Body).Data {
		losses = append(losses, row.ValidationLoss)
	}
	answer := must(client.GetJobResultsWithResponse(ctx, id))
	results := succeeded(answer.JSON200, answer.HTTPResponse, answer.Body)
	diagonal := []int64{}
	for label, row := range results.Confusion {
		diagonal = append(diagonal, row[label])
	}
	return object{
		"id":        job.Id,
		"state":     job.State,
		"finished":  job.FinishedAt.UnixMilli(),
		"dataset":   job.Spec.Dataset.Name,
		"optimizer": must(job.Spec.Optimizer.Discriminator()),
		"losses":    losses,
		"accuracy":  results.Accuracy,
		"diagonal":  diagonal,
	}
}

func customLayers() []trainyard.LayerInput {
	layers := make([]trainyard.LayerInput, 6)
	conv := trainyard.Conv2dLayerInput{
		Filters: 4,
		Kernel:  &trainyard.Conv2dLayerInput_Kernel{},
		Padding: &trainyard.Conv2dLayerInput_Padding{},
	}
	check(conv.Kernel.FromConv2dLayerInputKernel0(3))
	check(conv.Padding.FromConv2dLayerInputPadding0(trainyard.Conv2dLayerInputPadding0Same))
	var inner trainyard.LayerInput
	check(inner.FromConv2dLayerInput(conv))
	check(layers[0].FromConv2dLayerInput(conv))
	check(layers[1].FromActivationLayerInput(trainyard.ActivationLayerInput{}))
	check(layers[2].FromMaxPoolLayerInput(trainyard.MaxPoolLayerInput{}))
	check(layers[3].FromResidualLayerInput(trainyard.ResidualLayerInput{Layers: []trainyard.LayerInput{inner}}))
	check(layers[4].FromFlattenLayerInput(trainyard.FlattenLayerInput{}))
	check(layers[5].FromDenseLayerInput(trainyard.DenseLayerInput{Units: 10}))
	return layers
}

func runCustom(client *trainyard.ClientWithResponses) object {
	spec := trainyard.JobSpecInput{Dataset: &trainyard.DatasetChoiceInput{}, Epochs: pointer(int32(1))}
	dataset := trainyard.DatasetChoiceInput1{Name: "stripes", Limit: pointer(int64(400))}
	check(spec.Dataset.FromDatasetChoiceInput1(dataset))
	architecture := trainyard.CustomArchitectureInput{Layers: customLayers()}
	check(spec.Architecture.FromCustomArchitectureInput(architecture))
	job := waitForEnd(client, submit(client, spec))
	complete := must(job.Spec.Architecture.AsCustomArchitecture()).Layers
	inner := []string{}
	for _, layer := range must(complete[3].AsResidualLayer()).Layers {
		inner = append(inner, must(layer.Discriminator()))
	}
	pool, isPool := must(complete[2].ValueByDiscriminator()).(trainyard.MaxPoolLayer)
	if !isPool {
		log.Panic("expected a pool")
	}
	return object{
		"id":     job.Id,
		"state":  job.State,
		"kernel": must(complete[0].AsConv2dLayer()).Kernel,
		"pool":   pool.Size,
		"inner":  inner,
	}
}

func readCheckpoint(client *trainyard.ClientWithResponses, id string) object {
	answer := must(client.GetCheckpointWithResponse(ctx, id, "best"))
	manifest := succeeded(answer.JSON200, answer.HTTPResponse, answer.Body)
	params := trainyard.DownloadCheckpointParams{Format: pointer(trainyard.DownloadCheckpointParamsFormat("safetensors"))}
	file := must(client.DownloadCheckpointWithResponse(ctx, id, "best", &params))
	if file.StatusCode() != http.StatusOK {
		log.Panicf("%s: %s", file.Status(), file.Body)
	}
	digest := sha256.Sum256(file.Body)
	return object{
		"epoch":      manifest.Cursor.Epoch,
		"inputShape": manifest.InputShape,
		"bytes":      len(file.Body),
		"sha256":     hex.EncodeToString(digest[:]),
	}
}

func cancelAndDelete(client *trainyard.ClientWithResponses) object {
	id := submit(client, presetSpec(500))
	cancelled := must(client.CancelJobWithResponse(ctx, id))
	succeeded(cancelled.JSON202, cancelled.HTTPResponse, cancelled.Body)
	job := waitForEnd(client, id)
	deletion := must(client.DeleteJobWithResponse(ctx, id))
	afterwards := must(client.GetJobWithResponse(ctx, id, nil))
	return object{
		"id":         id,
		"state":      job.State,
		"deletion":   deletion.StatusCode(),
		"afterwards": refused(afterwards.ApplicationproblemJSON404),
	}
}

func readHistory(client *trainyard.ClientWithResponses) object {
	params := trainyard.ListResultsParams{Sort: pointer("finishedAt")}
	answer := must(client.ListResultsWithResponse(ctx, &params))
	jobs := []string{}
	for _, row := range succeeded(answer.JSON200, answer.HTTPResponse, answer.Body).Data {
		jobs = append(jobs, row.JobId)
	}
	params.Format = pointer(trainyard.ListResultsParamsFormat("csv"))
	return object{"jobs": jobs, "csv": string(must(client.ListResultsWithResponse(ctx, &params)).Body)}
}

func listJobs(client *trainyard.ClientWithResponses) []string {
	states := []trainyard.JobState{trainyard.JobStateSucceeded, trainyard.JobStateRunning}
	params := trainyard.ListJobsParams{State: &states, Limit: pointer(int32(10))}
	answer := must(client.ListJobsWithResponse(ctx, &params))
	ids := []string{}
	for _, job := range succeeded(answer.JSON200, answer.HTTPResponse, answer.Body).Data {
		ids = append(ids, job.Id)
	}
	return ids
}

func submitWrong(client *trainyard.ClientWithResponses) object {
	spec := presetSpec(0)
	layers := make([]trainyard.LayerInput, 1)
	check(layers[0].FromDenseLayerInput(trainyard.DenseLayerInput{Units: 3}))
	check(spec.Architecture.FromCustomArchitectureInput(trainyard.CustomArchitectureInput{Layers: layers}))
	return refused(must(client.SubmitJobWithResponse(ctx, nil, spec)).ApplicationproblemJSON422)
}

func main() {
	authorize := func(_ context.Context, request *http.Request) error {
		request.Header.Set("Authorization", "Bearer "+os.Getenv("TRAINYARD_API_KEY"))
		return nil
	}
	client := must(trainyard.NewClientWithResponses(
		os.Getenv("TRAINYARD_URL"), trainyard.WithRequestEditorFn(authorize)))
	preset := runPreset(client)
	custom := runCustom(client)
	ended := cancelAndDelete(client)
	fmt.Println(string(must(json.Marshal(object{
		"preset":     preset,
		"custom":     custom,
		"ended":      ended,
		"listed":     listJobs(client),
		"checkpoint": readCheckpoint(client, preset["id"].(string)),
		"invalid":    submitWrong(client),
		"history":    readHistory(client),
	}))))
}
