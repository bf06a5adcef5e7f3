using System.Numerics.Tensors;

namespace DirKernels.Backends.Cpu;

/// <content>From the slopes of the head to the parameters.</content>
internal unsafe partial struct NetworkHalves
{
    private readonly void FillPanels(int share, int shares)
    {
        int width = MatrixProduct.PanelWidth, panels = DivideUp(Current.Outputs, width), first = panels * share / shares * width, end = panels * (share + 1) / shares * width;
        PackSlopes(Layer, 0, (first, Math.Min(end, Current.Outputs)), PanelsOf(Layer, 0) + (long)first * Network.Rows);
    }

    private readonly float* PanelsOf(int layer, int copy) => SlopePanels + copy * AreaLength + layer % LayersInTurn * LayerLength;

    // [n x outputs] slopes of some outputs in panels, the second factor of the gradient of their weights.
    private readonly void PackSlopes(int l, int copy, (int First, int End) outputs, float* panels)
    {
        SampleLanes lanes = Lanes;
        int all = Network.Layers[l].Outputs, width = MatrixProduct.PanelWidth;
        for (int first = outputs.First; first < outputs.End && all > 1; first += width)
        {
            int columns = Math.Min(width, outputs.End - first);
            float* to = panels + (long)(first - outputs.First) * Network.Rows;
            if (columns < width)
            {
                new Span<float>(to, width * Network.Rows).Clear();
            }

            for (int lane = 0; lane < lanes.Count; lane++, to += (long)width * SampleLanes.Width)
            {
                TransposedMatrix.Copy(SlopesOf(l, copy) + lanes.At(all, lane, first), lanes.RoomOf(lane), columns, lanes.SamplesOf(lane), to, width);
            }
        }
    }

    // Gradients of some inputs, and so the slopes of the layer before.
    private readonly void DifferentiateInputs(int half, (int First, int End) inputs)
    {
        if (Layer == 0)
        {
            return;
        }

        int copy = CopyOf(half), before = Layer - 1, piece = HandsSlopesOver(before) ? RowsHandedOver : inputs.End - inputs.First;
        for (int lane = 0; lane < Lanes.Count; lane++)
        {
            for (int first = inputs.First, end; first < inputs.End; first = end)
            {
                // The last one is the larger one.
                end = inputs.End - first < 2 * piece ? inputs.End : first + piece;
                MultiplySlopes(copy, lane, (first, end));
                DifferentiateActivation(before, copy, lane, (first, end));
            }
        }

        HandPanelsOver(before, copy, inputs);
    }

    // Slopes times the transposed weights, of some inputs.
    private readonly void MultiplySlopes(int copy, int lane, (int First, int End) inputs)
    {
        SampleLanes lanes = Lanes;
        ref NetworkLayer layer = ref Current;
        int room = lanes.RoomOf(lane);
        float* slopes = SlopesOf(Layer, copy) + lanes.At(layer.Outputs, lane, 0), before = SlopesOf(Layer - 1, copy) + lanes.At(layer.Inputs, lane, inputs.First);
        if (layer.Outputs == 1)
        {
            RowSums.Spread(layer.Weights + inputs.First, inputs.End - inputs.First, slopes, room, before);
        }
        else
        {
            MultiplyLane(layer.Weights + (long)inputs.First * layer.Outputs, layer.Outputs, 1, slopes, inputs.End - inputs.First, room, layer.Outputs, before);
        }
    }

    // Slopes of the last hidden layer from the gradient of the features, row by row.
    private readonly void FillSlopes(int half, (int First, int End) features)
    {
        int copy = CopyOf(half);
        SampleLanes lanes = Lanes;
        int d = Current.Outputs, width = features.End - features.First;
        for (int lane = 0; lane < lanes.Count; lane++)
        {
            int samples = lanes.SamplesOf(lane), room = lanes.RoomOf(lane);
            float* to = SlopesOf(Layer, copy) + lanes.At(d, lane, features.First);
            if (samples < room)
            {
                new Span<float>(to, width * room).Clear();
            }

            TransposedMatrix.Copy(Network.FeatureGradient + (long)lane * SampleLanes.Width * d + features.First, d, samples, width, to, room);
            DifferentiateActivation(Layer, copy, lane, features);
        }

        HandPanelsOver(Layer, copy, features);
    }

