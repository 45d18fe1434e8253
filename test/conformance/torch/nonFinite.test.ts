import { describeNaNWeights } from '../describeNaNWeights.js';
import { describeNonFinite } from '../describeNonFinite.js';
import { onTorch } from './onTorch.js';

onTorch((name, open) => describeNonFinite(name, open));
onTorch(describeNaNWeights);
