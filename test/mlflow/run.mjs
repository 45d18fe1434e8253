#!/usr/bin/env node
/**
 * Reads jobs of a real service with MLflow's own Python clients, of the versions 2.22.5 and 3.17.2.
 *
 *   npm run test:mlflow
 *   PYTHON_2=<venv>/bin/python PYTHON_3=<venv>/bin/python npm run test:mlflow
 *
 * PYTHON_2, PYTHON_3  Pythons with mlflow-skinny and pandas. Without them, both are installed from PyPI into temporary
 *                     folders by python3 (100 MB to download each), which are removed afterwards.
 *
 * It has a command of its own because only this needs MLflow. Runs on the output of `npm run build`.
 */
import { runLongTests, withPython } from '../../scripts/lib/python.mjs';
import { main } from '../../scripts/lib/steps.mjs';

/** @param {string} version @param {string | undefined} python @param {(python: string) => Promise<number>} work */
const withMlflow = (version, python, work) => {
  const packages = [`mlflow-skinny==${version}`, 'pandas', 'setuptools<81'];
  return withPython({ title: `MLflow ${version}`, packages, python }, work);
};

main(() =>
  withMlflow('2.22.5', process.env.PYTHON_2, (PYTHON_2) =>
    withMlflow('3.17.2', process.env.PYTHON_3, (PYTHON_3) => runLongTests('test/mlflow', { PYTHON_2, PYTHON_3 })),
  ),
);
