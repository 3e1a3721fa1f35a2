using System.Text;
using Stevedore.Contract;
using Stevedore.Fetcher.Sources;
using Stevedore.Fetcher.Tests.Sources;
using Stevedore.Fetcher.Tests.Transfer.Web;
using Stevedore.Fetcher.Transfer;
using Stevedore.Fetcher.Transfer.Web;
using Stevedore.Fetcher.Transfer.Web.Wire;

namespace Stevedore.Fetcher.Tests.Trust;

/// <summary>Asks a server in both of the fetcher's ways: for content over connections of its own, for everything else through SocketsHttpHandler.</summary>
internal static class BothWays
{
    /// <summary>It answers both.</summary>
    public static async Task AnswerAsync(Uri address, TlsWitness server, WebSettings settings)
    {
        using var web = new WebConnections(settings);
        Encoding.ASCII.GetString(await Origin(web, address).ReadAsync(4, 8)).Should().Be(TlsWitness.Body);
        (await CallAsync(web, address)).Should().BeTrue();
        (await server.NextAsync()).Said.Should().StartWith("GET ");
        (await server.NextAsync()).Said.Should().StartWith("GET ");
    }

    /// <summary>How both end, which has to be the same, before anything was said to the server.</summary>
    public static async Task<FetchException> RefuseAsync(Uri address, TlsWitness server, WebSettings settings)
    {
        using var web = new WebConnections(settings);
        var wire = (await Origin(web, address).Awaiting(it => it.ReadAsync(4, 8)).Should().ThrowAsync<TransferException>()).Which;
        var other = (await web.Awaiting(it => CallAsync(it, address)).Should().ThrowAsync<FetchException>()).Which;

        wire.ToString().Should().Contain(nameof(WireDial), "the content's connection is to be tested");
        other.ToString().Should().NotContain(nameof(WireDial), "the two are to be compared");
        wire.Fault.Should().Be(TransferFault.Final);
        wire.Final!.Code.Should().Be(other.Code);
        wire.Final.Message.Should().Be(other.Message);
        (await server.NextAsync()).Said.Should().BeEmpty("nothing is asked of a server that is refused");
        (await server.NextAsync()).Said.Should().BeEmpty();
        return other;
    }

    private static WebOrigin Origin(WebConnections web, Uri address) => new(
        web, new WebQuestion(address), 16, validator: null, answer => new FetchException(ExitCode.NoPermission, $"{answer.Who} refuses."));

    private static Task<bool> CallAsync(WebConnections web, Uri address) => new WebCalls(web, new Backoff(new Random(1), TimeProvider.System)).AskAsync(
        new WebQuestion(address), Patience.Long, (_, _, _) => Task.FromResult(true), TestContext.Current.CancellationToken);
}
