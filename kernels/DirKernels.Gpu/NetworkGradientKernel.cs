using DirKernels.Backends;
using ILGPU;

namespace DirKernels.Gpu;

/// <summary>
/// Loss and gradient of a batch through a whole small network: a group takes up to four rows through all layers and back in shared memory, and writes its part of the gradient;
/// a second launch adds the parts.
/// </summary>
/// <remarks>
/// Launch: a group for four rows, at most as many as keep their parts small; groups then take further rows, in order. Shared memory 42 KiB. Two launches instead of fifteen. Bytes: weights from the
/// caches once a group forwards and once backwards, parts of the gradient once written and once read. Deterministic: rows are dealt by their numbers, parts are added in order.
/// Weights on the way back pass through shared memory with a column of padding, so that threads read them down columns without conflicts.
/// </remarks>
internal static class NetworkGradientKernel
{
    /// <summary>Elements of all parts of a gradient: 64 MiB.</summary>
    private const int MostPartElements = 16 << 20;

    /// <summary>Parameters beyond which the products of single layers fill a device.</summary>
    private const int MostParameters = 256 * 1024;

    private static readonly System.Runtime.CompilerServices.ConditionalWeakTable<NetworkPlan, Layout> _layouts = [];

    /// <summary>Whether a network fits into the shared memory of a group.</summary>
    public static bool Takes(NetworkPlan plan) => plan.Layers.Count > 1 && plan.ParameterLength <= MostParameters && NetworkSizes.Of(plan) is not null;

    public static void Run(
        GpuRuntime gpu, NetworkPlan plan, NetworkRows rows, ulong dropoutStream, bool weighted, NetworkMaps maps, int blockSize, ArrayView<float> parameters, ArrayView<float> features, bool wantsFeatures, ArrayView<float> gradient, ArrayView<double> lossSum)
    {
        Layout layout = _layouts.GetValue(plan, Layout.Of);
        NetworkSizes sizes = layout.Sizes;
        sizes.Rows = (int)rows.Numbers.Length;
        sizes.DropoutStream = dropoutStream;
        sizes.Weighted = weighted ? 1 : 0;
        sizes.Calibrates = blockSize > 0 ? 1 : 0;
        sizes.BlockSize = blockSize;
        sizes.WantsFeatures = wantsFeatures ? 1 : 0;
        int needed = (sizes.Rows + sizes.RowsOfGroup - 1) / sizes.RowsOfGroup, most = Math.Min(gpu.Scale.Groups, Math.Max(1, MostPartElements / sizes.ParameterLength));
        int groups = Math.Min(needed, most);
        ArrayView<float> parts = gpu.Scratch<float>("network gradients", (long)groups * sizes.ParameterLength);
        ArrayView<double> losses = gpu.Scratch<double>("network losses", groups);
        gpu.Launch(
            new KernelConfig(groups, gpu.Scale.GroupSize), Kernel, rows, maps, parameters, gpu.Table(layout.Name, () => layout.Table), new NetworkResults(features, parts, losses), sizes, plan.Loss);
        gpu.Launch(gpu.Elements(sizes.ParameterLength), AddParts, parts, losses, gradient, lossSum, sizes.ParameterLength, groups, sizes.Targets);
    }

