namespace DirKernels.Backends.Cpu;

/// <summary>Addresses of everything that a step of a network needs, in one block of scratch memory.</summary>
/// <remarks>The first pass over the pieces counts, the second one hands them out.</remarks>
internal unsafe ref struct NetworkMemory
{
    private readonly NetworkPlan _plan;
    private readonly bool _byHalves;
    private readonly int _rowBlocks;

    /// <summary>The batch, and all layers by blocks of its rows; of a network that goes by halves a calibrated head alone.</summary>
    public NetworkBlocks Blocks;

    /// <summary>The head behind calibration by blocks of a covariance.</summary>
    public CalibratedHead Head;

    /// <summary>Layers of a network that goes by halves, but a calibrated head.</summary>
    public NetworkHalves Halves;

    /// <summary>Lays out a step.</summary>
    /// <param name="plan">The network.</param>
    /// <param name="blocks">What is known of the batch; <see cref="NetworkBlocks.Layers"/> are written.</param>
    /// <param name="head">What is known of a head behind calibration by blocks of a covariance.</param>
    /// <param name="byHalves">Whether hidden layers go by halves.</param>
    /// <param name="parameters">The flat buffer.</param>
    /// <param name="features">[n x D], or null where they are not wanted.</param>
    /// <param name="gradient">[parameters].</param>
    public NetworkMemory(NetworkPlan plan, in NetworkBlocks blocks, in CalibratedHead head, bool byHalves, float* parameters, float* features, float* gradient)
    {
        _plan = plan;
        _byHalves = byHalves;
        _rowBlocks = (blocks.Rows + NetworkBlocks.RowsPerBlock - 1) / NetworkBlocks.RowsPerBlock;
        Blocks = blocks;
        Head = head;
        var counted = new ScratchPieces(null);
        Place(ref counted, parameters, features, gradient);
        var given = new ScratchPieces(ScratchMemory.RequestOuter<float>(counted.Length));
        Place(ref given, parameters, features, gradient);
    }

    private void Place(ref ScratchPieces pieces, float* parameters, float* features, float* gradient)
    {
        PlaceLayers(ref pieces, parameters, features);
        bool isCalibrated = Head.Rows > 0 || !Blocks.Calibration.IsAbsent;
        if (_byHalves)
        {
            PlaceHalves(ref pieces, isCalibrated, features, gradient);
        }

        if (!_byHalves || isCalibrated)
        {
            PlaceRows(ref pieces, gradient);
        }

        if (Head.Rows > 0)
        {
            PlaceHead(ref pieces);
        }

        Halves.Network = Blocks;
    }

    private void PlaceLayers(ref ScratchPieces pieces, float* parameters, float* features)
    {
        int rows = _byHalves ? new SampleLanes(Blocks.Rows).SamplesWithRoom : Blocks.Rows, last = _plan.Layers.Count - 1;
        Blocks.Inputs = pieces.Take((long)rows * _plan.Inputs * (_byHalves && NetworkHalves.IsFewInputs(_plan.Inputs) ? NetworkHalves.Count : 1));
        Blocks.Widest = 0;
        Blocks.PanelsLength = 0;
        Blocks.GradientPanelsLength = 0;
        for (int l = 0; l <= last; l++)
        {
            DenseLayer layer = _plan.Layers[l];
            NetworkLayer place = NetworkLayer.Of(layer, parameters);
            place.End = l == last ? _plan.ParameterLength : _plan.Layers[l + 1].WeightsAt;
            if (layer.Outputs > 1 && (!_byHalves || l == last))
            {
                MatrixProduct forward = place.Forward(null, rows, null), dWeights = place.WeightGradient(null, null, NetworkBlocks.RowsPerBlock, null);
                place.PanelsAt = forward.ReadsInPlace ? -1 : TakePanels(forward);
                place.TransposedAt = l == 0 ? -1 : TakePanels(place.Backward(null, rows, null));
                Blocks.GradientPanelsLength = Math.Max(Blocks.GradientPanelsLength, dWeights.ReadsInPlace ? 0 : ScratchPieces.WholeLines(dWeights.PackedLength));
            }

            if (l < last)
            {
                long count = (long)rows * layer.Outputs;

                // The features are the caller's, where they are wanted; by halves they are copied there.
                float* wanted = l == last - 1 && !_byHalves ? features : null;
                bool drops = _plan.Dropout > 0;
                place.PreActivation = _plan.Activation is Activation.Gelu or Activation.Silu ? pieces.Take(count) : null;
                place.Activated = wanted == null || drops ? pieces.Take(count) : wanted;
                place.Output = drops ? wanted == null ? pieces.Take(count) : wanted : place.Activated;
                Blocks.Widest = Math.Max(Blocks.Widest, layer.Outputs);
            }

            Blocks.Layers[l] = place;
        }
    }

    private long TakePanels(in MatrixProduct product)
    {
        long at = Blocks.PanelsLength;
        Blocks.PanelsLength += ScratchPieces.WholeLines(product.PackedLength);
        return at;
    }

    // What blocks of rows need: all of it, or the calibrated head of a network that goes by halves.
    private void PlaceRows(ref ScratchPieces pieces, float* gradient)
    {
        int rows = Blocks.Rows, last = _plan.Layers.Count - 1;
        long featureCount = (long)rows * _plan.FeatureDimensions;
        Blocks.Features = _byHalves ? Halves.Features : Blocks.Layers[last - 1].Output;
        Blocks.HeadInputs = Blocks.Calibration.IsAbsent ? Blocks.Features : pieces.Take(featureCount);
        Blocks.FeatureGradient = pieces.Take(featureCount);
        Blocks.Predictions = pieces.Take((long)rows * _plan.Targets);
        Blocks.Flow = last > 1 && !_byHalves ? pieces.Take(2L * rows * Blocks.Widest) : null;
        Blocks.GradientPanels = pieces.Take(_rowBlocks * Blocks.GradientPanelsLength);
        Blocks.Losses = (double*)pieces.Take(2L * _rowBlocks);

        // The parameters of the head are the last ones.
        long from = _byHalves ? _plan.Layers[last].WeightsAt : 0;
        Blocks.ParameterLength = _plan.ParameterLength - from;
        Blocks.Gradients = _rowBlocks == 1 ? gradient : pieces.Take(_rowBlocks * Blocks.ParameterLength) - from;
    }

    private void PlaceHead(ref ScratchPieces pieces)
    {
        NetworkLayer* layer = Blocks.Layers + Blocks.LayerCount - 1;
        int targets = layer->Outputs, room = TriangularVector.Room(Head.Shape);
        Head.Targets = targets;
        Head.Weights = pieces.Take((long)targets * room);
        Head.Bias = layer->Bias;
        Head.Features = Blocks.Features;
        Head.FeatureGradient = Blocks.FeatureGradient;
        Head.WeightGradients = pieces.Take((long)CalibratedHead.Chunks * targets * room);
        Head.BiasGradients = pieces.Take((long)CalibratedHead.Chunks * targets);
        Head.Losses = (double*)pieces.Take(2L * CalibratedHead.Chunks);
        Head.Scratch = pieces.Take(CalibratedHead.Chunks * CalibratedHead.ScratchOfChunk(Head.Shape, targets));
    }

    private void PlaceHalves(ref ScratchPieces pieces, bool needsFeatures, float* features, float* gradient)
    {
        long samples = new SampleLanes(Blocks.Rows).SamplesWithRoom, panel = MatrixProduct.PanelWidth;
        Halves.Gradient = gradient;
        Halves.LayerLength = ScratchPieces.WholeLines(samples * ((Math.Max(Blocks.Widest, _plan.Targets) + panel - 1) / panel * panel));
        Halves.Parts = pieces.Take(2 * NetworkHalves.Count * Halves.LayerLength);
        Halves.Slopes = pieces.Take(2 * Halves.LayerLength);
        Halves.HeadSlopes = pieces.Take(NetworkHalves.Count * NetworkHalves.HeadLength(Blocks.Rows, _plan.Targets));
        Halves.SlopePanels = pieces.Take(NetworkHalves.Count * Halves.LayerLength);
        Halves.FirstPanels = NetworkHalves.IsFewInputs(_plan.Inputs) ? pieces.Take(NetworkHalves.Count * NetworkHalves.FirstPanelsLength(Blocks.Rows, _plan.LayerSpan[0].Outputs)) : null;
        Halves.Loss = (double*)pieces.Take(2);
        Halves.Features = features == null && needsFeatures ? pieces.Take((long)Blocks.Rows * _plan.FeatureDimensions) : features;
    }
}
