using System.Numerics;

namespace DirKernels.Backends.Cpu;

/// <content>From the rows of a table to the loss.</content>
internal unsafe partial struct NetworkHalves
{
    private readonly void FillInputs(int half, (int First, int End) features)
    {
        // Of the threads that share a half each has a part of the features, and none of them all inputs: those are gathered before.
        int copy = CopyOf(half);
        if (Layer == 1 && HasFewInputs && Threads <= Count && copy == half)
        {
            Gather((0, Network.Layers[0].Inputs), copy);
            if (CopiesFirst)
            {
                CopyFirst(half);
            }
        }

        if (Layer == 0)
        {
            Gather(features, copy: 0);
        }
        else
        {
            FillOutputs(copy, features);
        }
    }

    private readonly void Gather((int First, int End) features, int copy)
    {
        SampleLanes lanes = Lanes;
        int width = features.End - features.First, columns = Network.Layers[0].Inputs;
        if (width == 0)
        {
            // The second half of a few features.
            return;
        }

        float* rows = ScratchMemory.Request<float>((long)SampleLanes.Width * width);
        int ahead = Math.Min(CacheLine.RowsAhead(width), Network.Rows);
        for (int row = 0; row < ahead; row++)
        {
            FetchRow(RowOfTable(row, columns) + features.First, width);
        }

        FetchTargets();

        for (int lane = 0; lane < lanes.Count; lane++)
        {
            int samples = lanes.SamplesOf(lane), room = lanes.RoomOf(lane);
            for (int i = 0; i < samples; i++)
            {
                // Rows lie anywhere in the table: those to come are on their way while these are copied.
                int row = lane * SampleLanes.Width + i;
                if (row + ahead < Network.Rows)
                {
                    FetchRow(RowOfTable(row + ahead, columns) + features.First, width);
                }

                new ReadOnlySpan<float>(RowOfTable(row, columns) + features.First, width).CopyTo(new Span<float>(rows + (long)i * width, width));
            }

            new Span<float>(rows + (long)samples * width, (room - samples) * width).Clear();
            long at = HasFewInputs ? lanes.At(columns, lane, features.First) + copy * AreaLength : PlaceOf(columns, lane, features.First);
            TransposedMatrix.Copy(rows, width, room, width, Inputs + at, room);
        }
    }

    // They lie anywhere too, and the loss would wait for one after the other.
    private readonly void FetchTargets()
    {
        int targets = Network.Layers[Network.LayerCount - 1].Outputs;
        for (int i = 0; i < Network.Rows; i++)
        {
            long row = Network.RowNumbers[i];
            CacheLine.FetchFar(Network.AllTargets + row * targets);
            if (Network.AllWeights != null)
            {
                CacheLine.FetchFar(Network.AllWeights + row);
            }
        }
    }

    private readonly float* RowOfTable(int row, int columns) => Network.AllInputs + (long)Network.RowNumbers[row] * columns;

    private static void FetchRow(float* row, int width)
    {
        for (int j = 0; j < width; j += CacheLine.Size / sizeof(float))
        {
            CacheLine.FetchFar(row + j);
        }
    }

    // Outputs of the layer before from its two products: bias, activation, dropout.
    private readonly void FillOutputs(int copy, (int First, int End) features)
    {
        SampleLanes lanes = Lanes;
        int l = Layer - 1;
        ref NetworkLayer layer = ref Network.Layers[l];
        for (int lane = 0; lane < lanes.Count; lane++)
        {
            int room = lanes.RoomOf(lane), count = (features.End - features.First) * room;
            long at = PlaceOf(layer.Outputs, lane, features.First);
            float* activated = layer.Activated + at, pre = layer.PreActivation == null ? activated : layer.PreActivation + at, output = layer.Output + at;
            if (l == 0 && HasFewInputs)
            {
                MultiplyFirst(copy, lane, features, pre);
            }
            else
            {
                AddParts(PartOf(l, 0) + at, PartOf(l, 1) + at, layer.Bias + features.First, features.End - features.First, room, pre);
            }

            ActivationFormula.Apply(Network.Activation, pre, activated, count);
            if (Network.DropoutRate > 0)
            {
                Drop(l, lane, features, activated, output);
            }

            // The features lie row by row for whoever looks at them.
            if (IsHead && Features != null)
            {
                TransposedMatrix.Copy(output, room, features.End - features.First, lanes.SamplesOf(lane), Features + (long)lane * SampleLanes.Width * layer.Outputs + features.First, layer.Outputs);
            }
        }
    }

    // sum[j, i] = left[j, i] + right[j, i] + bias[j]; rows of whole registers.
    private static void AddParts(float* left, float* right, float* bias, int rows, int width, float* sum)
    {
        for (int j = 0; j < rows; j++)
        {
            var offset = new Vector<float>(bias[j]);
            for (int i = 0; i < width; i += Vector<float>.Count, left += Vector<float>.Count, right += Vector<float>.Count, sum += Vector<float>.Count)
            {
                (Vector.Load(left) + Vector.Load(right) + offset).Store(sum);
            }
        }
    }

