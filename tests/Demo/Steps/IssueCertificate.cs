using Stevedore.Programs;

namespace Stevedore.Demo.Steps;

/// <summary>Step: an authority of the demo's own issues the webhook's certificate.</summary>
internal static class IssueCertificate
{
    public static ServingCertificate Run(Scene scene)
    {
        var step = scene.Begin("Certificates", "issue certificates");
        var certificate = ServingCertificate.Issue(scene.Scratch.Sub("certs"));
        step.Close("good for an hour");
        scene.Stage.Facts(
            ("authority", $"{certificate.Authority.Subject}, made just now"),
            ("certificate", $"{scene.Stage.Brief(certificate.CertificateFile)} for {certificate.Names}"));
        return certificate;
    }
}
