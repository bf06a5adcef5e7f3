"""Times in PyTorch what dirkernels-gpubench times: the published loop over bins, and the best vectorised form. Writes pytorch.json.

usage: pytorch_reference.py [--sizes full|tiny] [--device cuda|cpu] [--out FOLDER]
"""
import argparse
import json
import os
import statistics
import time

import torch


def sync(device):
    if device == "cuda":
        torch.cuda.synchronize()


def timed(work, device, target_ms, repeats):
    """Median milliseconds of one run: many runs, one wait."""
    work()
    sync(device)
    start = time.perf_counter()
    work()
    sync(device)
    once = (time.perf_counter() - start) * 1e3
    runs = int(min(10_000, max(1, target_ms / max(once, 1e-3))))
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        for _ in range(runs):
            work()
        sync(device)
        times.append((time.perf_counter() - start) * 1e3 / runs)
    return statistics.median(times)


def labels(count, bins, device):
    u = torch.rand(count, device=device, dtype=torch.float64)
    return u * u * bins


def label_rows(count, device):
    y = labels(count, 100, device)
    table = torch.rand(100, device=device)

    def count_labels():
        return torch.bincount(y.floor().clamp(0, 99).long(), minlength=100)

    def weigh_labels():
        return table[y.floor().clamp(0, 99).long()]

    yield f"count labels {count}", None, count_labels
    yield f"weigh labels {count}", None, weigh_labels


def feature_rows(n, d, bins, device, loops):
    size = f"{n} x {d}, {bins} bins"
    x = torch.randn(n, d, device=device)
    b = labels(n, bins, device).floor().clamp(0, bins - 1).long()
    order = torch.argsort(b, stable=True)
    lengths = torch.bincount(b, minlength=bins).tolist()

    yield f"group rows by bin {size}", None, lambda: torch.argsort(b, stable=True)

    def moments_loop():
        # As published: one bin after the other, each found by comparing all labels, with its mean and variance.
        for label in torch.unique(b):
            rows = x[torch.eq(b, label)]
            torch.mean(rows, 0)
            torch.var(rows, 0, unbiased=rows.size(0) != 1)

    def moments_vectorised():
        count = torch.bincount(b, minlength=bins).clamp(min=1).unsqueeze(1)
        mean = torch.zeros(bins, d, device=device).index_add_(0, b, x) / count
        return torch.zeros(bins, d, device=device).index_add_(0, b, (x - mean[b]) ** 2)

    yield f"moments, diagonal {size}", moments_loop if loops else None, moments_vectorised

    def moments_full():
        out = torch.empty(bins, d, d, device=device)
        for i, rows in enumerate(torch.split(x[order], lengths)):
            centred = rows - rows.mean(0) if len(rows) else rows
            torch.mm(centred.T, centred, out=out[i])

    yield f"moments, full {size}", None, moments_full

    running = torch.randn(bins, d * d, device=device)
    epoch = torch.randn(bins, d * d, device=device, dtype=torch.float64)
    yield f"momentum, full {size}", None, lambda: torch.lerp(running, epoch.float(), 0.1)
    window = torch.full((bins, bins), 0.0, device=device)
    for i in range(bins):
        for k in range(-2, 3):
            window[i, min(bins - 1, max(0, i + k))] += 0.2

    def smoothing_conv():
        padded = torch.nn.functional.pad(running.T.unsqueeze(1), (2, 2), mode="reflect")
        return torch.nn.functional.conv1d(padded, torch.full((1, 1, 5), 0.2, device=device))

    yield f"smoothing, full {size}", smoothing_conv if loops else None, lambda: window @ running

    eye = torch.eye(d, device=device)
    noise = torch.randn(bins, d, d, device=device) * 0.1 / d
    sigma = (eye + noise @ noise.transpose(1, 2)).double()

    def maps():
        whiten, recolour = torch.linalg.cholesky(sigma), torch.linalg.cholesky(sigma)
        return torch.linalg.solve_triangular(whiten, recolour, upper=False, left=False)

    yield f"maps, full {size}", None, maps
    del noise
    mean, scale, shift = (torch.randn(bins, d, device=device) for _ in range(3))

    def calibrate_loop():
        out = x.clone()
        for label in torch.unique(b):
            chosen = torch.eq(b, label)
            i = int(label)
            out[chosen] = (x[chosen] - mean[i]) * scale[i].abs().sqrt() + shift[i]
        return out

    yield f"calibration, diagonal {size}", calibrate_loop if loops else None, lambda: (x - mean[b]) * scale[b] + shift[b]
    yield f"calibration gradient, diagonal {size}", None, lambda: x * scale[b]
    matrices = sigma.float()

    def calibrate_full():
        sorted_rows = x[order]
        out = torch.empty_like(sorted_rows)
        start = 0
        for i, length in enumerate(lengths):
            if length:
                torch.mm(sorted_rows[start:start + length] - mean[i], matrices[i].T, out=out[start:start + length])
            start += length
        return torch.empty_like(out).index_copy_(0, order, out)

    yield f"calibration, full {size}", None, calibrate_full
    yield f"calibration gradient, full {size}", None, calibrate_full