    public static void Kernel(
        NetworkRows rows, NetworkMaps maps, ArrayView<float> parameters, ArrayView<int> layers, NetworkResults results, NetworkSizes sizes, RegressionLoss loss)
    {
        ArrayView<float> shared = SharedMemory.Allocate<float>(NetworkSizes.SharedElements);
        ArrayView<double> sums = SharedMemory.Allocate<double>(LaunchScale.LargestGroup);
        ArrayView<float> part = results.Gradients.SubView((long)Grid.IdxX * sizes.ParameterLength, sizes.ParameterLength);
        double lossOfThread = 0;
        int step = Grid.DimX * sizes.RowsOfGroup;
        bool isFirst = true;
        for (int first = Grid.IdxX * sizes.RowsOfGroup; first < sizes.Rows; first += step)
        {
            int count = IntrinsicMath.Min(sizes.RowsOfGroup, sizes.Rows - first);
            GatherInputs(rows, shared, first, count, sizes);
            for (int l = 0; l < sizes.Layers - 1; l++)
            {
                Forward(parameters, layers, shared, l, first, count, sizes);
            }

            PassFeatures(maps, layers, results.Features, shared, first, count, sizes);
            lossOfThread += Predict(rows, parameters, layers, shared, first, count, sizes, loss);

            int head = (sizes.Layers - 1) * NetworkSizes.EntriesOfLayer;
            AddParameters(layers, head, shared, sizes.HeadInputsAt, sizes.PredictionAt, part, count, isFirst);
            MultiplyBack(parameters, layers, head, shared, sizes.PredictionAt, sizes.FlowAt, count, sizes);
            int flow = PassFeatureGradient(maps, shared, first, count, sizes);
            for (int l = sizes.Layers - 2; l >= 0; l--)
            {
                int layer = l * NetworkSizes.EntriesOfLayer;
                Differentiate(layers, layer, shared, flow, l, first, count, sizes);
                AddParameters(layers, layer, shared, layers[layer + 5], flow, part, count, isFirst);
                if (l > 0)
                {
                    int other = sizes.FlowAt + sizes.OtherFlowAt - flow;
                    MultiplyBack(parameters, layers, layer, shared, flow, other, count, sizes);
                    flow = other;
                }
            }

            isFirst = false;
            Group.Barrier();
        }

        double total = GroupSum.OfAll(sums, lossOfThread);
        if (Group.IdxX == 0)
        {
            results.Losses[Grid.IdxX] = total;
        }
    }

    public static void AddParts(
        ArrayView<float> parts, ArrayView<double> losses, ArrayView<float> gradient, ArrayView<double> lossSum, int length, int count, int targets)
    {
        int stride = Grid.DimX * Group.DimX;
        for (int i = Grid.GlobalIndex.X; i < length; i += stride)
        {
            float sum = parts[i];
            for (int part = 1; part < count; part++)
            {
                sum += parts[(long)part * length + i];
            }

            gradient[i] = sum;
        }

        if (Grid.GlobalIndex.X == 0)
        {
            double total = 0;
            for (int part = 0; part < count; part++)
            {
                total += losses[part];
            }

            lossSum[0] += total / targets;
        }
    }

    private static void GatherInputs(NetworkRows rows, ArrayView<float> shared, int first, int count, in NetworkSizes sizes)
    {
        for (int i = Group.IdxX; i < count * sizes.Inputs; i += Group.DimX)
        {
            int r = i / sizes.Inputs;
            shared[i] = rows.Inputs[(long)rows.Numbers[first + r] * sizes.Inputs + (i - r * sizes.Inputs)];
        }

        Group.Barrier();
    }

    private static float Product(ArrayView<float> parameters, ArrayView<float> shared, int inputsAt, int inputs, int outputs, int weightsAt, int bias, int column)
    {
        float sum = 0f;
        for (int k = 0; k < inputs; k++)
        {
            sum += shared[inputsAt + k] * parameters[weightsAt + k * outputs + column];
        }

        return sum + parameters[bias + column];
    }

    private static bool IsKept(in NetworkSizes sizes, int layer, int row, int outputs, int column) =>
        CounterRandom.Uniform(CounterRandom.Stream(sizes.DropoutStream, (ulong)layer), (ulong)((long)row * outputs + column)) >= sizes.Dropout;

