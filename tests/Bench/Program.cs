using Stevedore.Bench;

return await BenchCommandLine.RunAsync(args);
