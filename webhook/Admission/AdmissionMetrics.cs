using System.Diagnostics;
using System.Diagnostics.Metrics;
using Stevedore.Webhook.Policies;
using Stevedore.Webhook.Serving;

namespace Stevedore.Webhook.Admission;

/// <summary>Counts and times reviews. Labels are enumerations only: no model, pod or path.</summary>
internal sealed class AdmissionMetrics
{
    /// <summary>
    /// In seconds. A decision takes tens of microseconds, a review some hundreds; 5 ms is the goal for the slowest in a hundred, and beyond
    /// 5 s the API server no longer waits.
    /// </summary>
    private static readonly double[] Buckets = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5];

    private readonly Counter<long> _reviews;
    private readonly Histogram<double> _duration;

    public AdmissionMetrics(IMeterFactory meters, IPolicySource policies)
    {
        var meter = meters.Create(TelemetryFeature.MeterName);
        _reviews = meter.CreateCounter<long>("stevedore.admission.reviews", description: "Reviews answered, by outcome and reason.");
        meter.CreateObservableGauge("stevedore.policies", () => policies.Counts.InForce, description: "ModelCachePolicies in force; the built-in rules are none.");
        meter.CreateObservableGauge("stevedore.policies.refused", () => policies.Counts.Refused, description: "ModelCachePolicies, or files of them, whose present content is not in force.");
        _duration = meter.CreateHistogram(
            "stevedore.admission.duration",
            unit: "s",
            description: "From the first byte of a review's body to the last byte of its answer.",
            tags: null,
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = Buckets });
    }

    /// <summary>Records one review.</summary>
    public void Record(string outcome, string reason, TimeSpan duration)
    {
        _reviews.Add(1, new TagList { { "outcome", outcome }, { "reason", reason } });
        _duration.Record(duration.TotalSeconds);
    }
}
