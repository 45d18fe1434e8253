import { openTfjsExecutor } from '@trainyard/executor-tfjs';
import { describeNaNWeights } from '../describeNaNWeights.js';
import { describeNonFinite } from '../describeNonFinite.js';

describeNonFinite('tfjs', () => openTfjsExecutor({ backend: 'cpu' }), false);
describeNaNWeights('tfjs', () => openTfjsExecutor({ backend: 'cpu' }));