def element_rows(count, device):
    x = torch.randn(count, device=device)
    for name, function in (("relu", torch.relu), ("gelu", torch.nn.functional.gelu), ("tanh", torch.tanh)):
        yield f"{name} {count}", None, lambda function=function: function(x)
    p = torch.nn.Parameter(torch.randn(count, device=device))
    p.grad = torch.randn(count, device=device)
    optimiser = torch.optim.Adam([p], fused=device == "cuda")
    yield f"adam {count}", None, optimiser.step


def product_rows(rows, inputs, outputs, device):
    x, w, bias = torch.randn(rows, inputs, device=device), torch.randn(inputs, outputs, device=device), torch.randn(outputs, device=device)
    d = torch.randn(rows, outputs, device=device)
    yield f"dense gelu {rows} x {inputs} x {outputs}", None, lambda: torch.nn.functional.gelu(torch.addmm(bias, x, w))
    yield f"dense gradient {rows} x {inputs} x {outputs}", None, lambda: (x.T @ d, d.sum(0), d @ w.T)


def network(widths, device):
    layers = []
    for i, (a, b) in enumerate(zip(widths, widths[1:])):
        layers.append(torch.nn.Linear(a, b))
        if i < len(widths) - 2:
            layers.append(torch.nn.ReLU())
    return torch.nn.Sequential(*layers).to(device)


def epoch_row(widths, batch, rows, device, compiled):
    x, y = torch.randn(rows, widths[0], device=device), torch.randn(rows, 1, device=device)

    def make(use_compiled):
        model = network(widths, device)
        optimiser = torch.optim.Adam(model.parameters(), capturable=device == "cuda")

        def step(a, t):
            loss = (model(a) - t).abs().mean()
            loss.backward()
            optimiser.step()
            optimiser.zero_grad(set_to_none=False)
            return loss

        run = torch.compile(step, mode="reduce-overhead") if use_compiled else step

        def epoch():
            order = torch.randperm(rows, device=device)
            for start in range(0, rows - batch + 1, batch):
                chosen = order[start:start + batch]
                run(x[chosen], y[chosen])

        return epoch

    name = f"epoch [{','.join(map(str, widths))}] batch {batch} rows {rows}"
    yield name, make(False), make(True) if compiled else make(False)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--sizes", choices=["full", "tiny"], default="full")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--out", default="gpu-results")
    arguments = parser.parse_args()
    device, full = arguments.device, arguments.sizes == "full"
    torch.backends.cuda.matmul.allow_tf32 = False
    target, repeats = (100, 7) if full else (0, 1)
    features = [(1_048_576, 512, 100), (191_509, 2048, 121)] if full else [(200, 20, 5)]
    products = [(1024, 2048, 512), (4096, 4096, 4096)] if full else [(24, 20, 18)]
    labels_count = elements = 100_000_000 if full else 5000
    epoch_rows = 50_000 if full else 128
    groups = [lambda: label_rows(labels_count, device)]
    groups += [lambda f=f: feature_rows(*f, device, loops=True) for f in features]
    groups += [lambda: element_rows(elements, device)]
    groups += [lambda p=p: product_rows(*p, device) for p in products]
    groups += [lambda w=w, b=b: epoch_row(w, b, epoch_rows, device, compiled=device == "cuda") for w, b in
               (([8, 64, 64, 1], 256), ([13, 256, 256, 256, 1], 64), ([2048, 512, 1], 1024))]
    rows = []
    os.makedirs(arguments.out, exist_ok=True)
    for group in groups:
        for name, loop, best in group():
            row = {"name": name}
            for key, work in (("loop_ms", loop), ("best_ms", best)):
                if work is None:
                    continue
                try:
                    row[key] = timed(work, device, target, repeats)
                except RuntimeError as error:  # out of memory, or an operation that this build lacks: the row says so
                    row[key + "_error"] = str(error).splitlines()[0]
            rows.append(row)
            print(row, flush=True)
            path = os.path.join(arguments.out, "pytorch.json")
            with open(path + ".part", "w", encoding="utf-8") as file:
                json.dump({"torch": torch.__version__, "device": torch.cuda.get_device_name() if device == "cuda" else "cpu", "rows": rows}, file, indent=1)
            os.replace(path + ".part", path)
        if device == "cuda":
            torch.cuda.empty_cache()


if __name__ == "__main__":
    main()
