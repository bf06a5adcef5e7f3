namespace DirKernels.Backends.Cpu;

/// <summary>Addresses of everything that a step of a network needs, in one block of scratch memory.</summary>
/// <remarks>The first pass over the pieces counts, the second one hands them out.</remarks>
internal unsafe ref struct NetworkMemory
{
    private readonly NetworkPlan _plan;
    private readonly bool _byHalves;

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
        Blocks = blocks;
        Head = head;
        var counted = new ScratchPieces(null);
        Place(ref counted, parameters, features, gradient);
        var given = new ScratchPieces(ScratchMemory.RequestOuter<float>(counted.Length));
        Place(ref given, parameters, features, gradient);
    }

    private void Place(ref ScratchPieces pieces, float* parameters, float* features, float* gradient)
    {
        var own = new ScratchPieces(null);
        bool isCalibrated = Head.Rows > 0 || !Blocks.Calibration.IsAbsent;
        if (_byHalves)
        {
            long start = pieces.Length;
            PlaceLayersOfHalves(ref pieces, parameters);
            PlaceArea(ref pieces);
            Halves.AreaLength = pieces.Length - start + NetworkHalves.GapLength;
            pieces.Take(Halves.AreaLength + NetworkHalves.GapLength);
            PlaceHalves(ref pieces, isCalibrated, features, gradient);
        }
        else
        {
            PlaceLayers(ref own, parameters);
        }

        if (!_byHalves || isCalibrated)
        {
            PlaceBlocks(ref pieces, ref own, parameters, features, gradient);
        }

        if (Head.Rows > 0)
        {
            PlaceCalibratedHead(ref pieces, ref own);
        }

        Blocks.Places.Length = own.Length;
        Halves.Network = Blocks;
    }

    // Layers of which a block of rows keeps what it needs in a thread's own memory.
    private void PlaceLayers(ref ScratchPieces own, float* parameters)
    {
        const int Rows = NetworkBlocks.RowsPerBlock;
        int last = _plan.Layers.Count - 1;
        Blocks.Widest = 0;
        Blocks.Places.Inputs = own.Reserve((long)Rows * _plan.Inputs);
        for (int l = 0; l <= last; l++)
        {
            NetworkLayer place = LayerOf(l, parameters);
            PlacePanels(ref own, l, ref place);
            if (l < last)
            {
                long count = (long)Rows * place.Outputs;
                place.PreActivationAt = KeepsArguments ? own.Reserve(count) : -1;
                place.ActivatedAt = own.Reserve(count);
                place.OutputAt = _plan.Dropout > 0 ? own.Reserve(count) : place.ActivatedAt;
                Blocks.Widest = Math.Max(Blocks.Widest, place.Outputs);
            }

            Blocks.Layers[l] = place;
        }

        Blocks.Places.Flow = own.Reserve(2L * Rows * Blocks.Widest);
    }

    // Half of each layer's activations, feature by feature, of all rows; the other half lies in the other area.
    private void PlaceLayersOfHalves(ref ScratchPieces pieces, float* parameters)
    {
        int last = _plan.Layers.Count - 1;
        long rows = new SampleLanes(Blocks.Rows).SamplesWithRoom;
        Halves.Inputs = pieces.Take(rows * (NetworkHalves.IsFewInputs(_plan.Inputs) ? _plan.Inputs : NetworkHalves.FirstHalf(_plan.Inputs)));
        Blocks.Widest = 0;
        for (int l = 0; l <= last; l++)
        {
            NetworkLayer place = LayerOf(l, parameters);
            if (l < last)
            {
                long count = rows * NetworkHalves.FirstHalf(place.Outputs);
                place.PreActivation = KeepsArguments ? pieces.Take(count) : null;
                place.Activated = pieces.Take(count);
                place.Output = _plan.Dropout > 0 ? pieces.Take(count) : place.Activated;
                Blocks.Widest = Math.Max(Blocks.Widest, place.Outputs);
            }

            Blocks.Layers[l] = place;
        }
    }

    private bool KeepsArguments => _plan.Activation is Activation.Gelu or Activation.Silu;

    private NetworkLayer LayerOf(int l, float* parameters)
    {
        NetworkLayer place = NetworkLayer.Of(_plan.Layers[l], parameters);
        place.End = l + 1 == _plan.Layers.Count ? _plan.ParameterLength : _plan.Layers[l + 1].WeightsAt;
        return place;
    }

    private void PlacePanels(ref ScratchPieces own, int l, ref NetworkLayer place)
    {
        if (place.Outputs > 1)
        {
            MatrixProduct forward = place.Forward(null, NetworkBlocks.RowsPerBlock, null);
            place.PanelsAt = forward.ReadsInPlace ? -1 : own.Reserve(forward.PackedLength);
            place.TransposedAt = l == 0 ? -1 : own.Reserve(place.Backward(null, NetworkBlocks.RowsPerBlock, null).PackedLength);
        }
    }

    // What blocks of rows need beside their layers: all of a network, or the calibrated head of one that goes by halves.
    private void PlaceBlocks(ref ScratchPieces pieces, ref ScratchPieces own, float* parameters, float* features, float* gradient)
    {
        const int Rows = NetworkBlocks.RowsPerBlock;
        int last = _plan.Layers.Count - 1;
        long featureCount = (long)Rows * _plan.FeatureDimensions;
        Blocks.IsHeadAlone = _byHalves;
        Blocks.Features = _byHalves ? Halves.Features : features;
        if (_byHalves)
        {
            Blocks.FeatureGradient = pieces.Take((long)Blocks.Rows * _plan.FeatureDimensions);
            NetworkLayer head = LayerOf(last, parameters);
            PlacePanels(ref own, last, ref head);
            Blocks.Layers[last] = head;
        }
        else
        {
            Blocks.Places.FeatureGradient = own.Reserve(featureCount);
        }

        Blocks.Places.HeadInputs = own.Reserve(Blocks.Calibration.IsAbsent ? 0 : featureCount);
        Blocks.Places.Predictions = own.Reserve((long)Rows * _plan.Targets);
        long panels = 0;
        for (int l = _byHalves ? last : 0; l <= last; l++)
        {
            MatrixProduct dWeights = Blocks.Layers[l].WeightGradient(null, null, Rows, null);
            panels = Math.Max(panels, dWeights.Columns == 1 || dWeights.ReadsInPlace ? 0 : dWeights.PackedLength);
        }

        Blocks.Places.GradientPanels = own.Reserve(panels);
        Blocks.Losses = (double*)pieces.Take((long)Blocks.Count * CacheLine.Size / sizeof(float));

        // The parameters of the head are the last ones.
        long from = _byHalves ? _plan.Layers[last].WeightsAt : 0;
        Blocks.ParameterLength = _plan.ParameterLength - from;
        Blocks.Gradients = Blocks.Count == 1 ? gradient : pieces.Take(Blocks.Parts * Blocks.ParameterLength) - from;
    }

    private void PlaceCalibratedHead(ref ScratchPieces pieces, ref ScratchPieces own)
    {
        NetworkLayer* layer = Blocks.Layers + Blocks.LayerCount - 1;
        int targets = layer->Outputs, room = TriangularVector.Room(Head.Shape);
        Head.Targets = targets;
        Head.Weights = pieces.Take((long)targets * room);
        Head.Bias = layer->Bias;
        if (_byHalves)
        {
            Head.Features = Blocks.Features;
            Head.FeatureGradient = Blocks.FeatureGradient;
            Head.WeightGradients = pieces.Take((long)CalibratedHead.Chunks * targets * room);
            Head.BiasGradients = pieces.Take((long)CalibratedHead.Chunks * targets);
            Head.Losses = (double*)pieces.Take(2L * CalibratedHead.Chunks);
            Head.Scratch = pieces.Take(CalibratedHead.Chunks * CalibratedHead.ScratchOfChunk(Head.Shape, targets));
        }
        else
        {
            Blocks.Places.CalibratedHead = own.Reserve(CalibratedHead.ScratchOfBlock(Head.Shape, targets));
            Blocks.CalibratedHead = Head;
        }
    }

    // The rest of the first area.
    private void PlaceArea(ref ScratchPieces pieces)
    {
        long samples = new SampleLanes(Blocks.Rows).SamplesWithRoom, panel = MatrixProduct.PanelWidth;
        Halves.PartLength = ScratchPieces.WholeLines(samples * NetworkHalves.FirstHalf(Blocks.Widest));
        Halves.Parts = pieces.Take(2 * NetworkHalves.Count * Halves.PartLength);
        Halves.HeadParts = pieces.Take(NetworkHalves.Count * NetworkHalves.HeadLength(Blocks.Rows, _plan.Targets));
        Halves.LayerLength = ScratchPieces.WholeLines(samples * ((Math.Max(Blocks.Widest, _plan.Targets) + panel - 1) / panel * panel));
        Halves.Slopes = pieces.Take(NetworkHalves.LayersInTurn * Halves.LayerLength);
        Halves.HeadSlopes = pieces.Take(NetworkHalves.HeadLength(Blocks.Rows, _plan.Targets));
        Halves.HeadBias = pieces.Take(NetworkHalves.Count * ScratchPieces.WholeLines(_plan.Targets));
        Halves.Loss = (double*)pieces.Take(2);
        Halves.SlopePanels = pieces.Take(NetworkHalves.LayersInTurn * Halves.LayerLength);
        Halves.FirstPanels = NetworkHalves.IsFewInputs(_plan.Inputs) ? pieces.Take(NetworkHalves.FirstPanelsLength(Blocks.Rows, _plan.LayerSpan[0].Outputs)) : null;
    }

    private void PlaceHalves(ref ScratchPieces pieces, bool needsFeatures, float* features, float* gradient)
    {
        Halves.Gradient = gradient;
        Halves.Features = features == null && needsFeatures ? pieces.Take((long)Blocks.Rows * _plan.FeatureDimensions) : features;
    }
}
