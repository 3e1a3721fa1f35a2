namespace Stevedore.Fetcher.Transfer.Web.Wire;

/// <summary>
/// Whether asking a host several questions ahead (RFC 9112 §9.3.2) pays: what is still owed when a connection ends has to be asked again. A server may end one after
/// so many answers as a matter of course; one that does so after each answer, or says nothing to a second question, is asked one by one.
/// </summary>
internal sealed class Foresight
{
    // nginx ends a connection after 1,000 answers, others after 100.
    private const int AnswersALoss = 50;
    private const int LossesToLearn = 3;

    private int _answered;
    private int _lost;
    private volatile bool _isOver;

    /// <summary>Whether further questions may be asked ahead.</summary>
    public bool Pays
    {
        get
        {
            var lost = Volatile.Read(ref _lost);
            return !_isOver && (lost < LossesToLearn || Volatile.Read(ref _answered) > (long)lost * AnswersALoss);
        }
    }

    /// <summary>An answer to a question came that was asked ahead.</summary>
    public void Answered() => Interlocked.Increment(ref _answered);

    /// <summary>A connection ended that owed answers.</summary>
    public void Lost() => Interlocked.Increment(ref _lost);

    /// <summary>A question that was asked ahead got no answer at all.</summary>
    public void WasIgnored() => _isOver = true;
}
