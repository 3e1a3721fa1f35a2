using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using k8s;
using Stevedore.Programs;

namespace Stevedore.Cluster.Tests.Support;

/// <summary>
/// etcd and kube-apiserver on loopback, set up as in any cluster: RBAC, the default admission plugins, signed ServiceAccount tokens, an audit log. There are
/// no controllers and no nodes, so nothing is made that a test does not make.
/// </summary>
internal sealed class ControlPlane : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private static readonly string AdminToken = Convert.ToHexString(RandomNumberGenerator.GetBytes(16));

    private readonly TemporaryFolder _folder;
    private readonly ChildProgram _etcd;
    private readonly ChildProgram _server;

    private ControlPlane(TemporaryFolder folder, Uri address, ChildProgram etcd, ChildProgram server)
    {
        (_folder, Address, _etcd, _server) = (folder, address, etcd, server);
        Audit = new AuditLog(folder.Sub("audit.log"));
        Admin = ClientFor(AdminToken);
    }

    /// <summary>Where the API server answers.</summary>
    public Uri Address { get; }

    /// <summary>A client that may do everything.</summary>
    public Kubernetes Admin { get; }

    /// <summary>What the API server wrote about each request.</summary>
    public AuditLog Audit { get; }

    /// <summary>A folder that goes when this goes.</summary>
    public TemporaryFolder Folder => _folder;

    /// <summary>Starts them and waits until the API server calls itself ready.</summary>
    public static async Task<ControlPlane> StartAsync()
    {
        var folder = TemporaryFolder.For("stevedore-cluster");
        var (storage, peers, port) = (FreePort(), FreePort(), FreePort());
        WriteConfiguration(folder);
        var etcd = ChildProgram.Start(
            Assets.Find("etcd"),
            [
                $"--data-dir={folder.Sub("etcd")}", "--unsafe-no-fsync", "--log-level=error",
                $"--listen-client-urls=http://127.0.0.1:{storage}", $"--advertise-client-urls=http://127.0.0.1:{storage}", $"--listen-peer-urls=http://127.0.0.1:{peers}",
            ]);
        var server = ChildProgram.Start(
            Assets.Find("kube-apiserver"),
            [
                $"--etcd-servers=http://127.0.0.1:{storage}", "--bind-address=127.0.0.1", "--advertise-address=127.0.0.1", $"--secure-port={port}",
                $"--cert-dir={folder.Sub("pki")}", "--service-cluster-ip-range=10.96.0.0/24", "--endpoint-reconciler-type=none", "--allow-privileged=true",
                "--authorization-mode=Node,RBAC", "--enable-admission-plugins=NodeRestriction", $"--token-auth-file={folder.Sub("tokens.csv")}",
                "--service-account-issuer=https://kubernetes.default.svc.cluster.local", $"--service-account-key-file={folder.Sub("accounts.key")}",
                $"--service-account-signing-key-file={folder.Sub("accounts.key")}", $"--audit-policy-file={folder.Sub("audit.yaml")}",
                $"--audit-log-path={folder.Sub("audit.log")}", "--audit-log-mode=blocking",
            ]);
        var plane = new ControlPlane(folder, new Uri($"https://127.0.0.1:{port}"), etcd, server);
        await plane.WaitAsync();
        return plane;
    }

    /// <summary>A client that shows this token.</summary>
    public Kubernetes ClientFor(string token) => new(new KubernetesClientConfiguration { Host = Address.OriginalString, AccessToken = token, SkipTlsVerify = true });

    /// <summary>Writes a kubeconfig for this token.</summary>
    public string WriteKubeconfig(string name, string? token = null)
    {
        var path = _folder.Sub($"{name}.kubeconfig");
        var authority = Convert.ToBase64String(File.ReadAllBytes(_folder.Sub("pki", "apiserver.crt")));
        File.WriteAllText(path, $$"""
            {"apiVersion": "v1", "kind": "Config", "current-context": "test", "contexts": [{"name": "test", "context": {"cluster": "test", "user": "test"} }],
             "clusters": [{"name": "test", "cluster": {"server": "{{Address.OriginalString}}", "certificate-authority-data": "{{authority}}"} }],
             "users": [{"name": "test", "user": {"token": "{{token ?? AdminToken}}"} }]}
            """);
        return path;
    }

    /// <summary>A port of loopback that nobody listens at just now. It lies below those that the kernel gives to outgoing connections, which could take it meanwhile.</summary>
    public static int FreePort()
    {
        while (true)
        {
            using var listener = new TcpListener(IPAddress.Loopback, RandomNumberGenerator.GetInt32(20_000, 32_000));
            try
            {
                listener.Start();
                return ((IPEndPoint)listener.LocalEndpoint).Port;
            }
            catch (SocketException)
            {
                // Somebody's already; there are others.
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        Admin.Dispose();
        Audit.Dispose();
        await _server.DisposeAsync();
        await _etcd.DisposeAsync();
        _folder.Dispose();
    }

    private static void WriteConfiguration(TemporaryFolder folder)
    {
        using var key = RSA.Create(2048);
        File.WriteAllText(folder.Sub("accounts.key"), key.ExportRSAPrivateKeyPem());
        File.WriteAllText(folder.Sub("tokens.csv"), $"{AdminToken},admin,admin,\"system:masters\"\n");
        File.WriteAllText(folder.Sub("audit.yaml"), """
            apiVersion: audit.k8s.io/v1
            kind: Policy
            omitStages: [RequestReceived]
            rules:
            - level: Metadata
            """);
    }

    /// <summary>Whether the certificate is the one that the API server made for itself when it started.</summary>
    private bool IsOwn(X509Certificate? offered) =>
        X509CertificateLoader.LoadCertificateFromFile(_folder.Sub("pki", "apiserver.crt")).RawData.AsSpan().SequenceEqual(offered?.GetRawCertData());

    private async Task WaitAsync()
    {
        using var handler = new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = (_, offered, _, _) => IsOwn(offered) } };
        using var client = new HttpClient(handler) { BaseAddress = Address };
        try
        {
            await Eventually.AsyncTrue(() => IsReadyAsync(client), "the API server is ready", Patience);
        }
        catch
        {
            await DisposeAsync();
            throw;
        }
    }

    private async Task<bool> IsReadyAsync(HttpClient client)
    {
        if (_server.HasEnded || _etcd.HasEnded)
            throw new ProgramException($"The control plane ended by itself: {_etcd.Errors.Concat(_server.Errors).LastOrDefault()}");
        try
        {
            using var answer = await client.GetAsync(new Uri("/readyz", UriKind.Relative));
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
