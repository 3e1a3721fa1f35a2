using System.Text;
using System.Text.Json;
using Stevedore.Webhook.Certificates;
using Stevedore.Webhook.Injection;
using Stevedore.Webhook.Serving;

namespace Stevedore.Webhook.Admission;

/// <summary>A door on HTTP: reads a review, has it decided, writes the answer, and leaves a line and a count behind.</summary>
internal sealed partial class AdmissionEndpoint(
    Reviewer reviewer, INamespaceLabels namespaces, AdmissionMetrics metrics, Readiness readiness, ServingCertificate certificate, TimeProvider clock, ILogger<AdmissionEndpoint> logger)
{
    /// <summary>Answers one HTTP request.</summary>
    public async Task HandleAsync(Door door, HttpContext context)
    {
        var started = clock.GetTimestamp();
        try
        {
            var read = certificate.Clients is not null && context.Connection.ClientCertificate is null
                ? Refusal.Stranger()
                : await ReviewBody.ReadAsync(context.Request, clock, context.RequestAborted);
            var verdict = read.Request is { } request ? await AnswerAsync(door, request, context) : await RefuseAsync(read.Refusal!, context);
            // What comes before the server is ready are its own reviews.
            if (readiness.HasStarted)
                metrics.Record(verdict.Outcome, verdict.Reason, clock.GetElapsedTime(started));
        }
        catch (Exception e) when (e is OperationCanceledException or IOException && context.RequestAborted.IsCancellationRequested)
        {
            Log.Gone(logger, door);
        }
    }

    private async Task<Verdict> AnswerAsync(Door door, AdmissionRequest request, HttpContext context)
    {
        var verdict = await DecideAsync(door, request, context.RequestAborted);
        if (verdict.Response is not { } response)
        {
            context.Response.StatusCode = StatusCodes.Status500InternalServerError;
            return verdict;
        }

        var review = new AdmissionReview { ApiVersion = AdmissionReview.Version, Kind = AdmissionReview.KindName, Response = response };
        var body = JsonSerializer.SerializeToUtf8Bytes(review, AdmissionJson.Default.AdmissionReview);
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = body.Length;
        await context.Response.BodyWriter.WriteAsync(body, context.RequestAborted);
        return verdict;
    }

    private async ValueTask<Verdict> DecideAsync(Door door, AdmissionRequest request, CancellationToken cancellation)
    {
        try
        {
            var verdict = Reviewer.IsNewPod(request)
                ? reviewer.Review(door, request, await namespaces.OfAsync(request.Namespace ?? "", cancellation))
                : Reviewer.NotANewPod(request);
            if (verdict.Response is { Allowed: false, Status: { } status })
                Log.Denied(logger, request.Uid!, door, verdict.Reason, status.Message);
            else
                Log.Answered(logger, request.Uid!, door, verdict.Outcome, verdict.Reason);
            return verdict;
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested)
        {
            // Whatever broke, the caller gets a sentence or a status and never the exception: it may quote the pod.
            Log.Broken(logger, e, request.Uid!, door);
            return Reviewer.Broken(door, request);
        }
    }

    private async Task<Verdict> RefuseAsync(Refusal refusal, HttpContext context)
    {
        Log.Refused(logger, refusal.Status, refusal.Sentence);
        context.Response.StatusCode = refusal.Status;
        if (refusal.Status == StatusCodes.Status405MethodNotAllowed)
            context.Response.Headers.Allow = HttpMethods.Post;
        context.Response.ContentType = "text/plain; charset=utf-8";
        await context.Response.WriteAsync($"{refusal.Sentence}\n", Encoding.UTF8, context.RequestAborted);
        return new Verdict(null, Verdict.Refused, refusal.Reason);
    }

    private static partial class Log
    {
        [LoggerMessage(100, LogLevel.Debug, "Review {Uid} at the {Door} door: {Outcome} ({Reason}).")]
        public static partial void Answered(ILogger logger, string uid, Door door, string outcome, string reason);

        [LoggerMessage(101, LogLevel.Information, "Review {Uid} at the {Door} door: denied ({Reason}): {Sentence}")]
        public static partial void Denied(ILogger logger, string uid, Door door, string reason, string sentence);

        [LoggerMessage(102, LogLevel.Warning, "Refused a request with {Status}: {Sentence}")]
        public static partial void Refused(ILogger logger, int status, string sentence);

        [LoggerMessage(103, LogLevel.Error, "Review {Uid} at the {Door} door failed inside.")]
        public static partial void Broken(ILogger logger, Exception exception, string uid, Door door);

        [LoggerMessage(104, LogLevel.Debug, "A caller at the {Door} door was gone before its answer.")]
        public static partial void Gone(ILogger logger, Door door);
    }
}
