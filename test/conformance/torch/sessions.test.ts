import { describeSessions } from '../describeSessions.js';
import { onTorch } from './onTorch.js';

onTorch(describeSessions);