    // A half of the inputs times its rows of the weights, for some outputs: those of the other thread first, whose stores take their time.
    private readonly void Multiply(int half, (int First, int End) outputs)
    {
        if (IsHead)
        {
            MultiplyHead(half, outputs);
            return;
        }

        for (int i = 0; i < Count; i++)
        {
            int owner = i == 0 ? 1 - half : half;
            (int first, int end) = HalfOf(Current.Outputs, owner);
            (int First, int End) some = (Math.Max(first, outputs.First), Math.Min(end, outputs.End));
            for (int lane = 0; lane < Lanes.Count && some.First < some.End; lane++)
            {
                MultiplyLane(half, lane, some, PartOf(Layer, half) + PlaceOf(Current.Outputs, lane, some.First), isForOther: HasCopies && owner != half);
            }
        }
    }

    // Each of two threads has the products of both.
    private readonly void MultiplyHead(int half, (int First, int End) outputs)
    {
        SampleLanes lanes = Lanes;
        ref NetworkLayer layer = ref Current;
        (int first, int end) = HalfOf(layer.Inputs, half);
        int copy = CopyOf(half);
        if (outputs.First == 0)
        {
            KeepHeadBias(half);
        }

        for (int lane = 0; lane < lanes.Count; lane++)
        {
            int room = lanes.RoomOf(lane);
            long at = lanes.At(layer.Outputs, lane, outputs.First);
            float* part = HeadPartOf(half, copy) + at;
            if (layer.Outputs == 1)
            {
                RowSums.Combine(CurrentInputs + PlaceOf(layer.Inputs, lane, first), layer.Weights + first, end - first, room, part);
            }
            else
            {
                MultiplyLane(half, lane, outputs, part, isForOther: false);
            }

            if (HasCopies)
            {
                CacheLine.CopyForOther(part, HeadPartOf(half, 1 - copy) + at, (outputs.End - outputs.First) * room);
            }
        }
    }

    // The owner of some targets moves their biases, and both threads need them before that.
    private readonly void KeepHeadBias(int half)
    {
        int copy = CopyOf(half);
        (int first, int end) = HalfOf(Current.Outputs, half);
        float* kept = HeadBiasOf(half, copy);
        new ReadOnlySpan<float>(Current.Bias + first, end - first).CopyTo(new Span<float>(kept, end - first));
        if (HasCopies)
        {
            CacheLine.CopyForOther(kept, HeadBiasOf(half, 1 - copy), end - first);
        }
    }

    private readonly void MultiplyLane(int half, int lane, (int First, int End) outputs, float* part, bool isForOther)
    {
        ref NetworkLayer layer = ref Current;
        (int first, int end) = HalfOf(layer.Inputs, half);
        float* weights = layer.Weights + (long)first * layer.Outputs + outputs.First, x = CurrentInputs + PlaceOf(layer.Inputs, lane, first);
        MultiplyLane(weights, 1, layer.Outputs, x, outputs.End - outputs.First, Lanes.RoomOf(lane), end - first, part, isForOther, Math.Min(MostTurnedRows, (end - first) / 2));
    }

    /// <summary>The weighted loss.</summary>
    /// <param name="copy">Whose.</param>
    public readonly double* LossOf(int copy) => (double*)((float*)Loss + copy * AreaLength);

    /// <summary>The weighted loss, and its gradient with respect to the predictions as the slopes of the head.</summary>
    /// <param name="copy">Whose slopes.</param>
    public readonly void DifferentiateLoss(int copy)
    {
        SampleLanes lanes = Lanes;
        ref NetworkLayer head = ref Network.Layers[Network.LayerCount - 1];
        int targets = head.Outputs;
        float share = 1f / ((long)Network.Rows * targets);
        double sum = 0;
        for (int lane = 0; lane < lanes.Count; lane++)
        {
            int samples = lanes.SamplesOf(lane), room = lanes.RoomOf(lane);
            for (int t = 0; t < targets; t++)
            {
                long at = lanes.At(targets, lane, t);
                int ofTarget = t < FirstHalf(targets) ? 0 : 1;
                float bias = HeadBiasOf(ofTarget, copy)[t - HalfOf(targets, ofTarget).First];
                float* left = HeadPartOf(0, copy) + at, right = HeadPartOf(1, copy) + at, slopes = SlopesOf(Network.LayerCount - 1, copy) + at;
                for (int i = 0; i < samples; i++)
                {
                    long row = Network.RowNumbers[lane * SampleLanes.Width + i];
                    float weight = Network.AllWeights == null ? 1 : Network.AllWeights[row];
                    sum += (double)weight * Network.Loss.Evaluate(left[i] + right[i] + bias - Network.AllTargets[row * targets + t], out float derivative);
                    slopes[i] = weight * derivative * share;
                }

                new Span<float>(slopes + samples, room - samples).Clear();
            }
        }

        *LossOf(copy) = sum / targets;
    }
}
