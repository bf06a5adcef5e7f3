using System.Numerics;

namespace DirKernels.Backends.Cpu;

/// <summary>One block of rows on its way through a network and back.</summary>
internal readonly unsafe ref struct BlockPass
{
    private readonly ref readonly NetworkBlocks _batch;
    private readonly NetworkLayer* _layers;
    private readonly float* _memory;
    private readonly int _first;
    private readonly int _rows;
    private readonly int _next;
    private readonly float* _gradient;
    private readonly float* _copy;
    private readonly bool _adds;

    /// <summary>Some rows of a batch.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="layers">Its layers with their places in the thread's own memory.</param>
    /// <param name="memory">The thread's own memory, as <see cref="BlockPlaces"/> divides it.</param>
    /// <param name="first">The first row.</param>
    /// <param name="next">The first row of the block that the thread goes on with, of this batch or the next one; behind the last row for none.</param>
    /// <param name="gradient">[parameters] receives the block's share of the gradient; of a head alone, its parameters only.</param>
    /// <param name="adds">Whether the share is added to what is there.</param>
    /// <param name="copy">[parameters] receives a copy of the gradient, layer by layer: one of both is for another thread; null for none.</param>
    public BlockPass(in NetworkBlocks batch, NetworkLayer* layers, float* memory, int first, int next, float* gradient, bool adds, float* copy)
    {
        _batch = ref batch;
        _layers = layers;
        _memory = memory;
        _first = first;
        _rows = Math.Min(NetworkBlocks.RowsPerBlock, batch.Rows - first);
        _next = next;
        _gradient = gradient;
        _adds = adds;
        _copy = copy;
    }

    private ref NetworkLayer Head => ref _layers[_batch.LayerCount - 1];

    private ref NetworkLayer LastHidden => ref _layers[_batch.LayerCount - 2];

    private float* Inputs => _memory + _batch.Places.Inputs;

    private float* Predictions => _memory + _batch.Places.Predictions;

    // Rows of a head alone are the caller's.
    private float* Features => _batch.IsHeadAlone ? _batch.Features + (long)_first * Head.Inputs : LastHidden.Output;

    private float* HeadInputs => _batch.Calibration.IsAbsent ? Features : _memory + _batch.Places.HeadInputs;

    private float* FeatureGradient =>
        _batch.IsHeadAlone ? _batch.FeatureGradient + (long)_first * Head.Inputs : _memory + _batch.Places.FeatureGradient;

    /// <summary>Goes forwards and backwards.</summary>
    /// <returns>The weighted loss.</returns>
    public double Run()
    {
        if (!_batch.IsHeadAlone)
        {
            PlaceFeatures();
            Gather();
            FetchNextRows();
            Forward();
        }

        double loss = _batch.CalibratedHead.Rows > 0 ? RunCalibratedHead() : RunHead();
        if (!_batch.IsHeadAlone)
        {
            Backward();
        }

        return loss;
    }

    // Features that are wanted are made where they are wanted.
    private void PlaceFeatures()
    {
        if (_batch.Features != null)
        {
            ref NetworkLayer layer = ref LastHidden;
            bool drops = layer.Output != layer.Activated;
            layer.Output = _batch.Features + (long)_first * layer.Outputs;
            layer.Activated = drops ? layer.Activated : layer.Output;
        }
    }

    private void Gather()
    {
        int width = _layers[0].Inputs;
        float* to = Inputs;
        for (int i = 0; i < _rows; i++, to += width)
        {
            float* from = _batch.AllInputs + (long)_batch.RowNumbers[_first + i] * width;
            if (width % Vector<float>.Count != 0)
            {
                new ReadOnlySpan<float>(from, width).CopyTo(new Span<float>(to, width));
                continue;
            }

            // A call takes longer than copying so few elements.
            for (int j = 0; j < width; j += Vector<float>.Count)
            {
                Vector.Load(from + j).Store(to + j);
            }
        }
    }

    // Rows lie anywhere in the table: those of the next block come while this one is multiplied.
    private void FetchNextRows()
    {
        int width = _layers[0].Inputs, targets = Head.Outputs;
        for (int i = _next; i < Math.Min(_batch.Rows + _batch.RowsToCome, _next + NetworkBlocks.RowsPerBlock); i++)
        {
            long row = _batch.RowNumbers[i];
            float* from = _batch.AllInputs + row * width;
            for (int j = 0; j < width; j += CacheLine.Size / sizeof(float))
            {
                CacheLine.FetchFar(from + j);
            }

            CacheLine.FetchFar(_batch.AllTargets + row * targets);
            if (_batch.AllWeights != null)
            {
                CacheLine.FetchFar(_batch.AllWeights + row);
            }
        }
    }

    private void Forward()
    {
        float* x = Inputs;
        for (int l = 0; l < _batch.LayerCount - 1; l++)
        {
            ref NetworkLayer layer = ref _layers[l];
            layer.Apply(_batch.Activation, x, _rows, layer.PreActivation == null ? layer.Activated : layer.PreActivation, layer.Activated);
            if (layer.Output != layer.Activated)
            {
                Drop(l, layer.Activated, layer.Output);
            }

            x = layer.Output;
        }
    }

    private void Drop(int l, float* from, float* to)
    {
        int width = _layers[l].Outputs;
        DropoutFormula.Apply(from, _batch.DropoutRate, CounterRandom.Stream(_batch.DropoutStream, (ulong)l), (long)_first * width, to, _rows * width);
    }

    private double RunCalibratedHead()
    {
        ref NetworkLayer head = ref Head;
        float* dWeights = _gradient + head.WeightsAt, dBias = _gradient + head.BiasAt;
        double loss = _batch.CalibratedHead.RunRows(_first, _rows, LastHidden.Output, FeatureGradient, _memory + _batch.Places.CalibratedHead, dWeights, dBias, _adds);
        ClearBetween(dWeights + (long)head.Inputs * head.Outputs, dBias);
        ClearBetween(dBias + head.Outputs, _gradient + head.End);
        CopyGradient(head);
        return loss;
    }

    private double RunDiagonalHead()
    {
        ref NetworkLayer head = ref Head;
        var rows = new DiagonalHead
        {
            Calibration = _batch.Calibration,
            Loss = _batch.Loss,
            Rows = _batch.Rows,
            RowNumbers = _batch.RowNumbers,
            AllTargets = _batch.AllTargets,
            AllWeights = _batch.AllWeights,
            Weights = head.Weights,
            Bias = *head.Bias,
        };

        // Of a block's own first, and then added: as blocks that leave their own gradients are.
        float* dWeights = _gradient + head.WeightsAt, dBias = _gradient + head.BiasAt, sums = _adds ? HeadInputs : dWeights;
        double loss = rows.Run(_first, _rows, Features, FeatureGradient, sums, out float slopes);
        *dBias = _adds ? *dBias + slopes : slopes;
        for (int j = 0; j < head.Inputs && _adds; j++)
        {
            dWeights[j] += sums[j];
        }

        ClearBetween(dWeights + head.Inputs, dBias);
        ClearBetween(dBias + 1, _gradient + head.End);
        CopyGradient(head);
        return loss;
    }

    private double RunHead()
    {
        ref NetworkLayer head = ref Head;
        if (!_batch.Calibration.IsAbsent && head.Outputs == 1)
        {
            return RunDiagonalHead();
        }

        if (!_batch.Calibration.IsAbsent)
        {
            _batch.Calibration.Apply(Features, _first, _rows, HeadInputs);
        }

        head.Apply(Activation.Identity, HeadInputs, _rows, Predictions, Predictions);
        double loss = Differentiate();
        ParameterGradient(ref head, HeadInputs, Predictions);
        if (head.Outputs == 1)
        {
            RowSums.Spread(Predictions, _rows, head.Weights, head.Inputs, FeatureGradient);
        }
        else
        {
            head.Backward(Predictions, _rows, FeatureGradient).RunAlone(head.TransposedPanels);
        }

        if (!_batch.Calibration.IsAbsent)
        {
            _batch.Calibration.ApplyGradient(FeatureGradient, _first, _rows);
        }

        return loss;
    }

    // The weighted loss of the rows; predictions become its gradient.
    private double Differentiate()
    {
        int targets = Head.Outputs;
        float share = 1f / ((long)_batch.Rows * targets);
        double sum = 0;
        for (int i = 0; i < _rows; i++)
        {
            long row = _batch.RowNumbers[_first + i];
            float weight = _batch.AllWeights == null ? 1 : _batch.AllWeights[row];
            float* prediction = Predictions + (long)i * targets, target = _batch.AllTargets + row * targets;
            for (int j = 0; j < targets; j++)
            {
                sum += (double)weight * _batch.Loss.Evaluate(prediction[j] - target[j], out float derivative);
                prediction[j] = weight * derivative * share;
            }
        }

        return sum / targets;
    }

    private void Backward()
    {
        float* dY = FeatureGradient, next = _memory + _batch.Places.Flow;
        long other = (long)NetworkBlocks.RowsPerBlock * _batch.Widest;
        for (int l = _batch.LayerCount - 2; l >= 0; l--)
        {
            ref NetworkLayer layer = ref _layers[l];
            if (layer.Output != layer.Activated)
            {
                Drop(l, dY, dY);
            }

            ActivationFormula.Gradient(_batch.Activation, layer.PreActivation, layer.Activated, dY, dY, _rows * layer.Outputs);
            ParameterGradient(ref layer, l == 0 ? Inputs : _layers[l - 1].Output, dY);
            if (l > 0)
            {
                layer.Backward(dY, _rows, next).RunAlone(layer.TransposedPanels);
                dY = next;
                next += other;
                other = -other;
            }
        }
    }

    private void ParameterGradient(ref NetworkLayer layer, float* x, float* dPre)
    {
        float* dWeights = _gradient + layer.WeightsAt, dBias = _gradient + layer.BiasAt;
        RowSums.Combine(dPre, null, _rows, layer.Outputs, dBias, _adds);
        if (layer.Outputs == 1)
        {
            RowSums.Combine(x, dPre, _rows, layer.Inputs, dWeights, _adds);
        }
        else
        {
            MatrixProduct product = layer.WeightGradient(x, dPre, _rows, dWeights);
            product.Adds = _adds;
            float* panels = null;
            if (!product.ReadsInPlace)
            {
                panels = _memory + _batch.Places.GradientPanels;
                product.Pack(panels);
            }

            product.RunAlone(panels);
        }

        // Between the arrays of parameters lie elements that nothing computes.
        ClearBetween(dWeights + (long)layer.Inputs * layer.Outputs, dBias);
        ClearBetween(dBias + layer.Outputs, _gradient + layer.End);
        CopyGradient(layer);
    }

    // At once, so that stores for the other thread have the time of the layers that come.
    private void CopyGradient(in NetworkLayer layer)
    {
        if (_copy != null)
        {
            CacheLine.CopyForOther(_gradient + layer.WeightsAt, _copy + layer.WeightsAt, checked((int)(layer.End - layer.WeightsAt)));
        }
    }

    private static void ClearBetween(float* from, float* to) => new Span<float>(from, (int)(to - from)).Clear();
}
