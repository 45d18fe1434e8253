-- The prediction of each test image of a job, and the true classes of the test splits. Jobs that older versions tested
-- have none.
CREATE TABLE "test_labels" (
    "dataset_digest" TEXT NOT NULL,
    "labels" BYTEA NOT NULL,
    CONSTRAINT "test_labels_pkey" PRIMARY KEY ("dataset_digest")
);

CREATE TABLE "test_predictions" (
    "job_id" TEXT NOT NULL,
    "dataset_digest" TEXT NOT NULL,
    "predicted" BYTEA NOT NULL,
    "confidences" BYTEA NOT NULL,
    "label_probabilities" BYTEA NOT NULL,
    CONSTRAINT "test_predictions_pkey" PRIMARY KEY ("job_id"),
    CONSTRAINT "test_predictions_lengths_check" CHECK (
        length("confidences") = length("predicted") AND length("label_probabilities") = length("predicted")
    ),
    CONSTRAINT "test_predictions_job_id_fkey" FOREIGN KEY ("job_id") REFERENCES "test_results"("job_id")
        ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "test_predictions_dataset_digest_fkey" FOREIGN KEY ("dataset_digest")
        REFERENCES "test_labels"("dataset_digest") ON DELETE RESTRICT ON UPDATE CASCADE
);
