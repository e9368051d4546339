import { arpAnswers, type Check } from 'run-playbook';
import type { Segment } from './segment.ts';

/** Every network card that answers for a virtual IP, as the hosts that do not hold it hear and know: exactly one. */
export function oneMac({ vips }: Segment): readonly Check[] {
  return vips.map((vip) => {
    const answers = arpAnswers(vip);
    return {
      name: `one MAC answers for ${vip}`,
      reads: { answers },
      judge(seen) {
        const told = [...seen.values()].map((host) => host.answer(answers));
        const macs = [
          ...new Set(
            told.flatMap(({ neighbour, heard }) => (neighbour === undefined ? heard : [neighbour, ...heard])),
          ),
        ];
        const [mac] = macs;
        if (macs.length === 1 && mac !== undefined) {
          return { ok: true, detail: mac };
        }
        return macs.length === 0
          ? {
              ok: false,
              detail: 'none does',
              hint: 'see which host holds it, and whether the others are in the same network',
            }
          : {
              ok: false,
              detail: macs.join(', '),
              hint: 'clients reach now this host, now that one: remove the address where it does not belong',
            };
      },
    };
  });
}
