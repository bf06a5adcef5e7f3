"""What a prediction costs through the Python module: predict.py MODEL. The same rows and the same two numbers as predict.c."""

import sys
import time

import numpy as np

import dirkernels as dk

BATCH, ROUNDS = 4096, 15
model = dk.Model(sys.argv[1])
columns = model.info["inputs"]
rows = ((np.arange(BATCH * columns) * 7919) % 1000 / 1000).astype(np.float32).reshape(BATCH, columns)
values, value = np.empty(BATCH), np.empty(1)
best = [float("inf")] * 2
for _ in range(ROUNDS):
    for which, calls in enumerate((2000, 10)):
        start = time.perf_counter()
        for call in range(calls):
            if which == 0:
                model.predict(rows[call % BATCH : call % BATCH + 1], out=value)
            else:
                model.predict(rows, out=values)
        best[which] = min(best[which], (time.perf_counter() - start) / calls)
print(f"{best[0] * 1e6:.3f} {best[1] * 1e3:.3f}")