    // The output of layer l is the input of the next one; the last one's are the features.
    private static void Forward(ArrayView<float> parameters, ArrayView<int> layers, ArrayView<float> shared, int l, int first, int count, in NetworkSizes sizes)
    {
        int layer = l * NetworkSizes.EntriesOfLayer, inputs = layers[layer], outputs = layers[layer + 1];
        int outputsAt = layers[layer + NetworkSizes.EntriesOfLayer + 5], readAt = layers[layer + 6];
        float scale = 1f / (1f - sizes.Dropout);
        for (int i = Group.IdxX; i < count * outputs; i += Group.DimX)
        {
            int r = i / outputs, j = i - r * outputs;
            float pre = Product(parameters, shared, layers[layer + 5] + r * inputs, inputs, outputs, layers[layer + 2], layers[layer + 3], j);
            float y = ActivationFormula.Apply(sizes.Activation, pre);
            if (readAt != outputsAt)
            {
                shared[readAt + i] = pre;
            }

            shared[outputsAt + i] = sizes.Dropout == 0f ? y : IsKept(sizes, l, first + r, outputs, j) ? y * scale : 0f;
        }

        Group.Barrier();
    }

    // Features to their statistics, and calibrated to the head.
    private static void PassFeatures(NetworkMaps maps, ArrayView<int> layers, ArrayView<float> features, ArrayView<float> shared, int first, int count, in NetworkSizes sizes)
    {
        int d = sizes.FeatureDimensions, from = layers[(sizes.Layers - 1) * NetworkSizes.EntriesOfLayer + 5];
        for (int i = Group.IdxX; i < count * d; i += Group.DimX)
        {
            float z = shared[from + i];
            if (sizes.WantsFeatures != 0)
            {
                features[(long)first * d + i] = z;
            }

            if (sizes.Calibrates != 0)
            {
                int r = i / d, j = i - r * d, g = sizes.BlockSize, start = j / g * g;
                long bin = (long)maps.Bins[first + r] * d;
                float sum = 0f;
                for (int k = start; k <= j; k++)
                {
                    sum += maps.Maps[(bin + j) * g + (k - start)] * (shared[from + r * d + k] - maps.Means[bin + k]);
                }

                z += maps.Shifts[bin + j] + sum;
            }

            shared[sizes.HeadInputsAt + i] = z;
        }

        Group.Barrier();
    }

    // Predictions, their weighted losses, and their gradient in their place.
    private static double Predict(
        NetworkRows rows, ArrayView<float> parameters, ArrayView<int> layers, ArrayView<float> shared, int first, int count, in NetworkSizes sizes, in RegressionLoss loss)
    {
        int head = (sizes.Layers - 1) * NetworkSizes.EntriesOfLayer, d = sizes.FeatureDimensions, targets = sizes.Targets;
        float share = 1f / ((float)sizes.Rows * targets);
        double sum = 0;
        for (int i = Group.IdxX; i < count * targets; i += Group.DimX)
        {
            int r = i / targets, j = i - r * targets;
            long row = rows.Numbers[first + r];
            float prediction = Product(parameters, shared, sizes.HeadInputsAt + r * d, d, targets, layers[head + 2], layers[head + 3], j);
            float weight = sizes.Weighted == 0 ? 1f : rows.Weights[row];
            sum += (double)weight * LossFormula.Evaluate(loss, prediction - rows.Targets[row * targets + j], out float derivative);
            shared[sizes.PredictionAt + i] = weight * derivative * share;
        }

        Group.Barrier();
        return sum;
    }

    // Through dropout and the activation, in place.
    private static void Differentiate(ArrayView<int> layers, int layer, ArrayView<float> shared, int flow, int l, int first, int count, in NetworkSizes sizes)
    {
        int outputs = layers[layer + 1], readAt = layers[layer + 6];
        float kept = 1f - sizes.Dropout, scale = 1f / kept;
        for (int i = Group.IdxX; i < count * outputs; i += Group.DimX)
        {
            float gradient = shared[flow + i], read = shared[readAt + i];
            if (sizes.Dropout != 0f)
            {
                int r = i / outputs;
                gradient = IsKept(sizes, l, first + r, outputs, i - r * outputs) ? gradient * scale : 0f;
            }

            // A value that dropout has scaled is scaled back; the formula reads an argument or a value.
            shared[flow + i] = ActivationFormula.Gradient(sizes.Activation, read, read * kept, gradient);
        }

        Group.Barrier();
    }

