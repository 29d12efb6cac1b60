"""What the peers share: requests as JSON lines on stdin, answers as JSON lines on stdout."""

import json
import resource
import sys
import time

import numpy as np


def spread(count, seed):
    """Numbers in [-1, 1) by the formula that bench/samples.ts knows as well."""
    number = 0.6180339887498949 * np.arange(1, count + 1) + 0.7548776662466927 * seed
    return 2 * (number - np.floor(number)) - 1


def seconds_of(run, times):
    """Mean seconds of `times` runs."""
    start = time.perf_counter()
    for _ in range(times):
        run()
    return (time.perf_counter() - start) / times


def peak_bytes():
    """The most memory that this process has held."""
    return 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def serve(version, prepare):
    """Answers requests until stdin ends.

    `prepare(request)` returns a function without arguments that is to be timed, and facts about the case.
    Then {"times": k} runs it k times and answers with the mean seconds.
    """

    def answer(**fields):
        print(json.dumps(fields), flush=True)

    answer(version=version)
    run = None
    for line in sys.stdin:
        request = json.loads(line)
        if 'times' in request:
            answer(seconds=seconds_of(run, request['times']))
        else:
            run = None  # frees the memory of the case before
            run, facts = prepare(request)
            answer(**facts)
