import { z } from 'zod';

/** Number schemas that several parts of the spec share. */
export const positiveInt = z.int().min(1);
/** Both ends included. */
export const fraction = z.number().min(0).max(1);
/** Of the generator of random numbers, which takes 32 bits. */
export const seedSchema = z.int().min(0).max(0xffffffff);
/** 1 excluded. */
export const rate = z.number().min(0).lt(1);