    private static void AddParameters(
        ArrayView<int> layers, int layer, ArrayView<float> shared, int inputsAt, int gradientAt, ArrayView<float> part, int count, bool isFirst)
    {
        int inputs = layers[layer], outputs = layers[layer + 1], weights = inputs * outputs, end = layers[layer + 4], start = layers[layer + 2], bias = layers[layer + 3];
        for (int at = start + Group.IdxX; at < end; at += Group.DimX)
        {
            float sum = 0f;
            int i = at - start;
            if (i < weights)
            {
                int k = i / outputs, j = i - k * outputs;
                for (int r = 0; r < count; r++)
                {
                    sum += shared[inputsAt + r * inputs + k] * shared[gradientAt + r * outputs + j];
                }
            }
            else if (at >= bias && at < bias + outputs)
            {
                for (int r = 0; r < count; r++)
                {
                    sum += shared[gradientAt + r * outputs + (at - bias)];
                }
            }

            // What lies between the arrays gets its zero here, too.
            part[at] = isFirst ? sum : part[at] + sum;
        }
    }

    // to = from W^T, some rows of W at a time.
    private static void MultiplyBack(
        ArrayView<float> parameters, ArrayView<int> layers, int layer, ArrayView<float> shared, int from, int to, int count, in NetworkSizes sizes)
    {
        int inputs = layers[layer], outputs = layers[layer + 1], weightsAt = layers[layer + 2], stride = outputs + 1;
        int tileRows = IntrinsicMath.Min(inputs, sizes.TileElements / stride);
        for (int start = 0; start < inputs; start += tileRows)
        {
            int tile = IntrinsicMath.Min(tileRows, inputs - start);
            for (int i = Group.IdxX; i < tile * outputs; i += Group.DimX)
            {
                int k = i / outputs;
                shared[sizes.TileAt + k * stride + (i - k * outputs)] = parameters[weightsAt + start * outputs + i];
            }

            Group.Barrier();
            for (int i = Group.IdxX; i < count * tile; i += Group.DimX)
            {
                int r = i / tile, k = i - r * tile;
                float sum = 0f;
                for (int j = 0; j < outputs; j++)
                {
                    sum += shared[from + r * outputs + j] * shared[sizes.TileAt + k * stride + j];
                }

                shared[to + r * inputs + start + k] = sum;
            }

            Group.Barrier();
        }
    }

    // The gradient of calibration; returns where the features' gradient lies.
    private static int PassFeatureGradient(NetworkMaps maps, ArrayView<float> shared, int first, int count, in NetworkSizes sizes)
    {
        if (sizes.Calibrates == 0)
        {
            return sizes.FlowAt;
        }

        int d = sizes.FeatureDimensions, g = sizes.BlockSize;
        for (int i = Group.IdxX; i < count * d; i += Group.DimX)
        {
            int r = i / d, j = i - r * d, start = j / g * g, end = IntrinsicMath.Min(d, start + g);
            long bin = (long)maps.Bins[first + r] * d;
            float sum = shared[sizes.FlowAt + i];
            for (int k = j; k < end; k++)
            {
                sum += maps.Maps[(bin + k) * g + (j - start)] * shared[sizes.FlowAt + r * d + k];
            }

            shared[sizes.OtherFlowAt + i] = sum;
        }

        Group.Barrier();
        return sizes.OtherFlowAt;
    }

    /// <summary>A plan's sizes and its table of layers, under a name of its own.</summary>
    private sealed class Layout
    {
        private Layout(NetworkSizes sizes, int[] table) => (Sizes, Table, Name) = (sizes, table, $"network {string.Join(',', table)}");

        public NetworkSizes Sizes { get; }

        public int[] Table { get; }

        public string Name { get; }

        public static Layout Of(NetworkPlan plan) => NetworkSizes.Of(plan) is var (sizes, table)
            ? new Layout(sizes, table)
            : throw new ArgumentException("the network is too large for the shared memory of a group");
    }
}
