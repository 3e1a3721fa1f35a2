namespace Stevedore.Fetcher.Transfer.Web;

/// <summary>Puts a signature on a request in the moment in which it is sent, since signatures carry the time.</summary>
internal interface IRequestSigner
{
    /// <summary>The headers that the signature consists of; never printed, never sent to another host.</summary>
    /// <param name="question">What is asked, with all that goes into the signature.</param>
    IEnumerable<KeyValuePair<string, string>> Sign(WebQuestion question);
}
