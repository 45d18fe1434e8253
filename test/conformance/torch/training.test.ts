import { describeTraining } from '../describeTraining.js';
import { onTorch } from './onTorch.js';

onTorch(describeTraining);
