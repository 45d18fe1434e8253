-- No version has written this table: each worker's dataset store has its own catalogue.
DROP TABLE "datasets";
