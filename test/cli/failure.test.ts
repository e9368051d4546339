import { describe, expect, it } from 'vitest';
import { failureOf } from '../../src/cli/failure.ts';
import { HostFailed, InvalidInput } from '../../src/core/error.ts';
import { LabError } from '../../scripts/lab/error.ts';

describe('an error that ends the program', () => {
  it('is everything there is to correct when the input is invalid', () => {
    const troubles = [{ what: 'one' }, { what: 'two' }];

    expect(failureOf(new InvalidInput(troubles), 0)).toEqual({ exit: 5, troubles });
  });

  it('keeps its own exit code when a person can act on it', () => {
    expect(failureOf(new HostFailed({ what: 'no' }), 0)).toEqual({ exit: 1, troubles: [{ what: 'no' }] });
  });

  it('may be of the lab', () => {
    const error = new LabError({ what: 'no lab', why: 'one\ntwo\n', hint: 'be root' });

    expect(failureOf(error, 0)).toEqual({
      exit: 1,
      troubles: [{ what: 'no lab', why: ['one', 'two'], hint: 'be root' }],
    });
  });

  it('is an interrupt when something was aborted', () => {
    expect(failureOf(new DOMException('aborted', 'AbortError'), 0).exit).toBe(130);
  });

  it('is called our bug otherwise, without a stack', () => {
    expect(failureOf(new TypeError('x is not a function'), 0)).toEqual({
      exit: 1,
      troubles: [
        {
          what: 'this is a bug in run-playbook: x is not a function',
          why: undefined,
          hint: 'run again with -v to see where, and report it',
        },
      ],
    });
  });

  it('shows where our bug is to who asks for it', () => {
    const [trouble] = failureOf(new TypeError('x is not a function'), 1).troubles;

    expect(trouble?.why?.[0]).toMatch(/^at .*failure\.test\.ts/);
  });

  it('may be anything that was thrown', () => {
    expect(failureOf('a text', 1).troubles[0]?.what).toBe('this is a bug in run-playbook: a text');
  });
});
