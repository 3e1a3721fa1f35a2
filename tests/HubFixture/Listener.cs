namespace Stevedore.HubFixture;

/// <summary>Which server of the fixture a request came to.</summary>
public enum Listener
{
    /// <summary>The Hub itself: its API, plain files, and the redirects of the large ones.</summary>
    Hub,

    /// <summary>The host behind the signed addresses, which serves the large files.</summary>
    Cdn,

    /// <summary>A <see cref="PlainFileServer"/>.</summary>
    Plain,
}
