namespace Stevedore.Webhook.CommandLines;

/// <summary>
/// How much text the variables of one container may add while its command is read, nested shells included. A value of 64 KiB that is named
/// 100,000 times, or a script that starts itself sixteen times over, must not cost more than reading the pod did.
/// </summary>
internal sealed class ExpansionBudget
{
    /// <summary>In characters; a command line of Linux is at most 2 MiB in all, and no honest one comes near.</summary>
    private long _left = 1 << 20;

    /// <summary>Takes what an expansion adds; false where too much was added already.</summary>
    public bool TryTake(int length)
    {
        // Even an empty value costs something to insert.
        _left -= length + 1;
        return _left >= 0;
    }
}
