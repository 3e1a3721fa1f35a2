using Stevedore.Smoke.Tests.Support;

namespace Stevedore.Smoke.Tests;

/// <summary>Every way in which a pod gets its keys, with the published program: some of them break only under NativeAOT.</summary>
public sealed class S3CredentialTests : IAsyncLifetime
{
    private readonly FakeCloud _cloud = new();
    private Quay _quay = null!;

    public async ValueTask InitializeAsync()
    {
        _quay = await Quay.OpenAsync();
        Set("AWS_ENDPOINT_URL_S3", _cloud.Endpoint);
        Set("AWS_REGION", "eu-central-1");
        Set("AWS_EC2_METADATA_DISABLED", "true");
        Set("HOME", _quay["home"]);
        Directory.CreateDirectory(_quay["home"]);
    }

    public async ValueTask DisposeAsync()
    {
        await _quay.DisposeAsync();
        await _cloud.DisposeAsync();
    }

    [Fact]
    public async Task From_the_environment()
    {
        Set("AWS_ACCESS_KEY_ID", FakeCloud.Key);
        Set("AWS_SECRET_ACCESS_KEY", FakeCloud.Secret);
        Set("AWS_SESSION_TOKEN", FakeCloud.Session);

        await ShouldFetchAsync();
        _cloud.Log.Should().OnlyContain(line => line.StartsWith("GET /bkt"));
    }

    [Fact]
    public async Task From_a_web_identity_as_EKS_gives_it_to_a_service_account()
    {
        File.WriteAllText(_quay["token"], "the.web.identity");
        Set("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/models");
        Set("AWS_WEB_IDENTITY_TOKEN_FILE", _quay["token"]);
        Set("AWS_ENDPOINT_URL_STS", _cloud.Endpoint);

        await ShouldFetchAsync();

        _cloud.Posted.Should().ContainSingle().Which.Should().Contain("WebIdentityToken=the.web.identity").And.Contain("role%2Fmodels");
    }

    [Fact]
    public async Task A_role_that_is_refused_is_77_and_no_bucket_is_asked_without_it()
    {
        _cloud.RefusesRole = true;
        File.WriteAllText(_quay["token"], "the.web.identity");
        Set("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/models");
        Set("AWS_WEB_IDENTITY_TOKEN_FILE", _quay["token"]);
        Set("AWS_ENDPOINT_URL_STS", _cloud.Endpoint);

        var run = await FetchAsync();

        run.Code.Should().Be(77, run.Errors);
        run.Sentence.Should().Contain("web identity").And.Contain("AccessDenied").And.Contain("trust policy");
        _cloud.Log.Should().NotContain(line => line.Contains("/bkt"));
    }

    [Fact]
    public async Task From_the_identity_of_a_pod()
    {
        File.WriteAllText(_quay["pod-token"], "token-of-the-pod");
        Set("AWS_CONTAINER_CREDENTIALS_FULL_URI", _cloud.Endpoint + "/creds");
        Set("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", _quay["pod-token"]);

        await ShouldFetchAsync();
        _cloud.Log.Should().Contain(line => line.StartsWith("GET /creds"));
    }

    [Fact]
    public async Task From_the_role_of_the_machine()
    {
        _quay.Environment.Remove("AWS_EC2_METADATA_DISABLED");
        Set("AWS_EC2_METADATA_SERVICE_ENDPOINT", _cloud.Endpoint);

        await ShouldFetchAsync();
        _cloud.Log.Should().Contain(line => line.StartsWith("PUT /latest/api/token"));
    }

    [Fact]
    public async Task From_a_profile()
    {
        File.WriteAllText(
            _quay["credentials"],
            $"[models]\naws_access_key_id = {FakeCloud.Key}\naws_secret_access_key = {FakeCloud.Secret}\naws_session_token = {FakeCloud.Session}\n");
        File.WriteAllText(_quay["config"], $"[profile models]\nregion = eu-north-1\nendpoint_url = {_cloud.Endpoint}\n");
        Set("AWS_SHARED_CREDENTIALS_FILE", _quay["credentials"]);
        Set("AWS_CONFIG_FILE", _quay["config"]);
        Set("AWS_PROFILE", "models");
        _quay.Environment.Remove("AWS_ENDPOINT_URL_S3");
        _quay.Environment.Remove("AWS_REGION");

        await ShouldFetchAsync();
    }

    [Fact]
    public async Task Where_there_are_none_an_open_bucket_is_asked_without()
    {
        _cloud.IsOpen = true;

        await ShouldFetchAsync();
    }

    [Fact]
    public async Task Where_there_are_none_a_closed_bucket_is_77_and_says_what_was_looked_for()
    {
        var run = await FetchAsync();

        run.Code.Should().Be(77, run.Errors);
        run.Sentence.Should().Contain("no credentials were found (environment, web identity, profile, container, instance)");
    }

    [Fact]
    public async Task Anonymous_is_anonymous_whatever_there_is()
    {
        _cloud.IsOpen = true;
        Set("AWS_ACCESS_KEY_ID", FakeCloud.Key);
        Set("AWS_SECRET_ACCESS_KEY", FakeCloud.Secret);

        (await FetchAsync("--s3-anonymous")).Code.Should().Be(0);
        _cloud.Log.Should().NotContain(line => line.Contains(FakeCloud.Key));
    }

    private void Set(string name, string value) => _quay.Environment[name] = value;

    private Task<Outcome> FetchAsync(params string[] more) => _quay.RunAsync(["fetch", "s3://bkt/m/", "--cache", _quay.Cache, .. more]);

    private async Task ShouldFetchAsync()
    {
        var run = await FetchAsync();
        run.Code.Should().Be(0, run.Errors);
        File.ReadAllText(Path.Combine(run.Lines[0], "config.json")).Should().Be(FakeCloud.Content);
        run.Errors.Should().NotContain(FakeCloud.Key).And.NotContain(FakeCloud.Secret).And.NotContain(FakeCloud.Session);
    }
}
