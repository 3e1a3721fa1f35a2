using System.Net;
using Stevedore.Fetcher.Transfer.Web;

namespace Stevedore.Fetcher.Tests.Transfer.Web;

public sealed class RetryHeadersTests
{
    private static readonly DateTimeOffset Now = new(2026, 5, 1, 10, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("120", null, 120.0)]
    [InlineData("1.5", null, 1.5)]
    [InlineData("Fri, 01 May 2026 10:00:30 GMT", null, 30.0)]
    [InlineData("Fri, 01 May 2026 09:00:00 GMT", null, 0.0)]
    [InlineData(null, "\"resolvers\";r=0;t=55", 55.0)]
    [InlineData(null, "\"api\";r=12;t=250, \"resolvers\";r=0;t=55", 55.0)]
    [InlineData(null, "\"api\"; t=250; r=0", 250.0)]
    [InlineData(null, "\"api\";r=3;t=250", null)]
    [InlineData("10", "\"resolvers\";r=0;t=55", 55.0)]
    [InlineData("99999999999999999999", null, 31536000.0)]
    [InlineData("-5", null, null)]
    [InlineData("soon", "r=;t=", null)]
    [InlineData(null, null, null)]
    public void What_a_source_asks_for_is_read_in_every_form(string? retryAfter, string? rateLimit, double? seconds) =>
        (RetryHeaders.Read(retryAfter, rateLimit, Now)?.TotalSeconds).Should().Be(seconds);

    [Fact]
    public void A_source_that_says_nothing_asks_for_nothing() => RetryHeaders.Read(null, null, Now).Should().BeNull();

    [Theory]
    [InlineData(408, true)]
    [InlineData(429, true)]
    [InlineData(500, true)]
    [InlineData(502, true)]
    [InlineData(503, true)]
    [InlineData(504, true)]
    [InlineData(501, false)]
    [InlineData(400, false)]
    [InlineData(401, false)]
    [InlineData(403, false)]
    [InlineData(404, false)]
    public void What_may_pass_is_told_from_what_stays(int status, bool passes) => RetryHeaders.IsTransient((HttpStatusCode)status).Should().Be(passes);
}
