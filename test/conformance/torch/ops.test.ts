import { describeOps } from '../describeOps.js';
import { onTorch } from './onTorch.js';

onTorch(describeOps);
