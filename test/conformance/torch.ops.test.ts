import { describeOps } from './ops.js';
import { onTorch } from './torch.js';

onTorch(describeOps);
