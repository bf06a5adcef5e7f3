using DirKernels.Backends.Cpu;
using DirKernels.Benchmarks.Peers;
using DirKernels.Networks;
using static TorchSharp.torch;

namespace DirKernels.TorchBenchmarks;

/// <summary>An epoch of a network of relu layers with weighted L1 and Adam, over standardised labels in shuffled batches; the losses of the first epochs are compared.</summary>
internal static class TorchTraining
{
    private const float LearningRate = 1e-3f, Beta1 = 0.9f, Beta2 = 0.999f, Epsilon = 1e-8f;

    // The networks and the order of their rows come from different random numbers.
    private const double LossTolerance = 0.3;

    public static PeerSet Create(CpuBackend backend, int[] widths, int batch, int rows)
    {
        var set = new PeerSet("train epoch", LossTolerance);
        float[] x = TorchOperands.Uniform(1, rows * widths[0]), weights = [.. Enumerable.Range(0, rows).Select(i => 0.5f + CounterRandom.Uniform(2, (ulong)i))];
        double[] labels = [.. Enumerable.Range(0, rows).Select(i => 50.0 + 30 * x[i * widths[0]] * x[i * widths[0] + 1])];
        TrainingRun run = set.Own(new TrainingRun(
            new NetworkShape { Inputs = widths[0], Hidden = widths[1..^1] },
            new TrainingSet(x, labels) { Weights = weights },
            new TrainingSet(x[..widths[0]], labels[..1]),
            LabelBins.Uniform(0, 1, 100),
            new TrainingOptions { Epochs = 1_000_000, BatchSize = batch, Schedule = LearningRateSchedule.Constant },
            backend));
        double loss = 0;
        set.Add(PeerSet.Library, () => loss = run.RunEpoch().Loss, () => [loss]);
        double mean = labels.Average(), deviation = Math.Sqrt(labels.Average(label => (label - mean) * (label - mean)));
        float[] targets = [.. labels.Select(label => (float)((label - mean) / deviation))];
        var table = new Table(set.Upload(x, rows, widths[0]), set.Upload(targets, rows, 1), set.Upload(weights, rows, 1), batch);
        AddModules(set, widths, table);
        AddFunctions(set, widths, table);
        return set;
    }

    /// <summary>Linear layers with relu between them.</summary>
    public static nn.Module<Tensor, Tensor> Network(int[] widths)
    {
        var layers = new List<nn.Module<Tensor, Tensor>>();
        for (int layer = 0; layer < widths.Length - 1; layer++)
        {
            layers.Add(nn.Linear(widths[layer], widths[layer + 1]));
            if (layer < widths.Length - 2)
            {
                layers.Add(nn.ReLU(inplace: true));
            }
        }

        return nn.Sequential(layers);
    }

    private static void AddModules(PeerSet set, int[] widths, Table table)
    {
        using IDisposable gradients = enable_grad();
        nn.Module<Tensor, Tensor> network = set.Own(Network(widths));
        optim.Optimizer optimizer = set.Own(optim.Adam(network.parameters(), LearningRate, Beta1, Beta2, Epsilon));
        set.Add("modules, autograd and optim.Adam", () =>
        {
            using IDisposable enabled = enable_grad();
            return table.Epoch((x, target, weight) =>
            {
                optimizer.zero_grad();
                Tensor loss = network.call(x).sub_(target).abs_().mul_(weight).mean();
                loss.backward();
                optimizer.step();
                return loss.detach();
            });
        });
    }

    // All parameters are one vector, so that the optimiser is eight calls and not eight for each of them.
    private static void AddFunctions(PeerSet set, int[] widths, Table table)
    {
        int layers = widths.Length - 1;
        long length = Enumerable.Range(0, layers).Sum(layer => (long)(widths[layer] + 1) * widths[layer + 1]);
        Tensor parameters = set.Own(zeros(length)), gradient = set.Own(zeros(length)), first = set.Own(zeros(length)), second = set.Own(zeros(length));
        Tensor[] weights = new Tensor[layers], biases = new Tensor[layers], weightGradients = new Tensor[layers], biasGradients = new Tensor[layers];
        long offset = 0;
        for (int layer = 0; layer < layers; layer++)
        {
            int inputs = widths[layer], outputs = widths[layer + 1];
            weights[layer] = set.Own(parameters.narrow(0, offset, inputs * outputs).view(inputs, outputs));
            weightGradients[layer] = set.Own(gradient.narrow(0, offset, inputs * outputs).view(inputs, outputs));
            offset += inputs * outputs;
            biases[layer] = set.Own(parameters.narrow(0, offset, outputs));
            biasGradients[layer] = set.Own(gradient.narrow(0, offset, outputs));
            offset += outputs;
            double bound = 1 / Math.Sqrt(inputs);
            _ = weights[layer].uniform_(-bound, bound);
        }

        int step = 0;
        set.Add("functions and gradients by hand, parameters in one vector", () => table.Epoch((x, target, weight) =>
        {
            var activations = new Tensor[layers + 1];
            activations[0] = x;
            for (int layer = 0; layer < layers; layer++)
            {
                Tensor sums = TorchOperands.Affine(biases[layer], activations[layer], weights[layer]);
                activations[layer + 1] = layer < layers - 1 ? sums.relu_() : sums;
            }

            Tensor difference = activations[layers].sub_(target), slopes = difference.sign().mul_(weight).div_(x.shape[0]);
            Tensor loss = difference.abs_().mul_(weight).mean();
            for (int layer = layers - 1; layer >= 0; layer--)
            {
                _ = weightGradients[layer].addmm_(activations[layer].t(), slopes, beta: 0, alpha: 1);
                _ = biasGradients[layer].copy_(slopes.sum([0]));
                if (layer > 0)
                {
                    slopes = slopes.mm(weights[layer].t()).mul_(activations[layer].sign_());
                }
            }

            step++;
            _ = first.mul_(Beta1).add_(gradient, 1 - Beta1);
            _ = second.mul_(Beta2).addcmul_(gradient, gradient, 1 - Beta2);
            double rate = LearningRate * Math.Sqrt(1 - Math.Pow(Beta2, step)) / (1 - Math.Pow(Beta1, step));
            _ = parameters.addcdiv_(first, second.sqrt().add_(Epsilon * Math.Sqrt(1 - Math.Pow(Beta2, step))), -rate);
            return loss;
        }));
    }

    /// <summary>Rows, and the order in which they are visited.</summary>
    private sealed class Table(Tensor features, Tensor targets, Tensor weights, int batch)
    {
        /// <summary>The mean loss of an epoch.</summary>
        public Tensor Epoch(Func<Tensor, Tensor, Tensor, Tensor> step)
        {
            long rows = features.shape[0];
            Tensor order = randperm(rows), sum = zeros(1);
            for (long start = 0; start < rows; start += batch)
            {
                using var scope = NewDisposeScope();
                long count = Math.Min(batch, rows - start);
                Tensor picked = order.narrow(0, start, count);
                sum.add_(step(features.index_select(0, picked), targets.index_select(0, picked), weights.index_select(0, picked)), count);
            }

            return sum.div_(rows);
        }
    }
}