    // Gradients of a layer's outputs become its slopes, for the other thread too where it needs them.
    private readonly void DifferentiateActivation(int l, int copy, int lane, (int First, int End) features)
    {
        ref NetworkLayer layer = ref Network.Layers[l];
        int count = (features.End - features.First) * Lanes.RoomOf(lane);
        long at = Lanes.At(layer.Outputs, lane, features.First), place = PlaceOf(layer.Outputs, lane, features.First);
        float* slopes = SlopesOf(l, copy) + at;
        if (Network.DropoutRate > 0)
        {
            Drop(l, lane, features, slopes, slopes);
        }

        ActivationFormula.Gradient(Network.Activation, layer.PreActivation + place, layer.Activated + place, slopes, slopes, count);
        if (HandsSlopesOver(l))
        {
            // The other thread is told of them by an interlocked operation, behind which these stores are seen as any others.
            CacheLine.CopyForOther(slopes, SlopesOf(l, 1 - copy) + at, count);
        }
    }

    // A half of the outputs in panels, for both threads.
    private readonly void HandPanelsOver(int l, int copy, (int First, int End) features)
    {
        if (HandsPanelsOver(l))
        {
            long at = (long)features.First * Network.Rows, width = MatrixProduct.PanelWidth;
            float* panels = PanelsOf(l, copy) + at;
            PackSlopes(l, copy, features, panels);
            CacheLine.CopyForOther(panels, PanelsOf(l, 1 - copy) + at, checked((int)((features.End - features.First + width - 1) / width * width * Network.Rows)));
        }
    }

    // Whether the other thread needs slopes of the layer: of the first one, which has no gradient of its inputs, in panels at most.
    private readonly bool HandsSlopesOver(int l) => HasCopies && (l > 0 || !(HasFewInputs || HandsPanelsOver(l)));

    // Whether the thread that makes slopes of the first layer puts them in panels for both, instead of each thread all of them: a panel must not hold slopes of both.
    private readonly bool HandsPanelsOver(int l)
    {
        int outputs = Network.Layers[l].Outputs;
        return HasCopies && l == 0 && !HasFewInputs && l < Network.LayerCount - 1 && outputs > 1 && HalfOf(outputs, 0).End % MatrixProduct.PanelWidth == 0;
    }

    // Gradients of the weights of a half of the inputs, some runs of them; and of the biases of a half of the outputs.
    private readonly void SumParameterGradients(int half, int firstRun, int endRun)
    {
        ref NetworkLayer layer = ref Current;
        (int first, int end) = HalfOf(layer.Inputs, half);
        int from = first + firstRun * GradientRows, to = endRun == int.MaxValue ? end : Math.Min(end, first + endRun * GradientRows);
        SumWeightGradients(Layer, CopyOf(half), (from, to), (0, layer.Outputs), CurrentInputs + half * AreaLength, (first, end), PanelsOf(Layer, CopyOf(half)));
        if (firstRun == 0)
        {
            SumBiasGradients(Layer, CopyOf(half), HalfOf(layer.Outputs, half), PanelsOf(Layer, CopyOf(half)), firstOfPanels: 0);
        }
    }

