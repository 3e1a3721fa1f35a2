using System.Diagnostics.CodeAnalysis;
using Stevedore.Demo.Show;
using Stevedore.Programs;

namespace Stevedore.Demo;

/// <summary>What every step of the demo needs.</summary>
/// <param name="Checkout">Where the published programs and the recorded review lie.</param>
/// <param name="Scratch">The one folder that the demo writes to.</param>
/// <param name="Stage">Where it shows what it does.</param>
internal sealed record Scene(Checkout Checkout, TemporaryFolder Scratch, Stage Stage)
{
    private readonly Ledger _ledger = new();
    private int _steps;

    /// <summary>Shows the heading of what comes next.</summary>
    public void Head(string title) => Stage.Heading($"{++_steps}", title);

    /// <summary>Begins a step: its heading is shown and its clock starts.</summary>
    /// <param name="title">The heading.</param>
    /// <param name="row">What the closing table calls it.</param>
    public Step Begin(string title, string row)
    {
        Head(title);
        return new Step(row, _ledger);
    }

    /// <summary>Shows the closing table.</summary>
    public void Close()
    {
        Head("What each step took and moved");
        Stage.Show(_ledger.Table());
    }

    /// <summary>Ends the demo unless something holds.</summary>
    /// <exception cref="ProgramException">It doesn't.</exception>
    public static void Require([DoesNotReturnIf(false)] bool holds, string sentence)
    {
        if (!holds)
            throw new ProgramException(sentence);
    }
}
