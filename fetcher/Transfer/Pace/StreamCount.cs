namespace Stevedore.Fetcher.Transfer.Pace;

/// <summary>
/// How many streams are worth having: more as long as more of them bring more bytes and the processors have room for it, half as many when the source says that it is too
/// much. A climb that did not pay is taken back, and tried again ever more rarely.
/// </summary>
/// <param name="most">What the command line and the memory allow.</param>
internal sealed class StreamCount(int most)
{
    /// <summary>Enough for a machine whose own processors are the limit; a distant store is worth more, and gets more within seconds.</summary>
    public const int AtFirst = 4;

    private const double WorthIt = 1.05;
    private const double FullProcessors = 0.9;
    private const int LongestRest = 16;
    private const int RestAfterOverload = 8;

    private double? _rateBefore;
    private int _before;
    private int _rest;
    private int _nextRest = 1;
    private bool _isSettling;
    private bool _wasTooMuch;

    /// <summary>Streams that may run now.</summary>
    public int Current { get; private set; } = Math.Clamp(most, 1, AtFirst);

    /// <summary>Takes a look at what the streams brought.</summary>
    /// <param name="rate">Bytes a second since the last look.</param>
    /// <param name="isUsedUp">Whether as many streams ran as may; else there is nothing to learn.</param>
    /// <param name="processors">The share of the processors' time that the run used, 0 to 1.</param>
    public void Observe(double rate, bool isUsedUp, double processors)
    {
        if (_isSettling)
        {
            // A new stream brings little until its connection stands and its window has opened.
            _isSettling = false;
            return;
        }

        if (!isUsedUp)
        {
            _rateBefore = null;
            return;
        }

        if (_rateBefore is { } before)
        {
            _rateBefore = null;
            if (rate < before * WorthIt)
            {
                Current = _before;
                _rest = _nextRest;
                _nextRest = Math.Min(LongestRest, _nextRest * 2);
                return;
            }

            _nextRest = 1;
        }

        if (_rest > 0)
            _rest--;
        else if (Current < most && processors < FullProcessors)
            Climb(rate);
    }

    /// <summary>The source has had too much: it answered 429 or 503, or reset connections.</summary>
    public void Overloaded()
    {
        Current = Math.Max(1, Current / 2);
        _rateBefore = null;
        _rest = RestAfterOverload;
        _wasTooMuch = true;
    }

    private void Climb(double rate)
    {
        _before = Current;
        _rateBefore = rate;
        // Carefully where a source has complained before.
        Current = Math.Min(most, _wasTooMuch ? Current + 1 : Math.Max(Current + 1, Current * 3 / 2));
        _isSettling = true;
    }
}