    // Gradients of the weights between some inputs, of those in a matrix, and some outputs, whose slopes lie in panels.
    private readonly void SumWeightGradients(int l, int copy, (int First, int End) inputs, (int First, int End) outputs, float* matrix, (int First, int End) ofMatrix, float* panels)
    {
        ref NetworkLayer layer = ref Network.Layers[l];
        int columns = outputs.End - outputs.First;
        float* run = ScratchMemory.Request<float>((long)GradientRows * (columns + Network.Rows));
        for (int input = inputs.First; input < inputs.End; input += GradientRows)
        {
            int rows = Math.Min(GradientRows, inputs.End - input);
            float* x = SideBySide(matrix, ofMatrix.End - ofMatrix.First, input - ofMatrix.First, rows, run + (long)GradientRows * columns, out int stride);
            if (layer.Outputs == 1)
            {
                for (int row = 0; row < rows; row++)
                {
                    RowSums.Dot(x + (long)row * stride, 1, Network.Rows, SlopesOf(l, copy), 0, run + row);
                }
            }
            else
            {
                new MatrixProduct
                {
                    A = x,
                    ARowStride = stride,
                    AColumnStride = 1,
                    C = run,
                    Rows = rows,
                    Columns = columns,
                    Depth = Network.Rows,
                    Activated = run,
                }.RunAlone(panels);
            }

            long at = layer.WeightsAt + (long)input * layer.Outputs + outputs.First;
            if (columns == layer.Outputs)
            {
                Take(run, at, rows * columns);
                continue;
            }

            if (l == 0 && FirstUpdates != null)
            {
                TakeFirst(copy, run, input, rows);
                continue;
            }

            for (int row = 0; row < rows; row++)
            {
                Take(run + (long)row * columns, at + (long)row * layer.Outputs, columns);
            }
        }
    }

    // Some features of all samples, those of one after those of the other.
    private readonly float* SideBySide(float* matrix, int features, int feature, int count, float* room, out int stride)
    {
        SampleLanes lanes = Lanes;
        if (lanes.Count == 1)
        {
            stride = lanes.RoomOf(0);
            return matrix + lanes.At(features, 0, feature);
        }

        stride = Network.Rows;
        for (int lane = 0; lane < lanes.Count; lane++)
        {
            int samples = lanes.SamplesOf(lane);
            float* from = matrix + lanes.At(features, lane, feature);
            for (int j = 0; j < count; j++)
            {
                new ReadOnlySpan<float>(from + (long)j * lanes.RoomOf(lane), samples).CopyTo(new Span<float>(room + (long)j * stride + lane * SampleLanes.Width, samples));
            }
        }

        return room;
    }

    // Of some outputs, whose slopes lie in panels from one output on, or of the only one.
    private readonly void SumBiasGradients(int l, int copy, (int First, int End) outputs, float* panels, int firstOfPanels)
    {
        ref NetworkLayer layer = ref Network.Layers[l];
        int width = MatrixProduct.PanelWidth, panel = (outputs.First - firstOfPanels) / width, at = firstOfPanels + panel * width;
        float* sums = ScratchMemory.Request<float>(outputs.End - at + width);
        if (layer.Outputs == 1)
        {
            *sums = outputs.First < outputs.End ? SumLanes(SlopesOf(l, copy)) : 0;
        }
        else
        {
            for (int first = at; first < outputs.End; first += width, panel++)
            {
                RowSums.SumPanel(panels + (long)panel * width * Network.Rows, Network.Rows, sums + first - at);
            }
        }

        sums += outputs.First - at;
        if (l == 0 && FirstUpdates != null)
        {
            TakeFirst(copy, sums, layer.Inputs, 1);
            return;
        }

        Take(sums, layer.BiasAt + outputs.First, outputs.End - outputs.First);
    }

    // The slopes of one output.
    private readonly float SumLanes(float* slopes)
    {
        SampleLanes lanes = Lanes;
        float sum = 0;
        for (int lane = 0; lane < lanes.Count; lane++)
        {
            sum += TensorPrimitives.Sum(new ReadOnlySpan<float>(slopes + lanes.At(1, lane, 0), lanes.SamplesOf(lane)));
        }

        return sum;
    }

    private readonly void Take(float* gradient, long at, int count)
    {
        if (Update.IsAbsent)
        {
            new ReadOnlySpan<float>(gradient, count).CopyTo(new Span<float>(Gradient + at, count));
        }
        else
        {
            Update.Apply(gradient, at, count);
        }
    }
}
