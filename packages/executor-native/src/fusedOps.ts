import { type OpsOf, op, opFields } from '@trainyard/program';

const { convolution } = opFields;

/** Ops that only this executor runs, on the CPU: lowering puts each in the place of several ops of a program. */
export const fusedOps = {
  /**
   * x [B,H,W,C], w [h,w,C,O], b [O] -> y and winner u8 [B,H",W",O]: the index (row-major) of each pool's largest pixel,
   * or 255 where relu cut it.
   */
  convReluPool: op({
    in: { x: 'slot', w: 'slot', b: 'optional' },
    out: { y: 'slot', winner: 'slot' },
    fields: { convolution },
  }),
  convReluPoolGrad: op({
    in: { x: 'slot', w: 'slot', dy: 'slot', winner: 'slot' },
    out: { dw: 'slot', db: 'optional', dx: 'optional' },
    fields: { convolution },
  }),
};

type FusedOps = OpsOf<typeof fusedOps>;
export type FusedOp = FusedOps[keyof FusedOps];
