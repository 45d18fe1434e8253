import { describeSessions } from './sessions.js';
import { onTorch } from './torch.js';

onTorch(describeSessions);
