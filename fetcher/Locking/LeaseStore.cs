using System.Text;
using Microsoft.Win32.SafeHandles;
using Stevedore.Contract;
using Stevedore.Contract.Layout;
using Stevedore.Fetcher.Publishing;

namespace Stevedore.Fetcher.Locking;

/// <summary>
/// Leases as files <c>KEY.EPOCH</c> that are created exclusively and name a kind and an owner. Taking over is creating the next epoch of kind
/// <c>fetch</c>, publishing is creating the next epoch of kind <c>publish</c>: of the two, one wins, and locks play no part.
/// </summary>
/// <param name="cache">The cache.</param>
/// <param name="heartbeat">This fetcher.</param>
/// <param name="watch">What is known of the others.</param>
internal sealed class LeaseStore(CacheLayout cache, Heartbeat heartbeat, OwnerWatch watch)
{
    private const string Fetch = "fetch";
    private const string Publish = "publish";
    private const string Released = "released";

    // Far from where adding one overflows; a file with such a number is not ours.
    private const int MostEpochs = 1_000_000_000;

    /// <summary>Asks for a blob once; never waits.</summary>
    /// <exception cref="FetchException">75: this fetcher was silent for so long that others count it as dead.</exception>
    public LeaseAnswer TryTake(string key)
    {
        if (!heartbeat.IsFresh)
        {
            throw new FetchException(
                ExitCode.GaveUpWaiting,
                $"This fetcher was paused, or could not write to the cache, for more than {heartbeat.Ttl.TotalSeconds:0} s, so that others may have taken its work over; start it again.");
        }

        WorldReadable.MakeFolder(cache.Leases);
        WorldReadable.MakeFolder(cache.Partials);
        var epochs = EpochsOf(key);
        var states = new List<PreviousEpoch>();
        foreach (var epoch in epochs.OrderDescending())
        {
            var owner = ReadOwner(key, epoch);
            var state = OwnerStateOf(key, epoch, owner);
            if (state == OwnerState.Alive && epoch == epochs.Max())
                return new LeaseAnswer(null, owner.Id);
            states.Add(new PreviousEpoch(epoch, state == OwnerState.Gone));
        }

        var next = epochs.DefaultIfEmpty(0).Max() + 1;
        return TryCreate(key, next, Fetch)
            ? new LeaseAnswer(new BlobLease(key, next, states), null)
            : new LeaseAnswer(null, ReadOwner(key, next).Id);
    }

    /// <summary>Wins the right to give the blob its final name; false when somebody has taken over meanwhile, or this fetcher was silent too long.</summary>
    public bool TryWinPublishing(BlobLease lease) =>
        heartbeat.IsFresh && ReadOwner(lease.Key, lease.Epoch).Id == heartbeat.Id && TryCreate(lease.Key, lease.Epoch + 1, Publish);

    /// <summary>Says that this fetcher will not touch the epoch's files again, so that the next one need not wait for it to be declared dead.</summary>
    public void Release(BlobLease lease)
    {
        try
        {
            if (ReadOwner(lease.Key, lease.Epoch).Id != heartbeat.Id)
                return;
            using var file = File.OpenHandle(LeasePath(lease.Key, lease.Epoch), FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
            RandomAccess.Write(file, Encoding.ASCII.GetBytes($"{Fetch} {heartbeat.Id} {Released} "), 0);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The next fetcher finds out by the heartbeat instead.
        }
    }

    /// <summary>Gives up an epoch whose bytes are of no use to anybody; does nothing where somebody has taken over meanwhile.</summary>
    public void Abandon(BlobLease lease)
    {
        if (ReadOwner(lease.Key, lease.Epoch).Id == heartbeat.Id && EpochsOf(lease.Key).Max() == lease.Epoch)
            Remove(lease.Key, lease.Epoch);
    }

    /// <summary>Removes what epochs left whose makers can never write again.</summary>
    public void ClearGone(BlobLease lease)
    {
        foreach (var previous in lease.Previous.Where(previous => previous.OwnerIsGone))
            Remove(lease.Key, previous.Epoch);
    }

    /// <summary>Removes the leases of a blob that is published, and what earlier epochs left behind.</summary>
    public void Clear(string key)
    {
        foreach (var epoch in EpochsOf(key).Order())
            Remove(key, epoch);
    }

    private void Remove(string key, int epoch)
    {
        var partial = BlobLease.PartialPath(cache, key, epoch);
        File.Delete(partial);
        File.Delete(partial + ".journal");
        File.Delete(LeasePath(key, epoch));
    }

    private List<int> EpochsOf(string key) =>
        [.. Directory.EnumerateFiles(cache.Leases, key + ".*")
            .Select(path => int.TryParse(Path.GetExtension(path).AsSpan(1), out var epoch) ? epoch : 0)
            .Where(epoch => epoch is > 0 and < MostEpochs)];

    private string LeasePath(string key, int epoch) => Path.Combine(cache.Leases, $"{key}.{epoch}");

    private OwnerState OwnerStateOf(string key, int epoch, LeaseOwner owner)
    {
        if (owner.Released || owner.Id == heartbeat.Id)
            return OwnerState.Gone;
        return owner.Id is null ? watch.JudgeUnnamed($"{key}.{epoch}") : watch.Judge(owner.Id);
    }

    /// <summary>Who made a lease. There is no name where its maker has not written it yet, or died before it could.</summary>
    private LeaseOwner ReadOwner(string key, int epoch)
    {
        try
        {
            var words = File.ReadAllText(LeasePath(key, epoch)).Split(' ', StringSplitOptions.RemoveEmptyEntries);
            return words.Length >= 2 ? new LeaseOwner(words[1], words.Contains(Released)) : new LeaseOwner(null, false);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return new LeaseOwner(null, false);
        }
    }

    private bool TryCreate(string key, int epoch, string kind)
    {
        SafeFileHandle file;
        try
        {
            file = WorldReadable.Create(LeasePath(key, epoch));
        }
        catch (IOException) when (File.Exists(LeasePath(key, epoch)))
        {
            return false;
        }

        using (file)
        {
            try
            {
                RandomAccess.Write(file, Encoding.ASCII.GetBytes($"{kind} {heartbeat.Id} "), 0);
                return true;
            }
            catch (IOException)
            {
                // A full disk: nobody must take the nameless lease for somebody's.
                File.Delete(LeasePath(key, epoch));
                throw;
            }
        }
    }

    private readonly record struct LeaseOwner(string? Id, bool Released);
}
