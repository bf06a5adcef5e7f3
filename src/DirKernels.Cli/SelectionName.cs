using DirKernels.Networks;

namespace DirKernels.Cli;

/// <summary>How people call the validation error that chooses an epoch.</summary>
internal static class SelectionName
{
    public static string Of(EpochSelection selection) => selection switch
    {
        EpochSelection.Mae => "MAE",
        EpochSelection.BalancedMae => "bMAE",
        _ => "MSE",
    };
}
