import { onTorch } from './torch.js';
import { describeTraining } from './training.js';

onTorch(describeTraining);
