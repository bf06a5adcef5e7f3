"""What libdirkernels does, from Python: weights, feature statistics, predictions.

    python3 example.py prices.model

Prints numbers in full, a line each; and what the library answers to wrong calls is checked on the way.
"""

import sys
import threading

import numpy as np

import dirkernels as dk


def numbers(seed, count):
    """Numbers in [0, 1) that are the same everywhere."""
    result = np.empty(count)
    for i in range(count):
        seed = (seed * 6364136223846793005 + 1442695040888963407) % 2**64
        result[i] = (seed >> 40) / 16777216.0
    return result


def refused(kind, text, call, *arguments, **options):
    """The call must fail with an exception of this kind that says this."""
    try:
        call(*arguments, **options)
    except kind as error:
        if text not in str(error):
            sys.exit(f"'{error}' does not say '{text}'")
    else:
        sys.exit(f"{call} did not refuse what it should: {text}")


def show(name, values):
    print(name, *(repr(float(value)) for value in np.ravel(values)))


def weights(labels):
    out = np.empty(len(labels), np.float32)
    result = dk.label_weights(labels, out=out)
    assert result is out, "the result is written where it shall be"
    show("weights", result)
    refused(TypeError, "float32", dk.label_weights, labels.astype(np.float32))
    refused(TypeError, "not contiguous", dk.label_weights, labels[::2])
    refused(dk.DirKernelsError, "row 1 (counted from 0) is NaN", dk.label_weights, [1.0, float("nan")])
    refused(ValueError, "none of", dk.label_weights, labels, kernel="box")
    refused(dk.DirKernelsError, "size must be odd", dk.label_weights, labels, size=4)


def statistics(labels, rows=1500, dimensions=6):
    noise = numbers(7, rows * dimensions).reshape(rows, dimensions)
    features = (100.0 + labels[:rows, None] + noise).astype(np.float32)
    bins = dk.Bins.uniform(0, 2, 20)
    indices = bins.assign(labels[:rows])
    half = rows // 2
    moments = dk.Moments(dimensions, len(bins), block=0)
    moments.accumulate(features[half:], indices[half:])
    received = dk.Moments.from_bytes(moments.to_bytes(), len(bins))
    assert received.counts().sum() == rows - half
    smoothing = dk.FeatureSmoothing(dimensions, len(bins), block=0)
    smoothing.accumulate(features[:half], indices[:half])
    smoothing.merge(received)
    assert smoothing.end_epoch()["samples"] == rows
    show("calibrated", smoothing.calibrate(features, indices))
    refused(dk.DirKernelsError, "rows of 5, but rows of 6", smoothing.accumulate, np.zeros((3, 5), np.float32), indices[:3])
    refused(ValueError, "1500 rows, but bins has 3", smoothing.calibrate, features, indices[:3])
    smoothing.close()
    refused(dk.DirKernelsError, "is null", smoothing.end_epoch)


def predictions(path):
    model = dk.Model(path)
    rows = numbers(11, 64 * model.info["inputs"]).reshape(64, -1)
    values, uncertainties = model.predict_with_uncertainty(rows)
    show("values", values)
    show("uncertainties", uncertainties)
    assert len(model.description["inputNames"]) == model.info["inputs"]
    assert (dk.Model.from_bytes(open(path, "rb").read()).predict(rows) == values).all()

    # Threads share the model; ctypes lets them run at once.
    results = [None] * 4
    def work(i):
        results[i] = [model.predict(rows) for _ in range(50)][-1]
    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all((result == values).all() for result in results)
    refused(dk.DirKernelsError, "there is no such file", dk.Model, "/nowhere/a.model")
    refused(dk.DirKernelsError, "rows of 2, but rows of", model.predict, np.zeros((1, 2), np.float32))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: example.py MODEL")
    many = 40.0 * numbers(3, 2000) ** 3
    weights(many)
    statistics(many)
    predictions(sys.argv[1])
